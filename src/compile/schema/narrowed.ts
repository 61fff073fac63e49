import type { SnapshotColumn } from "../../algebra/schema/Snapshot.ts"
import type { SqlType } from "../../algebra/SqlType.ts"

/** How many places stand after the point; of a double any number. */
const placesOf = (sql: SqlType | null): number | null => {
  switch (sql?._tag) {
    case "Smallint":
    case "Integer":
    case "Bigint":
      return 0
    case "Numeric":
      return sql.scale
    case "Double":
      return Infinity
    default:
      return null
  }
}

/** A double holds each number of so many digits. */
const doubleDigits = 15

const isLonger = (sql: SqlType | null): boolean =>
  sql?._tag === "Bigint" || (sql?._tag === "Numeric" && sql.precision > doubleDigits)

/** Which part of a value its new type has no place for, whereas its server would round it away. */
const lostIn = (
  { sql: from }: SnapshotColumn,
  { sql: to }: SnapshotColumn
): "places" | "digits" | "fractions" | null => {
  const [before, after] = [placesOf(from), placesOf(to)]
  if (before !== null && after !== null) {
    if (before > after) return "places"
    return after === Infinity && isLonger(from) ? "digits" : null
  }
  const isTime = from?._tag === "Timestamp" || from?._tag === "Time"
  return isTime && to?._tag === from._tag && from.precision > to.precision ? "fractions" : null
}

/**
 * `USING` of PostgreSQL that fails where the new type would round a value.
 *
 * **Shape** null where it cannot. What fails is computed of the value: a constant would be computed
 * before any row is read.
 */
export const unrounded = (
  value: string,
  before: SnapshotColumn,
  after: SnapshotColumn
): string | null => {
  const lost = lostIn(before, after)
  if (lost === null) return null
  const fails =
    lost === "fractions"
      ? `(${value}::text || ' has more digits')::${after.type}`
      : `(${value}::numeric * 0 + 1e1001)::${after.type}`
  const cast = `${value}::${after.type}`
  const isOther = `${cast}::${before.type} IS DISTINCT FROM ${value}`
  return `CASE WHEN ${isOther} THEN ${fails} ELSE ${cast} END`
}

/** The rows of MySQL and MariaDB whose value the new type would round; null where it cannot. */
export const rounded = (
  value: string,
  before: SnapshotColumn,
  after: SnapshotColumn
): string | null => {
  switch (lostIn(before, after)) {
    case null:
      return null
    case "places":
      return `${value} <> ROUND(${value}, ${placesOf(after.sql)})`
    case "digits": {
      const scale = before.sql?._tag === "Numeric" ? before.sql.scale : 0
      return `CAST(CAST(${value} AS DOUBLE) AS DECIMAL(65, ${scale})) <> ${value}`
    }
    case "fractions": {
      const { precision } = after.sql as { readonly precision: number }
      return `MICROSECOND(${value}) % ${10 ** (6 - precision)} <> 0`
    }
  }
}
