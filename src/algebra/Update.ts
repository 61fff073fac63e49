import { type Pipeable, pipeArguments } from "effect/Pipeable"
import { columnList } from "./columnList.ts"
import * as C from "./Command.ts"
import type { Command } from "./Command.ts"
import { filterOf, isExpr } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { asTable, type TableSource } from "./Source.ts"
import type { Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import type { Writable } from "./Table.ts"
import * as T from "./types.ts"
import type { InScope, ParamsIn, Value } from "./Value.ts"

declare const UpdateId: unique symbol

/**
 * New values of an update: plain values, or expressions over the row as it was.
 *
 * @category models
 */
export type Changes<Patch, N extends string> = {
  readonly [K in keyof Patch]: Patch[K] | Value<Patch[K], InScope<N>>
}

/**
 * UPDATE: which rows change, and how.
 *
 * **Shape** `Result` is one row of `returning`; without it the statement gives the number of rows
 * it matched. Expressions see the row as it was.
 * **Errors** `StatementError` for an unknown column or one that never changes.
 * **Source** SQL:2016 part 2, 14.14 update statement; SQLAlchemy 2.0 "Insert, Updates, Deletes".
 *
 * @category models
 */
export interface Update<out Result, out R, N extends string, Row>
  extends Statement<Result, R>, Pipeable {
  readonly node: Command
  readonly [UpdateId]?: { readonly table: N; readonly row: Row }
  /**
   * Keeps to the rows for which the predicate is TRUE; twice is AND.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const rename = Query.update(users).set({ name: "Ann" }).where(users.c.id.gt(1))
   * const some = rename.where(users.c.id.lt(5))
   * ```
   * @category combinators
   */
  where<R2 extends InScope<N>>(
    predicate: Value<boolean | null, R2>
  ): Update<Result, R | ParamsIn<R2>, N, Row>
  /**
   * RETURNING: gives back the whole row as it is now.
   *
   * **SQL** sqlite from 3.35, postgres. Elsewhere `Unsupported` when it runs.
   * **Source** PostgreSQL manual, UPDATE; SQLAlchemy 2.0 `Update.returning`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const change = Query.update(users).set({ name: "Ann" }).everyRow().returning()
   * const program = Effect.andThen(Database.create(Catalog.make({ users })), Database.all(change))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => []
   * ```
   * @category combinators
   */
  returning(): Update<Row, R, N, Row>
  /**
   * Gives back an expression or a record of them, of each changed row.
   *
   * **Errors** as `returning()` of the whole row.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const change = Query.update(users).set({ name: "Ann" }).everyRow().returning(users.c.id)
   * const program = Effect.andThen(Database.create(Catalog.make({ users })), Database.all(change))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => []
   * ```
   * @category combinators
   */
  returning<const P extends ProjectionIn<N>>(
    projection: P
  ): Update<RowIn<P, N>, R | ParamsIn<ProjectionNeeds<P>>, N, Row>
}

/**
 * An UPDATE that waits for its changes.
 *
 * @category models
 */
export interface UpdateOf<N extends string, Row, Patch> {
  /**
   * SET: the changes; the statement then wants `where`, or `everyRow`.
   *
   * **Shape** `undefined` is absence. Columns with `onUpdate` that are left out get their value.
   * **Errors** `StatementError` for an unknown column, one that never changes, or where nothing is
   * changed.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.run(Query.update(users).set({ name: "C" }).everyRow())))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category combinators
   */
  set<const V extends Changes<Patch, N>>(changes: V): UpdateWhere<SetNeeds<V>, N, Row>
}

/**
 * An UPDATE that must say which rows: a filter, or every row by name.
 *
 * @category models
 */
export interface UpdateWhere<out R, N extends string, Row> {
  /**
   * The rows for which the predicate is TRUE; rows where it is NULL stay as they are.
   *
   * **Errors** `StatementError` for a predicate of no condition, such as `Expr.and()`: say
   * `everyRow`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.run(Query.update(users).set({ name: "C" }).where(users.c.id.gt(1)))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category combinators
   */
  where<R2 extends InScope<N>>(
    predicate: Value<boolean | null, R2>
  ): Update<number, R | ParamsIn<R2>, N, Row>
  /**
   * Every row of the table.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.run(Query.update(users).set({ name: "C" }).everyRow())))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category combinators
   */
  everyRow(): Update<number, R, N, Row>
}

type SetNeeds<V> = ParamsIn<
  { readonly [K in keyof V]: V[K] extends Value<any, infer R> ? R : never }[keyof V]
>

const everywhere = S.constant(true, T.boolean)

type Parts = Pick<C.Update, "table" | "alias" | "columns" | "values" | "where">

/** The parts of a command; its node is made once, when the last of them is known. */
class Command_ {
  readonly #parts: Parts
  readonly #from: From<string, unknown>
  readonly #back: C.Returning | null
  #node: C.Update | null = null
  constructor(parts: Parts, from: From<string, unknown>, back: C.Returning | null) {
    this.#parts = parts
    this.#from = from
    this.#back = back
  }
  get node() {
    if (this.#node === null) {
      const { alias, columns, table, values, where } = this.#parts
      this.#node = C.update(table, alias, columns, values, where, this.#back)
    }
    return this.#node
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  where(predicate: Value<any, any>) {
    const { alias, columns, table, values, where } = this.#parts
    const first = where === everywhere
    const filter = filterOf(predicate, first, "update")
    const both = first ? filter : S.and([where, filter], T.boolean)
    return new Command_({ table, alias, columns, values, where: both }, this.#from, this.#back)
  }
  everyRow() {
    return this
  }
  returning(projection?: unknown) {
    const back = projectionOf(projection === undefined ? this.#from : projection, new Set())
    return new Command_(this.#parts, this.#from, back)
  }
}

const assignments = (table: TableSource, changes: Readonly<Record<string, unknown>>) => {
  const columns: Array<string> = []
  const values: Array<Scalar> = []
  for (const key of Object.keys(changes)) {
    const value = changes[key]
    const column = table.byKey.get(key)
    if (column === undefined) return refuse(`update: "${table.name}" has no column "${key}"`)
    if (value === undefined) continue
    if (column.writeOnce)
      return refuse(`update: "${key}" of "${table.name}" is never changed after insert`)
    columns.push(key)
    values.push(isExpr(value) ? value.node : S.bound(value, column.type))
  }
  if (columns.length === 0) return refuse(`update: nothing of "${table.name}" is changed`)
  for (const column of table.columns) {
    if (column.onUpdate !== null && !columns.includes(column.key)) {
      columns.push(column.key)
      values.push(S.generated(column.onUpdate, column.type))
    }
  }
  return { columns: columnList(table, columns), values }
}

/**
 * UPDATE of a table or an entity.
 *
 * **Shape** gives the number of rows matched, changed or not, on every dialect. An update of every
 * row says so: `.set(…).everyRow()`.
 * **Errors** `StatementError` for what is no base table, and as `set` and `where`.
 * **Source** SQL:2016 part 2, 14.14 update statement; SQLAlchemy 2.0 `update`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const posts = Table.make("posts", { id: Column.id(), views: Column.integer() })
 * const seen = Query.update(posts).set({ views: posts.c.views.add(1) }).where(posts.c.id.eq(1))
 * const program = Effect.andThen(Database.create(Catalog.make({ posts })), Database.run(seen))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 0
 * ```
 * @category constructors
 */
export const update = <N extends string, Row, Patch>(
  target: From<N, Row> & Writable<any, Patch>
): UpdateOf<N, Row, Patch> => ({
  set: (changes: unknown): never => {
    const from = target[FromId]
    const table = asTable(from.source, "update")
    const { columns, values } = assignments(table, changes as Readonly<Record<string, unknown>>)
    return new Command_(
      { table, alias: from.alias, columns, values, where: everywhere },
      target,
      null
    ) as never
  }
})
