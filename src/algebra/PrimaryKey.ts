import { nodesOf, type TableItem } from "./Constraint.ts"
import type { Value } from "./Value.ts"

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
export const on = (...columns: readonly [Value<any, any>, ...Array<Value<any, any>>]): TableItem =>
  Object.freeze({ _tag: "PrimaryKey", columns: nodesOf(columns), name: null })
