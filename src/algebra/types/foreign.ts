import type { Codec, RowCodec } from "../Codec.ts"
import { ValueRefused } from "../Codec.ts"
import { frozen } from "../frozen.ts"
import { readingDigits, readsDigits } from "./exactJson.ts"
import { checkJson } from "./jsonText.ts"
import { makeCodec, refused } from "./make.ts"
import { isWellFormed } from "./text.ts"

const bindable = "a codec that gives well-formed text, a finite number, a 64-bit bigint or bytes"

/** Values every driver binds as they are; objects might bring a `toPostgres` of their own. */
const bound = (value: unknown): unknown => {
  switch (typeof value) {
    case "string":
      return isWellFormed(value) ? value : refused(bindable)
    case "number":
      return Number.isFinite(value) ? value : refused(bindable)
    case "bigint":
      return BigInt.asIntN(64, value) === value ? value : refused(bindable)
    default:
      return value instanceof Uint8Array
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : refused(bindable)
  }
}

/** Runs a user's function; whatever it throws becomes a refusal that quotes no value. */
const guarded =
  <A, B>(convert: (value: A) => B, expected: string): ((value: A) => B) =>
  (value) => {
    try {
      return convert(value)
    } catch (error) {
      // A refusal has said what it expected, without the value; nothing else is trusted to.
      return refused(error instanceof ValueRefused ? error.expected : expected)
    }
  }

/** A user's own codec, its results checked before a driver sees them. */
export const foreignCodec = <A>(codec: Codec<A>, name: string): Codec<A> => {
  const row = (form: RowCodec<A>): RowCodec<A> => {
    const encode = guarded(form.encode, name)
    return { ...form, decode: guarded(form.decode, name), encode: (value) => bound(encode(value)) }
  }
  const { json } = codec
  const encodeJson = guarded(json.encode, name)
  const { sqlite, postgres, mysql, mariadb } = codec.row
  return makeCodec({
    sqlite: row(sqlite),
    postgres: row(postgres),
    mysql: row(mysql),
    mariadb: row(mariadb),
    json: {
      decode: guarded(json.decode, name),
      encode: (value) => checkJson(encodeJson(value), true)
    }
  })
}

/** Another representation of a codec's values, one conversion away. */
export const mappedCodec = <A, B>(
  codec: Codec<A>,
  name: string,
  from: (stored: A) => B,
  to: (value: B) => A
): Codec<B> => {
  const read = guarded(from, name)
  const write = guarded(to, name)
  const form = ({ decode, encode }: RowCodec<A>): RowCodec<B> => ({
    decode: (raw) => frozen(read(decode(raw))),
    encode: (value) => encode(write(value))
  })
  const { sqlite, postgres, mysql, mariadb } = codec.row
  const mapped = makeCodec({
    sqlite: form(sqlite),
    postgres: form(postgres),
    mysql: form(mysql),
    mariadb: form(mariadb),
    json: form(codec.json)
  })
  return readsDigits(codec) ? readingDigits(mapped) : mapped
}
