import * as Context from "effect/Context"
import type { TableSource } from "../algebra/Source.ts"
import type { Row } from "../mapping/RowRef.ts"
import type { SessionState } from "./SessionState.ts"

/** What stands in other databases than the one a session is on. */
export interface Beside {
  /** Is no row of this table here? */
  readonly isAway: (table: TableSource) => boolean
  /** May rows of this table that hold these cells stand in another one? */
  readonly isAlso: (table: TableSource, cells: Row) => boolean
  /** Is it seen to what these changes take with them there? */
  readonly isSeenTo: (state: SessionState) => boolean
}

/** A session by itself: everything is here. */
export const alone: Beside = {
  isAway: () => false,
  isAlso: () => false,
  isSeenTo: () => true
}

/** What stands beside the database of a session. */
export const Elsewhere: Context.Reference<Beside> = Context.Reference<Beside>(
  "athanor/Databases/Elsewhere",
  { defaultValue: () => alone }
)
