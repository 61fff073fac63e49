import type { Writer } from "../../Dialect.ts"
import { levels } from "../../levels.ts"
import type { Item, Sort, Term } from "../../Placed.ts"
import { labelOf } from "./labels.ts"

/**
 * A sort key, by its label where it is among the `items`. Where NULLs stand is said only where the
 * server would put them elsewhere; a key of its own for that takes the expression.
 */
export const saySort = (
  writer: Writer,
  sort: Sort,
  always = false,
  items: ReadonlyArray<Item> = []
): void => {
  const { direction, term } = sort
  const { nullsPlacement } = writer.capabilities
  const said = always ? isNullable(term) : movesNulls(writer, sort)
  if (said && !nullsPlacement) {
    writer.term(term, levels.concat)
    writer.put(direction.nulls === "first" ? " IS NOT NULL, " : " IS NULL, ")
  }
  const label = labelOf(items, term)
  if (label === null) writer.term(term)
  else writer.name(label)
  if (direction.direction === "desc") writer.put(" DESC")
  if (said && nullsPlacement)
    writer.put(direction.nulls === "first" ? " NULLS FIRST" : " NULLS LAST")
}

/** ` ORDER BY …`, or nothing; where NULLs stand is always said if so asked. */
export const saySorts = (
  writer: Writer,
  sorts: ReadonlyArray<Sort>,
  always = false,
  items: ReadonlyArray<Item> = []
): void => {
  if (sorts.length === 0) return
  writer.put("ORDER BY ")
  writer.commas(sorts, (sort) => saySort(writer, sort, always, items))
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
