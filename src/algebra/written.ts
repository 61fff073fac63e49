import { columnList, sameKeys } from "./columnList.ts"
import type { Returning } from "./Command.ts"
import { isExpr } from "./Expression.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { ColumnNode, TableSource } from "./Source.ts"

/** Where one written cell comes from: a value of the row, or what stands there in every row. */
export interface Cell {
  readonly column: ColumnNode
  /** Position among what was given; -1 where `fixed` stands. */
  readonly at: number
  readonly fixed: Scalar | null
}

/**
 * What a command writes for every row with the same keys: programs build the same command again and
 * again with other values, and what does not depend on those is made once.
 */
export interface Shape {
  readonly table: TableSource
  readonly given: ReadonlyArray<string>
  readonly columns: ReadonlyArray<string>
  readonly at: ReadonlyArray<number>
  readonly fixed: ReadonlyArray<Scalar | null>
  readonly types: ReadonlyArray<Scalar["type"]>
  readonly keys: ReadonlyArray<string>
  /** The cells are what is given, in that order. */
  readonly isGiven: boolean
  /** Every cell is a bound value, unless an expression is given; no rule is over several. */
  readonly isBound: boolean
  /** The table counts the updates of its rows. */
  readonly isCounted: boolean
  /** Keys of updates, by the keys of their conditions. */
  readonly updates: Map<string, string>
  /** The key of the last insert: what it gives back seldom changes. */
  last: { readonly back: Returning | null; readonly key: string } | null
}

/** What one row writes: a value for each cell where all are bound, else the cells. */
export interface Written {
  readonly shape: Shape
  readonly values: ReadonlyArray<unknown> | null
  readonly cells: ReadonlyArray<Scalar> | null
}

/** The cells of a row: of plain values they are made when a node is. */
export const cellsOf = ({ cells, shape, values }: Written): ReadonlyArray<Scalar> =>
  cells ?? boundCells(shape, values!)

const boundCells = (
  { keys, types }: Shape,
  values: ReadonlyArray<unknown>
): ReadonlyArray<Scalar> => {
  const cells = new Array<Scalar>(values.length)
  for (let i = 0; i < values.length; i++) cells[i] = S.bound(values[i], types[i]!, keys[i])
  return cells
}

type Given = Readonly<Record<string, unknown>>

/** Checks a key, and says what is written for a list of them. */
export interface Rules {
  readonly check: (table: TableSource, key: string) => unknown
  readonly cells: (table: TableSource, given: ReadonlyArray<string>) => ReadonlyArray<Cell>
}

/** Writes rows by rules of one command. `undefined` is absence. */
export const writer = (rules: Rules): ((table: TableSource, row: Given) => Written) => {
  const shapes = new WeakMap<ReadonlyArray<string>, Shape>()
  let last: Shape | null = null

  const shapeOf = (table: TableSource, keys: ReadonlyArray<string>): Shape => {
    if (last !== null && last.table === table && sameKeys(last.given, keys)) return last
    for (const key of keys) rules.check(table, key)
    const given = columnList(table, keys)
    let shape = shapes.get(given)
    if (shape === undefined) {
      shapes.set(given, (shape = makeShape(table, given, rules.cells(table, given))))
    }
    return (last = shape)
  }

  return (table, row) => {
    if (last !== null && last.table === table) {
      const values = inTurn(last.given, row)
      if (values !== null) return fill(last, values)
    }
    let keys = Object.keys(row)
    let values = Object.values(row)
    if (values.includes(undefined)) {
      for (const key of keys) rules.check(table, key)
      keys = keys.filter((_, i) => values[i] !== undefined)
      values = values.filter((value) => value !== undefined)
    }
    return fill(shapeOf(table, keys), values)
  }
}

/** The values of a row with these keys in this order and all of them there; else null. */
const inTurn = (given: ReadonlyArray<string>, row: Given): Array<unknown> | null => {
  // Only of a plain object is it known that a loop meets its own keys and no others.
  if (Object.getPrototypeOf(row) !== Object.prototype) return null
  const values = new Array<unknown>(given.length)
  let at = 0
  for (const key in row) {
    const value = row[key]
    if (key !== given[at] || value === undefined) return null
    values[at++] = value
  }
  return at === given.length ? values : null
}

/** `values` is ours: where every cell is one of them in turn, it is the list of cells' values. */
const fill = (shape: Shape, values: Array<unknown>): Written => {
  if (!shape.isBound || holdExpr(values))
    return { shape, values: null, cells: mixed(shape, values) }
  return { shape, values: shape.isGiven ? values : inPlace(shape, values), cells: null }
}

const holdExpr = (values: ReadonlyArray<unknown>): boolean => {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value === "object" && isExpr(value)) return true
  }
  return false
}

const mixed = ({ at, fixed, keys, types }: Shape, values: Array<unknown>): ReadonlyArray<Scalar> =>
  at.map((from, i) => {
    const value = values[from]
    return from < 0 ? fixed[i]! : isExpr(value) ? value.node : S.bound(value, types[i]!, keys[i])
  })

const inPlace = ({ at, fixed }: Shape, values: Array<unknown>): ReadonlyArray<unknown> =>
  at.map((from, i) => (from < 0 ? (fixed[i] as S.Bound).value : values[from]))

const makeShape = (
  table: TableSource,
  given: ReadonlyArray<string>,
  cells: ReadonlyArray<Cell>
): Shape => {
  const keys = cells.map((cell) => cell.column.key)
  return {
    table,
    given,
    columns: columnList(table, keys),
    at: cells.map((cell) => cell.at),
    fixed: cells.map((cell) => cell.fixed),
    types: cells.map((cell) => cell.column.written),
    keys: cells.map((cell) => S.boundKey(cell.column.written)),
    isGiven: cells.length === given.length && cells.every((cell, i) => cell.at === i),
    isBound:
      cells.every(({ fixed }) => fixed === null || fixed._tag === "Bound") &&
      table.rules().length === 0,
    isCounted: table.columns.some(({ version }) => version === "counter"),
    updates: new Map(),
    last: null
  }
}
