import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { locked } from "../algebra/lock.ts"
import type { Relation } from "../algebra/Relation.ts"
import { Database } from "../effects/Database.ts"
import type { ReadError } from "../effects/DatabaseError.ts"
import { EntityId, isOfEntity, type Mapped } from "../mapping/EntityClass.ts"
import { keyValues } from "../mapping/EntityRef.ts"
import { rowsOf } from "../mapping/EntityTables.ts"
import { isPromisedCell, known, ofRow, type Row, type RowRef } from "../mapping/RowRef.ts"
import { byKey, keyParameters } from "./byKey.ts"
import { absorb, standingOf, valueOver } from "./edits.ts"
import { lockRows } from "./lockRows.ts"
import type { ReadingOptions } from "./SessionOptions.ts"
import * as State from "./SessionState.ts"
import { inside, type Moment, type Unit } from "./Unit.ts"

type AnyVerb = (query: unknown, named: unknown) => Effect.Effect<unknown, ReadError, Database>

/**
 * The row the database holds under a key, whatever memory knows; null for none.
 *
 * **Shape** with what is pending on top, unless it is read `aside`: then as the database has it.
 */
export const lookPast = (
  unit: Unit,
  since: Moment,
  mapped: Mapped,
  key: unknown,
  options: ReadingOptions
): Effect.Effect<object | null, ReadError> => {
  const ref = known(rowsOf(mapped), keyValues(mapped, key))
  const parameters = keyParameters(ref.key)
  const whole = byKey(mapped.source)
  const isOver = mapped.source.over !== null
  const query = isOver ? whole : lockedBy(whole, options)
  const row = (Database.oneOrNone as unknown as AnyVerb)({ node: query }, parameters)
  // Of a derived table no row is locked: those of its tables are, before it is read.
  const lock = isOver ? options.lock : undefined
  const asked = inside(unit, row)
  const read =
    lock === undefined ? asked : Effect.andThen(lockRows(unit, mapped, [ref.key], lock), asked)
  return Effect.map(read, (found) => {
    const row = Option.getOrUndefined(found as Option.Option<Row>)
    if (options.aside === true) return row ?? null
    if (row !== undefined) absorb(unit, since, [row], null)
    if (isOver) return overRow(unit, mapped, ref, row)
    const now = State.standingOver(unit.state, ref, row)
    const isWhole =
      now._tag === "Here" &&
      State.isWhole(mapped.source, now.row) &&
      !Object.values(now.row).some(isPromisedCell)
    return isWhole ? valueOver(mapped, now.row, null) : null
  })
}

const lockedBy = (query: Relation, { lock }: ReadingOptions): Relation =>
  lock === undefined ? query : locked(query, { strength: lock, wait: null, of: [] })

/** What was read of a class over tables that are there, with what is pending of it. */
const overRow = (unit: Unit, mapped: Mapped, ref: RowRef, row: Row | undefined): object | null => {
  if (row === undefined) return null
  const entity = isOfEntity(row) ? row[EntityId] : mapped
  const own = ofRow(rowsOf(entity), row) ?? ref
  const now = standingOf(unit.state, entity, own, row)
  return now._tag === "Here" ? valueOver(entity, now.row, null) : null
}
