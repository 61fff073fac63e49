import type { Codec, RowCodec } from "../Codec.ts"
import type { AnyType } from "../Type.ts"
import { makeCodec, makeType, refused } from "./make.ts"

/**
 * A type whose stored values are some of its own: what else is stored is refused where it is read.
 *
 * **Shape** the refusal quotes what was found: it names a class of rows, and is nobody's value.
 */
export const tagged = (type: AnyType, table: string, tags: ReadonlyArray<unknown>): AnyType => {
  const known = new Set(tags)
  const names = tags.map((tag) => JSON.stringify(tag)).join(", ")
  const strange = (found: unknown): never =>
    refused(`one of ${names} in "${table}", not ${JSON.stringify(String(found))}`)
  const among = (form: RowCodec<unknown>): RowCodec<unknown> => ({
    encode: form.encode,
    decode: (raw) => {
      const tag = decoded(form, raw)
      return known.has(tag) ? tag : strange(raw)
    }
  })
  const { json, row } = type.codec as Codec<unknown>
  const codec = makeCodec({
    sqlite: among(row.sqlite),
    postgres: among(row.postgres),
    mysql: among(row.mysql),
    mariadb: among(row.mariadb),
    json: among(json)
  })
  return makeType(`${type.key}:${JSON.stringify([table, ...tags])}`, type.sql, codec)
}

/** What the type itself cannot read is none of its values. */
const decoded = (form: RowCodec<unknown>, raw: unknown): unknown => {
  try {
    return form.decode(raw)
  } catch {
    return undefined
  }
}
