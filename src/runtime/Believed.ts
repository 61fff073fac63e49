import type { TableSource } from "../algebra/Source.ts"
import {
  placeOfId,
  refUnder,
  type Row,
  type RowKey,
  rowKeyOf,
  type RowRef
} from "../mapping/RowRef.ts"
import type { KnownRows, KnownRow } from "../mapping/KnownRows.ts"

/** What one layer says of one table. */
interface TableRows {
  readonly table: TableSource
  /** Null: nothing is believed of this row, whatever the layers below say. */
  readonly rows: Map<RowKey, Row | null>
  /** The layers below say nothing of this table any more. */
  isAll: boolean
}

/**
 * The rows a session believes the database to hold: a value, at the price of a plain map.
 *
 * **Shape** layers, the newest on top. What is written changes the top layer in place, so only the
 * newest value may be asked; whoever wants one to stay as it is asks for it `kept`, and what is
 * written later goes into a layer of its own. Keeping folds layers into those above that have
 * grown to half their size: layers, and copies of one row, are as many as the logarithm of rows.
 * **Laws** a kept value stays equal to a plain map of the same writes. To the planner it is one: a
 * `KnownRows`.
 */
export class Believed implements KnownRows {
  readonly #tables = new Map<number, TableRows>()
  #below: Believed | null
  #isKept = false
  /** Programs ask for row after row of one table. */
  #last: TableRows | undefined

  constructor(below: Believed | null = null) {
    this.#below = below
  }

  /** What is believed of a row. */
  row(table: TableSource, key: RowKey): Row | undefined {
    const own = this.#rowsOf(table)
    const row = own?.rows.get(key)
    if (row !== undefined) return row ?? undefined
    return this.#below === null || own?.isAll === true ? undefined : this.#below.row(table, key)
  }

  /** With a row of this key; null where nothing is to be believed of it. */
  with(table: TableSource, key: RowKey, row: Row | null): Believed {
    const top = this.#writable()
    const { rows } = top.#rowsOf(table) ?? top.#begin(table)
    if (row === null && top.#below === null) rows.delete(key)
    else rows.set(key, row)
    return top
  }

  /** Without the tables of which this says so. */
  without(isForgotten: (table: TableSource) => boolean): Believed {
    const known = this.tables()
    const top = this.#writable()
    for (const table of known) {
      if (!isForgotten(table)) continue
      const own = top.#rowsOf(table) ?? top.#begin(table)
      own.rows.clear()
      own.isAll = true
    }
    return top
  }

  /** From now on this value stays as it is. */
  kept(): Believed {
    if (!this.#isKept) {
      this.#isKept = true
      this.#fold()
    }
    return this
  }

  get(id: string): KnownRow | undefined {
    const place = placeOfId(id)
    for (const layer of this.#layers()) {
      const table = layer.#tables.get(place.table)?.table
      if (table === undefined) continue
      const row = this.row(table, place.key)
      return row === undefined ? undefined : { ref: refUnder(table, place.key, row), row }
    }
    return undefined
  }
  rowOf(ref: RowRef): Row | undefined {
    return this.row(ref.table, rowKeyOf(ref))
  }
  *rowsOf(table: TableSource): Generator<KnownRow, undefined> {
    for (const layer of this.#layers()) {
      const own = layer.#rowsOf(table)
      if (own !== undefined) yield* this.#foundIn(layer, own)
    }
  }
  tables(): ReadonlySet<TableSource> {
    const tables = new Set<TableSource>()
    for (const layer of this.#layers())
      for (const { rows, table } of layer.#tables.values()) if (rows.size > 0) tables.add(table)
    return tables
  }
  has(id: string): boolean {
    return this.get(id) !== undefined
  }
  get size(): number {
    let count = 0
    for (const _ of this.#found()) count++
    return count
  }
  *values(): Generator<KnownRow, undefined> {
    yield* this.#found()
  }
  *keys(): Generator<string, undefined> {
    for (const { ref } of this.#found()) yield ref.id
  }
  *entries(): Generator<[string, KnownRow], undefined> {
    for (const one of this.#found()) yield [one.ref.id, one]
  }
  [Symbol.iterator](): Generator<[string, KnownRow], undefined> {
    return this.entries()
  }
  forEach(f: (row: KnownRow, id: string, map: KnownRows) => void): void {
    for (const one of this.#found()) f(one, one.ref.id, this)
  }

  *#found(): Generator<KnownRow, undefined> {
    for (const layer of this.#layers()) {
      for (const own of layer.#tables.values()) yield* this.#foundIn(layer, own)
    }
  }

  *#foundIn(layer: Believed, { rows, table }: TableRows): Generator<KnownRow, undefined> {
    for (const [key, row] of rows) {
      if (row !== null && this.#owner(table, key) === layer)
        yield { ref: refUnder(table, key, row), row }
    }
  }

  /** The layer whose word about a row counts. */
  #owner(table: TableSource, key: RowKey): Believed | null {
    for (const layer of this.#layers()) {
      const own = layer.#rowsOf(table)
      if (own !== undefined && (own.isAll || own.rows.has(key))) return layer
    }
    return null
  }

  *#layers(): Generator<Believed, undefined> {
    yield this
    if (this.#below !== null) yield* this.#below.#layers()
  }

  #rowsOf(table: TableSource): TableRows | undefined {
    if (this.#last?.table === table) return this.#last
    const found = this.#tables.get(table.id)
    if (found !== undefined) this.#last = found
    return found
  }

  #begin(table: TableSource): TableRows {
    const begun: TableRows = { table, rows: new Map(), isAll: this.#below === null }
    this.#tables.set(table.id, begun)
    return (this.#last = begun)
  }

  #writable(): Believed {
    if (!this.#isKept) return this
    return new Believed(this.#tables.size === 0 ? this.#below : this)
  }

  /** How much a layer says. */
  #weight(): number {
    let weight = 0
    for (const { rows } of this.#tables.values()) weight += 1 + rows.size
    return weight
  }

  /** Takes over what the layers below say, while they are not much larger. */
  #fold(): void {
    let weight = this.#weight()
    let below = this.#below
    while (below !== null && below.#weight() <= 2 * weight) {
      for (const older of below.#tables.values()) this.#takeOver(older)
      below = below.#below
      weight = this.#weight()
    }
    this.#below = below
    if (below === null) this.#settle()
  }

  #takeOver({ isAll, rows, table }: TableRows): void {
    const own = this.#rowsOf(table)
    if (own === undefined) {
      const begun = this.#begin(table)
      begun.isAll = isAll
      for (const [key, row] of rows) begun.rows.set(key, row)
      return
    }
    if (own.isAll) return
    own.isAll = isAll
    for (const [key, row] of rows) if (!own.rows.has(key)) own.rows.set(key, row)
  }

  /** Nothing is below: there is nothing to deny. */
  #settle(): void {
    for (const own of this.#tables.values()) {
      own.isAll = true
      for (const [key, row] of own.rows) if (row === null) own.rows.delete(key)
    }
  }
}
