import type { Catalog } from "../../algebra/schema/Catalog.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import { isServerSet } from "../../algebra/serverMade.ts"
import type { ColumnNode, ForeignKey, TableSource } from "../../algebra/Source.ts"
import { dependencyOrder } from "../../compile/schema/dependencyOrder.ts"
import { boundsOf } from "./bounds.ts"
import { type Choices, choicesOf } from "./Choices.ts"
import { valueOf } from "./values.ts"

/** A value that the server makes: that of a column of another row, once it is there. */
export class Made {
  readonly table: string
  readonly row: number
  readonly column: string
  constructor(table: string, row: number, column: string) {
    this.table = table
    this.row = row
    this.column = column
  }
}

/** A row by keys; columns that the server fills are left out. */
export type SeedRow = Readonly<Record<string, unknown>>

/** What is told of a row once all rows are there: keys that close a ring. */
export interface Late {
  readonly row: number
  readonly set: SeedRow
}

/** Rows of one table. */
export interface SeedTable {
  readonly table: TableSource
  readonly rows: ReadonlyArray<SeedRow>
  readonly late: ReadonlyArray<Late>
}

/** A table that has fewer rows than were asked for, and why. */
export interface Unfilled {
  readonly table: string
  readonly reason: string
}

/** Rows for each table, those first that others refer to. */
export interface Rows {
  readonly tables: ReadonlyArray<SeedTable>
  readonly unfilled: ReadonlyArray<Unfilled>
}

/** Values of columns, by `table.column`, instead of those by type. */
export type Givers = Readonly<Record<string, (row: number, choices: Choices) => unknown>>

/** How many rows, from what. */
export interface Asked {
  readonly rows: number
  readonly from: number | ReadonlyArray<number>
  readonly values: Givers
}

type Cells = Record<string, unknown>

const attempts = 50

/** What tells two values apart that a server takes for different ones. */
const identityOf = (value: unknown, { type }: ColumnNode): string =>
  value instanceof Made
    ? `made ${value.table} ${value.row} ${value.column}`
    : value === null
      ? "null"
      : JSON.stringify(type.codec.json.encode(value))

/** Columns no two rows agree on. */
interface Alone {
  readonly columns: ReadonlyArray<string>
  /** Two NULLs agree. */
  readonly nullsEqual: boolean
}

const columnsOf = (
  parts: ReadonlyArray<{ readonly scalar: Scalar }>
): ReadonlyArray<string> | null => {
  const keys = parts.flatMap(({ scalar }) => (scalar._tag === "Ref" ? [scalar.path.join(".")] : []))
  return keys.length === parts.length ? keys : null
}

/**
 * What must be told once. A condition would let more rows be; of what is no column, the server
 * judges.
 */
const aloneOf = (table: TableSource): ReadonlyArray<Alone> => [
  ...(table.primaryKey.length === 0 ? [] : [{ columns: table.primaryKey, nullsEqual: false }]),
  ...table.uniques(),
  ...table.indexes().flatMap(({ nullsEqual, parts, unique }) => {
    const columns = unique ? columnsOf(parts) : null
    return columns === null ? [] : [{ columns, nullsEqual }]
  }),
  ...table.exclusions().flatMap(({ parts }) => {
    const columns = parts.every(({ operator }) => operator === "=") ? columnsOf(parts) : null
    return columns === null ? [] : [{ columns, nullsEqual: false }]
  })
]

/** One table's rows in the making. */
class Filling {
  readonly rows: Array<Cells> = []
  readonly late: Array<Late> = []
  readonly #table: TableSource
  readonly #taken: ReadonlyArray<Alone & { readonly seen: Set<string> }>

  constructor(table: TableSource) {
    this.#table = table
    this.#taken = aloneOf(table).map((one) => ({ ...one, seen: new Set<string>() }))
  }

  /** The row as each unique constraint sees it; null where a NULL makes it like no other. */
  #keysOf(cells: Cells): ReadonlyArray<string | null> {
    const { byKey } = this.#table
    return this.#taken.map(({ columns, nullsEqual }) => {
      const parts = columns.map((key) => cells[key] ?? null)
      return !nullsEqual && parts.some((value) => value === null)
        ? null
        : parts.map((value, at) => identityOf(value, byKey.get(columns[at]!)!)).join()
    })
  }

  /** Keeps a row, unless it would clash with one that is kept. */
  keep(cells: Cells): boolean {
    const keys = this.#keysOf(cells)
    if (keys.some((key, at) => key !== null && this.#taken[at]!.seen.has(key))) return false
    keys.forEach((key, at) => key !== null && this.#taken[at]!.seen.add(key))
    this.rows.push(cells)
    return true
  }

  /** Changes a row that is kept, unless it would clash then. */
  change(row: number, set: Cells): boolean {
    const before = this.#keysOf(this.rows[row]!)
    const after = this.#keysOf({ ...this.rows[row]!, ...set })
    const clashes = after.some(
      (key, at) => key !== null && key !== before[at] && this.#taken[at]!.seen.has(key)
    )
    if (clashes) return false
    before.forEach((key, at) => key !== null && this.#taken[at]!.seen.delete(key))
    after.forEach((key, at) => key !== null && this.#taken[at]!.seen.add(key))
    this.rows[row] = { ...this.rows[row]!, ...set }
    this.late.push({ row, set })
    return true
  }
}

/** The value of a column of a row that is there, as another row refers to it. */
const referred = (target: TableSource, rows: ReadonlyArray<Cells>, row: number, key: string) =>
  target.byKey.get(key)!.identity ? new Made(nameOf(target), row, key) : (rows[row]![key] ?? null)

export const nameOf = ({ name, schema }: TableSource): string =>
  schema === null ? name : `${schema}.${name}`

/** Cells of a foreign key that refers to a row; null where one of them is set to another value. */
const cellsTo = (
  { columns, target, targetColumns }: ForeignKey,
  rows: ReadonlyArray<Cells>,
  row: number,
  cells: Cells,
  table: TableSource
): Cells | null => {
  const set: Cells = {}
  for (const [at, key] of columns.entries()) {
    const value = referred(target, rows, row, targetColumns[at]!)
    const before = cells[key]
    const column = table.byKey.get(key)!
    if (value === null) return null
    if (
      before !== undefined &&
      (before === null || identityOf(before, column) !== identityOf(value, column))
    )
      return null
    set[key] = value
  }
  return set
}

/** A row to refer to, from a drawn one on; null where none fits. */
const chosen = (
  key: ForeignKey,
  rows: ReadonlyArray<Cells>,
  cells: Cells,
  table: TableSource,
  choices: Choices,
  apart: number
): Cells | null => {
  if (rows.length === 0) return null
  const first = choices.next(rows.length) + apart
  for (let step = 0; step < rows.length; step++) {
    const set = cellsTo(key, rows, (first + step) % rows.length, cells, table)
    if (set !== null) return set
  }
  return null
}

/** One row, first what it refers to, then all else; or why there is none. */
const rowOf = (
  table: TableSource,
  filled: ReadonlyMap<TableSource, Filling>,
  { values }: Asked,
  choices: Choices,
  apart: number
): Cells | string => {
  const cells: Cells = {}
  const bounds = boundsOf(table)
  const own = filled.get(table)!.rows
  for (const key of table.foreignKeys()) {
    const nodes = key.columns.map((column) => table.byKey.get(column)!)
    const isOpen = ({ key: column, nullable }: ColumnNode): boolean =>
      nullable && (cells[column] ?? null) === null
    const mayBeNull = key.match === "full" ? nodes.every(isOpen) : nodes.some(isOpen)
    const isNone = mayBeNull && choices.next(4) === 0
    const rows = filled.get(key.target)?.rows ?? []
    const set = isNone ? null : chosen(key, rows, cells, table, choices, apart)
    if (set !== null) Object.assign(cells, set)
    else if (mayBeNull) {
      for (const { key: column, nullable } of nodes)
        if (nullable && cells[column] === undefined) cells[column] = null
    } else if (key.target === table && own.length === 0 && !isMadeBy(key)) continue
    else return `no row of "${nameOf(key.target)}" is there to refer to`
  }
  for (const column of table.columns) {
    const { computed, identity, key, name, nullable, type } = column
    const isMade = identity || computed !== null || isServerSet(column, "insert")
    if (isMade || cells[key] !== undefined) continue
    const giver = values[`${nameOf(table)}.${name}`]
    if (giver === undefined && nullable && choices.next(5) === 4) {
      cells[key] = null
      continue
    }
    const value =
      giver === undefined
        ? valueOf(type, choices, bounds.get(key), apart)
        : giver(own.length + apart, choices)
    if (value !== undefined) cells[key] = value
    else if (nullable) cells[key] = null
    else if (column.serverDefault === null && column.default === null)
      return (
        `nothing says what values "${name}" of type ${type.key} may have: ` +
        `give them as values["${nameOf(table)}.${name}"]`
      )
  }
  // The first row of a table whose rows refer to each other refers to itself.
  for (const key of table.foreignKeys())
    if (key.target === table)
      key.columns.forEach((column, at) => {
        if (own.length === 0 && !table.byKey.get(column)!.nullable && !isMadeBy(key))
          cells[column] = cells[key.targetColumns[at]!]
      })
  return cells
}

/** Whether the server makes what a key refers to. */
const isMadeBy = ({ target, targetColumns }: ForeignKey): boolean =>
  targetColumns.some((column) => target.byKey.get(column)!.identity)

const fill = (
  table: TableSource,
  filled: Map<TableSource, Filling>,
  asked: Asked,
  choices: Choices
): string | null => {
  const filling = new Filling(table)
  filled.set(table, filling)
  const count = choices.count(asked.rows)
  for (let row = 0; row < count; row++) {
    let why: string | null = "no value is left that no other row has"
    for (let apart = 0; apart < attempts; apart++) {
      const cells = rowOf(table, filled, asked, choices, apart)
      if (typeof cells === "string") {
        why = cells
        break
      }
      if (filling.keep(cells)) {
        why = null
        break
      }
    }
    if (why !== null) return why
  }
  return null
}

/** Rings are closed once all rows are there: by rows that can be told apart. */
const close = (
  table: TableSource,
  closing: ReadonlyArray<ForeignKey>,
  filled: ReadonlyMap<TableSource, Filling>,
  choices: Choices
): void => {
  const filling = filled.get(table)!
  if (table.primaryKey.length === 0) return
  for (const key of closing) {
    const isFree = key.columns.every(
      (column) => table.byKey.get(column)!.nullable && !table.primaryKey.includes(column)
    )
    const rows = filled.get(key.target)?.rows ?? []
    if (!isFree) continue
    for (const [row, cells] of filling.rows.entries()) {
      if (key.columns.some((column) => cells[column] !== null) || choices.next(4) === 0) continue
      const set = chosen(key, rows, {}, table, choices, 0)
      if (set !== null) filling.change(row, set)
    }
  }
}

/**
 * Rows for the tables of a catalog.
 *
 * **Laws** a foreign key refers to a row that is there, a unique key is told once, what must not be
 * NULL is not; the same numbers make the same rows.
 */
export const rowsOf = ({ tables }: Pick<Catalog, "tables">, asked: Asked): Rows => {
  const choices = choicesOf(asked.from)
  const filled = new Map<TableSource, Filling>()
  const unfilled: Array<Unfilled> = []
  const order = dependencyOrder(tables)
  for (const { table } of order) {
    const reason = fill(table, filled, asked, choices)
    if (reason !== null) unfilled.push({ table: nameOf(table), reason })
  }
  for (const { forward, table } of order) close(table, forward, filled, choices)
  return {
    tables: order.map(({ table }) => {
      const { late, rows } = filled.get(table)!
      // What is told late is not told at first.
      const early = rows.map((cells) => ({ ...cells }))
      for (const { row, set } of late) for (const key of Object.keys(set)) early[row]![key] = null
      return { table, rows: early, late }
    }),
    unfilled
  }
}
