import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as C from "./Command.ts"
import type { Command } from "./Command.ts"
import { filterOf } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import * as S from "./Scalar.ts"
import { asTable } from "./Source.ts"
import type { Statement } from "./Statement.ts"
import * as T from "./types.ts"
import type { InScope, ParamsIn, Value } from "./Value.ts"

declare const DeleteId: unique symbol

/**
 * DELETE: which rows go.
 *
 * **Shape** `Result` is one row of `returning`; without it the statement gives the number of rows.
 * **Source** SQL:2016 part 2, 14.9 delete statement.
 *
 * @category models
 */
export interface Delete<out Result, out R, N extends string, Row>
  extends Statement<Result, R>, Pipeable {
  readonly node: Command
  readonly [DeleteId]?: { readonly table: N; readonly row: Row }
  /** Keeps to the rows for which the predicate is TRUE; twice is AND. */
  where<R2 extends InScope<N>>(
    predicate: Value<boolean | null, R2>
  ): Delete<Result, R | ParamsIn<R2>, N, Row>
  /** Gives back the whole row as it was. */
  returning(): Delete<Row, R, N, Row>
  /** Gives back an expression or a record of them, of each removed row. */
  returning<const P extends ProjectionIn<N>>(
    projection: P
  ): Delete<RowIn<P, N>, R | ParamsIn<ProjectionNeeds<P>>, N, Row>
}

/** A DELETE that must say which rows: a filter, or every row by name. */
export interface DeleteFrom<N extends string, Row> {
  /** The rows for which the predicate is TRUE. */
  where<R2 extends InScope<N>>(
    predicate: Value<boolean | null, R2>
  ): Delete<number, ParamsIn<R2>, N, Row>
  /** Every row of the table. */
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
    const back = projectionOf(projection === undefined ? this.#from : projection, new Set())
    return new Command_(C.remove(table, alias, where, back), this.#from)
  }
}

/**
 * DELETE FROM a table or an entity.
 *
 * **Shape** a delete of every row says so: `.everyRow()`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * const posts = Table.make("posts", { id: Column.id(), views: Column.integer() })
 * Query.deleteFrom(posts).where(posts.c.views.eq(0))
 * ```
 * @category constructors
 */
export const deleteFrom = <N extends string, Row>(target: From<N, Row>): DeleteFrom<N, Row> => {
  const from = target[FromId]
  const table = asTable(from.source, "deleteFrom")
  return new Command_(C.remove(table, from.alias, S.constant(true, T.boolean)), target) as never
}
