import type { TableSource } from "../algebra/Source.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { chainsOf } from "../mapping/flush/chains.ts"
import { tupleOf } from "../mapping/flush/tuple.ts"
import { keyRow, rowOf } from "../mapping/RowRef.ts"
import { modelOf } from "./reach.ts"
import { isRekeying, type Patch } from "./rekeying.ts"
import { holding, type Place, soughtIn } from "./holding.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"

/**
 * A unique value others refer to changes. Rows nobody has read follow at the flush. Those that are
 * known follow at once: a flush could not tell whether a pending row that says the old value means
 * the row that had it or the one that takes it, and whoever asks for a row that was read is told
 * what it refers to by now.
 */

/** What follows these columns of a table. */
interface Following extends Place {
  readonly targetColumns: ReadonlyArray<string>
}

/** What refers to a table, and what follows it by way of rows that nobody may have read. */
const followingOf = (state: SessionState, table: TableSource): ReadonlyArray<Following> => {
  const { referrers } = modelOf(new Set([...state.edited, table])).of(table)
  const direct = referrers.map(({ columns, foreignKey, owner }) => ({
    owner,
    columns,
    targetColumns: foreignKey.targetColumns
  }))
  const tables = new Set([...state.rows.tables(), ...state.edited])
  const chains = [...tables].flatMap(chainsOf)
  return [...direct, ...chains.filter(({ next, target }) => next !== null && target === table)]
}

/** Edits of the known rows that follow one whose key an edit changes. */
const patchesAfter = (state: SessionState, { ref, values }: Patch): ReadonlyArray<Patch> => {
  const before = State.standing(state, ref)
  if (before._tag !== "Here") return []
  const { table } = ref
  const row = rowOf(keyRow(ref), before.row)
  const now = rowOf(row, values)
  return followingOf(state, table).flatMap((place): ReadonlyArray<Patch> => {
    const { columns, targetColumns } = place
    if (targetColumns.every((key) => values[key] === undefined)) return []
    const sought = soughtIn(table, targetColumns, row)
    if (sought === null || sought.tuple === tupleOf(table, targetColumns, now)) return []
    const cells = Object.fromEntries(columns.map((key, at) => [key, now[targetColumns[at]!]]))
    // A row that refers to itself may be led elsewhere by the same edit.
    const isLed = columns.some((key) => values[key] !== undefined)
    return holding(state, place, sought)
      .filter(({ id }) => !isLed || id !== ref.id)
      .map((child) => ({ _tag: "Patch", ref: child, values: cells }))
  })
}

/** Edits with those of the known rows that follow them, and of the rows below these. */
export const carried = (state: SessionState, edits: ReadonlyArray<Edit>): ReadonlyArray<Edit> => {
  if (!edits.some(isRekeying)) return edits
  const all = [...edits]
  const seen = new Set<string>()
  for (const edit of all) {
    if (!isRekeying(edit)) continue
    for (const next of patchesAfter(state, edit)) {
      const text = `${next.ref.id} ${Object.keys(next.values).join()}`
      if (seen.has(text)) continue
      seen.add(text)
      all.push(next)
    }
  }
  return all
}
