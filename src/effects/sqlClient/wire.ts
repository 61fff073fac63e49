import type { DialectName } from "../../algebra/Dialect.ts"
import type { ResultColumn } from "../Driver.ts"

/**
 * Values between effect/sql and our drivers, which know none of ours types: what a column holds is
 * read from what the server says of it.
 *
 * **Shape** integers are numbers where a number holds them exactly, bigints elsewhere; decimals,
 * dates, times, intervals and uuids are text; timestamps are `Date`s, taken as UTC where the column
 * has no zone; JSON is parsed on servers that have a type for it; bytes are `Uint8Array`s.
 */
export type Read = (raw: unknown) => unknown

const asIs: Read = (raw) => raw

/** How a column's values are read; SQLite's say themselves what they are. */
export const readerOf = (dialect: DialectName, { type }: ResultColumn): Read => {
  switch (dialect) {
    case "sqlite":
      return exact
    case "postgres":
      return postgres.get(Number(type)) ?? asIs
    case "mysql":
    case "mariadb":
      return mysql.get(String(type).replace(" unsigned", "")) ?? asIs
  }
}

/** The nearest form of a whole number that loses nothing. */
const exact: Read = (raw) => {
  if (typeof raw !== "bigint") return raw
  const number = Number(raw)
  return Number.isSafeInteger(number) ? number : raw
}

const number: Read = (raw) => Number(raw)
const whole: Read = (raw) => exact(BigInt(raw as string))
const json: Read = (raw) => JSON.parse(raw as string) as unknown
const bytes: Read = (raw) =>
  typeof raw === "string" ? new Uint8Array(Buffer.from(raw.slice(2), "hex")) : raw

/** `2026-11-21 03:04:05.678901` or with a zone of whole hours: what our sessions are set to. */
const date: Read = (raw) => {
  const text = raw as string
  const iso = text.replace(" ", "T")
  const read = new Date(
    /[+-]\d\d$/.test(iso) ? `${iso}:00` : /Z|[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}Z`
  )
  // `infinity`, years before Christ: text says what a Date cannot.
  return Number.isNaN(read.getTime()) ? raw : read
}

/** By type of `pg_type`. */
const postgres: ReadonlyMap<number, Read> = new Map<number, Read>([
  [16, (raw) => raw === "t"],
  [17, bytes],
  [20, (raw) => BigInt(raw as string)],
  [21, number],
  [23, number],
  [26, number],
  [114, json],
  [700, number],
  [701, number],
  [1114, date],
  [1184, date],
  [3802, json]
])

const mysql: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["bigint", whole],
  ["datetime", date],
  ["timestamp", date],
  ["json", json]
])

/**
 * A parameter as a driver binds it.
 *
 * **Shape** null for undefined, as effect/sql has it. Objects are JSON.
 */
export const parameterOf = (dialect: DialectName, value: unknown): unknown => {
  switch (typeof value) {
    case "undefined":
      return null
    case "boolean":
      return dialect === "postgres" ? (value ? "t" : "f") : value ? 1 : 0
    case "number":
      // better-sqlite3 binds a number as REAL.
      return dialect === "sqlite" && Number.isSafeInteger(value) ? BigInt(value) : value
    case "object":
      return value === null ? null : objectOf(dialect, value)
    default:
      return value
  }
}

const objectOf = (dialect: DialectName, value: object): unknown => {
  if (value instanceof Uint8Array) return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (value instanceof Date) {
    const iso = value.toISOString()
    return dialect === "mysql" || dialect === "mariadb" ? iso.slice(0, -1).replace("T", " ") : iso
  }
  if (Array.isArray(value) && dialect === "postgres")
    return value.map((one) => parameterOf(dialect, one))
  return JSON.stringify(value)
}
