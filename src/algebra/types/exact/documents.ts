import type { Family } from "../../SqlType.ts"
import type { Type } from "../../Type.ts"
import * as Interval from "../../values/Interval.ts"
import { intervalCodec } from "../interval.ts"
import { makeCodec, refused } from "../make.ts"
import { isWellFormed, textCodec } from "../text.ts"
import { checkSize, exactType, oneForm } from "./make.ts"

/**
 * What an hstore holds: texts, or NULL, by their keys.
 *
 * @category models
 */
export type Hstore = Readonly<Record<string, string | null>>

const expected = "an object of well-formed texts and nulls"

const quoted = (text: string): string =>
  isWellFormed(text) && !text.includes("\0")
    ? `"${text.replace(/["\\]/g, "\\$&")}"`
    : refused(expected)

const written = (value: unknown): string => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refused(expected)
  const proto: unknown = Object.getPrototypeOf(value)
  if (proto !== Object.prototype && proto !== null) return refused(expected)
  return Object.entries(value)
    .map(([key, one]: readonly [string, unknown]) => {
      const said = one === null ? "NULL" : typeof one === "string" ? quoted(one) : refused(expected)
      return `${quoted(key)}=>${said}`
    })
    .join()
}

const pair = /"((?:[^"\\]|\\.)*)"=>(?:NULL|"((?:[^"\\]|\\.)*)")(?:, |$)/gsy

const plain = (text: string): string => text.replace(/\\(.)/gs, "$1")

const read = (raw: unknown): Hstore => {
  // A list made by the server has it as an object.
  if (typeof raw === "object" && raw !== null) return checkedObject(raw)
  if (typeof raw !== "string") return refused(expected)
  const entries: Array<readonly [string, string | null]> = []
  let end = 0
  for (const found of raw.matchAll(pair)) {
    entries.push([plain(found[1]!), found[2] === undefined ? null : plain(found[2])])
    end = found.index + found[0].length
  }
  return end === raw.length ? Object.freeze(Object.fromEntries(entries)) : refused(expected)
}

const checkedObject = (raw: object): Hstore => {
  for (const one of Object.values(raw) as ReadonlyArray<unknown>)
    if (one !== null && typeof one !== "string") return refused(expected)
  return Object.freeze({ ...(raw as Hstore) })
}

/**
 * Texts by their keys, where NULL is a value too.
 *
 * **Shape** an object, frozen where it was read; no key is there twice.
 * **SQL** postgres: hstore, of the extension `hstore`; `Unsupported` elsewhere, where it is
 * `Type.json`.
 * **Errors** `EncodeFailed` for what is no such object.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `postgresql.HSTORE`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const add = Query.insert(things).values({ facts: { colour: "red", size: null } })
 * ```
 * @category exact types
 */
export const hstore: Type<Hstore> = exactType({
  name: "hstore",
  capability: "hstoreType",
  column: { postgres: "hstore" },
  codec: oneForm<Hstore>({ decode: read, encode: written })
})

/**
 * The words of a text and their places, as a search index holds them.
 *
 * **Shape** text as the server prints it.
 * **SQL** postgres: tsvector; `Unsupported` elsewhere.
 * **Source** PostgreSQL manual 8.11.1; SQLAlchemy 2.0 `postgresql.TSVECTOR`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.tsvector.key // => "exact tsvector"
 * ```
 * @category exact types
 */
export const tsvector: Type<string> = exactType({
  name: "tsvector",
  capability: "searchTypes",
  column: { postgres: "tsvector" },
  codec: textCodec
})

/**
 * What is searched for: words and the operators between them.
 *
 * **Shape** text as the server prints it.
 * **SQL** postgres: tsquery; `Unsupported` elsewhere.
 * **Source** PostgreSQL manual 8.11.2; SQLAlchemy 2.0 `postgresql.TSQUERY`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.tsquery.key // => "exact tsquery"
 * ```
 * @category exact types
 */
export const tsquery: Type<string> = exactType({
  name: "tsquery",
  capability: "searchTypes",
  column: { postgres: "tsquery" },
  codec: textCodec
})

const second = 1_000_000n
const units = {
  year: null,
  "year to month": null,
  month: null,
  day: null,
  "day to hour": 3600n * second,
  "day to minute": 60n * second,
  hour: 3600n * second,
  "hour to minute": 60n * second,
  minute: 60n * second
} as const

/**
 * The fields an interval is declared with; what is smaller than the last of them is not kept.
 *
 * @category models
 */
export type IntervalFields = keyof typeof units | "day to second" | "hour to second" | "second"

const holds = (
  fields: IntervalFields | null,
  precision: number
): ((one: Interval.Interval) => boolean) => {
  const least = 10n ** BigInt(6 - precision)
  return ({ days, microseconds, months }) => {
    switch (fields) {
      case "year":
        return months % 12 === 0 && days === 0 && microseconds === 0n
      case "month":
      case "year to month":
        return days === 0 && microseconds === 0n
      case "day":
        return microseconds === 0n
      case null:
      case "second":
      case "day to second":
      case "hour to second":
        return microseconds % least === 0n
      default:
        return microseconds % units[fields] === 0n
    }
  }
}

/**
 * A span of time declared with its fields, or with the digits of its seconds.
 *
 * **SQL** postgres: `interval year to month`, `interval day to second(3)`, `interval(2)`;
 * `Unsupported` elsewhere.
 * **Errors** `StatementError` for a precision where no seconds are; `EncodeFailed` for a span with
 * smaller parts, which the server would drop.
 * **Source** PostgreSQL manual 8.5.4; SQLAlchemy 2.0 `postgresql.INTERVAL(fields=…)`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.intervalOf("day to second", 3).key // => "exact interval day to second(3)"
 * ```
 * @category exact types
 */
export const intervalOf = (
  fields: IntervalFields | null,
  precision?: number
): Type<Interval.Interval> => {
  const hasSeconds = fields === null || fields.endsWith("second")
  checkSize(
    "intervalOf: precision",
    precision ?? 6,
    0,
    hasSeconds ? 6 : precision === undefined ? 6 : -1
  )
  const digits = precision === undefined || precision === 6 ? "" : `(${precision})`
  const word = `interval${fields === null ? "" : ` ${fields}`}${digits}`
  const fits = holds(fields, precision ?? 6)
  const expectedSpan = `an Interval that ${word} keeps whole`
  const family: Family = { _tag: "Interval" }
  const { json, row } = intervalCodec
  const only = (value: Interval.Interval): Interval.Interval =>
    Interval.isInterval(value) && fits(value) ? value : refused(expectedSpan)
  return exactType({
    name: word,
    capability: "intervals",
    family,
    column: { postgres: word },
    codec: makeCodec({
      sqlite: row.sqlite,
      postgres: { ...row.postgres, encode: (value) => row.postgres.encode(only(value)) },
      mysql: row.mysql,
      json: { ...json, encode: (value) => json.encode(only(value)) }
    })
  })
}
