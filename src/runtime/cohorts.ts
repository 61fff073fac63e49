import type { TableSource } from "../algebra/Source.ts"
import {
  EntityId,
  isOfEntity,
  type Mapped,
  type OneOf,
  type RelationFacts,
  soleEntity
} from "../mapping/EntityClass.ts"
import { rowsOf } from "../mapping/EntityTables.ts"
import { type Row, type RowKey, rowKeyOfRow } from "../mapping/RowRef.ts"
import { absorb } from "./edits.ts"
import type { Shared } from "./sharing.ts"
import type { Moment, Unit } from "./Unit.ts"

/**
 * Values that came with one statement: what one of them wants to know, the others will.
 *
 * **Shape** at most so many together, in their order: `keys` says where each stands.
 */
export interface Cohort {
  readonly table: TableSource
  readonly rows: ReadonlyArray<object>
  readonly keys: ReadonlyMap<RowKey, number>
  readonly shared: Map<RelationFacts, Shared>
}

const most = 1000

/** A row without a key came alone. */
export const keyOf = (table: TableSource, row: object): RowKey =>
  table.primaryKey.length === 0 ? "" : rowKeyOfRow(table, row as Row)

/** A session remembers so many cohorts of a table: a loop asks for members of the last ones. */
const mostCohorts = 32

interface Came {
  readonly rows: ReadonlyArray<object>
  /** Made when the first member asks. */
  parts: ReadonlyArray<Cohort> | null
}

const books = new WeakMap<Unit, Map<TableSource, Array<Came>>>()

/** Believes what was read, and remembers that it came together. */
export const received = (unit: Unit, since: Moment, rows: ReadonlyArray<object>): void => {
  // Rows by the thousand are walked once to see whose they are.
  const sole = soleEntity(rows)
  absorb(unit, since, rows, sole)
  together(unit, rows, sole)
}

const together = (unit: Unit, rows: ReadonlyArray<object>, sole: Mapped | null): void => {
  const [first] = rows
  if (rows.length < 2 || first === undefined || !isOfEntity(first)) return
  if (sole !== null) return cameOf(unit, first, rows)
  // Members of a family may be kept in tables of their own, where one key is that of several rows.
  for (const own of Map.groupBy(rows as ReadonlyArray<OneOf<string>>, homeOf).values())
    if (own.length > 1) cameOf(unit, own[0]!, own)
}

const homeOf = (row: OneOf<string>): TableSource => rowsOf(row[EntityId])

const cameOf = (unit: Unit, first: OneOf<string>, rows: ReadonlyArray<object>): void => {
  const table = homeOf(first)
  if (table.primaryKey.length === 0) return
  let book = books.get(unit)
  if (book === undefined) books.set(unit, (book = new Map()))
  const came = book.get(table)
  if (came === undefined) book.set(table, [{ rows, parts: null }])
  else {
    came.push({ rows, parts: null })
    if (came.length > mostCohorts) came.shift()
  }
}

/** Forgets what came together: of a session that has ended nothing is kept. */
export const apart = (unit: Unit): void => {
  books.delete(unit)
}

const cohortsIn = (table: TableSource, came: Came): ReadonlyArray<Cohort> => {
  if (came.parts !== null) return came.parts
  const parts: Array<Cohort> = []
  for (let at = 0; at < came.rows.length; at += most)
    parts.push(cohortOf(table, came.rows.slice(at, at + most)))
  return (came.parts = parts)
}

const cohortOf = (table: TableSource, rows: ReadonlyArray<object>): Cohort => ({
  table,
  rows,
  keys: new Map(rows.map((row, at) => [keyOf(table, row), at])),
  shared: new Map()
})

/** The values a value came with, itself among them: those of the newest statement that gave it. */
export const cohortWith = (unit: Unit, value: object, table: TableSource): Cohort => {
  const key = keyOf(table, value)
  const came = books.get(unit)?.get(table) ?? []
  for (let at = came.length - 1; at >= 0; at--) {
    const found = cohortsIn(table, came[at]!).find(({ keys }) => keys.has(key))
    if (found !== undefined) return found
  }
  return cohortOf(table, [value])
}

/**
 * The members to ask for beside this one: those behind it.
 *
 * **Shape** all, at first. Who writes as they go makes what was found for the others worthless:
 * then twice as many as had asked, and again more as soon as all of them do.
 */
export const window = ({ keys, rows, shared }: Cohort, facts: RelationFacts, key: RowKey) => {
  const before = shared.get(facts)
  const at = keys.get(key) ?? 0
  if (before === undefined) return rows
  const { left, width } = before
  const next = left.size === 0 ? width * 4 : (width - left.size) * 2
  return next >= rows.length ? rows : rows.slice(at, at + Math.max(1, next))
}
