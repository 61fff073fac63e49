import * as Schema from "effect/Schema"
import type { Codec, RowCodec } from "../Codec.ts"
import { checkJson, parseJson } from "./jsonText.ts"
import { makeCodec, refused } from "./make.ts"

/** A schema that needs no services: the one place where types meet Effect's schemas. */
export type JsonSchema<A> = Schema.Codec<A, unknown>

const expected = "JSON as its schema describes it"

/**
 * Values of a schema, stored as JSON text.
 *
 * **Shape** rows carry text; JSON carries the value itself, so nested results and `toJSON` show it
 * as structure.
 */
export const jsonCodec = <A>(schema: JsonSchema<A>): Codec<A> => {
  const fromJson = Schema.decodeUnknownSync(schema)
  const toJson = Schema.encodeUnknownSync(schema)
  const decodeValue = (value: unknown): A => {
    try {
      return fromJson(value)
    } catch {
      // The schema's own message quotes the value.
      return refused(expected)
    }
  }
  const encodeValue = (value: unknown, nul: boolean): unknown => {
    let encoded: unknown
    try {
      encoded = toJson(value)
    } catch {
      return refused(expected)
    }
    return checkJson(encoded, nul)
  }
  const decode = (raw: unknown): A =>
    typeof raw === "string" ? decodeValue(parseJson(raw)) : refused("JSON text")
  const text: RowCodec<A> = { decode, encode: (value) => JSON.stringify(encodeValue(value, true)) }
  return makeCodec<A>({
    sqlite: text,
    postgres: { decode, encode: (value) => JSON.stringify(encodeValue(value, false)) },
    mysql: text,
    json: { decode: decodeValue, encode: (value) => encodeValue(value, true) }
  })
}
