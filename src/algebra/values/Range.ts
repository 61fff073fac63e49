/** A set of values between two bounds: what PostgreSQL's range types hold. */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { NodeInspectSymbol } from "effect/Inspectable"
import { dateTextOfDays } from "../types/calendar.ts"
import { refused } from "../types/make.ts"
import type { Instant } from "./Instant.ts"
import * as LocalDate from "./LocalDate.ts"

/**
 * Whether a range has its bounds: `[` and `]` do, `(` and `)` do not.
 *
 * @category models
 */
export type Bounds = "[)" | "[]" | "(]" | "()"

/**
 * What ranges are of: whole numbers and days, which have a next one, decimals and moments.
 *
 * @category models
 */
export type Bound =
  | number
  | bigint
  | BigDecimal.BigDecimal
  | LocalDate.LocalDate
  | DateTime.Utc
  | Instant

/**
 * The values from one bound to another.
 *
 * **Shape** in canonical form, as the server keeps it: of whole numbers and of days the lower bound
 * is in it and the upper is not, a bound that is null is infinite and not in it, and there is one
 * empty range. So ranges of the same values are equal, by content; prints as the server does, in
 * JSON too.
 *
 * @category models
 */
export interface Range<out A> extends Equal.Equal {
  /** Null where the range has no least value. */
  readonly lower: A | null
  /** Null where the range has no greatest value. */
  readonly upper: A | null
  readonly bounds: Bounds
  readonly isEmpty: boolean
  readonly toString: () => string
  readonly toJSON: () => string
}

const number = (value: Bound): number | bigint =>
  typeof value === "number" || typeof value === "bigint"
    ? value
    : DateTime.isDateTime(value)
      ? value.epochMilliseconds
      : (value.valueOf() as number | bigint)

const compare = (a: Bound, b: Bound): number => {
  if (BigDecimal.isBigDecimal(a) && BigDecimal.isBigDecimal(b)) return BigDecimal.Order(a, b)
  const [left, right] = [number(a), number(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The value after one; null of those that have none, for there are others between any two. */
const next = (value: Bound): Bound | null => {
  if (typeof value === "number") return value + 1
  if (typeof value === "bigint") return value + 1n
  return LocalDate.isLocalDate(value) ? LocalDate.parse(dateTextOfDays(value.valueOf() + 1)) : null
}

const textOf = (value: Bound | null): string =>
  value === null
    ? ""
    : BigDecimal.isBigDecimal(value)
      ? BigDecimal.format(value)
      : DateTime.isDateTime(value)
        ? DateTime.formatIso(value)
        : String(value)

const prototype = {
  [Equal.symbol](this: Range<Bound>, that: unknown): boolean {
    return isRange(that) && this.isEmpty === that.isEmpty && sameEnds(this, that as Range<Bound>)
  },
  [Hash.symbol](this: Range<Bound>): number {
    return Hash.string(this.bounds)
  },
  [NodeInspectSymbol](this: Range<Bound>): string {
    return `Range(${this.toString()})`
  },
  toString(this: Range<Bound>): string {
    if (this.isEmpty) return "empty"
    return `${this.bounds[0]}${textOf(this.lower)},${textOf(this.upper)}${this.bounds[1]}`
  },
  toJSON(this: Range<Bound>): string {
    return this.toString()
  }
}

/** One end of a range: an infinite one is beyond all values. */
interface End {
  readonly value: Bound | null
  readonly included: boolean
  readonly side: -1 | 1
}

const lowerOf = ({ bounds, lower }: Range<Bound>): End => ({
  value: lower,
  included: bounds[0] === "[",
  side: -1
})
const upperOf = ({ bounds, upper }: Range<Bound>): End => ({
  value: upper,
  included: bounds[1] === "]",
  side: 1
})

/** A place between values: an end that leaves its value out is just inside of it. */
const compareEnds = (a: End, b: End): number => {
  if (a.value === null) return b.value === null ? a.side - b.side : a.side
  if (b.value === null) return -b.side
  const order = compare(a.value, b.value)
  if (order !== 0) return order
  return (a.included ? 0 : -a.side) - (b.included ? 0 : -b.side)
}

const sameEnds = (a: Range<Bound>, b: Range<Bound>): boolean =>
  a.bounds === b.bounds &&
  compareEnds(lowerOf(a), lowerOf(b)) === 0 &&
  compareEnds(upperOf(a), upperOf(b)) === 0

const build = (
  lower: Bound | null,
  upper: Bound | null,
  bounds: Bounds,
  isEmpty: boolean
): Range<never> => {
  const made = Object.create(prototype)
  made.lower = lower
  made.upper = upper
  made.bounds = bounds
  made.isEmpty = isEmpty
  return Object.freeze(made)
}

/**
 * The range without a value.
 *
 * @category constructors
 */
export const empty: Range<never> = build(null, null, "()", true)

const expectedBounds = "the bounds of a range: [) or [] or (] or ()"
const expectedOrder = "a range whose lower bound is not above its upper one"
const expectedValue = "values of one type that ranges are of, and whole numbers"

const kindOf = (value: unknown): string => {
  if (typeof value === "number") return Number.isInteger(value) ? "number" : "none"
  if (typeof value === "bigint") return "bigint"
  if (BigDecimal.isBigDecimal(value)) return "decimal"
  if (LocalDate.isLocalDate(value)) return "date"
  if (DateTime.isDateTime(value)) return DateTime.isUtc(value) ? "utc" : "none"
  return typeof value === "object" && value !== null && "epochMicroseconds" in value
    ? "instant"
    : "none"
}

const checkKinds = (lower: unknown, upper: unknown): void => {
  const kinds = [lower, upper].filter((value) => value !== null).map(kindOf)
  if (kinds.includes("none") || (kinds.length === 2 && kinds[0] !== kinds[1]))
    refused(expectedValue)
}

/**
 * The values from a lower bound to an upper one; null is no bound.
 *
 * **Shape** the lower bound is in it and the upper is not, unless `bounds` says so.
 * **Errors** `ValueRefused` for a lower bound above the upper, and for what ranges are not of.
 *
 * @example
 * ```ts
 * import { Range } from "athanor"
 * String(Range.make(1, 10, "[]")) // => "[1,11)"
 * ```
 * @category constructors
 */
export const make = <A extends Bound>(
  lower: A | null,
  upper: A | null,
  bounds: Bounds = "[)"
): Range<A> => {
  if (!["[)", "[]", "(]", "()"].includes(bounds)) refused(expectedBounds)
  checkKinds(lower, upper)
  if (lower !== null && upper !== null) {
    const order = compare(lower, upper)
    if (order > 0) return refused(expectedOrder)
    if (order === 0 && bounds !== "[]") return empty
  }
  return canonical(lower, upper, bounds)
}

const canonical = (lower: Bound | null, upper: Bound | null, bounds: Bounds): Range<never> => {
  const after = lower === null ? null : next(lower)
  const beyond = upper === null || bounds[1] === ")" ? null : next(upper)
  const first = after !== null && bounds[0] === "(" ? after : lower
  const last = beyond ?? upper
  const opens = first === null || (bounds[0] === "(" && after === null) ? "(" : "["
  const closes = last !== null && bounds[1] === "]" && beyond === null ? "]" : ")"
  if (first !== null && last !== null && compare(first, last) >= 0 && `${opens}${closes}` !== "[]")
    return empty
  return build(first, last, `${opens}${closes}`, false)
}

/** The range between two ends that do not cross. */
const between = (low: End, high: End): Range<never> => {
  const bounds = `${low.included ? "[" : "("}${high.included ? "]" : ")"}` as Bounds
  if (low.value !== null && high.value !== null) {
    const order = compare(low.value, high.value)
    if (order > 0 || (order === 0 && bounds !== "[]")) return empty
  }
  return canonical(low.value, high.value, bounds)
}

/**
 * Is this a range?
 *
 * @category guards
 */
export const isRange = (value: unknown): value is Range<unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === prototype

type Of<A> = Range<A>
const as = <A>(range: Range<A>): Range<Bound> => range as unknown as Range<Bound>

/**
 * Whether a value is in a range.
 *
 * @example
 * ```ts
 * import { Range } from "athanor"
 * Range.contains(Range.make(1, 10), 10) // => false
 * ```
 * @category combinators
 */
export const contains = <A extends Bound>(self: Of<A>, value: A): boolean =>
  !self.isEmpty &&
  compareEnds(lowerOf(as(self)), { value, included: true, side: 1 }) <= 0 &&
  compareEnds({ value, included: true, side: -1 }, upperOf(as(self))) <= 0

/**
 * Whether all values of another range are in one.
 *
 * @example
 * ```ts
 * import { Range } from "athanor"
 * Range.containsRange(Range.make(1, 10), Range.make(2, 3)) // => true
 * ```
 * @category combinators
 */
export const containsRange = <A>(self: Of<A>, that: Of<A>): boolean =>
  that.isEmpty ||
  (!self.isEmpty &&
    compareEnds(lowerOf(as(self)), lowerOf(as(that))) <= 0 &&
    compareEnds(upperOf(as(that)), upperOf(as(self))) <= 0)

/**
 * Whether two ranges have a value in common.
 *
 * @example
 * ```ts
 * import { Range } from "athanor"
 * Range.overlaps(Range.make(1, 10), Range.make(10, 20)) // => false
 * ```
 * @category combinators
 */
export const overlaps = <A>(self: Of<A>, that: Of<A>): boolean => !intersection(self, that).isEmpty

/**
 * Whether all values of a range are below those of another: `<<`; FALSE of an empty one.
 *
 * @category combinators
 */
export const isBefore = <A>(self: Of<A>, that: Of<A>): boolean =>
  !self.isEmpty && !that.isEmpty && compareEnds(upperOf(as(self)), lowerOf(as(that))) < 0

/**
 * Whether all values of a range are above those of another: `>>`; FALSE of an empty one.
 *
 * @category combinators
 */
export const isAfter = <A>(self: Of<A>, that: Of<A>): boolean => isBefore(that, self)

/**
 * Whether no value of a range is above all of another: `&<`; FALSE of an empty one.
 *
 * @category combinators
 */
export const endsWithin = <A>(self: Of<A>, that: Of<A>): boolean =>
  !self.isEmpty && !that.isEmpty && compareEnds(upperOf(as(self)), upperOf(as(that))) <= 0

/**
 * Whether no value of a range is below all of another: `&>`; FALSE of an empty one.
 *
 * @category combinators
 */
export const beginsWithin = <A>(self: Of<A>, that: Of<A>): boolean =>
  !self.isEmpty && !that.isEmpty && compareEnds(lowerOf(as(self)), lowerOf(as(that))) >= 0

/** Nothing lies between an upper end and a lower one, and they do not cross. */
const touch = (upper: End, lower: End): boolean =>
  upper.value !== null &&
  lower.value !== null &&
  compare(upper.value, lower.value) === 0 &&
  upper.included !== lower.included

/**
 * Whether two ranges lie side by side: no value in common, and none between: `-|-`.
 *
 * @example
 * ```ts
 * import { Range } from "athanor"
 * Range.isAdjacent(Range.make(1, 10), Range.make(10, 20)) // => true
 * ```
 * @category combinators
 */
export const isAdjacent = <A>(self: Of<A>, that: Of<A>): boolean =>
  !self.isEmpty &&
  !that.isEmpty &&
  (touch(upperOf(as(self)), lowerOf(as(that))) || touch(upperOf(as(that)), lowerOf(as(self))))

const least = (a: End, b: End): End => (compareEnds(a, b) <= 0 ? a : b)
const greatest = (a: End, b: End): End => (compareEnds(a, b) >= 0 ? a : b)

/**
 * The values two ranges have in common.
 *
 * @example
 * ```ts
 * import { Range } from "athanor"
 * String(Range.intersection(Range.make(1, 10), Range.make(5, 20))) // => "[5,10)"
 * ```
 * @category combinators
 */
export const intersection = <A>(self: Of<A>, that: Of<A>): Range<A> =>
  self.isEmpty || that.isEmpty
    ? empty
    : between(
        greatest(lowerOf(as(self)), lowerOf(as(that))),
        least(upperOf(as(self)), upperOf(as(that)))
      )

/**
 * The least range that has all values of two, those between them included.
 *
 * @category combinators
 */
export const merge = <A>(self: Of<A>, that: Of<A>): Range<A> =>
  self.isEmpty
    ? that
    : that.isEmpty
      ? self
      : between(
          least(lowerOf(as(self)), lowerOf(as(that))),
          greatest(upperOf(as(self)), upperOf(as(that)))
        )

/**
 * The values of either range; null where they are no one range, for the server fails there.
 *
 * @example
 * ```ts
 * import { Range } from "athanor"
 * Range.union(Range.make(1, 2), Range.make(5, 6)) // => null
 * ```
 * @category combinators
 */
export const union = <A>(self: Of<A>, that: Of<A>): Range<A> | null =>
  self.isEmpty || that.isEmpty || overlaps(self, that) || isAdjacent(self, that)
    ? merge(self, that)
    : null

/** What is left below and above of a range without another. */
const rest = <A>(self: Of<A>, that: Of<A>): readonly [Range<A>, Range<A>] => {
  if (!overlaps(self, that)) return [self, empty]
  const below = {
    ...lowerOf(as(that)),
    included: !lowerOf(as(that)).included,
    side: 1
  } as End
  const above = {
    ...upperOf(as(that)),
    included: !upperOf(as(that)).included,
    side: -1
  } as End
  return [
    below.value === null || compareEnds(lowerOf(as(self)), lowerOf(as(that))) >= 0
      ? empty
      : between(lowerOf(as(self)), below),
    above.value === null || compareEnds(upperOf(as(self)), upperOf(as(that))) <= 0
      ? empty
      : between(above, upperOf(as(self)))
  ]
}

/**
 * The values of a range without those of another, as the ranges that are left: none, one or two.
 *
 * @category combinators
 */
export const without = <A>(self: Of<A>, that: Of<A>): ReadonlyArray<Range<A>> =>
  rest(self, that).filter((one) => !one.isEmpty)

/**
 * The values of a range without those of another; null where they are no one range, for the server
 * fails there.
 *
 * @example
 * ```ts
 * import { Range } from "athanor"
 * String(Range.difference(Range.make(1, 10), Range.make(5, 20))) // => "[1,5)"
 * ```
 * @category combinators
 */
export const difference = <A>(self: Of<A>, that: Of<A>): Range<A> | null => {
  const [first = empty, second] = without(self, that)
  return second === undefined ? first : null
}

/**
 * The order of the server: the empty range first, then by the lower bound, then by the upper.
 *
 * @category ordering
 */
export const order = <A>(self: Of<A>, that: Of<A>): number => {
  if (self.isEmpty || that.isEmpty) return Number(that.isEmpty) - Number(self.isEmpty)
  const low = compareEnds(lowerOf(as(self)), lowerOf(as(that)))
  return low !== 0 ? low : compareEnds(upperOf(as(self)), upperOf(as(that)))
}
