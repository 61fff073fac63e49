import { nodesOf, type ReferenceOptions, referring, ruled, type TableItem } from "./Constraint.ts"
import type { Value } from "../Value.ts"

type Columns = readonly [Value<any, any>, ...Array<Value<any, any>>]

/**
 * FOREIGN KEY of several columns to as many of another table, or of its own.
 *
 * **Shape** one column alone says `.references()` itself. The target is read when the schema is, so
 * tables may refer to each other.
 * **Errors** `StatementError` where the numbers of columns differ, when the schema is read.
 * **Source** SQL:2016 part 2, 11.8 referential constraint definition.
 *
 * @example
 * ```ts
 * import { Column, ForeignKey, Table } from "athanor"
 * const seats = Table.make("seats", {
 *   row: Column.integer().primaryKey(),
 *   place: Column.integer().primaryKey()
 * })
 * const tickets = Table.make("tickets", { row: Column.integer(), place: Column.integer() }, (c) =>
 * [
 *   ForeignKey.on([c.row, c.place], () => [seats.c.row, seats.c.place], { onDelete: "cascade" })
 * ])
 * ```
 * @category constructors
 */
export const on = (
  columns: Columns,
  target: () => Columns,
  options: ReferenceOptions = {}
): TableItem =>
  Object.freeze({
    _tag: "Reference",
    columns: nodesOf(columns),
    target,
    ...referring(options),
    ...ruled(options)
  })
