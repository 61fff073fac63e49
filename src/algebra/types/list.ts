import type { Codec, RowCodec } from "../Codec.ts"
import type { AnyType } from "../Type.ts"
import { readingDigits, readsDigits } from "./exactJson.ts"
import { parseJson } from "./jsonText.ts"
import { makeCodec, refused } from "./make.ts"

const expected = "a JSON array"

/** A JSON array made by the server of values of one type, which are read by their JSON codec. */
export const listCodec = ({ codec }: AnyType): Codec<ReadonlyArray<unknown>> => {
  const exact = readsDigits(codec)
  const decode = (raw: unknown): ReadonlyArray<unknown> => {
    const list = typeof raw === "string" ? parseJson(raw, exact) : raw
    return Array.isArray(list)
      ? list.map((one: unknown) => (one === null ? null : codec.json.decode(one)))
      : refused(expected)
  }
  const form: RowCodec<ReadonlyArray<unknown>> = {
    decode,
    encode: () => refused("nothing: a list is made by the server alone")
  }
  const list = makeCodec({ sqlite: form, postgres: form, mysql: form, json: form })
  return exact ? readingDigits(list) : list
}
