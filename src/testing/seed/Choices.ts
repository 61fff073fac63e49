/**
 * Where a seed's values come from: whole numbers, one after the other.
 *
 * **Shape** smaller ones make simpler rows, and after the last there is nothing but 0: fewer and
 * smaller numbers are a smaller case, whoever shrinks them.
 */
export interface Choices {
  /** Below `limit`. */
  readonly next: (limit: number) => number
  /** How many rows of at most so many. */
  readonly count: (most: number) => number
}

/** Numbers that look like chance, the same for the same seed. */
const drawn = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

export const choicesOf = (from: number | ReadonlyArray<number>): Choices => {
  if (typeof from === "number") {
    const draw = drawn(from)
    return { next: (limit) => draw() % limit, count: (most) => most }
  }
  let at = 0
  const next = (limit: number): number => Math.abs(Math.trunc(from[at++] ?? 0)) % limit
  return { next, count: (most) => next(most + 1) }
}
