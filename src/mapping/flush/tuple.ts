import type { TableSource } from "../../algebra/Source.ts"
import type { Row } from "../RowRef.ts"
import { givenText } from "./canonical.ts"

/** The text of a tuple; null where it constrains nothing: a part is null or not known. */
export const tupleOf = (
  space: string,
  table: TableSource,
  columns: ReadonlyArray<string>,
  row: Row | null
): string | null => {
  if (row === null) return null
  let text = space
  for (const column of columns) {
    const cell = row[column]
    if (cell === null || cell === undefined) return null
    text += `${givenText(table.byKey.get(column)!.type, cell)};`
  }
  return text
}
