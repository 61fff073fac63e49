import type { Generator } from "../../algebra/Generator.ts"
import type { ColumnNode } from "../../algebra/Source.ts"
import { type Change, type ChangeSet, make } from "../ChangeSet.ts"
import { rowOf } from "../RowRef.ts"

/** Makes one client-side value: the only place where time and chance come in. */
export type Generate = (column: ColumnNode, generator: Generator) => unknown

const fillChange = (change: Change, generate: Generate): Change => {
  if (change._tag === "Delete") return change
  const given = change._tag === "Insert" ? change.row : change.set
  const made = rowOf()
  for (const column of change.ref.table.columns) {
    const generator = change._tag === "Insert" ? column.default : column.onUpdate
    if (generator === null || given[column.key] !== undefined) continue
    made[column.key] = generate(column, generator)
  }
  if (Object.keys(made).length === 0) return change
  return change._tag === "Insert"
    ? { ...change, row: rowOf(given, made) }
    : { ...change, set: rowOf(given, made) }
}

/**
 * The same changes with defaults in inserts and on-update values in updates that leave them out.
 *
 * **Shape** once a flush, after `diff`: an update that changes nothing must not get a new time.
 */
export const fill = (set: ChangeSet, generate: Generate): ChangeSet =>
  make(set.changes.map((change) => fillChange(change, generate)))
