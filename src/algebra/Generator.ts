/**
 * A client-made default or on-update value as data: generated at execution, from Effect's Clock and
 * Random, never when a statement is built.
 *
 * **Shape** `Now` is the current time in the column's own representation, `Uuid4`/`Uuid7` a random
 * or time-ordered UUID; `Value` a constant; `From` a pure function of the draws it is given.
 */
export type Generator =
  | { readonly _tag: "Now" }
  | { readonly _tag: "Uuid4" }
  | { readonly _tag: "Uuid7" }
  | { readonly _tag: "Value"; readonly value: unknown }
  | { readonly _tag: "From"; readonly make: (draws: Draws) => unknown }

/** What a `From` generator may draw from. */
export interface Draws {
  readonly epochMillis: number
  /** A float in [0, 1). */
  readonly random: () => number
}
