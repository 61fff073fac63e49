import type { TableSource } from "../../algebra/Source.ts"
import { keyOfText, type Row, type RowKey } from "../RowRef.ts"
import { givenText, isPromised } from "./canonical.ts"

/**
 * What tells a tuple of these columns from others; null where it constrains nothing: a part is null
 * or not known.
 *
 * **Shape** a whole number where it is one, so that most tuples need no text.
 */
export const tupleOf = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  row: Row | null
): RowKey | null => {
  if (row === null) return null
  if (columns.length === 1) {
    const cell = row[columns[0]!]
    if (cell === null || cell === undefined) return null
    const { type } = table.byKey.get(columns[0]!)!
    // A foreign key refers to one column: whose promise it is says which.
    if (isPromised(cell)) return cell.ref.id
    const isOwn = type.sql._tag === "Integer" && Number.isSafeInteger(cell)
    return isOwn ? (cell as number) : keyOfText(givenText(type, cell))
  }
  let text = ""
  for (const column of columns) {
    const cell = row[column]
    if (cell === null || cell === undefined) return null
    text += `${givenText(table.byKey.get(column)!.type, cell)};`
  }
  return text
}

/** The same as a text that tells tuples of all keys apart: equal texts, equal tuples. */
export const tupleText = (
  space: string,
  table: TableSource,
  columns: ReadonlyArray<string>,
  row: Row | null
): string | null => {
  const tuple = tupleOf(table, columns, row)
  return tuple === null ? null : `${space}${tuple}`
}
