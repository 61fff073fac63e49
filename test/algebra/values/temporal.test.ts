import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as fc from "fast-check"
import { inspect } from "node:util"
import { expect, test } from "vitest"
import { ValueRefused } from "../../../src/algebra/Codec.ts"
import { dateTextOfDays, daysFromDate } from "../../../src/algebra/types/calendar.ts"
import * as Instant from "../../../src/algebra/values/Instant.ts"
import * as LocalDate from "../../../src/algebra/values/LocalDate.ts"
import * as LocalTime from "../../../src/algebra/values/LocalTime.ts"

test("the calendar is the one of ECMAScript's dates, on every day of years 1 to 9999", () => {
  const first = -719_162
  const last = 2_932_896
  for (let days = first; days <= last; days += 1) {
    const text = dateTextOfDays(days)
    const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)].map(Number)
    if (daysFromDate(year!, month!, day!) !== days) expect(text).toBe(`day ${days}`)
    if (days % 97 === 0) expect(text).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10))
  }
  expect(dateTextOfDays(first)).toBe("0001-01-01")
  expect(dateTextOfDays(last)).toBe("9999-12-31")
})

const day = fc
  .integer({ min: -719_162, max: 2_932_896 })
  .map((days) => LocalDate.parse(dateTextOfDays(days)))
const time = fc
  .integer({ min: 0, max: 86_399_999_999 })
  .map((micros) =>
    LocalTime.make(
      Math.floor(micros / 3_600_000_000),
      Math.floor(micros / 60_000_000) % 60,
      Math.floor(micros / 1_000_000) % 60,
      micros % 1_000_000
    )
  )
const moment = fc
  .bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
  .map(Instant.make)

/** What the three have in common. */
interface Printed extends Equal.Equal {
  readonly toString: () => string
}

test("text reads back as the equal value, with an equal hash", () => {
  const again =
    <A extends Printed>(parse: (text: string) => A) =>
    (value: A) => {
      const back = parse(value.toString())
      expect(Equal.equals(back, value)).toBe(true)
      expect(Hash.hash(back)).toBe(Hash.hash(value))
      expect(JSON.stringify(value)).toBe(JSON.stringify(value.toString()))
      expect(Object.isFrozen(back)).toBe(true)
    }
  fc.assert(fc.property(day, again(LocalDate.parse)))
  fc.assert(fc.property(time, again(LocalTime.parse)))
  fc.assert(fc.property(moment, again(Instant.parse)))
})

test("they sort by time with < and >", () => {
  const before = (left: Printed, right: Printed) =>
    left < right === left.toString() < right.toString()
  fc.assert(fc.property(day, day, before))
  fc.assert(fc.property(moment, moment, before))
  fc.assert(
    fc.property(time, time, (left, right) => left < right === left.valueOf() < right.valueOf())
  )
})

test("a value that does not exist is refused", () => {
  const wrong: ReadonlyArray<() => unknown> = [
    () => LocalDate.make(2023, 2, 29),
    () => LocalDate.make(1900, 2, 29),
    () => LocalDate.make(2024, 13, 1),
    () => LocalDate.make(0, 1, 1),
    () => LocalDate.make(10_000, 1, 1),
    () => LocalDate.make(2024, 1, 1.5),
    () => LocalDate.make(2024, NaN, 1),
    () => LocalDate.parse("2024-1-1"),
    () => LocalTime.make(24, 0),
    () => LocalTime.make(10, 60),
    () => LocalTime.make(10, 0, 60),
    () => LocalTime.make(10, 0, 0, 1_000_000),
    () => LocalTime.make(-1, 0),
    () => LocalTime.parse("10:00"),
    () => LocalTime.parse("10:00:00.0000001"),
    () => Instant.make(253_402_300_800_000_000n),
    () => Instant.make(0 as never),
    () => Instant.parse("2024-01-01"),
    () => Instant.parse("2024-01-01T00:00:00.0000001Z")
  ]
  for (const make of wrong) expect(make).toThrow(ValueRefused)
})

test("an Instant is a DateTime where milliseconds hold it, and is never cut", () => {
  const at = DateTime.makeUnsafe(-1)
  expect(Instant.fromDateTime(at).epochMicroseconds).toBe(-1000n)
  expect(DateTime.Equivalence(Instant.toDateTime(Instant.fromDateTime(at)), at)).toBe(true)
  expect(() => Instant.toDateTime(Instant.make(1n))).toThrow(ValueRefused)
  expect(Instant.epochSeconds(Instant.make(-1n))).toBe(-1)
  expect(Instant.microsecondOfSecond(Instant.make(-1n))).toBe(999_999)
})

test("a console shows what they are", () => {
  expect(inspect(LocalDate.make(2024, 2, 29))).toBe("LocalDate(2024-02-29)")
  expect(inspect(LocalTime.make(10, 0, 0, 500_000))).toBe("LocalTime(10:00:00.500)")
  expect(inspect(Instant.make(1n))).toBe("Instant(1970-01-01T00:00:00.000001Z)")
})
