import { type Pipeable, pipeArguments } from "effect/Pipeable"
import { assignable, type Assigned, atUpdate, counted, firstRows, given, none } from "./assigned.ts"
import { projection, scope } from "./block.ts"
import type { Changes, SetNeeds } from "./changes.ts"
import { columnList } from "./columnList.ts"
import * as C from "./Command.ts"
import type { Command } from "./Command.ts"
import { filterOf, type Ordering, type SortNeeds } from "./Expression.ts"
import { type Fetched, type From, FromId } from "./From.ts"
import { writtenFrom } from "./derived.ts"
import { Keyed, KeyedId, withBinds } from "./keyed.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Derived } from "./Select.ts"
import { asTable } from "./Source.ts"
import type { NoRows, Returns, Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import { printable } from "./statementText.ts"
import type { Writable } from "./schema/Writable.ts"
import * as T from "./types.ts"
import type { InScope, Param, ParamsIn, Value } from "./Value.ts"
import { type Cell, cellsOf, type Written, writer } from "./written.ts"

/** What orders the first rows. */
type SortKey<R> = Ordering<R> | Value<any, R>

declare const UpdateId: unique symbol

/**
 * UPDATE: which rows change, and how.
 *
 * **Shape** `Result` is one row of `returning`; without it there is none (`NoRows`), and `run`
 * gives the number of rows it matched. Expressions see the row as it was.
 * **Errors** `StatementError` for an unknown column or one that never changes.
 * **Source** SQL:2016 part 2, 14.14 update statement; SQLAlchemy 2.0 "Insert, Updates, Deletes".
 *
 * @category models
 */
export interface Update<out Result, out R, N extends string, Row, S extends string = N>
  extends Statement<Result, R>, Returns<Result>, Pipeable {
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
  where<R2 extends InScope<S>>(
    predicate: Value<boolean | null, R2>
  ): Update<Result, R | ParamsIn<R2>, N, Row, S>
  /**
   * Keeps to the first so many of the rows by an order.
   *
   * **Shape** which of the rows that tie is up to the server.
   * **SQL** mysql, mariadb: ORDER BY … LIMIT · sqlite, postgres: by the primary key of a query;
   * `Unsupported` for a table without one.
   * **Errors** `StatementError` for a count that is negative or not whole, without an order, or
   * beside other sources.
   * **Source** MySQL 8.4 manual, UPDATE; SQLAlchemy 2.0 `mysql_limit`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const jobs = Table.make("jobs", { id: Column.id(), state: Column.text() })
   * const take = Query.update(jobs).set({ state: "run" }).everyRow().limit(2, jobs.c.id)
   * const program = Database.create(Catalog.make({ jobs })).pipe(
   *   Effect.andThen(Database.run(Query.insert(jobs).rows([1, 2, 3].map(() => ({ state: "" }))))),
   *   Effect.andThen(Database.run(take)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category combinators
   */
  limit<K extends ReadonlyArray<SortKey<InScope<N>>>>(
    count: number,
    ...order: K
  ): Update<Result, R | ParamsIn<SortNeeds<K[number]>>, N, Row, S>
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
  returning(): Update<Row, R, N, Row, S>
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
  ): Update<RowIn<P, N>, R | ParamsIn<ProjectionNeeds<P>>, N, Row, S>
  /**
   * The rows it gives back, by name, for the rest of a statement: `WITH name AS (UPDATE …)`.
   *
   * **Shape** carried out once; the rest of the statement sees the database as it was before. A
   * query over it says that it writes, by `Query.writing`.
   * **SQL** postgres. Elsewhere `Unsupported` with capability `dataModifyingCte`.
   * **Errors** `StatementError` without `returning`, and as `cte` of a query.
   * **Source** PostgreSQL manual, 7.8.4 data-modifying statements in WITH; SQLAlchemy 2.0
   * `add_cte`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const log = Table.make("log", { name: Column.text() })
   * const renamed = Query.update(users).set({ name: "Ann" }).everyRow()
   *   .returning({ name: users.c.name }).cte("renamed")
   * const logged = Query.insert(log).fromSelect(Query.from(renamed))
   * ```
   * @category combinators
   */
  // The row by a name of its own: its class is looked up, which would take `Result` its variance.
  cte<const A extends string, Q = Result>(name: A): Derived<A, Fetched<Q>, ParamsIn<R>>
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
   * **Laws** a patch and then another are both in one, the empty one too: it finds its rows, counts
   * and gives them back, and changes nothing.
   * **Errors** `StatementError` for an unknown column, or one that never changes.
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
  /**
   * SET several columns from the one row of a query: what it selects under a column's key.
   *
   * **Shape** NULL without a row. The query may be correlated to the table.
   * **SQL** sqlite, postgres: SET (a, b) = (SELECT …) · mysql, mariadb: a query for each column.
   * **Errors** as `set`; when it runs, an error for a query of several rows, of which sqlite takes
   * the first.
   * **Source** SQL:2016 part 2, 14.15 set clause list; PostgreSQL manual, UPDATE.
   *
   * @example
   * ```ts
   * import { Column, Fn, Query, Table } from "athanor"
   * const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer() })
   * const stats = Table.make("stats", {
   *   authorId: Column.integer(), first: Column.integer().nullable(), n: Column.integer()
   * })
   * const counted = Query.from(posts).correlate(stats).where(posts.c.authorId.eq(stats.c.authorId))
   *   .select({ first: Fn.min(posts.c.id), n: Fn.count() })
   * const refresh = Query.update(stats).setRow(counted).everyRow()
   * ```
   * @category combinators
   */
  setRow<Q extends Patch, R2 extends InScope<N>>(
    query: Statement<Q, R2> & { readonly node: Relation }
  ): UpdateWhere<ParamsIn<R2>, N, Row>
  /**
   * FROM: another source whose columns the changes and the filter may read, and how its rows go
   * with the table's. More than one is joined.
   *
   * **Shape** changes each row of the table at most once. Where several rows of the source go with
   * one, it gets the least of the tuples of new values, compared column by column in the order of
   * `set`, NULL the least: the same on every database.
   * **SQL** sqlite, postgres: UPDATE … FROM · mysql, mariadb: UPDATE … JOIN; by subqueries where
   * several rows may match.
   * **Errors** `StatementError` for a condition of nothing, or an alias used twice.
   * **Source** PostgreSQL manual, UPDATE; SQLAlchemy 2.0 "UPDATE..FROM".
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const posts = Table.make("posts", {
   *   id: Column.id(), authorId: Column.integer(), author: Column.text()
   * })
   * const name = Query.update(posts).from(users, users.c.id.eq(posts.c.authorId))
   *   .set({ author: users.c.name })
   * ```
   * @category combinators
   */
  from<M extends string, R2 extends InScope<N | M>, P extends Param<any, any> = never>(
    source: From<M, any, P>,
    on: Value<boolean | null, R2>
  ): UpdateFrom<P | ParamsIn<R2>, N, Row, Patch, N | M>
}

/**
 * An UPDATE that reads other sources and waits for its changes.
 *
 * @category models
 */
export interface UpdateFrom<out R, N extends string, Row, Patch, S extends string> {
  /**
   * One more source: see `from` of the update.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const a = Table.make("a", { id: Column.id(), n: Column.integer() })
   * const b = Table.make("b", { id: Column.id(), aId: Column.integer() })
   * const c = Table.make("c", { id: Column.id(), bId: Column.integer(), n: Column.integer() })
   * const sum = Query.update(a).from(b, b.c.aId.eq(a.c.id)).from(c, c.c.bId.eq(b.c.id))
   *   .set({ n: c.c.n })
   * ```
   * @category combinators
   */
  from<M extends string, R2 extends InScope<S | M>, P extends Param<any, any> = never>(
    source: From<M, any, P>,
    on: Value<boolean | null, R2>
  ): UpdateFrom<R | P | ParamsIn<R2>, N, Row, Patch, S | M>
  /**
   * SET: the changes, over the row as it was and the rows that go with it.
   *
   * **Shape** the rows are those that go with one of each source; `where` narrows them.
   * **Errors** as `set` of an update of one table.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), vip: Column.boolean() })
   * const orders = Table.make("orders", {
   *   id: Column.id(), userId: Column.integer(), fee: Column.integer()
   * })
   * const free = Query.update(orders).from(users, users.c.id.eq(orders.c.userId))
   *   .set({ fee: 0 }).where(users.c.vip.eq(true))
   * ```
   * @category combinators
   */
  set<const V extends Changes<Patch, S>>(changes: V): UpdateJoined<R | SetNeeds<V>, N, Row, S>
}

/**
 * An UPDATE of rows that go with rows of other sources.
 *
 * @category models
 */
export interface UpdateJoined<out R, N extends string, Row, S extends string> extends Update<
  NoRows,
  R,
  N,
  Row,
  S
> {
  /**
   * Changes columns of another of its sources in the same statement.
   *
   * **Shape** the number is of the rows of both tables. The changes of each table must be settled
   * by its own row: a key of every other source they read is equal to something known.
   * **SQL** mysql, mariadb: UPDATE a JOIN b SET a.x = …, b.y = … Elsewhere `Unsupported`.
   * **Errors** `StatementError` for what is no source of this update, and as `set`.
   * **Source** MySQL 8.4 manual, UPDATE; SQLAlchemy 2.0 "Multiple Table Updates".
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const profiles = Table.make("profiles", {
   *   userId: Column.integer().primaryKey(), name: Column.text()
   * })
   * const rename = Query.update(users).from(profiles, profiles.c.userId.eq(users.c.id))
   *   .set({ name: "Ann" }).also(profiles, { name: "Ann" })
   * ```
   * @category combinators
   */
  also<M extends string, P, const V extends Changes<P, S>>(
    source: From<M, any> & Writable<any, P>,
    changes: V
  ): UpdateJoined<R | SetNeeds<V>, N, Row, S>
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
  ): Update<NoRows, R | ParamsIn<R2>, N, Row>
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
  everyRow(): Update<NoRows, R, N, Row>
}

const everywhere = S.constant(true, T.boolean)

type Parts = Pick<C.Update, "table" | "alias"> &
  (
    | { readonly assigned: Assigned; readonly written: null }
    /** The commonest update. */
    | { readonly assigned: null; readonly written: Written }
  )

const plain: C.UpdateMore = Object.freeze({})

/** The parts of a command; its node is made once, when the last of them is known. */
class Command_ {
  readonly #parts: Parts
  readonly #where: Scalar
  readonly #from: From<string, unknown>
  readonly #back: C.Returning | null
  readonly #more: C.UpdateMore
  #node: C.Update | null = null
  constructor(
    parts: Parts,
    where: Scalar,
    from: From<string, unknown>,
    back: C.Returning | null,
    more: C.UpdateMore
  ) {
    this.#parts = parts
    this.#where = where
    this.#from = from
    this.#back = back
    this.#more = more
  }
  get node() {
    if (this.#node === null) {
      const { alias, table } = this.#parts
      const where = this.#where
      const { columns, values } = assignedBy(this.#parts)
      const key = this.#isPlain() ? keyOf(this.#parts, where) : null
      const known =
        key === null
          ? undefined
          : { key, binds: joined(values as ReadonlyArray<S.Bound>, where.binds), ctes: where.ctes }
      this.#node = C.update(table, alias, columns, values, where, this.#back, this.#more, known)
    }
    return this.#node
  }
  [KeyedId]() {
    const where = this.#where
    if (!this.#isPlain() || where.ctes.length > 0) return null
    const values = withBinds(this.#parts.written!.values!, where.binds)
    return values === null ? null : new Keyed(keyOf(this.#parts, where), values, this)
  }
  /** Plain values under the table's own name, and nothing else. */
  #isPlain(): boolean {
    const { alias, table, written } = this.#parts
    return (
      this.#back === null &&
      this.#more === plain &&
      written !== null &&
      written.values !== null &&
      alias === table.name
    )
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  where(predicate: Value<any, any>) {
    const where = this.#where
    const first = where === everywhere
    const filter = filterOf(predicate, first, "update")
    const both = first ? filter : S.and([where, filter], T.boolean)
    return new Command_(this.#parts, both, this.#from, this.#back, this.#more)
  }
  everyRow() {
    return this
  }
  limit(count: unknown, ...order: ReadonlyArray<Ordering<any> | Value<any, any>>) {
    if (this.#more.from !== undefined) refuse("update: the first rows beside other sources")
    return this.#with(firstRows(count, order, "update"))
  }
  also(source: From<string, unknown>, changes: Readonly<Record<string, unknown>>) {
    const { alias, source: node } = source[FromId]
    const table = asTable(node, "update")
    const { columns, values } = atUpdate(table, alias, given(table, changes))
    const assigned = assignedBy(this.#parts)
    if (!scope(this.#more.from ?? R.unit).aliases.has(alias))
      refuse(`update: "${alias}" is none of its sources`)
    const all = { ...assigned, values: [...assigned.values, ...values] }
    const also = [...(this.#more.also ?? []), { alias, table, columns }]
    const parts = { table: this.#parts.table, alias: this.#parts.alias, written: null }
    const more = { ...this.#more, also }
    return new Command_({ ...parts, assigned: all }, this.#where, this.#from, this.#back, more)
  }
  cte(name: string) {
    return writtenFrom(this.node, name)
  }
  returning(projection?: unknown) {
    const back = projectionOf(projection === undefined ? this.#from : projection)
    return new Command_(this.#parts, this.#where, this.#from, back, this.#more)
  }
  #with(more: C.UpdateMore) {
    const all = { ...this.#more, ...more }
    return new Command_(this.#parts, this.#where, this.#from, this.#back, all)
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

const assignedBy = ({ assigned, written }: Parts): Assigned =>
  assigned ?? { columns: written.shape.columns, values: cellsOf(written) }

/** The key of an update to plain values: it was made before. */
const keyOf = ({ alias, table, written }: Parts, where: Scalar): string => {
  const { shape } = written!
  let key = shape.updates.get(where.key)
  if (key === undefined) {
    key = C.updateKey(table, alias, shape.columns, cellsOf(written!), where, null)
    if (shape.updates.size < most) shape.updates.set(where.key, key)
  }
  return key
}

const write = writer({
  check: assignable,
  cells: (table, keys) => {
    const cells = keys.map((key, at): Cell => ({ column: assignable(table, key), at, fixed: null }))
    for (const column of table.columns) {
      if (column.onUpdate !== null && !keys.includes(column.key)) {
        cells.push({ column, at: -1, fixed: S.generated(column.onUpdate, column.type) })
      }
    }
    return cells
  }
})

type Given = Readonly<Record<string, unknown>>

/** The sources beside a table, and what makes their rows go with the table's. */
interface Beside {
  readonly from: Relation
  readonly where: Scalar
}

/** A table that waits for its changes. */
class Of {
  readonly #target: From<string, unknown>
  readonly #beside: Beside | null
  constructor(target: From<string, unknown>, beside: Beside | null = null) {
    this.#target = target
    this.#beside = beside
  }
  set(changes: Given) {
    const { alias, source } = this.#target[FromId]
    const table = asTable(source, "update")
    const written = write(table, changes)
    const { shape } = written
    if (shape.columns.length === 0) return this.#command(atUpdate(table, alias, none), plain)
    if (!shape.isCounted && this.#beside === null) {
      const parts = { table, alias, assigned: null, written }
      return new Command_(parts, everywhere, this.#target, null, plain)
    }
    const version = counted(table, alias)
    const columns = columnList(table, [...shape.columns, ...version.columns])
    return this.#command({ columns, values: [...cellsOf(written), ...version.values] }, plain)
  }
  setRow(query: { readonly node: Relation }) {
    const { alias, source } = this.#target[FromId]
    const table = asTable(source, "update")
    const row = projection(query.node)
    if (row === null || row.shape._tag !== "Record")
      return refuse("update: the query selects no record of columns")
    const rowColumns = row.fields.map((_, i) => keyAt(row.shape, i))
    for (const key of rowColumns) assignable(table, key)
    const rest = atUpdate(table, alias, { columns: rowColumns, values: [] })
    const assigned = { columns: rest.columns.slice(rowColumns.length), values: rest.values }
    return this.#command(assigned, { row: query.node, rowColumns })
  }
  from(source: From<string, unknown>, on: Value<any, any>) {
    const node = source[FromId]
    const before = this.#beside
    const filter = filterOf(on, true, "from")
    return new Of(
      this.#target,
      before === null
        ? { from: node.relation, where: filter }
        : {
            from: R.join("cross", before.from, node.relation, everywhere),
            where: S.and([before.where, filter], T.boolean)
          }
    )
  }
  #command(assigned: Assigned, more: C.UpdateMore) {
    const { alias, source } = this.#target[FromId]
    const parts = { table: asTable(source, "update"), alias, assigned, written: null }
    const beside = this.#beside
    return beside === null
      ? new Command_(parts, everywhere, this.#target, null, more)
      : new Command_(parts, beside.where, this.#target, null, { ...more, from: beside.from })
  }
}

const keyAt = (shape: RowShape, index: number): string => {
  if (shape._tag === "Record")
    for (const [i, part] of shape.parts.entries())
      if (part._tag === "Cell" && part.index === index) return shape.keys[i]!
  return refuse("update: the query selects a nested record: give each column its key")
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
