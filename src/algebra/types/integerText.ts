const zero = 48
const minus = 45

/**
 * The whole number that decimal digits spell, NaN for any other text.
 *
 * **Shape** at most 16 digits; beyond 2^53 the result is rounded, so callers check its range.
 */
export const integerOfText = (text: string): number => {
  const length = text.length
  const start = text.charCodeAt(0) === minus ? 1 : 0
  if (length === start || length - start > 16) return NaN
  let magnitude = 0
  for (let index = start; index < length; index++) {
    const digit = text.charCodeAt(index) - zero
    if (digit < 0 || digit > 9) return NaN
    magnitude = magnitude * 10 + digit
  }
  return start === 1 ? 0 - magnitude : magnitude
}

const digitsOnly = /^-?\d{1,100}$/
const zeroFraction = /^-?\d{1,100}\.0+$/

/** Digits of which a number takes as many as there are, a sign with them. */
const numberDigits = 15

/** The whole number that decimal digits spell, of any size; null for any other text. */
export const bigintOfText = (text: string): bigint | null => {
  if (text.length > numberDigits) return digitsOnly.test(text) ? BigInt(text) : null
  const value = integerOfText(text)
  return Number.isNaN(value) ? null : BigInt(value)
}

/** Like `bigintOfText`, for servers that write a whole number as `12.0000`. */
export const bigintOfDecimal = (text: string): bigint | null => {
  if (digitsOnly.test(text)) return BigInt(text)
  return zeroFraction.test(text) ? BigInt(text.slice(0, text.indexOf("."))) : null
}
