import type { DialectName } from "../../src/algebra/Dialect.ts"
import type { FunctionName } from "../../src/algebra/Scalar.ts"
import type { AnyType } from "../../src/algebra/Type.ts"
import { mapsAllLetters } from "./differences.ts"
import { compareValues, outside, type Value, within } from "./Value.ts"

type Strict = (args: ReadonlyArray<Value>, dialect: DialectName) => Value

const inCase = (text: Value, dialect: DialectName, map: (letter: string) => string): string =>
  mapsAllLetters[dialect] ? map(String(text)) : String(text).replace(/[A-Za-z]/g, map)

/** Functions that are NULL where an argument is NULL. */
const strict: Readonly<Record<Exclude<FunctionName, "coalesce" | "nullif">, Strict>> = {
  lower: ([text], dialect) => inCase(text!, dialect, (letter) => letter.toLowerCase()),
  upper: ([text], dialect) => inCase(text!, dialect, (letter) => letter.toUpperCase()),
  // Spaces only, as in SQL's TRIM(BOTH FROM text).
  trim: ([text]) => String(text).replace(/^ +| +$/g, ""),
  // Characters, which are code points.
  length: ([text]) => BigInt(Array.from(String(text)).length),
  abs: ([n]) => (typeof n === "bigint" ? (n < 0n ? -n : n) : Math.abs(Number(n))),
  // SQL's ||.
  concat: (args) => args.join("")
}

/** A function of values. */
export const callOf = (
  name: FunctionName,
  args: ReadonlyArray<Value>,
  type: AnyType,
  dialect: DialectName
): Value => {
  if (name === "coalesce") return args.find((arg) => arg !== null) ?? null
  if (name === "nullif") {
    const [a, b] = args as readonly [Value, Value]
    return a !== null && b !== null && compareValues(a, b) === 0 ? null : a
  }
  return args.includes(null) ? null : within(strict[name](args, dialect), type)
}

/** CAST between the types whose conversion every server agrees on. */
export const castTo = (value: Value, type: AnyType): Value => {
  if (value === null) return null
  switch (type.sql._tag) {
    case "Smallint":
    case "Integer":
    case "Bigint":
      if (typeof value === "bigint") return within(value, type)
      if (typeof value === "boolean") return value ? 1n : 0n
      if (typeof value === "string" && /^-?[0-9]+$/.test(value)) return within(BigInt(value), type)
      return outside("a cast to an integer that servers round or read differently")
    case "Double":
      return typeof value === "bigint" || typeof value === "number"
        ? Number(value)
        : outside("a cast to a double from text or boolean")
    case "Boolean":
      if (typeof value === "boolean") return value
      return typeof value === "bigint" ? value !== 0n : outside("a cast to boolean from text")
    case "Text":
    case "Varchar":
      return typeof value === "bigint" || typeof value === "string"
        ? String(value)
        : outside("a cast to text of a double or boolean, which servers spell differently")
    default:
      return outside(`a cast to ${type.sql._tag}`)
  }
}
