import {
  type Change,
  type ChangeSet,
  type Delete,
  type Insert,
  make,
  type Update
} from "../ChangeSet.ts"
import type { TableSource } from "../../algebra/Source.ts"
import {
  byTable,
  type ConstraintModel,
  type ReferenceFacts,
  type TableFacts
} from "../ConstraintModel.ts"
import { isCounted, refIn } from "../EntityTables.ts"
import { bareRow, keyRow, known, type Row, type RowKey, rowOf, type RowRef } from "../RowRef.ts"
import { type KnownRows, rowIn, rowsIn } from "../KnownRows.ts"
import { type Chain, chainsOf } from "./chains.ts"
import { instead as put, isWritten } from "./diff.ts"
import { tupleOf } from "./tuple.ts"

/** A row that goes; another comes under its key where it is replaced. */
interface Gone {
  readonly ref: RowRef
  readonly row: Row
  readonly isReplaced?: boolean
  /** One update is said for both: what else is of the row is said of it by itself. */
  readonly isUpdated?: boolean
}

/** The changes while they grow. */
interface Growing {
  readonly model: ConstraintModel
  readonly before: KnownRows
  readonly byId: Map<string, Change>
  /** Rows inserted under a key that is deleted in the same set, or instead of a changed key. */
  readonly inserts: Map<string, Insert>
  /** Rows that go and whose children are still to be visited. */
  readonly gone: Array<Gone>
  /** Of each reference: the rows that refer, by the tuple they refer to. Made when asked for. */
  readonly children: Map<ReferenceFacts, ReadonlyMap<RowKey, ReadonlyArray<RowRef>>>
  /** What changes say, by table and columns; and what the columns of their tables follow. */
  readonly said: Map<string, ReadonlyMap<RowKey, ReadonlyArray<string>>>
  chains: ReadonlyArray<Chain> | null
  /** Something is entailed. */
  isGrown: boolean
}

const after = (change: Insert | Update): Row =>
  change._tag === "Insert" ? change.row : rowOf(change.before, change.set)

const indexOf = (growing: Growing, reference: ReferenceFacts) => {
  const index = new Map<RowKey, Array<RowRef>>()
  const add = (ref: RowRef, row: Row): void => {
    const tuple = tupleOf(reference.owner, reference.columns, row)
    if (tuple === null) return
    const refs = index.get(tuple)
    if (refs === undefined) index.set(tuple, [ref])
    else refs.push(ref)
  }
  const { before, byId } = growing
  const { owner } = reference
  for (const { ref, row } of rowsIn(before, owner)) {
    const change = byId.get(ref.id)
    // What is new may be over a row that is there, and go again.
    if (change === undefined || change._tag === "Insert" || !isReal(change)) add(ref, bareRow(row))
  }
  for (const change of byId.values())
    if (change.ref.table === owner && change._tag !== "Delete") add(change.ref, after(change))
  for (const { ref, row } of growing.inserts.values()) if (ref.table === owner) add(ref, row)
  return index
}

/** A row that has these columns, as far as its ref knows them. */
export const withKey = (ref: RowRef, row: Row, columns: ReadonlyArray<string>): Row =>
  columns.some((key) => row[key] === undefined) ? rowOf(keyRow(ref), row) : row

const childrenOf = (growing: Growing, reference: ReferenceFacts, ref: RowRef, row: Row) => {
  const { targetColumns } = reference.foreignKey
  const tuple = tupleOf(ref.table, targetColumns, withKey(ref, row, targetColumns))
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
  growing.isGrown = true
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

/** The row that one of another table is the rest of; itself, where it is one of its own. */
const wholeOf = ({ model }: Growing, ref: RowRef): RowRef => {
  for (const { foreignKey, rest } of model.of(ref.table).references)
    if (rest !== null) return refIn(foreignKey.target, ref)
  return ref
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
  const { columns, foreignKey, owner } = reference
  const held = tupleOf(owner, columns, before.get(child.id)?.row ?? null)
  const row = before.get(parent.id)?.row ?? change.before
  const key = tupleOf(parent.table, foreignKey.targetColumns, rowOf(keyRow(parent), row))
  return held !== null && held === key ? (change.takenBy ?? parent) : null
}

/** The rest of a row goes by its delete, read or not; a row of another kind has none there. */
const removeRest = (
  growing: Growing,
  { owner, rest }: ReferenceFacts,
  { isReplaced = false, ref, row }: Gone
): void => {
  const { before, byId, gone, inserts } = growing
  const own = refIn(owner, ref)
  const change = byId.get(own.id)
  const kind = row[rest!.by]
  const isKnown = change !== undefined || rowIn(before, own) !== undefined
  if (!isKnown && (kind === undefined || kind !== rest!.is)) return
  const whole = byId.get(ref.id)
  const taker = whole?._tag === "Delete" && isReal(whole) ? (whole.takenBy ?? ref) : null
  if (isReplaced && change?._tag === "Insert") {
    // It is that of the row that comes.
    const old = rowIn(before, own)
    if (taker === null || (old === undefined && kind !== rest!.is)) return
    growing.isGrown = true
    const was = rowOf(old === undefined ? keyRow(own) : bareRow(old))
    byId.set(own.id, { _tag: "Delete", ref: own, before: was, takenBy: taker })
    inserts.set(own.id, change)
    gone.push({ ref: own, row: was, isReplaced: true })
    return
  }
  if (change?._tag !== "Delete") remove(growing, own, taker)
  else if (taker !== null && isReal(change)) {
    growing.isGrown = true
    byId.set(own.id, { ...change, takenBy: taker })
  }
}

/** A row whose rest is changed is changed, where it says so of itself. */
const touchWhole = (growing: Growing, { ref, set }: Update): void => {
  const { before, byId, model } = growing
  if (Object.keys(set).length === 0) return
  for (const { foreignKey, rest } of model.of(ref.table).references) {
    if (rest === null) continue
    const whole = refIn(foreignKey.target, ref)
    if (byId.has(whole.id) || !isCounted(whole.table)) continue
    const row = rowOf(rowIn(before, whole) ?? keyRow(whole))
    growing.isGrown = true
    byId.set(whole.id, { _tag: "Update", ref: whole, before: row, set: { [rest.by]: rest.is } })
  }
}

const patch = (growing: Growing, ref: RowRef, values: Row): void => {
  const { before, byId } = growing
  growing.isGrown = true
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

/** Was this row a child of one that goes before anything was changed? */
const wasChild = (
  { before }: Growing,
  { columns, foreignKey, owner }: ReferenceFacts,
  child: RowRef,
  { ref, row }: Gone
): boolean => {
  const known = rowIn(before, child)
  const { targetColumns } = foreignKey
  return (
    known !== undefined &&
    tupleOf(owner, columns, bareRow(known)) ===
      tupleOf(ref.table, targetColumns, withKey(ref, row, targetColumns))
  )
}

/** A row goes by a delete, and another comes under its key by an insert. */
const apart = (growing: Growing, ref: RowRef, before: Row, row: Row): void => {
  growing.isGrown = true
  growing.byId.set(ref.id, { _tag: "Delete", ref, before })
  growing.inserts.set(ref.id, { _tag: "Insert", ref, row })
  growing.gone.push({ ref, row: before, isReplaced: true })
}

/** A new row comes under the key of one that goes with its parent, by a delete as that does. */
const replace = (growing: Growing, { ref, row }: Insert, isUpdated = false): void => {
  const known = rowIn(growing.before, ref)
  const before = rowOf(known === undefined ? keyRow(ref) : bareRow(known))
  const [change] = isUpdated ? put(ref, before, row) : []
  if (change?._tag !== "Update") return apart(growing, ref, before, row)
  growing.isGrown = true
  growing.byId.set(ref.id, change)
  replaced(growing, change)
}

/** A row that comes under the key of one that goes is a new child of this one, which goes too. */
const isNewChild = ({ columns, foreignKey, owner }: ReferenceFacts, row: Row, gone: Gone) => {
  const { targetColumns } = foreignKey
  const key = withKey(gone.ref, gone.row, targetColumns)
  return tupleOf(owner, columns, row) === tupleOf(gone.ref.table, targetColumns, key)
}

/** It does not come, or of nobody; the one before it goes all the same. */
const leaveOut = ({ gone, inserts }: Growing, reference: ReferenceFacts, insert: Insert): void => {
  const { ref, row } = insert
  if (reference.children !== "detach") {
    inserts.delete(ref.id)
    gone.push({ ref, row })
    return
  }
  const values = Object.fromEntries(detachable(reference).map((key) => [key, null]))
  inserts.set(ref.id, { ...insert, row: rowOf(row, values) })
}

const visitChildren = (growing: Growing, gone: Gone): void => {
  const { isReplaced = false, ref, row } = gone
  for (const reference of growing.model.of(ref.table).referrers) {
    const { children } = reference
    if (reference.rest !== null) {
      if (gone.isUpdated !== true) removeRest(growing, reference, gone)
      continue
    }
    if (children === null || children === "restrict") continue
    for (const child of childrenOf(growing, reference, ref, row)) {
      const insert = growing.inserts.get(child.id)
      if (insert !== undefined && !isReplaced && isNewChild(reference, insert.row, gone)) {
        growing.isGrown = true
        leaveOut(growing, reference, insert)
        continue
      }
      const change = growing.byId.get(child.id)
      const was = wasChild(growing, reference, child, gone)
      if (change?._tag === "Delete") {
        if (isReal(change) || !was) continue
        growing.byId.delete(child.id)
      }
      const isNew = change?._tag === "Update" && change.instead !== undefined
      if (isReplaced && (!was || isNew)) {
        // What refers to a row cannot wait for the one that comes once that row is deleted.
        if (was && isNew && gone.isUpdated !== true)
          apart(growing, child, change.before, change.instead)
        continue
      }
      const whole = wholeOf(growing, child)
      const other = whole === child ? undefined : growing.byId.get(whole.id)
      if (other?._tag === "Insert" && was && children !== "detach") {
        replace(growing, other)
        continue
      }
      // A child that is detached stays: the database tells of the new row that it is there.
      if (change?._tag === "Insert" && was) {
        if (children === "delete") replace(growing, change, gone.isUpdated)
        continue
      }
      if (children !== "detach") {
        // What is kept in several tables goes from all of them, which the database does not do.
        const isTaken = children === "database" && whole === child
        remove(growing, whole, isTaken ? takerOf(growing, reference, ref, child) : null)
      } else if (detachable(reference).length > 0) {
        patch(growing, child, Object.fromEntries(detachable(reference).map((key) => [key, null])))
      }
    }
  }
}

/**
 * A child of a `delete` relation whose key became null is nobody's: it goes. So does one that was a
 * child since the last flush only, as it would had there been another between.
 */
const isOrphan = ({ model }: Growing, change: Insert | Update): boolean =>
  model.of(change.ref.table).references.some(({ children, columns }) => {
    if (children !== "delete") return false
    if (columns.some((key) => change.left?.has(key))) return true
    return (
      change._tag === "Update" &&
      columns.some((key) => change.set[key] === null) &&
      !columns.some((key) => change.before[key] === null || change.before[key] === undefined)
    )
  })

/** Changes of one table by what they come to, or what they were, in some columns. */
const changesBy = (
  growing: Growing,
  owner: TableSource,
  columns: ReadonlyArray<string>,
  isBefore: boolean
): ReadonlyMap<RowKey, ReadonlyArray<string>> => {
  const text = `${owner.id} ${columns.join()} ${isBefore}`
  let found = growing.said.get(text)
  if (found === undefined) {
    const made = new Map<RowKey, Array<string>>()
    for (const change of [...growing.byId.values(), ...growing.inserts.values()]) {
      const { _tag, ref } = change
      if (ref.table !== owner || _tag === "Delete" || (isBefore && _tag === "Insert")) continue
      const row = isBefore ? (change as Update).before : rowOf(keyRow(ref), after(change))
      const tuple = tupleOf(owner, columns, row)
      if (tuple === null) continue
      const same = made.get(tuple)
      if (same === undefined) made.set(tuple, [ref.id])
      else same.push(ref.id)
    }
    growing.said.set(text, (found = made))
  }
  return found
}

const followed = (growing: Growing): ReadonlyArray<Chain> =>
  (growing.chains ??= [
    ...new Set([...growing.byId.values()].map((change) => change.ref.table))
  ].flatMap(chainsOf))

/**
 * What was said of a key before its change, by who did not know it: of a row that nobody had read.
 * Where another row takes the old key, that is meant.
 */
const bringAlong = (growing: Growing, parent: Update): void => {
  const { byId, inserts } = growing
  const { before, ref, set } = parent
  const now = rowOf(before, set)
  for (const { columns, owner, target, targetColumns } of followed(growing)) {
    if (target !== ref.table || !isSet(parent, targetColumns)) continue
    const old = tupleOf(target, targetColumns, before)
    if (old === null || old === tupleOf(target, targetColumns, now)) continue
    const takers = changesBy(growing, target, targetColumns, false).get(old) ?? []
    if (takers.some((id) => id !== ref.id)) continue
    const cells = Object.fromEntries(columns.map((key, at) => [key, now[targetColumns[at]!]]))
    for (const id of changesBy(growing, owner, columns, false).get(old) ?? []) {
      const insert = inserts.get(id)
      const change = byId.get(id)
      if (insert !== undefined) inserts.set(id, { ...insert, row: rowOf(insert.row, cells) })
      else if (change?._tag === "Insert" || (change?._tag === "Update" && isSet(change, columns)))
        patch(growing, change.ref, cells)
    }
  }
}

/** What already follows a key the database itself carries on, all the way. */
const leaveToDatabase = (growing: Growing, parent: Update): void => {
  const { before, ref, set } = parent
  for (const { columns, isCascade, owner, target, targetColumns } of followed(growing)) {
    if (!isCascade || target !== ref.table || !isSet(parent, targetColumns)) continue
    const old = tupleOf(target, targetColumns, before)
    const now = tupleOf(target, targetColumns, rowOf(before, set))
    for (const id of (old === null ? null : changesBy(growing, owner, columns, true).get(old)) ??
      []) {
      const change = growing.byId.get(id)
      if (change?._tag !== "Update") continue
      if (tupleOf(owner, columns, rowOf(change.before, change.set)) !== now) continue
      growing.isGrown = true
      const left = Object.entries(change.set).filter(([key]) => !columns.includes(key))
      if (left.length === 0) growing.byId.delete(id)
      else growing.byId.set(id, { ...change, set: Object.fromEntries(left) })
    }
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
  bringAlong(growing, parent)
  let isRigid = false
  let isCarried = false
  for (const reference of growing.model.of(ref.table).referrers) {
    const { onUpdate, targetColumns } = reference.foreignKey
    if (!targetColumns.some((key) => parent.set[key] !== undefined)) continue
    if (onUpdate === "cascade") isCarried = true
    else isRigid = repoint(growing, reference, parent) || isRigid
  }
  if (isCarried) leaveToDatabase(growing, parent)
  const now = growing.byId.get(ref.id)
  const isRekeyed = ref.table.primaryKey.some((key) => parent.set[key] !== undefined)
  if (!isRigid || !isRekeyed || now?._tag !== "Update") return
  const row = rowOf(now.before, now.set)
  const next = known(
    ref.table,
    ref.table.primaryKey.map((key) => row[key])
  )
  growing.isGrown = true
  growing.byId.set(ref.id, { _tag: "Delete", ref, before: now.before })
  growing.inserts.set(next.id, { _tag: "Insert", ref: next, row })
}

/** Can a change entail others at all? */
const isFollowed = ({ references, referrers }: TableFacts, change: Change): boolean => {
  if (change._tag === "Insert") return change.left !== undefined
  if (change._tag === "Delete")
    return (
      !isReal(change) ||
      referrers.some(({ children }) => children !== null && children !== "restrict")
    )
  if (change.instead !== undefined && referrers.length > 0) return true
  return (
    referrers.some(({ foreignKey }) => isSet(change, foreignKey.targetColumns)) ||
    references.some(
      ({ children, columns, rest }) =>
        rest !== null ||
        (children === "delete" && (change.left !== undefined || isSet(change, columns)))
    )
  )
}

/**
 * Do rows that go leave nobody behind? Most have no children that are known: then what is to be
 * found is found by one look at the rows that could be.
 */
const isAlone = (
  model: ConstraintModel,
  before: KnownRows,
  changes: ReadonlyArray<Change>,
  followed: ReadonlyArray<Change>
): boolean => {
  const gone = new Map<TableSource, Array<Delete>>()
  for (const change of followed) {
    if (change._tag !== "Delete" || !isReal(change)) return false
    const own = gone.get(change.ref.table)
    if (own === undefined) gone.set(change.ref.table, [change])
    else own.push(change)
  }
  for (const [table, deletes] of gone)
    for (const { children, foreignKey, columns, owner, rest } of model.of(table).referrers) {
      if (rest !== null) return false
      if (children === null || children === "restrict") continue
      const { targetColumns } = foreignKey
      const keys = new Set<RowKey | null>()
      for (const { before: row, ref } of deletes)
        keys.add(tupleOf(table, targetColumns, withKey(ref, row, targetColumns)))
      keys.delete(null)
      const isChild = (row: Row): boolean => keys.has(tupleOf(owner, columns, row))
      for (const { row } of rowsIn(before, owner)) if (isChild(bareRow(row))) return false
      const isLeft = (change: Change): boolean =>
        change.ref.table === owner && change._tag !== "Delete" && isChild(after(change))
      if (changes.some(isLeft)) return false
    }
  return true
}

const isSet = ({ set }: Update, columns: ReadonlyArray<string>): boolean =>
  columns.some((key) => set[key] !== undefined)

/** A new row that is deleted again was never there. */
export const isReal = (change: Change): boolean =>
  change._tag !== "Delete" || (change.ref._tag === "Known" && change.isNew !== true)

/** A row that goes and comes as one update; what the database does at a delete needs a delete. */
const replaced = (growing: Growing, { before, instead, ref }: Update): void => {
  const { referrers } = growing.model.of(ref.table)
  const rests = referrers.filter(({ rest }) => rest !== null)
  const isSaid = ({ owner }: ReferenceFacts): boolean => {
    const change = growing.byId.get(refIn(owner, ref).id)
    return change !== undefined && (change._tag !== "Insert" || growing.inserts.has(change.ref.id))
  }
  // Who said that it goes may not have known which other tables have some of it.
  const isApart = rests.length > 0 && !rests.some(isSaid)
  const isDatabases = ({ children, foreignKey: { onDelete } }: ReferenceFacts): boolean =>
    children === "database" || onDelete === "cascade" || onDelete === "set null"
  if (isApart || (rests.length === 0 && referrers.some(isDatabases)))
    return apart(growing, ref, before, instead!)
  growing.gone.push({ ref, row: before, isReplaced: true, isUpdated: true })
}

/** Without updates that write nothing. */
export const written = (set: ChangeSet): ChangeSet =>
  set.changes.every(isWritten) ? set : make(set.changes.filter(isWritten))

/**
 * The changes with everything they entail among the rows that are known: children of deleted rows
 * by the rules of their relations, orphans, referrers of changed keys, what else is of a row.
 *
 * **Shape** pure, a closure: expanding twice changes nothing. New rows that are deleted again
 * disappear, with their new children. What is not loaded cannot follow: see `demand`.
 */
export const expand = (model: ConstraintModel, before: KnownRows, set: ChangeSet): ChangeSet => {
  const { changes } = set
  const factsOf = byTable(model)
  const followed = changes.filter((change) => isFollowed(factsOf(change.ref.table), change))
  if (followed.length === 0 || isAlone(model, before, changes, followed)) return set
  const byId = new Map<string, Change>()
  const inserts = new Map<string, Insert>()
  for (const change of changes) {
    const isSwitch = change._tag === "Insert" && byId.has(change.ref.id)
    if (isSwitch) inserts.set(change.ref.id, change)
    else byId.set(change.ref.id, change)
  }
  const growing: Growing = {
    model,
    before,
    byId,
    inserts,
    gone: [],
    children: new Map(),
    said: new Map(),
    chains: null,
    isGrown: false
  }
  for (const change of changes) if (change._tag === "Update") followKey(growing, change)
  for (const change of changes) {
    const { _tag, ref } = change
    if (_tag === "Delete")
      growing.gone.push({ ref, row: change.before, isReplaced: inserts.has(ref.id) })
    else if (_tag === "Update" && change.instead !== undefined) replaced(growing, change)
    else if (isOrphan(growing, change)) {
      if (_tag === "Insert" && inserts.delete(ref.id)) growing.isGrown = true
      else remove(growing, wholeOf(growing, ref), null)
    }
  }
  for (const gone of growing.gone) visitChildren(growing, gone)
  for (const change of [...byId.values()]) if (change._tag === "Update") touchWhole(growing, change)
  if (!growing.isGrown && changes.every(isReal)) return set
  const real = [...byId.values()].filter(isReal)
  return make([...real, ...inserts.values()])
}
