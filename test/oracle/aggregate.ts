import type { AggregateName } from "../../src/algebra/Scalar.ts"
import type { AnyType } from "../../src/algebra/Type.ts"
import { compareValues, outside, token, type Value, within } from "./Value.ts"

const distinctValues = (values: ReadonlyArray<Value>): ReadonlyArray<Value> => [
  ...new Map(values.map((value) => [token(value), value])).values()
]

const add = (a: Value, b: Value): Value =>
  typeof a === "bigint" && typeof b === "bigint" ? a + b : Number(a) + Number(b)

const best = (values: ReadonlyArray<Value>, sign: 1 | -1): Value =>
  values.length === 0 ? null : values.reduce((a, b) => (compareValues(a, b) * sign <= 0 ? a : b))

/**
 * An aggregate of the argument's values in the members of a group; NULLs are skipped.
 * Of nothing, `count` is 0 and the others are NULL.
 */
export const aggregateOf = (
  name: Exclude<
    AggregateName,
    | "stringAgg"
    | "jsonAgg"
    | "jsonObjectAgg"
    | "arrayAgg"
    | "rangeAgg"
    | "rangeIntersectAgg"
    | "percentileCont"
    | "percentileDisc"
    | "mode"
  >,
  values: ReadonlyArray<Value>,
  distinct: boolean,
  type: AnyType
): Value => {
  const present = values.filter((value) => value !== null)
  const used = distinct ? distinctValues(present) : present
  switch (name) {
    case "count":
      return BigInt(used.length)
    case "sum":
      return used.length === 0 ? null : within(used.reduce(add), type)
    case "avg":
      return used.length === 0
        ? null
        : type.sql._tag === "Double"
          ? Number(used.reduce(add)) / used.length
          : outside(`avg as ${type.sql._tag}`)
    case "min":
      return best(used, 1)
    case "max":
      return best(used, -1)
  }
}

/**
 * The value a fraction of the way through sorted values, NULLs left out: the first whose place is
 * at least that far, or on the line between the two around it.
 */
export const percentileOf = (
  name: "percentileCont" | "percentileDisc",
  fraction: Value,
  sorted: ReadonlyArray<Value>
): Value => {
  const values = sorted.filter((value) => value !== null)
  const part = Number(fraction)
  if (values.length === 0) return null
  if (name === "percentileDisc") return values[Math.max(Math.ceil(part * values.length), 1) - 1]!
  const place = part * (values.length - 1)
  const [low, high] = [values[Math.floor(place)], values[Math.ceil(place)]].map(Number)
  return low! + (place - Math.floor(place)) * (high! - low!)
}

/** The commonest of sorted values, the first of those as common; NULL of none. */
export const modeOf = (sorted: ReadonlyArray<Value>): Value => {
  const counts = new Map<string, number>()
  const values = sorted.filter((value) => value !== null)
  for (const value of values) counts.set(token(value), (counts.get(token(value)) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return values.find((value) => counts.get(token(value)) === most) ?? null
}
