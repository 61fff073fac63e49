import type { AnyType } from "../../src/algebra/Type.ts"

/**
 * A value as the meaning computes with it: every integer is a bigint, every double a number, so
 * that arithmetic is exact and nothing depends on how a driver or codec represents it.
 */
export type Value = null | bigint | number | string | boolean | ReadonlyArray<Value>

/** SQL's three truth values. */
export type Truth = boolean | null

/** The statement has no one meaning here: a generator avoids it and a law skips it, counted. */
export class OutsideMeaning extends Error {
  override readonly name = "OutsideMeaning"
}

/** Says why a statement is outside. */
export const outside = (reason: string): never => {
  throw new OutsideMeaning(reason)
}

const limits: Readonly<Record<string, readonly [low: bigint, high: bigint]>> = {
  Smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  Integer: [-(2n ** 31n), 2n ** 31n - 1n],
  Bigint: [-(2n ** 63n), 2n ** 63n - 1n]
}

/** Refuses an integer its SQL type cannot hold: overflow is an error, so there is no value. */
export const within = (value: Value, type: AnyType): Value => {
  const range = limits[type.sql._tag]
  if (typeof value === "bigint" && range !== undefined && (value < range[0] || value > range[1])) {
    return outside(`overflow of ${type.sql._tag}`)
  }
  if (typeof value === "number" && !Number.isFinite(value)) return outside("overflow of Double")
  return value
}

/** The type of an array's elements. */
export const elementOf = (type: AnyType): AnyType =>
  "of" in type ? (type.of as AnyType) : outside(`elements of ${type.key}`)

/** From the TypeScript value of a type. */
export const inward = (value: unknown, type: AnyType): Value => {
  if (value === null) return null
  switch (type.sql._tag) {
    case "Smallint":
    case "Integer":
    case "Bigint":
      return BigInt(value as number | bigint)
    case "Double":
      return Number(value)
    case "Boolean":
      return Boolean(value)
    case "Text":
    case "Varchar":
    case "Enum":
      return String(value)
    case "Date":
    case "Time":
    case "Timestamp":
    case "Json":
      // Of times the one form whose order is that of the texts; of a document its text.
      return String(type.codec.row.sqlite.encode(value))
    case "Array":
      return (value as ReadonlyArray<unknown>).map((one) => inward(one, elementOf(type)))
    default:
      return outside(`values of ${type.sql._tag}`)
  }
}

/** Types whose server value is an int8 while the TypeScript value is a checked number. */
const countedTypes: ReadonlySet<string> = new Set(["count", "safeInteger"])

const spelled: ReadonlySet<string> = new Set(["Date", "Time", "Timestamp", "Json"])

/** To the TypeScript value of a type: int8 is a bigint, a smaller integer or a count a number. */
export const outward = (value: Value, type: AnyType): unknown => {
  if (isList(value)) return value.map((one) => outward(one, elementOf(type)))
  if (typeof value === "string" && spelled.has(type.sql._tag))
    return type.codec.row.sqlite.decode(value)
  if (typeof value === "bigint") {
    return type.sql._tag !== "Bigint" || countedTypes.has(type.key) ? Number(value) : value
  }
  return value === 0 ? 0 : value
}

export const isList = (value: Value): value is ReadonlyArray<Value> => Array.isArray(value)

const codePoints = (text: string): ReadonlyArray<number> =>
  Array.from(text, (c) => c.codePointAt(0)!)

const compareText = (a: string, b: string): number => {
  const left = codePoints(a)
  const right = codePoints(b)
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    if (left[i] !== right[i]) return left[i]! - right[i]!
  }
  return left.length - right.length
}

/** Arrays by their first elements that differ, of which a NULL is the greatest, or by length. */
const compareLists = (a: ReadonlyArray<Value>, b: ReadonlyArray<Value>): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (alike(a[i]!, b[i]!)) continue
    return a[i] === null ? 1 : b[i] === null ? -1 : compareValues(a[i]!, b[i]!)
  }
  return a.length - b.length
}

/** Order of two values, not NULL: numbers by size, text by code point, FALSE before TRUE. */
export const compareValues = (a: Value, b: Value): number =>
  isList(a) && isList(b)
    ? compareLists(a, b)
    : typeof a === "string" && typeof b === "string"
      ? compareText(a, b)
      : a! < b!
        ? -1
        : a! > b!
          ? 1
          : 0

/** Whether two values are the same to GROUP BY, DISTINCT and set operations: NULLs are alike. */
export const alike = (a: Value, b: Value): boolean =>
  a === null || b === null ? a === b : compareValues(a, b) === 0

/** A text that is equal for values that are alike and differs otherwise. */
export const token = (value: Value): string =>
  value === null
    ? "null"
    : isList(value)
      ? `[${tokens(value)}]`
      : typeof value === "string"
        ? JSON.stringify(value)
        : String(value === 0 ? 0 : value)

/** The token of a tuple. */
export const tokens = (values: ReadonlyArray<Value>): string => values.map(token).join(",")

export const not3 = (a: Truth): Truth => (a === null ? null : !a)

/** FALSE if one is FALSE, else NULL if one is NULL, else TRUE. */
export const and3 = (parts: ReadonlyArray<Truth>): Truth =>
  parts.includes(false) ? false : parts.includes(null) ? null : true

/** TRUE if one is TRUE, else NULL if one is NULL, else FALSE. */
export const or3 = (parts: ReadonlyArray<Truth>): Truth =>
  parts.includes(true) ? true : parts.includes(null) ? null : false
