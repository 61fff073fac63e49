import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"

/** Interrupts the fiber it was made for at its k-th operation; then something else may happen. */
export const interruptingAt = (
  k: number,
  then: () => void = () => {}
): { readonly scheduler: Scheduler.Scheduler; readonly fired: () => boolean } => {
  const base = new Scheduler.MixedScheduler()
  let operations = 0
  let first: Fiber.Fiber<unknown, unknown> | null = null
  let fired = false
  return {
    fired: () => fired,
    scheduler: {
      executionMode: base.executionMode,
      makeDispatcher: () => base.makeDispatcher(),
      shouldYield: (fiber) => {
        first ??= fiber
        if (fiber === first && ++operations === k) {
          fired = true
          fiber.interruptUnsafe()
          then()
        }
        return base.shouldYield(fiber)
      }
    }
  }
}
