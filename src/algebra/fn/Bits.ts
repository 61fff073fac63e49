import { type Expr, expr, lift, wider } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"

type Bits = number | bigint | null

const widths: Readonly<Partial<Record<AnyType["sql"]["_tag"], number>>> = {
  Smallint: 16,
  Integer: 32,
  Bigint: 64
}

const widthOf = ({ sql }: AnyType, asked: string): number =>
  widths[sql._tag] ?? refuse(`${asked}: ${sql._tag} is no integer and has no bits`)

/** Two integers bit by bit, in the wider of their types. */
const both =
  (op: "bitAnd" | "bitOr" | "bitXor") =>
  <A extends Bits, R, O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    value: Value<A, R>,
    that: O
  ): Expr<A | NullOf<O>, R | RequiredOf<O>> => {
    const { node } = value
    widthOf(node.type, op)
    const right = lift(that, node.type, op)
    widthOf(right.type, op)
    return expr(S.arith(op, node, right, wider(node.type, right.type)))
  }

const shifted = <A extends Bits, R>(
  op: "shiftLeft" | "shiftRight",
  { node }: Value<A, R>,
  by: number
): Expr<A, R> => {
  const width = widthOf(node.type, op)
  if (!Number.isInteger(by) || by < 0 || by >= width)
    return refuse(`${op}: an integer of ${width} bits is shifted by 0 to ${width - 1}`)
  return expr(S.arith(op, node, S.constant(by, T.integer), node.type))
}

/**
 * `a & b`: the bits both integers have, negative ones in two's complement. NULL where either is.
 *
 * **Errors** `StatementError` for what is no integer.
 * **Source** PostgreSQL manual 9.3, mathematical operators; SQLAlchemy 2.0 `bitwise_and`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.bitAnd(Expr.value(12, Type.integer), 10)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 8
 * ```
 * @category combinators
 */
export const bitAnd = both("bitAnd")

/**
 * `a | b`: the bits either integer has. NULL where either is.
 *
 * **Errors** `StatementError` for what is no integer.
 * **Source** PostgreSQL manual 9.3, mathematical operators; SQLAlchemy 2.0 `bitwise_or`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.bitOr(Expr.value(12, Type.integer), 10)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 14
 * ```
 * @category combinators
 */
export const bitOr = both("bitOr")

/**
 * XOR: the bits one of the integers has and the other has not. NULL where either is.
 *
 * **SQL** `#` on postgres, `^` on mysql and mariadb, `(a | b) - (a & b)` on sqlite.
 * **Errors** `StatementError` for what is no integer.
 * **Source** PostgreSQL manual 9.3, mathematical operators; SQLAlchemy 2.0 `bitwise_xor`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.bitXor(Expr.value(12, Type.integer), 10)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 6
 * ```
 * @category combinators
 */
export const bitXor = both("bitXor")

/**
 * `~a`: all bits turned, `-a - 1`. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no integer.
 * **Source** PostgreSQL manual 9.3, mathematical operators; SQLAlchemy 2.0 `bitwise_not`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.bitNot(Expr.value(12, Type.integer))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -13
 * ```
 * @category combinators
 */
export const bitNot = <A extends Bits, R>({ node }: Value<A, R>): Expr<A, R> => {
  widthOf(node.type, "bitNot")
  return expr(S.arith("bitXor", node, S.constant(-1, node.type), node.type))
}

/**
 * `a << by`: bits moved up, those beyond the width of the type dropped. NULL stays NULL.
 *
 * **Shape** the width is that of the column's type: 16, 32 or 64 bits on every dialect.
 * **Errors** `StatementError` for what is no integer, and for a shift that is not from 0 to one
 * less than the width.
 * **Source** PostgreSQL manual 9.3, mathematical operators; SQLAlchemy 2.0 `bitwise_lshift`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.shiftLeft(Expr.value(1, Type.integer), 31)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -2147483648
 * ```
 * @category combinators
 */
export const shiftLeft = <A extends Bits, R>(value: Value<A, R>, by: number): Expr<A, R> =>
  shifted("shiftLeft", value, by)

/**
 * `a >> by`: bits moved down, the sign kept: the integer below `a / 2^by`. NULL stays NULL.
 *
 * **Errors** `StatementError` as `shiftLeft`.
 * **Source** PostgreSQL manual 9.3, mathematical operators; SQLAlchemy 2.0 `bitwise_rshift`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.shiftRight(Expr.value(-5, Type.integer), 1)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -3
 * ```
 * @category combinators
 */
export const shiftRight = <A extends Bits, R>(value: Value<A, R>, by: number): Expr<A, R> =>
  shifted("shiftRight", value, by)
