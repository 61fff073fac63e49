import type BetterSqlite3 from "better-sqlite3"

type Prepared = BetterSqlite3.Statement<Array<unknown>, ReadonlyArray<unknown>>

/**
 * A statement, or the error that says what is wrong with its text.
 *
 * SQLite 3.54 goes on after an error in a recursion's step, also after its limit on nested queries,
 * and says "no such table" of the common table expression that it reads next. So each is read
 * alone, until one has an error of its own; and the one that was lost many times, as each reading
 * of a recursion counts against that limit.
 */
export const prepared = (database: BetterSqlite3.Database, text: string): Prepared => {
  try {
    return database.prepare<Array<unknown>, ReadonlyArray<unknown>>(text)
  } catch (error) {
    throw causeOf(database, text, error)
  }
}

const missing = /^no such table: (.+)$/

const causeOf = (database: BetterSqlite3.Database, text: string, told: unknown): unknown => {
  const lost = told instanceof Error ? missing.exec(told.message)?.[1] : undefined
  const parts = lost === undefined ? [] : partsOf(text)
  if (!parts.some(({ name }) => isNamed(name, lost!))) return told
  for (const { end, name } of parts) {
    const times = isNamed(name, lost!) ? readings : 1
    const reads = new Array<string>(times).fill(`(SELECT 1 FROM ${name})`)
    try {
      database.prepare(`${text.slice(0, end)} SELECT ${reads.join(", ")}`)
    } catch (error) {
      return error
    }
  }
  return told
}

/** As often as SQLite lets one of the simplest recursions be read, and some more. */
const readings = 500

/** A common table expression: its name as it is written, and where in the text it ends. */
interface Part {
  readonly name: string
  readonly end: number
}

const begins = /^\s*WITH\s+(?:RECURSIVE\s+)?/iy
const heads =
  /\s*("(?:[^"]|"")*"|[\w$]+)\s*(?:\([^)]*\)\s*)?AS\s*(?:(?:NOT\s+)?MATERIALIZED\s*)?\(/iy
const follows = /\s*,/y
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\/\*[\s\S]*?\*\/|--[^\n]*|[()]/g

/** The common table expressions a statement begins with. */
const partsOf = (text: string): ReadonlyArray<Part> => {
  const parts: Array<Part> = []
  let at = endOf(begins, text, 0)
  while (at !== null) {
    heads.lastIndex = at
    const head = heads.exec(text)
    const end = head === null ? null : closing(text, heads.lastIndex)
    if (end === null) break
    parts.push({ name: head![1]!, end })
    at = endOf(follows, text, end)
  }
  return parts
}

const endOf = (pattern: RegExp, text: string, at: number): number | null => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}

/** Behind the parenthesis that closes the one before a place. */
const closing = (text: string, at: number): number | null => {
  let depth = 1
  tokens.lastIndex = at
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === "(") depth++
    if (token[0] === ")" && --depth === 0) return tokens.lastIndex
  }
  return null
}

const isNamed = (written: string, name: string): boolean =>
  (written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written) === name
