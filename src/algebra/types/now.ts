import type { AnyType } from "../Type.ts"

/**
 * A moment in a type's own representation: what a `Now` default gives a column of that type.
 *
 * **Shape** digits of a second that the type does not hold are cut, as the servers' own
 * CURRENT_TIMESTAMP(p) does. Types that are not temporal get the ISO 8601 text.
 */
export const momentAs = (type: AnyType, epochMillis: number): unknown => {
  const iso = new Date(epochMillis).toISOString()
  const { sql } = type
  switch (sql._tag) {
    case "Date":
      return type.codec.json.decode(iso.slice(0, 10))
    case "Time":
      return type.codec.json.decode(iso.slice(11, 19) + fraction(iso, sql.precision))
    case "Timestamp":
      return type.codec.json.decode(`${iso.slice(0, 19)}${fraction(iso, sql.precision)}Z`)
    default:
      return type.codec.json.decode(iso)
  }
}

const fraction = (iso: string, precision: number): string =>
  precision === 0 ? "" : iso.slice(19, 20 + Math.min(precision, 3))
