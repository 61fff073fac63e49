import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"
import { decimalCodec } from "./types/decimals.ts"
import { makeType } from "./types/make.ts"

/** How many digits a value has at most, and how many of them after the point. */
interface Digits {
  readonly precision: number
  readonly scale: number
}

const wholes: Readonly<Record<string, number>> = { Smallint: 5, Integer: 10, Bigint: 19 }

const digitsOf = ({ sql }: AnyType): Digits | null =>
  sql._tag === "Numeric"
    ? sql
    : wholes[sql._tag] === undefined
      ? null
      : { precision: wholes[sql._tag]!, scale: 0 }

/** Decimals as `BigDecimal`, as numbers, or neither: a type somebody made has values of its own. */
const valuesOf = ({ key, sql }: AnyType): "decimal" | "number" | null => {
  if (sql._tag !== "Numeric") return null
  const own = `numeric(${sql.precision},${sql.scale})`
  if (key === `${own}:number`) return "number"
  return key === own || key.startsWith("decimal(") ? "decimal" : null
}

const longest = 65

/** Beside what SQLite holds as whole numbers the result is one; else it has the servers' digits. */
const decimalOf = (a: AnyType, b: AnyType, { precision, scale }: Digits): AnyType | null => {
  const kinds = [a, b].flatMap((one) => (one.sql._tag === "Numeric" ? [valuesOf(one)] : []))
  const [kind] = kinds
  if (kind === undefined || kind === null || kinds.some((one) => one !== kind)) return null
  const isHeld = [a, b].every(({ sql }) => sql._tag !== "Numeric" || T.isScaled(sql)) && scale <= 18
  if (kind === "number") return T.numeric(isHeld ? 18 : longest, Math.min(scale, 30)).asNumber()
  if (isHeld) return T.decimal(scale)
  const digits = Math.min(Math.max(precision, 19), longest)
  const sql = { _tag: "Numeric", precision: digits, scale } as const
  return makeType(`decimal(${digits},${scale})`, sql, decimalCodec(scale, digits))
}

const over =
  (reckoned: (a: Digits, b: Digits) => Digits) =>
  (a: AnyType, b: AnyType): AnyType | null => {
    const [mine, theirs] = [digitsOf(a), digitsOf(b)]
    return mine === null || theirs === null ? null : decimalOf(a, b, reckoned(mine, theirs))
  }

/**
 * The type of a product of decimals: as many digits after the point as its factors have together.
 * Null where neither is one, or one is of a type of somebody's own.
 *
 * **Source** SQL:2016 part 2, 6.29 numeric value expression, which leaves the precision to the
 * server: PostgreSQL 9.3 has no bound, MariaDB and MySQL have the sum of both, 65 at most.
 */
export const productType = over((a, b) => ({
  precision: a.precision + b.precision,
  scale: a.scale + b.scale
}))

/** The type of a sum or a difference of decimals: the finer scale, and one digit more before it. */
export const sumType = over((a, b) => {
  const scale = Math.max(a.scale, b.scale)
  return { precision: Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale }
})

/**
 * The type of a decimal of whatever places come, with those of one that is given at least. Null for
 * what is none, or of a type of somebody's own.
 */
export const openDecimal = (type: AnyType): AnyType | null =>
  type.sql._tag === "Numeric" && type.sql.scale <= 18 && valuesOf(type) === "decimal"
    ? T.decimal(type.sql.scale)
    : null

/** The type of what is one decimal or another: null where they are one type already. */
export const eitherType = (a: AnyType, b: AnyType): AnyType | null =>
  a.key === b.key || a.sql._tag !== "Numeric" || b.sql._tag !== "Numeric"
    ? null
    : decimalOf(a, b, {
        precision: Math.max(a.sql.precision, b.sql.precision),
        scale: Math.max(a.sql.scale, b.sql.scale)
      })
