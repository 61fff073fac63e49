import { refuse } from "../algebra/StatementError.ts"
import type { TableSource } from "../algebra/Source.ts"
import { ofRow, type Row, type RowRef } from "./RowRef.ts"

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
}

/** What is known of a row. */
export const rowIn = (rows: KnownRows, ref: RowRef): Row | undefined =>
  rows.rowOf === undefined ? rows.get(ref.id)?.row : rows.rowOf(ref)

/** The rows of one table. */
export const rowsIn = (rows: KnownRows, table: TableSource): Iterable<KnownRow> =>
  rows.rowsOf?.(table) ?? [...rows.values()].filter(({ ref }) => ref.table === table)

/** The tables that rows are known of. */
export const tablesIn = (rows: KnownRows): Iterable<TableSource> =>
  rows.tables?.() ?? new Set([...rows.values()].map(({ ref }) => ref.table))

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
