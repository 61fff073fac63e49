import type { DialectName } from "../../algebra/Dialect.ts"

const ofMysql = new RegExp(
  "^\\s*(begin\\s+not\\s+atomic|" +
    "create(\\s+or\\s+replace)?(\\s+definer\\s*=.*?)?(\\s+aggregate)?\\s+" +
    "(trigger|procedure|function|event|package))\\b",
  "is"
)

/** What a body of several statements may stand in, from the first word on. */
const routines: Readonly<Record<DialectName, RegExp>> = {
  sqlite: /^\s*create\s+(temp\s+|temporary\s+)?trigger\b/i,
  postgres: /^\s*create\s+(or\s+replace\s+)?(function|procedure)\b/i,
  mysql: ofMysql,
  mariadb: ofMysql
}

/**
 * Whether a `;` behind this text stands within a body of several statements: of a trigger of
 * SQLite, which goes on to `; END`, of a routine, whose blocks are all to be closed.
 *
 * **Shape** `code` is a statement so far, its quoted texts and comments left out.
 */
export const isWithinBody = (code: string, dialect: DialectName): boolean => {
  if (!routines[dialect].test(code)) return false
  if (dialect === "sqlite") return !/;\s*end\s*$/i.test(code)
  return dialect === "postgres"
    ? /\bbegin\s+atomic\b/i.test(code) && openBlocks(code) > 0
    : openBlocks(code) > 0
}

/** What opens a block and what closes one; `END IF` is one word of two. */
const words = new RegExp(
  "\\bend\\b(\\s+(if|case|loop|repeat|while|for)\\b)?|" +
    "\\b(begin|case|loop|while|if)\\b|\\brepeat\\b(?!\\s*\\()|\\bfor\\s+\\w+\\s+in\\b",
  "gi"
)

const openBlocks = (code: string): number => {
  let open = 0
  for (const { 0: word, index } of code.matchAll(words)) {
    if (/^end/i.test(word)) open--
    else if (!/^if$/i.test(word) || isCondition(code.slice(index + 2))) open++
  }
  return open
}

/** Neither `IF(a, b, c)`, the function, nor `IF NOT EXISTS` of a name. */
const isCondition = (rest: string): boolean => {
  if (/^\s+(not\s+)?exists\b(?!\s*\()/i.test(rest)) return false
  const start = rest.search(/\S/)
  if (rest[start] !== "(") return true
  let depth = 0
  let commas = 0
  for (const one of rest.slice(start)) {
    if (one === "(") depth++
    else if (one === "," && depth === 1) commas++
    else if (one === ")" && --depth === 0) break
  }
  return commas !== 2
}
