import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** Where in the program a connection was asked for: `file:line:column` of the verb's call. */
export const BorrowPlace: Context.Reference<string | null> = Context.Reference<string | null>(
  "athanor/BorrowPlace",
  { defaultValue: () => null }
)

let watching = 0

/** From now on verbs note where they are called: a stack costs more than a query of SQLite. */
export const watchPlaces = (): (() => void) => {
  watching++
  return () => void watching--
}

/** The effect of a verb that was called here, if any pool wants to know. */
export const placed = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  verb: (...args: ReadonlyArray<never>) => unknown
): Effect.Effect<A, E, R> => {
  if (watching === 0) return effect
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, verb)
  const place = /\(?((?:file:|\/|[A-Za-z]:\\)[^()\s]+:\d+:\d+)\)?/.exec(holder.stack ?? "")?.[1]
  return place === undefined ? effect : Effect.provideService(effect, BorrowPlace, place)
}

/** What is known of whoever asks now: the place of the verb, else the span, and the fiber. */
export const whoAsks = (): string => {
  const fiber = Fiber.getCurrent()
  if (fiber === undefined) return "outside of any fiber"
  const place = fiber.getRef(BorrowPlace) ?? fiber.cache.stackFrame?.name
  return `fiber ${fiber.id}${place === undefined ? "" : ` at ${place}`}`
}
