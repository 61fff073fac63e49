/**
 * The statements of a script, for a server that takes one at a time.
 *
 * **Shape** splits at `;` outside quotes and comments, as read with NO_BACKSLASH_ESCAPES: a quote
 * is doubled to stand for itself. DELIMITER, a command of the mysql program, is not known here.
 */
export const splitScript = (text: string): ReadonlyArray<string> => {
  const statements: Array<string> = []
  let start = 0
  let at = 0
  const take = (end: number): void => {
    const statement = text.slice(start, end).trim()
    if (statement !== "" && !isComment(statement)) statements.push(statement)
    start = end + 1
  }
  while (at < text.length) {
    const skipped = skip(text, at)
    if (skipped > at) at = skipped
    else if (text[at++] === ";") take(at - 1)
  }
  take(text.length)
  return statements
}

/** How many values a statement of a script takes. */
export const placeholdersIn = (statement: string): number => {
  let count = 0
  let at = 0
  while (at < statement.length) {
    const skipped = skip(statement, at)
    if (skipped > at) at = skipped
    else if (statement[at++] === "?") count++
  }
  return count
}

/** Past the quoted text or comment that begins here, or here. */
const skip = (text: string, at: number): number => {
  const rest = text.length
  const past = (index: number, length: number): number => (index < 0 ? rest : index + length)
  switch (text[at]) {
    case "'":
    case '"':
    case "`":
      return past(text.indexOf(text.charAt(at), at + 1), 1)
    case "#":
      return past(text.indexOf("\n", at), 1)
    case "-":
      return text.startsWith("--", at) && /\s|^$/.test(text.slice(at + 2, at + 3))
        ? past(text.indexOf("\n", at), 1)
        : at
    case "/":
      return text.startsWith("/*", at) ? past(text.indexOf("*/", at + 2), 2) : at
    default:
      return at
  }
}

/** Nothing but comments: servers refuse an empty statement. `/*!` and `/*M!` are executed. */
const isComment = (statement: string): boolean => {
  let at = 0
  while (at < statement.length) {
    if (/\s/.test(statement[at]!)) at++
    else if (/^(#|--|\/\*(?!!|M!))/.test(statement.slice(at, at + 4))) {
      const next = skip(statement, at)
      if (next === at) return false
      at = next
    } else return false
  }
  return true
}
