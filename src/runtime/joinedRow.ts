import type { TableSource } from "../algebra/Source.ts"
import { sameCell } from "../mapping/flush/canonical.ts"
import { type Row, rowOf } from "../mapping/RowRef.ts"

/**
 * What is known of a row that was read again, in part or whole: what it does not say is kept,
 * unless its version tells that the row was written meanwhile.
 */
export const joinedRow = (table: TableSource, before: Row, row: Row): Row => {
  if (says(table, row, before)) return row
  const version = table.columns.find((column) => column.version)
  const isOther =
    version !== undefined &&
    row[version.key] !== undefined &&
    before[version.key] !== undefined &&
    !sameCell(version.type, before[version.key], row[version.key])
  if (isOther) return row
  const both = rowOf()
  for (const { key } of table.columns) {
    const value = row[key] === undefined ? before[key] : row[key]
    if (value !== undefined) both[key] = value
  }
  return both
}

/** Does a row say all that another one does? */
export const says = (table: TableSource, row: Row, other: Row): boolean => {
  for (const { key } of table.columns)
    if (row[key] === undefined && other[key] !== undefined) return false
  return true
}
