import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Query from "../algebra/Query.ts"
import type { Command } from "../algebra/Command.ts"
import type { ColumnNode, TableSource } from "../algebra/Source.ts"
import type { Statement } from "../algebra/Statement.ts"
import { refuse } from "../algebra/StatementError.ts"
import { Database } from "../effects/Database.ts"
import { UnexpectedDriverError, type WriteError } from "../effects/DatabaseError.ts"
import { draw } from "../effects/statements/generate.ts"
import {
  type AnyEntity,
  ClassId,
  EntityId,
  type Mapped,
  type OneOf,
  soleEntity
} from "../mapping/EntityClass.ts"
import { cellText } from "../mapping/flush/canonical.ts"
import { graphEdits } from "../mapping/graph.ts"
import { type Row, rowOf } from "../mapping/RowRef.ts"
import { addition } from "./additions.ts"
import { absorb } from "./edits.ts"
import type { FlushError } from "./flush.ts"
import { inserting } from "./hooks.ts"
import { rowValues } from "./rowValues.ts"
import { flush, inside, type Moment, refOfDraft, type Unit } from "./Unit.ts"

export type Rows = ReadonlyArray<Row>
export type Writing = Effect.Effect<Rows, WriteError, Database>

/** The statements of a bulk write, as far as they are built here. */
export interface Built extends Statement<Row, never> {
  readonly node: Command
  inOrder(): Built
  returning(): Built
  onConflict(...columns: ReadonlyArray<unknown>): {
    doNothing(): Built
    doUpdate(changes: Row): Built
  }
}

export const insertOf = (entity: Mapped, rows: Rows): Built =>
  Query.insert(entity.class as never).rows(rows) as never

export const send = (statement: Built): Writing =>
  (Database.all as unknown as (of: Built) => Writing)(statement)

export const isGiven = (value: unknown): boolean => value !== undefined && value !== null

export const textOf = ({ byKey }: TableSource, columns: ReadonlyArray<string>, row: Row): string =>
  columns.map((key) => cellText(byKey.get(key)!.type, row[key])).join()

/** Makes the values that columns have by themselves. */
export const drawing = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  return ({ default: made, type }: ColumnNode): unknown =>
    draw(made!, type, clock.currentTimeMillisUnsafe(), () => random.nextDoubleUnsafe())
})

/** Rows as hooks leave them, with the keys the client makes: by them their results are found. */
export const prepared = Effect.fnUntraced(function* (unit: Unit, { source }: Mapped, rows: Rows) {
  const drawn = yield* drawing
  const made = source.primaryKey
    .map((key) => source.byKey.get(key)!)
    .filter((column) => column.default !== null)
  return rows.map((row) => {
    const cells = rowOf(inserting(unit.hooks, source, row))
    for (const column of made)
      if (cells[column.key] === undefined) cells[column.key] = drawn(column)
    return cells
  })
})

/** What came back for each row that was given: told by columns both have. */
export const matched = (
  unit: Unit,
  { label, source }: Mapped,
  columns: ReadonlyArray<string>,
  given: Rows,
  found: Rows
): Effect.Effect<Rows, WriteError> => {
  const byText = new Map(found.map((row) => [textOf(source, columns, row), row]))
  const rows = given.map((row) => byText.get(textOf(source, columns, row)))
  return rows.every((row) => row !== undefined)
    ? Effect.succeed(rows)
    : Effect.fail(
        new UnexpectedDriverError({
          message: `${label}: a row came back with another ${columns.join(", ")} than it was given`,
          dialect: unit.engine.dialect,
          operation: "query",
          retryable: false,
          transaction: "alive",
          code: "UNMATCHED"
        })
      )
}

/** Rows whose keys the server makes: in order where it counts them, else one by one. */
const withMadeKeys = (entity: Mapped, rows: Rows): Writing => {
  if (entity.source.columns.some(({ identity }) => identity))
    return send(insertOf(entity, rows).returning().inOrder())
  return Effect.map(
    Effect.forEach(rows, (row) => send(insertOf(entity, [row]).returning())),
    (lists) => lists.flat()
  )
}

/** Runs in a session, all or nothing; what comes back is what the session believes from then on. */
export const written = (
  unit: Unit,
  now: Moment,
  work: Writing
): Effect.Effect<ReadonlyArray<object>, WriteError> =>
  Effect.map(inside(unit, Database.transaction(work)), (rows) => {
    absorb(unit, { ...now, outdated: null }, rows, soleEntity(rows))
    return rows
  }) as Effect.Effect<ReadonlyArray<object>, WriteError>

const hasKey = (source: TableSource, row: Row): boolean =>
  source.primaryKey.length > 0 && source.primaryKey.every((key) => isGiven(row[key]))

/** Rows of a class over tables that are there: its tag, and a row in each of its tables. */
const addedRows = Effect.fnUntraced(function* (
  unit: Unit,
  { class: made, label }: Mapped,
  rows: Rows
) {
  const { make } = made as unknown as { readonly make?: (row: Row) => OneOf<string> }
  if (make === undefined) return refuse(`insert: ${label} is a family: name the class of its rows`)
  const drafts = rows.map((row) => make.call(made, row))
  yield* addition(unit, (naming) => graphEdits(drafts, naming))
  yield* flush(unit)
  const told = drafts.map((draft) => [draft[EntityId], refOfDraft(unit, draft)!] as const)
  return yield* rowValues(unit, told)
})

/** Rows of an entity: those with keys in one statement, the others as the server makes theirs. */
const insertedRows = Effect.fnUntraced(function* (unit: Unit, entity: Mapped, rows: Rows) {
  const given = yield* prepared(unit, entity, rows)
  const known = given.filter((row) => hasKey(entity.source, row))
  const others = given.filter((row) => !hasKey(entity.source, row))
  const found = new Map<Row, Row>()
  if (known.length > 0) {
    const back = yield* send(insertOf(entity, known).returning())
    const own = yield* matched(unit, entity, entity.source.primaryKey, known, back)
    known.forEach((row, at) => found.set(row, own[at]!))
  }
  if (others.length > 0) {
    const back = yield* withMadeKeys(entity, others)
    others.forEach((row, at) => found.set(row, back[at]!))
  }
  return given.map((row) => found.get(row)!)
})

/** Inserts rows of an entity; gives their values in the order they were given. */
export const insertRows = (unit: Unit, now: Moment, of: AnyEntity, rows: Rows) =>
  Effect.suspend(() => {
    const entity = of[ClassId]
    if (rows.length === 0) return Effect.succeed([])
    if (entity.source.over === null) return written(unit, now, insertedRows(unit, entity, rows))
    const work = addedRows(unit, entity, rows)
    return inside(unit, Database.transaction(work)) as Effect.Effect<Rows, FlushError>
  })
