import type { Ref } from "../../../algebra/Scalar.ts"
import type { Query } from "../../Placed.ts"
import { makesValues } from "../emulate/absentConstants.ts"

/**
 * Settles a query whose row an outer join may leave out, where a column of it is said that it makes
 * of tables it joins.
 *
 * MariaDB 10.11 merges it into the query around, and a condition there finds the values it makes of
 * the NULLs of one of the tables: `… LEFT JOIN (SELECT coalesce(u.x, 0) AS x FROM t JOIN u …) AS d
 * … WHERE d.x = 0`. It does not merge one with a limit.
 */
export const settledWhereAbsent =
  (query: Query, settle: () => void) =>
  (node: Ref): void => {
    if (joinsTables(query) && makesValues(node)) settle()
  }

/** Whether tables are joined in a query, or in a derived table that it reads alone. */
const joinsTables = (query: Query): boolean => {
  if (query._tag !== "Block" || query.from === null) return false
  if (query.from._tag === "QueryFrom") return joinsTables(query.from.query)
  return query.from._tag === "JoinFrom"
}
