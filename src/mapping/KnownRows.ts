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
export type KnownRows = ReadonlyMap<string, KnownRow>

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
