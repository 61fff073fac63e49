import type { DialectName } from "./Dialect.ts"

/**
 * How tight an operator binds where the grammars agree: a comparison below a sum, a sum below a
 * product, an operator before its operand above them all.
 */
export type Rank = "comparison" | "sum" | "product" | "unary"

/** Operators of one dialect, and which of the shared ranks each has; null for one of its own. */
type Ranks = ReadonlyMap<string, Rank | null>

const ranked = (words: { readonly [R in Rank | "own"]?: string }): Ranks =>
  new Map(
    Object.entries(words).flatMap(([rank, list]) =>
      list
        .trim()
        .split(/ *, */)
        .map((one): [string, Rank | null] => [one, rank === "own" ? null : (rank as Rank)])
    )
  )

const compared = "=, <>, !=, <, <=, >, >="

const sqlite = ranked({
  comparison:
    `${compared}, ==, IS, IS NOT, IS DISTINCT FROM, IS NOT DISTINCT FROM, LIKE, NOT LIKE, GLOB, ` +
    "NOT GLOB, REGEXP, NOT REGEXP, MATCH, NOT MATCH",
  sum: "+, -",
  product: "*, /, %",
  own: "||, ->, ->>, &, |, <<, >>, AND, OR"
})

const postgres = ranked({
  comparison:
    `${compared}, IS DISTINCT FROM, IS NOT DISTINCT FROM, LIKE, NOT LIKE, ILIKE, NOT ILIKE, ` +
    "SIMILAR TO, NOT SIMILAR TO",
  sum: "+, -",
  product: "*, /, %",
  own: "^, AT TIME ZONE, AND, OR"
})

/** Without `||` and `&&`, which are OR and AND there and something else everywhere else. */
const mysql = ranked({
  comparison: `${compared}, <=>, LIKE, NOT LIKE, REGEXP, NOT REGEXP, RLIKE, NOT RLIKE, SOUNDS LIKE`,
  sum: "+, -",
  product: "*, /, %, DIV, MOD",
  own: "|, &, <<, >>, ^, AND, OR, XOR"
})

const between: Readonly<Record<DialectName, Ranks>> = { sqlite, postgres, mysql, mariadb: mysql }

const before: Readonly<Record<DialectName, Ranks>> = {
  sqlite: ranked({ unary: "+, -, ~", own: "NOT" }),
  postgres: ranked({ unary: "+, -", own: "NOT" }),
  mysql: ranked({ unary: "+, -, ~, !", own: "NOT, BINARY" }),
  mariadb: ranked({ unary: "+, -, ~, !", own: "NOT, BINARY" })
}

const signs = /^[-+*/<>=~!@#%^&|]{1,8}$/
const comment = /--|\/\*|\*\//

/**
 * Whether PostgreSQL reads the signs as one operator, of the server's or of a user's making: it
 * ends an operator before a `+` or `-` unless the operator has a sign arithmetic has not, and `=>`
 * names an argument.
 *
 * **Source** PostgreSQL manual, 4.1.3 Operators.
 */
const isOneToken = (symbol: string): boolean =>
  signs.test(symbol) &&
  !comment.test(symbol) &&
  symbol !== "=>" &&
  (symbol.length === 1 || !/[-+]$/.test(symbol) || /[~!@#%^&|]/.test(symbol))

/** Where an operator stands: between two operands, or before one. */
export type Place = "between" | "before"

/**
 * The rank of an operator on a dialect: null where it has one of its own, undefined where it is
 * none there.
 */
export const rankOf = (
  symbol: string,
  dialect: DialectName,
  place: Place
): Rank | null | undefined => {
  const known = (place === "between" ? between : before)[dialect].get(symbol)
  if (known !== undefined || dialect !== "postgres") return known
  // Its grammar knows those of arithmetic and comparison, and stands none of them before one.
  return isOneToken(symbol) && !postgres.has(symbol) ? null : undefined
}
