/** A span of time in months, days and microseconds: what SQL's INTERVAL holds. */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { NodeInspectSymbol } from "effect/Inspectable"
import { refused } from "../types/make.ts"

/**
 * Months, days and microseconds, each of its own: no month is thirty days, no day 24 hours.
 *
 * **Shape** equal by content; prints as ISO 8601, in JSON too: `P1M2DT3.5S`, `PT0S` for none.
 *
 * @category models
 */
export interface Interval extends Equal.Equal {
  readonly months: number
  readonly days: number
  readonly microseconds: bigint
  readonly toString: () => string
  readonly toJSON: () => string
}

/**
 * The parts an interval is made of; those that are left out are 0.
 *
 * @category models
 */
export interface Parts {
  readonly years?: number
  readonly months?: number
  readonly weeks?: number
  readonly days?: number
  readonly hours?: number
  readonly minutes?: number
  readonly seconds?: number
  readonly milliseconds?: number
  readonly microseconds?: number | bigint
}

/** Seconds and their fraction, without zeros at its end. */
const secondsText = (microseconds: bigint): string => {
  const size = microseconds < 0n ? -microseconds : microseconds
  const rest = String(size % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "")
  return `${microseconds < 0n ? "-" : ""}${size / 1_000_000n}${rest === "" ? "" : `.${rest}`}`
}

const prototype = {
  [Equal.symbol](this: Interval, that: unknown): boolean {
    return (
      isInterval(that) &&
      this.months === that.months &&
      this.days === that.days &&
      this.microseconds === that.microseconds
    )
  },
  [Hash.symbol](this: Interval): number {
    return Hash.string(this.toString())
  },
  [NodeInspectSymbol](this: Interval): string {
    return `Interval(${this.toString()})`
  },
  toString(this: Interval): string {
    const date =
      (this.months === 0 ? "" : `${this.months}M`) + (this.days === 0 ? "" : `${this.days}D`)
    if (this.microseconds === 0n) return date === "" ? "PT0S" : `P${date}`
    return `P${date}T${secondsText(this.microseconds)}S`
  },
  toJSON(this: Interval): string {
    return this.toString()
  }
}

const expected = "an interval of whole months and days in 32 bits and microseconds in 64"

const build = (months: number, days: number, microseconds: bigint): Interval => {
  const fits =
    Number.isInteger(months) &&
    Number.isInteger(days) &&
    Math.abs(months) < 2 ** 31 &&
    Math.abs(days) < 2 ** 31 &&
    BigInt.asIntN(64, microseconds) === microseconds
  if (!fits) return refused(expected)
  const made = Object.create(prototype)
  made.months = months + 0
  made.days = days + 0
  made.microseconds = microseconds
  return Object.freeze(made)
}

const units = {
  hours: 3_600_000_000n,
  minutes: 60_000_000n,
  seconds: 1_000_000n,
  milliseconds: 1000n
}

/**
 * An interval of some parts: years are twelve months, weeks seven days, hours and what is shorter
 * microseconds.
 *
 * **Errors** `ValueRefused` for parts that are not whole or too large.
 *
 * @example
 * ```ts
 * import { Interval } from "athanor"
 * String(Interval.make({ years: 1, days: 2, hours: 3 })) // => "P12M2DT10800S"
 * ```
 * @category constructors
 */
export const make = (parts: Parts): Interval => {
  const { days = 0, microseconds = 0, months = 0, weeks = 0, years = 0 } = parts
  const whole = (value: number | bigint): bigint =>
    typeof value === "bigint" || Number.isSafeInteger(value) ? BigInt(value) : refused(expected)
  const time = (Object.keys(units) as ReadonlyArray<keyof typeof units>).reduce(
    (sum, unit) => sum + whole(parts[unit] ?? 0) * units[unit],
    whole(microseconds)
  )
  return build(years * 12 + months, weeks * 7 + days, time)
}

/**
 * Is this an `Interval`?
 *
 * @category guards
 */
export const isInterval = (value: unknown): value is Interval =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === prototype

/**
 * The same interval backwards.
 *
 * @category combinators
 */
export const negate = ({ days, microseconds, months }: Interval): Interval =>
  build(-months, -days, -microseconds)

/**
 * Two intervals one after the other.
 *
 * @category combinators
 */
export const add = (self: Interval, that: Interval): Interval =>
  build(self.months + that.months, self.days + that.days, self.microseconds + that.microseconds)

const iso = /^P(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(-?)(\d+)(?:\.(\d{1,6}))?S)?$/
const own = new RegExp(
  [
    /^(?:([+-]?\d+) years?)?/,
    /(?:([+-]?\d+) mons?)?/,
    /(?:([+-]?\d+) days?)?/,
    /(?:([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/
  ]
    .map(({ source }) => source)
    .join(" ?")
)

const fraction = (digits = ""): bigint => BigInt(digits.padEnd(6, "0"))

/**
 * Reads `P1M2DT3.5S`, as intervals print.
 *
 * **Errors** `ValueRefused` for any other text.
 *
 * @category constructors
 */
export const parse = (text: string): Interval => {
  const found = text === "P" || text.endsWith("T") ? null : iso.exec(text)
  if (found === null) return refused(expected)
  const [, months = "0", days = "0", sign, seconds = "0", rest] = found
  const time = BigInt(seconds) * 1_000_000n + fraction(rest)
  return build(Number(months), Number(days), sign === "-" ? -time : time)
}

/** Reads what PostgreSQL prints in its own style: `1 year -2 mons +3 days 04:05:06.7`. */
export const ofServer = (text: string): Interval => {
  const found = text === "" ? null : own.exec(text)
  if (found === null) return refused(expected)
  const [, years = "0", months = "0", days = "0", sign, hours = "0", minutes = "0", seconds = "0"] =
    found
  const whole = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)
  const time = whole * 1_000_000n + fraction(found[8])
  return build(Number(years) * 12 + Number(months), Number(days), sign === "-" ? -time : time)
}

/** As PostgreSQL reads it. */
export const toServer = ({ days, microseconds, months }: Interval): string => {
  const size = microseconds < 0n ? -microseconds : microseconds
  const two = (part: bigint): string => String(part).padStart(2, "0")
  const seconds = size / 1_000_000n
  const clock = `${seconds / 3600n}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`
  const rest = String(size % 1_000_000n).padStart(6, "0")
  return `${months} mons ${days} days ${microseconds < 0n ? "-" : ""}${clock}.${rest}`
}
