import { refuse } from "../algebra/StatementError.ts"
import { ConfigInvalid } from "./DatabaseError.ts"

/** What one option may be. */
export type OptionKind =
  | {
      readonly _tag: "number"
      readonly unit: Unit
      /** Null: none, or as the driver says. */
      readonly byDefault: number | null
      readonly minimum: number
      readonly maximum: number
    }
  | { readonly _tag: "choice"; readonly of: ReadonlyArray<string>; readonly byDefault: string }
  | { readonly _tag: "flag"; readonly byDefault: boolean }
  | { readonly _tag: "text"; readonly byDefault: string | null }
  | { readonly _tag: "secret" }
  | { readonly _tag: "function" }
  /** One function or several; of `{ once }` the first call alone. */
  | { readonly _tag: "functions" }
  | { readonly _tag: "nested"; readonly options: OptionTable }
  /** An object that is passed on, or checked where it is used. */
  | { readonly _tag: "object" }
  /** An object of texts. */
  | { readonly _tag: "texts" }
  /** True or false, or an object that says more. */
  | { readonly _tag: "flagOrObject" }

/** What a number counts. Only parts need not be whole. */
export type Unit =
  | "port"
  | "connections"
  | "fibers"
  | "statements"
  | "rows"
  | "milliseconds"
  | "part"

/** Every option of one kind of settings by name: what checks, defaults and explains them. */
export type OptionTable = Readonly<Record<string, OptionKind>>

export const number = (
  unit: Unit,
  byDefault: number | null,
  minimum = 0,
  maximum = Infinity
): OptionKind => ({ _tag: "number", unit, byDefault, minimum, maximum })

export const choice = (byDefault: string, ...others: ReadonlyArray<string>): OptionKind => ({
  _tag: "choice",
  of: [byDefault, ...others],
  byDefault
})

export const flag = (byDefault: boolean): OptionKind => ({ _tag: "flag", byDefault })
export const text = (byDefault: string | null): OptionKind => ({ _tag: "text", byDefault })
export const nested = (options: OptionTable): OptionKind => ({ _tag: "nested", options })
export const secret: OptionKind = { _tag: "secret" }
export const callback: OptionKind = { _tag: "function" }
export const callbacks: OptionKind = { _tag: "functions" }
export const object: OptionKind = { _tag: "object" }
export const texts: OptionKind = { _tag: "texts" }
export const flagOrObject: OptionKind = { _tag: "flagOrObject" }

/**
 * The first option that is unknown or not what it may be; null where all is well.
 *
 * **Shape** names the option by its path, `pool.size`; its value is never printed.
 */
export const invalidOption = (
  given: object,
  table: OptionTable,
  path = ""
): ConfigInvalid | null => {
  for (const [name, value] of Object.entries(given)) {
    const at = `${path}${name}`
    const kind = Object.hasOwn(table, name) ? table[name] : undefined
    if (kind === undefined)
      return configInvalid(at, `there is no option ${at}: ${Object.keys(table).join(", ")}`)
    if (value === undefined) continue
    if (kind._tag === "nested" && typeof value === "object" && value !== null) {
      const inner = invalidOption(value, kind.options, `${at}.`)
      if (inner !== null) return inner
      continue
    }
    const expected = expectedOf(kind, value)
    if (expected !== null) return configInvalid(at, `the option ${at} is ${expected}`)
  }
  return null
}

/** Options that are said where a program is written: what is wrong with them is its bug. */
export const checkOptions = (given: object, table: OptionTable): void => {
  const invalid = invalidOption(given, table)
  if (invalid !== null) refuse(invalid.message)
}

/** What the value should be and is not. */
const expectedOf = (kind: OptionKind, value: unknown): string | null => {
  switch (kind._tag) {
    case "number":
      return isNumber(kind, value) ? null : rangeOf(kind)
    case "choice":
      return typeof value === "string" && kind.of.includes(value)
        ? null
        : `one of ${kind.of.join(", ")}`
    case "flag":
      return typeof value === "boolean" ? null : "true or false"
    case "flagOrObject":
      return typeof value === "boolean" || (typeof value === "object" && value !== null)
        ? null
        : "true, false or an object"
    case "text":
      return typeof value === "string" ? null : "a text"
    case "function":
      return typeof value === "function" ? null : "a function"
    case "functions":
      return (Array.isArray(value) ? value : [value]).every(isListed)
        ? null
        : "a function or a list of functions"
    case "texts":
      return typeof value === "object" && value !== null && Object.values(value).every(isText)
        ? null
        : "an object of texts"
    case "secret":
    case "object":
    case "nested":
      return (typeof value === "object" && value !== null) || typeof value === "function"
        ? null
        : "an object"
  }
}

const isText = (value: unknown): boolean => typeof value === "string"

const isListed = (value: unknown): boolean =>
  typeof value === "function" ||
  (typeof value === "object" &&
    value !== null &&
    Object.keys(value).join() === "once" &&
    typeof (value as { readonly once: unknown }).once === "function")

type NumberKind = Extract<OptionKind, { readonly _tag: "number" }>

const isNumber = ({ maximum, minimum, unit }: NumberKind, value: unknown): boolean =>
  typeof value === "number" &&
  value >= minimum &&
  value <= maximum &&
  (unit === "part" || unit === "milliseconds" || value === Infinity || Number.isInteger(value))

const rangeOf = ({ maximum, minimum, unit }: NumberKind): string =>
  maximum === Infinity
    ? `a number of ${unit}, ${minimum} or more`
    : `a number from ${minimum} to ${maximum}`

/** An address or option that means nothing, by name: its value is never printed. */
export const configInvalid = (culprit: string, message: string): ConfigInvalid =>
  new ConfigInvalid({
    message,
    dialect: null,
    operation: "configure",
    retryable: false,
    transaction: "ended",
    culprit
  })
