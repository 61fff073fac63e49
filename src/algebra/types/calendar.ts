const longest = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Does a day of years 1 to 9999 exist? Its parts must be whole numbers. */
export const isDay = (year: number, month: number, day: number): boolean => {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false
  if (day <= 28) return true
  if (day === 29 && month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= longest[month]!
}

/**
 * Days since 1970-01-01 of a date that exists.
 *
 * **Source** Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil: years
 * start in March, so that the leap day is the last.
 */
export const daysFromDate = (year: number, month: number, day: number): number => {
  const shifted = month <= 2 ? year - 1 : year
  const era = (shifted / 400) | 0
  const yearOfEra = shifted - era * 400
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  const dayOfEra = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

const pairs = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, "0"))

/** Two digits of a whole number below 100. */
export const pair = (value: number): string => pairs[value]!

/** `YYYY-MM-DD`. */
export const dateText = (year: number, month: number, day: number): string =>
  `${pair((year / 100) | 0)}${pair(year % 100)}-${pair(month)}-${pair(day)}`

/** `YYYY-MM-DD` of a number of days since 1970-01-01, for years 1 to 9999. */
export const dateTextOfDays = (days: number): string => {
  const shifted = days + 719_468
  const era = (shifted / 146_097) | 0
  const dayOfEra = shifted - era * 146_097
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) /
      365) |
    0
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0))
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0
  const day = dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return dateText(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}
