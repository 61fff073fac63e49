import type { ColumnValue } from "../algebra/schema/Column.ts"
import { refuse } from "../algebra/StatementError.ts"
import {
  type AnyEntity,
  EntityId,
  isOfEntity,
  type Mapped,
  type OneOf,
  type RelationFacts
} from "./EntityClass.ts"
import { isDraft } from "./EntityDraft.ts"
import { entityRef, isRef } from "./EntityRef.ts"
import { holdersOf, homeOf } from "./EntityTables.ts"
import type {
  ValueClasses,
  ColumnsOf,
  KeyOf,
  KindOf,
  Relations,
  TargetOf,
  ValueNames
} from "./EntityTypes.ts"
import { sameCell } from "./flush/canonical.ts"
import { type KnownRef, ofRow, type Row, rowOf } from "./RowRef.ts"

/**
 * A row from outside with what hangs on it: columns by key, relations by name, each optional.
 *
 * **Shape** what is left out is left alone. A parent is a row, its key, or null; a relation to many
 * is the whole list.
 *
 * @category models
 */
export type Outside<E extends AnyEntity> = {
  readonly [K in keyof ColumnsOf<E>]?: ColumnValue<ColumnsOf<E>[K]> | undefined
} & { readonly [K in keyof Relations<E>]?: OutsideLink<Relations<E>[K]> | undefined }

/**
 * A row from outside of an entity, or of a family: then it is of the member that its tag says.
 *
 * @category models
 */
export type OutsideOf<E extends AnyEntity> = OutsideOne<ValueClasses<E>>

type OutsideOne<E extends AnyEntity> = E extends unknown ? Outside<E> : never

type OutsideLink<R> =
  KindOf<R> extends "belongsTo"
    ? OutsideOf<TargetOf<R>> | OneOf<ValueNames<TargetOf<R>>> | KeyOf<TargetOf<R>> | null
    : KindOf<R> extends "hasOne"
      ? OutsideOf<TargetOf<R>> | OneOf<ValueNames<TargetOf<R>>> | null
      : KindOf<R> extends "hasMany" | "manyToMany"
        ? ReadonlyArray<OutsideOf<TargetOf<R>> | OneOf<ValueNames<TargetOf<R>>>>
        : never

/** What a link leads to: a row of the graph, or one that is only named. */
export type OutsideEnd = OutsideRow | KnownRef

/** One row of a graph from outside. */
export interface OutsideRow {
  readonly entity: Mapped
  /** Its key, where all of it was given. */
  readonly ref: KnownRef | null
  /** The columns that were given. */
  readonly cells: Record<string, unknown>
  readonly parents: Map<RelationFacts, OutsideEnd | null>
  readonly children: Map<RelationFacts, ReadonlyArray<OutsideEnd>>
}

/** Is this a row of the graph, and not one that is only named? */
export const isOutsideRow = (end: OutsideEnd): end is OutsideRow => "cells" in end

interface Reading {
  readonly seen: Map<object, OutsideRow>
  readonly byId: Map<string, OutsideRow>
  readonly rows: Array<OutsideRow>
}

const given = ({ label }: Mapped, key: string): string => `merge: "${key}" of ${label}`

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Two mentions of one row say the same, or nothing of what the other says. */
const join = (entity: Mapped, into: Record<string, unknown>, cells: Row): void => {
  for (const [key, value] of Object.entries(cells)) {
    const { type } = entity.source.byKey.get(key)!
    if (key in into && !sameCell(type, into[key], value))
      refuse(`${given(entity, key)} is given twice, with two values`)
    into[key] = value
  }
}

/** The class of a row of the graph: a value has one, and of a family the tag tells it. */
const classIn = (entity: Mapped, value: Row): Mapped => {
  if (entity.members === null) return entity
  if (isOfEntity(value)) return value[EntityId]
  const { by, classes } = entity.members
  return (
    classes.get(value[by]) ??
    refuse(
      `merge: which ${entity.label} a row is, its "${by}" says: "${String(value[by])}" is none`
    )
  )
}

/** What was given of a row's own columns. */
const cellsOf = (entity: Mapped, value: Row): Row => {
  const relations = entity.relations()
  const cells: Record<string, unknown> = rowOf()
  for (const [key, cell] of Object.entries(value)) {
    if (cell === undefined || relations.has(key)) continue
    if (key in entity.fixed) {
      if (cell !== entity.fixed[key]) refuse(`${given(entity, key)} is what its class says`)
      continue
    }
    const column = entity.source.byKey.get(key)
    if (column === undefined)
      return refuse(`${given(entity, key)} is neither a column nor a relation`)
    if (entity.source.over !== null && holdersOf(entity, [key]).length === 0)
      refuse(`${given(entity, key)} is read, never written`)
    if (cell === null && !column.nullable) refuse(`${given(entity, key)} is null, and cannot be`)
    cells[key] = cell
  }
  return cells
}

const rowIn = (asked: Mapped, value: unknown, reading: Reading): OutsideRow => {
  if (!isRecord(value)) return refuse(`merge: a ${asked.label} is a record, not ${typeof value}`)
  if (isDraft(value)) return refuse(`merge: a draft of ${asked.label} is added, not merged`)
  const before = reading.seen.get(value)
  if (before !== undefined) return before
  const entity = classIn(asked, value)
  const relations = entity.relations()
  const cells = cellsOf(entity, value)
  const ref = ofRow(homeOf(entity), cells) ?? null
  const known = ref === null ? undefined : reading.byId.get(ref.id)
  if (known !== undefined && known.entity !== entity)
    refuse(`merge: a row is a ${known.entity.label} and a ${entity.label}: say it as one of them`)
  const row = known ?? { entity, ref, cells: rowOf(), parents: new Map(), children: new Map() }
  reading.seen.set(value, row)
  if (ref !== null) reading.byId.set(ref.id, row)
  if (known === undefined) reading.rows.push(row)
  join(entity, row.cells, cells)
  for (const relation of relations.values()) {
    const found = value[relation.name]
    if (found === undefined) continue
    if (relation.on !== null) refuse(`${given(entity, relation.name)} is read, never written`)
    if (relation.isLarge) refuse(`${given(entity, relation.name)} is too large to be given whole`)
    if (relation.kind === "belongsTo")
      row.parents.set(relation, parentIn(entity, relation, found, reading))
    else row.children.set(relation, childrenIn(entity, relation, found, reading))
  }
  return row
}

const parentIn = (
  entity: Mapped,
  { name, nullable, related }: RelationFacts,
  value: unknown,
  reading: Reading
): OutsideEnd | null => {
  if (value === null)
    return nullable ? null : refuse(`${given(entity, name)} is null, and cannot be`)
  return isRecord(value) && !isKeyAlone(related, value)
    ? endIn(related, value, reading)
    : entityRef(related, value)
}

/** A key of several columns is a record too. */
const isKeyAlone = ({ source }: Mapped, value: object): boolean => {
  const { primaryKey } = source
  const keys = Object.keys(value)
  return !(
    isOfEntity(value) ||
    primaryKey.length < 2 ||
    keys.length !== primaryKey.length ||
    !primaryKey.every((key) => keys.includes(key))
  )
}

const endIn = (entity: Mapped, value: unknown, reading: Reading): OutsideEnd =>
  isRecord(value) && isRef(value) ? value : rowIn(entity, value, reading)

const childrenIn = (
  entity: Mapped,
  { kind, name, related }: RelationFacts,
  value: unknown,
  reading: Reading
): ReadonlyArray<OutsideEnd> => {
  const list: unknown = kind !== "hasOne" ? value : value === null ? [] : [value]
  return Array.isArray(list)
    ? list.map((one) => endIn(related, one, reading))
    : refuse(`${given(entity, name)} is not the whole list`)
}

/**
 * Graphs from outside as rows: each row once, by its key and by its object.
 *
 * **Errors** `StatementError` for what is neither a column nor a relation, for a part of a
 * relation, and for a column that is given twice with two values.
 */
export const outsideRows = (
  entity: Mapped,
  graphs: ReadonlyArray<unknown>
): { readonly roots: ReadonlyArray<OutsideRow>; readonly rows: ReadonlyArray<OutsideRow> } => {
  const reading: Reading = { seen: new Map(), byId: new Map(), rows: [] }
  const roots = graphs.map((graph) => rowIn(entity, graph, reading))
  return { roots, rows: reading.rows }
}
