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
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const random = yield* Random.Random
    const refused = yield* change(unit, () => {
      const naming = namingOf(unit, clock.currentTimeMillisUnsafe(), () =>
        random.nextDoubleUnsafe()
      )
      const before = unit.state
      const all = edits(naming)
      for (const edit of all) {
        const standing = State.standing(unit.state, edit.ref)._tag
        const refused =
          edit._tag === "Put" && standing === "Here"
            ? isThere(unit, edit.ref)
            : edit._tag === "Patch" && standing === "Gone"
              ? goneHere(unit, edit.ref)
              : null
        if (refused !== null) {
          unit.state = before
          return refused
        }
        unit.state = State.edit(unit.state, edit)
      }
      tell(unit, all)
      return null
    })
    if (refused !== null) return yield* Effect.fail(refused)
  })
