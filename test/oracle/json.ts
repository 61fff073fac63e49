import type { AnyType } from "../../src/algebra/Type.ts"
import { isList, outside, type Value } from "./Value.ts"

/* A document is its JSON text. */

type Json =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json }

const read = (text: Value): Json => JSON.parse(String(text)) as Json

const below = (json: Json | undefined, leg: string | number): Json | undefined => {
  if (typeof json !== "object" || json === null) return undefined
  if (Array.isArray(json))
    return typeof leg === "number" ? (json as ReadonlyArray<Json>)[leg] : undefined
  return typeof leg === "string" && Object.hasOwn(json, leg)
    ? (json as { readonly [key: string]: Json })[leg]
    : undefined
}

/** What stands at the end of a path: NULL for nothing, the text `null` for JSON's null. */
export const jsonAt = (text: Value, path: ReadonlyArray<string | number>): Value => {
  if (text === null) return null
  const found = path.reduce<Json | undefined>(below, read(text))
  return found === undefined ? null : JSON.stringify(found)
}

/** A value as one of JSON: NULL is JSON's null. */
export const asJson = (value: Value, type: AnyType): Json =>
  value === null
    ? null
    : type.sql._tag === "Json"
      ? read(value)
      : typeof value === "bigint"
        ? Number(value)
        : (value as Json)

/** A value among others made of a column: numbers whose digits JSON's would lose are texts. */
export const asElement = (value: Value, type: AnyType): Json =>
  typeof value === "bigint" && type.sql._tag === "Bigint" ? String(value) : asJson(value, type)

type Change = {
  readonly edit: "set" | "replace" | "append" | "remove"
  readonly path: ReadonlyArray<string | number>
  readonly keys: ReadonlyArray<string>
}

const isRecord = (json: Json | undefined): json is { readonly [key: string]: Json } =>
  typeof json === "object" && json !== null && !Array.isArray(json)

const isArray = (json: Json | undefined): json is ReadonlyArray<Json> => Array.isArray(json)

/** The document with what `change` makes of what is at a path; undefined takes it away. */
const changed = (
  json: Json,
  path: ReadonlyArray<string | number>,
  change: (found: Json) => Json | undefined
): Json | undefined => {
  const [leg, ...rest] = path
  if (leg === undefined) return change(json)
  const found = below(json, leg)
  if (found === undefined) return json
  const made = changed(found, rest, change)
  if (isArray(json))
    return json.flatMap((one, i) => (i !== leg ? [one] : made === undefined ? [] : [made]))
  if (!isRecord(json)) return json
  return Object.fromEntries(
    Object.entries(json).flatMap(([key, one]) =>
      key !== leg ? [[key, one]] : made === undefined ? [] : [[key, made]]
    )
  )
}

/** A document changed in one place; as it was where there is no such place. */
export const jsonEdit = (
  text: Value,
  { edit, keys, path }: Change,
  values: ReadonlyArray<Json>
): Value => {
  if (text === null) return null
  const made = changed(read(text), path, (found) => {
    switch (edit) {
      case "set":
        return isRecord(found)
          ? { ...found, ...Object.fromEntries(keys.map((key, i) => [key, values[i]!])) }
          : found
      case "append":
        return isArray(found) ? [...found, values[0]!] : found
      case "replace":
        return values[0]!
      case "remove":
        return undefined
    }
  })
  return JSON.stringify(made)
}

const cut = (json: number, type: AnyType): Value =>
  type.sql._tag === "Double" ? json : BigInt(Math.trunc(json))

/** A document's one value as one of SQL; NULL for one of another kind. */
const jsonAs = (json: Json, type: AnyType): Value => {
  switch (type.sql._tag) {
    case "Text":
    case "Varchar":
      return typeof json === "string" ? json : null
    case "Boolean":
      return typeof json === "boolean" ? json : null
    case "Smallint":
    case "Integer":
    case "Bigint":
    case "Double":
      return typeof json === "number" ? cut(json, type) : null
    default:
      return outside(`a document as ${type.sql._tag}`)
  }
}

const kindOf = (json: Json): string =>
  json === null ? "null" : Array.isArray(json) ? "array" : typeof json

/** Whether one document has all of another, whatever else it has; lists in any order. */
const contains = (json: Json, that: Json): boolean => {
  if (isArray(that))
    return isArray(json) && that.every((one) => json.some((other) => contains(other, one)))
  if (isRecord(that))
    return (
      isRecord(json) &&
      Object.entries(that).every(([key, one]) => {
        const found = below(json, key)
        return found !== undefined && contains(found, one)
      })
    )
  return json === that
}

/** At the top a list has its elements. */
const containsAtTop = (json: Json, that: Json): boolean =>
  isArray(json) && !isArray(that) && !isRecord(that)
    ? json.some((one) => one === that)
    : contains(json, that)

/** A function of a document that is not NULL. */
export const ofJson = (name: string, args: ReadonlyArray<Value>, type: AnyType): Value => {
  const [text, that] = args as readonly [Value, Value]
  const json = read(text)
  if (name === "jsonContains") return containsAtTop(json, read(that))
  if (name === "jsonContainedBy") return containsAtTop(read(that), json)
  if (name === "jsonHasKeys" || name === "jsonHasAnyKey") {
    const keys = isList(that) ? that : outside("keys that are no list")
    const has = (key: Value): boolean => below(json, String(key)) !== undefined
    return isRecord(json) && (name === "jsonHasKeys" ? keys.every(has) : keys.some(has))
  }
  if (name.startsWith("jsonPath")) return outside("a path of SQL's own language")
  if (name === "jsonAs") return jsonAs(json, type)
  if (name === "jsonType") return kindOf(json)
  return Array.isArray(json) ? BigInt(json.length) : null
}
