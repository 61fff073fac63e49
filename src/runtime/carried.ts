import type { Edit } from "../mapping/flush/diff.ts"
import { type Chain, chainsOf } from "../mapping/flush/chains.ts"
import { tupleOf } from "../mapping/flush/tuple.ts"
import type { ReferenceFacts } from "../mapping/ConstraintModel.ts"
import type { TableSource } from "../algebra/Source.ts"
import { keyRow, type Row, type RowKey, rowOf, type RowRef } from "../mapping/RowRef.ts"
import { modelOf } from "./reach.ts"
import { isRekeying, type Patch } from "./rekeying.ts"
import { referring } from "./referring.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"

/**
 * A unique value others refer to changes. Rows nobody has read follow at the flush. Those that are
 * known follow at once: a flush could not tell whether a pending row that says the old value means
 * the row that had it or the one that takes it, and whoever asks for a row that was read is told
 * what it refers to by now.
 */

/** Rows in memory by what they hold in some columns. */
interface Holding {
  readonly writes: number
  readonly byColumns: Map<string, ReadonlyMap<RowKey, ReadonlyArray<RowRef>>>
}

const holdings = new WeakMap<SessionState["rows"], Holding>()

/** The rows in memory that hold this: looked through once, until others are read. */
const holding = (
  { rows }: SessionState,
  owner: TableSource,
  columns: ReadonlyArray<string>,
  tuple: RowKey
): ReadonlyArray<RowRef> => {
  let all = holdings.get(rows)
  if (all === undefined || all.writes !== rows.writes)
    holdings.set(rows, (all = { writes: rows.writes, byColumns: new Map() }))
  const text = `${owner.id} ${columns.join()}`
  let found = all.byColumns.get(text)
  if (found === undefined) {
    const made = new Map<RowKey, Array<RowRef>>()
    for (const { ref, row } of rows.rowsOf(owner)) {
      const key = tupleOf(owner, columns, row)
      if (key === null) continue
      const same = made.get(key)
      if (same === undefined) made.set(key, [ref])
      else same.push(ref)
    }
    all.byColumns.set(text, (found = made))
  }
  return found.get(tuple) ?? []
}

/** The known rows that now refer to a row as one reference says. */
const known = (
  state: SessionState,
  reference: ReferenceFacts,
  parent: Row
): ReadonlyArray<RowRef> => {
  const { columns, foreignKey, owner } = reference
  const tuple = tupleOf(foreignKey.target, foreignKey.targetColumns, parent)
  if (tuple === null) return []
  const found = new Map(referring(state, reference, parent).map((ref) => [ref.id, ref]))
  for (const ref of holding(state, owner, columns, tuple)) {
    const now = State.standing(state, ref)
    if (now._tag === "Here" && tupleOf(owner, columns, now.row) === tuple) found.set(ref.id, ref)
  }
  return [...found.values()]
}

/** The same of rows that follow it by way of others, which nobody may have read. */
const below = (
  state: SessionState,
  { columns, owner, target, targetColumns }: Chain,
  parent: Row
): ReadonlyArray<RowRef> => {
  const tuple = tupleOf(target, targetColumns, parent)
  if (tuple === null) return []
  const refs = new Map<string, RowRef>()
  for (const ref of holding(state, owner, columns, tuple)) refs.set(ref.id, ref)
  if (state.edited.has(owner))
    for (const [edit] of state.edits.values())
      if (edit!.ref.table === owner) refs.set(edit!.ref.id, edit!.ref)
  return [...refs.values()].filter((ref) => {
    const now = State.standing(state, ref)
    return now._tag === "Here" && tupleOf(owner, columns, now.row) === tuple
  })
}

/** Edits of the known rows that follow one whose key an edit changes. */
const following = (state: SessionState, { ref, values }: Patch): ReadonlyArray<Patch> => {
  const before = State.standing(state, ref)
  if (before._tag !== "Here") return []
  const { table } = ref
  const row = rowOf(keyRow(ref), before.row)
  const now = rowOf(row, values)
  const isMoved = (columns: ReadonlyArray<string>): boolean =>
    columns.some((key) => values[key] !== undefined) &&
    tupleOf(table, columns, row) !== tupleOf(table, columns, now)
  const patches = (
    children: ReadonlyArray<RowRef>,
    columns: ReadonlyArray<string>,
    targetColumns: ReadonlyArray<string>
  ): ReadonlyArray<Patch> => {
    const cells = Object.fromEntries(columns.map((key, at) => [key, now[targetColumns[at]!]]))
    // A row that refers to itself may be led elsewhere by the same edit.
    return children.flatMap((child): ReadonlyArray<Patch> =>
      child.id === ref.id && columns.some((key) => values[key] !== undefined)
        ? []
        : [{ _tag: "Patch", ref: child, values: cells }]
    )
  }
  const direct = modelOf(new Set([...state.edited, table]))
    .of(table)
    .referrers.flatMap((reference) => {
      const { targetColumns } = reference.foreignKey
      return isMoved(targetColumns)
        ? patches(known(state, reference, row), reference.columns, targetColumns)
        : []
    })
  const tables = new Set([...state.rows.tables(), ...state.edited])
  const others = [...tables].flatMap(chainsOf).flatMap((chain) => {
    const { columns, next, target, targetColumns } = chain
    return next !== null && target === table && isMoved(targetColumns)
      ? patches(below(state, chain, row), columns, targetColumns)
      : []
  })
  return [...direct, ...others]
}

/** Edits with those of the known rows that follow them, and of the rows below these. */
export const carried = (state: SessionState, edits: ReadonlyArray<Edit>): ReadonlyArray<Edit> => {
  if (!edits.some(isRekeying)) return edits
  const all = [...edits]
  const seen = new Set<string>()
  for (const edit of all) {
    if (!isRekeying(edit)) continue
    for (const next of following(state, edit)) {
      const text = `${next.ref.id} ${Object.keys(next.values).join()}`
      if (seen.has(text)) continue
      seen.add(text)
      all.push(next)
    }
  }
  return all
}
