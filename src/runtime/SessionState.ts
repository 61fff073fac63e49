import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import type { TableSource } from "../algebra/Source.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import type { Settlement } from "../mapping/flush/settle.ts"
import { keyRow, type KnownRef, type Row, type RowRef } from "../mapping/RowRef.ts"
import type { Snapshot, SnapshotRow } from "../mapping/Snapshot.ts"

/**
 * What a session knows, as one immutable value: a savepoint keeps it, a rollback puts it back.
 *
 * **Shape** `rows` is what the database is believed to hold, by the id of the row's ref; `edits`
 * what
 * was done to a row since, in order; `keys` the key each promised row has got.
 */
export interface SessionState {
  readonly rows: HashMap.HashMap<string, SnapshotRow>
  readonly edits: HashMap.HashMap<string, ReadonlyArray<Edit>>
  readonly keys: HashMap.HashMap<string, KnownRef>
  /** Tables a command has written past the session: older values of their rows prove nothing. */
  readonly outdated: ReadonlySet<string>
}

/** Knows nothing, changes nothing. */
export const empty: SessionState = {
  rows: HashMap.empty(),
  edits: HashMap.empty(),
  keys: HashMap.empty(),
  outdated: new Set()
}

/** The ref a row goes by now: a promised one is known once its insert was flushed. */
export const resolve = (state: SessionState, ref: RowRef): RowRef =>
  ref._tag === "Known" ? ref : Option.getOrElse(HashMap.get(state.keys, ref.id), () => ref)

/** The edits of one row since the last flush. */
export const editsOf = (state: SessionState, ref: RowRef): ReadonlyArray<Edit> =>
  Option.getOrElse(HashMap.get(state.edits, ref.id), () => none)
const none: ReadonlyArray<Edit> = []

/** One more thing done to a row. */
export const edit = (state: SessionState, next: Edit): SessionState => ({
  ...state,
  edits: HashMap.set(state.edits, next.ref.id, [...editsOf(state, next.ref), next])
})

/** Is there something to flush? */
export const isPending = (state: SessionState): boolean => !HashMap.isEmpty(state.edits)

/** Rows that were read: they replace what was believed; edits stay on top. */
export const believe = (state: SessionState, rows: ReadonlyArray<SnapshotRow>): SessionState => {
  if (rows.length === 0) return state
  return {
    ...state,
    rows: HashMap.mutate(state.rows, (map) => {
      for (const row of rows) HashMap.set(map, row.ref.id, row)
    })
  }
}

/** A table by schema and name, as a compiled statement tells what it reads and writes. */
export const nameOf = ({ name, schema }: TableSource): string =>
  schema === null ? name : `${schema}.${name}`

/**
 * Rows that were read for a flush: what is known already stays, since edits were made against it.
 */
export const complete = (state: SessionState, rows: ReadonlyArray<SnapshotRow>): SessionState =>
  believe(
    state,
    rows.map(({ ref, row }) => {
      const known = Option.getOrUndefined(HashMap.get(state.rows, ref.id))
      return known === undefined || isWhole(ref.table, known.row)
        ? (known ?? { ref, row })
        : { ref, row: { ...row, ...known.row } }
    })
  )

/** The tables a script may write: no name of one is empty. */
export const everything: ReadonlyArray<string> = [""]

/** Forgets the rows of tables that were written past the session, cascades of the database too. */
export const forget = (state: SessionState, written: ReadonlyArray<string>): SessionState => {
  const next = { ...state, outdated: new Set([...state.outdated, ...written]) }
  const now = new Set(written)
  return { ...next, rows: HashMap.filter(state.rows, ({ ref }) => !follows(ref.table, now)) }
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

/** The newest state of a row, edits included. */
export const standing = (state: SessionState, ref: RowRef): Standing => {
  const base = Option.getOrUndefined(HashMap.get(state.rows, ref.id))
  let now: Standing =
    base === undefined
      ? unknown
      : { _tag: "Here", row: base.row, isWhole: isWhole(ref.table, base.row) }
  for (const one of editsOf(state, ref)) now = after(now, one)
  return now
}

const after = (before: Standing, one: Edit): Standing => {
  if (one._tag === "Remove") return gone
  if (one._tag === "Put")
    return { _tag: "Here", row: { ...keyRow(one.ref), ...one.row }, isWhole: false }
  return before._tag === "Here"
    ? { ...before, row: { ...before.row, ...one.values } }
    : { _tag: "Here", row: { ...keyRow(one.ref), ...one.values }, isWhole: false }
}

const isWhole = (table: TableSource, row: Row): boolean =>
  table.columns.every((column) => row[column.key] !== undefined)

/** The believed rows as the planner reads them. */
export const snapshot = (state: SessionState): Snapshot => new Believed(state.rows)

/** A persistent map in the shape of a read-only one. */
class Believed implements ReadonlyMap<string, SnapshotRow> {
  readonly #rows: HashMap.HashMap<string, SnapshotRow>
  constructor(rows: HashMap.HashMap<string, SnapshotRow>) {
    this.#rows = rows
  }
  get size() {
    return HashMap.size(this.#rows)
  }
  get(id: string) {
    return Option.getOrUndefined(HashMap.get(this.#rows, id))
  }
  has(id: string) {
    return HashMap.has(this.#rows, id)
  }
  keys() {
    return HashMap.keys(this.#rows) as MapIterator<string>
  }
  values() {
    return HashMap.values(this.#rows) as MapIterator<SnapshotRow>
  }
  entries() {
    return HashMap.entries(this.#rows) as MapIterator<[string, SnapshotRow]>
  }
  forEach(f: (row: SnapshotRow, id: string, map: ReadonlyMap<string, SnapshotRow>) => void) {
    for (const [id, row] of this.entries()) f(row, id, this)
  }
  [Symbol.iterator]() {
    return this.entries()
  }
}

/** The state after a flush of all edits. */
export const settled = (
  state: SessionState,
  { keys, removed, written }: Settlement
): SessionState => ({
  rows: HashMap.mutate(state.rows, (map) => {
    for (const id of removed) HashMap.remove(map, id)
    for (const one of written) HashMap.set(map, one.ref.id, one)
  }),
  edits: HashMap.empty(),
  outdated: state.outdated,
  keys: HashMap.mutate(state.keys, (map) => {
    for (const [id, ref] of keys) HashMap.set(map, id, ref)
  })
})
