import { refuse } from "../algebra/StatementError.ts"
import type { TableSource } from "../algebra/Source.ts"
import { bareRow, compare, format, isBare, type Row, type RowRef } from "./RowRef.ts"

/** A new row. Columns it leaves out are made by the server. */
export interface Insert {
  readonly _tag: "Insert"
  readonly ref: RowRef
  readonly row: Row
  /** Columns that are NULL, and were not before the row was written. */
  readonly left?: ReadonlySet<string>
}

/**
 * New values for columns of a row; `before` is what is known of it. Where the row goes and another
 * comes under its key, that is `instead`, as it came: what hangs on the one that goes goes with it.
 */
export interface Update {
  readonly _tag: "Update"
  readonly ref: RowRef
  readonly before: Row
  readonly set: Row
  readonly instead?: Row
  /** Columns that are NULL again, and held something in between: nothing of it was written. */
  readonly left?: ReadonlySet<string>
}

/**
 * A row that goes. One that was never there, promised or `isNew`, takes its new children with it:
 * `expand` drops it. One that is `takenBy` another has no statement of its own: the database
 * deletes it with that row.
 */
export interface Delete {
  readonly _tag: "Delete"
  readonly ref: RowRef
  readonly before: Row
  readonly isNew?: boolean
  readonly takenBy?: RowRef
}

/** What happens to one row of one table. */
export type Change = Insert | Update | Delete

/**
 * What changed, as data: at most one change a row, except a delete and an insert of one key.
 *
 * **Shape** frozen and canonical: by table, then key, then delete before insert. Two change sets of
 * the same changes are the same list, whatever order they were made in.
 *
 * @category models
 */
export interface ChangeSet {
  readonly changes: ReadonlyArray<Change>
}

const kinds = { Delete: 0, Update: 1, Insert: 2 } as const

/** Tables by schema and name: an order that does not depend on when they were declared. */
export const compareTables = (left: TableSource, right: TableSource): number => {
  if (left === right) return 0
  const a = `${left.schema ?? ""}.${left.name}`
  const b = `${right.schema ?? ""}.${right.name}`
  if (a !== b) return a < b ? -1 : 1
  return left.id - right.id
}

/** Of one table. */
const compareChanges = (left: Change, right: Change): number =>
  compare(left.ref, right.ref) || kinds[left._tag] - kinds[right._tag]

/** Made by an earlier `make`. */
const isWhole = (change: Change): boolean =>
  change._tag === "Insert"
    ? isBare(change.row)
    : isBare(change.before) && (change._tag === "Delete" || isBare(change.set))

const frozen = (change: Change): Change => {
  if (Object.isFrozen(change) && isWhole(change)) return change
  if (change._tag === "Insert") return Object.freeze({ ...change, row: bareRow(change.row) })
  const before = bareRow(change.before)
  return Object.freeze(
    change._tag === "Delete"
      ? { ...change, before }
      : { ...change, before, set: bareRow(change.set) }
  )
}

/** Most changes come in order already: rows are read by key, and added one after the other. */
const sorted = (changes: Array<Change>): Array<Change> => {
  for (let i = 1; i < changes.length; i++) {
    if (compareChanges(changes[i - 1]!, changes[i]!) > 0) return changes.sort(compareChanges)
  }
  return changes
}

const canonical = (changes: ReadonlyArray<Change>): Array<Change> => {
  const byTable = new Map<TableSource, Array<Change>>()
  changes.forEach((change) => {
    const { table } = change.ref
    const own = byTable.get(table)
    if (own === undefined) byTable.set(table, [change])
    else own.push(change)
  })
  if (byTable.size === 1) return [...byTable.values()].flatMap(sorted)
  const tables = [...byTable.keys()].toSorted(compareTables)
  return tables.flatMap((table) => sorted(byTable.get(table)!))
}

const isSame = (left: RowRef, right: RowRef): boolean =>
  left.table === right.table &&
  (left._tag === "Promised" && right._tag === "Promised"
    ? left.promise === right.promise
    : left.id === right.id)

/**
 * The change set of these changes.
 *
 * **Errors** `StatementError` where two of them contradict each other on one row.
 *
 * @category constructors
 */
export const make = (changes: Iterable<Change>): ChangeSet => ofBare(Array.from(changes, frozen))

/** The same of changes that are frozen, and whose rows are bare. */
export const ofBare = (changes: ReadonlyArray<Change>): ChangeSet => {
  const all = canonical(changes)
  for (let i = 1; i < all.length; i++) {
    const last = all[i - 1]!
    const next = all[i]!
    const isSwitch = last._tag === "Delete" && next._tag === "Insert"
    if (isSame(last.ref, next.ref) && !isSwitch) refuse(`${format(next.ref)} changes twice`)
  }
  return Object.freeze({ changes: Object.freeze(all) })
}

/** The change set of changes that stand as `make` has put them: each of one row of another set. */
export const inOrder = (changes: ReadonlyArray<Change>): ChangeSet =>
  Object.freeze({ changes: Object.freeze(changes) })

/** Does it change nothing? */
export const isEmpty = (set: ChangeSet): boolean => set.changes.length === 0
