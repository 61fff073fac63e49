import type { Codec, RowCodec } from "../../Codec.ts"
import { type DialectName, dialectNames } from "../../Dialect.ts"
import type { Exact, Family, SqlType, Wrap } from "../../SqlType.ts"
import { refuse } from "../../StatementError.ts"
import type { AnyType, Type } from "../../Type.ts"
import { makeCodec, refused } from "../make.ts"

type Names = { readonly [D in DialectName]?: string }

/** What is known of a type by its exact name. */
export interface ExactOptions<A> {
  readonly name: string
  /** What servers without it are said to lack. */
  readonly capability: string
  readonly column: Names
  readonly codec: Codec<A>
  /** What it is like to operators and functions; nothing they know unless said. */
  readonly family?: Family
  readonly cast?: Names
  readonly since?: Exact["since"]
  readonly characters?: Exact["characters"]
  readonly wrap?: Wrap
}

const made = new WeakMap<Exact, AnyType>()

/** A type under the exact name some dialects have for it. */
export const exactType = <A>(options: ExactOptions<A>): Type<A> => {
  const { capability, cast, characters, codec, column, family, name, since, wrap } = options
  const names = Object.fromEntries(dialectNames.map((one) => [one, column[one] ?? null]))
  const exact: Exact = Object.freeze({
    name,
    capability,
    column: Object.freeze(names) as Exact["column"],
    ...(cast === undefined ? {} : { cast }),
    ...(since === undefined ? {} : { since }),
    ...(characters === undefined ? {} : { characters })
  })
  const print = Object.fromEntries(dialectNames.map((one) => [one, column[one] ?? name]))
  const own: Family = { _tag: "Custom", print: print as Readonly<Record<DialectName, string>> }
  const sql: SqlType = Object.freeze({
    ...(family ?? own),
    exact,
    ...(wrap === undefined ? {} : { wrap })
  })
  const type: Type<A> = Object.freeze({ key: `exact ${name}`, sql, codec })
  made.set(exact, type)
  return type
}

/** The type an exact name was made for. */
export const typeOfExact = (exact: Exact): AnyType | null => made.get(exact) ?? null

/** One form for every dialect and for JSON. */
export const oneForm = <A>(form: RowCodec<A>): Codec<A> =>
  makeCodec({ sqlite: form, postgres: form, mysql: form, json: form })

/** Values that are texts of one form: `read` gives the server's own form of one, or null. */
export const textForm = (expected: string, read: (text: string) => string | null): Codec<string> =>
  oneForm<string>({
    decode: (raw) => (typeof raw === "string" ? raw : refused(expected)),
    encode: (value) =>
      typeof value === "string" ? (read(value) ?? refused(expected)) : refused(expected)
  })

export const checkSize = (asked: string, size: number, low: number, high: number): number =>
  Number.isInteger(size) && size >= low && size <= high
    ? size
    : refuse(`${asked} must be a whole number from ${low} to ${high}`)

/** Fewer values than a codec takes, and what is read as another one than the server gives. */
export const narrowed = <A>(
  codec: Codec<A>,
  {
    expected,
    fits,
    read
  }: {
    readonly expected: string
    readonly fits: (value: A) => boolean
    readonly read?: (value: A) => A
  }
): Codec<A> => {
  const form = ({ decode, encode, identity }: RowCodec<A>): RowCodec<A> => ({
    decode: read === undefined ? decode : (raw) => read(decode(raw)),
    encode: (value) => {
      const sent = encode(value)
      return fits(value) ? sent : refused(expected)
    },
    ...(identity === undefined || read !== undefined ? {} : { identity })
  })
  const { json, row } = codec
  const { mariadb, mysql, postgres, sqlite } = row
  return makeCodec({
    sqlite: form(sqlite),
    postgres: form(postgres),
    mysql: form(mysql),
    mariadb: form(mariadb),
    json: form(json)
  })
}
