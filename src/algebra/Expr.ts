import { type Expr, expr, isExpr } from "./Expression.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { Type } from "./Type.ts"
import * as T from "./types.ts"
import type { NullOf, Param, RequiredOf, Value } from "./Value.ts"

export type { Expr, Operand, Ordering } from "./Expression.ts"
export type { Aggregate, InScope, Param, ParamsOf, Uses, Value } from "./Value.ts"
export { when } from "./Case.ts"

type Predicate = Value<boolean | null, any>

const nodes = (parts: ReadonlyArray<Predicate>, asked: string) =>
  parts.map((part) =>
    isExpr(part) ? part.node : refuse(`${asked}: ${String(part)} is not a predicate`)
  )

/** Three-valued conjunction of many; TRUE of none. */
export const and = <const P extends ReadonlyArray<Predicate>>(
  ...parts: P
): Expr<boolean | NullOf<P[number]>, RequiredOf<P[number]>> =>
  expr(S.and(nodes(parts, "and"), T.boolean))

/** Three-valued disjunction of many; FALSE of none. */
export const or = <const P extends ReadonlyArray<Predicate>>(
  ...parts: P
): Expr<boolean | NullOf<P[number]>, RequiredOf<P[number]>> =>
  expr(S.or(nodes(parts, "or"), T.boolean))

/**
 * A parameter given by name when the statement runs.
 *
 * **Errors** `ParameterMissing` when it runs without it.
 *
 * @example
 * ```ts
 * import { Column, Expr, Query, Table, Type } from "athanor"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
 * Query.from(users).where(users.c.age.gte(Expr.param("minAge", Type.integer)))
 * ```
 * @category constructors
 */
export const param = <const N extends string, A>(name: N, type: Type<A>): Expr<A, Param<N, A>> =>
  expr(S.named(name, type))

/** A value as an expression, sent as a parameter. */
export const value = <A, N extends null = never>(
  value: NoInfer<A> | N,
  type: Type<A>
): Expr<A | N, never> => expr(S.bound(value, type))