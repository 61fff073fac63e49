import type { Capabilities } from "../../algebra/Dialect.ts"
import type { SnapshotColumn, SnapshotForeignKey, SnapshotTable } from "../../algebra/Snapshot.ts"

/** What of a table is not said by the source, in words, and of which column. */
export type Say = (column: string | null, message: string) => void

/** A table that is printed: what it is called in TypeScript, and how its columns are. */
export interface Printed {
  readonly table: SnapshotTable
  readonly identifier: string
  readonly keys: ReadonlyMap<string, string>
}

/** What a table's text is made of. */
export interface Surroundings {
  readonly capabilities: Capabilities
  readonly targetOf: (key: SnapshotForeignKey) => Printed | null
  readonly say: Say
}

/** Whether a column is the key that `Column.id` is. */
export const identityIn = (
  table: SnapshotTable,
  column: SnapshotColumn,
  dialect: string
): boolean =>
  column.identity === (dialect === "postgres" ? "by default" : "auto") &&
  column.sql?._tag === "Integer" &&
  table.primaryKey?.columns.join("\u0000") === column.name
