import type { Writer } from "../../Dialect.ts"
import { levels } from "../../levels.ts"
import type { Sort, Term } from "../../Placed.ts"

/** A sort key. Where NULLs stand is said only where the server would put them elsewhere. */
export const saySort = (writer: Writer, sort: Sort, always = false): void => {
  const { direction, term } = sort
  const { nullsPlacement } = writer.capabilities
  const said = always ? isNullable(term) : movesNulls(writer, sort)
  if (said && !nullsPlacement) {
    writer.term(term, levels.concat)
    writer.put(direction.nulls === "first" ? " IS NOT NULL, " : " IS NULL, ")
  }
  writer.term(term)
  if (direction.direction === "desc") writer.put(" DESC")
  if (said && nullsPlacement)
    writer.put(direction.nulls === "first" ? " NULLS FIRST" : " NULLS LAST")
}

/** ` ORDER BY …`, or nothing; where NULLs stand is always said if so asked. */
export const saySorts = (writer: Writer, sorts: ReadonlyArray<Sort>, always = false): void => {
  if (sorts.length === 0) return
  writer.put("ORDER BY ")
  writer.commas(sorts, (sort) => saySort(writer, sort, always))
}

/** Whether NULLs stand where the server would not put them by itself. */
export const movesNulls = (writer: Writer, { direction, term }: Sort): boolean => {
  const descending = direction.direction === "desc"
  const byDefault = (writer.capabilities.nullsAre === "smallest") === descending ? "last" : "first"
  return isNullable(term) && direction.nulls !== byDefault
}

const isNullable = (term: Term): boolean =>
  term._tag === "Column"
    ? term.nullable
    : term._tag === "IsNull" || term._tag === "Exists" || term._tag === "IsTrue"
      ? false
      : !(term._tag === "Aggregate" && term.node.name === "count")
