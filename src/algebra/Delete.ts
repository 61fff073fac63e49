import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as C from "./Command.ts"
import type { Command } from "./Command.ts"
import { filterOf } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import * as S from "./Scalar.ts"
import { asTable } from "./Source.ts"
import type { Statement } from "./Statement.ts"
import { printable } from "./statementText.ts"
import * as T from "./types.ts"
import type { InScope, ParamsIn, Value } from "./Value.ts"

declare const DeleteId: unique symbol

/**
 * DELETE: which rows go.
 *
 * **Shape** `Result` is one row of `returning`; without it the statement gives the number of rows.
 * **Source** SQL:2016 part 2, 14.9 delete statement; SQLAlchemy 2.0 "Insert, Updates, Deletes".
 *
 * @category models
 */
export interface Delete<out Result, out R, N extends string, Row>
  extends Statement<Result, R>, Pipeable {
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
  where<R2 extends InScope<N>>(
    predicate: Value<boolean | null, R2>
  ): Delete<Result, R | ParamsIn<R2>, N, Row>
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
  returning(): Delete<Row, R, N, Row>
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
  ): Delete<RowIn<P, N>, R | ParamsIn<ProjectionNeeds<P>>, N, Row>
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
  ): Delete<number, ParamsIn<R2>, N, Row>
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
  everyRow(): Delete<number, never, N, Row>
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
    const { table, alias, where, returned, shape } = this.node
    const back = shape === null ? null : { fields: returned, shape }
    const first = where._tag === "Constant" && where.value === true
    const filter = filterOf(predicate, first, "deleteFrom")
    const both = first ? filter : S.and([where, filter], T.boolean)
    return new Command_(C.remove(table, alias, both, back), this.#from)
  }
  everyRow() {
    return this
  }
  returning(projection?: unknown) {
    const { table, alias, where } = this.node
    const back = projectionOf(projection === undefined ? this.#from : projection)
    return new Command_(C.remove(table, alias, where, back), this.#from)
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
export const deleteFrom = <N extends string, Row>(target: From<N, Row>): DeleteFrom<N, Row> => {
  const from = target[FromId]
  const table = asTable(from.source, "deleteFrom")
  return new Command_(C.remove(table, from.alias, S.constant(true, T.boolean)), target) as never
}
