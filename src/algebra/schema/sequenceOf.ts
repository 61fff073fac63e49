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
