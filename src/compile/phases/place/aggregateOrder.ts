import { type Aggregate, aggregate } from "../../../algebra/Scalar.ts"
import { isOrderedSet } from "../../dialects/aggregates.ts"
import type { Operator, Term } from "../../Placed.ts"
import { operator, placeKids } from "./operator.ts"
import { asKey, varies } from "./varying.ts"

/**
 * An aggregate of the block. What is the same in every row sorts none of them, and MySQL and
 * MariaDB read a whole number in `group_concat(x ORDER BY 1)` as that of a column.
 */
export const placeAggregate = (
  node: Aggregate,
  place: Parameters<typeof placeKids>[1]
): Operator<"Aggregate"> => {
  const placed = placeKids(node, place) as Operator<"Aggregate">
  const { args, filter, order } = placed.kids
  // Of an ordered set the key is the value itself.
  if (order.length === 0 || isOrderedSet(node.name)) return placed
  const sorts = order
    .map((term, i) => ({ term, i }))
    .filter(({ term }) => varies(term))
    .map(({ term, i }) => ({
      // DISTINCT asks for a key that is said as the argument is.
      term: node.distinct ? term : asKey(term),
      key: node.order[i]!,
      direction: node.directions[i]!
    }))
  const sorted = aggregate(node.name, node.args, node.distinct, node.type, {
    filter: node.filter,
    order: sorts.map(({ key }) => key),
    directions: sorts.map(({ direction }) => direction)
  })
  const kids: { readonly [field: string]: Term | null | ReadonlyArray<Term> } = {
    args,
    filter,
    order: sorts.map(({ term }) => term)
  }
  return operator(sorted, kids) as Operator<"Aggregate">
}
