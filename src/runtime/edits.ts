import { held } from "../algebra/frozen.ts"
import { shownKeys } from "../algebra/schema/tableSource.ts"
import { isServerSet } from "../algebra/serverMade.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { EntityId, isOfEntity, type Mapped, type OneOf } from "../mapping/EntityClass.ts"
import { isDraft } from "../mapping/EntityDraft.ts"
import { entityRef, isRef } from "../mapping/EntityRef.ts"
import { cellsIn, classOf, isWholeOf, refIn, rowsOf } from "../mapping/EntityTables.ts"
import { withGiven } from "../mapping/givenBeside.ts"
import { construct, revised } from "../mapping/construct.ts"
import {
  keyRow,
  ofRow,
  ownKeyOf,
  type Row,
  rowKeyOf,
  rowKeyOfRow,
  rowOf,
  type RowRef
} from "../mapping/RowRef.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"
import { tell } from "./watch.ts"
import { holdsSince, type Moment, refOfDraft, type Unit } from "./Unit.ts"

/** The ref of anything that stands for a row of this session's database. */
export const refOf = (unit: Unit, one: OneOf<string>): RowRef => {
  const entity = isOfEntity(one)
    ? one[EntityId]
    : refuse("a session is asked for a row: a value, a draft or a reference of an entity")
  if (isDraft(one))
    return refOfDraft(unit, one) ?? refuse(`this ${entity.label} was never added to the session`)
  if (isRef(one)) return one
  return (
    ofRow(rowsOf(entity), one as unknown as Row) ??
    refuse(`this ${entity.label} has no key: the session cannot follow it`)
  )
}

/**
 * A value of an entity over a row: whole, or with what an older value of it has.
 *
 * **Shape** of the older one are its columns, by what is known of them now, and all it has beside.
 */
export const valueOver = (kind: Mapped, known: Row, old: object | null): object => {
  const entity = classOf(kind, known)
  const row = entity.source.over === null ? known : { ...entity.fixed, ...known }
  if (old === null || isRef(old) || isDraft(old)) {
    const cells = rowOf()
    for (const key of shownKeys(entity.source)) if (row[key] !== undefined) cells[key] = row[key]
    return construct(entity, cells)
  }
  return withGiven(revised(entity, old as Row, row), old)
}

/** The newest value of a row, with what only an older value of it knows. */
export const newest = (unit: Unit, value: OneOf<string>, ref: RowRef): object => {
  const now = standingOf(unit.state, value[EntityId], ref)
  return now._tag === "Here" ? valueOver(value[EntityId], now.row, value) : value
}

/** What a row has come to, of all tables that keep it. */
export const standingOf = (
  state: SessionState,
  entity: Mapped,
  ref: RowRef,
  read?: Row
): State.Standing => {
  const { source, tables } = entity
  const over = (table: TableSource): State.Standing => {
    const own = refIn(table, ref)
    return read === undefined
      ? State.standing(state, own)
      : State.standingOver(state, own, cellsIn(table, read))
  }
  if (source.over === null)
    return read === undefined ? State.standing(state, ref) : State.standingOver(state, ref, read)
  const [home, ...others] = tables.map(over)
  if (home === undefined) return { _tag: "Here", row: read ?? keyRow(ref), isWhole: false }
  if (home._tag !== "Here") return home
  const rows = others.map((one) => (one._tag === "Here" ? one.row : {}))
  const row: Row = Object.assign({}, read, ...rows, home.row)
  return { _tag: "Here", row, isWhole: isWholeOf(entity, row) }
}

/** Columns of a patch: relations to one give the columns that hold their key. */
export const patchCells = (unit: Unit, entity: Mapped, patch: Row): Row => {
  const cells: Record<string, unknown> = {}
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === undefined) continue
    const column = entity.source.byKey.get(key)
    if (column !== undefined) {
      if (key in entity.fixed) refuse(`"${key}" of ${entity.label} is what its class says`)
      if (isServerSet(column, "update")) refuse(`"${key}" of ${entity.label} is set by the server`)
      if (column.writeOnce) refuse(`"${key}" of ${entity.label} is never changed after insert`)
      cells[key] = held(value)
      continue
    }
    const relation = entity.relations().get(key)
    if (relation?.kind !== "belongsTo") {
      return refuse(`${entity.label} has no column and no relation to one named "${key}"`)
    }
    const parent =
      value === null
        ? null
        : refOf(unit, isOfEntity(value) ? value : entityRef(relation.related, value))
    relation.columns.forEach((name, i) => {
      cells[name] =
        parent === null ? null : keyCell(unit, parent, relation.targetColumns[i]!, relation.related)
    })
  }
  return cells
}

/** What a row holds in a column others refer to; a promise where the server has yet to make it. */
export const keyCell = (unit: Unit, ref: RowRef, column: string, entity: Mapped): unknown => {
  const at = ref.table.primaryKey.indexOf(column)
  if (ref._tag === "Known" && at >= 0) return ref.key[at]
  const now = standingOf(unit.state, entity, ref)
  return (
    (now._tag === "Here" ? now.row[column] : undefined) ??
    refuse(`${entity.label}: its "${column}" is not known, so nothing can refer to it`)
  )
}

/**
 * A value another session read is as good as one this one did: its columns are what is believed.
 * Where a command past the session has written the table since, only its key and version are.
 */
export const meet = (unit: Unit, value: object, ref: RowRef): void => {
  if (isDraft(value) || isRef(value)) return
  const tables = isOfEntity(value) ? value[EntityId].tables : [ref.table]
  for (const table of tables) meetIn(unit, value, refIn(table, ref))
}

const meetIn = (unit: Unit, value: object, ref: RowRef): void => {
  const { table } = ref
  const key = rowKeyOf(ref)
  if (unit.state.rows.row(table, key) !== undefined) return
  if (State.editsOf(unit.state, ref).length > 0) return
  if (!State.isOutdated(unit.state, table)) {
    unit.state = State.believe(unit.state, table, key, keptIn(table, value))
    tell(unit, [{ ref }])
    return
  }
  const version = table.columns.find((column) => column.version !== false)?.key
  if (version === undefined) return
  const row = { ...keyRow(ref), [version]: (value as Row)[version] }
  unit.state = State.believe(unit.state, table, key, row)
  tell(unit, [{ ref }])
}

/**
 * Is this value of another version than any this session has known of its row? Who read it saw
 * another row than the one that a change would be put on.
 */
export const isStale = (unit: Unit, value: OneOf<string>, ref: RowRef): boolean =>
  !isDraft(value) &&
  !isRef(value) &&
  value[EntityId].tables.some((table) => {
    const own = refIn(table, ref)
    return unit.state.rows.isStrange(table, rowKeyOf(own), value as unknown as Row)
  })

/** Believes every entity found in rows that were read; `sole` is the one all of them are of. */
export const absorb = (
  unit: Unit,
  since: Moment,
  rows: ReadonlyArray<unknown>,
  sole: Mapped | null
): void => {
  const table = unit.watch === null && sole !== null ? tableOf(sole, rows) : null
  if (table !== null) {
    if (holdsSince(unit, since, table))
      unit.state = State.learnAll(unit.state, table, rows as ReadonlyArray<Row>)
    return
  }
  let { state } = unit
  for (const row of rows) state = collected(unit, since, state, row)
  unit.state = state
}

/** Fewer rows are met at once: a session that reads one is about to ask for it. */
const fewRows = 8

/** The one table all these rows are of, by keys of one whole number; else null. */
const tableOf = ({ source }: Mapped, rows: ReadonlyArray<unknown>): TableSource | null => {
  if (rows.length < fewRows || source.over !== null) return null
  return rows.every((row) => ownKeyOf(source, row as Row) !== undefined) ? source : null
}

const collected = (
  unit: Unit,
  since: Moment,
  before: SessionState,
  value: unknown
): SessionState => {
  if (typeof value !== "object" || value === null) return before
  let state = before
  if (isOfEntity(value)) {
    const { source, tables } = value[EntityId]
    if (source.over === null) return believed(unit, since, state, source, value)
    for (const table of tables)
      state = cellsBelieved(unit, since, state, table, value as unknown as Row)
    return state
  }
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== Object.prototype && prototype !== null) return state
  for (const part of Object.values(value)) state = collected(unit, since, state, part)
  return state
}

/** The row itself where all of it is of the table: who reads it again gets the same. */
const keptIn = (table: TableSource, value: object): Row =>
  isOfEntity(value) && value[EntityId].source === table
    ? (value as unknown as Row)
    : cellsIn(table, value as Row)

/** With what a table keeps of a row, beside what is known of it by other classes. */
const cellsBelieved = (
  unit: Unit,
  since: Moment,
  state: SessionState,
  table: TableSource,
  read: Row
): SessionState => {
  if (table.primaryKey.length === 0 || !holdsSince(unit, since, table)) return state
  const key = rowKeyOfRow(table, read)
  const row = rowOf(state.rows.row(table, key) ?? {}, cellsIn(table, read))
  return heard(unit, State.believe(state, table, key, row), table, row)
}

/** With one row that was read, where it has a key to be found by. */
const believed = (
  unit: Unit,
  since: Moment,
  state: SessionState,
  table: TableSource,
  value: object
): SessionState => {
  if (table.primaryKey.length === 0 || !holdsSince(unit, since, table)) return state
  const row = value as Row
  return heard(unit, State.learn(state, table, rowKeyOfRow(table, row), row), table, row)
}

/** Who listens hears of a row as soon as it is believed. */
const heard = (unit: Unit, state: SessionState, table: TableSource, row: Row): SessionState => {
  if (unit.watch === null) return state
  unit.state = state
  tell(unit, [{ ref: ofRow(table, row)! }])
  return unit.state
}

/**
 * Rows that were read, with what is pending on top: nothing is, where it was written before.
 *
 * **Shape** a row that is to be deleted is given as it was read.
 */
export const overlaid = <A>(unit: Unit, rows: ReadonlyArray<A>): ReadonlyArray<A> =>
  State.isPending(unit.state) ? rows.map((row) => over(unit, row) as A) : rows

/** Is something of a row pending, in one of its tables? */
export const isEdited = (state: SessionState, { tables }: Mapped, ref: RowRef): boolean =>
  tables.some((table) => State.editsOf(state, refIn(table, ref)).length > 0)

const over = (unit: Unit, value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (isOfEntity(value)) {
    const entity = value[EntityId]
    const ref = ofRow(rowsOf(entity), value as unknown as Row)
    return ref === undefined || !isEdited(unit.state, entity, ref)
      ? value
      : newest(unit, value, ref)
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, over(unit, part)]))
}
