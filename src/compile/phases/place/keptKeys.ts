import { constant } from "../../../algebra/Scalar.ts"
import { integerType } from "../../internalTypes.ts"
import { holdsQuery, operandsOf } from "../../kids.ts"
import type { Block, Query, Term } from "../../Placed.ts"
import { queryNamed } from "./sides.ts"
import { operator } from "./operator.ts"

/**
 * Keeps the keys of a query that becomes a derived table, grouped by several, one of them a column
 * that another derived table makes with a value or a query.
 *
 * MariaDB 10.11 pushes a condition on such keys, `a = 1 OR b = 2`, down into the groups, and when
 * the prepared statement runs it no longer finds what the key is made of: "Unknown column in ON".
 * It pushes nothing into a table that is cut.
 */
export const keepKeys = (query: Query): void => {
  // An arm is not cut, and has a NULL in place of the keys it has not.
  if (query._tag === "Compound") query.parts.flatMap((part) => makersOf(part, 1)).forEach(cut)
  if (query._tag === "Block" && makersOf(query, 2).length > 0) cut(query)
}

/** No row is left out, and no server knows it. */
export const cut = (query: Block): void => {
  if (query.limit === null)
    (query as { offset: Term | null }).offset ??= operator(constant(0, integerType), {})
}

/** The derived tables that make keys of at least so many. */
const makersOf = (query: Query, fewest: number): ReadonlyArray<Block> => {
  if (query._tag !== "Block" || query.group === null || query.group.length < fewest) return []
  return query.group.flatMap((key) => {
    const made = key._tag === "Column" ? queryNamed(key.table, query.from) : null
    const item = made?.items.find(({ label }) => key._tag === "Column" && label === key.name)
    return made !== null && item !== undefined && isMade(item.term) ? [made] : []
  })
}

const isMade = (term: Term): boolean => holdsValue(term) || holdsQuery(term)

const holdsValue = (term: Term): boolean =>
  term._tag === "Parameter" || operandsOf(term).some(holdsValue)
