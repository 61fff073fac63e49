import type { AnyType } from "../../src/algebra/Type.ts"
import type { ClockPart, ClockUnit, DayPart, DayUnit } from "../../src/algebra/Scalar.ts"
import { outside, type Value } from "./Value.ts"

/*
 * A day is `YYYY-MM-DD`, a time of day `HH:MM:SS` with the digits of its type, a moment both with a
 * space between: their order is that of the texts.
 */

const dayLength = 86_400_000_000n

const pad = (n: bigint | number, length: number): string => String(n).padStart(length, "0")

/** Days since 1970-01-01 of a year, a month from 0 and a day from 1, each beyond its end or not. */
const daysOf = (year: number, month: number, day: number): bigint => {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  const days = date.getTime() / 86_400_000
  return Number.isNaN(days) ? outside("a day beyond the years 0001 to 9999") : BigInt(days)
}

const dayText = (days: bigint): string => {
  const date = new Date(Number(days) * 86_400_000)
  const year = date.getUTCFullYear()
  return year < 1 || year > 9999 || Number.isNaN(year)
    ? outside("a day beyond the years 0001 to 9999")
    : `${pad(year, 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`
}

/** A value in parts: days since 1970 and microseconds of the day. */
interface Split {
  readonly days: bigint
  readonly micros: bigint
}

const split = (text: string): Split => {
  const day = /^(\d{4})-(\d\d)-(\d\d)/.exec(text)
  const time = /(\d\d):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(text)
  const [hour, minute, second] = [time?.[1], time?.[2], time?.[3]].map((one) => BigInt(one ?? 0))
  const fraction = BigInt((time?.[4] ?? "").padEnd(6, "0"))
  return {
    days: day === null ? 0n : daysOf(Number(day[1]), Number(day[2]) - 1, Number(day[3])),
    micros: ((hour! * 60n + minute!) * 60n + second!) * 1_000_000n + fraction
  }
}

const floorDiv = (a: bigint, b: bigint): bigint => (a % b < 0n ? a / b - 1n : a / b)

const joined = ({ days, micros }: Split, type: AnyType): string => {
  const day = dayText(days)
  if (type.sql._tag !== "Timestamp") return day
  const seconds = micros / 1_000_000n
  const fraction = pad(micros % 1_000_000n, 6).slice(0, type.sql.precision)
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((n) => pad(n, 2))
  return `${day} ${clock.join(":")}${fraction === "" ? "" : `.${fraction}`}`
}

const dateOf = ({ days }: Split): Date => new Date(Number(days) * 86_400_000)

/** 0 on Sunday. */
const weekday = (days: bigint): bigint => (((days + 4n) % 7n) + 7n) % 7n

/** The Thursday of a day's week: the year it is in is the year of the week. */
const thursday = (days: bigint): Date => {
  const isoday = weekday(days) === 0n ? 7n : weekday(days)
  return new Date(Number(days - isoday + 4n) * 86_400_000)
}

const dayOfYear = (date: Date): number =>
  Number(BigInt(date.getTime() / 86_400_000) - daysOf(date.getUTCFullYear(), 0, 1) + 1n)

const parts: Readonly<Record<DayPart | ClockPart, (at: Split) => bigint | number>> = {
  year: (at) => dateOf(at).getUTCFullYear(),
  quarter: (at) => Math.floor(dateOf(at).getUTCMonth() / 3) + 1,
  month: (at) => dateOf(at).getUTCMonth() + 1,
  day: (at) => dateOf(at).getUTCDate(),
  dow: (at) => weekday(at.days),
  isodow: (at) => (weekday(at.days) === 0n ? 7n : weekday(at.days)),
  doy: (at) => dayOfYear(dateOf(at)),
  isoWeek: (at) => Math.ceil(dayOfYear(thursday(at.days)) / 7),
  isoYear: (at) => thursday(at.days).getUTCFullYear(),
  epoch: (at) => at.days * 86_400n + at.micros / 1_000_000n,
  hour: (at) => at.micros / 3_600_000_000n,
  minute: (at) => (at.micros / 60_000_000n) % 60n,
  second: (at) => (at.micros / 1_000_000n) % 60n,
  millisecond: (at) => (at.micros / 1000n) % 1000n,
  microsecond: (at) => at.micros % 1_000_000n
}

const clockLengths: Readonly<Record<ClockUnit | "microsecond", bigint>> = {
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
  microsecond: 1n
}
const isClock = (unit: string): unit is keyof typeof clockLengths =>
  Object.hasOwn(clockLengths, unit)

const begun = (unit: DayUnit | ClockUnit, at: Split): Split => {
  if (isClock(unit)) return { days: at.days, micros: at.micros - (at.micros % clockLengths[unit]) }
  const date = dateOf(at)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  const days: Readonly<Record<DayUnit, bigint>> = {
    year: daysOf(year, 0, 1),
    quarter: daysOf(year, month - (month % 3), 1),
    month: daysOf(year, month, 1),
    week: at.days - ((weekday(at.days) + 6n) % 7n),
    day: at.days
  }
  return { days: days[unit], micros: 0n }
}

const months = { year: 12, quarter: 3, month: 1 } as const

/** Later by so many units; a month keeps the day, or takes its last one. */
const later = (unit: DayUnit | ClockUnit, at: Split, amount: bigint): Split => {
  if (isClock(unit)) {
    const micros = at.days * dayLength + at.micros + amount * clockLengths[unit]
    const days = floorDiv(micros, dayLength)
    return { days, micros: micros - days * dayLength }
  }
  if (unit === "week" || unit === "day")
    return { days: at.days + amount * (unit === "week" ? 7n : 1n), micros: at.micros }
  const date = dateOf(at)
  const month = date.getUTCMonth() + Number(amount) * months[unit]
  const year = date.getUTCFullYear()
  const last = dateOf({ days: daysOf(year, month + 1, 0), micros: 0n }).getUTCDate()
  return { days: daysOf(year, month, Math.min(date.getUTCDate(), last)), micros: at.micros }
}

const between = (unit: string, from: Split, to: Split): bigint => {
  const micros = (to.days - from.days) * dayLength + to.micros - from.micros
  const length = isClock(unit) ? clockLengths[unit] : unit === "week" ? dayLength * 7n : dayLength
  return micros / length
}

/** A function of days and times by its name, of arguments that are not NULL. */
export const temporal = (name: string, args: ReadonlyArray<Value>, type: AnyType): Value => {
  const [kind, unit] = name.split(".") as [string, string]
  const [a, b] = args.map((one) =>
    typeof one === "string" ? split(one) : { days: 0n, micros: 0n }
  )
  switch (kind) {
    case "extract":
      return BigInt(parts[unit as DayPart](a!))
    case "dateTrunc":
      return joined(begun(unit as DayUnit, a!), type)
    case "dateAdd":
      return joined(later(unit as DayUnit, a!, args[1] as bigint), type)
    case "dateDiff":
      return between(unit, a!, b!)
    case "toDate":
    case "toTimestamp":
      return joined(a!, type)
    case "makeDate": {
      const [year, month, day] = args.map(Number) as [number, number, number]
      if (year < 1 || year > 9999) return outside("a year beyond 1 to 9999")
      return dayText(daysOf(year, month - 1, 1) + BigInt(day - 1))
    }
    default:
      return outside(`${name}, which is the server's`)
  }
}
