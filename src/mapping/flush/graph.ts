import type { Change } from "../ChangeSet.ts"
import type { TableFacts } from "../ConstraintModel.ts"
import type { Row, RowRef } from "../RowRef.ts"

/**
 * The way of one row from before to after: one move, or several where a ring had to be broken.
 *
 * **Shape** `early` and `late` columns are null for a while; `parts` are the columns of an update,
 * one list a statement. Lives inside one call of `plan`; breaking a ring only ever refines it.
 */
export interface RowWay {
  readonly change: Change
  readonly facts: TableFacts
  readonly before: Row | null
  readonly after: Row | null
  /** Not null where the row has a version to check at its first write. */
  readonly version: string | null
  early: ReadonlyArray<string>
  late: ReadonlyArray<string>
  parts: ReadonlyArray<ReadonlyArray<string>>
}

/** One write to one row: what it was, and what it comes to by the columns that are written. */
export interface Written {
  readonly ref: RowRef
  readonly from: Row | null
  readonly to: Row | null
}

/** The same with what it must wait for: `to` is the whole row. */
export interface Move extends Written {
  readonly at: number
  readonly way: RowWay
  readonly kind: "insert" | "update" | "delete"
  readonly purpose: "change" | "release" | "fill"
  readonly columns: ReadonlyArray<string>
  /** Checks and counts the version. */
  readonly isGuarded: boolean
  readonly out: Array<Edge>
  readonly into: Array<Edge>
}

/** Why one move waits for another; the four rules and a row's own order. */
export type EdgeKind = "key" | "release" | "slot" | "promise" | "row"

/** `from` runs before `to`. */
export interface Edge {
  readonly kind: EdgeKind
  readonly from: Move
  readonly to: Move
  /** The constraint's name, for printing. */
  readonly constraint: string
  /** Columns of `from` that make it come first. */
  readonly outColumns: ReadonlyArray<string>
  /** Columns of `to` that make it wait. */
  readonly inColumns: ReadonlyArray<string>
}
