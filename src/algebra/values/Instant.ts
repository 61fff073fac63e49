/** A moment to the microsecond: what timestamp(6) holds and `DateTime.Utc` cannot. */
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { NodeInspectSymbol } from "effect/Inspectable"
import { dateTextOfDays } from "../types/calendar.ts"
import { refused } from "../types/make.ts"
import {
  endOfFraction,
  epochSecondsOfText,
  fractionOfText,
  fractionText,
  offsetOfText,
  timeText
} from "../types/temporalText.ts"

/**
 * Microseconds since 1970-01-01T00:00:00Z, in years 0001 to 9999.
 *
 * **Shape** equal by content; `<` and `>` order by time; prints as ISO 8601 with six digits of a
 * second, in JSON too.
 *
 * @category models
 */
export interface Instant extends Equal.Equal {
  readonly epochMicroseconds: bigint
  readonly toString: () => string
  readonly toJSON: () => string
  readonly valueOf: () => bigint
}

const prototype = {
  [Equal.symbol](this: Instant, that: unknown): boolean {
    return isInstant(that) && that.epochMicroseconds === this.epochMicroseconds
  },
  [Hash.symbol](this: Instant): number {
    return Hash.string(this.epochMicroseconds.toString())
  },
  [NodeInspectSymbol](this: Instant): string {
    return `Instant(${this.toString()})`
  },
  valueOf(this: Instant): bigint {
    return this.epochMicroseconds
  },
  toString(this: Instant): string {
    const seconds = epochSeconds(this)
    const days = Math.floor(seconds / 86_400)
    const fraction = fractionText(microsecondOfSecond(this), 6)
    return `${dateTextOfDays(days)}T${timeText(seconds - days * 86_400)}${fraction}Z`
  },
  toJSON(this: Instant): string {
    return this.toString()
  }
}

const first = -62_135_596_800_000_000n
const last = 253_402_300_799_999_999n
const expected = "a moment in years 0001 to 9999"

/**
 * The moment so many microseconds after 1970-01-01T00:00:00Z.
 *
 * **Errors** `ValueRefused` outside years 0001 to 9999.
 *
 * @category constructors
 */
export const make = (epochMicroseconds: bigint): Instant => {
  const valid = typeof epochMicroseconds === "bigint"
  if (!valid || epochMicroseconds < first || epochMicroseconds > last) return refused(expected)
  const made = Object.create(prototype)
  made.epochMicroseconds = epochMicroseconds
  return Object.freeze(made)
}

/**
 * Reads `YYYY-MM-DDTHH:MM:SS` with an optional fraction and zone; a space may stand for the T and
 * no zone is UTC.
 *
 * **Errors** `ValueRefused` for any other text, and for a fraction finer than a microsecond.
 *
 * @category constructors
 */
export const parse = (text: string): Instant => {
  const end = endOfFraction(text, 19)
  const seconds = epochSecondsOfText(text) - offsetOfText(text, end)
  const fraction = fractionOfText(text, 19, end, 6)
  return Number.isNaN(seconds + fraction)
    ? refused(expected)
    : make(BigInt(seconds) * 1_000_000n + BigInt(fraction))
}

/**
 * The same moment as a `DateTime`.
 *
 * **Errors** `ValueRefused` outside years 0001 to 9999.
 *
 * @category constructors
 */
export const fromDateTime = (value: DateTime.DateTime): Instant =>
  make(BigInt(value.epochMilliseconds) * 1000n)

/**
 * The same moment as a `DateTime.Utc`.
 *
 * **Errors** `ValueRefused` where milliseconds cannot hold it: nothing is cut.
 *
 * @category conversions
 */
export const toDateTime = (self: Instant): DateTime.Utc =>
  self.epochMicroseconds % 1000n === 0n
    ? DateTime.makeUnsafe(Number(self.epochMicroseconds / 1000n))
    : refused("a moment of whole milliseconds")

/**
 * Whole seconds since 1970-01-01T00:00:00Z, rounded towards the past.
 *
 * @category getters
 */
export const epochSeconds = (self: Instant): number =>
  Number((self.epochMicroseconds - BigInt(microsecondOfSecond(self))) / 1_000_000n)

/**
 * Microseconds since the second began, 0 to 999,999.
 *
 * @category getters
 */
export const microsecondOfSecond = (self: Instant): number => {
  const rest = Number(self.epochMicroseconds % 1_000_000n)
  return rest < 0 ? rest + 1_000_000 : rest
}

/**
 * Is this an `Instant`?
 *
 * @category guards
 */
export const isInstant = (value: unknown): value is Instant =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === prototype
