import { holdsQuery, operandsOf } from "../../kids.ts"
import type { Block, Column, From, Item, Query, Term } from "../../Placed.ts"
import { someRow, whereCounted } from "./oneGroup.ts"
import { queryNamed } from "./sides.ts"
import { inCall } from "./operator.ts"

/**
 * A query in which something is sought, as MariaDB 10.11 answers it rightly.
 *
 * It leaves GROUP BY out there, and when the prepared statement runs it no longer finds the key
 * that a query in its SELECT reads: "Unknown column in ORDER BY". Where a condition on the groups
 * counts it leaves nothing out. But under a condition, or of a query's answer, it forgets that what
 * is the same in each group may be NULL when it looks for the second time: `1 < ANY (SELECT NULL …
 * GROUP BY x HAVING TRUE)` is FALSE.
 *
 * Of a derived table of one row it takes a window or MIN and MAX of constants for never NULL:
 * `0e0 IN (SELECT d.x FROM (SELECT max(7) AS x FROM t WHERE FALSE) AS d)` is TRUE. It looks into no
 * call.
 */
export const soughtIn = (query: Query): Query => {
  switch (query._tag) {
    case "CustomQuery":
      return { ...query, self: soughtIn(query.self) }
    case "Compound":
      return { ...query, parts: query.parts.map(soughtIn) }
    case "Block":
      return withItems(ofGroups(losesGroups(query) ? { ...query, having: someRow() } : query))
  }
}

const losesGroups = ({ group, having, items }: Block): boolean =>
  group !== null &&
  group.length > 0 &&
  having === null &&
  items.some(({ term }) => holdsQuery(term))

const ofGroups = (query: Block): Block => {
  const { from, group, items } = query
  if (group === null || group.length === 0) return query
  const said = ({ label, term }: Item): Item => ({ label, term: whereCounted(term) })
  return { ...query, items: items.map((item) => (ofRow(item.term, from) ? item : said(item))) }
}

/** Whether a server knows that a term depends on the rows. */
const ofRow = (term: Term, from: From | null): boolean => {
  if (holdsQuery(term)) return false
  if (term._tag === "Aggregate" || term._tag === "Window") return true
  if (term._tag !== "Column") return operandsOf(term).some((one) => ofRow(one, from))
  const made = madeOf(term, from)
  return made === null || ofRow(made.term, made.from)
}

const withItems = (query: Block): Block => {
  const isTaken = ({ term }: Item): boolean =>
    term._tag === "Column" && isOfSeveral(term, query.from)
  if (!query.items.some(isTaken)) return query
  return {
    ...query,
    items: query.items.map((item) => (isTaken(item) ? { ...item, term: inCall(item.term) } : item))
  }
}

/** Whether a column of a derived table is made of several rows there, or of none. */
const isOfSeveral = (column: Column, from: From | null): boolean => {
  const made = madeOf(column, from)
  if (made === null) return false
  return made.term._tag === "Column" ? isOfSeveral(made.term, made.from) : gathers(made.term)
}

/** What a column is in the derived table it is of; null of a table's. */
const madeOf = (column: Column, from: From | null) => {
  const query = queryNamed(column.table, from)
  const term = query?.items.find(({ label }) => label === column.name)?.term
  return term === undefined ? null : { term, from: query!.from }
}

const gathers = (term: Term): boolean =>
  term._tag === "Window" || term._tag === "Aggregate" || operandsOf(term).some(gathers)
