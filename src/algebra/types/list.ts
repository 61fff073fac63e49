import type { Codec, RowCodec } from "../Codec.ts"
import { frozen } from "../frozen.ts"
import type { AnyType } from "../Type.ts"
import { readingDigits, readsDigits } from "./exactJson.ts"
import { parseJson } from "./jsonText.ts"
import { makeCodec, refused } from "./make.ts"

/** A JSON array made by the server of values of one type, which are read by their JSON codec. */
export const listCodec = (type: AnyType): Codec<ReadonlyArray<unknown>> =>
  made<ReadonlyArray<unknown>>(type, "a list", (json, each) =>
    Array.isArray(json) ? json.map(each) : refused("a JSON array")
  )

/** A JSON object made by the server, its members of one type; every name is a member's own. */
export const recordCodec = (type: AnyType): Codec<Readonly<Record<string, unknown>>> =>
  made(type, "an object", (json, each) =>
    typeof json === "object" && json !== null && !Array.isArray(json)
      ? Object.fromEntries(Object.entries(json).map(([key, one]) => [key, each(one)]))
      : refused("a JSON object")
  )

const made = <A>(
  { codec, sql }: AnyType,
  what: string,
  read: (json: unknown, each: (one: unknown) => unknown) => A
): Codec<A> => {
  const exact = readsDigits(codec)
  // PostgreSQL prints some doubles by a digit less than they are printed by here.
  const how = sql._tag === "Double" ? "nearest" : exact
  const each = (one: unknown): unknown => (one === null ? null : codec.json.decode(one))
  const form: RowCodec<A> = {
    decode: (raw) => frozen(read(typeof raw === "string" ? parseJson(raw, how) : raw, each)),
    encode: () => refused(`nothing: ${what} is made by the server alone`)
  }
  const whole = makeCodec({ sqlite: form, postgres: form, mysql: form, json: form })
  return exact ? readingDigits(whole) : whole
}

/**
 * A JSON array of values side by side, each read by its own type's JSON codec.
 *
 * **Shape** a server may have had to say more before them.
 */
export const cellsCodec = (types: ReadonlyArray<AnyType>): Codec<ReadonlyArray<unknown>> => {
  const json = types.map(({ codec }) => codec.json)
  const form: RowCodec<ReadonlyArray<unknown>> = {
    decode: (raw) => {
      if (!Array.isArray(raw) || raw.length < json.length) return refused("a JSON array")
      const first = raw.length - json.length
      return json.map((one, at) => {
        const cell: unknown = raw[first + at]
        return cell === null ? null : one.decode(cell)
      })
    },
    encode: () => refused("nothing: values side by side are made by the server alone")
  }
  const codec = makeCodec({ sqlite: form, postgres: form, mysql: form, json: form })
  return types.some((type) => readsDigits(type.codec)) ? readingDigits(codec) : codec
}
