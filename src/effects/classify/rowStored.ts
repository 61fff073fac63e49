import type { Insert } from "../../algebra/Command.ts"
import type { ForeignKey, TableSource } from "../../algebra/Source.ts"
import { tableKeys } from "../../algebra/schema/tableKeys.ts"
import type { DatabaseError, ForeignKeyViolation, UniqueViolation } from "../DatabaseError.ts"
import type { Probe } from "./missingParent.ts"
import { placeOf, valuesOf } from "./rowsTold.ts"

/**
 * Which row SQLite refused, counted from 0: it takes them in their order and says only why it
 * stopped. Null where that cannot be proven.
 *
 * **Shape** the first whose key is stored, or was in a row before it; the first whose parent is not
 * there. Asked on the connection of the statement, before anybody else uses it.
 */
export const rowStored = (error: DatabaseError, node: Insert, probe: Probe): number | null => {
  if (node.rowCount === 1 || node.conflict !== null || node.rows !== null) return null
  try {
    switch (error._tag) {
      case "UniqueViolation":
        return firstKnown(error, node, probe)
      case "ForeignKeyViolation":
        return firstOrphan(error, node, probe)
      default:
        return null
    }
  } catch {
    // Asking why must not hide what failed.
    return null
  }
}

const firstKnown = (
  { columns, table }: UniqueViolation,
  node: Insert,
  probe: Probe
): number | null => {
  // An index of some rows only, or of expressions, is no key to look for.
  const isKey = tableKeys(node.table).some(
    (key) =>
      key.columns.length === columns.length &&
      key.columns.every((column) => columns.includes(nameOf(node.table, column)))
  )
  if (!isKey || table !== node.table.name) return null
  const encodedAt = rowsBy(node, columns)
  const seen = new Set<string>()
  for (let row = 0; row < node.rowCount; row++) {
    const values = encodedAt(row)
    if (values === null) return null
    if (values.includes(null)) continue
    const key = values.map((value) => `${typeof value} ${String(value)}`).join("\n")
    if (seen.has(key) || probe(lookUp(node.table, columns), values)) return row
    seen.add(key)
  }
  return null
}

const firstOrphan = (
  { constraint }: ForeignKeyViolation,
  node: Insert,
  probe: Probe
): number | null => {
  const key: ForeignKey | undefined = node.table
    .foreignKeys()
    .find(({ name }) => name === constraint)
  // Rows of one statement may refer to each other: after its failure none of them is there.
  if (key === undefined || key.target === node.table) return null
  const encodedAt = rowsBy(
    node,
    key.columns.map((column) => nameOf(node.table, column))
  )
  const text = lookUp(
    key.target,
    key.targetColumns.map((column) => nameOf(key.target, column))
  )
  for (let row = 0; row < node.rowCount; row++) {
    const values = encodedAt(row)
    if (values === null) return null
    if (!values.includes(null) && !probe(text, values)) return row
  }
  return null
}

/** The values of some columns as SQLite gets them; null where one of them is not known here. */
const rowsBy = (
  node: Insert,
  names: ReadonlyArray<string>
): ((row: number) => ReadonlyArray<unknown> | null) => {
  const valueAt = valuesOf(node)
  const places = names.map((name) => placeOf(node, name))
  return (row) => {
    const values: Array<unknown> = []
    for (const column of places) {
      const value = column < 0 ? undefined : valueAt(row, column)
      if (value === undefined) return null
      const type = node.table.byKey.get(node.columns[column]!)!.type
      values.push(
        value === null ? null : (type.codec.row.sqlite.encode as (value: unknown) => unknown)(value)
      )
    }
    return values
  }
}

const lookUp = (table: TableSource, columns: ReadonlyArray<string>): string => {
  const conditions = columns.map((name) => `${quoted(name)} = ?`)
  return `SELECT 1 FROM ${quoted(table.name)} WHERE ${conditions.join(" AND ")}`
}

const nameOf = (table: TableSource, column: string): string =>
  table.byKey.get(column)?.name ?? column

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
