import * as Effect from "effect/Effect"
import { isRuled } from "../algebra/schema/rule.ts"
import type { EncodeFailed, StaleRow } from "../effects/DatabaseError.ts"
import { EntityId, type OneOf } from "../mapping/EntityClass.ts"
import { isDraft } from "../mapping/EntityDraft.ts"
import { homeOf } from "../mapping/EntityTables.ts"
import { patchesOf } from "../mapping/graph.ts"
import type { Row, RowRef } from "../mapping/RowRef.ts"
import { carried } from "./carried.ts"
import { isStale, meet, newest, patchCells, refOf, standingOf, valueOver } from "./edits.ts"
import { brokenPatch } from "./brokenRules.ts"
import { goneHere, staleHere } from "./refusedHere.ts"
import * as State from "./SessionState.ts"
import type { Unit } from "./Unit.ts"
import { tell } from "./watch.ts"

/** Writes a patch on top of the newest state; gives the newest value. */
export const patch = (
  unit: Unit,
  value: OneOf<string>,
  patch: Row
): Effect.Effect<object, StaleRow | EncodeFailed> => {
  const ref = refOf(unit, value)
  const entity = value[EntityId]
  const values = patchCells(unit, entity, patch)
  if (isRuled(entity.source)) {
    const refused = brokenPatch(unit.engine, value, standingOf(unit.state, entity, ref), values)
    if (refused !== null) return Effect.fail(refused)
  }
  return edited(unit, value, ref, Object.keys(values).length === 0 ? null : { values })
}

/** One more edit of a row that is there; what was deleted here is stale. */
export const edited = (
  unit: Unit,
  value: OneOf<string>,
  ref: RowRef,
  next: { readonly values: Row; readonly isForced?: boolean } | null
): Effect.Effect<object, StaleRow> => {
  const entity = value[EntityId]
  homeOf(entity)
  meet(unit, value, ref)
  if (isStale(unit, value, ref)) return Effect.fail(staleHere(unit, ref))
  const before = State.standing(unit.state, ref)
  if (before._tag === "Gone") return Effect.fail(goneHere(unit, ref))
  const own = next === null ? [] : patchesOf(entity, ref, next.values, next.isForced)
  const edits = carried(unit.state, own)
  unit.state = State.editAll(unit.state, edits)
  if (unit.watch !== null) tell(unit, [{ ref }, ...edits])
  if (isDraft(value)) return Effect.succeed(value)
  const [only] = own
  // Of one table, what the row has come to is what it was and this edit.
  if (entity.source.over !== null || only?._tag !== "Patch")
    return Effect.succeed(newest(unit, value, ref))
  return Effect.succeed(valueOver(entity, State.patchedRow(before, only).row, value))
}
