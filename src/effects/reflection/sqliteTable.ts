import type { Deferral, ReferentialAction } from "../../algebra/Source.ts"
import type { OnConflict } from "../../algebra/schema/tableStorage.ts"

/** What SQLite says of a table nowhere but in the text that made it. */
export interface SqliteTable {
  readonly primaryKeyName: string | null
  readonly primaryKeyConflict: OnConflict | null
  readonly uniques: ReadonlyArray<{
    readonly name: string | null
    readonly columns: ReadonlyArray<string>
    readonly conflict: OnConflict | null
  }>
  readonly foreignKeys: ReadonlyArray<{
    readonly name: string | null
    readonly columns: ReadonlyArray<string>
    readonly target: string
    /** Null where they are left out: the other table's primary key. */
    readonly targetColumns: ReadonlyArray<string> | null
    readonly onDelete: ReferentialAction
    readonly onUpdate: ReferentialAction
    readonly deferrable: Deferral
  }>
  readonly checks: ReadonlyArray<{ readonly name: string | null; readonly predicate: string }>
  readonly computed: ReadonlyMap<string, { readonly expression: string; readonly stored: boolean }>
  readonly collations: ReadonlyMap<string, string>
  /** What becomes of a row with NULL in a column, where something is said. */
  readonly ifNull: ReadonlyMap<string, OnConflict>
  readonly autoincrement: boolean
}

interface Token {
  /** Unquoted where it was a name in quotes. */
  readonly text: string
  /** A word in no quotes, in capitals; "" for all else. */
  readonly word: string
  readonly start: number
  readonly end: number
}

/** Where what begins with a quote ends: that quote twice is one within. */
const afterQuote = (sql: string, begin: number, quote: string): number => {
  let at = sql.indexOf(quote, begin + 1)
  while (at >= 0 && sql[at + 1] === quote) at = sql.indexOf(quote, at + 2)
  return at < 0 ? sql.length : at + 1
}

/** Where it goes on after a text; the end where that is not there. */
const after = (sql: string, text: string, from: number): number => {
  const at = sql.indexOf(text, from)
  return at < 0 ? sql.length : at + text.length
}

/** Letters, digits, `_`, `$`, and as SQLite has it all that is not ASCII. */
const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code === 36 ||
  code > 127

const afterWord = (sql: string, begin: number): number => {
  let at = begin + 1
  while (at < sql.length && isWord(sql.charCodeAt(at))) at++
  return at
}

/** Names in each kind of quotes, texts, words, anything else; no comments and no blanks. */
const tokensOf = (sql: string): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  let at = 0
  while (at < sql.length) {
    const start = at
    const first = sql[at]!
    if (first <= " ") at++
    else if (sql.startsWith("--", at)) at = after(sql, "\n", at)
    else if (sql.startsWith("/*", at)) at = after(sql, "*/", at + 2)
    else if (first === '"' || first === "`" || first === "'") {
      at = afterQuote(sql, at, first)
      const text = sql.slice(start + 1, at - 1).replaceAll(first + first, first)
      tokens.push({ text, word: "", start, end: at })
    } else if (first === "[") {
      at = after(sql, "]", at)
      tokens.push({ text: sql.slice(start + 1, at - 1), word: "", start, end: at })
    } else {
      at = isWord(sql.charCodeAt(at)) ? afterWord(sql, at) : at + 1
      const text = sql.slice(start, at)
      tokens.push({ text, word: text.toUpperCase(), start, end: at })
    }
  }
  return tokens
}

/** What the first parentheses hold, by the commas that stand in no others. */
const definitionsIn = (sql: string): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let depth = 0
  let from = 0
  let at = 0
  while (at < sql.length) {
    switch (sql.charCodeAt(at)) {
      case 34: // "
      case 39: // '
      case 96: // `
        at = afterQuote(sql, at, sql[at]!)
        continue
      case 91: // [
        at = after(sql, "]", at)
        continue
      case 45: // -
        at = sql[at + 1] === "-" ? after(sql, "\n", at) : at + 1
        continue
      case 47: // /
        at = sql[at + 1] === "*" ? after(sql, "*/", at + 2) : at + 1
        continue
      case 40: // (
        if (depth++ === 0) from = at + 1
        break
      case 41: // )
        if (--depth === 0) {
          parts.push(sql.slice(from, at))
          return parts
        }
        break
      case 44: // ,
        if (depth === 1) {
          parts.push(sql.slice(from, at))
          from = at + 1
        }
        break
    }
    at++
  }
  return parts
}

/** The index of the parenthesis that closes the one at an index. */
const closing = (tokens: ReadonlyArray<Token>, at: number): number => {
  let depth = 0
  for (let index = at; index < tokens.length; index++) {
    if (tokens[index]!.word === "(") depth++
    else if (tokens[index]!.word === ")" && --depth === 0) return index
  }
  return tokens.length
}

/** What stands between commas, from one parenthesis to its end. */
const partsIn = (
  tokens: ReadonlyArray<Token>,
  open: number
): ReadonlyArray<ReadonlyArray<Token>> => {
  const end = closing(tokens, open)
  const parts: Array<Array<Token>> = [[]]
  for (let at = open + 1; at < end; at++) {
    const token = tokens[at]!
    if (token.word === ",") {
      parts.push([])
      continue
    }
    const to = token.word === "(" ? closing(tokens, at) : at
    parts.at(-1)!.push(...tokens.slice(at, to + 1))
    at = to
  }
  return parts
}

const namesIn = (tokens: ReadonlyArray<Token>, open: number): ReadonlyArray<string> =>
  partsIn(tokens, open).map((part) => part[0]?.text ?? "")

type Reference = Omit<SqliteTable["foreignKeys"][number], "name" | "columns">

/** What REFERENCES says, from the table's name on, and where it ends. */
const referenceIn = (
  part: ReadonlyArray<Token>,
  from: number
): Reference & { readonly end: number } => {
  const wordAt = (place: number): string => part[place]?.word ?? ""
  const isListed = wordAt(from + 1) === "("
  const said = {
    target: part[from]!.text,
    targetColumns: isListed ? namesIn(part, from + 1) : null,
    onDelete: "no action" as ReferentialAction,
    onUpdate: "no action" as ReferentialAction,
    deferrable: "no" as Deferral
  }
  let at = isListed ? closing(part, from + 1) + 1 : from + 1
  while (at < part.length) {
    const isNot = wordAt(at) === "NOT"
    if (wordAt(at) === "MATCH") at += 2
    else if (wordAt(at) === "ON" && wordAt(at + 1) !== "CONFLICT") {
      const isTwo = wordAt(at + 2) === "SET" || wordAt(at + 2) === "NO"
      const words = part.slice(at + 2, at + (isTwo ? 4 : 3)).map(({ word }) => word.toLowerCase())
      const action = words.join(" ") as ReferentialAction
      if (wordAt(at + 1) === "DELETE") said.onDelete = action
      if (wordAt(at + 1) === "UPDATE") said.onUpdate = action
      at += isTwo ? 4 : 3
    } else if (wordAt(isNot ? at + 1 : at) === "DEFERRABLE") {
      at += isNot ? 2 : 1
      const isLater = wordAt(at) === "INITIALLY" && wordAt(at + 1) === "DEFERRED"
      said.deferrable = isNot ? "no" : isLater ? "deferred" : "immediate"
      if (wordAt(at) === "INITIALLY") at += 2
    } else break
  }
  return { ...said, end: at }
}

const tableWords = new Set(["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"])

/** Without one of these a definition says only what SQLite reports. */
const telling = /\b(?:constraint|unique|check|collate|as|references|conflict|autoincrement)\b/i

/** Takes apart a `CREATE TABLE` that SQLite has taken: it is well-formed. */
export const sqliteTable = (sql: string): SqliteTable => {
  const uniques: Array<SqliteTable["uniques"][number]> = []
  const foreignKeys: Array<SqliteTable["foreignKeys"][number]> = []
  const checks: Array<SqliteTable["checks"][number]> = []
  const computed = new Map<string, { readonly expression: string; readonly stored: boolean }>()
  const collations = new Map<string, string>()
  const ifNull = new Map<string, OnConflict>()
  let primaryKeyName: string | null = null
  let primaryKeyConflict: OnConflict | null = null
  let autoincrement = false

  /** Clauses of a column or of the table; `columns` are those meant where they say none. */
  const clauses = (
    said: string,
    part: ReadonlyArray<Token>,
    from: number,
    columns: ReadonlyArray<string>
  ) => {
    const textIn = (at: number): string =>
      said.slice(part[at]!.end, part[closing(part, at)]?.start ?? said.length).trim()
    let name: string | null = null
    let about = columns
    /** What ON CONFLICT is said of. */
    let last: ((conflict: OnConflict) => void) | null = null
    for (let at = from; at < part.length; at++) {
      const { word } = part[at]!
      const next = part[at + 1]
      const listed = (): ReadonlyArray<string> => {
        const list = part.findIndex((token, i) => i > at && token.word === "(")
        return columns.length === 0 && list > 0 ? namesIn(part, list) : columns
      }
      if (word === "CONSTRAINT") {
        name = next?.text ?? null
        at++
        continue
      } else if (word === "ON" && next?.word === "CONFLICT") {
        last?.(part[at + 2]!.word.toLowerCase() as OnConflict)
        continue
      } else if (word === "PRIMARY") {
        primaryKeyName = name
        last = (conflict) => void (primaryKeyConflict = conflict)
        // Of the table, it is said within the parentheses.
        autoincrement ||= columns.length === 0 && part.some((one) => one.word === "AUTOINCREMENT")
      } else if (word === "AUTOINCREMENT") autoincrement = true
      else if (word === "NULL" && columns.length > 0) {
        last = (conflict) => void ifNull.set(columns[0]!, conflict)
      } else if (word === "UNIQUE") {
        const own = { name, columns: listed(), conflict: null as OnConflict | null }
        uniques.push(own)
        last = (conflict) => void (own.conflict = conflict)
      } else if (word === "CHECK" && next?.word === "(")
        checks.push({ name, predicate: textIn(at + 1) })
      else if (word === "COLLATE" && columns.length > 0) collations.set(columns[0]!, next!.text)
      else if (word === "AS" && next?.word === "(" && columns.length > 0) {
        const after = part[closing(part, at + 1) + 1]
        computed.set(columns[0]!, {
          expression: textIn(at + 1),
          stored: after?.word === "STORED"
        })
      } else if (word === "FOREIGN") {
        about = listed()
        continue
      } else if (word === "REFERENCES") {
        const { end, ...said } = referenceIn(part, at + 1)
        foreignKeys.push({ name, columns: about, ...said })
        name = null
        at = end - 1
        continue
      } else if (word === "(") at = closing(part, at)
      else continue
      if (word !== "(") name = null
      if (next?.word === "(" && word !== "(") at = closing(part, at + 1)
    }
  }

  for (const said of definitionsIn(sql)) {
    if (!telling.test(said)) continue
    const part = tokensOf(said)
    const first = part[0]
    if (first === undefined) continue
    if (tableWords.has(first.word)) clauses(said, part, 0, [])
    else clauses(said, part, 1, [first.text])
  }
  return {
    primaryKeyName,
    primaryKeyConflict,
    uniques,
    foreignKeys,
    checks,
    computed,
    collations,
    ifNull,
    autoincrement
  }
}

/** What of an index SQLite says only in its text: expressions and the condition. */
export const sqliteIndex = (
  sql: string
): { readonly parts: ReadonlyArray<string>; readonly where: string | null } => {
  const tokens = tokensOf(sql)
  const on = tokens.findIndex(({ word }) => word === "ON")
  const open = tokens.findIndex(({ word }, at) => at > on && word === "(")
  const end = closing(tokens, open)
  const where = tokens.findIndex(({ word }, at) => at > end && word === "WHERE")
  const parts = partsIn(tokens, open).map((part) => {
    const kept = part.filter(({ word }, at) => !(at > 0 && (word === "ASC" || word === "DESC")))
    const collate = kept.findIndex(({ word }, at) => at > 0 && word === "COLLATE")
    const said = collate > 0 ? kept.slice(0, collate) : kept
    return sql.slice(said[0]!.start, said.at(-1)!.end)
  })
  return { parts, where: where < 0 ? null : sql.slice(tokens[where]!.end).trim() }
}

/** Words that end the list of what a query selects. */
const clauses: ReadonlySet<string> = new Set([
  ...["FROM", "WHERE", "GROUP", "HAVING", "WINDOW"],
  ...["UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT"]
])

/** The last token of each part of the first list of SELECT: mostly the name of its column. */
const selected = (tokens: ReadonlyArray<Token>): ReadonlyArray<Token> => {
  const ends: Array<Token> = []
  let depth = 0
  let isListed = false
  let last: Token | null = null
  for (const token of tokens) {
    if (depth === 0 && isListed && clauses.has(token.word)) break
    if (depth === 0 && isListed && token.word === "," && last !== null) ends.push(last)
    if (token.word === "(") depth++
    if (token.word === ")") depth--
    if (depth === 0 && token.word === "SELECT") isListed = true
    last = token
  }
  return isListed && last !== null ? [...ends, last] : []
}

/** Whether a query may give a name of the list in another place than it has there. */
const isRenamed = (list: ReadonlyArray<Token>, query: ReadonlyArray<Token>): boolean => {
  const names = list.map(({ text }) => text.toLowerCase())
  return selected(query).some(({ text, word }, at) => {
    const name = text.toLowerCase()
    return word === "*" || (names.includes(name) && names[at] !== name)
  })
}

/**
 * The query of a view: what follows the first AS that is no name.
 *
 * **Shape** where its author named the columns before AS otherwise than the query does, one that
 * gives them those names: a query by hand is known by the names it gives.
 */
export const sqliteView = (sql: string): string => {
  const tokens = tokensOf(sql)
  const as = tokens.findIndex(({ word }) => word === "AS")
  if (as < 0) return ""
  const query = sql.slice(tokens[as]!.end).trim()
  const from = tokens.findIndex(({ word }) => word === "(")
  const list = from < 0 ? [] : tokens.slice(from + 1, as - 1).filter(({ word }) => word !== ",")
  if (!isRenamed(list, tokens.slice(as + 1))) return query
  let name = "q"
  while (sql.toLowerCase().includes(name)) name += "q"
  // The query may end in a comment.
  const names = sql.slice(tokens[from]!.start, tokens[as - 1]!.end)
  return `WITH ${name} ${names} AS (${query}\n) SELECT * FROM ${name}`
}
