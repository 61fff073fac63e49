import { doubleOrDigits, isRawJSON } from "./exactJson.ts"
import { isWellFormed } from "./text.ts"
import { refused } from "./make.ts"

const expected = "a JSON value: well-formed text, finite numbers, booleans, null, arrays, records"
const expectedNumbers = "JSON text whose whole numbers a double holds exactly"

/**
 * How a database's JSON is read and printed: what may stand for `JSON.parse` and `JSON.stringify`.
 *
 * **Shape** `parse` may give bigints, and numbers as `JSON.rawJSON` has them, where a schema asks
 * for them; `print` is given a document whose exact numbers are such.
 *
 * @category models
 */
export interface JsonText {
  readonly parse?: (text: string) => unknown
  readonly print?: (value: unknown) => string
}

/** Codecs are one for all databases and encode and decode at once: nobody else is in between. */
let own: JsonText | null = null

/** Runs what encodes or decodes values of a database that has its own way with JSON. */
export const withJsonText = <A>(json: JsonText, run: () => A): A => {
  const before = own
  own = json
  try {
    return run()
  } finally {
    own = before
  }
}

/** A document as text. */
export const printJson = (value: unknown): string => {
  if (own?.print === undefined) return JSON.stringify(value)
  let text: unknown
  try {
    text = own.print(value)
  } catch {
    return refused("JSON its printer prints")
  }
  return typeof text === "string" ? text : refused("JSON its printer prints as text")
}

/** Text with numbers that `JSON.parse` may change: only they pay for the look at each number. */
const mayRound = /[\d.]{16}|\d[eE]/

const wholeNumber = /^-?\d+$/

/**
 * Reads JSON text without losing digits of whole numbers.
 *
 * **Shape** `exact`: a number no double equals comes by its digits; `nearest`: every number is the
 * double nearest to it, for what a server prints of doubles.
 * **Errors** `ValueRefused` for text that is not JSON or, where not exact, holds a whole number no
 * double equals, or one beyond every double.
 */
export const parseJson = (text: string, exact: boolean | "nearest" = false): unknown => {
  if (own?.parse !== undefined) {
    try {
      return own.parse(text)
    } catch {
      return refused("JSON its parser reads")
    }
  }
  try {
    if (exact === "nearest" || !mayRound.test(text)) return JSON.parse(text)
    return JSON.parse(text, exact ? byDigits : exactNumbers)
  } catch {
    return refused(expectedNumbers)
  }
}

interface Read {
  readonly source?: string
}

const byDigits = (_: string, value: unknown, context?: Read): unknown =>
  typeof value === "number" && context?.source !== undefined
    ? doubleOrDigits(value, context.source)
    : value

/** The double prints the digits that were read, or it is not the number that was written. */
const exactNumbers = (_: string, value: unknown, context?: Read): unknown => {
  const source = context?.source
  if (typeof value !== "number" || source === undefined) return value
  if (!Number.isFinite(value)) return refused(expectedNumbers)
  if (!wholeNumber.test(source)) return value
  return BigInt(source) === BigInt(value) || source === plainDigits(value)
    ? value
    : refused(expectedNumbers)
}

/** Shortest decimal digits of a whole number without an exponent: 1e23, not its binary value. */
const plainDigits = (value: number): string => {
  const [digits = "", exponent] = String(value).split("e+")
  if (exponent === undefined) return digits
  const [whole = "", fraction = ""] = digits.split(".")
  return whole + fraction.padEnd(Number(exponent), "0")
}

/**
 * A value that JSON holds as it is, unchanged; the check `JSON.stringify` does not make.
 *
 * **Shape** a property that is `undefined` counts as absent. With `nul` false text with U+0000 is
 * refused: PostgreSQL's jsonb keeps none.
 *
 * **Errors** `ValueRefused` for NaN, infinities, functions, symbols, bigints, class instances,
 * holes and lone surrogates, all of which `JSON.stringify` changes or drops.
 */
export const checkJson = (value: unknown, nul: boolean): unknown => {
  try {
    return isJson(value, nul) ? value : refused(nul ? expected : `${expected}, without U+0000`)
  } catch (error) {
    // A cycle or a depth beyond the stack, or a getter of the caller's that threw.
    return error instanceof RangeError ? refused("JSON of limited depth") : refused(expected)
  }
}

const isJson = (value: unknown, nul: boolean): boolean => {
  switch (typeof value) {
    case "string":
      return isWellFormed(value) && (nul || !value.includes("\0"))
    case "number":
      return Number.isFinite(value)
    case "boolean":
      return true
    case "object":
      if (value === null || isRawJSON(value)) return true
      return Array.isArray(value) ? isJsonArray(value, nul) : isJsonRecord(value, nul)
    default:
      return false
  }
}

const isJsonArray = (value: ReadonlyArray<unknown>, nul: boolean): boolean => {
  for (let index = 0; index < value.length; index++) {
    if (!isJson(value[index], nul)) return false
  }
  return true
}

const isJsonRecord = (value: object, nul: boolean): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const [key, part] of Object.entries(value)) {
    if (part !== undefined && !(isJson(key, nul) && isJson(part, nul))) return false
  }
  return !("toJSON" in value)
}
