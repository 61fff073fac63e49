import { type Pipeable, pipeArguments } from "effect/Pipeable"
import { nothing } from "./carried.ts"
import * as C from "./Command.ts"
import { columnList } from "./columnList.ts"
import type { Command } from "./Command.ts"
import { isExpr } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { asTable, type ColumnNode, type TableSource } from "./Source.ts"
import type { Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import { printable } from "./statementText.ts"
import type { Writable } from "./Table.ts"
import type { Param, ParamsIn, Value } from "./Value.ts"
import { type Cell, type Written, writer } from "./written.ts"

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
 * **Shape** `Result` is one row of `returning`; without it the statement gives the number of rows.
 * `N` is the table's alias.
 * **Errors** `StatementError` for an unknown column or a missing required one.
 * **Source** SQL:2016 part 2, 14.11 insert statement; SQLAlchemy 2.0 "Insert, Updates, Deletes".
 *
 * @category models
 */
export interface Insert<out Result, out R, N extends string, Row>
  extends Statement<Result, R>, Pipeable {
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
}
declare const InsertId: unique symbol

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
export interface InsertInto<N extends string, Row, In> {
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
  ): Insert<number, CellNeeds<V>, N, Row>
  /**
   * Many rows, in one statement: all or none of them.
   *
   * **Errors** `StatementError` for no rows, and where one row gives a column that another leaves
   * to the server. When it runs, `Unsupported` with capability `maxParameters` above the limit:
   * 32,766 values on SQLite, 65,535 on the others.
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
  rows(rows: ReadonlyArray<Cells<In>>): Insert<number, never, N, Row>
}

type CellNeeds<V> = ParamsIn<
  { readonly [K in keyof V]: V[K] extends Value<any, infer R> ? R : never }[keyof V]
>

/** The parts of a command; its node is made once, when the last of them is known. */
class Command_ {
  readonly #parts: Parts
  readonly #from: From<string, unknown>
  readonly #back: C.Returning | null
  #node: C.Insert | null = null
  constructor(parts: Parts, from: From<string, unknown>, back: C.Returning | null) {
    this.#parts = parts
    this.#from = from
    this.#back = back
  }
  get node() {
    if (this.#node === null) {
      const { cells, columns, rowCount, table, written } = this.#parts
      const known = written === null ? undefined : carriedBy(written, this.#back)
      this.#node = C.insert(table, columns, cells, rowCount, this.#back, undefined, known)
    }
    return this.#node
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  returning(projection?: unknown) {
    const back = projectionOf(projection === undefined ? this.#from : projection)
    return new Command_(this.#parts, this.#from, back)
  }
}
printable(Command_.prototype)

type Parts = Pick<C.Insert, "table" | "columns" | "cells" | "rowCount"> & {
  /** How the one row was made, where it is one. */
  readonly written: Written | null
}

/** What one row of plain values carries: its key was made before, and its values are its cells. */
const carriedBy = ({ cells, isPlain, shape }: Written, back: C.Returning | null) => {
  if (!isPlain || !shape.isBound) return undefined
  let { last } = shape
  if (last === null || !isSame(last.back, back)) {
    if (back !== null && !back.fields.every(isRef)) return undefined
    shape.last = last = { back, key: C.insertKey(shape.table, shape.columns, cells, 1, back) }
  }
  return { key: last.key, binds: cells as ReadonlyArray<S.Bound>, ctes: nothing }
}

const isSame = (a: C.Returning | null, b: C.Returning | null): boolean => {
  if (a === null || b === null) return a === b
  const { length } = a.fields
  if (a.shape !== b.shape || length !== b.fields.length) return false
  for (let i = 0; i < length; i++) if (a.fields[i] !== b.fields[i]) return false
  return true
}

const isRef = (field: Scalar): boolean => field._tag === "Ref"

const settable = (table: TableSource, key: string): ColumnNode => {
  const column = table.byKey.get(key)
  if (column === undefined) return refuse(`insert: "${table.name}" has no column "${key}"`)
  return column
}

/** What stands in a column nobody gave: a value made at execution, or the server's own default. */
const left = (table: TableSource, column: ColumnNode): Scalar | null => {
  if (column.default !== null) return S.generated(column.default, column.type)
  if (column.identity || column.serverDefault !== null) return null
  return column.nullable
    ? S.bound(null, column.type)
    : refuse(`insert: "${table.name}" needs a value for "${column.key}"`)
}

const cell = (value: unknown, column: ColumnNode): Scalar =>
  isExpr(value) ? value.node : S.bound(value, column.type)

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
  return { table, columns, cells: written.cells, rowCount: 1, written }
}

/** Columns some row gives or a default fills; the rest is the server's to make. */
const manyRows = (table: TableSource, rows: ReadonlyArray<Given>): Parts => {
  const given = new Set<string>()
  for (const row of rows) {
    for (const key of Object.keys(row)) {
      settable(table, key)
      if (row[key] !== undefined) given.add(key)
    }
  }
  const columns = table.columns.filter(
    (column) =>
      given.has(column.key) ||
      column.default !== null ||
      !(column.identity || column.serverDefault !== null)
  )
  const cells = rows.flatMap((row) =>
    columns.map((column) => {
      const value = Object.hasOwn(row, column.key) ? row[column.key] : undefined
      return value !== undefined
        ? cell(value, column)
        : (left(table, column) ??
            refuse(
              `insert: one row gives "${column.key}", another leaves it to the server: split them`
            ))
    })
  )
  const keys = columns.map((column) => column.key)
  return { table, columns: columnList(table, keys), cells, rowCount: rows.length, written: null }
}

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
    if (rows.length === 0) return refuse("insert: there are no rows")
    return rows.length === 1
      ? this.values(rows[0]!)
      : new Command_(manyRows(this.#table, rows), this.#from, null)
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
export const insert = <N extends string, Row, In>(
  into: From<N, Row> & Writable<In, any>
): InsertInto<N, Row, In> => {
  const table = asTable(into[FromId].source, "insert")
  return new Into(table, into) as never
}
