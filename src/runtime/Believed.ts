import type { TableSource } from "../algebra/Source.ts"
import { sameCell } from "../mapping/flush/canonical.ts"
import { tupleOf } from "../mapping/flush/tuple.ts"
import type { Holding, KnownRow, KnownRows } from "../mapping/KnownRows.ts"
import {
  placeOfId,
  refUnder,
  type Row,
  type RowKey,
  rowKeyOf,
  rowKeyOfRow,
  type RowRef
} from "../mapping/RowRef.ts"
import { joinedRow } from "./joinedRow.ts"
import { Kept } from "./Kept.ts"

type Held = ReturnType<Holding>
const nothing: Held = new Map()

/** What is believed of one table. */
interface TableRows {
  readonly table: TableSource
  /** The column that counts versions. */
  readonly version: TableSource["columns"][number] | undefined
  rows: Kept<RowKey, Row>
  /** The versions rows were of before, where they are of others now. */
  past: Kept<RowKey, ReadonlyArray<unknown>>
  /** Rows that were read after those and that nobody has asked for yet. */
  unasked: Array<ReadonlyArray<Row>>
  /** By the columns that somebody asked for; null since another row was believed. */
  holding: Map<string, Held> | null
}

/** More lists of rows are put to the others: they may hold one row often. */
const mostUnasked = 32

/** What a row was of is remembered when it comes to be of another version. */
const put = (own: TableRows, key: RowKey, row: Row | null): void => {
  const { version } = own
  if (version !== undefined && row !== null) {
    const was = own.rows.get(key)?.[version.key]
    const is = row[version.key]
    if (was !== undefined && is !== undefined && !sameCell(version.type, was, is))
      own.past = own.past.with(key, [...(own.past.get(key) ?? []), was])
  }
  own.rows = own.rows.with(key, row)
}

const met = (own: TableRows): TableRows => {
  const { table, unasked } = own
  if (unasked.length === 0) return own
  own.unasked = []
  for (const rows of unasked)
    for (const row of rows) {
      const key = rowKeyOfRow(table, row)
      const before = own.rows.get(key)
      put(own, key, before === undefined ? row : joinedRow(table, before, row))
    }
  return own
}

/**
 * The rows a session believes the database to hold: a value, at the price of a plain map.
 *
 * **Shape** a `Kept` map for each table: only the newest value may be asked, unless one is `kept`.
 * Rows that were read together are found by their keys once somebody asks: most programs never do.
 * **Laws** a kept value stays equal to a plain map of the same writes. To the planner it is one: a
 * `KnownRows`.
 */
export class Believed implements KnownRows {
  readonly #tables: Map<number, TableRows>
  #isKept = false
  /** Programs ask for row after row of one table. */
  #last: TableRows | undefined

  constructor(tables: Iterable<TableRows> = []) {
    this.#tables = new Map(
      Array.from(tables, (own) => [own.table.id, { ...met(own), unasked: [] }])
    )
  }

  /** What is believed of a row. */
  row(table: TableSource, key: RowKey): Row | undefined {
    return this.#rowsOf(table)?.rows.get(key)
  }

  /** With a row of this key; null where nothing is to be believed of it. */
  with(table: TableSource, key: RowKey, row: Row | null): Believed {
    const top = this.#isKept ? new Believed(this.#tables.values()) : this
    const own = top.#rowsOf(table) ?? top.#begin(table)
    put(own, key, row)
    own.holding = null
    return top
  }

  /** Is it a row of a version that was never believed of it? */
  isStrange(table: TableSource, key: RowKey, given: Row): boolean {
    const own = this.#rowsOf(table)
    if (own?.version === undefined) return false
    const { past, rows, version } = own
    const [was, is] = [given[version.key], rows.get(key)?.[version.key]]
    if (was === undefined || is === undefined) return false
    return ![is, ...(past.get(key) ?? [])].some((one) => sameCell(version.type, was, one))
  }

  /** With rows that were read together; a key of theirs is never null. */
  reading(table: TableSource, rows: ReadonlyArray<Row>): Believed {
    const top = this.#isKept ? new Believed(this.#tables.values()) : this
    const own = top.#tables.get(table.id) ?? top.#begin(table)
    if (own.unasked.push(rows) >= mostUnasked) met(own)
    own.holding = null
    return top
  }

  /** The rows of a table by what they hold in these columns: looked through once. */
  holding(table: TableSource, columns: ReadonlyArray<string>): Held {
    const own = this.#rowsOf(table)
    if (own === undefined) return nothing
    const place = columns.join()
    let found = own.holding?.get(place)
    if (found === undefined) {
      found = Map.groupBy(this.rowsOf(table), ({ row }) => tupleOf(table, columns, row))
      own.holding = (own.holding ?? new Map<string, Held>()).set(place, found)
    }
    return found
  }

  /** Without the tables of which this says so. */
  without(isForgotten: (table: TableSource) => boolean): Believed {
    return new Believed([...this.#tables.values()].filter(({ table }) => !isForgotten(table)))
  }

  /** From now on this value stays as it is. */
  kept(): this {
    this.#isKept = true
    for (const own of this.#tables.values()) {
      met(own).rows.kept()
      own.past.kept()
    }
    return this
  }

  get(id: string): KnownRow | undefined {
    const { key, table } = placeOfId(id)
    const own = this.#tables.get(table)
    const row = own === undefined ? undefined : met(own).rows.get(key)
    return row === undefined ? undefined : { ref: refUnder(own!.table, key, row), row }
  }
  rowOf(ref: RowRef): Row | undefined {
    return this.row(ref.table, rowKeyOf(ref))
  }
  *rowsOf(table: TableSource): Generator<KnownRow, undefined> {
    for (const [key, row] of this.#rowsOf(table)?.rows ?? [])
      yield { ref: refUnder(table, key, row), row }
  }
  tables(): ReadonlySet<TableSource> {
    const known = [...this.#tables.values()].filter((own) => !met(own).rows.isEmpty())
    return new Set(known.map(({ table }) => table))
  }
  has(id: string): boolean {
    return this.get(id) !== undefined
  }
  get size(): number {
    let count = 0
    for (const _ of this.values()) count++
    return count
  }
  *values(): Generator<KnownRow, undefined> {
    for (const { table } of this.#tables.values()) yield* this.rowsOf(table)
  }
  *keys(): Generator<string, undefined> {
    for (const { ref } of this.values()) yield ref.id
  }
  *entries(): Generator<[string, KnownRow], undefined> {
    for (const one of this.values()) yield [one.ref.id, one]
  }
  [Symbol.iterator](): Generator<[string, KnownRow], undefined> {
    return this.entries()
  }
  forEach(f: (row: KnownRow, id: string, map: KnownRows) => void): void {
    for (const one of this.values()) f(one, one.ref.id, this)
  }

  #rowsOf(table: TableSource): TableRows | undefined {
    if (this.#last?.table !== table) this.#last = this.#tables.get(table.id)
    return this.#last === undefined ? undefined : met(this.#last)
  }

  #begin(table: TableSource): TableRows {
    const version = table.columns.find((column) => column.version !== false)
    const none = { rows: new Kept<RowKey, Row>(), past: new Kept<RowKey, ReadonlyArray<unknown>>() }
    const begun: TableRows = { table, version, ...none, unasked: [], holding: null }
    this.#tables.set(table.id, begun)
    return (this.#last = begun)
  }
}
