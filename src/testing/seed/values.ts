import type { SqlType } from "../../algebra/SqlType.ts"
import type { AnyType } from "../../algebra/Type.ts"
import type { Bounds } from "./bounds.ts"
import type { Choices } from "./Choices.ts"

const two = (number: number): string => String(number).padStart(2, "0")

/** Whole numbers from 0 on, or from where the bounds begin; `apart` makes others of the same. */
const whole = (choices: Choices, { least, most }: Bounds, reach: number, apart: number): number => {
  const from = Number.isFinite(least) ? Math.ceil(least) : Math.min(0, Math.floor(most))
  const span = Math.max(0, Math.min(Math.floor(most) - from, reach))
  return from + ((choices.next(span + 1) + apart) % (span + 1))
}

const words = "a b anna bee cat dora ed fern gil hope ivy jo kit leo mia ned oak pam".split(" ")

const wordOf = (choices: Choices, length: number, apart: number): string => {
  const word = words[choices.next(words.length)]!
  const tail = apart === 0 ? "" : apart.toString(36)
  return `${word.slice(0, Math.max(0, length - tail.length))}${tail}`.slice(0, length)
}

const fraction = (choices: Choices, precision: number): string =>
  precision === 0 ? "" : `.${String(choices.next(10 ** precision)).padStart(precision, "0")}`

const dateText = (choices: Choices, apart: number, years = 70): string => {
  const day = choices.next(2000) + apart
  const [year, month] = [2020 + (Math.floor(day / 336) % years), 1 + (Math.floor(day / 28) % 12)]
  return `${year}-${two(month)}-${two(1 + (day % 28))}`
}

const timeText = (choices: Choices, precision: number, apart: number): string => {
  const second = (choices.next(86_400) + apart) % 86_400
  const parts = [second / 3600, (second % 3600) / 60, second % 60]
  const clock = parts.map((part) => two(Math.floor(part))).join(":")
  return `${clock}${fraction(choices, precision)}`
}

const hexOf = (choices: Choices, length: number, apart: number): string => {
  let hex = ""
  for (let at = 0; at < length; at += 4) hex += choices.next(65_536).toString(16).padStart(4, "0")
  const tail = apart === 0 ? "" : apart.toString(16)
  return `${hex.slice(0, length - tail.length)}${tail}`
}

/** The exact name of a type that holds fewer values than others of its family. */
const exactly = ({ exact }: SqlType): string => exact?.name ?? ""

const free: Bounds = { least: -Infinity, most: Infinity }

/** A value in JSON's form; undefined for a type of which nobody but its maker knows the values. */
const raw = (sql: SqlType, choices: Choices, bounds: Bounds, apart: number): unknown => {
  switch (sql._tag) {
    case "Smallint":
      return whole(choices, bounds, 1000, apart)
    case "Integer":
      return whole(choices, bounds, 1_000_000, apart)
    case "Bigint":
      return String(whole(choices, bounds, 1_000_000_000, apart))
    case "Double":
      return whole(choices, bounds, 1_000_000, apart) + (bounds === free ? choices.next(4) / 4 : 0)
    case "Numeric": {
      const digits = sql.precision - sql.scale
      const reach = Math.min(10 ** Math.min(digits, 9) - 1, 1_000_000)
      const part =
        sql.scale === 0 || bounds !== free ? "" : fraction(choices, Math.min(sql.scale, 2))
      return `${whole(choices, bounds, reach, apart)}${part}`
    }
    case "Varchar":
      return wordOf(choices, sql.length, apart)
    case "Text":
      return wordOf(choices, 40, apart)
    case "Boolean":
      if (bounds !== free) return bounds.least > 0
      return (choices.next(2) + apart) % 2 === 1
    case "Bytes":
      return hexOf(choices, 2 * Number(/^binary\((\d+)\)$/.exec(exactly(sql))?.[1] ?? 4), apart)
    case "Uuid": {
      const hex = hexOf(choices, 32, apart)
      const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`]
      return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20)].join("-")
    }
    case "Json":
      return [0, "text", [1], { a: 1 }][(choices.next(4) + apart) % 4]
    case "Date":
      return dateText(choices, apart)
    case "Time":
      return timeText(choices, sql.precision, apart)
    case "Timestamp": {
      // MySQL's TIMESTAMP ends in 2038, and is by that name alone.
      const years = /^timestamp\(\d\)$/.test(exactly(sql)) ? 17 : 70
      return `${dateText(choices, apart, years)}T${timeText(choices, sql.precision, 0)}Z`
    }
    case "Interval":
      return `PT${choices.next(1000) + apart}S`
    case "Enum":
      return sql.values[(choices.next(sql.values.length) + apart) % sql.values.length]
    case "Array": {
      const items = (depth: number, length: number): unknown =>
        depth === 0
          ? raw(sql.of, choices, free, apart)
          : Array.from({ length }, () => items(depth - 1, length))
      return items(sql.dimensions, choices.next(3))
    }
    case "Range": {
      const range = rangeText(sql.of, choices, apart)
      return sql.multi ? `{${range}}` : range
    }
    default:
      return undefined
  }
}

const rangeText = (of: SqlType, choices: Choices, apart: number): string => {
  const ends = [0, 1].map(() => String(raw(of, choices, free, apart)))
  const isNumber = of._tag !== "Date" && of._tag !== "Timestamp"
  const [low, high] = isNumber ? ends.toSorted((a, b) => Number(a) - Number(b)) : ends.toSorted()
  return low === high ? "empty" : `["${low}","${high}")`
}

/**
 * A value of a type; undefined for a type that gives none.
 *
 * **Shape** `apart` tells values apart that would be the same: the next ones in their order.
 */
export const valueOf = (
  { codec, sql }: AnyType,
  choices: Choices,
  bounds: Bounds | undefined,
  apart: number
): unknown => {
  const made = raw(sql, choices, bounds ?? free, apart)
  if (made === undefined) return undefined
  try {
    return codec.json.decode(made)
  } catch {
    // A type of somebody's own: it takes other values than its SQL type would.
    return undefined
  }
}
