import type { DialectName } from "../../algebra/Dialect.ts"
import { isWithinBody } from "./compound.ts"

/** Where the statement that begins at `start` ends: before its `;`, or at the end of the text. */
interface Part {
  readonly start: number
  readonly end: number
}

/**
 * The statements of a script, for a server that takes one at a time.
 *
 * **Shape** splits at `;` outside quotes, comments and the bodies of triggers and routines.
 * A quote is doubled to stand for itself: MySQL is read with NO_BACKSLASH_ESCAPES. DELIMITER, a
 * command of the mysql program, is not known here.
 */
export const splitScript = (text: string, dialect: DialectName = "mysql"): ReadonlyArray<string> =>
  partsOf(text, dialect).map(({ end, start }) => text.slice(start, end))

/** Which of a script's statements stands at a place of its text, counted from 1. */
export const statementAt = (text: string, place: number, dialect: DialectName): number => {
  const parts = partsOf(text, dialect)
  const at = parts.findIndex(({ end }) => place <= end)
  return at < 0 ? parts.length : at + 1
}

const partsOf = (text: string, dialect: DialectName): ReadonlyArray<Part> => {
  const parts: Array<Part> = []
  let start = 0
  let at = 0
  const take = (end: number): void => {
    const part = trimmed(text, start, end)
    if (part.end > part.start && !isComment(text.slice(part.start, part.end), dialect))
      parts.push(part)
    start = end + 1
  }
  while (at < text.length) {
    const skipped = skip(text, at, dialect)
    if (skipped > at) at = skipped
    else if (text[at++] === ";" && !isInBody(text.slice(start, at - 1), dialect)) take(at - 1)
  }
  take(text.length)
  return parts
}

const trimmed = (text: string, start: number, end: number): Part => {
  const part = text.slice(start, end)
  const left = part.length - part.trimStart().length
  return { start: start + left, end: start + left + part.trim().length }
}

/** Only what creates something, or MariaDB's block, has statements within. */
const isInBody = (statement: string, dialect: DialectName): boolean =>
  /\b(create|begin)\b/i.test(statement) && isWithinBody(codeOf(statement, dialect), dialect)

/** A text without what it quotes and without comments. */
export const codeOf = (text: string, dialect: DialectName): string => {
  let out = ""
  let at = 0
  while (at < text.length) {
    const skipped = skip(text, at, dialect)
    out += skipped > at ? " " : text[at]
    at = skipped > at ? skipped : at + 1
  }
  return out
}

/** How many values a statement of a script takes. */
export const placeholdersIn = (statement: string): number => {
  let count = 0
  let at = 0
  while (at < statement.length) {
    const skipped = skip(statement, at, "mysql")
    if (skipped > at) at = skipped
    else if (statement[at++] === "?") count++
  }
  return count
}

const isOfMysql = (dialect: DialectName): boolean => dialect === "mysql" || dialect === "mariadb"

/** Past the quoted text or comment that begins here, or here. */
const skip = (text: string, at: number, dialect: DialectName): number => {
  const past = (index: number, length: number): number => (index < 0 ? text.length : index + length)
  switch (text[at]) {
    case "'":
      if (dialect === "postgres" && escapes(text, at)) return pastEscaped(text, at)
      return past(text.indexOf("'", at + 1), 1)
    case '"':
    case "`":
      return past(text.indexOf(text.charAt(at), at + 1), 1)
    case "[":
      return dialect === "sqlite" ? past(text.indexOf("]", at + 1), 1) : at
    case "$": {
      const tag = dialect === "postgres" ? dollarTag(text, at) : null
      return tag === null ? at : past(text.indexOf(tag, at + tag.length), tag.length)
    }
    case "#":
      return isOfMysql(dialect) ? past(text.indexOf("\n", at), 1) : at
    case "-":
      return text.startsWith("--", at) &&
        (!isOfMysql(dialect) || /\s|^$/.test(text.slice(at + 2, at + 3)))
        ? past(text.indexOf("\n", at), 1)
        : at
    case "/":
      if (!text.startsWith("/*", at)) return at
      return dialect === "postgres" ? pastNested(text, at) : past(text.indexOf("*/", at + 2), 2)
    default:
      return at
  }
}

/** `E'…'`, where a backslash takes the next character. */
const escapes = (text: string, at: number): boolean =>
  /(^|[^\w$])[eE]$/.test(text.slice(Math.max(0, at - 2), at))

const pastEscaped = (text: string, at: number): number => {
  for (let i = at + 1; i < text.length; i++)
    if (text[i] === "\\") i++
    else if (text[i] === "'") return i + 1
  return text.length
}

/** `$$` or `$name$`; after a name's character it is a part of the name. */
const dollarTag = (text: string, at: number): string | null =>
  /[\w$]/.test(text.charAt(at - 1))
    ? null
    : (/^\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(text.slice(at, at + 130))?.[0] ??
      null)

const pastNested = (text: string, at: number): number => {
  let depth = 0
  for (let i = at; i < text.length; i++)
    if (text.startsWith("/*", i)) {
      depth++
      i++
    } else if (text.startsWith("*/", i)) {
      i++
      if (--depth === 0) return i + 1
    }
  return text.length
}

/** Nothing but comments: servers refuse an empty statement. `/*!` and `/*M!` are executed. */
const isComment = (statement: string, dialect: DialectName): boolean => {
  let at = 0
  while (at < statement.length) {
    if (/\s/.test(statement[at]!)) at++
    else if (/^(#|--|\/\*(?!!|M!))/.test(statement.slice(at, at + 4))) {
      const next = skip(statement, at, dialect)
      if (next === at) return false
      at = next
    } else return false
  }
  return true
}
