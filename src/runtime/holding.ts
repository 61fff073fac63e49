import type { TableSource } from "../algebra/Source.ts"
import type { ReferenceFacts } from "../mapping/ConstraintModel.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { tupleOf } from "../mapping/flush/tuple.ts"
import { keyRow, type Row, type RowKey, type RowRef } from "../mapping/RowRef.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"

/** The rows a session has met, by what they hold in some columns. */

type Refs = Map<string, RowRef>

/** Columns of a table that hold what others refer to. */
export interface Place {
  readonly owner: TableSource
  readonly columns: ReadonlyArray<string>
}

/** What is looked for in a place, whole and by each of its columns. */
export interface Sought {
  readonly tuple: RowKey
  readonly parts: ReadonlyArray<RowKey>
}

/** What these columns of a row hold; null where one of them is null or not known. */
export const soughtIn = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  row: Row
): Sought | null => {
  const tuple = tupleOf(table, columns, row)
  if (tuple === null) return null
  return { tuple, parts: columns.map((column) => tupleOf(table, [column], row)!) }
}

/**
 * Rows by what their edits ever said of one place.
 *
 * **Shape** `wholes` has those made with it, by its tuple; `parts` those of which something else
 * was said, by what each column came to or is by their key. `seen` of the log stand here.
 */
interface Sayings {
  seen: number
  readonly wholes: Map<RowKey, Refs>
  readonly parts: ReadonlyArray<Map<RowKey, Refs>>
}

const said = new WeakMap<ReadonlyArray<Edit>, Map<string, Sayings>>()

const note = (refs: Map<RowKey, Refs>, tuple: RowKey | null, ref: RowRef): void => {
  if (tuple === null) return
  const same = refs.get(tuple)
  if (same === undefined) refs.set(tuple, new Map([[ref.id, ref]]))
  else same.set(ref.id, ref)
}

/** A log is only added to: what was read of it once is not read again. */
const sayingsOf = (log: ReadonlyArray<Edit>, { columns, owner }: Place): Sayings => {
  let byPlace = said.get(log)
  if (byPlace === undefined) said.set(log, (byPlace = new Map()))
  const text = `${owner.id} ${columns.join()}`
  let sayings = byPlace.get(text)
  if (sayings === undefined) {
    sayings = { seen: 0, wholes: new Map(), parts: columns.map(() => new Map()) }
    byPlace.set(text, sayings)
  }
  for (; sayings.seen < log.length; sayings.seen++) {
    const edit = log[sayings.seen]!
    const { ref } = edit
    if (ref.table !== owner) continue
    if (edit._tag === "Put") {
      note(sayings.wholes, tupleOf(owner, columns, { ...keyRow(ref), ...edit.row }), ref)
      continue
    }
    const cells = edit._tag === "Patch" ? { ...keyRow(ref), ...edit.values } : keyRow(ref)
    for (const [at, column] of columns.entries())
      note(sayings.parts[at]!, tupleOf(owner, [column], cells), ref)
  }
  return sayings
}

const everSaid = ({ log }: SessionState, place: Place, { parts, tuple }: Sought): Refs => {
  const sayings = sayingsOf(log, place)
  const found: Refs = new Map(sayings.wholes.get(tuple))
  for (const [at, part] of parts.entries())
    sayings.parts[at]!.get(part)?.forEach((ref, id) => found.set(id, ref))
  return found
}

/** Rows that may hold this: as they were read, or by what was done to them since the last flush. */
export const everHeld = (
  state: SessionState,
  place: Place,
  sought: Sought
): ReadonlyArray<RowRef> => {
  const { columns, owner } = place
  const found = everSaid(state, place, sought)
  const read = state.rows.holding(owner, columns).get(sought.tuple) ?? []
  for (const { ref } of read) found.set(ref.id, ref)
  return [...found.values()]
}

const isHolding = (
  state: SessionState,
  { columns, owner }: Place,
  { tuple }: Sought,
  ref: RowRef
): boolean => {
  const now = State.standing(state, ref)
  return now._tag === "Here" && tupleOf(owner, columns, now.row) === tuple
}

/** The rows that hold this now. */
export const holding = (state: SessionState, place: Place, sought: Sought): ReadonlyArray<RowRef> =>
  everHeld(state, place, sought).filter((ref) => isHolding(state, place, sought, ref))

/** The edited rows that now refer to a row as one reference says. */
export const referring = (
  state: SessionState,
  reference: ReferenceFacts,
  parent: Row
): ReadonlyArray<RowRef> => {
  const { target, targetColumns } = reference.foreignKey
  const sought = soughtIn(target, targetColumns, parent)
  if (sought === null) return []
  const found = everSaid(state, reference, sought).values()
  return [...found].filter((ref) => isHolding(state, reference, sought, ref))
}
