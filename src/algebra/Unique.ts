import { nodesOf, type TableItem } from "./Constraint.ts"
import type { Value } from "./Value.ts"

type Columns = readonly [Value<any, any>, ...Array<Value<any, any>>]

/**
 * UNIQUE over columns: no two rows agree on all of them. Rows with a NULL among them never clash.
 *
 * **Errors** `UniqueViolation` for an insert or update of a row that agrees with another.
 * **Source** SQL:2016 part 2, 11.7 unique constraint definition; SQLAlchemy 2.0 `UniqueConstraint`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table, Unique } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.integer() }, (c) => [Unique.on(c.a)])
 * const twice = Database.run(Query.insert(t).rows([{ a: 1 }, { a: 1 }]))
 * const program = Effect.flip(Effect.andThen(Database.create(Catalog.make({ t })), twice))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "UniqueViolation"
 * ```
 * @category constructors
 */
export const on = (...columns: Columns): TableItem =>
  Object.freeze({ _tag: "Unique", columns: nodesOf(columns), name: null })

/**
 * UNIQUE over columns under a name of its own.
 *
 * @example
 * ```ts
 * import { Column, Table, Unique } from "athanor"
 * const pair = { x: Column.integer(), y: Column.integer() }
 * const t = Table.make("t", pair, (c) => [Unique.named("one_point", c.x, c.y)])
 * ```
 * @category constructors
 */
export const named = (name: string, ...columns: Columns): TableItem =>
  Object.freeze({ _tag: "Unique", columns: nodesOf(columns), name })
