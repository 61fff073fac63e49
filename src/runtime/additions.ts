import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { ReadError, StaleRow, UniqueViolation } from "../effects/DatabaseError.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import type { Naming } from "../mapping/graph.ts"
import { leavings } from "./anew.ts"
import { carried } from "./carried.ts"
import { mayHang } from "./hanging.ts"
import { goneHere, isThere } from "./refusedHere.ts"
import * as State from "./SessionState.ts"
import { changeIn, namingOf, type Unit } from "./Unit.ts"
import { tell } from "./watch.ts"

const isPromise = ({ _tag, ref }: Edit): boolean => _tag === "Put" && ref._tag === "Promised"

/** Why an edit cannot be: what it adds is there, or what it changes is gone; else null. */
const refusalOf = (unit: Unit, edit: Edit): UniqueViolation | StaleRow | null => {
  if (edit._tag === "Remove") return null
  if (isPromise(edit)) return null
  const { state } = unit
  const standing = State.standing(state, edit.ref)._tag
  // It may go with a row that was removed: that is found out by the flush.
  const isNew = State.editsOf(state, edit.ref).some(({ _tag }) => _tag === "Put")
  if (edit._tag === "Put" && !isNew && mayHang(state, [edit.ref.table])) return null
  if (edit._tag === "Put") return standing === "Here" ? isThere(unit, edit.ref) : null
  return standing === "Gone" ? goneHere(unit, edit.ref) : null
}

/** All edits or none of them. */
const added = (unit: Unit, given: ReadonlyArray<Edit>): UniqueViolation | StaleRow | null => {
  // Nobody knows a row of a promise that was made for it.
  const areNew = given.every(isPromise)
  const before = areNew ? [] : leavings(unit.state, given)
  const all = before.length === 0 ? given : [...before, ...given]
  const edits = areNew ? all : carried(unit.state, all)
  if (areNew) unit.state = State.editAll(unit.state, edits)
  else
    for (let at = 0; at < edits.length; at++) {
      const refused = refusalOf(unit, edits[at]!)
      if (refused === null) {
        unit.state = State.editAll(unit.state, [edits[at]!])
        continue
      }
      const done = edits.slice(0, at).map(({ ref }) => ref)
      unit.state = State.undone(unit.state, done)
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
  Effect.withFiber((fiber) => additionIn(unit, fiber, edits))

/** The same in a fiber that is at hand. */
export const additionIn = (
  unit: Unit,
  fiber: Fiber.Fiber<unknown, unknown>,
  edits: (naming: Naming) => ReadonlyArray<Edit>
): Effect.Effect<void, ReadError | UniqueViolation | StaleRow> =>
  changeIn(unit, fiber, () => {
    const refused = added(unit, edits(namingOf(unit, fiber)))
    return refused === null ? Effect.void : Effect.fail(refused)
  })
