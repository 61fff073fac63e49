import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

type AnyEffect = Effect.Effect<unknown, unknown>

/** Is it answered already? Cheaper than `Exit.isExit`. */
export const isSuccess = <A>(sent: Effect.Effect<A, unknown>): sent is Exit.Success<A> =>
  "_tag" in sent && sent._tag === "Success"

/** What fibers of Effect 4.1 do with a value of their own primitives; not in their type. */
interface Continuing {
  readonly succeedWith: (value: unknown) => AnyEffect
}

const through = (effect: AnyEffect): AnyEffect => effect

const past = (effect: AnyEffect, fiber: Fiber.Fiber<unknown, unknown>): AnyEffect =>
  isSuccess(effect) ? (fiber as unknown as Continuing).succeedWith(effect.value) : effect

/** Does an Effect of another shape still take a value this way? */
const isFaithful = (): boolean => {
  const probe = Effectable.Prototype<AnyEffect>({
    label: "Probe",
    evaluate: (fiber) => past(Exit.succeed(1), fiber as Fiber.Fiber<unknown, unknown>)
  })
  const steps = 1000
  const counted = Effect.gen(function* () {
    let sum = 0
    for (let step = 0; step < steps; step++) sum += (yield* probe) as number
    return sum
  })
  const failed = Effect.flatMap(probe, () => Effect.fail("refused"))
  const sum = Effect.runSyncExit(counted)
  return Exit.isSuccess(sum) && sum.value === steps && Exit.isFailure(Effect.runSyncExit(failed))
}

/**
 * An answer that is there already goes to whoever waits for it, and not first through the run loop
 * as an Exit: a tenth of what an Effect adds to a statement of SQLite.
 */
export const handOn: (effect: AnyEffect, fiber: Fiber.Fiber<unknown, unknown>) => AnyEffect =
  isFaithful() ? past : through
