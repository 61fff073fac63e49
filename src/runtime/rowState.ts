import type { Change } from "../mapping/ChangeSet.ts"
import { diff } from "../mapping/flush/diff.ts"
import { rowKeyOf, type RowRef } from "../mapping/RowRef.ts"
import type { EntityState } from "./SessionReports.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"

/** What the edits of one row come to, by themselves. */
export const ownChanges = (state: SessionState, ref: RowRef): ReadonlyArray<Change> =>
  diff(state.rows, State.editsOf(state, ref)).changes

export const stateOfChange = (change: Change): EntityState => {
  if (change._tag === "Insert") return "new"
  if (change._tag === "Update") return "changed"
  return change.isNew === true || change.ref._tag === "Promised" ? "unknown" : "deleted"
}

/** Where a session stands with a row. */
export const stateOfRow = (state: SessionState, ref: RowRef): EntityState => {
  const changes = ownChanges(state, ref)
  const last = changes.at(-1)
  if (last !== undefined) return stateOfChange(last)
  return state.rows.row(ref.table, rowKeyOf(ref)) === undefined ? "unknown" : "known"
}
