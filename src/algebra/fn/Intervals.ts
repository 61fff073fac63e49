import type { Utc } from "effect/DateTime"
import { type Expr, expr, isExpr } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"
import type { Instant } from "../values/Instant.ts"
import { type Interval, isInterval, negate } from "../values/Interval.ts"
import type { LocalDate } from "../values/LocalDate.ts"

type Moment = LocalDate | Utc | Date | Instant | null
type IntervalOperand = Interval | Expr<Interval | null, unknown>

const checked = (type: AnyType, asked: string): AnyType =>
  type.sql._tag === "Date" || type.sql._tag === "Timestamp" || type.sql._tag === "Interval"
    ? type
    : refuse(`${asked}: ${type.key} is no day and no moment`)

/** Months first, whose ends are kept, then days, then what is shorter: as PostgreSQL does. */
const stepped = (node: S.Scalar, span: Interval, asked: string): S.Scalar => {
  const { days, microseconds, months } = span
  const { sql } = node.type
  if (microseconds !== 0n && sql._tag === "Date") refuse(`${asked}: a day has no seconds`)
  const precision = sql._tag === "Timestamp" ? sql.precision : 6
  if (microseconds % 10n ** BigInt(6 - precision) !== 0n)
    refuse(`${asked}: ${node.type.key} holds no part of a second as small as the interval's`)
  // In UTC a day has its 86,400 seconds; more of them than 32 bits hold are said as days.
  const seconds = microseconds / second
  const whole = -(2n ** 31n) < seconds && seconds < 2n ** 31n ? 0n : seconds / 86_400n
  const rest = microseconds - whole * 86_400n * second
  const isExact = rest % second === 0n
  const steps = [
    ["month", BigInt(months)],
    ["day", BigInt(days)],
    ["day", whole],
    [isExact ? "second" : "microsecond", isExact ? rest / second : rest]
  ] as const
  return steps.reduce<S.Scalar>((self, [unit, count]) => {
    if (count === 0n) return self
    const amount =
      unit === "microsecond" ? S.bound(count, T.bigint) : S.bound(Number(count), T.integer)
    return S.call(`dateAdd.${unit}`, [self, amount], node.type)
  }, node)
}

const second = 1_000_000n

const moved = (
  name: "addInterval" | "subtractInterval",
  { node }: Value<unknown, unknown>,
  span: unknown
): Expr<never, never> => {
  checked(node.type, name)
  if (isExpr(span))
    return span.node.type.sql._tag === "Interval"
      ? expr(S.call(name, [node, span.node], node.type))
      : refuse(`${name}: ${span.node.type.key} is no interval`)
  if (!isInterval(span)) return refuse(`${name}: what is added is no interval`)
  return node.type.sql._tag === "Interval"
    ? expr(S.call(name, [node, S.bound(span, T.interval)], node.type))
    : expr(stepped(node, name === "addInterval" ? span : negate(span), name))
}

/**
 * A day or a moment and an interval: months first, the last day of a shorter month standing for
 * those it lacks, then days, then seconds. NULL stays NULL.
 *
 * **Shape** of an interval given with the statement on every database, to the microsecond; of an
 * expression on postgres. A day moved by an expression keeps no hours.
 * **Errors** `StatementError` for what is no day and no moment, for a day and seconds, and for
 * parts of a second smaller than the moment's type holds.
 * **Source** SQL:2016 part 2, 6.34 datetime value expression.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Interval, LocalDate, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const day = Expr.value(LocalDate.make(2024, 1, 31), Type.date)
 * const later = Fn.addInterval(day, Interval.make({ months: 1, days: 1 }))
 * const answer = Database.one(Query.select(later))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => LocalDate.make(2024, 3, 1)
 * ```
 * @category combinators
 */
export const addInterval = <A extends Moment | Interval, R, O extends IntervalOperand>(
  moment: Value<A, R>,
  span: O
): Expr<A | NullOf<O>, R | RequiredOf<O>> => moved("addInterval", moment, span)

/**
 * A day or a moment an interval earlier: as `addInterval` of what it is backwards. NULL stays NULL.
 *
 * **Errors** as `addInterval`.
 * **Source** SQL:2016 part 2, 6.34 datetime value expression.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Interval, LocalDate, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const day = Expr.value(LocalDate.make(2024, 3, 31), Type.date)
 * const before = Fn.subtractInterval(day, Interval.make({ months: 1 }))
 * const answer = Database.one(Query.select(before))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => LocalDate.make(2024, 2, 29)
 * ```
 * @category combinators
 */
export const subtractInterval = <A extends Moment | Interval, R, O extends IntervalOperand>(
  moment: Value<A, R>,
  span: O
): Expr<A | NullOf<O>, R | RequiredOf<O>> => moved("subtractInterval", moment, span)
