import { type Pipeable, pipeArguments } from "effect/Pipeable"
import { firstRows } from "./assigned.ts"
import { scope } from "./block.ts"
import * as C from "./Command.ts"
import type { Command } from "./Command.ts"
import { filterOf, type Ordering, type SortNeeds } from "./Expression.ts"
import { type Fetched, type From, FromId } from "./From.ts"
import { writtenFrom } from "./derived.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import * as R from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Derived } from "./Select.ts"
import { asTable } from "./Source.ts"
import type { NoRows, Returns, Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import { printable } from "./statementText.ts"
import type { Writable } from "./schema/Writable.ts"
import * as T from "./types.ts"
import type { InScope, Param, ParamsIn, Value } from "./Value.ts"

/** What orders the first rows. */
type SortKey<R> = Ordering<R> | Value<any, R>

declare const DeleteId: unique symbol

/**
 * DELETE: which rows go.
 *
 * **Shape** `Result` is one row of `returning`; without it there is none (`NoRows`), and `run`
 * gives the number of rows.
 * **Source** SQL:2016 part 2, 14.9 delete statement; SQLAlchemy 2.0 "Insert, Updates, Deletes".
 *
 * @category models
 */
export interface Delete<out Result, out R, N extends string, Row, S extends string = N>
  extends Statement<Result, R>, Returns<Result>, Pipeable {
  readonly node: Command
  readonly [DeleteId]?: { readonly table: N; readonly row: Row }
  /**
   * Keeps to the rows for which the predicate is TRUE; twice is AND.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const remove = Query.deleteFrom(users).where(users.c.id.gt(1)).where(users.c.id.lt(5))
   * ```
   * @category combinators
   */
  where<R2 extends InScope<S>>(
    predicate: Value<boolean | null, R2>
  ): Delete<Result, R | ParamsIn<R2>, N, Row, S>
  /**
   * Keeps to the first so many of the rows by an order.
   *
   * **Shape** which of the rows that tie is up to the server.
   * **SQL** mysql, mariadb: ORDER BY … LIMIT · sqlite, postgres: by the primary key of a query;
   * `Unsupported` for a table without one.
   * **Errors** `StatementError` for a count that is negative or not whole, without an order, or
   * beside other sources.
   * **Source** MySQL 8.4 manual, DELETE; SQLAlchemy 2.0 `mysql_limit`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const logs = Table.make("logs", { id: Column.id(), text: Column.text() })
   * const oldest = Query.deleteFrom(logs).everyRow().limit(2, logs.c.id)
   * const program = Database.create(Catalog.make({ logs })).pipe(
   *   Effect.andThen(Database.run(Query.insert(logs).rows([1, 2, 3].map(() => ({ text: "" }))))),
   *   Effect.andThen(Database.run(oldest)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category combinators
   */
  limit<K extends ReadonlyArray<SortKey<InScope<N>>>>(
    count: number,
    ...order: K
  ): Delete<Result, R | ParamsIn<SortNeeds<K[number]>>, N, Row, S>
  /**
   * RETURNING: gives back the whole row as it was.
   *
   * **SQL** sqlite from 3.35, postgres, mariadb. Elsewhere `Unsupported` when it runs.
   * **Source** PostgreSQL manual, DELETE; SQLAlchemy 2.0 `Delete.returning`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.one(Query.deleteFrom(users).where(users.c.id.eq(2)).returning())))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 2, name: "Bob" }
   * ```
   * @category combinators
   */
  returning(): Delete<Row, R, N, Row, S>
  /**
   * Gives back an expression or a record of them, of each removed row.
   *
   * **Errors** as `returning()` of the whole row.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.all(Query.deleteFrom(users).everyRow().returning(users.c.name))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann", "Bob"]
   * ```
   * @category combinators
   */
  returning<const P extends ProjectionIn<N>>(
    projection: P
  ): Delete<RowIn<P, N>, R | ParamsIn<ProjectionNeeds<P>>, N, Row, S>
  /**
   * The rows it gives back, by name, for the rest of a statement: `WITH name AS (DELETE …)`.
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
   * const gone = Query.deleteFrom(users).where(users.c.id.gt(9))
   *   .returning({ name: users.c.name }).cte("gone")
   * const logged = Query.insert(log).fromSelect(Query.from(gone))
   * ```
   * @category combinators
   */
  // The row by a name of its own: its class is looked up, which would take `Result` its variance.
  cte<const A extends string, Q = Result>(name: A): Derived<A, Fetched<Q>, ParamsIn<R>>
}

/**
 * A DELETE of rows that go with rows of other sources.
 *
 * @category models
 */
export interface DeleteUsing<out R, N extends string, Row, S extends string> extends Delete<
  NoRows,
  R,
  N,
  Row,
  S
> {
  /**
   * One more source: see `using` of the delete.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const a = Table.make("a", { id: Column.id() })
   * const b = Table.make("b", { id: Column.id(), aId: Column.integer() })
   * const c = Table.make("c", { id: Column.id(), bId: Column.integer() })
   * const gone = Query.deleteFrom(a).using(b, b.c.aId.eq(a.c.id)).using(c, c.c.bId.eq(b.c.id))
   * ```
   * @category combinators
   */
  using<M extends string, R2 extends InScope<S | M>, P extends Param<any, any> = never>(
    source: From<M, any, P>,
    on: Value<boolean | null, R2>
  ): DeleteUsing<R | P | ParamsIn<R2>, N, Row, S | M>
  /**
   * Removes the rows of another of its sources too.
   *
   * **Shape** the number is of the rows of both tables.
   * **SQL** mysql, mariadb: DELETE a, b FROM a JOIN b. Elsewhere `Unsupported`.
   * **Errors** `StatementError` for what is no source of this delete.
   * **Source** MySQL 8.4 manual, DELETE.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id() })
   * const notes = Table.make("notes", { id: Column.id(), userId: Column.integer() })
   * const gone = Query.deleteFrom(users).using(notes, notes.c.userId.eq(users.c.id)).also(notes)
   * ```
   * @category combinators
   */
  also<M extends string>(source: From<M, any>): DeleteUsing<R, N, Row, S>
}

/**
 * A DELETE that must say which rows: a filter, or every row by name.
 *
 * @category models
 */
export interface DeleteFrom<N extends string, Row> {
  /**
   * The rows for which the predicate is TRUE; rows where it is NULL stay.
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
   *   Effect.andThen(Database.run(Query.deleteFrom(users).where(users.c.id.gt(1)))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category combinators
   */
  where<R2 extends InScope<N>>(
    predicate: Value<boolean | null, R2>
  ): Delete<NoRows, ParamsIn<R2>, N, Row>
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
   *   Effect.andThen(Database.run(Query.deleteFrom(users).everyRow())))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category combinators
   */
  everyRow(): Delete<NoRows, never, N, Row>
  /**
   * USING: another source, and how its rows go with the table's; the rows that go with one go.
   *
   * **Shape** each row of the table is removed once, however many go with it.
   * **SQL** postgres: DELETE … USING · sqlite: EXISTS · mysql, mariadb: DELETE t FROM t JOIN …
   * **Errors** `StatementError` for a condition of nothing, or an alias used twice.
   * **Source** PostgreSQL manual, DELETE; SQLAlchemy 2.0 "Multiple Table Deletes".
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), banned: Column.boolean() })
   * const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer() })
   * const gone = Query.deleteFrom(posts).using(users, users.c.id.eq(posts.c.authorId))
   *   .where(users.c.banned.eq(true))
   * ```
   * @category combinators
   */
  using<M extends string, R2 extends InScope<N | M>, P extends Param<any, any> = never>(
    source: From<M, any, P>,
    on: Value<boolean | null, R2>
  ): DeleteUsing<P | ParamsIn<R2>, N, Row, N | M>
}

class Command_ {
  readonly node: C.Delete
  readonly #from: From<string, unknown>
  constructor(node: C.Delete, from: From<string, unknown>) {
    this.node = node
    this.#from = from
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  where(predicate: Value<any, any>) {
    const { where } = this.node
    const first = where._tag === "Constant" && where.value === true
    const filter = filterOf(predicate, first, "deleteFrom")
    return this.#with({ where: first ? filter : S.and([where, filter], T.boolean) })
  }
  everyRow() {
    return this
  }
  using(source: From<string, unknown>, on: Value<any, any>) {
    const { relation } = source[FromId]
    const before = this.node.using
    const all = S.constant(true, T.boolean)
    const using = before === null ? relation : R.join("cross", before, relation, all)
    return this.where(on).#with({ using })
  }
  limit(count: unknown, ...order: ReadonlyArray<Ordering<any> | Value<any, any>>) {
    if (this.node.using !== null) refuse("deleteFrom: the first rows beside other sources")
    return this.#with(firstRows(count, order, "deleteFrom"))
  }
  also(source: From<string, unknown>) {
    const { alias, source: node } = source[FromId]
    const table = asTable(node, "deleteFrom")
    if (!scope(this.node.using ?? R.unit).aliases.has(alias))
      refuse(`deleteFrom: "${alias}" is none of its sources`)
    return this.#with({ also: [...this.node.also, { alias, table, columns: [] }] })
  }
  cte(name: string) {
    return writtenFrom(this.node, name)
  }
  returning(projection?: unknown) {
    const back = projectionOf(projection === undefined ? this.#from : projection)
    return this.#with({ returned: back.fields, shape: back.shape })
  }
  #with(more: Partial<C.Delete>) {
    const next = { ...this.node, ...more }
    const { alias, returned, shape, table, where } = next
    const back = shape === null ? null : { fields: returned, shape }
    return new Command_(C.remove(table, alias, where, back, next), this.#from)
  }
}

printable(Command_.prototype)

/**
 * DELETE FROM a table or an entity.
 *
 * **Shape** gives the number of rows removed. A delete of every row says so: `.everyRow()`.
 * **Errors** `StatementError` for what is no base table, and as `where`. When it runs,
 * `ForeignKeyViolation` where rows still refer to one that goes.
 * **Source** SQL:2016 part 2, 14.9 delete statement; SQLAlchemy 2.0 `delete`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.run(Query.deleteFrom(users).where(users.c.name.eq("Ann")))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
 * ```
 * @category constructors
 */
export const deleteFrom = <N extends string, Row>(
  target: From<N, Row> & Writable<any, any>
): DeleteFrom<N, Row> => {
  const from = target[FromId]
  const table = asTable(from.source, "deleteFrom")
  return new Command_(C.remove(table, from.alias, S.constant(true, T.boolean)), target) as never
}
