import { decimalOfText, rescale, rounded, textOfDecimal } from "../../algebra/types/decimalText.ts"
import { scaledPrecision } from "../../algebra/types/decimals.ts"

/**
 * What athanor's SQLite connections can do beside SQLite: regular expressions, which it has none
 * of, and casts that fail. By these names the texts call them, and the driver registers them.
 */
const functions: Readonly<Record<string, (...args: ReadonlyArray<unknown>) => unknown>> = {
  athanor_matches: (text, pattern, flags) =>
    text === null || pattern === null ? null : Number(compiled(pattern, flags).test(String(text))),
  athanor_replace: (text, pattern, by, flags) =>
    text === null || pattern === null || by === null
      ? null
      : String(text).replace(compiled(pattern, flags), () => String(by)),
  athanor_integer: (value, bits) => (value === null ? null : integerOf(value, Number(bits))),
  athanor_try_integer: (value, bits) =>
    value === null ? null : integerOrNull(String(value), Number(bits)),
  athanor_try_double: (value) => (value === null ? null : doubleOrNull(String(value))),
  athanor_decimal: (value, precision, scale) =>
    value === null ? null : decimalOf(String(value), Number(precision), Number(scale)),
  athanor_whole: (value, bits, near) =>
    value === null ? null : wholeOf(value, Number(bits), near !== undefined),
  athanor_double: (value) => (value === null ? null : doubleOf(value))
}

/** What takes integers as they are: else one beyond 2^53 would come as the nearest double. */
const exact: ReadonlySet<string> = new Set(["athanor_whole"])

interface Registry {
  readonly function: (
    name: string,
    options: {
      readonly deterministic: true
      readonly varargs: true
      readonly safeIntegers: boolean
    },
    run: (...args: ReadonlyArray<unknown>) => unknown
  ) => unknown
}

/** Gives a connection the functions that texts for SQLite may call. */
export const addFunctions = (database: Registry): void => {
  for (const [name, run] of Object.entries(functions)) {
    const safeIntegers = exact.has(name)
    database.function(name, { deterministic: true, varargs: true, safeIntegers }, run)
  }
}

const integer = /^[ \t\n\v\f\r]*[+-]?\d+[ \t\n\v\f\r]*$/
const double = /^[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t\n\v\f\r]*$/

/** The whole number of a text, or of a double cut towards zero. */
const integerOf = (value: unknown, bits: number): bigint => {
  const text = typeof value === "number" ? null : String(value)
  if (text !== null && !integer.test(text)) return refused("no whole number")
  if (typeof value === "number" && !Number.isFinite(value)) return overflow()
  const found = BigInt(text === null ? Math.trunc(value as number) : text.trim().replace("+", ""))
  return BigInt.asIntN(bits, found) === found ? found : overflow()
}

const blanks = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g

const integerOrNull = (text: string, bits: number): bigint | null => {
  const said = text.replace(blanks, "")
  if (!/^[+-]?[0-9]+$/.test(said)) return null
  const found = BigInt(said.replace("+", ""))
  return BigInt.asIntN(bits, found) === found ? found : null
}

/** What is too small for a double is none, as what is too large. */
const doubleOrNull = (text: string): number | null => {
  const said = text.replace(blanks, "")
  if (!double.test(said)) return null
  const found = Number(said)
  const isLost = found === 0 && /^[^eE]*[1-9]/.test(said)
  return Number.isFinite(found) && !isLost ? found : null
}

/** A decimal as SQLite's columns have it: units of its last digit, or text beyond 18 digits. */
const decimalOf = (text: string, precision: number, scale: number): bigint | string => {
  const said = decimalOfText(text) ?? refused("no decimal")
  const units = rescale(rounded(said, scale), precision, scale) ?? overflow()
  return precision <= scaledPrecision ? units : textOfDecimal(units, scale)
}

/**
 * An integer of so many bits, as it is: what was reckoned beyond 64 comes as a double. With `near`
 * a whole double is one too, as far as doubles count.
 */
const wholeOf = (value: unknown, bits: number, near: boolean): bigint => {
  const found = near && Number.isSafeInteger(value) ? BigInt(value as number) : value
  return typeof found === "bigint" && BigInt.asIntN(bits, found) === found ? found : overflow()
}

const doubleOf = (value: unknown): number => {
  if (typeof value === "number") return Number.isFinite(value) ? value : overflow()
  const text = String(value)
  if (!double.test(text)) return refused("no number")
  const found = Number(text)
  return Number.isFinite(found) ? found : overflow()
}

const refused = (words: string): never => {
  throw Object.assign(new Error(words), { code: "SQLITE_MISMATCH" })
}

const overflow = (): never => {
  throw Object.assign(new Error("integer overflow"), { code: "SQLITE_ERROR" })
}

const kept = new Map<string, RegExp>()

/** The expression of a pattern; one pattern is asked of many rows. */
const compiled = (pattern: unknown, flags: unknown): RegExp => {
  const key = `${String(flags)}/${String(pattern)}`
  let found = kept.get(key)
  if (found === undefined) {
    found = read(String(pattern), String(flags))
    if (kept.size >= 200) kept.clear()
    kept.set(key, found)
  }
  found.lastIndex = 0
  return found
}

/** An invalid pattern is told apart as SQLite tells a value it cannot take. */
const read = (pattern: string, flags: string): RegExp => {
  try {
    return new RegExp(pattern, flags)
  } catch {
    throw Object.assign(new Error("invalid regular expression"), { code: "SQLITE_MISMATCH" })
  }
}
