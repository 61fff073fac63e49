import type { Relation } from "../../algebra/Relation.ts"
import type { Param, ParamsOf } from "../../algebra/Value.ts"
import type { ReadError, WriteError } from "../DatabaseError.ts"

/**
 * Refers to an alias no FROM brings in: such a query stands only inside the one it is correlated
 * to.
 *
 * @category models
 */
export interface OpenScope<R> {
  readonly "~not in scope": R
}

/**
 * The second argument of a verb: a value for each named parameter, nothing without any.
 *
 * @category models
 */
export type Parameters<R> = [R] extends [never]
  ? []
  : [R] extends [Param<unknown, unknown>]
    ? [parameters: ParamsOf<R>]
    : // Of what is no statement the compiler says so, and asks for no parameters of it.
      unknown extends R
      ? []
      : [OpenScope<Exclude<R, Param<unknown, unknown>>>]

/**
 * What running a statement can give: constraints only where something is written.
 *
 * @category models
 */
export type Failing<N> = [N] extends [Relation] ? ReadError : WriteError
