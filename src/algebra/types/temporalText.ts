import { daysFromDate, isDay, pair } from "./calendar.ts"

const dash = 45
const colon = 58
const point = 46
const space = 32
const letterT = 84
const letterZ = 90
const plus = 43

/** No number: a part that is not there is negative, so that arithmetic stays on small integers. */
const none = -1

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Two digits as a number, negative where they are none. The text must be long enough. */
export const two = (text: string, index: number): number => {
  const tens = text.charCodeAt(index)
  const ones = text.charCodeAt(index + 1)
  return isDigit(tens) && isDigit(ones) ? tens * 10 + ones - 528 : none
}

/** Four digits as a number, negative where they are none. The text must be long enough. */
export const four = (text: string, index: number): number => {
  const hundreds = two(text, index)
  const ones = two(text, index + 2)
  return hundreds < 0 || ones < 0 ? none : hundreds * 100 + ones
}

/** Days since 1970-01-01 of the `YYYY-MM-DD` that starts a text, NaN where none does. */
export const daysOfText = (text: string): number => {
  if (text.length < 10 || text.charCodeAt(4) !== dash || text.charCodeAt(7) !== dash) return NaN
  const year = four(text, 0)
  const month = two(text, 5)
  const day = two(text, 8)
  return isDay(year, month, day) ? daysFromDate(year, month, day) : NaN
}

/** Second of the day of the `HH:MM:SS` at an index, NaN where none is; 24:00 and :60 are none. */
export const secondsOfText = (text: string, index: number): number => {
  if (text.length < index + 8) return NaN
  if (text.charCodeAt(index + 2) !== colon || text.charCodeAt(index + 5) !== colon) return NaN
  const hour = two(text, index)
  const minute = two(text, index + 3)
  const second = two(text, index + 6)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NaN
  return hour * 3600 + minute * 60 + second
}

/** Index after a fraction of a second that may start at `index`. */
export const endOfFraction = (text: string, index: number): number => {
  if (text.charCodeAt(index) !== point) return index
  let end = index + 1
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return end
}

/** The fraction between two indexes in units of `10^-digits` s; NaN where it is finer than that. */
export const fractionOfText = (
  text: string,
  index: number,
  end: number,
  digits: number
): number => {
  if (end === index) return 0
  if (end === index + 1) return NaN
  let value = 0
  for (let place = 1; place <= digits; place++) {
    value = value * 10 + (index + place < end ? text.charCodeAt(index + place) - 48 : 0)
  }
  for (let rest = index + 1 + digits; rest < end; rest++) {
    if (text.charCodeAt(rest) !== 48) return NaN
  }
  return value
}

/** Seconds east of UTC of the zone that ends a text (`Z`, `+00`, `-04:30`), 0 without one. */
export const offsetOfText = (text: string, index: number): number => {
  const length = text.length
  if (index === length) return 0
  const sign = text.charCodeAt(index)
  if (sign === letterZ) return index + 1 === length ? 0 : NaN
  if (sign !== plus && sign !== dash) return NaN
  if (length !== index + 3 && length !== index + 6 && length !== index + 9) return NaN
  const hours = two(text, index + 1)
  let seconds = hours < 0 ? NaN : hours * 3600
  if (length > index + 3) seconds += sixtieths(text, index + 3) * 60
  if (length > index + 6) seconds += sixtieths(text, index + 6)
  return sign === plus ? seconds : 0 - seconds
}

const sixtieths = (text: string, index: number): number => {
  const value = two(text, index + 1)
  return text.charCodeAt(index) === colon && value >= 0 && value <= 59 ? value : NaN
}

/** Seconds since 1970 of the `YYYY-MM-DD HH:MM:SS` (or `T`) that starts a text, or NaN. */
export const epochSecondsOfText = (text: string): number => {
  const separator = text.charCodeAt(10)
  return separator === space || separator === letterT
    ? daysOfText(text) * 86_400 + secondsOfText(text, 11)
    : NaN
}

/** `HH:MM:SS` of a second of the day. */
export const timeText = (second: number): string => {
  const minutes = (second / 60) | 0
  return `${pair((minutes / 60) | 0)}:${pair(minutes % 60)}:${pair(second % 60)}`
}

/** A fraction in units of `10^-digits` s as `.` and that many digits; nothing for no digits. */
export const fractionText = (fraction: number, digits: number): string =>
  digits === 0 ? "" : `.${String(fraction).padStart(digits, "0")}`
