/** What a careful hand writes to read text, shared by the raw sides. */

const zero = 48
const two = (text: string, at: number): number =>
  text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 11 * zero

/** Milliseconds since 1970 of `YYYY-MM-DD HH:MM:SS.mmm`: no parser, no slices. */
export const millisOf = (text: string): number =>
  Date.UTC(
    two(text, 0) * 100 + two(text, 2),
    two(text, 5) - 1,
    two(text, 8),
    two(text, 11),
    two(text, 14),
    two(text, 17),
    text.charCodeAt(19) === 46 ? fraction(text) : 0
  )

/** One to three digits after the point: PostgreSQL drops zeros at the end. */
const fraction = (text: string): number => {
  let value = 0
  for (let at = 20; at < 23; at++) {
    const digit = text.charCodeAt(at) - zero
    value = value * 10 + (digit >= 0 && digit <= 9 ? digit : 0)
  }
  return value
}
