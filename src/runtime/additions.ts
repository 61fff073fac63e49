import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { ReadError, StaleRow, UniqueViolation } from "../effects/DatabaseError.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import type { Naming } from "../mapping/graph.ts"
import { goneHere, isThere } from "./refusedHere.ts"
import * as State from "./SessionState.ts"
import { change, namingOf, type Unit } from "./Unit.ts"
import { tell } from "./watch.ts"

/** Why an edit cannot be: what it adds is there, or what it changes is gone; else null. */
const refusalOf = (unit: Unit, edit: Edit): UniqueViolation | StaleRow | null => {
  if (edit._tag === "Remove") return null
  // Nobody knows a row of a promise that was made for it.
  if (edit._tag === "Put" && edit.ref._tag === "Promised") return null
  const standing = State.standing(unit.state, edit.ref)._tag
  if (edit._tag === "Put") return standing === "Here" ? isThere(unit, edit.ref) : null
  return standing === "Gone" ? goneHere(unit, edit.ref) : null
}

/** All edits or none of them. */
const added = (unit: Unit, edits: ReadonlyArray<Edit>): UniqueViolation | StaleRow | null => {
  for (const [at, edit] of edits.entries()) {
    const refused = refusalOf(unit, edit)
    if (refused === null) {
      unit.state = State.edit(unit.state, edit)
      continue
    }
    for (const done of edits.slice(0, at)) unit.state = State.undone(unit.state, done.ref)
    return refused
  }
  tell(unit, edits)
  return null
}

/**
 * Edits that may name new rows, all or none of them.
 *
 * **Errors** `UniqueViolation` for a key the session knows or has added, `StaleRow` for a change of
 * what was deleted in this session.
 */
export const addition = (
  unit: Unit,
  edits: (naming: Naming) => ReadonlyArray<Edit>
): Effect.Effect<void, ReadError | UniqueViolation | StaleRow> =>
  Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const random = fiber.getRef(Random.Random)
    const changed = change(unit, () => {
      const now = clock.currentTimeMillisUnsafe()
      return added(unit, edits(namingOf(unit, now, () => random.nextDoubleUnsafe())))
    })
    return Effect.flatMap(changed, (refused) =>
      refused === null ? Effect.void : Effect.fail(refused)
    )
  })
