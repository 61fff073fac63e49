import { refuse } from "../algebra/StatementError.ts"
import type { TableSource } from "../algebra/Source.ts"
import { ofRow, type Row, type RowRef } from "./RowRef.ts"

/** A row as the database is believed to hold it. */
export interface SnapshotRow {
  readonly ref: RowRef
  readonly row: Row
}

/**
 * What the database is believed to hold: the rows somebody has read or written, by the id of their
 * ref. A row may be known in part; a row that is not here may well exist.
 *
 * @category models
 */
export type Snapshot = ReadonlyMap<string, SnapshotRow>

/** A snapshot of rows that hold their keys. */
export const make = (
  rows: Iterable<{ readonly table: TableSource; readonly row: Row }>
): Snapshot => {
  const snapshot = new Map<string, SnapshotRow>()
  for (const { table, row } of rows) {
    const ref = ofRow(table, row) ?? refuse(`a row of "${table.name}" without its key`)
    snapshot.set(ref.id, { ref, row })
  }
  return snapshot
}

/** Knows nothing. */
export const empty: Snapshot = new Map()
