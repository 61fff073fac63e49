import type { Codec, RowCodec } from "../Codec.ts"
import { bigintOfText, integerOfText } from "./integerText.ts"
import { makeCodec, refused } from "./make.ts"

/**
 * Whole numbers of at most 53 bits as JavaScript numbers.
 *
 * **Shape** every raw form is checked to be whole and inside the range; −0 is 0. SQLite parameters
 * become bigints where it matters (the dialect says where): better-sqlite3 binds a number as REAL.
 */
export const integerCodec = (low: number, high: number, expected: string): Codec<number> => {
  const inRange = (value: number): number =>
    Number.isInteger(value) && value >= low && value <= high ? value + 0 : refused(expected)
  const checked = (value: unknown): number =>
    typeof value === "number" ? inRange(value) : refused(expected)
  const sqlite: RowCodec<number> = {
    decode: (raw) => {
      if (typeof raw === "number") return inRange(raw)
      return typeof raw === "bigint" ? inRange(Number(raw)) : refused(expected)
    },
    encode: checked
  }
  const postgres: RowCodec<number> = {
    decode: (raw) => (typeof raw === "string" ? inRange(integerOfText(raw)) : refused(expected)),
    encode: (value) => String(checked(value))
  }
  const mysql: RowCodec<number> = {
    decode: (raw) => {
      if (typeof raw === "number") return inRange(raw)
      return typeof raw === "string" ? inRange(integerOfText(raw)) : refused(expected)
    },
    encode: checked
  }
  const json: RowCodec<number> = {
    decode: (raw) => {
      if (typeof raw === "number") return inRange(raw)
      return typeof raw === "string" ? inRange(integerOfText(raw)) : refused(expected)
    },
    encode: checked
  }
  return makeCodec({ sqlite, postgres, mysql, json })
}

const low64 = -(2n ** 63n)
const high64 = 2n ** 63n - 1n
const expected64 = "a bigint of 64 bits"

const of64 = (value: bigint | null): bigint =>
  value !== null && value >= low64 && value <= high64 ? value : refused(expected64)

const checked64 = (value: unknown): bigint =>
  typeof value === "bigint" ? of64(value) : refused(expected64)

/** A number the driver read from an integer column, refused where it may have been rounded. */
export const bigintOfNumber = (raw: number, expected: string): bigint =>
  Number.isSafeInteger(raw) ? BigInt(raw) : refused(expected)

/**
 * 64-bit integers as bigints.
 *
 * **Shape** SQLite rows are bigints when the statement asked for exact integers; numbers are taken
 * up to 2^53. JSON carries decimal text, because JSON numbers are rounded by every parser.
 */
export const bigintCodec: Codec<bigint> = makeCodec<bigint>({
  sqlite: {
    decode: (raw) => {
      if (typeof raw === "bigint") return raw
      return typeof raw === "number" ? bigintOfNumber(raw, expected64) : refused(expected64)
    },
    encode: checked64
  },
  postgres: {
    decode: (raw) => (typeof raw === "string" ? of64(bigintOfText(raw)) : refused(expected64)),
    encode: (value) => checked64(value).toString()
  },
  mysql: {
    decode: (raw) => {
      if (typeof raw === "string") return of64(bigintOfText(raw))
      return typeof raw === "number" ? bigintOfNumber(raw, expected64) : refused(expected64)
    },
    encode: checked64
  },
  json: {
    decode: (raw) => {
      if (typeof raw === "string") return of64(bigintOfText(raw))
      return typeof raw === "number" ? bigintOfNumber(raw, expected64) : refused(expected64)
    },
    encode: (value) => checked64(value).toString()
  }
})
