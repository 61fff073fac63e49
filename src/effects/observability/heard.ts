import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** A listener that takes longer is told of: nothing else runs in the process meanwhile. */
const slow_ms = 50

const told = new WeakMap<object, Set<string>>()

const isNews = (listener: object, words: string): boolean => {
  let known = told.get(listener)
  if (known === undefined) told.set(listener, (known = new Set()))
  if (known.has(words)) return false
  known.add(words)
  return true
}

/**
 * Tells a listener of an event: what it throws, and how long it keeps everybody waiting, is said
 * once in the log and changes nothing.
 */
export const heard = <Event>(
  listener: (event: Event) => void,
  event: Event,
  who: string,
  log: (line: string) => void
): void => {
  const startedAt = performance.now()
  try {
    listener(event)
  } catch {
    if (isNews(listener, `${who} throws`)) log(`athanor: ${who} throws`)
  }
  const took_ms = performance.now() - startedAt
  if (took_ms > slow_ms && isNews(listener, `${who} is slow`))
    log(`athanor: ${who} took ${Math.round(took_ms)} ms, and everybody waited`)
}

/** Writes to the log of a fiber, from outside its effects. */
export const logOfFiber =
  ({ context }: Fiber.Fiber<unknown, unknown>) =>
  (line: string): void =>
    void Effect.runForkWith(context as never)(Effect.logWarning(line))
