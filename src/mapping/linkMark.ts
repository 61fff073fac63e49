import type { TableSource } from "../algebra/Source.ts"
import type { AnyType } from "../algebra/Type.ts"
import { cellText } from "./flush/canonical.ts"
import { keyOfText } from "./RowRef.ts"

type Cells = Readonly<Record<string, unknown>>

/** What tells a link: equal marks, linked rows. A whole number is its own. */
export type LinkMark = number | string

/** The mark of a link by what a row holds. Undefined where a part is null: no link. */
export const linkMark = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  row: Cells
): LinkMark | undefined => {
  const texts: Array<string> = []
  for (const column of columns) {
    const value = row[column]
    if (value === null || value === undefined) return undefined
    texts.push(cellText(table.byKey.get(column)!.type, value))
  }
  return texts.length === 1 ? keyOfText(texts[0]!) : JSON.stringify(texts)
}

/** The mark of a link by the one value it is made of. */
export const valueMark =
  (type: AnyType): ((value: unknown) => LinkMark) =>
  (value) =>
    type.sql._tag === "Integer" && Number.isSafeInteger(value)
      ? (value as number)
      : keyOfText(cellText(type, value))

/** The same for row after row. */
export const markIn = (
  table: TableSource,
  columns: ReadonlyArray<string>
): ((row: object) => LinkMark | undefined) => {
  const [only] = columns
  const isInteger = columns.length === 1 && table.byKey.get(only!)!.type.sql._tag === "Integer"
  return isInteger
    ? (row) => {
        const value = (row as Cells)[only!]
        return Number.isSafeInteger(value)
          ? (value as number)
          : linkMark(table, columns, row as Cells)
      }
    : (row) => linkMark(table, columns, row as Cells)
}
