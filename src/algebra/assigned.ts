import { isExpr, type Ordering } from "./Expression.ts"
import type { Direction } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { countOf } from "./countOfRows.ts"
import { isServerSet } from "./serverMade.ts"
import type { ColumnNode, TableSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import type { Value } from "./Value.ts"

/** Columns and their new values, one to one. */
export interface Assigned {
  readonly columns: ReadonlyArray<string>
  readonly values: ReadonlyArray<Scalar>
}

/** A column an update may set. */
export const assignable = (table: TableSource, key: string): ColumnNode => {
  const column = table.byKey.get(key)
  if (column === undefined) return refuse(`update: "${table.name}" has no column "${key}"`)
  if (column.computed !== null)
    return refuse(`update: "${key}" of "${table.name}" is computed by the database`)
  if (isServerSet(column, "update"))
    return refuse(`update: "${key}" of "${table.name}" is set by the server`)
  return column.writeOnce
    ? refuse(`update: "${key}" of "${table.name}" is never changed after insert`)
    : column
}

/** A value for a column: bound, an expression, or the server's default under the column's type. */
export const cellOf = (value: unknown, column: ColumnNode): Scalar => {
  if (!isExpr(value)) return S.bound(value, column.written)
  return value.node._tag === "Default" ? S.byDefault(column, column.type) : value.node
}

/** The new values somebody gives. `undefined` is absence. */
export const given = (table: TableSource, changes: Readonly<Record<string, unknown>>): Assigned => {
  const keys = Object.keys(changes)
  const columns = keys
    .map((key) => assignable(table, key))
    .filter(({ key }) => changes[key] !== undefined)
  return {
    columns: columns.map(({ key }) => key),
    values: columns.map((column) => cellOf(changes[column.key], column))
  }
}

/** One more update of the row, where it counts them. */
export const counted = (table: TableSource, alias: string): Assigned => {
  const column = table.columns.find(({ version }) => version === "counter")
  if (column === undefined) return none
  const before = S.ref(alias, table, [column.key], column.type)
  const value = S.arith("add", before, S.constant(1, column.type), column.type)
  return { columns: [column.key], values: [value] }
}

export const none: Assigned = Object.freeze({ columns: [], values: [] })

/** A column as it is: SET of nothing no server takes, and an update of nothing has rows as well. */
const unchanged = (table: TableSource, alias: string): Assigned => {
  const free = table.columns.filter(
    (one) => one.computed === null && !one.writeOnce && !one.identity && !isServerSet(one, "update")
  )
  const column = free.find(({ key }) => !table.primaryKey.includes(key)) ?? free[0]
  return column === undefined
    ? refuse(`update: no column of "${table.name}" can be changed`)
    : { columns: [column.key], values: [S.ref(alias, table, [column.key], column.type)] }
}

/**
 * What every update writes beside what it is given: `onUpdate` and the version; where that is
 * nothing, what is there.
 */
export const atUpdate = (
  table: TableSource,
  alias: string,
  { columns, values }: Assigned
): Assigned => {
  const made = table.columns.filter(
    ({ key, onUpdate }) => onUpdate !== null && !columns.includes(key)
  )
  const version = counted(table, alias)
  if (columns.length + made.length + version.columns.length === 0) return unchanged(table, alias)
  return {
    columns: [...columns, ...made.map(({ key }) => key), ...version.columns],
    values: [
      ...values,
      ...made.map(({ onUpdate, type }) => S.generated(onUpdate!, type)),
      ...version.values
    ]
  }
}

/** The first rows by an order. */
export interface FirstRows {
  readonly order: ReadonlyArray<Scalar>
  readonly directions: ReadonlyArray<Direction>
  readonly limit: Scalar
}

export const firstRows = (
  count: unknown,
  keys: ReadonlyArray<Ordering<unknown> | Value<unknown, unknown>>,
  asked: string
): FirstRows => {
  if (keys.length === 0) return refuse(`${asked}: the first rows by no order`)
  const sorted = keys.map((key) => (isExpr(key) ? key.asc() : (key as Ordering<unknown>)))
  return {
    order: sorted.map(({ node }) => node),
    directions: sorted.map(({ direction, nulls }) => ({ direction, nulls })),
    limit: countOf(count, asked)
  }
}
