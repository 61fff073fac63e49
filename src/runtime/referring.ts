import type { ReferenceFacts } from "../mapping/ConstraintModel.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { tupleOf } from "../mapping/flush/tuple.ts"
import { keyRow, type Row, type RowKey, type RowRef } from "../mapping/RowRef.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"

type Refs = Map<string, RowRef>

/**
 * Rows by what their edits ever said of one reference.
 *
 * **Shape** `wholes` has those made with it, by its tuple; `parts` those whose columns of it were
 * changed, column by column, by each one's value. `seen` of the log stand here.
 */
interface Sayings {
  seen: number
  readonly wholes: Map<RowKey, Refs>
  readonly parts: ReadonlyArray<Map<RowKey, Refs>>
}

const said = new WeakMap<ReadonlyArray<Edit>, Map<ReferenceFacts, Sayings>>()

const note = (refs: Map<RowKey, Refs>, tuple: RowKey | null, ref: RowRef): void => {
  if (tuple === null) return
  const same = refs.get(tuple)
  if (same === undefined) refs.set(tuple, new Map([[ref.id, ref]]))
  else same.set(ref.id, ref)
}

/** A log is only added to: what was read of it once is not read again. */
const sayingsOf = (log: ReadonlyArray<Edit>, reference: ReferenceFacts): Sayings => {
  const { columns, owner } = reference
  let byReference = said.get(log)
  if (byReference === undefined) said.set(log, (byReference = new Map()))
  let sayings = byReference.get(reference)
  if (sayings === undefined) {
    sayings = { seen: 0, wholes: new Map(), parts: columns.map(() => new Map()) }
    byReference.set(reference, sayings)
  }
  for (; sayings.seen < log.length; sayings.seen++) {
    const edit = log[sayings.seen]!
    const { _tag, ref } = edit
    if (_tag === "Remove" || ref.table !== owner) continue
    if (_tag === "Put")
      note(sayings.wholes, tupleOf(owner, columns, { ...keyRow(ref), ...edit.row }), ref)
    else
      for (const [at, column] of columns.entries())
        note(sayings.parts[at]!, tupleOf(owner, [column], edit.values), ref)
  }
  return sayings
}

/** The edited rows that now refer to a row as one reference says. */
export const referring = (
  state: SessionState,
  reference: ReferenceFacts,
  parent: Row
): ReadonlyArray<RowRef> => {
  const { columns, foreignKey, owner } = reference
  const { target, targetColumns } = foreignKey
  const tuple = tupleOf(target, targetColumns, parent)
  if (tuple === null) return []
  const { parts, wholes } = sayingsOf(state.log, reference)
  const found = new Map(wholes.get(tuple))
  for (const [at, column] of targetColumns.entries()) {
    const part = tupleOf(target, [column], parent)!
    parts[at]!.get(part)?.forEach((ref, id) => found.set(id, ref))
  }
  return [...found.values()].filter((ref) => {
    const now = State.standing(state, ref)
    return now._tag === "Here" && tupleOf(owner, columns, now.row) === tuple
  })
}
