import { type From, FromId } from "./From.ts"
import { asTable, type TableSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"

/**
 * The tables of a catalogue by the name the program gives them.
 *
 * @category models
 */
export type Members = Readonly<Record<string, From<any, any>>>

/**
 * A set of tables as a value: what `Database.create` and `drop` work on.
 *
 * **Source** SQL:2016 part 1, 4.6 catalogs; SQLAlchemy 2.0 "MetaData".
 *
 * @category models
 */
export interface Catalog<out M extends Members = Members> {
  readonly members: M
  readonly tables: ReadonlyArray<TableSource>
}

/**
 * A catalogue of tables and entities.
 *
 * **Errors** `StatementError` where two members have one table name, or a member is not a table.
 * **Source** SQLAlchemy 2.0 "MetaData".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id() })
 * Catalog.make({ users }).tables.map((table) => table.name) // => ["users"]
 * ```
 * @category constructors
 */
export const make = <const M extends Members>(members: M): Catalog<M> => {
  const byName = new Map<string, TableSource>()
  const keys = new Map<TableSource, string>()
  for (const [key, member] of Object.entries(members)) {
    const table = asTable(member[FromId].source, `catalog "${key}"`)
    const name = `${table.schema ?? ""}.${table.name}`
    const other = byName.get(name)
    if (other !== undefined && other !== table)
      refuse(`catalog: "${keys.get(other)}" and "${key}" are two tables named "${table.name}"`)
    byName.set(name, table)
    keys.set(table, key)
  }
  return Object.freeze({ members, tables: Object.freeze([...byName.values()]) })
}
