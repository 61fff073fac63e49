import { refuse } from "../algebra/StatementError.ts"
import type { TableSource } from "../algebra/Source.ts"
import { tupleOf } from "./flush/tuple.ts"
import { ofRow, type Row, type RowKey, type RowRef } from "./RowRef.ts"

/** A row as the database is believed to hold it. */
export interface KnownRow {
  readonly ref: RowRef
  readonly row: Row
}

/**
 * What the database is believed to hold: the rows somebody has read or written, by the id of their
 * ref. A row may be known in part; a row that is not here may well exist.
 *
 * @category models
 */
export type KnownRows = ReadonlyMap<string, KnownRow> & Partial<ByTable>

/** Rows that are found without a text of their key being made: there may be thousands. */
export interface ByTable {
  readonly tables: () => Iterable<TableSource>
  readonly rowOf: (ref: RowRef) => Row | undefined
  readonly rowsOf: (table: TableSource) => Iterable<KnownRow>
  readonly holding: Holding
}

/** The rows of a table by what they hold in some columns, those of nulls under null. */
export type Holding = (
  table: TableSource,
  columns: ReadonlyArray<string>
) => ReadonlyMap<RowKey | null, ReadonlyArray<KnownRow>>

/** What is known of a row. */
export const rowIn = (rows: KnownRows, ref: RowRef): Row | undefined =>
  rows.rowOf === undefined ? rows.get(ref.id)?.row : rows.rowOf(ref)

/** The rows of one table. */
export const rowsIn = (rows: KnownRows, table: TableSource): Iterable<KnownRow> =>
  rows.rowsOf?.(table) ?? [...rows.values()].filter(({ ref }) => ref.table === table)

/** The tables that rows are known of. */
export const tablesIn = (rows: KnownRows): Iterable<TableSource> =>
  rows.tables?.() ?? new Set([...rows.values()].map(({ ref }) => ref.table))

/** Rows by what they hold: each table is looked through once for the columns that are asked for. */
export const holdingIn = (rows: KnownRows): Holding => {
  if (rows.holding !== undefined) return (table, columns) => rows.holding!(table, columns)
  const found = new Map<string, ReturnType<Holding>>()
  return (table, columns) => {
    const place = `${table.id} ${columns.join()}`
    let held = found.get(place)
    if (held === undefined) {
      held = Map.groupBy(rowsIn(rows, table), ({ row }) => tupleOf(table, columns, row))
      found.set(place, held)
    }
    return held
  }
}

/** Rows that hold their keys. */
export const make = (
  rows: Iterable<{ readonly table: TableSource; readonly row: Row }>
): KnownRows => {
  const known = new Map<string, KnownRow>()
  for (const { table, row } of rows) {
    const ref = ofRow(table, row) ?? refuse(`a row of "${table.name}" without its key`)
    known.set(ref.id, { ref, row })
  }
  return known
}

/** Knows nothing. */
export const empty: KnownRows = new Map()
