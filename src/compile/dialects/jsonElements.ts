import type { SqlType } from "../../algebra/SqlType.ts"
import { isScaled } from "../../algebra/types.ts"
import type { Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import { type Term, typeOf } from "../Placed.ts"
import { read } from "../wrapped.ts"
import { castAs } from "./functions.ts"

/**
 * An element of a JSON array: as it is where JSON has it and every server says it alike, as text
 * where JSON's numbers would lose digits.
 *
 * **Laws** L24: its type's JSON codec reads what was written.
 */
export const sayElement = (one: Term, writer: Writer): void => {
  const { name } = writer.dialect
  const term = read(one, name)
  const { sql } = typeOf(term)
  const asText = (): void =>
    castAs(writer, writer.dialect.castName({ _tag: "Text" }), () => writer.term(term))
  const isFamily = name === "mysql" || name === "mariadb"
  // An array would have the bytes of another set as they are, and six digits of a float.
  if (isFamily && sql.exact?.characters !== undefined)
    return sayWithin(term, writer, ["convert(", " USING utf8mb4)"])
  if (isFamily && sql.exact !== undefined && sql._tag === "Double")
    return castAs(writer, "DOUBLE", () => writer.term(term))
  switch (sql._tag) {
    case "Bigint":
      return asText()
    case "Numeric":
      return name === "sqlite" ? sayUnits(sql, term, writer) : asText()
    case "Bytes":
      // PostgreSQL says bytes in hexadecimal digits itself.
      return name === "postgres"
        ? writer.term(term)
        : sayWithin(term, writer, name === "sqlite" ? sqliteDigits : ["hex(", ")"])
    case "Json": {
      // To MariaDB an array joined of texts is a text.
      const isText = name === "mariadb" && !(term._tag === "Column" && term.stored)
      const how = name === "sqlite" ? jsonOfText : isText ? compacted : null
      return how === null ? writer.term(term) : sayWithin(term, writer, how)
    }
    case "Array":
      return exactly.has(sql.of._tag) || sql.of.wrap?.as._tag === "Text"
        ? castAs(writer, `text${"[]".repeat(sql.dimensions)}`, () => writer.term(term))
        : writer.term(term)
    default:
      return writer.term(term)
  }
}

/** PostgreSQL's functions take a hundred arguments. */
const mostArguments = 100

/** MySQL and MariaDB take texts of several collations only after one that is said. */
const arbiter = "'' COLLATE utf8mb4_bin"

/**
 * What an array is made of: its one argument, or an array of several.
 *
 * **Shape** a dialect says the lone element its own way where it must.
 */
export const sayElements = (
  terms: ReadonlyArray<Term>,
  writer: Writer,
  say: (term: Term, writer: Writer) => void = sayElement
): void => {
  if (terms.length === 1) return say(terms[0]!, writer)
  const { name } = writer.dialect
  const isFamily = name === "mysql" || name === "mariadb"
  const most = name === "postgres" ? mostArguments : terms.length
  for (let at = 0; at < terms.length; at += most) {
    if (at > 0) writer.put(" || ")
    writer.put(name === "postgres" ? "jsonb_build_array(" : "json_array(")
    if (isFamily) writer.put(`${arbiter}, `)
    writer.commas(terms.slice(at, at + most), (term) => say(term, writer))
    writer.put(")")
  }
}

/** Elements whose digits JSON's numbers would lose. */
const exactly: ReadonlySet<SqlType["_tag"]> = new Set<SqlType["_tag"]>(["Bigint", "Numeric"])

const sayWithin = (
  term: Term,
  writer: Writer,
  [before, after]: readonly [before: string, after: string]
): void => {
  writer.put(before)
  writer.term(term)
  writer.put(after)
}

/** A decimal kept as units of `10^-scale`, as the digits and the exponent it is read by. */
const sayUnits = (
  sql: Extract<SqlType, { readonly _tag: "Numeric" }>,
  term: Term,
  writer: Writer
): void => {
  if (!isScaled(sql)) return writer.term(term)
  writer.term(term, levels.concat)
  writer.put(` || 'e-${sql.scale}'`)
}

const jsonOfText = ["json(", ")"] as const
const compacted = ["json_compact(", ")"] as const

/** `hex(NULL)` is the empty text there; a quoted blob is `X'00ff'`, and NULL the word. */
const sqliteDigits = ["trim(nullif(quote(", "), 'NULL'), 'X''')"] as const
