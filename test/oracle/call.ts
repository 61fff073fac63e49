import { createHash } from "node:crypto"
import type { DialectName } from "../../src/algebra/Dialect.ts"
import type { FunctionName } from "../../src/algebra/Scalar.ts"
import type { AnyType } from "../../src/algebra/Type.ts"
import { isOfArrays, ofArrays } from "./arrays.ts"
import { temporal } from "./dates.ts"
import { ofJson } from "./json.ts"
import { mapsAllLetters } from "./differences.ts"
import { compareValues, elementOf, isList, outside, type Value, within } from "./Value.ts"

type Strict = (args: ReadonlyArray<Value>, dialect: DialectName) => Value

const inCase = (text: Value, dialect: DialectName, map: (letter: string) => string): string =>
  mapsAllLetters[dialect] ? map(String(text)) : String(text).replace(/[A-Za-z]/g, map)

const whole = (value: Value | undefined): bigint =>
  typeof value === "bigint" ? value : outside("a place or a length that is no whole number")

const characters = (text: Value): ReadonlyArray<string> => Array.from(String(text))

/** Characters from a place counted from 1 to before another, whatever is there. */
const cut = (text: Value, from: bigint, end: bigint | null): string =>
  characters(text)
    .filter((_, i) => BigInt(i) + 1n >= from && (end === null || BigInt(i) + 1n < end))
    .join("")

const filling = ([, length, fill]: ReadonlyArray<Value>, taken: number): string => {
  const all = characters(fill!)
  return all.length === 0
    ? outside("filling up with nothing")
    : Array.from(
        { length: Math.max(0, Number(length) - taken) },
        (_, i) => all[i % all.length]
      ).join("")
}

const digest = (algorithm: string, text: Value): string =>
  createHash(algorithm).update(String(text), "utf8").digest("hex")

const best = (args: ReadonlyArray<Value>, sign: 1 | -1): Value =>
  args.reduce((a, b) => (compareValues(a, b) * sign <= 0 ? a : b))

/** The whole number nearest to one, halves away from zero. */
const nearest = (n: number): number => {
  const whole = Math.trunc(n)
  return Math.abs(n - whole) >= 0.5 ? whole + Math.sign(n) : whole
}

/** Servers' libraries differ in the last bit of a power that is no exact double. */
const powerOf = (x: number, y: number): Value => {
  if ((x === 0 && y < 0) || (x < 0 && !Number.isInteger(y))) return null
  const power = x ** y
  const exact = Number.isInteger(x) && Number.isInteger(y) && y >= 0 && Math.abs(power) < 2 ** 53
  return exact ? power : outside("a power that is no exact double")
}

/** Functions that are NULL where an argument is NULL. */
const strict: Readonly<Partial<Record<FunctionName, Strict>>> = {
  lower: ([text], dialect) => inCase(text!, dialect, (letter) => letter.toLowerCase()),
  upper: ([text], dialect) => inCase(text!, dialect, (letter) => letter.toUpperCase()),
  // Spaces only, as in SQL's TRIM(BOTH FROM text).
  trim: ([text]) => String(text).replace(/^ +| +$/g, ""),
  ltrim: ([text]) => String(text).replace(/^ +/, ""),
  rtrim: ([text]) => String(text).replace(/ +$/, ""),
  // Characters, which are code points.
  length: ([text]) => BigInt(characters(text!).length),
  octetLength: ([text]) => BigInt(new TextEncoder().encode(String(text)).length),
  replace: ([text, from, to]) =>
    from === "" ? text! : String(text).split(String(from)).join(String(to)),
  substring: ([text, from, length]) => {
    const at = whole(from)
    if (length === undefined) return cut(text!, at, null)
    return cut(text!, at, whole(length) < 0n ? at : at + whole(length))
  },
  position: ([needle, text]) => {
    const at = String(text).indexOf(String(needle))
    return at < 0 ? 0n : BigInt(characters(String(text).slice(0, at)).length + 1)
  },
  left: ([text, n]) => cut(text!, 1n, whole(n) + 1n),
  right: ([text, n]) => cut(text!, BigInt(characters(text!).length) - whole(n) + 1n, null),
  lpad: (args) =>
    filling(args, characters(args[0]!).length) + cut(args[0]!, 1n, whole(args[1]) + 1n),
  rpad: (args) =>
    cut(args[0]!, 1n, whole(args[1]) + 1n) + filling(args, characters(args[0]!).length),
  repeat: ([text, n]) => String(text).repeat(Number(n)),
  reverse: ([text]) => [...characters(text!)].reverse().join(""),
  md5: ([text]) => digest("md5", text!),
  sha256: ([text]) => digest("sha256", text!),
  abs: ([n]) => (typeof n === "bigint" ? (n < 0n ? -n : n) : Math.abs(Number(n))),
  sign: ([n]) => BigInt(Math.sign(Number(n))),
  floor: ([n]) => Math.floor(Number(n)),
  ceil: ([n]) => Math.ceil(Number(n)),
  round: ([n, digits]) =>
    digits === 0n
      ? nearest(Number(n))
      : nearest(Number(n) * 10 ** Number(digits)) / 10 ** Number(digits),
  power: ([x, y]) => powerOf(Number(x), Number(y)),
  sqrt: ([n]) => (Number(n) < 0 ? null : Math.sqrt(Number(n))),
  greatest: (args) => best(args, -1),
  least: (args) => best(args, 1),
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
  if (name === "concatWs") {
    const [separator, ...texts] = args
    return separator === null ? null : texts.filter((one) => one !== null).join(String(separator))
  }
  if (isOfArrays(name)) return within(ofArrays(name, args), type)
  if (args.includes(null)) return null
  if (name.startsWith("json")) return within(ofJson(name, args, type), type)
  const meaning = strict[name]
  return within(meaning === undefined ? temporal(name, args, type) : meaning(args, dialect), type)
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
    case "Array":
      return isList(value)
        ? value.map((one) => castTo(one, elementOf(type)))
        : outside("a cast to an array of what is none")
    default:
      return outside(`a cast to ${type.sql._tag}`)
  }
}

const blank = "[ \\t\\n\\v\\f\\r]*"
const ofDigits = new RegExp(`^${blank}([+-]?)([0-9]+)${blank}$`)
const ofNumber = new RegExp(
  `^${blank}([+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?)${blank}$`
)

/** TRY_CAST of a text: NULL where it is no number, or none within the type. */
export const castOrNull = (value: Value, type: AnyType): Value => {
  if (value === null) return null
  if (typeof value !== "string") return outside("a cast to be tried of what is no text")
  if (type.sql._tag === "Double") {
    const found = Number(ofNumber.exec(value)?.[1])
    const isLost = found === 0 && /[1-9].*?(e|$)/i.test(value.split(/e/i)[0]!)
    return Number.isFinite(found) && !isLost ? found : null
  }
  const digits = ofDigits.exec(value)
  if (digits === null) return null
  const found = BigInt(digits[2]!) * (digits[1] === "-" ? -1n : 1n)
  return BigInt.asIntN(widths[type.sql._tag]!, found) === found ? found : null
}

const widths: Readonly<Record<string, number>> = { Smallint: 16, Integer: 32, Bigint: 64 }
