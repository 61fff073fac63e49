import * as BigDecimal from "effect/BigDecimal"
import type { Type } from "../../Type.ts"
import { numericCodec } from "../decimals.ts"
import { textOfDecimal } from "../decimalText.ts"
import { doubleCodec } from "../double.ts"
import { refused } from "../make.ts"
import { checkSize, exactType, narrowed, oneForm } from "./make.ts"
import { singleCodec } from "./servers.ts"

/** What PostgreSQL holds before the point and after it. */
const mostBefore = 131_072
const mostAfter = 16_383
const anyDigits = /^-?(\d{1,131072})(?:\.(\d{1,16383}))?$/
const expectedAny = "a BigDecimal of at most 131072 digits, 16383 of them after the point"

const anyCodec = oneForm<BigDecimal.BigDecimal>({
  decode: (raw) => {
    const found = typeof raw === "string" ? anyDigits.exec(raw) : null
    if (found === null) return refused(expectedAny)
    const digits = found[2] ?? ""
    return BigDecimal.make(BigInt((raw as string).replace(".", "")), digits.length)
  },
  encode: (value) => {
    if (!BigDecimal.isBigDecimal(value)) return refused(expectedAny)
    const { scale, value: unscaled } = value
    if (scale > mostAfter || scale < -mostBefore) return refused(expectedAny)
    const text =
      scale < 0 ? String(unscaled * 10n ** BigInt(-scale)) : textOfDecimal(unscaled, scale)
    return anyDigits.test(text) ? text : refused(expectedAny)
  }
})

/**
 * A decimal of any length, as `BigDecimal`: a numeric that says no precision.
 *
 * **Shape** every digit is kept, zeros at the end too; there is no NaN and no infinity. What is
 * reckoned from it is one too, with as many digits as the server gives.
 * **SQL** postgres: numeric; `Unsupported` elsewhere, where a decimal has a precision.
 * **Errors** `EncodeFailed` beyond 131,072 digits before the point or 16,383 after it;
 * `DecodeFailed` for NaN and infinity.
 * **Source** PostgreSQL manual 8.1.2; SQLAlchemy 2.0 `Numeric()`.
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const rates = Table.make("rates", { id: Column.id(), rate: Column.make(Type.anyNumeric) })
 * ```
 * @category exact types
 */
export const anyNumeric: Type<BigDecimal.BigDecimal> = exactType({
  name: "numeric",
  capability: "anyNumeric",
  column: { postgres: "numeric" },
  codec: anyCodec,
  // As text: JSON's numbers would lose digits.
  wrap: {
    as: { _tag: "Text" },
    write: { sqlite: null, postgres: ["CAST(", " AS numeric)"], mysql: null, mariadb: null },
    read: { sqlite: null, postgres: ["CAST(", " AS text)"], mysql: null, mariadb: null }
  }
})

const decimals = new Map<string, Type<BigDecimal.BigDecimal>>()

/**
 * A decimal of so many digits, `scale` of them after the point, without a sign.
 *
 * **SQL** mysql, mariadb: decimal(p, s) unsigned; `Unsupported` elsewhere, where it is
 * `Type.numeric` and a check.
 * **Errors** `EncodeFailed` for a value below 0 or of more digits; `StatementError` for sizes no
 * decimal has.
 * **Source** MySQL manual 13.1.3; SQLAlchemy 2.0 `mysql.DECIMAL(unsigned=True)`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.unsignedNumeric(10, 2).key // => "exact decimal(10,2) unsigned"
 * ```
 * @category exact types
 */
export const unsignedNumeric = (precision: number, scale = 0): Type<BigDecimal.BigDecimal> => {
  checkSize("unsignedNumeric: the precision", precision, 1, 65)
  checkSize("unsignedNumeric: the scale", scale, 0, Math.min(precision, 30))
  const sizes = `${precision},${scale}`
  const known = decimals.get(sizes)
  if (known !== undefined) return known
  const name = `decimal(${sizes}) unsigned`
  const type = exactType({
    name,
    capability: "unsignedIntegers",
    family: { _tag: "Numeric", precision, scale },
    column: { mysql: name, mariadb: name },
    cast: { mysql: `DECIMAL(${sizes})`, mariadb: `DECIMAL(${sizes})` },
    codec: narrowed(numericCodec(precision, scale), {
      expected: `a BigDecimal of ${precision} digits without a sign`,
      fits: ({ value }) => value >= 0n
    })
  })
  decimals.set(sizes, type)
  return type
}

const fits = (value: number): boolean => value >= 0

/**
 * A double without a sign.
 *
 * **SQL** mysql, mariadb: double unsigned; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for a value below 0.
 * **Source** MySQL manual 13.1.4; SQLAlchemy 2.0 `mysql.DOUBLE(unsigned=True)`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.unsignedDouble.key // => "exact double unsigned"
 * ```
 * @category exact types
 */
export const unsignedDouble: Type<number> = exactType({
  name: "double unsigned",
  capability: "unsignedIntegers",
  family: { _tag: "Double" },
  column: { mysql: "double unsigned", mariadb: "double unsigned" },
  cast: { mysql: "DOUBLE", mariadb: "DOUBLE" },
  codec: narrowed(doubleCodec, { expected: "a finite number without a sign", fits })
})

/**
 * A number of single precision without a sign.
 *
 * **SQL** mysql, mariadb: float unsigned; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for a value below 0, and for one that single precision would round.
 * **Source** MySQL manual 13.1.4; SQLAlchemy 2.0 `mysql.FLOAT(unsigned=True)`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.unsignedReal.key // => "exact float unsigned"
 * ```
 * @category exact types
 */
export const unsignedReal: Type<number> = exactType({
  name: "float unsigned",
  capability: "unsignedIntegers",
  family: { _tag: "Double" },
  column: { mysql: "float unsigned", mariadb: "float unsigned" },
  cast: { mysql: "DOUBLE", mariadb: "DOUBLE" },
  codec: narrowed(singleCodec, { expected: "a number of single precision without a sign", fits })
})
