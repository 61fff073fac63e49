import type { BigDecimal } from "effect/BigDecimal"
import { type Expr, expr } from "./Expression.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"
import type { Aggregate, Safe, Value } from "./Value.ts"

type Numeric = number | bigint | BigDecimal

/** The type of a sum: wide enough for the sum of many. */
const sumType = (type: AnyType): AnyType =>
  type.sql._tag === "Bigint"
    ? type.key === T.count.key
      ? T.safeInteger
      : T.sumBigint
    : type.sql._tag === "Smallint" || type.sql._tag === "Integer"
      ? T.safeInteger
      : type.sql._tag === "Numeric"
        ? T.decimal(type.sql.scale)
        : T.double

const averageType = (type: AnyType): AnyType =>
  type.sql._tag === "Numeric" ? T.decimal(type.sql.scale) : T.average

const of = (
  name: S.AggregateName,
  value: Value<any, any> | undefined,
  distinct: boolean,
  type: AnyType
) => expr<never, never>(S.aggregate(name, value === undefined ? [] : [value.node], distinct, type))

const given = (value: Value<any, any> | undefined, asked: string): Value<any, any> =>
  value ?? refuse(`${asked}: the expression is undefined`)

/**
 * `count(*)`, or the number of rows where the expression is not NULL. Never NULL.
 *
 * **Shape** a number, checked to be exact.
 * @category combinators
 */
export const count: {
  (): Expr<number, Aggregate>
  <R>(value: Value<any, R>): Expr<number, Safe<R> | Aggregate>
} = (value?: Value<any, any>) => of("count", value, false, T.count)

/** The number of different values that are not NULL. */
export const countDistinct = <R>(value: Value<any, R>): Expr<number, Safe<R> | Aggregate> =>
  of("count", given(value, "countDistinct"), true, T.count)

/** The sum of the values that are not NULL; NULL of none. */
export const sum = <A extends Numeric | null, R>(
  value: Value<A, R>
): Expr<NonNullable<A> | null, Safe<R> | Aggregate> =>
  of("sum", given(value, "sum"), false, sumType(value.node.type))

/** The mean of the values that are not NULL; NULL of none. Decimals stay decimals. */
export const avg = <A extends Numeric | null, R>(
  value: Value<A, R>
): Expr<
  (A extends BigDecimal ? BigDecimal : A extends number | bigint ? number : never) | null,
  Safe<R> | Aggregate
> => of("avg", given(value, "avg"), false, averageType(value.node.type))

/** The least value that is not NULL; NULL of none. */
export const min = <A, R>(value: Value<A, R>): Expr<NonNullable<A> | null, Safe<R> | Aggregate> =>
  of("min", given(value, "min"), false, value.node.type)

/** The greatest value that is not NULL; NULL of none. */
export const max = <A, R>(value: Value<A, R>): Expr<NonNullable<A> | null, Safe<R> | Aggregate> =>
  of("max", given(value, "max"), false, value.node.type)

const text = (name: S.FunctionName, value: Value<any, any>) =>
  expr<never, never>(S.call(name, [given(value, name).node], T.text))

/** Lower case. ASCII letters everywhere; others as the server knows them. */
export const lower = <A extends string | null, R>(
  value: Value<A, R>
): Expr<string | (A & null), R> => text("lower", value)

/** Upper case. ASCII letters everywhere; others as the server knows them. */
export const upper = <A extends string | null, R>(
  value: Value<A, R>
): Expr<string | (A & null), R> => text("upper", value)

/** Without spaces at both ends. */
export const trim = <A extends string | null, R>(
  value: Value<A, R>
): Expr<string | (A & null), R> => text("trim", value)

/** Length in characters. */
export const length = <A extends string | null, R>(
  value: Value<A, R>
): Expr<number | (A & null), R> => expr(S.call("length", [given(value, "length").node], T.integer))

/** Absolute value. */
export const abs = <A extends Numeric | null, R>(value: Value<A, R>): Expr<A, R> =>
  expr(S.call("abs", [given(value, "abs").node], value.node.type))

/** NULL where the two are equal, else the first. */
export const nullif = <A, R, R2>(value: Value<A, R>, other: Value<A, R2>): Expr<A | null, R | R2> =>
  expr(
    S.call("nullif", [given(value, "nullif").node, given(other, "nullif").node], value.node.type)
  )
