import { held } from "../algebra/frozen.ts"
import { shownKeys } from "../algebra/schema/tableSource.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { EntityId, isOfEntity, type Mapped, type OneOf } from "../mapping/EntityClass.ts"
import { isDraft } from "../mapping/EntityDraft.ts"
import { entityRef, isRef } from "../mapping/EntityRef.ts"
import { construct } from "../mapping/PlanAttach.ts"
import {
  keyRow,
  ofRow,
  type Row,
  rowKeyOf,
  rowKeyOfRow,
  rowOf,
  type RowRef
} from "../mapping/RowRef.ts"
import * as State from "./SessionState.ts"
import { tell } from "./watch.ts"
import { holdsSince, type Moment, refOfDraft, type Unit } from "./Unit.ts"

/** The ref of anything that stands for a row of this session's database. */
export const refOf = (unit: Unit, one: OneOf<string>): RowRef => {
  const { label, source } = one[EntityId]
  if (isDraft(one))
    return refOfDraft(unit, one) ?? refuse(`this ${label} was never added to the session`)
  if (isRef(one)) return one
  return (
    ofRow(source, one as unknown as Row) ??
    refuse(`this ${label} has no key: the session cannot follow it`)
  )
}

/**
 * A value of an entity over a row: whole, or with what an older value of it has.
 *
 * **Shape** of the older one are its columns, by what is known of them now, and all it has beside.
 */
export const valueOver = (entity: Mapped, row: Row, old: object | null): object => {
  const cells = rowOf()
  const { columns, queried } = entity.source
  if (old === null || isRef(old) || isDraft(old)) {
    for (const key of shownKeys(entity.source)) if (row[key] !== undefined) cells[key] = row[key]
    return construct(entity, cells)
  }
  for (const { key } of [...columns, ...queried])
    if (Object.hasOwn(old, key)) cells[key] = row[key] === undefined ? (old as Row)[key] : row[key]
  for (const [key, known] of Object.entries(old)) if (!(key in cells)) cells[key] = known
  return construct(entity, cells)
}

/** The newest value of a row, with what only an older value of it knows. */
export const newest = (unit: Unit, value: OneOf<string>, ref: RowRef): object => {
  const now = State.standing(unit.state, ref)
  return now._tag === "Here" ? valueOver(value[EntityId], now.row, value) : value
}

/** Columns of a patch: relations to one give the columns that hold their key. */
export const patchCells = (unit: Unit, entity: Mapped, patch: Row): Row => {
  const cells: Record<string, unknown> = {}
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === undefined) continue
    const column = entity.source.byKey.get(key)
    if (column !== undefined) {
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
        parent === null
          ? null
          : keyCell(unit, parent, relation.targetColumns[i]!, relation.related.label)
    })
  }
  return cells
}

/** What a row holds in a column others refer to; a promise where the server has yet to make it. */
export const keyCell = (unit: Unit, ref: RowRef, column: string, label: string): unknown => {
  const at = ref.table.primaryKey.indexOf(column)
  if (ref._tag === "Known" && at >= 0) return ref.key[at]
  const now = State.standing(unit.state, ref)
  return (
    (now._tag === "Here" ? now.row[column] : undefined) ??
    refuse(`${label}: its "${column}" is not known, so nothing can refer to it`)
  )
}

/**
 * A value another session read is as good as one this one did: its columns are what is believed.
 * Where a command past the session has written the table since, only its key and version are.
 */
export const meet = (unit: Unit, value: object, ref: RowRef): void => {
  if (isDraft(value) || isRef(value)) return
  const { table } = ref
  const key = rowKeyOf(ref)
  if (unit.state.rows.row(table, key) !== undefined) return
  if (State.editsOf(unit.state, ref).length > 0) return
  if (!State.isOutdated(unit.state, table)) {
    unit.state = State.believe(unit.state, table, key, value as Row)
    tell(unit, [{ ref }])
    return
  }
  const version = table.columns.find((column) => column.version !== false)?.key
  if (version === undefined) return
  const row = { ...keyRow(ref), [version]: (value as Row)[version] }
  unit.state = State.believe(unit.state, table, key, row)
  tell(unit, [{ ref }])
}

/** Believes every entity found in rows that were read. */
export const absorb = (unit: Unit, since: Moment, rows: ReadonlyArray<unknown>): void => {
  for (const row of rows) collect(unit, since, row)
}

const collect = (unit: Unit, since: Moment, value: unknown): void => {
  if (typeof value !== "object" || value === null) return
  if (isOfEntity(value)) return believe(unit, since, value[EntityId].source, value)
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== Object.prototype && prototype !== null) return
  for (const part of Object.values(value)) collect(unit, since, part)
}

/** Believes one row that was read, where it has a key to be found by. */
const believe = (unit: Unit, since: Moment, table: TableSource, value: object): void => {
  if (table.primaryKey.length === 0 || !holdsSince(unit, since, table)) return
  const row = value as Row
  unit.state = State.learn(unit.state, table, rowKeyOfRow(table, row), row)
  if (unit.watch !== null) tell(unit, [{ ref: ofRow(table, row)! }])
}

/**
 * Rows that were read, with what is pending on top: nothing is, where it was written before.
 *
 * **Shape** a row that is to be deleted is given as it was read.
 */
export const overlaid = <A>(unit: Unit, rows: ReadonlyArray<A>): ReadonlyArray<A> =>
  State.isPending(unit.state) ? rows.map((row) => over(unit, row) as A) : rows

const over = (unit: Unit, value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (isOfEntity(value)) {
    const { source } = value[EntityId]
    const ref = ofRow(source, value as unknown as Row)
    return ref === undefined || State.editsOf(unit.state, ref).length === 0
      ? value
      : newest(unit, value, ref)
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, over(unit, part)]))
}
