import { type Pipeable, pipeArguments } from "effect/Pipeable"
import { type Carried, nothing } from "./carried.ts"
import * as C from "./Command.ts"
import { columnList } from "./columnList.ts"
import type { Command } from "./Command.ts"
import { left, once, settable } from "./leftOut.ts"
import { manyRows } from "./manyRows.ts"
import { isOfNoRows, noRows } from "./noRows.ts"
import { insertOfLists, type RowLists } from "./rowLists.ts"
import { Conflicting, targetOf } from "./conflict.ts"
import { derivedFrom, writtenFrom } from "./derived.ts"
import { filterOf } from "./Expression.ts"
import { Keyed, KeyedId } from "./keyed.ts"
import { type Fetched, type From, FromId } from "./From.ts"
import {
  flatShape,
  type ProjectionIn,
  projectionOf,
  type ProjectionNeeds,
  type RowIn
} from "./projection.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Derived } from "./Select.ts"
import type { Scalar } from "./Scalar.ts"
import { asTable, type TableSource } from "./Source.ts"
import type { NoRows, Returns, Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import { printable } from "./statementText.ts"
import type { Writable } from "./schema/Writable.ts"
import * as T from "./types.ts"
import type { Changes, SetNeeds } from "./changes.ts"
import type { InScope, Param, ParamsIn, Value } from "./Value.ts"
import { type Cell, cellsOf, type Written, writer } from "./written.ts"

/**
 * A cell of an insert: a value, NULL, or an expression over no table.
 *
 * @category models
 */
export type Cells<In> = { readonly [K in keyof In]: In[K] | Value<In[K], ParamCell> }
type ParamCell = Param<any, any>

/**
 * INSERT: rows to add, and what to give back of each.
 *
 * **Shape** `Result` is one row of `returning`; without it there is none (`NoRows`), and `run`
 * gives the number of rows. `N` is the table's alias.
 * **Errors** `StatementError` for an unknown column or a missing required one.
 * **Source** SQL:2016 part 2, 14.11 insert statement; SQLAlchemy 2.0 "Insert, Updates, Deletes".
 *
 * @category models
 */
export interface Insert<out Result, out R, N extends string, Row>
  extends Statement<Result, R>, Returns<Result>, Pipeable {
  readonly node: Command
  readonly [InsertId]?: { readonly table: N; readonly row: Row }
  /**
   * RETURNING: gives back the whole row as stored, with defaults and keys made by the server.
   *
   * **SQL** sqlite from 3.35, postgres, mariadb. Elsewhere `Unsupported` when it runs.
   * **Source** PostgreSQL manual, INSERT; SQLAlchemy 2.0 `Insert.returning`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const add = Query.insert(users).values({ name: "Ann" }).returning()
   * const program = Effect.andThen(Database.create(Catalog.make({ users })), Database.one(add))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 1, name: "Ann" }
   * ```
   * @category combinators
   */
  returning(): Insert<Row, R, N, Row>
  /**
   * Gives back an expression or a record of them, of each added row.
   *
   * **Errors** as `returning()` of the whole row.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const add = Query.insert(users).values({ name: "Ann" }).returning(users.c.id)
   * const program = Effect.andThen(Database.create(Catalog.make({ users })), Database.one(add))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category combinators
   */
  returning<const P extends ProjectionIn<N>>(
    projection: P
  ): Insert<RowIn<P, N>, R | ParamsIn<ProjectionNeeds<P>>, N, Row>
  /**
   * Gives the rows back in the order in which they were given.
   *
   * **Shape** told by the keys the server makes, one after the other; servers give rows back in any
   * order.
   * **Errors** `StatementError` for an upsert, the rows of a query, or a table whose server makes
   * no key: match those rows by their own keys.
   * **Source** SQLAlchemy 2.0 `Insert.returning(sort_by_parameter_order=True)`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const add = Query.insert(users).rows([{ name: "Bob" }, { name: "Ann" }])
   *   .returning(users.c.name).inOrder()
   * const program = Effect.andThen(Database.create(Catalog.make({ users })), Database.all(add))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Bob", "Ann"]
   * ```
   * @category combinators
   */
  inOrder(): Insert<Result, R, N, Row>
  /**
   * The rows it gives back, by name, for the rest of a statement: `WITH name AS (INSERT …)`.
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
   * const added = Query.insert(users).values({ name: "Ann" })
   *   .returning({ name: users.c.name }).cte("added")
   * const logged = Query.insert(log).fromSelect(Query.from(added))
   * ```
   * @category combinators
   */
  // The row by a name of its own: its class is looked up, which would take `Result` its variance.
  cte<const A extends string, Q = Result>(name: A): Derived<A, Fetched<Q>, ParamsIn<R>>
}
declare const InsertId: unique symbol

/**
 * An INSERT that may say what to do with a row whose key is there already.
 *
 * @category models
 */
export interface Inserting<out R, N extends string, Row, Patch> extends Insert<NoRows, R, N, Row> {
  /**
   * ON CONFLICT: names the key, by its columns or by its constraint, whose rows are treated.
   *
   * **Shape** without a key `doNothing` treats every key. A violation of another key is an error.
   * **SQL** sqlite, postgres: ON CONFLICT · mysql, mariadb: ON DUPLICATE KEY UPDATE, which knows no
   * key: a table with other keys that the row could meet is `Unsupported`.
   * **Errors** `StatementError` for columns that are no declared key.
   * **Source** PostgreSQL manual, INSERT; SQLAlchemy 2.0 `on_conflict_do_update`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const hits = Table.make("hits", { path: Column.varchar(50).primaryKey(), n: Column.integer() })
   * const hit = Query.insert(hits).values({ path: "/", n: 1 })
   *   .onConflict(hits.c.path).doUpdate({ n: hits.c.n.add(Query.excluded(hits).c.n) })
   *   .returning(hits.c.n)
   * const program = Database.create(Catalog.make({ hits })).pipe(
   *   Effect.andThen(Database.run(hit)), Effect.andThen(Database.one(hit)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category combinators
   */
  onConflict(): OnAnyConflict<R, N, Row>
  onConflict(constraint: string): OnConflict<R, N, Row, Patch>
  onConflict(
    column: Value<any, N>,
    ...more: ReadonlyArray<Value<any, N>>
  ): OnConflict<R, N, Row, Patch>
}

/**
 * An upsert over every key of its table.
 *
 * @category models
 */
export interface OnAnyConflict<out R, N extends string, Row> {
  /**
   * DO NOTHING: leaves the row that is there as it is.
   *
   * **Shape** the number, and what is given back, is of the rows that were added. On mysql the
   * number is that of the proposed rows: it tells no other.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const tags = Table.make("tags", { name: Column.varchar(20).primaryKey() })
   * const add = Query.insert(tags).rows([{ name: "a" }, { name: "a" }]).onConflict().doNothing()
   * const program = Effect.andThen(Database.create(Catalog.make({ tags })), Database.run(add))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category combinators
   */
  doNothing(): Insert<NoRows, R, N, Row>
}

/**
 * An upsert that has its key and waits to be told what to do.
 *
 * @category models
 */
export interface OnConflict<out R, N extends string, Row, Patch> extends OnAnyConflict<R, N, Row> {
  /**
   * The condition of the partial index that is the key; its values are written into the text.
   *
   * **SQL** sqlite, postgres. Elsewhere `Unsupported`: there are no partial indexes.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const seats = Table.make("seats", { row: Column.integer(), open: Column.boolean() })
   * const add = Query.insert(seats).values({ row: 1, open: true })
   *   .onConflict(seats.c.row).where(seats.c.open.eq(true)).doNothing()
   * ```
   * @category combinators
   */
  where(predicate: Value<boolean | null, N>): OnConflict<R, N, Row, Patch>
  /**
   * DO UPDATE SET: changes the row that is there, by values and by expressions of both rows.
   *
   * **Shape** the row that is there by the table's columns, the proposed one by `Query.excluded`.
   * Columns with `onUpdate` and the version are written too.
   * **Errors** as `set` of an update. Two rows of one key in one statement: the second changes the
   * first; on postgres they are an error.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { email: Column.text().unique(), name: Column.text() })
   * const save = Query.insert(users).values({ email: "a@b", name: "Ann" })
   *   .onConflict(users.c.email).doUpdate({ name: Query.excluded(users).c.name })
   * ```
   * @category combinators
   */
  doUpdate<const V extends Changes<Patch, N | "excluded">>(
    changes: V
  ): Upserting<R | SetNeeds<V>, N, Row>
}

/**
 * An upsert that changes rows.
 *
 * @category models
 */
export interface Upserting<out R, N extends string, Row> extends Insert<NoRows, R, N, Row> {
  /**
   * Leaves a row that is there as it is where the predicate is not TRUE of it and the proposed one.
   *
   * **Shape** such a row is neither counted nor given back.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const notes = Table.make("notes", { id: Column.integer().primaryKey(), at: Column.integer() })
   * const proposed = Query.excluded(notes).c
   * const save = Query.insert(notes).values({ id: 1, at: 5 })
   *   .onConflict(notes.c.id).doUpdate({ at: proposed.at }).where(notes.c.at.lt(proposed.at))
   * ```
   * @category combinators
   */
  where<R2 extends InScope<N | "excluded">>(
    predicate: Value<boolean | null, R2>
  ): Upserting<R | ParamsIn<R2>, N, Row>
}

/**
 * Refuses a column the insert does not take, in one line at its key.
 *
 * @category models
 */
export interface NotSettable<in out K> {
  readonly "this column does not exist or is made by the server": K
}

/**
 * An INSERT that has its table and waits for its rows.
 *
 * @category models
 */
export interface InsertInto<N extends string, Row, In, Patch = unknown> {
  /**
   * One row, by column key.
   *
   * **Shape** `undefined` is absence. A cell may be an expression over no table.
   * **Errors** `StatementError` for an unknown column or a missing required one. When it runs,
   * `EncodeFailed` for a value its column cannot hold, and what constraints refuse.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const add = Database.run(Query.insert(users).values({ name: "Ann" }))
   * const program = Effect.andThen(Database.create(Catalog.make({ users })), add)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category combinators
   */
  values<V extends Cells<In>>(
    row: V & { readonly [K in Exclude<keyof V, keyof In>]: NotSettable<K> }
  ): Inserting<CellNeeds<V>, N, Row, Patch>
  /**
   * Many rows, in one statement: all or none of them.
   *
   * **Shape** a column that some rows give takes its default in the others. More than a hundred
   * rows run as one list a column on PostgreSQL, as statements of 200 rows on SQLite and of a
   * thousand elsewhere, in one transaction or savepoint: still all or none.
   * **Laws** the rows of one list and of another, inserted one after the other, are those of both:
   * a list without rows inserts none.
   * **Errors** when it runs, `TooManyParameters` with their count for more than 32,766 values on
   * SQLite, 65,535 on the others, where some of them are expressions.
   * **Source** SQL:2016 part 2, 7.3 table value constructor; SQLAlchemy 2.0 "Insert many values".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const add = Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))
   * const program = Effect.andThen(Database.create(Catalog.make({ users })), add)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category combinators
   */
  rows(rows: ReadonlyArray<Cells<In>>): Inserting<never, N, Row, Patch>
  /**
   * The rows of a query: what it selects under a column's key goes into that column.
   *
   * **Shape** columns it leaves out take their defaults; a default of the client is made once for
   * all rows.
   * **Errors** `StatementError` for an unknown column, a missing required one, a nested record, or
   * a default that must differ from row to row, such as a UUID: select one.
   * **Source** SQL:2016 part 2, 14.11 insert statement; SQLAlchemy 2.0 `Insert.from_select`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const names = Table.make("names", { name: Column.text() })
   * const copy = Query.insert(names).fromSelect(Query.from(users).select({ name: users.c.name }))
   * const program = Database.create(Catalog.make({ users, names })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.run(copy)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category combinators
   */
  fromSelect<Q extends In, R extends Param<any, any> = never>(
    query: Statement<Q & { readonly [K in Exclude<keyof Q, keyof In>]: NotSettable<K> }, R> & {
      readonly node: Relation
    }
  ): Inserting<R, N, Row, Patch>
}

type CellNeeds<V> = ParamsIn<
  { readonly [K in keyof V]: V[K] extends Value<any, infer R> ? R : never }[keyof V]
>

/** The parts of a command; its node is made once, when the last of them is known. */
class Command_ {
  readonly #parts: Parts
  readonly #from: From<string, unknown>
  readonly #back: C.Returning | null
  readonly #more: C.InsertMore
  #node: C.Insert | null = null
  constructor(
    parts: Parts,
    from: From<string, unknown>,
    back: C.Returning | null,
    more: C.InsertMore = plain
  ) {
    this.#parts = parts
    this.#from = from
    this.#back = back
    this.#more = more
  }
  get node() {
    if (this.#node === null) {
      const { columns, lists, rowCount, table, written } = this.#parts
      const more = this.#more
      const cells = written === null ? this.#parts.cells : cellsOf(written)
      const known =
        written === null || more !== plain ? undefined : carriedBy(written, cells, this.#back)
      this.#node =
        lists === null
          ? C.insert(table, columns, cells, rowCount, this.#back, more, known)
          : insertOfLists(table, columns, lists, this.#back, more)
    }
    return this.#node
  }
  [KeyedId]() {
    const { written } = this.#parts
    const values = written === null || this.#more !== plain ? null : written.values
    const key = values === null ? null : keyOf(written!, this.#back)
    return key === null ? null : new Keyed(key, values!, this)
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  returning(projection?: unknown) {
    const back = projectionOf(projection === undefined ? this.#from : projection)
    return new Command_(this.#parts, this.#from, back, this.#more)
  }
  inOrder() {
    const { columns, rowCount, table } = this.#parts
    const { conflict, rows } = this.#more
    const isNone = isOfNoRows(rows)
    const isMade = table.columns.some(
      ({ identity, key }) => identity && (isNone || !columns.includes(key))
    )
    if (conflict !== undefined || (rowCount === 0 && !isNone) || !isMade)
      return refuse(`insert: no key that the server makes tells the rows of "${table.name}" apart`)
    return rowCount === 1 || isNone ? this : this.#with({ ordered: true })
  }
  cte(name: string) {
    return writtenFrom(this.node, name)
  }
  onConflict(...parts: ReadonlyArray<unknown>) {
    if (this.#more.ordered === true) refuse("onConflict: say inOrder of no upsert")
    const { table } = this.#parts
    const target = targetOf(table, this.#from, parts)
    return new Conflicting(table, target, null, (more) => this.#with(more))
  }
  where(predicate: Value<any, any>) {
    const { condition = null } = this.#more
    const filter = filterOf(predicate, condition === null, "doUpdate")
    return this.#with({
      condition: condition === null ? filter : S.and([condition, filter], T.boolean)
    })
  }
  #with(more: C.InsertMore) {
    return new Command_(this.#parts, this.#from, this.#back, { ...this.#more, ...more })
  }
}
printable(Command_.prototype)

const plain: C.InsertMore = Object.freeze({})

type Parts = Pick<C.Insert, "table" | "columns" | "cells" | "rowCount"> & {
  /** Many rows of values only: then there are no cells. */
  readonly lists: RowLists | null
  /** The one row, where it is one: it has the cells. */
  readonly written: Written | null
}

/** What one row of plain values carries: its key was made before, and its values are its cells. */
const carriedBy = (
  written: Written,
  cells: ReadonlyArray<Scalar>,
  back: C.Returning | null
): Carried | undefined => {
  const key = written.values === null ? null : keyOf(written, back)
  return key === null ? undefined : { key, binds: cells as ReadonlyArray<S.Bound>, ctes: nothing }
}

/** The key of one row of plain values; null where what it gives back may hold values too. */
const keyOf = (written: Written, back: C.Returning | null): string | null => {
  const { shape } = written
  const { last } = shape
  if (last !== null && isSame(last.back, back)) return last.key
  if (back !== null && !back.fields.every(isRef)) return null
  const key = C.insertKey(shape.table, shape.columns, cellsOf(written), 1, back)
  shape.last = { back, key }
  return key
}

const isSame = (a: C.Returning | null, b: C.Returning | null): boolean => {
  if (a === null || b === null) return a === b
  const { length } = a.fields
  if (a.shape !== b.shape || length !== b.fields.length) return false
  for (let i = 0; i < length; i++) if (a.fields[i] !== b.fields[i]) return false
  return true
}

const isRef = (field: Scalar): boolean => field._tag === "Ref"

type Given = Readonly<Record<string, unknown>>

/** The commonest insert: what no column of the row takes is left to the server. */
const write = writer({
  check: settable,
  cells: (table, given) => {
    const cells: Array<Cell> = []
    for (const column of table.columns) {
      const at = given.indexOf(column.key)
      const fixed = at < 0 ? left(table, column) : null
      if (at >= 0 || fixed !== null) cells.push({ column, at, fixed })
    }
    return cells
  }
})

const oneRow = (table: TableSource, row: Given): Parts => {
  const written = write(table, row)
  const { columns } = written.shape
  return { table, columns, cells: nothing, lists: null, rowCount: 1, written }
}

const severalRows = (table: TableSource, rows: ReadonlyArray<Given>): Parts => ({
  table,
  ...manyRows(table, rows),
  rowCount: rows.length,
  written: null
})

/** The rows of a query, and what no row of it gives: in parentheses, with constants beside it. */
const selected = (table: TableSource, query: Relation): Parts & { readonly rows: Relation } => {
  const { fields, relation, shape } = derivedFrom<string, unknown>(query, "selected")
  if (shape._tag !== "Record") return refuse("insert: the query selects one value: give it a key")
  const keys = shape.keys.map((key, i) => {
    settable(table, key)
    return shape.parts[i]!._tag === "Cell"
      ? key
      : refuse(`insert: "${key}" is a record: select its columns`)
  })
  const extra = table.columns.flatMap((column) => {
    const value = keys.includes(column.key) ? null : once(table, column)
    return value === null ? [] : [{ key: column.key, value }]
  })
  const values = [...inOrder(fields, shape), ...extra.map(({ value }) => value)]
  const columns = columnList(table, [...keys, ...extra.map(({ key }) => key)])
  const isWhole = extra.length === 0 && shape.presence === null && isStraight(shape)
  const rows = isWhole ? query : R.project(relation, values, flatShape(columns))
  return { ...ofQuery(table, columns), rows }
}

const ofQuery = (table: TableSource, columns: ReadonlyArray<string>): Parts => ({
  table,
  columns,
  cells: nothing,
  lists: null,
  rowCount: 0,
  written: null
})

type Whole = Extract<RowShape, { readonly _tag: "Record" }>

const indexOf = (part: RowShape): number => (part._tag === "Cell" ? part.index : -1)

const inOrder = (fields: ReadonlyArray<Scalar>, { parts }: Whole): ReadonlyArray<Scalar> =>
  parts.map((part) => fields[indexOf(part)]!)

/** The fields are the columns, in their order. */
const isStraight = ({ parts }: Whole): boolean => parts.every((part, i) => indexOf(part) === i)

/** A table that waits for its rows. */
class Into {
  readonly #table: TableSource
  readonly #from: From<string, unknown>
  constructor(table: TableSource, from: From<string, unknown>) {
    this.#table = table
    this.#from = from
  }
  values(row: Given) {
    return new Command_(oneRow(this.#table, row), this.#from, null)
  }
  rows(rows: ReadonlyArray<Given>) {
    if (rows.length === 0) {
      const { columns, rows: none } = noRows(this.#table)
      return new Command_(ofQuery(this.#table, columns), this.#from, null, { rows: none })
    }
    return rows.length === 1
      ? this.values(rows[0]!)
      : new Command_(severalRows(this.#table, rows), this.#from, null)
  }
  fromSelect(query: { readonly node: Relation }) {
    const { rows, ...parts } = selected(this.#table, query.node)
    return new Command_(parts, this.#from, null, { rows })
  }
}

/**
 * INSERT INTO a table or an entity.
 *
 * **Shape** columns with a default, a generated value or NULL may be left out; `undefined` is
 * absence. Without `returning` it gives the number of rows.
 * **Errors** `StatementError` for what is no base table, and as `values` and `rows`.
 * **Source** SQL:2016 part 2, 14.11 insert statement; SQLAlchemy 2.0 `insert`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const add = Query.insert(users).values({ name: "Ann" }).returning({ id: users.c.id })
 * const program = Effect.andThen(Database.create(Catalog.make({ users })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 1 }
 * ```
 * @category constructors
 */
export const insert = <N extends string, Row, In, Patch>(
  into: From<N, Row> & Writable<In, Patch>
): InsertInto<N, Row, In, Patch> => {
  const table = asTable(into[FromId].source, "insert")
  return new Into(table, into) as never
}
