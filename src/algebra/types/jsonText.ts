import { isWellFormed } from "./text.ts"
import { refused } from "./make.ts"

const expected = "a JSON value: well-formed text, finite numbers, booleans, null, arrays, records"
const expectedNumbers = "JSON text whose whole numbers a double holds exactly"

/** Text and numbers that `JSON.parse` may round: only they pay for the look at each number. */
const longDigits = /\d{16}/
const wholeNumber = /^-?\d+$/

/**
 * Reads JSON text without losing digits of whole numbers.
 *
 * **Errors** `ValueRefused` for text that is not JSON or holds a whole number no double equals.
 */
export const parseJson = (text: string): unknown => {
  try {
    return longDigits.test(text) ? JSON.parse(text, exactNumbers) : JSON.parse(text)
  } catch {
    return refused(expectedNumbers)
  }
}

/** The double prints the digits that were read, or it is not the number that was written. */
const exactNumbers = (
  _: string,
  value: unknown,
  context?: { readonly source?: string }
): unknown => {
  const source = context?.source
  if (typeof value !== "number" || source === undefined || !wholeNumber.test(source)) return value
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
      if (value === null) return true
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
