import * as Schema from "effect/Schema"
import type { Codec, RowCodec } from "../Codec.ts"
import { asksExactly, exactly, isHeld, printable, readingDigits, readsDigits } from "./exactJson.ts"
import { checkJson, parseJson, printJson } from "./jsonText.ts"
import { frozen } from "../frozen.ts"
import type { AnyType, Type } from "../Type.ts"
import { makeCodec, makeType, refused } from "./make.ts"
import { breachIn } from "./schemaRule.ts"

/** A schema that needs no services: the one place where types meet Effect's schemas. */
export type JsonSchema<A> = Schema.Codec<A, unknown>

/** The schemas codecs of documents were made of. */
const schemas = new WeakMap<object, JsonSchema<unknown>>()

/** MySQL keeps whole numbers of 64 bits and doubles: another number would be rounded there. */
const held = (document: unknown): unknown =>
  isHeld(document) ? document : refused("numbers MySQL keeps in JSON: of 64 bits, or doubles")

const expected = "JSON as its schema describes it"

/** What is wrong, and where: the schema's own message quotes the value. */
const misfit = (schema: JsonSchema<unknown>, error: unknown): never => {
  const breach = breachIn(error)
  if (breach === null) return refused(expected)
  const where = placeIn(schema.ast, breach.path)
  return refused(`${expected}: ${breach.expected}${where === "" ? "" : ` at ${where}`}`)
}

/** As far as the schema names what is on the way: a key it does not name is a value. */
const placeIn = (ast: AST, path: ReadonlyArray<PropertyKey>): string => {
  let text = ""
  let parts: ReadonlyArray<AST> = [ast]
  for (const leg of path) {
    const isNamed = typeof leg === "number" || parts.some((one) => names(one, leg))
    if (!isNamed || typeof leg === "symbol") break
    text += typeof leg === "number" ? `[${leg}]` : `${text === "" ? "" : "."}${leg}`
    parts = parts.flatMap((one) => partsAt(one, leg))
  }
  return text
}

const names = (ast: AST, key: PropertyKey): boolean => {
  if (ast._tag === "Suspend") return names(ast.thunk(), key)
  if (ast._tag === "Union") return ast.types.some((one) => names(one, key))
  return ast._tag === "Objects" && ast.propertySignatures.some(({ name }) => name === key)
}

/**
 * Values of a schema, stored as JSON text.
 *
 * **Shape** rows carry text; JSON carries the value itself, so nested results and `toJSON` show it
 * as structure. Numbers a schema has as bigint or BigDecimal keep every digit, both ways.
 */
export const jsonCodec = <A>(schema: JsonSchema<A>): Codec<A> => {
  const fromJson = Schema.decodeUnknownSync(schema)
  const toJson = Schema.encodeUnknownSync(schema)
  const stored = Schema.toEncoded(schema).ast
  const exact = asksExactly(stored) ? exactly(stored) : null
  const decodeValue = (value: unknown): A => {
    try {
      return frozen(fromJson(exact === null ? value : exact(value)))
    } catch (error) {
      return misfit(schema, error)
    }
  }
  const encodeValue = (value: unknown, nul: boolean): unknown => {
    let encoded: unknown
    try {
      encoded = toJson(value)
    } catch (error) {
      return misfit(schema, error)
    }
    return checkJson(exact === null ? encoded : printable(encoded), nul)
  }
  const decode = (raw: unknown): A =>
    typeof raw === "string" ? decodeValue(parseJson(raw, exact !== null)) : refused("JSON text")
  const text: RowCodec<A> = { decode, encode: (value) => printJson(encodeValue(value, true)) }
  const codec = makeCodec<A>({
    sqlite: text,
    postgres: { decode, encode: (value) => printJson(encodeValue(value, false)) },
    mysql:
      exact === null
        ? text
        : { decode, encode: (value) => printJson(held(encodeValue(value, true))) },
    mariadb: text,
    json: { decode: decodeValue, encode: (value) => encodeValue(value, true) }
  })
  schemas.set(codec, schema)
  return exact === null ? codec : readingDigits(codec)
}

const boxes = new WeakMap<object, AnyType>()

/** A type of documents whose values stand in lists of one, so that JSON's null is not NULL. */
export const jsonBox = (type: AnyType): AnyType => {
  let box = boxes.get(type.codec)
  if (box !== undefined) return box
  const { json, row } = type.codec
  const form = ({ decode, encode }: RowCodec<unknown>): RowCodec<readonly [unknown]> => ({
    decode: (raw) => [decode(raw)],
    encode: ([value]) => encode(value)
  })
  const codec = makeCodec({
    sqlite: form(row.sqlite),
    postgres: form(row.postgres),
    mysql: form(row.mysql),
    json: form(json)
  })
  if (readsDigits(type.codec)) readingDigits(codec)
  boxes.set(type.codec, (box = makeType(`box(${type.key})`, { _tag: "Json" }, codec)))
  return box
}

type AST = JsonSchema<unknown>["ast"]

/** Where a schema changes what is stored, its parts are not those of the document. */
const isPlain = (ast: AST): boolean => ast.encoding === undefined

/** What a schema says stands under a key or at a place; none where it says nothing of it. */
const partsAt = (ast: AST, leg: string | number): ReadonlyArray<AST> => {
  switch (ast._tag) {
    case "Unknown":
    case "Any":
      return [ast]
    case "Suspend":
      return isPlain(ast) ? partsAt(ast.thunk(), leg) : []
    case "Union":
      return isPlain(ast) ? ast.types.flatMap((one) => partsAt(one, leg)) : []
    case "Arrays":
      if (!isPlain(ast) || typeof leg !== "number") return []
      return leg < ast.elements.length ? [ast.elements[leg]!] : ast.rest.slice(0, 1)
    case "Objects": {
      if (!isPlain(ast) || typeof leg !== "string") return []
      const named = ast.propertySignatures.find(({ name }) => name === leg)
      return named === undefined ? ast.indexSignatures.map(({ type }) => type) : [named.type]
    }
    default:
      return []
  }
}

const known = new WeakMap<object, Map<string, AnyType>>()

const made = (schema: JsonSchema<unknown>, key: string): Type<unknown> =>
  makeType(key, { _tag: "Json" }, jsonCodec(schema))

/** Any document. */
export const anyJson = made(Schema.Unknown, "json:any")

/** A list of any documents. */
export const anyJsonList = made(Schema.Array(Schema.Unknown), "json:list")

/**
 * The type of what stands in documents of a type under a key or at a place; null where its schema
 * does not say.
 */
export const jsonPart = (type: AnyType, leg: string | number): AnyType | null => {
  const schema = schemas.get(type.codec)
  if (schema === undefined) return null
  let types = known.get(schema)
  if (types === undefined) known.set(schema, (types = new Map()))
  const label = typeof leg === "number" ? `[${leg}]` : JSON.stringify(leg)
  const before = types.get(label)
  if (before !== undefined) return before
  const parts = partsAt(schema.ast, leg)
  if (parts.length === 0) return null
  const choices = parts.map((ast) => Schema.make<JsonSchema<unknown>>(ast))
  const found = made(
    choices.length === 1 ? choices[0]! : Schema.Union(choices),
    `${type.key}${label}`
  )
  types.set(label, found)
  return found
}
