import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as C from "./Command.ts"
import type { Command } from "./Command.ts"
import { filterOf } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import * as S from "./Scalar.ts"
import { asTable, type ColumnNode, type TableSource } from "./Source.ts"
import type { Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import { printable } from "./statementText.ts"
import type { Writable } from "./Table.ts"
import * as T from "./types.ts"
import type { InScope, ParamsIn, Value } from "./Value.ts"
import { type Cell, type Written, writer } from "./written.ts"

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

type Parts = Pick<C.Update, "table" | "alias" | "where"> & { readonly written: Written }

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
      const { alias, table, where, written } = this.#parts
      const { cells, shape } = written
      const known = this.#back === null ? carriedBy(this.#parts) : undefined
      this.#node = C.update(table, alias, shape.columns, cells, where, this.#back, undefined, known)
    }
    return this.#node
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  where(predicate: Value<any, any>) {
    const { alias, table, where, written } = this.#parts
    const first = where === everywhere
    const filter = filterOf(predicate, first, "update")
    const both = first ? filter : S.and([where, filter], T.boolean)
    return new Command_({ table, alias, where: both, written }, this.#from, this.#back)
  }
  everyRow() {
    return this
  }
  returning(projection?: unknown) {
    const back = projectionOf(projection === undefined ? this.#from : projection)
    return new Command_(this.#parts, this.#from, back)
  }
}
printable(Command_.prototype)

/** One list of exactly its length: `concat` and `push` leave room for more. */
const joined = <A>(a: ReadonlyArray<A>, b: ReadonlyArray<A>): ReadonlyArray<A> => {
  const all = new Array<A>(a.length + b.length)
  for (let i = 0; i < a.length; i++) all[i] = a[i]!
  for (let i = 0; i < b.length; i++) all[a.length + i] = b[i]!
  return all
}

/** Conditions of one shape's updates have no bound: a program could make them from its input. */
const most = 100

/** What an update to plain values carries under the table's own name: its key was made before. */
const carriedBy = ({ alias, table, where, written }: Parts) => {
  const { cells, isPlain, shape } = written
  if (!isPlain || !shape.isBound || alias !== table.name) return undefined
  let key = shape.updates.get(where.key)
  if (key === undefined) {
    key = C.updateKey(table, alias, shape.columns, cells, where, null)
    if (shape.updates.size < most) shape.updates.set(where.key, key)
  }
  return { key, binds: joined(cells as ReadonlyArray<S.Bound>, where.binds), ctes: where.ctes }
}

const settable = (table: TableSource, key: string): ColumnNode => {
  const column = table.byKey.get(key)
  if (column === undefined) return refuse(`update: "${table.name}" has no column "${key}"`)
  return column
}

const write = writer({
  check: settable,
  cells: (table, given) => {
    const cells = given.map((key, at): Cell => {
      const column = settable(table, key)
      return column.writeOnce
        ? refuse(`update: "${key}" of "${table.name}" is never changed after insert`)
        : { column, at, fixed: null }
    })
    if (cells.length === 0) return refuse(`update: nothing of "${table.name}" is changed`)
    for (const column of table.columns) {
      if (column.onUpdate !== null && !given.includes(column.key)) {
        cells.push({ column, at: -1, fixed: S.generated(column.onUpdate, column.type) })
      }
    }
    return cells
  }
})

/** A table that waits for its changes. */
class Of {
  readonly #target: From<string, unknown>
  constructor(target: From<string, unknown>) {
    this.#target = target
  }
  set(changes: Readonly<Record<string, unknown>>) {
    const from = this.#target[FromId]
    const table = asTable(from.source, "update")
    const written = write(table, changes)
    const parts = { table, alias: from.alias, written, where: everywhere }
    return new Command_(parts, this.#target, null)
  }
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
): UpdateOf<N, Row, Patch> => new Of(target) as never
