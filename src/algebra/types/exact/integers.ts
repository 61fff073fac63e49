import type { Family } from "../../SqlType.ts"
import type { Type } from "../../Type.ts"
import { bigintOfText } from "../integerText.ts"
import { integerCodec } from "../integers.ts"
import { makeCodec, refused } from "../make.ts"
import { exactType } from "./make.ts"

/**
 * Integers by their size.
 *
 * @category models
 */
export type IntegerSize = "tinyint" | "smallint" | "mediumint" | "integer"

const bitsOf: Readonly<Record<IntegerSize, number>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  integer: 32
}

const words: Readonly<Record<IntegerSize, string>> = {
  tinyint: "tinyint",
  smallint: "smallint",
  mediumint: "mediumint",
  integer: "int"
}

const sized = (size: IntegerSize, signed: boolean): Type<number> => {
  const bits = bitsOf[size]
  const word = signed ? words[size] : `${words[size]} unsigned`
  const low = signed ? -(2 ** (bits - 1)) : 0
  const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1
  const family: Family = { _tag: !signed && size === "integer" ? "Bigint" : "Integer" }
  const cast = signed ? "SIGNED" : "UNSIGNED"
  return exactType({
    name: word,
    capability: signed ? "sizedIntegers" : "unsignedIntegers",
    family,
    column: { mysql: word, mariadb: word },
    cast: { mysql: cast, mariadb: cast },
    codec: integerCodec(low, high, `a whole number from ${low} to ${high}`)
  })
}

/**
 * A whole number of 8 bits, −128 to 127.
 *
 * **SQL** mysql, mariadb: tinyint; `Unsupported` elsewhere, where it is `Type.smallint`.
 * **Errors** `EncodeFailed` for a value out of range or not whole.
 * **Source** MySQL manual 13.1.2; SQLAlchemy 2.0 `mysql.TINYINT`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.tinyint.key // => "exact tinyint"
 * ```
 * @category exact types
 */
export const tinyint: Type<number> = sized("tinyint", true)

/**
 * A whole number of 24 bits, −8,388,608 to 8,388,607.
 *
 * **SQL** mysql, mariadb: mediumint; `Unsupported` elsewhere, where it is `Type.integer`.
 * **Errors** `EncodeFailed` for a value out of range or not whole.
 * **Source** MySQL manual 13.1.2; SQLAlchemy 2.0 `mysql.MEDIUMINT`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.mediumint.key // => "exact mediumint"
 * ```
 * @category exact types
 */
export const mediumint: Type<number> = sized("mediumint", true)

const high64 = 2n ** 64n - 1n
const expected64 = "a bigint of 64 bits without a sign"
const within64 = (value: unknown): bigint =>
  typeof value === "bigint" && value >= 0n && value <= high64 ? value : refused(expected64)
const read64 = (raw: unknown): bigint =>
  within64(
    typeof raw === "string"
      ? bigintOfText(raw)
      : typeof raw === "number" && Number.isSafeInteger(raw)
        ? BigInt(raw)
        : raw
  )
const form64 = { decode: read64, encode: (value: bigint) => within64(value).toString() }

const unsignedBigint: Type<bigint> = exactType({
  name: "bigint unsigned",
  capability: "unsignedIntegers",
  family: { _tag: "Bigint" },
  column: { mysql: "bigint unsigned", mariadb: "bigint unsigned" },
  cast: { mysql: "UNSIGNED", mariadb: "UNSIGNED" },
  codec: makeCodec({ sqlite: form64, postgres: form64, mysql: form64, json: form64 })
})

const unsignedOf: ReadonlyMap<string, Type<number>> = new Map(
  (Object.keys(bitsOf) as ReadonlyArray<IntegerSize>).map((size) => [size, sized(size, false)])
)

/**
 * A whole number without a sign, of 8, 16, 24, 32 or 64 bits: twice as far as with one.
 *
 * **Shape** of 64 bits it is a `bigint`.
 * **SQL** mysql, mariadb: `int unsigned` and its like; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for a value out of range or not whole.
 * **Source** MySQL manual 13.1.2; SQLAlchemy 2.0 `mysql.INTEGER(unsigned=True)`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.unsigned("bigint").key // => "exact bigint unsigned"
 * ```
 * @category exact types
 */
export function unsigned(size: IntegerSize): Type<number>
export function unsigned(size: "bigint"): Type<bigint>
export function unsigned(size: IntegerSize | "bigint"): Type<number> | Type<bigint> {
  return size === "bigint" ? unsignedBigint : unsignedOf.get(size)!
}

/**
 * A year, 1901 to 2155.
 *
 * **SQL** mysql, mariadb: year; `Unsupported` elsewhere, where it is `Type.smallint`.
 * **Errors** `EncodeFailed` for another number.
 * **Source** MySQL manual 13.2.4; SQLAlchemy 2.0 `mysql.YEAR`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.year.key // => "exact year"
 * ```
 * @category exact types
 */
export const year: Type<number> = exactType({
  name: "year",
  capability: "yearType",
  family: { _tag: "Smallint" },
  column: { mysql: "year", mariadb: "year" },
  cast: { mysql: "SIGNED", mariadb: "SIGNED" },
  codec: integerCodec(1901, 2155, "a year from 1901 to 2155")
})
