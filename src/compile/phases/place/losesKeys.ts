import { holdsQuery, operandsOf } from "../../kids.ts"
import type { Query, Term } from "../../Placed.ts"
import { queryNamed } from "./sides.ts"

/**
 * Whether a query that becomes a derived table is grouped by several keys, one of them a column
 * that another derived table makes with a value or a query.
 *
 * MariaDB 10.11 pushes a condition on such keys, `a = 1 OR b = 2`, down into the groups, and when
 * the prepared statement runs it no longer finds what the key is made of: "Unknown column in ON".
 * It pushes nothing into a table that is cut.
 */
export const losesKeys = (query: Query, fewest = 2): boolean => {
  if (query._tag === "CustomQuery") return false
  // An arm has a NULL in place of the keys it has not.
  if (query._tag === "Compound") return query.parts.some((part) => losesKeys(part, 1))
  const { from, group } = query
  if (group === null || group.length < fewest) return false
  return group.some((key) => {
    if (key._tag !== "Column") return false
    const made = queryNamed(key.table, from)?.items.find(({ label }) => label === key.name)
    return made !== undefined && (holdsValue(made.term) || holdsQuery(made.term))
  })
}

const holdsValue = (term: Term): boolean =>
  term._tag === "Parameter" || operandsOf(term).some(holdsValue)
