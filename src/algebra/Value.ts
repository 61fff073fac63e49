import type { Scalar } from "./Scalar.ts"

declare const ExprId: unique symbol
export type ExprId = typeof ExprId

/**
 * A column whose null was handled already: `coalesce`, `isNull`, `count`, `exists`.
 *
 * @category models
 */
export interface Uses<out N> {
  readonly "~uses": N
}

/**
 * The value is made from a group of rows: SELECT, HAVING and ORDER BY only.
 *
 * @category models
 */
export interface Aggregate {
  readonly "~aggregate": true
}

/**
 * The value is made from a window of rows: SELECT and ORDER BY only.
 *
 * @category models
 */
export interface Window {
  readonly "~window": true
}

/**
 * A parameter given by name when the statement runs.
 *
 * @category models
 */
export interface Param<out N, out A> {
  readonly "~param": { readonly name: N; readonly value: A }
}

/**
 * The least a function needs of an expression: its value and what it requires.
 *
 * **Shape** `A` includes null where the expression itself can be NULL; the null of an outer join is
 * added once, when projecting. `R` is a union of aliases, `Uses`, `Aggregate`, `Window` and
 * `Param`.
 *
 * @category models
 */
export interface Value<out A, out R> {
  readonly [ExprId]: { readonly value: A; readonly requires: R }
  readonly node: Scalar
}

/** What an operand requires; nothing for a plain value. */
export type RequiredOf<O> = O extends Value<any, any> ? O[ExprId]["requires"] : never

/** The null an operand brings along. */
export type NullOf<O> =
  O extends Value<any, any> ? Extract<O[ExprId]["value"], null> : Extract<O, null>

/** Requirements whose null is handled: an outer join no longer makes the value null. */
export type Safe<R> = R extends string ? Uses<R> : R

/**
 * What may be used under the aliases S. Deliberately without conditionals: fragments stay generic.
 *
 * @category models
 */
export type InScope<S extends string> = S | Uses<S> | Param<any, any>

/** The named parameters among requirements. */
export type ParamsIn<R> = R extends Param<any, any> ? R : never

/**
 * Named parameters as one record, for the caller who supplies them.
 *
 * @category models
 */
export type ParamsOf<R> = {
  readonly [P in ParamsIn<R> as P["~param"]["name"] & string]: P["~param"]["value"]
} & {}
