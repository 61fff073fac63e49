import { type From, FromId } from "./From.ts"
import { type ReflectedTable, reflectedTables, type ReflectedTypes } from "./reflected.ts"
import type { Snapshot } from "./Snapshot.ts"
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

/**
 * The tables of a reflected schema as a catalogue: for queries whose tables are known only when the
 * program runs.
 *
 * **Shape** a member for each table, by its name, or by `schema.name` outside of the usual one.
 * Columns go by their own names and have the values of the types table; `types` gives another type
 * for a column. A type athanor does not know is read as the driver gives it. Keys, checks and
 * indexes come with the tables; views, and foreign keys to a table that was not read, stay in the
 * snapshot.
 * **Errors** `StatementError` for `types` of a column that is not there.
 * **Source** SQLAlchemy 2.0 `MetaData.reflect`, `Table(autoload_with=…)`.
 *
 * @example
 * ```ts
 * import { Catalog, Database, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const made = Database.script("create table users (id integer primary key, name text not null)")
 * const program = Effect.gen(function* () {
 *   yield* made
 *   const { users } = Catalog.reflected(yield* Database.reflect()).members
 *   yield* Database.run(Query.insert(users!).values({ id: 1n, name: "Ann" }))
 *   return yield* Database.all(Query.from(users!).where(users!.c["name"]!.eq("Ann")))
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ id: 1n, name: "Ann" }]
 * ```
 * @category constructors
 */
export const reflected = (
  snapshot: Snapshot,
  types: ReflectedTypes = {}
): Catalog<Readonly<Record<string, ReflectedTable>>> => make(reflectedTables(snapshot, types))
