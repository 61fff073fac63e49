import type { SqlType } from "../../algebra/SqlType.ts"
import type { Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import { isRepeatable } from "../phases/emulate/isRepeatable.ts"
import { type Operator, type Term, typeOf } from "../Placed.ts"
import { isInteger, isNumber, isText } from "../sqlTypes.ts"

type Cast = Operator<"Cast">

const bits: { readonly [T in SqlType["_tag"]]?: number } = { Smallint: 16, Integer: 32, Bigint: 64 }

/** The text of an integer is one: nothing is asked of it. */
const isOfInteger = (term: Term): boolean =>
  term._tag === "Cast" && isInteger(typeOf(term.kids.self).sql)

/**
 * Casts that SQLite, MySQL and MariaDB answer with another number where there is none to give: of a
 * text that is none with its first digits or 0, of a double too large with the last integer.
 */
export const mayMislead = ({ kids, node }: Cast): boolean => {
  const from = typeOf(kids.self).sql
  const to = node.type.sql
  if (isText(from)) return isNumber(to) && (node.orNull || !isOfInteger(kids.self))
  return from._tag === "Double" && to._tag === "Bigint"
}

/** `athanor_integer(x, 32)`: a function of SQLite's connections that fails where there is none. */
export const castCalled = ({ kids, node }: Cast, writer: Writer): void => {
  const width = bits[node.type.sql._tag]
  const name = width === undefined ? "double" : "integer"
  writer.put(node.orNull ? `athanor_try_${name}(` : `athanor_${name}(`)
  writer.term(kids.self)
  writer.put(width === undefined ? ")" : `, ${width})`)
}

const digits = "[0-9]+"
const number = "([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
const blank = "[[:space:]]*"
const like = (pattern: string): string => ` REGEXP '^${blank}[+-]?${pattern}${blank}$' AND `
/** White space beyond ASCII is some to a server's class of it, and none to its CAST. */
const ascii = ["octet_length(", ") = char_length(", ")"] as const
const isLike = (pattern: string): ReadonlyArray<string> => [
  "",
  `${like(pattern)}${ascii[0]}`,
  ascii[1],
  ascii[2]
]

/** What a text or a double must be like to have a value of the type, after it and before it. */
const condition = (from: SqlType, to: SqlType): ReadonlyArray<string> => {
  if (isInteger(to)) {
    const most = 2n ** BigInt(bits[to._tag]! - 1)
    const within = ` BETWEEN -${most} AND ${most - 1n}`
    return from._tag === "Double"
      ? ["truncate(", `, 0)${within}`]
      : joined(isLike(digits), [" AND CAST(", ` AS DECIMAL(65, 0))${within}`])
  }
  if (to._tag !== "Numeric")
    return joined(isLike(number), [" AND abs(CAST(", " AS DOUBLE)) < 1.7976931348623157e308"])
  const limit = `1${"0".repeat(to.precision - to.scale)}`
  return joined(isLike(number), [
    " AND abs(round(CAST(",
    ` AS DECIMAL(65, 30)), ${to.scale})) < ${limit}`
  ])
}

/** Parts between which a text stands, and more of them. */
const joined = (
  parts: ReadonlyArray<string>,
  more: ReadonlyArray<string>
): ReadonlyArray<string> => [
  ...parts.slice(0, -1),
  parts[parts.length - 1]! + more[0]!,
  ...more.slice(1)
]

/**
 * `CASE WHEN it is one THEN x END`, which fails where it is none: no cast does in SELECT, but the
 * result of a function that no double holds. It is of the value, so that no server reckons it
 * before it is asked for.
 */
export const sayChecked = ({ kids, node }: Cast, writer: Writer): void => {
  const self = (): void => writer.term(kids.self, levels.primary)
  if (!isRepeatable(node.self)) writer.refuse("cast", "a cast of a drawn text to a number")
  writer.put("CASE WHEN ")
  self()
  writer.put(" IS NULL OR ")
  const parts = condition(typeOf(kids.self).sql, node.type.sql)
  parts.forEach((part, i) => {
    writer.put(part)
    if (i < parts.length - 1) self()
  })
  writer.put(" OR exp(710 + char_length(")
  self()
  writer.put(")) THEN ")
  self()
  writer.put(" END")
}

const short = `^${blank}[+-]?0*[0-9]{1,19}${blank}$`
const nought = `^${blank}[+-]?[0.]+([eE][+-]?[0-9]+)?${blank}$`

/**
 * The same cast of NULL where there is no value: `CAST(CASE WHEN it is one THEN x END AS …)`. More
 * digits than any integer has are refused before anybody reckons with them.
 */
export const sayTried = (
  { kids, node }: Cast,
  writer: Writer,
  words: {
    readonly matches: string
    readonly decimal: string
    /** What is true of a text that is within a double, in parts between which the text stands. */
    readonly double: ReadonlyArray<string>
    readonly name: string
  }
): void => {
  const self = (): void => writer.term(kids.self, levels.primary)
  const width = bits[node.type.sql._tag]
  writer.put("CAST(CASE WHEN ")
  self()
  writer.put(` ${words.matches} `)
  writer.put(
    writer.dialect.textLiteral(width === undefined ? `^${blank}[+-]?${number}${blank}$` : short)
  )
  writer.put(` AND ${ascii[0]}`)
  self()
  writer.put(ascii[1])
  self()
  writer.put(ascii[2])
  writer.put(" THEN CASE WHEN ")
  if (width === undefined)
    words.double.forEach((part, i) => {
      writer.put(part)
      if (i < words.double.length - 1) self()
    })
  else {
    const most = 2n ** BigInt(width - 1)
    writer.put("CAST(")
    self()
    writer.put(` AS ${words.decimal}) BETWEEN -${most} AND ${most - 1n}`)
  }
  writer.put(" THEN ")
  self()
  writer.put(` END END AS ${words.name})`)
}

/** On MySQL and MariaDB what is too small for a double is 0, and what is too large the largest. */
export const doubleMysql = [
  "abs(CAST(",
  " AS DOUBLE)) < 1.7976931348623157e308 AND (CAST(",
  ` AS DOUBLE) <> 0 OR `,
  ` REGEXP '${nought}')`
]
