import type { Command } from "./Command.ts"
import type { Ddl } from "./Ddl.ts"
import type { Relation } from "./Relation.ts"
import type { Scalar } from "./Scalar.ts"

declare const StatementId: unique symbol

/**
 * Any complete piece of SQL as data.
 *
 * @category models
 */
export type StatementNode = Relation | Command | Ddl

/**
 * An uncompiled query or command: a value that says what rows it gives and what it still needs.
 *
 * **Shape** `Row` is one result row; `R` what is still open: outer aliases it is correlated to and
 * `Param<name, A>`. Only `Param` may be left when it runs.
 *
 * @category models
 */
export interface Statement<out Row, out R = never> {
  readonly [StatementId]?: { readonly row: Row; readonly requires: R }
  readonly node: StatementNode
}

declare const noRows: unique symbol

/**
 * The row of a command without RETURNING: there is none to read. `run` gives how many it matched.
 *
 * @category models
 */
export type NoRows = typeof noRows

/** What a command says of its rows to who would read them. */
export interface Returns<out Result> {
  readonly "~rows by returning"?: Result
}

/** What every row is and `NoRows` is not. */
export type AnyRow = object | string | number | bigint | boolean | null

const schemaTags: Readonly<Record<Ddl["_tag"], true>> = {
  CreateTable: true,
  DropTable: true,
  CreateIndex: true,
  AddForeignKey: true,
  DropForeignKey: true,
  CreateView: true,
  DropView: true,
  RefreshView: true,
  CommentOn: true,
  CreateType: true,
  DropType: true,
  RunText: true,
  CreateSchema: true,
  DropSchema: true,
  CreateSequence: true,
  DropSequence: true
}

/** Whether a statement changes the schema. */
export const isDdl = (node: StatementNode | Scalar): node is Ddl =>
  Object.hasOwn(schemaTags, node._tag)

/** The row a statement gives. */
export type RowOf<S> = S extends Statement<infer Row, any> ? Row : never
