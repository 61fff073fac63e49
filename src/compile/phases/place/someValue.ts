import { type Aggregate, aggregate, compare, constant } from "../../../algebra/Scalar.ts"
import { bigintType, booleanType, integerType } from "../../internalTypes.ts"
import { type Operator, type Term } from "../../Placed.ts"
import { isRepeatable } from "../emulate/isRepeatable.ts"
import { operator, when } from "./operator.ts"

/**
 * What the values of a group make in a query inside another: NULL where there are none.
 *
 * MariaDB 10.11 asks no value for NULL that it takes for a constant, as it does all of a row found
 * by its key save a column: `(SELECT group_concat(lower(s)) FROM t WHERE id = 1)` is the empty text
 * where `s` is NULL. And what is sought in distinct values added up it compares with those it added
 * up before, `t.n IN (SELECT sum(DISTINCT u.n) FROM u WHERE u.id = t.id)`. So the values are
 * counted. What is drawn is no constant.
 */
export const someValue = (placed: Operator<"Aggregate">): Term => {
  const { node } = placed
  const values = gatheredBy(placed)
  if (values === null || !isSaidTwice(node)) return placed
  const none = constant(0, bigintType)
  const count = aggregate("count", [node.args[0]!], false, bigintType)
  const some = operator(compare("gt", none, none, booleanType), {
    left: operator(count, { args: [values], filter: null, order: [] }),
    right: operator(none, {})
  })
  return when(some, placed)
}

/** What is NULL where there is nothing to gather; null where nothing is mistaken. */
const gatheredBy = ({
  kids: { args, filter },
  node: { distinct, name }
}: Operator<"Aggregate">) => {
  const [first] = args
  switch (name) {
    case "stringAgg":
      return first!._tag === "Column" && first.stored ? null : first!
    case "sum":
    case "avg":
      return distinct ? first! : null
    case "jsonObjectAgg":
      return first!
    case "jsonAgg":
      // Elements that are NULL are joined as JSON's.
      return filter === null ? null : when(filter, operator(constant(1, integerType), {}))
    default:
      return null
  }
}

const isSaidTwice = ({ args, filter }: Aggregate): boolean =>
  args.every(isRepeatable) && (filter === null || isRepeatable(filter))
