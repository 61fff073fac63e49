import type { BigDecimal } from "effect/BigDecimal"
import { eitherType } from "../decimalResult.ts"
import { type Expr, expr, lift, wider } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"

type Numeric = number | bigint | BigDecimal
type NumberOperand = number | Expr<number | null, unknown>

const wholes: ReadonlySet<AnyType["sql"]["_tag"]> = new Set(["Smallint", "Integer", "Bigint"])

/** A whole number has nothing to round; of a decimal so many digits after the point are left. */
const rounded = <A, R>(
  name: "floor" | "ceil" | "round",
  { node }: Value<A, R>,
  digits: number
): Expr<A, R> => {
  const { sql } = node.type
  if (wholes.has(sql._tag)) return expr(node)
  const args = name === "round" ? [node, S.constant(digits, T.integer)] : [node]
  if (sql._tag === "Double") return expr(S.call(name, args, T.double))
  if (sql._tag !== "Numeric") return refuse(`${name}: ${sql._tag} is no number`)
  return sql.scale <= digits ? expr(node) : expr(S.call(name, args, T.decimal(digits)))
}

const doubleNode = (that: unknown, asked: string): S.Scalar => {
  const node = lift(that, T.double, asked)
  return node.type.sql._tag === "Double" ? node : S.cast(node, T.double)
}

/** What every one of them can be: the wider of plain numbers, the finest of decimals. */
const joint = (a: AnyType, b: AnyType): AnyType => eitherType(a, b) ?? wider(a, b)

const extreme =
  (name: "greatest" | "least") =>
  <A, R, O extends ReadonlyArray<NonNullable<A> | Expr<NonNullable<A> | null, any>>>(
    value: Value<A, R>,
    ...others: O
  ): Expr<A | NullOf<O[number]>, R | RequiredOf<O[number]>> => {
    const { node } = value
    const args = [node, ...others.map((one) => lift(one, node.type, name))]
    return args.length === 1
      ? refuse(`${name}: there is nothing to compare with`)
      : expr(S.call(name, args, args.map((arg) => arg.type).reduce(joint)))
  }

/**
 * The greatest whole number that is not above; NULL stays NULL.
 *
 * **Shape** of doubles a double, of decimals a decimal without digits after the point, of integers
 * themselves.
 * **Source** SQL:2016 part 2, 6.30 numeric value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.floor(Expr.value(-1.5, Type.double))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -2
 * ```
 * @category combinators
 */
export const floor = <A extends Numeric | null, R>(value: Value<A, R>): Expr<A, R> =>
  rounded("floor", value, 0)

/**
 * The least whole number that is not below; NULL stays NULL.
 *
 * **Shape** of doubles a double, of decimals a decimal without digits after the point, of integers
 * themselves.
 * **Source** SQL:2016 part 2, 6.30 numeric value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.ceil(Expr.value(-1.5, Type.double))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -1
 * ```
 * @category combinators
 */
export const ceil = <A extends Numeric | null, R>(value: Value<A, R>): Expr<A, R> =>
  rounded("ceil", value, 0)

/**
 * The nearest number of so many digits after the point, halves away from zero; NULL stays NULL.
 *
 * **Shape** of decimals exact, a decimal of that many digits. Of doubles `round(x * 10^digits) /
 * 10^digits`, reckoned in doubles: the same on every dialect, where their own differ (2.5 is 2 to
 * some). Of integers themselves.
 * **Errors** `StatementError` for digits that are no whole number from 0 to 15.
 * **Source** PostgreSQL manual 9.3; MySQL 14.6.2 `ROUND`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.round(Expr.value(-2.5, Type.double))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -3
 * ```
 * @category combinators
 */
export const round = <A extends Numeric | null, R>(value: Value<A, R>, digits = 0): Expr<A, R> =>
  Number.isInteger(digits) && digits >= 0 && digits <= 15
    ? rounded("round", value, digits)
    : refuse(`round: ${digits} is no whole number from 0 to 15`)

/**
 * -1, 0 or 1: whether a number is below, equal to or above zero; NULL stays NULL.
 *
 * **Source** PostgreSQL manual 9.3; MySQL 14.6.2 `SIGN`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.sign(Expr.value(-2.5, Type.double))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -1
 * ```
 * @category combinators
 */
export const sign = <A extends Numeric | null, R>(
  value: Value<A, R>
): Expr<number | (A & null), R> => expr(S.call("sign", [value.node], T.integer))

/**
 * A number to the power of another, as a double.
 *
 * **Shape** NULL where an operand is, and where no real number is the power: 0 to a negative one,
 * a negative number to one that is not whole.
 * **Errors** a power beyond the doubles is the server's error, on sqlite `DecodeFailed`.
 * **Source** SQL:2016 part 2, 6.30 numeric value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.power(Expr.value(2, Type.double), 10)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 1024
 * ```
 * @category combinators
 */
export const power = <A extends Numeric | null, R, O extends NumberOperand>(
  value: Value<A, R>,
  exponent: O
): Expr<number | null, R | RequiredOf<O>> =>
  expr(S.call("power", [doubleNode(value, "power"), doubleNode(exponent, "power")], T.double))

/**
 * The square root as a double; NULL of NULL and of a negative number.
 *
 * **Source** SQL:2016 part 2, 6.30 numeric value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.sqrt(Expr.value(2.25, Type.double))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 1.5
 * ```
 * @category combinators
 */
export const sqrt = <A extends Numeric | null, R>(value: Value<A, R>): Expr<number | null, R> =>
  expr(S.call("sqrt", [doubleNode(value, "sqrt")], T.double))

/**
 * The greatest of several values; NULL where one of them is.
 *
 * **SQL** `max(a, b)` on sqlite; PostgreSQL's own passes over NULLs, so it is asked for them
 * first.
 * **Errors** `StatementError` of one value alone.
 * **Source** SQL:2023 part 2, 6.43 greatest and least.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.greatest(Expr.value(3, Type.integer), 9, 7)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 9
 * ```
 * @category combinators
 */
export const greatest = extreme("greatest")

/**
 * The least of several values; NULL where one of them is.
 *
 * **SQL** `min(a, b)` on sqlite; PostgreSQL's own passes over NULLs, so it is asked for them
 * first.
 * **Errors** `StatementError` of one value alone.
 * **Source** SQL:2023 part 2, 6.43 greatest and least.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.least(Expr.value(3, Type.integer), 9, 7)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 3
 * ```
 * @category combinators
 */
export const least = extreme("least")

/**
 * A number from 0 up to, not including, 1, drawn by the server for each row and each place.
 *
 * **Shape** volatile: athanor never says it twice, nor once where it stands twice.
 * **SQL** `rand()` on mysql and mariadb; of 53 random bits on sqlite.
 * **Source** PostgreSQL manual 9.3.3, random functions.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.random().lt(1)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category combinators
 */
export const random = (): Expr<number> => expr(S.call("random", [], T.double))
