import { type KeyOptions, nodesOf, ruled, type TableItem } from "./Constraint.ts"
import type { Value } from "../Value.ts"

/**
 * PRIMARY KEY over several columns, in their order.
 *
 * **Shape** one column alone says `.primaryKey()` itself. The columns are never NULL.
 * **Source** SQL:2016 part 2, 11.7 unique constraint definition.
 *
 * @example
 * ```ts
 * import { Column, PrimaryKey, Table } from "athanor"
 * const seats = Table.make("seats", { row: Column.integer(), place: Column.integer() }, (c) => [
 *   PrimaryKey.on(c.place, c.row)
 * ])
 * ```
 * @category constructors
 */
export const on = (...columns: Columns): TableItem => with_({}, ...columns)

type Columns = readonly [Value<any, any>, ...Array<Value<any, any>>]

/**
 * PRIMARY KEY under a name of its own, or with a comment.
 *
 * **Shape** MySQL and MariaDB call every primary key PRIMARY.
 * **Source** SQLAlchemy 2.0 `PrimaryKeyConstraint`.
 *
 * @example
 * ```ts
 * import { Column, PrimaryKey, Table } from "athanor"
 * const seats = Table.make("seats", { row: Column.integer(), place: Column.integer() }, (c) => [
 *   PrimaryKey.with({ name: "one_seat" }, c.place, c.row)
 * ])
 * ```
 * @category constructors
 */
const with_ = (options: KeyOptions, ...columns: Columns): TableItem =>
  Object.freeze({
    _tag: "PrimaryKey",
    columns: nodesOf(columns),
    conflict: options.sqlite?.onConflict ?? null,
    ...ruled(options)
  })
export { with_ as with }
