import type { Type } from "../../Type.ts"
import { varcharCodec } from "../text.ts"
import { checkSize, exactType, narrowed } from "./make.ts"
import { namedBytes } from "./texts.ts"

/**
 * A text of a fixed length, which servers fill with spaces: `NL`, `EUR`.
 *
 * **Shape** of at most `length` characters, 1 to 255, and without a space at its end, which no
 * server keeps.
 * **SQL** postgres: character(n) · mysql, mariadb: char(n) · sqlite: TEXT.
 * **Errors** `StatementError` for another length; `EncodeFailed` for a longer text and for one that
 * ends in a space.
 * **Source** SQL:2016 part 2, 6.1 data type; SQLAlchemy 2.0 `CHAR`.
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const countries = Table.make("countries", { code: Column.make(Type.char(2)).primaryKey() })
 * ```
 * @category exact types
 */
export const char = (length: number): Type<string> => {
  checkSize("char: length", length, 1, 255)
  const word = `char(${length})`
  return exactType({
    name: word,
    capability: "sizedTexts",
    family: { _tag: "Varchar", length },
    column: { sqlite: "TEXT", postgres: `character(${length})`, mysql: word, mariadb: word },
    // Without its length PostgreSQL's other name for it is of one character.
    cast: { postgres: "bpchar", mysql: "CHAR", mariadb: "CHAR" },
    codec: narrowed(varcharCodec(length), {
      expected: `well-formed text of at most ${length} characters without a space at its end`,
      fits: (text) => !text.endsWith(" "),
      read: (text) => (text.endsWith(" ") ? text.replace(/ +$/, "") : text)
    })
  })
}

/**
 * Bytes of a fixed length: the 16 of a UUID, the 32 of a digest.
 *
 * **SQL** mysql, mariadb: binary(n); `Unsupported` elsewhere, where it is `Type.bytes`.
 * **Errors** `StatementError` for a length that is not 1 to 255; `EncodeFailed` for fewer bytes or
 * more: the server would fill them with zeros.
 * **Source** MySQL manual 13.3.3; SQLAlchemy 2.0 `BINARY`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.binary(16).key // => "exact binary(16)"
 * ```
 * @category exact types
 */
export const binary = (length: number): Type<Uint8Array> => {
  checkSize("binary: length", length, 1, 255)
  const fits = (bytes: Uint8Array): boolean => bytes.byteLength === length
  return namedBytes(`binary(${length})`, `${length} bytes`, fits)
}

/**
 * Bytes of at most a length.
 *
 * **SQL** mysql, mariadb: varbinary(n); `Unsupported` elsewhere, where it is `Type.bytes`.
 * **Errors** `StatementError` for a length that is not 1 to 65,535; `EncodeFailed` for more bytes.
 * **Source** MySQL manual 13.3.3; SQLAlchemy 2.0 `VARBINARY`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.varbinary(64).key // => "exact varbinary(64)"
 * ```
 * @category exact types
 */
export const varbinary = (length: number): Type<Uint8Array> => {
  checkSize("varbinary: length", length, 1, 65_535)
  const fits = (bytes: Uint8Array): boolean => bytes.byteLength <= length
  return namedBytes(`varbinary(${length})`, `at most ${length} bytes`, fits)
}
