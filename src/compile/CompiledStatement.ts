import type { Compiled, Decode } from "./Compiled.ts"
import { makeDecoder, risingDecoder } from "./decoder.ts"
import type { Result } from "./Placed.ts"

type Said = Omit<Compiled, "_tag" | "decode">

/**
 * A `Compiled` whose decoder is made when a row is there to be read: a quarter of the time of
 * compiling went to it. A copy by spreading would be without it.
 */
class CompiledStatement implements Compiled {
  readonly _tag = "Compiled"
  readonly dialect: Compiled["dialect"]
  readonly text: string
  readonly slots: Compiled["slots"]
  readonly bigints: boolean
  readonly counting: Compiled["counting"]
  readonly kind: Compiled["kind"]
  readonly reads: Compiled["reads"]
  readonly writes: Compiled["writes"]
  readonly names: Compiled["names"]
  readonly agree: Compiled["agree"]
  readonly fixed: Compiled["fixed"]
  readonly rowKey: Compiled["rowKey"]
  readonly warnings: Compiled["warnings"]
  readonly byHand: Compiled["byHand"]
  readonly within: Compiled["within"]
  readonly schemas: Compiled["schemas"]
  readonly #rows: Result | null
  #decode: Decode<unknown> | null = null
  constructor(said: Said, rows: Result | null) {
    this.dialect = said.dialect
    this.text = said.text
    this.slots = said.slots
    this.bigints = said.bigints
    this.counting = said.counting
    this.kind = said.kind
    this.reads = said.reads
    this.writes = said.writes
    this.names = said.names
    this.agree = said.agree
    this.fixed = said.fixed
    this.rowKey = said.rowKey
    this.warnings = said.warnings
    this.byHand = said.byHand
    this.within = said.within
    this.schemas = said.schemas
    this.#rows = rows
    Object.freeze(this)
  }
  get decode(): Decode<unknown> | null {
    return this.#decode ?? this.#made()
  }
  #made(): Decode<unknown> | null {
    const rows = this.#rows
    if (rows === null) return null
    const make = (compiled: boolean): Decode<unknown> =>
      makeDecoder(rows.shape, rows.types, this.dialect, this.bigints, compiled)
    return (this.#decode = risingDecoder(make, (decode) => {
      this.#decode = decode
    }))
  }
}

/** A statement as it is said, and how its rows are read: null where it gives none. */
export const compiledStatement = (said: Said, rows: Result | null): Compiled =>
  new CompiledStatement(said, rows)
