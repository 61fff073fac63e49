import { isServerMade } from "../../algebra/serverMade.ts"
import { refuse } from "../../algebra/StatementError.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { type Change, type ChangeSet, ofBare } from "../ChangeSet.ts"
import { bareRow, isBare, format, keyRow, type Row, rowOf, type RowRef } from "../RowRef.ts"
import { type KnownRows, rowIn } from "../KnownRows.ts"
import { sameCell } from "./canonical.ts"

/** The order between rows that one edit says: how many rows were removed before, if any. */
interface Placed {
  readonly removals?: number
}

/**
 * One thing done to one row.
 *
 * **Shape** `Put` makes a row. After a `Remove` of the same key it becomes an update of that row,
 * unless `isOther` says that it is of another type. `Patch` changes columns of a row, read or not;
 * one that `isForced` is written even where it says what is believed.
 */
export type Edit = Placed &
  (
    | { readonly _tag: "Put"; readonly ref: RowRef; readonly row: Row; readonly isOther?: boolean }
    | {
        readonly _tag: "Patch"
        readonly ref: RowRef
        readonly values: Row
        readonly isForced?: boolean
      }
    | { readonly _tag: "Remove"; readonly ref: RowRef }
  )

/** What a row has come to, edit by edit. */
interface Course {
  readonly ref: RowRef
  /** Undefined where nothing of the row is known. */
  readonly base: Row | undefined
  isRemoved: boolean
  put: Row | null
  /** What was put, where it was removed again: its children are found by it. */
  was: Row | null
  patch: Record<string, unknown>
  /** Columns to be written whatever is believed of them. */
  forced: Set<string> | null
  isOther: boolean
  /** Columns that are NULL now and were not before: a child may be nobody's by it. */
  left: Set<string> | null
  /** Its first edit made it: the database has never had it. */
  isNew: boolean
}

/** A value that was read has more than columns: what was loaded with it. */
const columnsIn = ({ columns }: TableSource, row: Row): Row => {
  const cells = rowOf()
  columns.forEach(({ key }) => {
    const cell = row[key]
    if (cell !== undefined) cells[key] = cell
  })
  return cells
}

/** What is known of a row, its columns alone. */
const baseOf = (before: KnownRows, ref: RowRef): Row | undefined => {
  const row = rowIn(before, ref)
  return row === undefined || isBare(row) ? row : columnsIn(ref.table, row)
}

const isThere = (ref: RowRef): string => `${format(ref)} is added, but it is there already`

const begin = (ref: RowRef, base: Row | undefined): Course => ({
  ref,
  base,
  isRemoved: false,
  put: null,
  was: null,
  patch: rowOf(),
  forced: null,
  isOther: false,
  left: null,
  isNew: false
})

/** Notes which columns become NULL that were not, or are something again. */
const leave = (course: Course, values: Row): void => {
  const { base, patch, put } = course
  for (const key in values) {
    const now = values[key]
    if (now === null) {
      const last = put === null ? (patch[key] === undefined ? base?.[key] : patch[key]) : put[key]
      if (last !== null && last !== undefined) (course.left ??= new Set()).add(key)
    } else if (now !== undefined) course.left?.delete(key)
  }
}

const follow = (course: Course, edit: Edit): void => {
  if (edit._tag !== "Patch") course.left = null
  else if (course.put !== null || !course.isRemoved) leave(course, edit.values)
  if (edit._tag === "Put") {
    if (course.put !== null) refuse(isThere(edit.ref))
    course.isNew ||= !course.isRemoved
    course.put = bareRow(edit.row)
    course.isOther = edit.isOther === true
  } else if (edit._tag === "Patch") {
    if (course.put !== null) course.put = rowOf(course.put, edit.values)
    else if (course.isRemoved) refuse(`${format(edit.ref)} is changed after it was removed`)
    else {
      Object.assign(course.patch, edit.values)
      if (edit.isForced === true)
        course.forced = new Set([...(course.forced ?? []), ...Object.keys(edit.values)])
    }
  } else {
    course.isRemoved = true
    course.was = course.put
    course.put = null
    course.patch = rowOf()
    course.forced = null
  }
}

/** The columns whose content differs from what is believed. */
const changed = (
  table: TableSource,
  base: Row,
  values: Row,
  forced: ReadonlySet<string> | null
): Row => {
  const set = rowOf()
  for (const key of Object.keys(values)) {
    const value = values[key]
    const column = table.byKey.get(key) ?? refuse(`"${table.name}" has no column "${key}"`)
    if (value === undefined) continue
    if (forced?.has(key) === true || !sameCell(column.type, base[key], value)) set[key] = value
  }
  return set
}

const update = (
  ref: RowRef,
  before: Row,
  values: Row,
  forced: ReadonlySet<string> | null = null,
  left: ReadonlySet<string> | null = null
): ReadonlyArray<Change> => {
  const set = changed(ref.table, before, values, forced)
  if (left !== null && left.size > 0)
    return [Object.freeze({ _tag: "Update", ref, before, set, left })]
  return Object.keys(set).length === 0 ? [] : [Object.freeze({ _tag: "Update", ref, before, set })]
}

/** A new row over a removed one as values of every column, or null where the server makes some. */
const asSwitch = (table: TableSource, row: Row): Row | null => {
  const values = rowOf(row)
  for (const column of table.columns) {
    if (values[column.key] !== undefined || column.version !== false) continue
    const isMade = column.default !== null || isServerMade(column)
    if (isMade || !column.nullable) return null
    values[column.key] = null
  }
  return values
}

const end = ({
  base,
  forced,
  isNew,
  isOther,
  isRemoved,
  left,
  patch,
  put,
  ref,
  was
}: Course): ReadonlyArray<Change> => {
  const before = base ?? keyRow(ref)
  if (put === null) {
    if (isRemoved && isNew)
      return [Object.freeze({ _tag: "Delete", ref, before: rowOf(before, was ?? {}), isNew })]
    if (isRemoved) return [Object.freeze({ _tag: "Delete", ref, before })]
    if (ref._tag === "Promised") refuse(`${format(ref)} is changed, but it was never added`)
    return update(ref, before, patch, forced, left)
  }
  const insert: Change =
    left === null || left.size === 0
      ? Object.freeze({ _tag: "Insert", ref, row: put })
      : Object.freeze({ _tag: "Insert", ref, row: put, left })
  if (!isRemoved || isNew || ref._tag === "Promised") return [insert]
  return isOther
    ? [Object.freeze({ _tag: "Delete", ref, before }), insert]
    : instead(ref, before, put)
}

/** A row comes under the key of one that goes: one update where all of its columns are known. */
export const instead = (ref: RowRef, before: Row, put: Row): ReadonlyArray<Change> => {
  const values = asSwitch(ref.table, put)
  if (values === null)
    return [
      Object.freeze({ _tag: "Delete", ref, before }),
      Object.freeze({ _tag: "Insert", ref, row: put })
    ]
  const set = changed(ref.table, before, values, null)
  return [Object.freeze({ _tag: "Update", ref, before, set, instead: put })]
}

/** Does it write anything? A row that comes as the one before it was does not. */
export const isWritten = (change: Change): boolean =>
  change._tag !== "Update" ||
  (change.instead === undefined && change.left === undefined) ||
  Object.keys(change.set).length > 0

/** A new row that was edited no more. */
const putOnce = ({ ref, row }: Extract<Edit, { readonly _tag: "Put" }>): Change =>
  Object.freeze({ _tag: "Insert", ref, row: bareRow(row) })

/** What becomes of a row that was changed or removed once. */
const once = (before: KnownRows, edit: Edit): ReadonlyArray<Change> => {
  const { ref } = edit
  const base = baseOf(before, ref)
  if (edit._tag === "Patch" && edit.isForced !== true && ref._tag === "Known")
    return update(ref, base ?? keyRow(ref), edit.values)
  const course = begin(ref, base)
  follow(course, edit)
  return end(course)
}

/**
 * What these edits change in what the database is believed to hold.
 *
 * **Shape** edits of one row are taken in their order; the order between rows is irrelevant. A
 * patch back to the believed value disappears; a delete and an insert of one key become one update,
 * unless the types differ or the server has values to make. Removing a new row leaves a delete of
 * its promise, for `expand` to carry on to its children and to drop.
 * **Laws** `diff(s, []) = []`; `diff(settle(s, plan, resolved), the same edits) = []`: L37.
 * **Errors** `StatementError` for edits that contradict each other or name no column.
 */
export const diff = (before: KnownRows, edits: Iterable<Edit>): ChangeSet => {
  const rows = Map.groupBy(edits, ({ ref }) => ref.id)
  for (const [first] of rows.values())
    if (first?._tag === "Put" && rowIn(before, first.ref) !== undefined) refuse(isThere(first.ref))
  const { changes } = diffRows(before, rows.values())
  return ofBare(changes.filter(isWritten))
}

/**
 * The same of edits row by row, those of each row in their order, for `expand`.
 *
 * **Shape** a new row may be over one that is there: that goes with another, or the database says
 * that it stays. One that comes just as the one before it was is an update of nothing.
 */
export const diffRows = (before: KnownRows, rows: Iterable<ReadonlyArray<Edit>>): ChangeSet => {
  const changes: Array<Change> = []
  for (const edits of rows) {
    const first = edits[0]!
    if (edits.length > 1) {
      const course = begin(first.ref, baseOf(before, first.ref))
      edits.forEach((edit) => follow(course, edit))
      changes.push(...end(course))
    } else if (first._tag === "Put") changes.push(putOnce(first))
    else changes.push(...once(before, first))
  }
  return ofBare(changes)
}

/** The edits that lead from some known rows to others. */
export const between = (before: KnownRows, now: KnownRows): ReadonlyArray<Edit> => {
  const edits: Array<Edit> = []
  for (const [id, { ref }] of before) if (!now.has(id)) edits.push({ _tag: "Remove", ref })
  for (const [id, { ref, row }] of now) {
    edits.push(before.has(id) ? { _tag: "Patch", ref, values: row } : { _tag: "Put", ref, row })
  }
  return edits
}
