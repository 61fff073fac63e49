/** A time of day without a date or a zone: what SQL's TIME holds. */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { NodeInspectSymbol } from "effect/Inspectable"
import { refused } from "../types/make.ts"
import { endOfFraction, fractionOfText, secondsOfText, timeText } from "../types/temporalText.ts"

/**
 * A time of day to the microsecond, from 00:00:00 to 23:59:59.999999.
 *
 * **Shape** equal by content; `<` and `>` order by time; prints as `HH:MM:SS`, with as many groups
 * of three digits of a second as it needs, in JSON too.
 *
 * @category models
 */
export interface LocalTime extends Equal.Equal {
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0 to 999,999. */
  readonly microsecond: number
  readonly toString: () => string
  readonly toJSON: () => string
  /** Microseconds since midnight. */
  readonly valueOf: () => number
}

const prototype = {
  [Equal.symbol](this: LocalTime, that: unknown): boolean {
    return isLocalTime(that) && that.valueOf() === this.valueOf()
  },
  [Hash.symbol](this: LocalTime): number {
    return Hash.number(this.valueOf())
  },
  [NodeInspectSymbol](this: LocalTime): string {
    return `LocalTime(${this.toString()})`
  },
  valueOf(this: LocalTime): number {
    return (this.hour * 3600 + this.minute * 60 + this.second) * 1_000_000 + this.microsecond
  },
  toString(this: LocalTime): string {
    const whole = timeText(this.hour * 3600 + this.minute * 60 + this.second)
    if (this.microsecond === 0) return whole
    const digits = String(this.microsecond).padStart(6, "0")
    return `${whole}.${digits.endsWith("000") ? digits.slice(0, 3) : digits}`
  },
  toJSON(this: LocalTime): string {
    return this.toString()
  }
}

const build = (seconds: number, microsecond: number): LocalTime => {
  const made = Object.create(prototype)
  made.hour = (seconds / 3600) | 0
  made.minute = ((seconds / 60) | 0) % 60
  made.second = seconds % 60
  made.microsecond = microsecond
  return Object.freeze(made)
}

const expected = "a time from 00:00:00 to 23:59:59.999999"

const within = (value: number, limit: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < limit

/**
 * The time of an hour, a minute, a second and a microsecond.
 *
 * **Errors** `ValueRefused` for a part out of its range; there is no 24:00 and no second 60.
 *
 * @category constructors
 */
export const make = (hour: number, minute: number, second = 0, microsecond = 0): LocalTime =>
  within(hour, 24) && within(minute, 60) && within(second, 60) && within(microsecond, 1_000_000)
    ? build(hour * 3600 + minute * 60 + second, microsecond + 0)
    : refused(expected)

/**
 * Reads `HH:MM:SS` with an optional fraction.
 *
 * **Errors** `ValueRefused` for any other text, and for a fraction finer than a microsecond.
 *
 * @category constructors
 */
export const parse = (text: string): LocalTime => {
  const seconds = secondsOfText(text, 0)
  const end = endOfFraction(text, 8)
  const microsecond = fractionOfText(text, 8, end, 6)
  return end === text.length && seconds >= 0 && microsecond >= 0
    ? build(seconds, microsecond)
    : refused(expected)
}

/**
 * Is this a `LocalTime`?
 *
 * @category guards
 */
export const isLocalTime = (value: unknown): value is LocalTime =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === prototype
