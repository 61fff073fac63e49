import { frozen } from "../../frozen.ts"
import { inQuotes } from "../../inQuotes.ts"
import { refuse } from "../../StatementError.ts"
import type { Type } from "../../Type.ts"
import { bytesCodec } from "../bytes.ts"
import type { Codec } from "../../Codec.ts"
import { refused } from "../make.ts"
import { enumCodec, isWellFormed, textCodec, varcharCodec } from "../text.ts"
import { checkSize, exactType, narrowed, oneForm } from "./make.ts"

/**
 * Sizes of texts and bytes: up to 255, 65,535 and 16,777,215 bytes.
 *
 * @category models
 */
export type ByteSize = "tiny" | "short" | "medium"

const limits: Readonly<Record<ByteSize, number>> = {
  tiny: 255,
  short: 65_535,
  medium: 16_777_215
}

const wordOf = (size: ByteSize, word: string): string => `${size === "short" ? "" : size}${word}`

const bytesIn = (text: string): number => Buffer.byteLength(text, "utf8")

const sizedTextOf = (size: ByteSize): Type<string> => {
  const word = wordOf(size, "text")
  const limit = limits[size]
  return exactType({
    name: word,
    capability: "sizedTexts",
    family: { _tag: "Text" },
    column: { mysql: word, mariadb: word },
    cast: { mysql: "CHAR", mariadb: "CHAR" },
    codec: narrowed(textCodec, {
      expected: `well-formed text of at most ${limit} bytes`,
      fits: (text) => bytesIn(text) <= limit
    })
  })
}

/** Bytes by the name MySQL and MariaDB have for them, of which so many fit. */
export const namedBytes = (
  word: string,
  expected: string,
  fits: (bytes: Uint8Array) => boolean
): Type<Uint8Array> =>
  exactType({
    name: word,
    capability: "sizedTexts",
    family: { _tag: "Bytes" },
    column: { mysql: word, mariadb: word },
    cast: { mysql: "BINARY", mariadb: "BINARY" },
    codec: narrowed(bytesCodec, { expected, fits })
  })

const sizedBytesOf = (size: ByteSize): Type<Uint8Array> => {
  const limit = limits[size]
  const fits = (bytes: Uint8Array): boolean => bytes.byteLength <= limit
  return namedBytes(wordOf(size, "blob"), `at most ${limit} bytes`, fits)
}

const sizes = Object.keys(limits) as ReadonlyArray<ByteSize>
const texts = new Map(sizes.map((size) => [size, sizedTextOf(size)]))
const blobs = new Map(sizes.map((size) => [size, sizedBytesOf(size)]))

/**
 * Text of at most so many bytes of UTF-8: 255, 65,535 or 16,777,215.
 *
 * **SQL** mysql, mariadb: tinytext, text, mediumtext; `Unsupported` elsewhere: `Type.text` is
 * the longest everywhere.
 * **Errors** `EncodeFailed` for one byte too many.
 * **Source** MySQL manual 13.3.4; SQLAlchemy 2.0 `mysql.TINYTEXT` and its like.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.sizedText("tiny").key // => "exact tinytext"
 * ```
 * @category exact types
 */
export const sizedText = (size: ByteSize): Type<string> => texts.get(size)!

/**
 * Bytes, at most so many: 255, 65,535 or 16,777,215.
 *
 * **SQL** mysql, mariadb: tinyblob, blob, mediumblob; `Unsupported` elsewhere: `Type.bytes` is
 * the longest everywhere.
 * **Errors** `EncodeFailed` for one byte too many.
 * **Source** MySQL manual 13.3.4; SQLAlchemy 2.0 `mysql.TINYBLOB` and its like.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.sizedBytes("medium").key // => "exact mediumblob"
 * ```
 * @category exact types
 */
export const sizedBytes = (size: ByteSize): Type<Uint8Array> => blobs.get(size)!

/**
 * Text in a character set and under a collation of its own.
 *
 * **Shape** of at most `length` characters. What the set does not hold the server refuses; of
 * `utf8mb3` what is beyond the basic plane is refused here.
 * **SQL** mysql, mariadb: varchar(n) CHARACTER SET … COLLATE …; `Unsupported` elsewhere.
 * **Errors** `StatementError` for a name that is none; `EncodeFailed` for longer text.
 * **Source** MySQL manual 12.3.5; SQLAlchemy 2.0 `mysql.VARCHAR(charset=…, collation=…)`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * const code = Type.characters(5, { set: "latin1", collation: "latin1_bin" })
 * code.key // => "exact varchar(5) latin1 latin1_bin"
 * ```
 * @category exact types
 */
export const characters = (
  length: number,
  options: { readonly set: string; readonly collation?: string }
): Type<string> => {
  checkSize("characters: length", length, 1, 65_535)
  const { collation = null, set } = options
  for (const name of [set, ...(collation === null ? [] : [collation])])
    if (!/^[a-z][a-z0-9_]*$/.test(name)) refuse("characters: the set or collation is no name")
  const word =
    `varchar(${length}) CHARACTER SET ${set}` + (collation === null ? "" : ` COLLATE ${collation}`)
  return exactType({
    name: `varchar(${length}) ${set}${collation === null ? "" : ` ${collation}`}`,
    capability: "characterSets",
    family: { _tag: "Varchar", length },
    column: { mysql: word, mariadb: word },
    cast: { mysql: "CHAR", mariadb: "CHAR" },
    characters: { set, collation },
    codec:
      set === "utf8mb3"
        ? narrowed(varcharCodec(length), {
            expected: `text of at most ${length} characters of the basic plane`,
            fits: (text) => !/[\u{10000}-\u{10ffff}]/u.test(text)
          })
        : varcharCodec(length)
  })
}

/**
 * A national string: text in the set that SQL calls national, three bytes of UTF-8 there.
 *
 * **SQL** mysql, mariadb: national varchar(n), which is reflected as `utf8mb3`; `Unsupported`
 * elsewhere, where all text is Unicode.
 * **Errors** `EncodeFailed` for what is beyond the basic plane, and for longer text.
 * **Source** SQL:2016 part 2, 6.1 data type; MySQL manual 12.3.7; SQLAlchemy 2.0 `mysql.NVARCHAR`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.national(20).key // => "exact varchar(20) utf8mb3 utf8mb3_general_ci"
 * ```
 * @category exact types
 */
export const national = (length: number): Type<string> =>
  characters(length, { set: "utf8mb3", collation: "utf8mb3_general_ci" })

/** Why texts are no labels of an enum or a set there; null where they are. */
export const labelFault = (
  labels: ReadonlyArray<string>,
  { comma, most }: { readonly comma: boolean; readonly most: number }
): string | null => {
  if (labels.length === 0 || labels.length > most) return `give 1 to ${most} texts`
  if (new Set(labels.map((one) => one.toLowerCase())).size !== labels.length)
    return "a text is repeated"
  const odd = labels.some(
    (one) =>
      one === "" ||
      one.trimEnd() !== one ||
      /[\\\0]/.test(one) ||
      (!comma && one.includes(",")) ||
      !isWellFormed(one)
  )
  return odd ? "a text is empty, ends in a space, or holds a sign that would part it" : null
}

export const enumRules = { comma: true, most: 65_535 } as const
export const setRules = { comma: false, most: 64 } as const

const checkLabels = (
  asked: string,
  labels: ReadonlyArray<string>,
  rules: Parameters<typeof labelFault>[1]
): void => {
  const fault = labelFault(labels, rules)
  if (fault !== null) refuse(`${asked}: ${fault}`)
}

/**
 * One of a closed list of texts, which the server itself knows.
 *
 * **SQL** mysql, mariadb: enum('a', 'b'); `Unsupported` elsewhere: `Type.enumeration` is the same
 * value as checked text, everywhere.
 * **Errors** `StatementError` for a list that is none; `EncodeFailed` for another text.
 * **Source** MySQL manual 13.3.6; SQLAlchemy 2.0 `mysql.ENUM`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.nativeEnum(["draft", "done"]).key // => "exact enum('draft','done')"
 * ```
 * @category exact types
 */
export const nativeEnum = <const A extends string>(labels: ReadonlyArray<A>): Type<A> => {
  checkLabels("nativeEnum", labels, enumRules)
  const word = `enum(${labels.map((label) => inQuotes(label, "'")).join()})`
  return exactType({
    name: word,
    capability: "enumType",
    family: { _tag: "Text" },
    column: { mysql: word, mariadb: word },
    cast: { mysql: "CHAR", mariadb: "CHAR" },
    codec: enumCodec(labels)
  })
}

/**
 * A set of literals.
 *
 * **Shape** at most 64 texts, none with a comma; read in the order they are declared in.
 * **SQL** mysql, mariadb: set('a', 'b'); `Unsupported` elsewhere.
 * **Errors** `StatementError` for a list that is none; `EncodeFailed` for a set with another text.
 * **Source** MySQL manual 13.3.7; SQLAlchemy 2.0 `mysql.SET`.
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const days = Type.set(["mon", "tue", "wed"])
 * const shops = Table.make("shops", { id: Column.id(), open: Column.make(days) })
 * ```
 * @category exact types
 */
export const set = <const A extends string>(labels: ReadonlyArray<A>): Type<ReadonlySet<A>> => {
  checkLabels("set", labels, setRules)
  const word = `set(${labels.map((label) => inQuotes(label, "'")).join()})`
  const expected = `a set of ${labels.map((label) => JSON.stringify(label)).join(", ")}`
  const known: ReadonlySet<unknown> = new Set(labels)
  const ordered = (members: ReadonlySet<unknown>): ReadonlyArray<A> => {
    for (const member of members) if (!known.has(member)) refused(expected)
    return labels.filter((label) => members.has(label))
  }
  return exactType<ReadonlySet<A>>({
    name: word,
    capability: "setType",
    column: { mysql: word, mariadb: word },
    cast: { mysql: "CHAR", mariadb: "CHAR" },
    codec: oneForm<ReadonlySet<A>>({
      decode: (raw) =>
        typeof raw === "string"
          ? frozen(new Set(ordered(new Set(raw === "" ? [] : raw.split(",")))))
          : refused(expected),
      encode: (value) => (value instanceof Set ? ordered(value).join(",") : refused(expected))
    })
  })
}

const binary = /^[01]*$/

const digits = (low: number, high: number, expected: string): Codec<string> => {
  const check = (value: unknown): string =>
    typeof value === "string" && value.length >= low && value.length <= high && binary.test(value)
      ? value
      : refused(expected)
  return oneForm<string>({ decode: check, encode: check })
}

/**
 * So many bits, as a text of their digits: `101`.
 *
 * **Shape** at most 64.
 * **SQL** postgres, mysql, mariadb: bit(n); `Unsupported` on sqlite.
 * **Errors** `StatementError` for another number; `EncodeFailed` for more digits or fewer.
 * **Source** PostgreSQL manual 8.10; MySQL manual 13.1.5; SQLAlchemy 2.0 `BIT`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.bit(3).key // => "exact bit(3)"
 * ```
 * @category exact types
 */
export const bit = (length: number): Type<string> => {
  checkSize("bit: length", length, 1, 64)
  const word = `bit(${length})`
  const numbered = ["CAST(conv(", ", 2, 10) AS UNSIGNED)"] as const
  const said = [`lpad(bin(`, ` + 0), ${length}, '0')`] as const
  return exactType({
    name: word,
    capability: "bitType",
    column: { postgres: word, mysql: word, mariadb: word },
    codec: digits(length, length, `${length} digits, each 0 or 1`),
    wrap: {
      as: { _tag: "Text" },
      write: {
        sqlite: null,
        postgres: ["CAST(", ` AS ${word})`],
        mysql: numbered,
        mariadb: numbered
      },
      read: { sqlite: null, postgres: null, mysql: said, mariadb: said }
    }
  })
}

/**
 * At most so many bits, as a text of their digits.
 *
 * **SQL** postgres: bit varying(n); `Unsupported` elsewhere.
 * **Errors** `StatementError` for another number; `EncodeFailed` for more digits.
 * **Source** PostgreSQL manual 8.10.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.varbit(8).key // => "exact bit varying(8)"
 * ```
 * @category exact types
 */
export const varbit = (length: number): Type<string> => {
  checkSize("varbit: length", length, 1, 83_886_080)
  const word = `bit varying(${length})`
  return exactType({
    name: word,
    capability: "bitType",
    column: { postgres: word },
    codec: digits(0, length, `at most ${length} digits, each 0 or 1`)
  })
}
