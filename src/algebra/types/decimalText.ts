/** A decimal number: `unscaled * 10^-scale`. */
export interface Decimal {
  readonly unscaled: bigint
  readonly scale: number
}

const decimal = /^([+-]?\d{1,1000})(?:\.(\d{1,1000}))?(?:[eE]([+-]?\d{1,3}))?$/

/** Reads `12`, `-0.50`, `1e-7`, `1250e-2`; null for any other text. */
export const decimalOfText = (text: string): Decimal | null => {
  const match = decimal.exec(text)
  if (match === null) return null
  const [, whole = "", fraction = "", exponent] = match
  const scale = fraction.length - (exponent === undefined ? 0 : Number(exponent))
  return { unscaled: BigInt(whole + fraction), scale }
}

/**
 * The unscaled value of plain decimal text with exactly `scale` digits after its point and at most
 * 15 in all, NaN for any other text: the form servers write, read without a bigint.
 */
export const unscaledOfText = (text: string, scale: number): number => {
  const length = text.length
  const start = text.charCodeAt(0) === 45 ? 1 : 0
  const point = scale === 0 ? length : length - scale - 1
  if (point <= start || length - start > 16) return NaN
  let magnitude = 0
  for (let index = start; index < length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (index === point) {
      if (digit !== -2) return NaN
    } else if (digit < 0 || digit > 9) return NaN
    else magnitude = magnitude * 10 + digit
  }
  if (magnitude >= 1e15) return NaN
  return start === 1 ? 0 - magnitude : magnitude
}

/** The unscaled value under another scale; null where digits would be lost or it is too long. */
export const rescale = (value: Decimal, precision: number, scale: number): bigint | null => {
  const { unscaled } = value
  if (unscaled === 0n) return 0n
  const shift = scale - value.scale
  const magnitude = (unscaled < 0n ? -unscaled : unscaled).toString()
  if (magnitude.length + shift > precision) return null
  if (shift >= 0) return shift === 0 ? unscaled : unscaled * 10n ** BigInt(shift)
  const kept = magnitude.length + shift
  if (kept <= 0 || !onlyZeros(magnitude, kept)) return null
  const shortened = BigInt(magnitude.slice(0, kept))
  return unscaled < 0n ? -shortened : shortened
}

/** The value with no more than `scale` digits after its point: half goes away from zero. */
export const rounded = (value: Decimal, scale: number): Decimal => {
  const less = value.scale - scale
  if (less <= 0) return value
  const unit = 10n ** BigInt(less)
  const { unscaled } = value
  const half = unscaled < 0n ? -unit / 2n : unit / 2n
  return { unscaled: (unscaled + half) / unit, scale }
}

const onlyZeros = (digits: string, from: number): boolean => {
  for (let index = from; index < digits.length; index++) {
    if (digits.charCodeAt(index) !== 48) return false
  }
  return true
}

/** Plain decimal text with exactly `scale` digits after the point. */
export const textOfDecimal = (unscaled: bigint, scale: number): string => {
  if (scale === 0) return unscaled.toString()
  const sign = unscaled < 0n ? "-" : ""
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0")
  const point = digits.length - scale
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}
