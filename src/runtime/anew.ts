import type { ConstraintModel, ReferenceFacts } from "../mapping/ConstraintModel.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { refIn } from "../mapping/EntityTables.ts"
import { detachable, withKey } from "../mapping/flush/expand.ts"
import { keyRow, ofRow, type Row, rowOf, type RowRef } from "../mapping/RowRef.ts"
import { modelOf } from "./reach.ts"
import { referring } from "./holding.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"

/**
 * A row comes under the key of one that went since the last flush. A flush orders the rows itself,
 * so it could not tell the children of the one from those of the other: what hung on the one that
 * went is said to go, or to be detached, before the other comes.
 */

const removalOf = (state: SessionState, ref: RowRef): Edit | undefined =>
  State.editsOf(state, ref).findLast(({ _tag }) => _tag === "Remove")

/** The last edit of a row that says who its parent is; none where that was so before all edits. */
const saying = (
  state: SessionState,
  { columns }: ReferenceFacts,
  child: RowRef
): Edit | undefined =>
  State.editsOf(state, child).findLast(
    (edit) =>
      edit._tag === "Put" ||
      (edit._tag === "Patch" && columns.some((key) => edit.values[key] !== undefined))
  )

const isBefore = (edit: Edit | undefined, removal: Edit): boolean =>
  edit === undefined || (edit.removals ?? 0) <= (removal.removals ?? 0)

/** Do the children go with their parent? The rest of a row does. */
const isTaking = ({ children, rest }: ReferenceFacts): boolean =>
  rest !== null || children === "delete" || children === "database"

/** The row a child refers to, where it does by the whole key of that. */
const parentOf = ({ columns, foreignKey }: ReferenceFacts, row: Row): RowRef | undefined => {
  const { target, targetColumns } = foreignKey
  const key = rowOf()
  targetColumns.forEach((column, at) => {
    key[column] = row[columns[at]!]
  })
  return ofRow(target, key)
}

/** A row in all of the tables that may keep some of it. */
const partsOf = (model: ConstraintModel, ref: RowRef): ReadonlyArray<RowRef> => {
  const above = model.of(ref.table).references.find(({ rest }) => rest !== null)
  const whole = above === undefined ? ref : refIn(above.foreignKey.target, ref)
  const rests = model.of(whole.table).referrers.filter(({ rest }) => rest !== null)
  return [whole, ...rests.map(({ owner }) => refIn(owner, whole))]
}

/** Is a row that nobody removed to go with one that was? */
export const goesAlong = (
  state: SessionState,
  ref: RowRef,
  seen: ReadonlySet<string> = new Set()
): boolean => {
  if (state.removals === 0) return false
  if (State.standing(state, ref)._tag !== "Here" || seen.has(ref.id)) return false
  const model = modelOf(new Set([ref.table]))
  const parts = partsOf(model, ref)
  const met = new Set([...seen, ...parts.map(({ id }) => id)])
  return parts.some((part) => {
    const now = State.standing(state, part)
    if (now._tag !== "Here") return false
    return model.of(part.table).references.some((reference) => {
      const parent = isTaking(reference) ? parentOf(reference, now.row) : undefined
      if (parent === undefined) return false
      const removal = removalOf(state, parent)
      const isLeft = removal !== undefined && isBefore(saying(state, reference, part), removal)
      return isLeft || goesAlong(state, parent, met)
    })
  })
}

/** What a row was when it went, or is where it goes with another. */
const rowBefore = (state: SessionState, ref: RowRef, removal: Edit | undefined): Row => {
  const edits = State.editsOf(state, ref)
  const until = removal === undefined ? edits : edits.slice(0, edits.lastIndexOf(removal))
  const then = State.standingOver(state, ref, State.believedOf(state, ref), until)
  return then._tag === "Here" ? then.row : keyRow(ref)
}

/** What becomes of the pending rows that refer to one that went, or goes with another. */
const leftBehind = (
  state: SessionState,
  model: ConstraintModel,
  ref: RowRef,
  removal: Edit | undefined
): ReadonlyArray<Edit> => {
  const row = rowBefore(state, ref, removal)
  return model.of(ref.table).referrers.flatMap((reference): ReadonlyArray<Edit> => {
    if (!isTaking(reference) && reference.children !== "detach") return []
    const { targetColumns } = reference.foreignKey
    const parent = withKey(ref, row, targetColumns)
    const left = referring(state, reference, parent).filter((child) => {
      // What was only read is known to the flush as the other's child.
      const said = saying(state, reference, child)
      return said !== undefined && (removal === undefined || isBefore(said, removal))
    })
    if (isTaking(reference)) return left.map((child) => ({ _tag: "Remove", ref: child }))
    const columns = detachable(reference)
    const values = Object.fromEntries(columns.map((key) => [key, null]))
    return columns.length === 0 ? [] : left.map((child) => ({ _tag: "Patch", ref: child, values }))
  })
}

/** The edits that must come before these, of which some are of rows under keys of others. */
export const leavings = (state: SessionState, edits: ReadonlyArray<Edit>): ReadonlyArray<Edit> => {
  if (state.removals === 0) return []
  // Of every table that is edited: one may refer to another though no class says so.
  let model: ConstraintModel | null = null
  const modelHere = () =>
    (model ??= modelOf(new Set([...state.edited, ...edits.map(({ ref }) => ref.table)])))
  const patches: Array<Edit> = []
  const removes = new Map<string, Edit>()
  const leave = (edit: Edit): void => {
    if (edit._tag === "Remove") removes.set(edit.ref.id, edit)
    else patches.push(edit)
  }
  for (const { _tag, ref } of edits) {
    if (_tag !== "Put" || ref._tag === "Promised") continue
    const isAlong = goesAlong(state, ref)
    if (isAlong)
      for (const part of partsOf(modelHere(), ref))
        if (State.standing(state, part)._tag === "Here") leave({ _tag: "Remove", ref: part })
    if (!isAlong && State.standing(state, ref)._tag !== "Gone") continue
    leftBehind(state, modelHere(), ref, isAlong ? undefined : removalOf(state, ref)).forEach(leave)
  }
  return [...patches, ...removes.values()]
}
