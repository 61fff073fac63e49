import { type KeyOptions, nodesOf, ruled, type TableItem } from "./Constraint.ts"
import type { Value } from "../Value.ts"

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
export const on = (...columns: Columns): TableItem => with_({}, ...columns)

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
export const named = (name: string, ...columns: Columns): TableItem => with_({ name }, ...columns)

/**
 * What a unique constraint is, beside what it is over.
 *
 * @category models
 */
export interface UniqueOptions extends KeyOptions {
  /** Columns kept beside the key, for queries that read the index alone; on PostgreSQL. */
  readonly include?: ReadonlyArray<Value<any, any>>
  /** Rows with NULLs in the same places clash too; from PostgreSQL 15 on. */
  readonly nullsEqual?: boolean
  /** Checked at the end of a statement, and of the transaction where `deferred`; on PostgreSQL. */
  readonly deferrable?: "immediate" | "deferred"
}

/**
 * UNIQUE over columns, with all that can be said of it.
 *
 * **Errors** `Unsupported` for `nullsEqual` (`nullsNotDistinct`) and `deferrable`
 * (`deferrableConstraints`) but on PostgreSQL. `include` changes no answer: others leave it out.
 * **Source** PostgreSQL's CREATE TABLE; SQLAlchemy 2.0 `UniqueConstraint`.
 *
 * @example
 * ```ts
 * import { Column, Table, Unique } from "athanor"
 * const pair = { x: Column.integer(), y: Column.integer().nullable(), z: Column.text() }
 * const t = Table.make("t", pair, (c) => [
 *   Unique.with({ name: "one_point", nullsEqual: true, include: [c.z] }, c.x, c.y)
 * ])
 * ```
 * @category constructors
 */
const with_ = (options: UniqueOptions, ...columns: Columns): TableItem =>
  Object.freeze({
    _tag: "Unique",
    columns: nodesOf(columns),
    include: nodesOf(options.include ?? []),
    nullsEqual: options.nullsEqual ?? false,
    deferrable: options.deferrable ?? "no",
    conflict: options.sqlite?.onConflict ?? null,
    ...ruled(options)
  })
export { with_ as with }
