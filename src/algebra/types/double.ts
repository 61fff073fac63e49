import type { Codec } from "../Codec.ts"
import { makeCodec, refused } from "./make.ts"

const expected = "a finite number"

const finite = (value: number): number => (Number.isFinite(value) ? value + 0 : refused(expected))

const checked = (value: unknown): number =>
  typeof value === "number" ? finite(value) : refused(expected)

const finiteText = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** The double nearest to a decimal text. */
export const doubleOfText = (raw: string): number =>
  finiteText.test(raw) ? finite(Number(raw)) : refused(expected)

/** Any form a driver gives a double, or a number it computed, in. */
const decode = (raw: unknown): number => {
  if (typeof raw === "number") return finite(raw)
  if (typeof raw === "string") return doubleOfText(raw)
  return typeof raw === "bigint" ? finite(Number(raw)) : refused(expected)
}

/**
 * Finite IEEE 754 doubles, with one zero.
 *
 * **Shape** NaN and the infinities are refused on every dialect, because SQLite and MySQL cannot
 * keep them; −0 is 0, because SQLite cannot keep its sign.
 */
export const doubleCodec: Codec<number> = makeCodec<number>({
  sqlite: {
    decode: (raw) => (typeof raw === "number" ? finite(raw) : decodeInteger(raw)),
    encode: checked
  },
  postgres: {
    decode: (raw) => (typeof raw === "string" ? doubleOfText(raw) : refused(expected)),
    encode: (value) => String(checked(value))
  },
  mysql: {
    decode: (raw) => (typeof raw === "number" ? finite(raw) : decode(raw)),
    encode: checked
  },
  json: { decode, encode: checked }
})

/** An integer expression under a double's type: whole numbers a double holds exactly. */
const decodeInteger = (raw: unknown): number => {
  if (typeof raw !== "bigint") return refused(expected)
  const value = Number(raw)
  return BigInt(value) === raw ? value : refused(expected)
}

/** The mean of whole numbers, rounded to the nearest double however the server writes it. */
export const averageCodec: Codec<number> = makeCodec<number>({
  sqlite: { decode, encode: checked },
  postgres: { decode, encode: (value) => String(checked(value)) },
  mysql: { decode, encode: checked },
  json: { decode, encode: checked }
})
