import type { Utc } from "effect/DateTime"
import type { Type } from "../../Type.ts"
import type { Instant } from "../../values/Instant.ts"
import { dateTimeCodec, instantCodec } from "../timestamps.ts"
import { refused } from "../make.ts"
import { checkSize, exactType, narrowed, oneForm, textForm } from "./make.ts"

const clock =
  /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?(Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)$/

/** The server's own form: no zeros at the end of a fraction, minutes of a zone that has some. */
const zonedTime =
  (precision: number) =>
  (text: string): string | null => {
    const found = clock.exec(text)
    if (found === null) return null
    const [, hour, minute, second, digits = "", zone] = found
    const fraction = digits.replace(/0+$/, "")
    if (fraction.length > precision) return null
    const [sign, hours, minutes = "00"] =
      zone === "Z" ? ["+", "00"] : [zone![0], ...zone!.slice(1).replace(":", "").match(/\d\d/g)!]
    const place = `${sign}${hours}${minutes === "00" ? "" : `:${minutes}`}`
    const time = `${hour}:${minute}:${second}${fraction === "" ? "" : `.${fraction}`}`
    return time + (place === "-00" ? "+00" : place)
  }

/**
 * A time of day with its distance to UTC, as text: `10:11:12.5+02`.
 *
 * **Shape** precision 0 to 6; read as the server prints it, without zeros that say nothing.
 * **SQL** postgres: timetz(p); `Unsupported` elsewhere.
 * **Errors** `StatementError` for another precision; `EncodeFailed` for what is no such time.
 * **Source** SQL:2016 part 2, 6.1 data type; SQLAlchemy 2.0 `Time(timezone=True)`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.timeWithZone(3).key // => "exact time(3) with time zone"
 * ```
 * @category exact types
 */
export const timeWithZone = (precision = 6): Type<string> => {
  checkSize("timeWithZone: precision", precision, 0, 6)
  return exactType({
    name: `time(${precision}) with time zone`,
    capability: "timeWithTimeZone",
    column: { postgres: `timetz(${precision})` },
    codec: textForm(
      `a time with at most ${precision} digits of a second and its distance to UTC`,
      zonedTime(precision)
    )
  })
}

/**
 * A date and a time without a zone, as the moment they are in UTC.
 *
 * **Shape** precision and values as `Type.timestamp`.
 * **SQL** postgres: timestamp(p) · elsewhere as `Type.timestamp`, which has no zone there either.
 * **Errors** `StatementError` for another precision.
 * **Source** SQL:2016 part 2, 6.1 data type; SQLAlchemy 2.0 `postgresql.TIMESTAMP`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.timestampWithoutZone(0).key // => "exact timestamp(0) without time zone"
 * ```
 * @category exact types
 */
export function timestampWithoutZone(precision?: 0 | 1 | 2 | 3): Type<Utc>
export function timestampWithoutZone(precision: 4 | 5 | 6): Type<Instant>
export function timestampWithoutZone(precision = 3): Type<Utc> | Type<Instant> {
  checkSize("timestampWithoutZone: precision", precision, 0, 6)
  const datetime = `datetime(${precision})`
  const said = {
    name: `timestamp(${precision}) without time zone`,
    capability: "timestampWithoutZone",
    family: { _tag: "Timestamp", precision },
    column: {
      sqlite: "TEXT",
      postgres: `timestamp(${precision})`,
      mysql: datetime,
      mariadb: datetime
    }
  } as const
  return precision > 3
    ? exactType({ ...said, codec: instantCodec(precision) })
    : exactType({ ...said, codec: dateTimeCodec(precision) })
}

const since = Date.UTC(1970, 0, 1, 0, 0, 1)
const until = Date.UTC(2038, 0, 19, 3, 14, 7, 999)

/**
 * A moment of the years 1970 to 2038, which MySQL and MariaDB keep as seconds of 32 bits: their
 * TIMESTAMP.
 *
 * **Shape** precision and values as `Type.timestamp`, which has all years.
 * **SQL** mysql, mariadb: timestamp(p) · elsewhere as `Type.timestamp`.
 * **Errors** `StatementError` for another precision; `EncodeFailed` before 1970-01-01T00:00:01Z and
 * after 2038-01-19T03:14:07.999Z.
 * **Source** MySQL manual 13.2.2; SQLAlchemy 2.0 `mysql.TIMESTAMP`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.unixTimestamp(0).key // => "exact timestamp(0)"
 * ```
 * @category exact types
 */
export function unixTimestamp(precision?: 0 | 1 | 2 | 3): Type<Utc>
export function unixTimestamp(precision: 4 | 5 | 6): Type<Instant>
export function unixTimestamp(precision = 3): Type<Utc> | Type<Instant> {
  checkSize("unixTimestamp: precision", precision, 0, 6)
  const word = `timestamp(${precision})`
  const datetime = `DATETIME(${precision})`
  const said = {
    name: word,
    capability: "timestampWithoutZone",
    family: { _tag: "Timestamp", precision },
    column: { sqlite: "TEXT", postgres: `timestamptz(${precision})`, mysql: word, mariadb: word },
    cast: { mysql: datetime, mariadb: datetime }
  } as const
  const expected = "a moment of 1970-01-01T00:00:01Z to 2038-01-19T03:14:07Z"
  const within = (at: number): boolean => at >= since && at <= until
  return precision > 3
    ? exactType({
        ...said,
        codec: narrowed(instantCodec(precision), {
          expected,
          fits: ({ epochMicroseconds }) => within(Number(epochMicroseconds / 1000n))
        })
      })
    : exactType({
        ...said,
        codec: narrowed(dateTimeCodec(precision), {
          expected,
          fits: ({ epochMilliseconds }) => within(epochMilliseconds)
        })
      })
}

const expected = "a finite number, within 2^53 where it is whole"
const number = (value: unknown): number =>
  typeof value === "number" &&
  Number.isFinite(value) &&
  (Number.isSafeInteger(value) || !Number.isInteger(value))
    ? value + 0
    : refused(expected)

/**
 * A number that is whole or not, as its value is: SQLite's NUMERIC.
 *
 * **SQL** sqlite: NUMERIC; `Unsupported` elsewhere, where it is `Type.numeric` or `Type.double`.
 * **Errors** `EncodeFailed` for a whole number beyond 2^53, which would be kept as another kind.
 * **Source** SQLite manual, Datatypes In SQLite, 3.1.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.numericAffinity.key // => "exact NUMERIC"
 * ```
 * @category exact types
 */
export const numericAffinity: Type<number> = exactType({
  name: "NUMERIC",
  capability: "affinities",
  column: { sqlite: "NUMERIC" },
  codec: oneForm({
    decode: (raw) => number(typeof raw === "bigint" ? Number(raw) : raw),
    encode: number
  })
})
