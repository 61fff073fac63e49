import * as DateTime from "effect/DateTime"
import type { Codec } from "../Codec.ts"
import * as Instant from "../values/Instant.ts"
import { dateTextOfDays } from "./calendar.ts"
import { makeCodec, refused } from "./make.ts"
import {
  endOfFraction,
  epochSecondsOfText,
  fractionOfText,
  fractionText,
  offsetOfText,
  timeText
} from "./temporalText.ts"
import { utcOfMillis } from "./utc.ts"

const firstSecond = -62_135_596_800
const lastSecond = 253_402_300_799

/** A moment taken apart: whole seconds since 1970 and a fraction in the codec's own unit. */
interface Moment<A> {
  /** Digits of the fraction the value itself can hold. */
  readonly digits: 3 | 6
  readonly make: (seconds: number, fraction: number) => A
  /** Seconds since 1970; NaN where the value is no moment. */
  readonly seconds: (value: A) => number
  readonly fraction: (value: A) => number
}

const makeTimestampCodec = <A>(precision: number, what: string, moment: Moment<A>): Codec<A> => {
  const { digits } = moment
  const unit = 10 ** (digits - precision)
  const expected = `${what} in years 0001 to 9999 with at most ${precision} digits of a second`

  const decode = (raw: unknown): A => {
    if (typeof raw !== "string") return refused(expected)
    const end = endOfFraction(raw, 19)
    const seconds = epochSecondsOfText(raw) - offsetOfText(raw, end)
    const fraction = fractionOfText(raw, 19, end, digits)
    return seconds >= firstSecond && seconds <= lastSecond && fraction % unit === 0
      ? moment.make(seconds, fraction)
      : refused(expected)
  }

  const encode = (value: A, separator: string, zone: string): string => {
    const seconds = moment.seconds(value)
    if (!(seconds >= firstSecond && seconds <= lastSecond)) return refused(expected)
    const fraction = moment.fraction(value)
    if (fraction % unit !== 0) return refused(expected)
    const days = Math.floor(seconds / 86_400)
    const time = timeText(seconds - days * 86_400)
    return dateTextOfDays(days) + separator + time + fractionText(fraction / unit, precision) + zone
  }

  const local = (value: A): string => encode(value, " ", "")
  return makeCodec<A>({
    sqlite: { decode, encode: local },
    postgres: { decode, encode: (value) => encode(value, " ", "+00") },
    mysql: { decode, encode: local },
    json: { decode, encode: (value) => encode(value, "T", "Z") }
  })
}

const secondsOfMillis = (millis: number): number =>
  Number.isInteger(millis) ? Math.floor(millis / 1000) : NaN

const fractionOfMillis = (millis: number): number => millis - Math.floor(millis / 1000) * 1000

/** Moments of at most milliseconds as `DateTime.Utc`. */
export const dateTimeCodec = (precision: number): Codec<DateTime.Utc> =>
  makeTimestampCodec<DateTime.Utc>(precision, "a DateTime.Utc", {
    digits: 3,
    make: (seconds, fraction) => utcOfMillis(seconds * 1000 + fraction),
    seconds: (value) =>
      DateTime.isDateTime(value) && DateTime.isUtc(value)
        ? secondsOfMillis(value.epochMilliseconds)
        : NaN,
    fraction: (value) => fractionOfMillis(value.epochMilliseconds)
  })

/** Moments of at most milliseconds as `Date`. */
export const dateCodec = (precision: number): Codec<Date> =>
  makeTimestampCodec<Date>(precision, "a Date", {
    digits: 3,
    make: (seconds, fraction) => new Date(seconds * 1000 + fraction),
    seconds: (value) => (value instanceof Date ? secondsOfMillis(value.getTime()) : NaN),
    fraction: (value) => fractionOfMillis(value.getTime())
  })

/** From 1685 to 2255 a number counts the microseconds exactly, and one bigint is enough. */
const microseconds = (seconds: number, fraction: number): bigint =>
  seconds > -9_000_000_000 && seconds < 9_000_000_000
    ? BigInt(seconds * 1_000_000 + fraction)
    : BigInt(seconds) * 1_000_000n + BigInt(fraction)

/** Moments of at most microseconds as `Instant`. */
export const instantCodec = (precision: number): Codec<Instant.Instant> =>
  makeTimestampCodec<Instant.Instant>(precision, "an Instant", {
    digits: 6,
    make: (seconds, fraction) => Instant.make(microseconds(seconds, fraction)),
    seconds: (value) => (Instant.isInstant(value) ? Instant.epochSeconds(value) : NaN),
    fraction: (value) => Instant.microsecondOfSecond(value)
  })
