import { type Change, type ChangeSet, type Insert, make, type Update } from "../ChangeSet.ts"
import type { ConstraintModel, ReferenceFacts } from "../ConstraintModel.ts"
import { bareRow, keyRow, known, type Row, rowOf, type RowRef } from "../RowRef.ts"
import { type KnownRows, rowIn, rowsIn } from "../KnownRows.ts"
import { tupleOf } from "./tuple.ts"

/** The changes while they grow. */
interface Growing {
  readonly model: ConstraintModel
  readonly before: KnownRows
  readonly byId: Map<string, Change>
  /** Rows inserted under a key that is deleted in the same set, or instead of a changed key. */
  readonly inserts: Map<string, Insert>
  /** Rows that go and whose children are still to be visited. */
  readonly gone: Array<{ readonly ref: RowRef; readonly row: Row }>
  /** Of each reference: the rows that refer, by the tuple they refer to. Made when asked for. */
  readonly children: Map<ReferenceFacts, ReadonlyMap<string, ReadonlyArray<RowRef>>>
}

/** A row as the changes leave it; undefined where it goes. */
const current = ({ before, byId }: Growing, ref: RowRef): Row | undefined => {
  const change = byId.get(ref.id)
  if (change === undefined) {
    const row = rowIn(before, ref)
    return row === undefined ? undefined : bareRow(row)
  }
  if (change._tag === "Delete") return undefined
  return change._tag === "Insert" ? change.row : rowOf(change.before, change.set)
}

const indexOf = (growing: Growing, reference: ReferenceFacts) => {
  const index = new Map<string, Array<RowRef>>()
  const add = (ref: RowRef): void => {
    const row = current(growing, ref) ?? null
    const tuple = tupleOf(reference.space, reference.owner, reference.columns, row)
    if (tuple === null) return
    const refs = index.get(tuple)
    if (refs === undefined) index.set(tuple, [ref])
    else refs.push(ref)
  }
  const { before, byId } = growing
  const { owner } = reference
  for (const { ref } of rowsIn(before, owner)) add(ref)
  for (const { ref } of byId.values())
    if (ref.table === owner && rowIn(before, ref) === undefined) add(ref)
  return index
}

const childrenOf = (growing: Growing, reference: ReferenceFacts, ref: RowRef, row: Row) => {
  const { space, foreignKey } = reference
  const tuple = tupleOf(space, ref.table, foreignKey.targetColumns, rowOf(keyRow(ref), row))
  if (tuple === null) return []
  let index = growing.children.get(reference)
  if (index === undefined) growing.children.set(reference, (index = indexOf(growing, reference)))
  return index.get(tuple) ?? []
}

/** A row goes; with one that goes too, where the database sees to it. */
const remove = (growing: Growing, ref: RowRef, takenBy: RowRef | null): void => {
  const { before, byId, gone } = growing
  const change = byId.get(ref.id)
  if (change?._tag === "Delete") return
  if (change?._tag === "Insert") {
    // A new row that goes with its parent was never there; its own children go the same way.
    byId.delete(ref.id)
    gone.push({ ref, row: change.row })
    return
  }
  const row = rowOf(rowIn(before, ref) ?? change?.before ?? keyRow(ref))
  byId.set(ref.id, {
    _tag: "Delete",
    ref,
    before: row,
    ...(takenBy === null ? {} : { takenBy })
  })
  gone.push({ ref, row })
}

/**
 * The row whose delete takes this child along in the database; null where none does: the child
 * refers to its parent in this flush only, or the parent was never there.
 */
const takerOf = (
  { before, byId }: Growing,
  reference: ReferenceFacts,
  parent: RowRef,
  child: RowRef
): RowRef | null => {
  const change = byId.get(parent.id)
  if (reference.foreignKey.onDelete !== "cascade" || change?._tag !== "Delete" || !isReal(change))
    return null
  const { columns, foreignKey, owner, space } = reference
  const held = tupleOf(space, owner, columns, before.get(child.id)?.row ?? null)
  const row = before.get(parent.id)?.row ?? change.before
  const key = tupleOf(space, parent.table, foreignKey.targetColumns, rowOf(keyRow(parent), row))
  return held !== null && held === key ? (change.takenBy ?? parent) : null
}

const patch = ({ before, byId }: Growing, ref: RowRef, values: Row): void => {
  const change = byId.get(ref.id)
  if (change === undefined) {
    const row = bareRow(rowIn(before, ref)!)
    byId.set(ref.id, { _tag: "Update", ref, before: row, set: values })
  } else if (change._tag === "Insert") {
    byId.set(ref.id, { ...change, row: rowOf(change.row, values) })
  } else if (change._tag === "Update") {
    byId.set(ref.id, { ...change, set: rowOf(change.set, values) })
  }
}

/** Columns of a reference that may become null when the child is detached. */
export const detachable = ({ columns, owner }: ReferenceFacts): ReadonlyArray<string> =>
  columns.filter((key) => owner.byKey.get(key)!.nullable && !owner.primaryKey.includes(key))

const visitChildren = (growing: Growing, ref: RowRef, row: Row): void => {
  for (const reference of growing.model.of(ref.table).referrers) {
    const { children } = reference
    if (children === null || children === "restrict") continue
    for (const child of childrenOf(growing, reference, ref, row)) {
      if (current(growing, child) === undefined) continue
      if (children !== "detach") {
        const isTaken = children === "database"
        remove(growing, child, isTaken ? takerOf(growing, reference, ref, child) : null)
      } else if (detachable(reference).length > 0) {
        patch(growing, child, Object.fromEntries(detachable(reference).map((key) => [key, null])))
      }
    }
  }
}

/** A child of a `delete` relation whose key became null is nobody's: it goes. */
const isOrphan = ({ model }: Growing, { before, ref, set }: Update): boolean =>
  model
    .of(ref.table)
    .references.some(
      ({ children, columns }) =>
        children === "delete" &&
        columns.some((key) => set[key] === null) &&
        !columns.some((key) => before[key] === null)
    )

/** A child that already follows a key the database itself carries on. */
const leaveToDatabase = (growing: Growing, reference: ReferenceFacts, parent: Update): void => {
  const { columns, foreignKey, owner, space } = reference
  const { targetColumns } = foreignKey
  const old = tupleOf(space, parent.ref.table, targetColumns, parent.before)
  const now = tupleOf(space, parent.ref.table, targetColumns, rowOf(parent.before, parent.set))
  for (const [id, change] of growing.byId) {
    if (change._tag !== "Update" || change.ref.table !== owner) continue
    const after = rowOf(change.before, change.set)
    const follows =
      tupleOf(space, owner, columns, change.before) === old &&
      tupleOf(space, owner, columns, after) === now
    if (!follows) continue
    const left = Object.entries(change.set).filter(([key]) => !columns.includes(key))
    if (left.length === 0) growing.byId.delete(id)
    else growing.byId.set(id, { ...change, set: Object.fromEntries(left) })
  }
}

/** Points the children of a changed key to its new value; whether one of them cannot be null. */
const repoint = (growing: Growing, reference: ReferenceFacts, parent: Update): boolean => {
  const { columns, foreignKey, owner } = reference
  const children = childrenOf(growing, reference, parent.ref, parent.before)
  const cells = columns.map((key, index) => {
    const column = foreignKey.targetColumns[index]!
    return [key, parent.set[column] ?? parent.before[column]] as const
  })
  for (const child of children) patch(growing, child, Object.fromEntries(cells))
  const { patchable } = growing.model.of(owner)
  return children.length > 0 && !columns.some((key) => patchable.has(key))
}

/**
 * A changed key is another identity to every referrer. They follow it; where one of them cannot be
 * null in between, the row is inserted anew, its children repointed and the old row deleted.
 */
const followKey = (growing: Growing, parent: Update): void => {
  const { ref } = parent
  let isRigid = false
  for (const reference of growing.model.of(ref.table).referrers) {
    const { onUpdate, targetColumns } = reference.foreignKey
    if (!targetColumns.some((key) => parent.set[key] !== undefined)) continue
    if (onUpdate === "cascade") leaveToDatabase(growing, reference, parent)
    else isRigid = repoint(growing, reference, parent) || isRigid
  }
  const now = growing.byId.get(ref.id)
  const isRekeyed = ref.table.primaryKey.some((key) => parent.set[key] !== undefined)
  if (!isRigid || !isRekeyed || now?._tag !== "Update") return
  const row = rowOf(now.before, now.set)
  const next = known(
    ref.table,
    ref.table.primaryKey.map((key) => row[key])
  )
  growing.byId.set(ref.id, { _tag: "Delete", ref, before: now.before })
  growing.inserts.set(next.id, { _tag: "Insert", ref: next, row })
}

/** A new row that is deleted again was never there. */
export const isReal = (change: Change): boolean =>
  change._tag !== "Delete" || (change.ref._tag === "Known" && change.isNew !== true)

/**
 * The changes with everything they entail among the rows that are known: children of deleted rows
 * by the rules of their relations, orphans, referrers of changed keys.
 *
 * **Shape** pure, a closure: expanding twice changes nothing. New rows that are deleted again
 * disappear, with their new children. What is not loaded cannot follow: see `demand`.
 */
export const expand = (
  model: ConstraintModel,
  before: KnownRows,
  { changes }: ChangeSet
): ChangeSet => {
  const byId = new Map<string, Change>()
  const inserts = new Map<string, Insert>()
  for (const change of changes) {
    const isSwitch = change._tag === "Insert" && byId.has(change.ref.id)
    if (isSwitch) inserts.set(change.ref.id, change)
    else byId.set(change.ref.id, change)
  }
  const growing: Growing = { model, before, byId, inserts, gone: [], children: new Map() }
  for (const change of changes) if (change._tag === "Update") followKey(growing, change)
  for (const change of changes) {
    if (change._tag === "Delete") growing.gone.push({ ref: change.ref, row: change.before })
    else if (change._tag === "Update" && isOrphan(growing, change))
      remove(growing, change.ref, null)
  }
  for (const { ref, row } of growing.gone) visitChildren(growing, ref, row)
  const real = [...byId.values()].filter(isReal)
  return make([...real, ...inserts.values()])
}
