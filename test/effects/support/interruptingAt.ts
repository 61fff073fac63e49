import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"

/** Interrupts the fiber it was made for at its k-th operation. */
export const interruptingAt = (
  k: number
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
        }
        return base.shouldYield(fiber)
      }
    }
  }
}
