import { EntityId, type Mapped, type OneOf, type RelationFacts } from "../mapping/EntityClass.ts"
import type { TableSource } from "../algebra/Source.ts"
import {
  classOf,
  fits,
  holdersOf,
  isWholeOf,
  refIn,
  refsOf,
  rowsOf
} from "../mapping/EntityTables.ts"
import { entityRef } from "../mapping/EntityRef.ts"
import type { Change } from "../mapping/ChangeSet.ts"
import { diff } from "../mapping/flush/diff.ts"
import { sameCell } from "../mapping/flush/canonical.ts"
import {
  isPromisedCell,
  keyRow,
  known,
  ofRow,
  type Row,
  rowKeyOf,
  rowOf,
  type RowRef
} from "../mapping/RowRef.ts"
import { refOf, standingOf, valueOver } from "./edits.ts"
import type {
  Changes,
  ColumnHistory,
  EntityState,
  Membership,
  RowChange,
  SomeHistory
} from "./SessionReports.ts"
import { ownChanges, stateOfChange, stateOfRow } from "./rowState.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"
import { refOfDraft, type Unit } from "./Unit.ts"
import { isDraft } from "../mapping/EntityDraft.ts"

/** Where the session stands with what a value, a draft or a reference is of. */
export const stateOf = (unit: Unit, value: OneOf<string>): EntityState => {
  const ref = isDraft(value) ? refOfDraft(unit, value) : refOf(unit, value)
  return ref === undefined ? "unknown" : stateOfAll(unit, value[EntityId], ref)
}

/** Of a row of several tables: it is changed where a part of it is. */
const stateOfAll = ({ state }: Unit, entity: Mapped, ref: RowRef): EntityState => {
  const [home, ...rest] = refsOf(entity, ref).map((one) => stateOfRow(state, one))
  return home === "known" && rest.includes("changed") ? "changed" : home!
}

/** A promise of a key is no value yet. */
const told = (cell: unknown): unknown => (isPromisedCell(cell) ? undefined : cell)

const historyOf = (change: Change): Readonly<Record<string, ColumnHistory>> => {
  const columns: Record<string, ColumnHistory> = {}
  const before: Row = change._tag === "Insert" ? {} : change.before
  const after: Row =
    change._tag === "Insert" ? change.row : change._tag === "Update" ? change.set : {}
  const keys = change._tag === "Update" ? Object.keys(after) : Object.keys({ ...before, ...after })
  for (const key of keys) columns[key] = { old: told(before[key]), new: told(after[key]) }
  return columns
}

const keyOf = (ref: RowRef): Row | null => (ref._tag === "Known" ? { ...keyRow(ref) } : null)

const rowChange = (change: Change): RowChange => ({
  table: State.nameOf(change.ref.table),
  key: keyOf(change.ref),
  columns: historyOf(change)
})

const pending = (state: SessionState): ReadonlyArray<Change> => {
  return diff(state.rows, State.allEdits(state)).changes
}

/** What a flush would be given: the rows that come, change and go, without what they entail. */
export const changesOf = ({ state }: Unit): Changes => {
  const found = { new: [] as Array<RowChange>, changed: [] as Array<RowChange> }
  const deleted: Array<RowChange> = []
  for (const change of pending(state)) {
    const now = stateOfChange(change)
    if (now === "new") found.new.push(rowChange(change))
    else if (now === "changed") found.changed.push(rowChange(change))
    else if (now === "deleted") deleted.push(rowChange(change))
  }
  return { ...found, deleted }
}

/** The values of an entity a session knows whole, as they have come to be. */
export const knownOf = ({ state }: Unit, entity: Mapped): ReadonlyArray<object> => {
  const values: Array<object> = []
  for (const { ref, row } of state.rows.values()) {
    if (!isHome(entity, ref.table)) continue
    const own = classOf(entity, row, ref.table)
    const now = standingOf(state, own, ref)
    const isWhole = now._tag === "Here" && isWholeOf(own, now.row) && fits(own, now.row)
    if (isWhole && own.members === null && !Object.values(now.row).some(isPromisedCell))
      values.push(valueOver(own, now.row, null))
  }
  return values
}

/** Do the rows of a table stand for those of an entity? */
const isHome = (entity: Mapped, table: TableSource): boolean =>
  entity.members === null
    ? rowsOf(entity) === table
    : [...entity.members.classes.values()].some((one) => rowsOf(one) === table)

/** What stands for a row: its draft while it is new, its value where it is known, else its key. */
const memberOf = (unit: Unit, entity: Mapped, ref: RowRef): OneOf<string> | null => {
  const now = standingOf(unit.state, entity, ref)
  const row = now._tag === "Here" ? now.row : unit.state.rows.row(ref.table, rowKeyOf(ref))
  const isWhole = row !== undefined && isWholeOf(classOf(entity, row), row)
  if (isWhole && !Object.values(row).some(isPromisedCell))
    return valueOver(entity, row, null) as OneOf<string>
  if (ref._tag === "Promised")
    return (unit.named.get(ref.promise) as OneOf<string> | undefined) ?? null
  return entityRef(entity, keyRow(ref))
}

type Move = "added" | "removed"
type Moved = Readonly<Record<Move, Array<OneOf<string>>>>

const isLinked = (
  relation: { readonly table: Change["ref"]["table"]; readonly columns: ReadonlyArray<string> },
  row: Row | null,
  key: ReadonlyArray<unknown>
): boolean =>
  row !== null &&
  relation.columns.every(
    (column, at) =>
      row[column] !== undefined &&
      row[column] !== null &&
      sameCell(relation.table.byKey.get(column)!.type, row[column], key[at])
  )

const beforeOf = (change: Change): Row | null => (change._tag === "Insert" ? null : change.before)
const afterOf = (change: Change): Row | null =>
  change._tag === "Insert"
    ? change.row
    : change._tag === "Update"
      ? rowOf(change.before, change.set)
      : null

/** The rows of one relation that come to it and leave it. */
const membersOf = (
  unit: Unit,
  relation: RelationFacts,
  own: Row,
  changes: ReadonlyArray<Change>
): Moved => {
  const moved: Moved = { added: [], removed: [] }
  const { related, through } = relation
  const held = holdersOf(related, relation.targetColumns)
  const link =
    through === null
      ? { table: held[0] ?? relation.target, columns: relation.targetColumns }
      : { table: through.table, columns: through.near }
  const key = relation.columns.map((column) => own[column])
  const home = rowsOf(related)
  for (const change of changes) {
    if (change.ref.table !== link.table || stateOfChange(change) === "unknown") continue
    const was = isLinked(link, beforeOf(change), key)
    const is = isLinked(link, afterOf(change), key)
    if (was === is) continue
    const ref =
      through === null
        ? refIn(home, change.ref)
        : farRef(relation, (is ? afterOf(change) : beforeOf(change)) ?? {})
    const member = ref === null ? null : memberOf(unit, related, ref)
    if (member !== null) moved[is ? "added" : "removed"].push(member)
  }
  return moved
}

const farRef = ({ related, targetColumns, through }: RelationFacts, row: Row): RowRef | null => {
  const cells = rowOf()
  through!.far.forEach((column, at) => {
    cells[targetColumns[at]!] = row[column]
  })
  const promise = Object.values(cells).find(isPromisedCell)
  return promise?.ref ?? ofRow(rowsOf(related), cells) ?? null
}

/** Where a relation to one led, and where it leads. */
const parentOf = (unit: Unit, relation: RelationFacts, changes: ReadonlyArray<Change>): Moved => {
  const moved: Moved = { added: [], removed: [] }
  const change = changes.find(({ ref }) =>
    relation.columns.every((column) => ref.table.byKey.has(column))
  )
  if (change === undefined) return moved
  const parentIn = (row: Row | null): OneOf<string> | null => {
    const cells = relation.columns.map((column) => row?.[column])
    const promise = cells.find(isPromisedCell)
    if (promise !== undefined) return memberOf(unit, relation.related, promise.ref)
    const isKey = relation.targetColumns.join() === relation.target.primaryKey.join()
    if (!isKey || cells.some((cell) => cell === undefined || cell === null)) return null
    return memberOf(unit, relation.related, known(rowsOf(relation.related), cells))
  }
  const [was, is] = [beforeOf(change), afterOf(change)]
  const isSame = relation.columns.every((column) =>
    sameCell(relation.owner.source.byKey.get(column)!.type, was?.[column], is?.[column])
  )
  if (isSame) return moved
  const [left, joined] = [parentIn(was), parentIn(is)]
  if (left !== null) moved.removed.push(left)
  if (joined !== null) moved.added.push(joined)
  return moved
}

/** What became of a row and of its relations since the session believes what it does. */
export const historyOfValue = (unit: Unit, value: OneOf<string>): SomeHistory => {
  const entity = value[EntityId]
  const ref = isDraft(value) ? refOfDraft(unit, value) : refOf(unit, value)
  if (ref === undefined) return { state: "unknown", columns: {}, relations: {} }
  const { state } = unit
  const refs = refsOf(entity, ref)
  const changes = refs
    .flatMap((one) => ownChanges(state, one).slice(0, 1))
    .filter((one) => stateOfChange(one) !== "unknown")
  const base = refs.map((one) => state.rows.row(one.table, rowKeyOf(one)) ?? {})
  const own = rowOf(keyRow(ref), ...base, ...changes.map((one) => afterOf(one) ?? {}))
  const all = pending(state)
  const relations: Record<string, Membership> = {}
  for (const relation of entity.relations().values()) {
    if (relation.on !== null) continue
    const moved =
      relation.kind === "belongsTo"
        ? parentOf(unit, relation, changes)
        : membersOf(unit, relation, own, all)
    if (moved.added.length + moved.removed.length > 0) relations[relation.name] = moved
  }
  return {
    state: stateOfAll(unit, entity, ref),
    columns: Object.assign({}, ...changes.map(historyOf)),
    relations
  }
}
