import type { Catalog } from "../algebra/Catalog.ts"
import * as D from "../algebra/Ddl.ts"
import type { Ddl } from "../algebra/Ddl.ts"
import type { Capabilities } from "../algebra/Dialect.ts"
import type { ForeignKey, TableSource } from "../algebra/Source.ts"

/**
 * What creates a catalogue: tables before those that refer to them, then indexes, then the foreign
 * keys that close a cycle.
 *
 * **Shape** without ALTER TABLE … ADD CONSTRAINT every key stays in its table: such a dialect lets a
 * table refer to one that comes later.
 */
export const createOrder = (catalog: Catalog, capabilities: Capabilities): ReadonlyArray<Ddl> => {
  const sorted = sortedTables(catalog)
  const place = new Map(sorted.map((table, at) => [table, at]))
  const isLate = (table: TableSource, key: ForeignKey): boolean =>
    capabilities.alterConstraint && (place.get(key.target) ?? -1) > place.get(table)!
  const late = (table: TableSource): ReadonlyArray<ForeignKey> =>
    table.foreignKeys().filter((key) => isLate(table, key))
  return [
    ...sorted.map((table) => D.createTable(table, late(table).map((key) => key.name), false)),
    ...sorted.flatMap((table) => table.indexes().map((index) => D.createIndex(table, index))),
    ...sorted.flatMap((table) => late(table).map((key) => D.addForeignKey(table, key)))
  ]
}

/** What drops a catalogue: first the foreign keys that close a cycle, then referring tables first. */
export const dropOrder = (catalog: Catalog, _capabilities: Capabilities): ReadonlyArray<Ddl> =>
  [...sortedTables(catalog)].reverse().map((table) => D.dropTable(table, true))

/** Depth first along the foreign keys: a table follows all it refers to, but for cycles. */
const sortedTables = (catalog: Catalog): ReadonlyArray<TableSource> => {
  const members = new Set(catalog.tables)
  const seen = new Set<TableSource>()
  const sorted: Array<TableSource> = []
  const visit = (table: TableSource): void => {
    if (seen.has(table) || !members.has(table)) return
    seen.add(table)
    for (const key of table.foreignKeys()) visit(key.target)
    sorted.push(table)
  }
  for (const table of catalog.tables) visit(table)
  return sorted
}
