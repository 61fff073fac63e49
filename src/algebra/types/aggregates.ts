import type { Codec, RowCodec } from "../Codec.ts"
import { bigintOfDecimal } from "./integerText.ts"
import { bigintOfNumber } from "./integers.ts"
import { makeCodec, refused } from "./make.ts"

const expectedSafe = "a whole number within 2^53"
const expectedWhole = "a whole number"

/** A whole number in any form a server computes one in: number, bigint, `12` or `12.0000`. */
const whole = (raw: unknown, expected: string): bigint => {
  if (typeof raw === "bigint") return raw
  if (typeof raw === "number") return bigintOfNumber(raw, expected)
  return (typeof raw === "string" ? bigintOfDecimal(raw) : null) ?? refused(expected)
}

const safe = (raw: unknown): number => {
  const value = typeof raw === "number" ? raw : Number(whole(raw, expectedSafe))
  return Number.isSafeInteger(value) ? value + 0 : refused(expectedSafe)
}

const checkedSafe = (value: unknown): number =>
  typeof value === "number" ? safe(value) : refused(expectedSafe)

/** Counts and sums of small integers as numbers, refused beyond 2^53. */
export const safeIntegerCodec: Codec<number> = makeCodec<number>({
  sqlite: { decode: safe, encode: (value) => BigInt(checkedSafe(value)) },
  postgres: { decode: safe, encode: (value) => String(checkedSafe(value)) },
  mysql: { decode: safe, encode: checkedSafe },
  json: { decode: safe, encode: checkedSafe }
})

const checkedWhole = (value: unknown): bigint =>
  typeof value === "bigint" && value < 2n ** 63n && value >= -(2n ** 63n)
    ? value
    : refused("a bigint of 64 bits")

const decodeWhole: RowCodec<bigint>["decode"] = (raw) => whole(raw, expectedWhole)

/** Sums of 64-bit integers as bigints: servers add them without a limit of 64 bits. */
export const sumBigintCodec: Codec<bigint> = makeCodec<bigint>({
  sqlite: { decode: decodeWhole, encode: checkedWhole },
  postgres: { decode: decodeWhole, encode: (value) => checkedWhole(value).toString() },
  mysql: { decode: decodeWhole, encode: checkedWhole },
  json: { decode: decodeWhole, encode: (value) => checkedWhole(value).toString() }
})
