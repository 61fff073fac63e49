import type { Comparison, Scalar } from "./Scalar.ts"

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
export interface Value<out A, out R> extends Typed<A, R> {
  readonly node: Scalar
}

/** What carries a value and its needs in its type. */
interface Typed<out A, out R> {
  readonly [ExprId]: { readonly value: A; readonly requires: R }
}

/** Where a side of a comparison that stands for many values keeps them. */
export const EachId: unique symbol = Symbol.for("athanor/Each")

/**
 * One side of a comparison that stands for many values: `Expr.any`, `Expr.all`.
 *
 * **Shape** not an expression: it has no one value, and stands in comparisons only.
 *
 * @category models
 */
export interface Each<out A, out R> extends Typed<A, R> {
  readonly [EachId]: {
    /** The comparison of a value with them. */
    readonly compared: (op: Comparison, self: Scalar) => Scalar
  }
}

/** Where a named list keeps its parameter. */
export const ParamListId: unique symbol = Symbol.for("athanor/ParamList")

/**
 * A list given by name when the statement runs: `Expr.paramList`.
 *
 * @category models
 */
export interface ParamList<out N, out A> {
  readonly [ParamListId]: Scalar
  readonly "~list"?: { readonly name: N; readonly value: A }
}

/** What an operand requires; nothing for a plain value. */
export type RequiredOf<O> = O extends Typed<any, any> ? O[ExprId]["requires"] : never

/** The null an operand brings along. */
export type NullOf<O> =
  O extends Typed<any, any> ? Extract<O[ExprId]["value"], null> : Extract<O, null>

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
