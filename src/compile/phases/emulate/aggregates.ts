import {
  type Aggregate,
  aggregate,
  and,
  caseOf,
  cast,
  constant,
  isNull,
  not,
  type Scalar
} from "../../../algebra/Scalar.ts"
import { boolean } from "../../../algebra/types.ts"
import { isRepeatable } from "./isRepeatable.ts"
import { doubleType, integerType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { isInteger } from "../../sqlTypes.ts"

/**
 * Aggregates with what the server has: FILTER as CASE, the mean of integers as a double.
 *
 * **Laws** L2; an aggregate that skips NULLs sees the same values whether a row is filtered out or
 * its value is NULL.
 */
export const aggregated = (node: Aggregate, context: Context): Aggregate => {
  const { aggregateFilter, aggregateOrder, dialect } = context.capabilities
  if (node.order.length > 0 && !aggregateOrder && node.args.length > 0)
    context.refuse("aggregateOrder", `an order inside ${node.name}()`)
  const named = node.name === "jsonObjectAgg" ? byKey(node, context) : node
  const alone = aggregateFilter ? named : unfiltered(named)
  return dialect === "sqlite" ? alone : average(alone)
}

/**
 * Without the rows that have no key, where servers fail; an entry that is joined as text is NULL
 * without one. Equal entries are one in any case.
 */
const byKey = (node: Aggregate, { capabilities, refuse }: Context): Aggregate => {
  const { args, directions, filter, order, type } = node
  const key = args[0]!
  if (!isRepeatable(key)) refuse("jsonObjectAggregate", "the key of a JSON object of a drawn value")
  const isKey = not(isNull(key, boolean), boolean)
  const filled = filter === null ? isKey : and([isKey, filter], boolean)
  return aggregate(node.name, args, false, type, {
    filter: capabilities.aggregateFilter ? filled : filter,
    order,
    directions
  })
}

/** JSON arrays hold NULLs, so there the printer leaves rows out. */
export const unfiltered = (node: Aggregate): Aggregate => {
  const { args, directions, filter, order } = node
  if (filter === null || node.name === "jsonAgg") return node
  const [first = constant(1, integerType), ...rest] = args
  const kept = caseOf([filter], [first], constant(null, first.type), first.type)
  return aggregate(node.name, [kept, ...rest], node.distinct, node.type, {
    filter: null,
    order,
    directions
  })
}

/** The mean of integers is a double on every server, not a decimal of its choice. */
const average = (node: Aggregate): Aggregate => {
  const arg: Scalar | undefined = node.args[0]
  return node.name === "avg" && arg !== undefined && isInteger(arg.type.sql)
    ? aggregate("avg", [cast(arg, doubleType)], node.distinct, node.type, node)
    : node
}
