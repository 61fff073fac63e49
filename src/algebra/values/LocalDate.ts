/** A calendar day without a time or a zone: what SQL's DATE holds. */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { NodeInspectSymbol } from "effect/Inspectable"
import { dateText, daysFromDate, isDay } from "../types/calendar.ts"
import { refused } from "../types/make.ts"
import { daysOfText, four, two } from "../types/temporalText.ts"

/**
 * A day of the proleptic Gregorian calendar, in years 0001 to 9999.
 *
 * **Shape** equal by content; `<` and `>` order by time; prints as `YYYY-MM-DD`, in JSON too.
 *
 * @category models
 */
export interface LocalDate extends Equal.Equal {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31. */
  readonly day: number
  readonly toString: () => string
  readonly toJSON: () => string
  /** Days since 1970-01-01. */
  readonly valueOf: () => number
}

const prototype = {
  [Equal.symbol](this: LocalDate, that: unknown): boolean {
    return isLocalDate(that) && that.valueOf() === this.valueOf()
  },
  [Hash.symbol](this: LocalDate): number {
    return Hash.number(this.valueOf())
  },
  [NodeInspectSymbol](this: LocalDate): string {
    return `LocalDate(${this.toString()})`
  },
  valueOf(this: LocalDate): number {
    return daysFromDate(this.year, this.month, this.day)
  },
  toString(this: LocalDate): string {
    return dateText(this.year, this.month, this.day)
  },
  toJSON(this: LocalDate): string {
    return this.toString()
  }
}

const build = (year: number, month: number, day: number): LocalDate => {
  const made = Object.create(prototype)
  made.year = year
  made.month = month
  made.day = day
  return Object.freeze(made)
}

const expected = "a date that exists, in years 0001 to 9999"

/**
 * The day of a year, a month from 1 and a day of the month.
 *
 * **Errors** `ValueRefused` for a day that does not exist.
 *
 * @category constructors
 */
export const make = (year: number, month: number, day: number): LocalDate =>
  [year, month, day].every(Number.isInteger) && isDay(year, month, day)
    ? build(year, month, day)
    : refused(expected)

/**
 * Reads `YYYY-MM-DD`.
 *
 * **Errors** `ValueRefused` for any other text.
 *
 * @category constructors
 */
export const parse = (text: string): LocalDate =>
  text.length === 10 && !Number.isNaN(daysOfText(text))
    ? build(four(text, 0), two(text, 5), two(text, 8))
    : refused(expected)

/**
 * Is this a `LocalDate`?
 *
 * @category guards
 */
export const isLocalDate = (value: unknown): value is LocalDate =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === prototype
