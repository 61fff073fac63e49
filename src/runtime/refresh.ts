import * as Effect from "effect/Effect"
import type { LockStrength } from "../algebra/Relation.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { NotFound, type ReadError } from "../effects/DatabaseError.ts"
import { EntityId, isOfEntity, type Mapped, type OneOf } from "../mapping/EntityClass.ts"
import { isDraft } from "../mapping/EntityDraft.ts"
import { cellsIn, refIn, rowsOf } from "../mapping/EntityTables.ts"
import { isRef } from "../mapping/EntityRef.ts"
import { ChosenId } from "../mapping/Chosen.ts"
import { givenPlan, givenTo } from "../mapping/givenBeside.ts"
import { construct } from "../mapping/construct.ts"
import { keyRow, type KnownRef, ofRow, type Row, rowKeyOf } from "../mapping/RowRef.ts"
import { meet, refOf, standingOf, valueOver } from "./edits.ts"
import { lockRows } from "./lockRows.ts"
import { rowsByKey, wholeKeys } from "./rowsByKey.ts"
import * as State from "./SessionState.ts"
import { tell } from "./watch.ts"
import { flush, holdsSince, inside, type Moment, type Unit } from "./Unit.ts"

/** How rows are read again. */
export interface Refreshing {
  readonly columns?: ReadonlyArray<string> | undefined
  readonly lock?: LockStrength | undefined
}

export const missing = (unit: Unit, label: string): NotFound =>
  new NotFound({
    message: `there is no ${label} with this key`,
    dialect: unit.engine.dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    subject: label
  })

/** The columns to read: those asked for, and the key that tells the rows apart. */
const columnsOf = (table: TableSource, asked: ReadonlyArray<string>): ReadonlyArray<string> => {
  for (const column of asked)
    if (!table.byKey.has(column)) refuse(`"${table.name}" has no column "${column}"`)
  return [...new Set([...table.primaryKey, ...asked])]
}

/** All the columns that values have; those of whole rows for what has none. */
const ownColumns = (
  table: TableSource,
  values: ReadonlyArray<OneOf<string>>
): ReadonlyArray<string> => {
  const keys = new Set<string>()
  for (const value of values) {
    if (isDraft(value) || isRef(value)) for (const { key } of table.whole) keys.add(key)
    else for (const { key } of table.columns) if (Object.hasOwn(value, key)) keys.add(key)
  }
  return table.columns.flatMap(({ key }) => (keys.has(key) ? [key] : []))
}

/** What values have that is read beside columns. */
const ownQueried = (
  { queried }: TableSource,
  values: ReadonlyArray<OneOf<string>>
): ReadonlyArray<string> =>
  queried.flatMap(({ key }) =>
    values.some((value) => isDraft(value) || isRef(value) || Object.hasOwn(value, key)) ? [key] : []
  )

/**
 * Reads rows again: one query for each table and list of keys.
 *
 * **Shape** what is pending of the tables is written first, so that drafts have keys and nothing
 * is overwritten. Gives the newest values in the order asked for.
 */
export const refreshed: (
  unit: Unit,
  since: Moment,
  values: ReadonlyArray<OneOf<string>>,
  how: Refreshing
) => Effect.Effect<ReadonlyArray<object>, ReadError | NotFound> = Effect.fnUntraced(function* (
  unit,
  since,
  values,
  { columns, lock }
) {
  if (values.some(isDraft)) yield* flush(unit) as Effect.Effect<void, ReadError>
  const now = new Map<OneOf<string>, object>()
  for (const [entity, group] of Map.groupBy(values, (value) => value[EntityId])) {
    const table = entity.source
    const own = columnsOf(table, columns ?? ownColumns(table, group))
    const asked = columns === undefined ? [...own, ...ownQueried(table, group)] : own
    const refs = group.map((value) => refOf(unit, value) as KnownRef)
    const request = wholeKeys(
      table,
      refs.map(({ key }) => key)
    )
    // Of a derived table no row is locked: those of its tables are, before they are read.
    const isOver = table.over !== null && entity.tables.length > 0
    if (lock !== undefined && isOver) yield* lockRows(unit, entity, request.keys, lock)
    // Each row of a family has the columns of its own class.
    const isFamily = entity.members !== null && columns === undefined
    const asking = {
      columns: isFamily ? undefined : asked,
      isWhole: isFamily,
      lock: isOver ? undefined : lock
    }
    const found = yield* inside(unit, rowsByKey(unit.engine, request, asking))
    const rows = new Map(found.map(({ row }) => [ofRow(rowsOf(entity), row)!.id, row] as const))
    for (const [at, ref] of refs.entries()) {
      const value = group[at]!
      const read = rows.get(ref.id)
      if (read === undefined) return yield* gone(unit, value, ref)
      now.set(value, renewed(unit, since, value, ref, read))
    }
  }
  return values.map((value) => now.get(value)!)
})

/** What is not there any more is not known any more. */
const gone = (unit: Unit, value: OneOf<string>, ref: KnownRef) =>
  Effect.suspend(() => {
    unit.state = State.without(unit.state, ref)
    tell(unit, [{ ref }])
    return Effect.fail(missing(unit, value[EntityId].label))
  })

/** Believes a row that was read, in part or whole, and gives its newest value. */
const renewed = (
  unit: Unit,
  since: Moment,
  value: OneOf<string>,
  ref: KnownRef,
  read: Row
): object => {
  meet(unit, value, ref)
  const entity = isOfEntity(read) ? read[EntityId] : value[EntityId]
  const row: Record<string, unknown> = { ...keyRow(ref) }
  for (const table of entity.tables) {
    const own = refIn(table, ref)
    const key = rowKeyOf(own)
    Object.assign(row, unit.state.rows.row(table, key))
    if (holdsSince(unit, since, table))
      unit.state = State.learn(unit.state, table, key, cellsIn(table, read))
  }
  tell(unit, [{ ref }])
  const now = standingOf(unit.state, entity, ref, { ...row, ...read })
  return now._tag === "Here" ? valueOver(entity, now.row, value) : value
}

/** The columns values of an entity have, where they are not those of whole rows alone. */
const columnsIn = (entity: Mapped, values: ReadonlyArray<object>): object => {
  if (values.length === 0) return {}
  const keys = ownColumns(entity.source, values as ReadonlyArray<OneOf<string>>)
  const isWhole = keys.join() === entity.source.whole.map(({ key }) => key).join()
  const given = new Map(values.flatMap((one) => givenTo(one).map((each) => [each.name, each])))
  if (isWhole && given.size === 0) return {}
  const chosen = {
    entity: entity.class,
    ...(isWhole ? {} : { only: keys }),
    ...(given.size === 0 ? {} : { given: givenPlan([...given.values()]) })
  }
  return { [ChosenId]: chosen }
}

/** Does one of the values hold what nobody remembers a plan for? It cannot be asked for again. */
const holdsMore = ({ relations, source }: Mapped, values: ReadonlyArray<object>): boolean =>
  values.some((value) => {
    const given = new Set(givenTo(value).map(({ name }) => name))
    return Object.keys(value).some(
      (key) => !source.byKey.has(key) && !relations().has(key) && !given.has(key)
    )
  })

/** A value without what a plan gave it: it is read again. */
export const withoutGiven = (value: object): object => {
  const names = new Set(givenTo(value).map(({ name }) => name))
  if (names.size === 0) return value
  const cells = Object.fromEntries(Object.entries(value).filter(([key]) => !names.has(key)))
  return construct((value as OneOf<string>)[EntityId], cells)
}

/** The plan of what values have loaded; null where nothing is. A part cannot be asked for again. */
export const loadedPlan = (entity: Mapped, values: ReadonlyArray<object>): LoadedPlan | null => {
  const plan: Record<string, LoadedPlan | true> = {}
  for (const relation of entity.relations().values()) {
    const found = (values as ReadonlyArray<Row>)
      .filter((value) => Object.hasOwn(value, relation.name))
      .map((value) => value[relation.name])
    if (found.length === 0 || found.some((one) => isPart(one))) continue
    const members = found.flat().filter((one) => one !== null) as ReadonlyArray<object>
    if (holdsMore(relation.related, members)) continue
    const below = loadedPlan(relation.related, members)
    plan[relation.name] = below ?? { ...columnsIn(relation.related, members) }
  }
  const columns = values.some((one) => givenTo(one).length > 0) ? columnsIn(entity, values) : null
  if (Object.keys(plan).length === 0 && columns === null) return null
  return { ...plan, ...(columns ?? columnsIn(entity, values)) }
}
const isPart = (loaded: unknown): boolean =>
  typeof loaded === "object" &&
  loaded !== null &&
  !isOfEntity(loaded) &&
  Object.hasOwn(loaded, "some")

interface LoadedPlan {
  readonly [relation: string]: LoadedPlan | true
}
