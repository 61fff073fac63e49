import * as BigDecimal from "effect/BigDecimal"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import { textOfDecimal } from "./decimalText.ts"

type AST = Schema.Top["ast"]

/**
 * A JSON number by its digits: what the host prints as they are. TypeScript's library does not know
 * of it yet.
 */
export interface RawNumber {
  readonly rawJSON: string
}

const host = JSON as unknown as {
  readonly rawJSON: (text: string) => RawNumber
  readonly isRawJSON: (value: unknown) => value is RawNumber
}

export const { isRawJSON, rawJSON } = host

/** Codecs of which a part asks for every digit of a number. */
const exactCodecs = new WeakSet<object>()

/** The same codec, whose JSON is read by digits, in lists of its values too. */
export const readingDigits = <C extends object>(codec: C): C => {
  exactCodecs.add(codec)
  return codec
}

export const readsDigits = (codec: object): boolean => exactCodecs.has(codec)

/** What a schema asks for exactly, of a number: a whole one, a decimal, or neither. */
const asked = (ast: AST): "whole" | "decimal" | null => {
  if (ast._tag === "BigInt") return "whole"
  if (ast._tag !== "Declaration") return null
  const told = ast.annotations?.["representation"] as { readonly id?: unknown } | undefined
  return told?.id === "effect/schema/BigDecimal" ? "decimal" : null
}

const kidsOf = (ast: AST): ReadonlyArray<AST> => {
  switch (ast._tag) {
    case "Suspend":
      return [ast.thunk()]
    case "Union":
      return ast.types
    case "Arrays":
      return [...ast.elements, ...ast.rest]
    case "Objects":
      return [...ast.propertySignatures, ...ast.indexSignatures].map(({ type }) => type)
    default:
      return []
  }
}

/** Whether a schema has a bigint or a BigDecimal where the JSON has a number. */
export const asksExactly = (encoded: AST): boolean => {
  const seen = new Set<AST>()
  const waiting = [encoded]
  for (let ast = waiting.pop(); ast !== undefined; ast = waiting.pop()) {
    if (seen.has(ast)) continue
    seen.add(ast)
    if (asked(ast) !== null) return true
    waiting.push(...kidsOf(ast))
  }
  return false
}

/** The schemas a value may be of, without unions and without names. */
const choices = (ast: AST): ReadonlyArray<AST> => {
  if (ast._tag === "Union") return ast.types.flatMap(choices)
  return ast._tag === "Suspend" ? choices(ast.thunk()) : [ast]
}

const under = (ast: AST, leg: string | number): ReadonlyArray<AST> => {
  if (ast._tag === "Arrays" && typeof leg === "number") {
    const element = ast.elements[leg] ?? ast.rest[0]
    return element === undefined ? [] : choices(element)
  }
  if (ast._tag !== "Objects") return []
  const named = ast.propertySignatures.find(({ name }) => name === leg)
  return (named === undefined ? ast.indexSignatures : [named]).flatMap(({ type }) => choices(type))
}

/**
 * A document as a schema asks for its numbers: bigint and BigDecimal where it has them.
 *
 * **Shape** where a schema takes a double too, that is what it gets, if one holds the number.
 */
export const exactly = (encoded: AST): ((value: unknown) => unknown) => {
  const read = (asts: ReadonlyArray<AST>, value: unknown): unknown => {
    if (typeof value === "number" || isRawJSON(value)) return numberOf(asts, value)
    if (typeof value !== "object" || value === null) return value
    if (Array.isArray(value)) {
      return value.map((part: unknown, at) =>
        read(
          asts.flatMap((ast) => under(ast, at)),
          part
        )
      )
    }
    const parts = Object.entries(value).map(([key, part]: [string, unknown]) => [
      key,
      read(
        asts.flatMap((ast) => under(ast, key)),
        part
      )
    ])
    return Object.fromEntries(parts)
  }
  const whole = choices(encoded)
  return (value) => read(whole, value)
}

const takesDoubles: ReadonlySet<AST["_tag"]> = new Set(["Number", "Unknown", "Any", "Literal"])

const numberOf = (asts: ReadonlyArray<AST>, value: number | RawNumber): unknown => {
  if (typeof value === "number" && asts.some(({ _tag }) => takesDoubles.has(_tag))) return value
  const decimal = decimalOf(typeof value === "number" ? String(value) : value.rawJSON)
  const wants = new Set(asts.map(asked))
  if (wants.has("whole") && decimal.scale <= 0 && decimal.scale >= -mostZeros)
    return decimal.value * 10n ** BigInt(-decimal.scale)
  return wants.has("decimal") ? decimal : value
}

/** Ten characters can ask for a whole number of any length. */
const mostZeros = 10_000

const decimalOf = (digits: string): BigDecimal.BigDecimal =>
  BigDecimal.normalize(Option.getOrThrow(BigDecimal.fromString(digits)))

/** The double a JSON number is; its digits where no double is that number. */
export const doubleOrDigits = (value: number, source: string): number | RawNumber => {
  if (String(value) === source) return value
  if (!Number.isFinite(value)) return rawJSON(source)
  const [read, written] = [decimalOf(String(value)), decimalOf(source)]
  return read.value === written.value && read.scale === written.scale ? value : rawJSON(source)
}

/** All its digits, save where most of them are zeros. */
const digitsOf = (decimal: BigDecimal.BigDecimal): string => {
  const { scale, value } = BigDecimal.normalize(decimal)
  if (scale > mostDigits || scale < -mostDigits) return BigDecimal.format(decimal)
  return textOfDecimal(scale < 0 ? value * 10n ** BigInt(-scale) : value, Math.max(scale, 0))
}

const mostDigits = 400

/** The same document with its exact numbers as JSON prints them. */
export const printable = (value: unknown): unknown => {
  if (typeof value === "bigint") return rawJSON(String(value))
  if (BigDecimal.isBigDecimal(value)) return rawJSON(digitsOf(value))
  if (Array.isArray(value)) return value.map(printable)
  if (typeof value !== "object" || value === null || isRawJSON(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, printable(part)]))
}

/** Whether every number by its digits is a double or a whole number of 64 bits. */
export const isHeld = (value: unknown): boolean => {
  if (isRawJSON(value)) {
    const digits = value.rawJSON
    if (!isRawJSON(doubleOrDigits(Number(digits), digits))) return true
    return /^-?\d{1,20}$/.test(digits) && isOf64Bits(BigInt(digits))
  }
  return typeof value !== "object" || value === null || Object.values(value).every(isHeld)
}

const isOf64Bits = (value: bigint): boolean =>
  BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value
