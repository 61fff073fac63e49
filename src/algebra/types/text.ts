import type { Codec, RowCodec } from "../Codec.ts"
import { makeCodec, refused } from "./make.ts"

/** No half of a surrogate pair stands alone: servers replace such halves silently. */
export const isWellFormed = (value: string): boolean =>
  (value as string & { readonly isWellFormed: () => boolean }).isWellFormed()

const expectedText = "well-formed text"
const withoutNul = " without the character U+0000"

const wellFormed = (value: unknown, expected: string): string =>
  typeof value === "string" && isWellFormed(value) ? value : refused(expected)

/** PostgreSQL stores no U+0000; the other servers keep it. */
const nulFree = (value: string, expected: string): string =>
  value.includes("\0") ? refused(expected + withoutNul) : value

const same = (raw: unknown): string => raw as string

const makeTextCodec = (expected: string, check: (value: unknown) => string): Codec<string> => {
  // SQLite columns hold any storage class, so only there a row's value needs a look.
  const sqlite: RowCodec<string> = {
    decode: (raw) => (typeof raw === "string" ? raw : refused(expected)),
    encode: check
  }
  const postgres: RowCodec<string> = {
    decode: same,
    encode: (value) => nulFree(check(value), expected),
    identity: true
  }
  const mysql: RowCodec<string> = { decode: same, encode: check, identity: true }
  const json: RowCodec<string> = {
    decode: (raw) => (typeof raw === "string" ? raw : refused(expected)),
    encode: check
  }
  return makeCodec({ sqlite, postgres, mysql, json })
}

/** Text of any length, as strings. */
export const textCodec: Codec<string> = makeTextCodec(expectedText, (value) =>
  wellFormed(value, expectedText)
)

/** Text of at most `length` characters, counted as SQL counts them: in code points. */
export const varcharCodec = (length: number): Codec<string> => {
  const expected = `${expectedText} of at most ${length} characters`
  return makeTextCodec(expected, (value) => {
    const text = wellFormed(value, expected)
    return text.length <= length || fits(text, length) ? text : refused(expected)
  })
}

const fits = (text: string, length: number): boolean => {
  if (text.length > 2 * length) return false
  let count = 0
  for (let index = 0; index < text.length; count++) {
    index += text.codePointAt(index)! > 0xffff ? 2 : 1
  }
  return count <= length
}

/** One of a closed list of texts. */
export const enumCodec = <const A extends string>(values: ReadonlyArray<A>): Codec<A> => {
  const members: ReadonlySet<unknown> = new Set(values)
  const expected = `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`
  const decode = (raw: unknown): A => (members.has(raw) ? (raw as A) : refused(expected))
  const form: RowCodec<A> = { decode, encode: decode }
  return makeCodec({ sqlite: form, postgres: form, mysql: form, json: form })
}

/** Names, each stored as the text beside it. */
export const namedCodec = (named: ReadonlyArray<readonly [string, string]>): Codec<string> => {
  const texts = new Map(named)
  const names = new Map(named.map(([name, stored]) => [stored, name]))
  const expected = `one of ${named.map(([name]) => JSON.stringify(name)).join(", ")}`
  const form: RowCodec<string> = {
    decode: (raw) => names.get(raw as string) ?? refused(expected),
    encode: (value) => texts.get(value) ?? refused(expected)
  }
  return makeCodec({ sqlite: form, postgres: form, mysql: form, json: form })
}

const expectedUuid = "a UUID as 32 hexadecimal digits in groups of 8-4-4-4-12"

const canonicalUuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

const uuid = (value: unknown): string => {
  if (typeof value !== "string") return refused(expectedUuid)
  if (canonicalUuid.test(value)) return value
  const lower = value.toLowerCase()
  return canonicalUuid.test(lower) ? lower : refused(expectedUuid)
}

/** UUIDs as canonical lower-case text; upper-case digits are taken and written lower. */
export const uuidCodec: Codec<string> = makeCodec<string>({
  sqlite: { decode: uuid, encode: uuid },
  postgres: { decode: same, encode: uuid, identity: true },
  mysql: { decode: uuid, encode: uuid },
  json: { decode: uuid, encode: uuid }
})
