import { nodesOf, type TableItem } from "./Constraint.ts"
import type { Value } from "./Value.ts"

type Columns = readonly [Value<any, any>, ...Array<Value<any, any>>]

/**
 * An index over columns, in their order.
 *
 * **Shape** its name is made of the table's and the columns' names.
 * **Source** the CREATE INDEX page of each server's manual; SQLAlchemy 2.0 `Index`.
 *
 * @example
 * ```ts
 * import { Column, Index, Table } from "athanor"
 * const columns = { id: Column.id(), authorId: Column.integer(), status: Column.varchar(20) }
 * const posts = Table.make("posts", columns, (c) => [Index.on(c.authorId, c.status)])
 * ```
 * @category constructors
 */
export const on = (...columns: Columns): TableItem => item(columns, false, null)

/**
 * An index over columns under a name of its own.
 *
 * @example
 * ```ts
 * import { Column, Index, Table } from "athanor"
 * const columns = { id: Column.id(), authorId: Column.integer() }
 * const posts = Table.make("posts", columns, (c) => [Index.named("by_author", c.authorId)])
 * ```
 * @category constructors
 */
export const named = (name: string, ...columns: Columns): TableItem => item(columns, false, name)

const item = (columns: Columns, unique: boolean, name: string | null): TableItem =>
  Object.freeze({ _tag: "Index", columns: nodesOf(columns), unique, name })
