import * as Effect from "effect/Effect"
import { FromId } from "../algebra/From.ts"
import * as Query from "../algebra/Query.ts"
import { isServerSet } from "../algebra/serverMade.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse, StatementError } from "../algebra/StatementError.ts"
import { Database } from "../effects/Database.ts"
import { UniqueViolation, type WriteError } from "../effects/DatabaseError.ts"
import { type AnyEntity, ClassId, type Mapped } from "../mapping/EntityClass.ts"
import { DraftId, draftOf } from "../mapping/EntityDraft.ts"
import { type Row, rowOf } from "../mapping/RowRef.ts"
import {
  type Built,
  drawing,
  insertOf,
  isGiven,
  matched,
  prepared,
  type Rows,
  send,
  textOf,
  written
} from "./bulk.ts"
import { inserting, rewritesUpdates } from "./hooks.ts"
import { rowsByKey } from "./rowsByKey.ts"
import type { Moment, Unit } from "./Unit.ts"

/** How rows that are there are told, and what becomes of them. */
export interface Upserting {
  readonly on?: ReadonlyArray<string> | undefined
  readonly set?: ReadonlyArray<string> | undefined
}

type Keys = ReadonlyArray<string>

const sendAway = (statement: Built): Effect.Effect<number, WriteError, Database> =>
  Database.run(statement)

/** Null for a value that fits no column: the statement that is sent says so, with its path. */
const fitting = (table: TableSource, columns: Keys, row: Row): string | null => {
  try {
    return textOf(table, columns, row)
  } catch (error) {
    if (error instanceof StatementError) return null
    throw error
  }
}

/** The columns an upsert writes where the row is there: those given, save what tells it apart. */
const changedBy = ({ source }: Mapped, given: Keys, on: Keys): Keys =>
  given.filter((key) => {
    const column = source.byKey.get(key)!
    const isMade = column.computed !== null || isServerSet(column, "update")
    const isFixed = column.writeOnce || column.version || isMade
    return !isFixed && !on.includes(key) && !source.primaryKey.includes(key)
  })

/** Rows that give the same columns: a default of one is no value for another that is there. */
const byColumns = (rows: Rows): ReadonlyArray<readonly [Keys, Rows]> => {
  const given = (row: Row) => Object.keys(row).filter((key) => row[key] !== undefined)
  const groups = Map.groupBy(rows, (row) => given(row).toSorted().join())
  return [...groups.values()].map((own) => [given(own[0]!), own] as const)
}

/** The one table that keeps a row whole: no statement inserts into two or updates both. */
const keptIn = ({ label, members, source, tables }: Mapped): TableSource => {
  if (source.over === null) return source
  if (members !== null) refuse(`upsert: ${label} is a family: name the class of its rows`)
  const [home, ...others] = tables
  if (home === undefined) return refuse(`upsert: ${label} is only read`)
  if (others.length > 0) refuse(`upsert: ${label} is kept in several tables: merge its rows`)
  return home
}

const upsertOf = Effect.fnUntraced(function* (
  unit: Unit,
  entity: Mapped,
  rows: Rows,
  { on, set }: { readonly on: Keys; readonly set: Keys }
) {
  const { c } = entity.class as unknown as { readonly c: Row }
  const conflict = insertOf(entity, rows).onConflict(...on.map((key) => c[key]))
  if (set.length > 0) {
    const proposed = Query.excluded(entity.class as never).c as Row
    const changes = Object.fromEntries(set.map((key) => [key, proposed[key]]))
    return yield* send(conflict.doUpdate(changes).returning())
  }
  // Nothing is to be changed: what is there is read, neither counted nor stamped.
  const added = yield* send(conflict.doNothing().returning())
  const there = new Set(added.map((row) => textOf(entity.source, on, row)))
  const left = rows.filter((row) => !there.has(textOf(entity.source, on, row)))
  if (left.length === 0) return added
  const keys = left.map((row) => on.map((key) => row[key]))
  const read = yield* rowsByKey(unit.engine, { table: entity.source, columns: on, keys })
  return [...added, ...read.map(({ row }) => row)]
})

/** Rows of a class over a table, as `make` takes them, with what tells its rows from others. */
const checkedRows = (unit: Unit, entity: Mapped, home: TableSource, rows: Rows): Rows =>
  rows.map((row) => {
    const { children, parents, values } = draftOf(entity, row)[DraftId]
    const [other] = [...parents.keys(), ...children.keys()]
    if (other !== undefined)
      refuse(`upsert: a row of ${entity.label} has columns alone: "${other}" is a relation`)
    const cells = rowOf(values)
    for (const [key, value] of Object.entries(entity.fixed))
      if (home.byKey.has(key)) cells[key] = value
    return inserting(unit.hooks, home, cells)
  })

/**
 * The same of a class over a table: written there, and read as its own.
 *
 * **Shape** the columns of the table have no defaults of one member's, so they are given. A row
 * that is there and is of another class does not come back: nothing is written then.
 */
const upsertOver = Effect.fnUntraced(function* (
  unit: Unit,
  entity: Mapped,
  home: TableSource,
  given: Rows,
  { on, set }: { readonly on: Keys; readonly set: Keys | undefined }
) {
  const { label, source } = entity
  const drawn = yield* drawing
  const own = source.columns.filter(
    ({ default: made, key }) => made !== null && home.byKey.get(key)?.default === null
  )
  const filled = (row: Row): Row => {
    const cells = rowOf(row)
    for (const column of own) if (cells[column.key] === undefined) cells[column.key] = drawn(column)
    return cells
  }
  const c = tableRefs(home, home.name) as Row
  const into = { [FromId]: tableFrom(home, home.name), c }
  const proposed = Query.excluded(into as never).c as Row
  for (const [columns, rows] of byColumns(given)) {
    const told = set ?? changedBy(entity, columns, on)
    const insert = Query.insert(into).rows(rows.map(filled) as never) as unknown as Built
    const conflict = insert.onConflict(...on.map((key) => c[key]))
    const changes = Object.fromEntries(told.map((key) => [key, proposed[key]]))
    const made = told.length > 0 ? conflict.doUpdate(changes) : conflict.doNothing()
    yield* sendAway(made)
  }
  const keys = given.map((row) => on.map((key) => row[key]))
  const read = yield* rowsByKey(
    unit.engine,
    { table: source, columns: on, keys },
    { isWhole: true }
  )
  const found = read.map(({ row }) => row)
  const there = new Set(found.map((row) => textOf(source, on, row)))
  if (given.every((row) => there.has(textOf(source, on, row)))) return found
  return yield* new UniqueViolation({
    message: `"${home.name}" has a row of this ${on.join(", ")} that is no ${label}`,
    dialect: unit.engine.dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    constraint: null,
    table: home.name,
    columns: on
  })
})

/** Each row as it stands once it was inserted or changed; all are checked before one is sent. */
const upsertedRows = Effect.fnUntraced(function* (
  unit: Unit,
  entity: Mapped,
  home: TableSource,
  rows: Rows,
  { on, set }: { readonly on: Keys; readonly set: Keys | undefined }
) {
  const { label, source } = entity
  const given =
    home === source ? yield* prepared(unit, entity, rows) : checkedRows(unit, entity, home, rows)
  const seen = new Set<string>()
  for (const row of given) {
    const left = on.find((key) => !isGiven(row[key]))
    if (left !== undefined) refuse(`upsert: a row of ${label} without "${left}"`)
    const text = fitting(source, on, row)
    if (text !== null && seen.has(text))
      refuse(`upsert: two rows of ${label} have one ${on.join(", ")}`)
    if (text !== null) seen.add(text)
  }
  const back: Array<Row> = []
  if (home !== source) back.push(...(yield* upsertOver(unit, entity, home, given, { on, set })))
  else
    for (const [columns, own] of byColumns(given)) {
      const changed = set ?? changedBy(entity, columns, on)
      back.push(...(yield* upsertOf(unit, entity, own, { on, set: changed })))
    }
  return yield* matched(unit, entity, on, given, back)
})

/** Inserts rows, or changes those that are there; gives each as it now stands, in order. */
export const upsertRows = (
  unit: Unit,
  now: Moment,
  of: AnyEntity,
  rows: Rows,
  { on, set }: Upserting
) =>
  Effect.suspend(() => {
    const entity = of[ClassId]
    const { label, source } = entity
    const home = keptIn(entity)
    const told = on ?? source.primaryKey
    if (told.length === 0) refuse(`upsert: ${label} has no key to tell its rows by`)
    if (rewritesUpdates(unit.hooks, home))
      refuse(`upsert: a hook of ${label} rewrites what changes, which only a merge can show it`)
    if (rows.length === 0) return Effect.succeed([])
    const work = upsertedRows(unit, entity, home, rows, { on: told, set })
    return written(unit, now, work)
  })
