import { isServerMade } from "./serverMade.ts"
import { cellOf } from "./assigned.ts"
import { columnList } from "./columnList.ts"
import { isExpr } from "./Expression.ts"
import { left, settable } from "./leftOut.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { RowLists, ValueList } from "./rowLists.ts"
import type { ColumnNode, TableSource } from "./Source.ts"

type Given = Readonly<Record<string, unknown>>

/** What an insert has of many rows: their columns, or their cells where not all are values. */
export interface ManyRows {
  readonly columns: ReadonlyArray<string>
  readonly cells: ReadonlyArray<Scalar>
  readonly lists: RowLists | null
}

/** Fewer rows are their cells at once: nothing is saved by making them later. */
const fewest = 100

/** Columns some row gives or a default fills; the rest is the server's to make. */
export const manyRows = (table: TableSource, rows: ReadonlyArray<Given>): ManyRows => {
  const given = givenBy(table, rows)
  const columns = table.columns.filter(
    (column) => given.has(column.key) || column.default !== null || !isServerMade(column)
  )
  const keys = columnList(
    table,
    columns.map((column) => column.key)
  )
  const isLong = rows.length >= fewest && columns.length > 0
  const lists = isLong ? valuesOf(table, columns, rows, given) : null
  return lists === null
    ? { columns: keys, cells: cellsOf(table, columns, rows), lists }
    : { columns: keys, cells: [], lists }
}

const givenBy = (table: TableSource, rows: ReadonlyArray<Given>): ReadonlySet<string> => {
  const given = new Set<string>()
  let before: ReadonlyArray<string> = []
  /** Whether a row with the same keys may give more. */
  let mayGive = true
  for (const row of rows) {
    if (!mayGive && hasKeys(row, before)) continue
    before = Object.keys(row)
    mayGive = false
    for (const key of before) {
      settable(table, key)
      if (row[key] !== undefined) given.add(key)
      else if (!given.has(key)) mayGive = true
    }
  }
  return given
}

/** Only of a plain object is it known that a loop meets its own keys and no others. */
const isPlain = (row: Given): boolean => Object.getPrototypeOf(row) === Object.prototype

/** Whether a row has these keys in this order; false where it may. */
const hasKeys = (row: Given, keys: ReadonlyArray<string>): boolean => {
  if (!isPlain(row)) return false
  let at = 0
  for (const key in row) if (key !== keys[at++]) return false
  return at === keys.length
}

const valueOf = (row: Given, key: string): unknown =>
  Object.hasOwn(row, key) ? row[key] : undefined

const cellsOf = (
  table: TableSource,
  columns: ReadonlyArray<ColumnNode>,
  rows: ReadonlyArray<Given>
): ReadonlyArray<Scalar> =>
  rows.flatMap((row) =>
    columns.map((column) => {
      const value = valueOf(row, column.key)
      return value !== undefined
        ? cellOf(value, column)
        : (left(table, column) ?? S.byDefault(column, column.type))
    })
  )

/** Null where some cell is an expression, or is made later and others of its column are given. */
const valuesOf = (
  table: TableSource,
  columns: ReadonlyArray<ColumnNode>,
  rows: ReadonlyArray<Given>,
  given: ReadonlySet<string>
): RowLists | null => {
  const arePlain = rows.every(isPlain)
  const lists: Array<RowLists["lists"][number]> = []
  for (const column of columns) {
    if (!given.has(column.key) && column.default !== null) {
      lists.push(S.generated(column.default, column.type))
      continue
    }
    // What a plain object inherits is none of its values.
    const areOwn = arePlain && !(column.key in Object.prototype)
    const list = listOf(table, column, rows, areOwn)
    if (list === null) return null
    lists.push(list)
  }
  return { lists, rowCount: rows.length, types: columns.map(({ written }) => written) }
}

const listOf = (
  table: TableSource,
  column: ColumnNode,
  rows: ReadonlyArray<Given>,
  areOwn: boolean
): ValueList | null => {
  const { key } = column
  const list = new Array<unknown>(rows.length)
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    const value = areOwn ? row[key] : valueOf(row, key)
    if (value === undefined) {
      if (left(table, column)?._tag !== "Bound") return null
      list[at] = null
    } else if (typeof value === "object" && isExpr(value)) return null
    else list[at] = value
  }
  return list
}
