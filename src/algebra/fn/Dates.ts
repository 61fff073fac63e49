import type { Utc } from "effect/DateTime"
import { type Expr, expr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import type { Instant } from "../values/Instant.ts"
import type { Interval } from "../values/Interval.ts"
import type { LocalDate } from "../values/LocalDate.ts"
import type { LocalTime } from "../values/LocalTime.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"

type Moment = Utc | Date | Instant

/** The parts of an interval: what it has of years, months, days and of what is shorter. */
type SpanPart = Extract<S.DayPart, "year" | "month" | "day" | "epoch"> | S.ClockPart

/** The parts a value has: those of a day, of a time of day, of both, or of an interval. */
type PartOf<A> = [A] extends [LocalDate]
  ? S.DayPart
  : [A] extends [LocalTime]
    ? S.ClockPart
    : [A] extends [Interval]
      ? SpanPart
      : S.DayPart | S.ClockPart

/** The units a value can be moved by: a day has no hours. */
type UnitOf<A> = [A] extends [LocalDate] ? S.DayUnit : S.DayUnit | S.ClockUnit

type CountOperand = number | Expr<number | null, unknown>

const clocks: ReadonlySet<string> = new Set<S.ClockPart>([
  "hour",
  "minute",
  "second",
  "millisecond",
  "microsecond"
])

const spans: ReadonlySet<string> = new Set<SpanPart>([
  ...(["year", "month", "day", "epoch"] as const),
  ...(["hour", "minute", "second", "millisecond", "microsecond"] as const)
])

/** Refuses a value without a day or a time where one is asked for. */
const checked = (type: AnyType, field: string, asked: string): void => {
  const { _tag } = type.sql
  const fits = _tag === "Timestamp" || (clocks.has(field) ? _tag === "Time" : _tag === "Date")
  if (!fits) refuse(`${asked}: ${_tag} has no ${field}`)
}

/**
 * EXTRACT: one part of a day, a time of day or a moment in UTC, as a whole number; NULL stays
 * NULL.
 *
 * **Shape** `dow` is 0 on Sunday to 6, `isodow` 1 on Monday to 7; `isoWeek` belongs to `isoYear`.
 * `second`, `millisecond` and `microsecond` are each of the second and whole: of 6.789 s they are
 * 6, 789 and 789000. `epoch` counts whole seconds since 1970, downwards before. An interval has
 * years of twelve months, and parts with its sign; its `epoch` counts 30 days to a month and 365.25
 * to a year. All are numbers: `epoch` is a bigint to the server, the others are integers.
 * **Errors** `StatementError` for a part the type has not.
 * **Source** SQL:2016 part 2, 6.30 numeric value function, extract; SQLAlchemy 2.0 `extract`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, LocalDate, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const day = Expr.value(LocalDate.make(2024, 2, 29), Type.date)
 * const answer = Database.one(Query.select(Fn.extract("doy", day)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 60
 * ```
 * @category combinators
 */
export const extract = <A extends Moment | LocalDate | LocalTime | Interval | null, R>(
  part: PartOf<NonNullable<A>>,
  { node }: Value<A, R>
): Expr<number | (A & null), R> => {
  if (node.type.sql._tag !== "Interval") checked(node.type, part, "extract")
  else if (!spans.has(part)) refuse(`extract: Interval has no ${part}`)
  return expr(S.call(`extract.${part}`, [node], part === "epoch" ? T.safeInteger : T.integer))
}

/**
 * The moment or day at which the unit began that a value lies in; NULL stays NULL.
 *
 * **Shape** of the type of the value, in UTC; a week begins on Monday.
 * **Errors** `StatementError` for a unit the type has not.
 * **Source** PostgreSQL manual 9.9, date/time functions, `date_trunc`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const when = new Date("2024-02-29T13:45:06.789Z")
 * const at = Expr.value(when, Type.timestamp().asDate())
 * const answer = Database.one(Query.select(Fn.dateTrunc("hour", at)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => new Date(1709211600000)
 * ```
 * @category combinators
 */
export const dateTrunc = <A extends Moment | LocalDate | null, R>(
  unit: UnitOf<NonNullable<A>>,
  { node }: Value<A, R>
): Expr<A, R> => {
  checked(node.type, unit, "dateTrunc")
  return expr(S.call(`dateTrunc.${unit}`, [node], node.type))
}

/**
 * A day or moment so many units later, or earlier for a negative number. NULL where an operand is.
 *
 * **Shape** of the type of the value, in UTC. Years, quarters and months keep the day, or take the
 * last one of a shorter month.
 * **Errors** `StatementError` for a unit the type has not. Beyond the years 0001 to 9999 there is
 * no value: an error on postgres, `DecodeFailed` or NULL elsewhere.
 * **Source** SQL:2016 part 2, 6.38 datetime value expression; MySQL 14.7 `DATE_ADD`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, LocalDate, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const day = Expr.value(LocalDate.make(2024, 2, 29), Type.date)
 * const answer = Database.one(Query.select(Fn.dateAdd(day, 1, "year")))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => LocalDate.make(2025, 2, 28)
 * ```
 * @category combinators
 */
export const dateAdd = <A extends Moment | LocalDate | null, R, O extends CountOperand>(
  { node }: Value<A, R>,
  amount: O,
  unit: UnitOf<NonNullable<A>>
): Expr<A | NullOf<O>, R | RequiredOf<O>> => {
  checked(node.type, unit, "dateAdd")
  return expr(S.call(`dateAdd.${unit}`, [node, lift(amount, T.integer, "dateAdd")], node.type))
}

/**
 * How many whole units lie between two days or two moments, negative where the second is earlier.
 * NULL where one is.
 *
 * **Shape** a number; what is left of a unit is dropped. Months and years are of no one length:
 * subtract what `extract` gives.
 * **Errors** `StatementError` for a unit the types have not, and for two types.
 * **Source** MySQL 14.7 `TIMESTAMPDIFF`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, LocalDate, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const day = Expr.value(LocalDate.make(2024, 2, 29), Type.date)
 * const answer = Database.one(Query.select(Fn.dateDiff("day", day, LocalDate.make(2024, 3, 10))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 10
 * ```
 * @category combinators
 */
export const dateDiff = <
  A extends Moment | LocalDate | null,
  R,
  O extends NonNullable<A> | Expr<NonNullable<A> | null, any>
>(
  unit: Exclude<UnitOf<NonNullable<A>>, "year" | "quarter" | "month">,
  { node }: Value<A, R>,
  to: O
): Expr<number | (A & null) | NullOf<O>, R | RequiredOf<O>> => {
  checked(node.type, unit, "dateDiff")
  const end = lift(to, node.type, "dateDiff")
  if (end.type.sql._tag !== node.type.sql._tag)
    refuse(`dateDiff: from a ${node.type.sql._tag} to a ${end.type.sql._tag}`)
  return expr(S.call(`dateDiff.${unit}`, [node, end], T.safeInteger))
}

/**
 * The day of a year, a month from 1 and a day from 1. NULL where one is.
 *
 * **Shape** a month or day beyond the last, or below the first, counts on into the next or back:
 * month 13 is January, day 0 the last of the month before. The year is 1 to 9999.
 * **Source** PostgreSQL manual 9.9, date/time functions, `make_date`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, LocalDate, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.makeDate(Expr.value(2024, Type.integer), 3, 0)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => LocalDate.make(2024, 2, 29)
 * ```
 * @category combinators
 */
export const makeDate = <Y extends CountOperand, M extends CountOperand, D extends CountOperand>(
  year: Y,
  month: M,
  day: D
): Expr<
  LocalDate | NullOf<Y> | NullOf<M> | NullOf<D>,
  RequiredOf<Y> | RequiredOf<M> | RequiredOf<D>
> =>
  expr(
    S.call(
      "makeDate",
      [year, month, day].map((one) => lift(one, T.integer, "makeDate")),
      T.date
    )
  )

/**
 * The day of a moment, in UTC; NULL stays NULL.
 *
 * **Source** SQL:2016 part 2, 6.13 cast specification.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, LocalDate, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const when = new Date("2024-02-29T13:45:06.789Z")
 * const at = Expr.value(when, Type.timestamp().asDate())
 * const answer = Database.one(Query.select(Fn.toDate(at)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => LocalDate.make(2024, 2, 29)
 * ```
 * @category combinators
 */
export const toDate = <A extends Moment | null, R>({
  node
}: Value<A, R>): Expr<LocalDate | (A & null), R> => {
  checked(node.type, "hour", "toDate")
  return expr(S.call("toDate", [node], T.date))
}

/**
 * The moment a day begins, in UTC; NULL stays NULL.
 *
 * **Source** SQL:2016 part 2, 6.13 cast specification.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, LocalDate, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { DateTime, Effect } from "effect"
 * const day = Expr.value(LocalDate.make(2024, 2, 29), Type.date)
 * const begun = Fn.toTimestamp(day).eq(DateTime.makeUnsafe("2024-02-29"))
 * const answer = Database.one(Query.select(begun))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category combinators
 */
export const toTimestamp = <A extends LocalDate | null, R>({
  node
}: Value<A, R>): Expr<Utc | (A & null), R> => {
  checked(node.type, "day", "toTimestamp")
  return expr(S.call("toTimestamp", [node], T.timestamp()))
}

/**
 * The moment the statement runs, by the server's clock, in milliseconds.
 *
 * **Shape** alike in all of one statement but on sqlite, where each row may have its own. A finer
 * part of the clock is cut.
 * **Source** SQL:2016 part 2, 6.34 datetime value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.now().isNull()))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
 * ```
 * @category combinators
 */
export const now = (): Expr<Utc> => expr(S.call("now", [], T.timestamp()))

/**
 * The day the statement runs, by the server's clock, in UTC.
 *
 * **Shape** alike in all of one statement but on sqlite, where each row may have its own. A finer
 * part of the clock is cut.
 * **Source** SQL:2016 part 2, 6.34 datetime value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.currentDate().isNull()))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
 * ```
 * @category combinators
 */
export const currentDate = (): Expr<LocalDate> => expr(S.call("currentDate", [], T.date))

/**
 * The time of day the statement runs, by the server's clock, in UTC and milliseconds.
 *
 * **Shape** alike in all of one statement but on sqlite, where each row may have its own. A finer
 * part of the clock is cut.
 * **Source** SQL:2016 part 2, 6.34 datetime value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.currentTime().isNull()))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
 * ```
 * @category combinators
 */
export const currentTime = (): Expr<LocalTime> => expr(S.call("currentTime", [], T.time(3)))
