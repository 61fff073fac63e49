import { aggregate, compare, constant } from "../../../algebra/Scalar.ts"
import { bigintType, booleanType } from "../../internalTypes.ts"
import { type Block, type Item, type Term } from "../../Placed.ts"
import { freshLabel } from "./freshLabel.ts"
import { hasAggregate } from "./Scope.ts"
import { operator, when } from "./operator.ts"

/** The one group of a query without keys, which is there whatever rows there are. */

const countRows = (): Term =>
  operator(aggregate("count", [], false, bigintType), { args: [], filter: null, order: [] })

/** `count(*)` compared with zero. */
const countIs = (op: "gt" | "gte"): Term => {
  const zero = constant(0, bigintType)
  return operator(compare(op, zero, zero, booleanType), {
    left: countRows(),
    right: operator(zero, {})
  })
}

/** `count(*) > 0`. */
export const someRow = (): Term => countIs("gt")

/** What is said in the case that a count is a count: the same, and of the rows of a group. */
export const whereCounted = (term: Term): Term => when(countIs("gte"), term)

/**
 * The one global group is there whatever rows there are: where nothing counts them, it needs none.
 * Else it needs an aggregate in its SELECT too, or servers see a query without groups; what is
 * selected is then said in the case that a count is a count.
 */
export const oneGroup = (block: Block): Block =>
  block.having === null || !hasAggregate(block.having)
    ? { ...block, from: null, where: block.having, group: null, having: null, order: [] }
    : countedGroup(block)

/**
 * A group whose first column is said in the case that a count is a count. It is one row in any
 * order, and a sort key that is that column would no longer be among what is distinct.
 */
export const countedGroup = (block: Block): Block => {
  const [first, ...rest] = block.items
  const counted = { term: whereCounted(first!.term), label: first!.label }
  return { ...block, items: [counted, ...rest], order: [] }
}

export const isUnsaidAggregate = (block: Block): boolean =>
  block.group !== null &&
  block.group.length === 0 &&
  !block.items.some((item) => hasAggregate(item.term))

/** SQLite sees no group for HAVING in a SELECT whose aggregates stand in windows alone. */
export const isHiddenAggregate = ({ group, having, items }: Block): boolean =>
  group !== null &&
  group.length === 0 &&
  having !== null &&
  !items.some((item) => hasAggregate(item.term, false))

export const countItem = (items: ReadonlyArray<Item>): Item => ({
  term: countRows(),
  label: freshLabel("rows", items)
})
