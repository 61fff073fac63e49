import type { TableItem } from "./Constraint.ts"
import type { Value } from "../Value.ts"

/**
 * A column computed when its row is written, and stored with it.
 *
 * **Shape** the column is declared with `.computed()`; the expression is of columns of the row that
 * are not computed themselves. PostgreSQL, MySQL and MariaDB want it to be the same whenever it is
 * asked.
 * **Source** SQL:2016 part 2, 11.4 generation clause; SQLAlchemy 2.0 `Computed(persisted=True)`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Computed, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const lines = Table.make("lines", {
 *   price: Column.integer(),
 *   count: Column.integer(),
 *   total: Column.integer().computed()
 * }, (c) => [Computed.stored(c.total, c.price.mul(c.count))])
 * const program = Database.create(Catalog.make({ lines })).pipe(
 *   Effect.andThen(Database.run(Query.insert(lines).values({ price: 5, count: 3 }))),
 *   Effect.andThen(Database.one(Query.from(lines).select(lines.c.total))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 15
 * ```
 * @category constructors
 */
export const stored = <A>(
  column: Value<A, unknown>,
  expression: Value<A | null, unknown>
): TableItem => computed(column, expression, true)

/**
 * A column computed whenever it is read.
 *
 * **Shape** as `stored`, and takes no room. PostgreSQL has it from version 18 on: `Unsupported`
 * before.
 * **Source** SQL:2016 part 2, 11.4 generation clause; SQLAlchemy 2.0 `Computed(persisted=False)`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Computed, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", {
 *   name: Column.text(),
 *   twice: Column.text().computed()
 * }, (c) => [Computed.virtual(c.twice, c.name.concat(c.name))])
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).values({ name: "ha" }))),
 *   Effect.andThen(Database.one(Query.from(users).select(users.c.twice))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "haha"
 * ```
 * @category constructors
 */
export const virtual = <A>(
  column: Value<A, unknown>,
  expression: Value<A | null, unknown>
): TableItem => computed(column, expression, false)

const computed = (
  column: Value<unknown, unknown>,
  expression: Value<unknown, unknown>,
  isStored: boolean
): TableItem =>
  Object.freeze({
    _tag: "Computed",
    column: column.node,
    expression: expression.node,
    stored: isStored
  })
