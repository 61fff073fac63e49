import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { locked } from "../algebra/lock.ts"
import { Database } from "../effects/Database.ts"
import type { ReadError } from "../effects/DatabaseError.ts"
import type { Mapped } from "../mapping/EntityClass.ts"
import { entityRef } from "../mapping/EntityRef.ts"
import type { Row } from "../mapping/RowRef.ts"
import { isPromisedCell } from "../mapping/RowRef.ts"
import { byKey, keyParameters } from "./byKey.ts"
import { absorb, valueOver } from "./edits.ts"
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
  const ref = entityRef(mapped, key)
  const query = byKey(mapped.source)
  const node =
    options.lock === undefined
      ? query
      : locked(query, { strength: options.lock, wait: null, of: [] })
  const read = (Database.oneOrNone as unknown as AnyVerb)({ node }, keyParameters(ref.key))
  return Effect.map(inside(unit, read), (found) => {
    const row = Option.getOrUndefined(found as Option.Option<Row>)
    if (options.aside === true) return row ?? null
    if (row !== undefined) absorb(unit, since, [row])
    const now = State.standingOver(unit.state, ref, row)
    const isWhole =
      now._tag === "Here" &&
      State.isWhole(mapped.source, now.row) &&
      !Object.values(now.row).some(isPromisedCell)
    return isWhole ? valueOver(mapped, now.row, null) : null
  })
}
