import type { Counter } from "./counter.ts"

/**
 * A sequence: numbers a server counts, each given once.
 *
 * **Source** SQL:2016 part 2, 4.27 sequence generators; SQLAlchemy 2.0 `Sequence`.
 *
 * @category models
 */
export interface Sequence {
  readonly _tag: "Sequence"
  readonly name: string
  readonly schema: string | null
  readonly counter: Counter
}

const asked = new WeakMap<object, Sequence>()

/** What says the next number of a sequence: its text names the schema the sequence lives in. */
export const nextOf = <P extends object>(print: P, sequence: Sequence): P => {
  asked.set(print, sequence)
  return print
}

/** The sequence whose next number is said so; null for any other text. */
export const sequenceAsked = (print: object): Sequence | null => asked.get(print) ?? null
