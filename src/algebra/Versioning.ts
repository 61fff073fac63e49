import * as DateTime from "effect/DateTime"
import { refuse } from "./StatementError.ts"
import type { ColumnNode } from "./Source.ts"

/** The version of a new row that counts. */
export const firstVersion = ({ type }: ColumnNode): unknown => (type.sql._tag === "Bigint" ? 1n : 1)

/** A time later than the last: two updates of one millisecond are two versions. */
const later = (last: DateTime.DateTime, drawn: unknown): unknown =>
  DateTime.isDateTime(drawn) && DateTime.toEpochMillis(drawn) > DateTime.toEpochMillis(last)
    ? drawn
    : DateTime.add(last, { milliseconds: 1 })

/** The version after this one; `drawn` is what the client has made for it. */
export const nextVersion = (
  { key, version }: ColumnNode,
  last: unknown,
  drawn: unknown,
  what: string
): unknown => {
  if (version === "counter" && typeof last === "bigint") return last + 1n
  if (version === "counter" && typeof last === "number") return last + 1
  if (version === "clock" && DateTime.isDateTime(last)) return later(last, drawn)
  if (version === "drawn" && last !== undefined)
    return drawn ?? refuse(`${what}: nothing is made for its version in "${key}"`)
  return refuse(`${what}: its version in "${key}" is not known, load it before changing it`)
}
