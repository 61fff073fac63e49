import type { AnyType } from "../../src/algebra/Type.ts"
import { outside, type Value } from "./Value.ts"

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

/** A function of a document that is not NULL. */
export const ofJson = (name: string, text: Value, type: AnyType): Value => {
  const json = read(text)
  if (name === "jsonAs") return jsonAs(json, type)
  if (name === "jsonType") return kindOf(json)
  return Array.isArray(json) ? BigInt(json.length) : null
}
