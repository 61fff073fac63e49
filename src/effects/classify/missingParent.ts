import { inQuotes } from "../../algebra/inQuotes.ts"
import type { Insert, Update } from "../../algebra/Command.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import type { ForeignKey, TableSource } from "../../algebra/Source.ts"

/** Whether a query gives a row, asked on the connection of the statement that failed. */
export type Probe = (text: string, values: ReadonlyArray<unknown>) => boolean

/**
 * The foreign key whose row is not there, where SQLite does not say which.
 *
 * **Shape** looks each key's values up in the table it refers to, as far as they are values of the
 * statement itself; null where none is proven missing.
 */
export const missingParent = (node: Insert | Update, probe: Probe): ForeignKey | null => {
  const rows = node._tag === "Insert" ? node.rowCount : 1
  const cells = node._tag === "Insert" ? node.cells : node.values
  for (let row = 0; row < rows; row++) {
    const cellOf = (column: string): Scalar | undefined => {
      const at = node.columns.indexOf(column)
      return at < 0 ? undefined : cells[row * node.columns.length + at]
    }
    for (const key of node.table.foreignKeys()) {
      // Rows of one statement may refer to each other: after its failure none of them is there.
      if (key.target === node.table && rows > 1) continue
      const values = valuesOf(node.table, key, cellOf)
      if (values !== null && !probe(lookUp(key), values)) return key
    }
  }
  return null
}

/** Null where one of them is NULL, so that nothing is referred to, or is not known here. */
const valuesOf = (
  table: TableSource,
  key: ForeignKey,
  cellOf: (column: string) => Scalar | undefined
): ReadonlyArray<unknown> | null => {
  const values: Array<unknown> = []
  for (const column of key.columns) {
    const cell = cellOf(column)
    const type = table.byKey.get(column)?.type
    if (cell?._tag !== "Bound" || cell.value === null || type === undefined) return null
    values.push(type.codec.row.sqlite.encode(cell.value))
  }
  return values
}

const lookUp = ({ target, targetColumns }: ForeignKey): string => {
  const conditions = targetColumns.map((column) => `${quoted(nameOf(target, column))} = ?`)
  return `SELECT 1 FROM ${quoted(target.name)} WHERE ${conditions.join(" AND ")}`
}

const nameOf = (table: TableSource, column: string): string =>
  table.byKey.get(column)?.name ?? column

const quoted = (name: string): string => inQuotes(name, '"')
