import * as BigDecimal from "effect/BigDecimal"
import type { Codec, RowCodec } from "../Codec.ts"
import {
  type Decimal,
  decimalOfText,
  rescale,
  textOfDecimal,
  unscaledOfText
} from "./decimalText.ts"
import { bigintOfNumber } from "./integers.ts"
import { makeCodec, refused } from "./make.ts"

/** Longest `numeric` that SQLite keeps as a scaled 64-bit integer; longer ones are text there. */
export const scaledPrecision = 18

/** How a TypeScript value and an unscaled integer of a fixed scale stand for each other. */
interface Reading<A> {
  readonly make: (unscaled: bigint, scale: number) => A
  /** The same for at most 15 digits, which are most values. */
  readonly makeShort: (unscaled: number, scale: number) => A
  readonly take: (value: A) => Decimal | null
  readonly json: (value: A, text: string) => unknown
}

const makeNumericCodec = <A>(
  precision: number,
  scale: number,
  expected: string,
  { json, make, makeShort, take }: Reading<A>
): Codec<A> => {
  const limit = 10n ** BigInt(precision)
  const shortLimit = 10 ** Math.min(precision, 15)
  const fitted = (value: Decimal | null): bigint =>
    (value === null ? null : rescale(value, precision, scale)) ?? refused(expected)
  const inRange = (unscaled: bigint): bigint =>
    unscaled < limit && unscaled > -limit ? unscaled : refused(expected)
  const decodeText = (raw: unknown): A => {
    if (typeof raw !== "string") return refused(expected)
    const short = unscaledOfText(raw, scale)
    return short < shortLimit && short > -shortLimit
      ? makeShort(short, scale)
      : make(fitted(decimalOfText(raw)), scale)
  }
  const encodeText = (value: A): string => textOfDecimal(fitted(take(value)), scale)
  const text: RowCodec<A> = { decode: decodeText, encode: encodeText }
  const scaled: RowCodec<A> = {
    decode: (raw) => {
      if (typeof raw === "bigint") return make(inRange(raw), scale)
      if (typeof raw !== "number") return refused(expected)
      return Number.isInteger(raw) && raw < shortLimit && raw > -shortLimit
        ? makeShort(raw, scale)
        : make(inRange(bigintOfNumber(raw, expected)), scale)
    },
    encode: (value) => fitted(take(value))
  }
  return makeCodec({
    sqlite: precision <= scaledPrecision ? scaled : text,
    postgres: { decode: decodeText, encode: encodeText },
    mysql: {
      decode: (raw) => decodeText(typeof raw === "number" ? exactText(raw, expected) : raw),
      encode: encodeText
    },
    json: {
      decode: (raw) => decodeText(typeof raw === "number" ? exactText(raw, expected) : raw),
      encode: (value) => json(value, encodeText(value))
    }
  })
}

/** A number somebody's parser made from decimal text: 15 digits are the most that prove exact. */
const exactText = (raw: number, expected: string): string => {
  const text = String(raw)
  const digits = decimalOfText(text)?.unscaled ?? refused(expected)
  return digits < 10n ** 15n && digits > -(10n ** 15n) ? text : refused(expected)
}

/** `numeric(p, s)` as `BigDecimal`; what does not fit is refused, never rounded. */
export const numericCodec = (precision: number, scale: number): Codec<BigDecimal.BigDecimal> =>
  makeNumericCodec(precision, scale, numericWords("a BigDecimal", precision, scale), {
    make: BigDecimal.make,
    makeShort: (unscaled, under) => BigDecimal.make(BigInt(unscaled), under),
    take: (value) =>
      BigDecimal.isBigDecimal(value) ? { unscaled: value.value, scale: value.scale } : null,
    json: (_, text) => text
  })

/** `numeric(p, s)` as numbers that stand for the decimal exactly: both print the same digits. */
export const numericNumberCodec = (precision: number, scale: number): Codec<number> => {
  const expected = numericWords("a number", precision, scale)
  return makeNumericCodec<number>(precision, scale, expected, {
    make: (unscaled, under) => {
      const value = Number(textOfDecimal(unscaled, under))
      const printed = decimalOfText(String(value))
      return printed !== null && rescale(printed, precision, under) === unscaled
        ? value + 0
        : refused(`${expected} that a double holds exactly`)
    },
    // Both are exact, so their quotient is the double nearest to the decimal: 15 digits survive it.
    makeShort: (unscaled, under) => unscaled / 10 ** under + 0,
    take: (value) => (typeof value === "number" ? decimalOfText(String(value)) : null),
    json: (value) => value + 0
  })
}

const numericWords = (what: string, precision: number, scale: number): string =>
  `${what} of at most ${precision} digits, ${scale} of them after the point`

const expectedDecimal = "a BigDecimal"

/**
 * Sums and means of decimals: `BigDecimal` of whatever length the server gives.
 *
 * **Shape** SQLite's raw numbers are in units of `10^-scale`, as its scaled integers are.
 */
export const decimalCodec = (
  scale: number,
  precision = scaledPrecision
): Codec<BigDecimal.BigDecimal> => {
  const writing = numericCodec(precision, scale)
  const ofText = (raw: unknown, shift: number): BigDecimal.BigDecimal => {
    const value = typeof raw === "string" ? decimalOfText(raw) : null
    if (value === null) return refused(expectedDecimal)
    return BigDecimal.make(value.unscaled, value.scale + shift)
  }
  const decode = (raw: unknown): BigDecimal.BigDecimal => ofText(raw, 0)
  const { row, json } = writing
  return makeCodec<BigDecimal.BigDecimal>({
    sqlite: {
      decode: (raw) => {
        if (typeof raw === "bigint") return BigDecimal.make(raw, scale)
        if (typeof raw !== "number") return decode(raw)
        return Number.isInteger(raw)
          ? BigDecimal.make(bigintOfNumber(raw, expectedDecimal), scale)
          : ofText(String(raw), scale)
      },
      encode: row.sqlite.encode
    },
    postgres: { decode, encode: row.postgres.encode },
    mysql: { decode, encode: row.mysql.encode },
    json: { decode, encode: json.encode }
  })
}
