import type { TableSource } from "../algebra/Source.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import type { Settlement } from "../mapping/flush/settle.ts"
import {
  keyRow,
  type KnownRef,
  type Row,
  type RowKey,
  rowKeyOf,
  rowKeyOfRow,
  rowOf,
  type RowRef
} from "../mapping/RowRef.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"
import { Believed } from "./Believed.ts"
import { joinedRow, says } from "./joinedRow.ts"
import { Kept } from "./Kept.ts"
import { isRekeying } from "./rekeying.ts"

/**
 * What a session knows, as one value: a savepoint keeps it, a rollback puts it back.
 *
 * **Shape** `rows` is what the database is believed to hold; `edits` what was done to a row since,
 * in order; `keys` the key each promised row has got, both by the id of the row's ref. Only the
 * newest state may be asked, for it is made out of the one before, unless that one is `kept`.
 */
export interface SessionState {
  readonly rows: Believed
  readonly edits: Kept<string, ReadonlyArray<Edit>>
  readonly keys: Kept<string, KnownRef>
  /** How many rows were removed since the last flush: edits after the first say it. */
  readonly removals: number
  /** The tables of its edits. */
  readonly edited: ReadonlySet<TableSource>
  /** Of those the ones of removed rows. */
  readonly removed: ReadonlySet<TableSource>
  /** Of those the ones with a change of what others may refer to by it. */
  readonly rekeyed: ReadonlySet<TableSource>
  /** All that was done since the last flush, taken back or not: of older and newer states alike. */
  readonly log: Array<Edit>
  /** How many flushes led here. */
  readonly flushes: number
  /** The tables it has written, by the edition of the last time. */
  readonly written: ReadonlyMap<TableSource, Edition>
  /**
   * Tables a command has written past the session, or whose rows were taken back with a savepoint:
   * older values of them prove nothing.
   */
  readonly outdated: ReadonlySet<string>
  /** Another one after each edit and each flush: maps that are written in place do not tell. */
  readonly edition: Edition
}

/** Told from others by its number alone. */
type Edition = number

let editions = 0
const newEdition = (): Edition => ++editions

const noTables: ReadonlySet<TableSource> = new Set()

/** Knows nothing, changes nothing. */
export const empty = (): SessionState => ({
  rows: new Believed(),
  edits: new Kept(),
  keys: new Kept(),
  removals: 0,
  edited: noTables,
  removed: noTables,
  rekeyed: noTables,
  log: [],
  flushes: 0,
  written: new Map(),
  outdated: new Set(),
  edition: newEdition()
})

/** The same state, which stays as it is whatever becomes of it later. */
export const kept = (state: SessionState): SessionState => {
  state.rows.kept()
  state.edits.kept()
  state.keys.kept()
  return state
}

const withRows = (state: SessionState, rows: Believed): SessionState =>
  rows === state.rows ? state : { ...state, rows }

/** The ref a row goes by now: a promised one is known once its insert was flushed. */
export const resolve = (state: SessionState, ref: RowRef): RowRef =>
  ref._tag === "Known" ? ref : (state.keys.get(ref.id) ?? ref)

/** The edits of one row since the last flush. */
export const editsOf = (state: SessionState, ref: RowRef): ReadonlyArray<Edit> =>
  state.edits.get(ref.id) ?? none
const none: ReadonlyArray<Edit> = []

const withEdits = (
  state: SessionState,
  edits: SessionState["edits"],
  edited: SessionState["edited"]
): SessionState => {
  const { flushes, keys, log, outdated, rekeyed, removals, removed, rows, written } = state
  const pending = { edits, removals, edited, removed, rekeyed, log }
  return { rows, keys, ...pending, flushes, written, outdated, edition: newEdition() }
}

/** With fewer edits than before. */
const withLess = (state: SessionState, edits: SessionState["edits"]): SessionState => {
  const edited = new Set<TableSource>()
  for (const [first] of edits.values()) edited.add(first!.ref.table)
  // A log of its own: who has read the one before sees that something was taken back.
  return withEdits({ ...state, log: [...state.log] }, edits, edited)
}

/** More things done to rows, in their order. */
export const editAll = (state: SessionState, all: ReadonlyArray<Edit>): SessionState => {
  let { edited, edits, rekeyed, removals, removed } = state
  for (let at = 0; at < all.length; at++) {
    const given = all[at]!
    const next = removals === 0 ? given : { ...given, removals }
    const { id, table } = next.ref
    const before = edits.get(id)
    edits = edits.with(id, before === undefined ? [next] : [...before, next])
    if (!edited.has(table)) edited = new Set([...edited, table])
    if (!rekeyed.has(table) && isRekeying(next)) rekeyed = new Set([...rekeyed, table])
    if (next._tag === "Remove") {
      removals++
      if (!removed.has(table)) removed = new Set([...removed, table])
    }
    state.log.push(next)
  }
  return all.length === 0
    ? state
    : { ...withEdits(state, edits, edited), rekeyed, removals, removed }
}

/** The last thing done to each of these rows is not done. */
export const undone = (state: SessionState, refs: ReadonlyArray<RowRef>): SessionState => {
  let { edits } = state
  for (const { id } of refs) {
    const left = edits.get(id)?.slice(0, -1) ?? none
    edits = edits.with(id, left.length === 0 ? null : left)
  }
  return withLess(state, edits)
}

/** Everything that was done since the last flush. */
export const allEdits = (state: SessionState): ReadonlyArray<Edit> => {
  const all: Array<Edit> = []
  for (const edits of state.edits.values()) for (const one of edits) all.push(one)
  return all
}

/** Is there something to flush? */
export const isPending = (state: SessionState): boolean => !state.edits.isEmpty()

/**
 * A row that was read, in part or whole: what it says replaces what was believed, and edits stay on
 * top. What it does not say is kept, unless its version tells that the row was written meanwhile.
 */
export const learn = (
  state: SessionState,
  table: TableSource,
  key: RowKey,
  row: Row
): SessionState => {
  const before = state.rows.row(table, key)
  return believe(state, table, key, before === undefined ? row : joinedRow(table, before, row))
}

/** The same of rows of a table that were read together, in which no key is null. */
export const learnAll = (
  state: SessionState,
  table: TableSource,
  rows: ReadonlyArray<Row>
): SessionState => withRows(state, state.rows.reading(table, rows))

/** What is believed of a row from now on; edits stay on top. */
export const believe = (
  state: SessionState,
  table: TableSource,
  key: RowKey,
  row: Row
): SessionState => withRows(state, state.rows.with(table, key, row))

/** Nothing is believed of this row any more; edits stay. */
export const without = (state: SessionState, ref: RowRef): SessionState =>
  withRows(state, state.rows.with(ref.table, rowKeyOf(ref), null))

/** Neither believed nor edited any more: as if the session had never met these rows. */
export const dropped = (before: SessionState, refs: Iterable<RowRef>): SessionState => {
  let state = before
  let { edits } = state
  for (const ref of refs) {
    state = without(state, ref)
    edits = edits.with(ref.id, null)
  }
  return withLess(state, edits)
}

/** A table by schema and name, as a compiled statement tells what it reads and writes. */
export const nameOf = ({ name, schema }: TableSource): string =>
  schema === null ? name : `${schema}.${name}`

/**
 * Rows that were read for a flush: what is known already stays, since edits were made against it.
 */
export const complete = (before: SessionState, rows: ReadonlyArray<KnownRow>): SessionState => {
  let state = before
  for (const { ref, row } of rows) {
    const key = rowKeyOf(ref)
    const known = state.rows.row(ref.table, key)
    if (known !== undefined && says(ref.table, known, row)) continue
    state = believe(state, ref.table, key, known === undefined ? row : rowOf(row, known))
  }
  return state
}

/** The tables a script may write: no name of one is empty. */
export const everything: ReadonlyArray<string> = [""]

/** Forgets the rows of tables that were written past the session, cascades of the database too. */
export const forget = (state: SessionState, written: ReadonlyArray<string>): SessionState => {
  const now = new Set(written)
  return {
    ...state,
    outdated: new Set([...state.outdated, ...written]),
    rows: state.rows.without((table) => follows(table, now))
  }
}

/**
 * The state a savepoint began with, once its rows are taken back: what was given of them since is
 * of no row there ever was.
 */
export const takenBack = (saved: SessionState, now: SessionState): SessionState => {
  const outdated = new Set([...saved.outdated, ...now.outdated])
  // A flush that is refused takes back what nobody was given.
  if (now.edition !== saved.edition) for (const { ref } of now.log) outdated.add(nameOf(ref.table))
  for (const [table, at] of now.written) if (at > saved.edition) outdated.add(nameOf(table))
  return outdated.size === saved.outdated.size ? saved : { ...saved, outdated }
}

/** May rows of this table be other than what was believed before a command past the session? */
export const isOutdated = (state: SessionState, table: TableSource): boolean =>
  state.outdated.size > 0 && follows(table, state.outdated)

const follows = (
  table: TableSource,
  written: ReadonlySet<string>,
  seen: ReadonlySet<TableSource> = new Set()
): boolean =>
  written.has("") ||
  written.has(nameOf(table)) ||
  table
    .foreignKeys()
    .some(
      ({ onDelete, onUpdate, target }) =>
        (isCascade(onDelete) || isCascade(onUpdate)) &&
        !seen.has(target) &&
        follows(target, written, new Set([...seen, table]))
    )

const isCascade = (action: string): boolean => action !== "no action" && action !== "restrict"

/**
 * What a row has come to: its newest known columns, `gone`, or `unknown` where nothing was read of
 * it.
 */
export type Standing =
  | { readonly _tag: "Here"; readonly row: Row; readonly isWhole: boolean }
  | { readonly _tag: "Gone" }
  | { readonly _tag: "Unknown" }

const unknown: Standing = { _tag: "Unknown" }
const gone: Standing = { _tag: "Gone" }

/** What the database is believed to hold of a row; undefined where nothing was read of it. */
export const believedOf = (state: SessionState, ref: RowRef): Row | undefined =>
  state.rows.row(ref.table, rowKeyOf(ref))

/** The newest state of a row, edits included. */
export const standing = (state: SessionState, ref: RowRef): Standing =>
  standingOver(state, ref, believedOf(state, ref))

/** The same, had the database this row. */
export const standingOver = (
  state: SessionState,
  ref: RowRef,
  row: Row | undefined,
  edits: ReadonlyArray<Edit> = editsOf(state, ref)
): Standing => {
  let now: Standing =
    row === undefined ? unknown : { _tag: "Here", row, isWhole: isWhole(ref.table, row) }
  for (const one of edits) now = after(now, one)
  return now
}

const after = (before: Standing, one: Edit): Standing => {
  if (one._tag === "Remove") return gone
  if (one._tag === "Put")
    return { _tag: "Here", row: { ...keyRow(one.ref), ...one.row }, isWhole: false }
  return patchedRow(before, one)
}

/** A row with an edit of its columns on top of what it has come to. */
export const patchedRow = (
  before: Standing,
  { ref, values }: Extract<Edit, { readonly _tag: "Patch" }>
): Extract<Standing, { readonly _tag: "Here" }> =>
  before._tag === "Here"
    ? { _tag: "Here", row: { ...before.row, ...values }, isWhole: before.isWhole }
    : { _tag: "Here", row: { ...keyRow(ref), ...values }, isWhole: false }

/** Is every column known that is not deferred? */
export const isWhole = (table: TableSource, row: Row): boolean => {
  for (const { key } of table.whole) if (row[key] === undefined) return false
  for (const { key } of table.queried) if (row[key] === undefined) return false
  return true
}

/** The state after a flush of all edits. */
export const settled = (
  state: SessionState,
  { keys, removed, written }: Settlement
): SessionState => {
  let { keys: known, rows } = state
  const tables = new Set<TableSource>()
  for (const ref of removed) {
    rows = rows.with(ref.table, rowKeyOf(ref), null)
    tables.add(ref.table)
  }
  for (const { ref, row } of written) {
    rows = rows.with(ref.table, rowKeyOf(ref), row)
    tables.add(ref.table)
  }
  for (const [id, ref] of keys) known = known.with(id, ref)
  const { flushes, outdated } = state
  const now = { ...empty(), rows, keys: known, outdated, flushes: flushes + 1 }
  return { ...now, written: writtenNow(state, now.edition, tables) }
}

/** The state after a command for one of its rows, which leaves it like this. */
export const computed = (
  state: SessionState,
  table: TableSource,
  rows: ReadonlyArray<Row>
): SessionState => {
  let now = state
  for (const row of rows) now = believe(now, table, rowKeyOfRow(table, row), row)
  const edition = newEdition()
  return { ...now, edition, written: writtenNow(state, edition, [table]) }
}

const writtenNow = (
  { written }: SessionState,
  edition: Edition,
  tables: Iterable<TableSource>
): SessionState["written"] => {
  const now = new Map(written)
  for (const table of tables) now.set(table, edition)
  return now
}
