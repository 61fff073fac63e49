import type { DialectName } from "../../algebra/Dialect.ts"

/** Whether the parentheses around a text are one pair. */
const isEnclosed = (text: string): boolean => {
  if (!text.startsWith("(") || !text.endsWith(")")) return false
  let depth = 0
  let quote = ""
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (quote !== "") {
      if (char === quote) quote = ""
    } else if (char === "'" || char === '"' || char === "`") quote = char
    else if (char === "(") depth++
    else if (char === ")" && --depth === 0 && at < text.length - 1) return false
  }
  return true
}

/** Without parentheses around the whole of it. */
export const withoutParentheses = (text: string): string => {
  let inner = text.trim()
  while (isEnclosed(inner)) inner = inner.slice(1, -1).trim()
  return inner
}

const casts = /^(.*?)(?:::[a-z][a-z0-9 ]*(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])*)+$/s
const quotedText = /^[eE]?'((?:[^']|'')*)'$/s
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/**
 * A default in one form: a literal as itself, anything else as the server writes it.
 *
 * **Shape** casts of literals and parentheses around the whole say nothing; truth values are words.
 */
export const normalDefault = (
  dialect: DialectName,
  text: string,
  isTruth: boolean,
  isText: boolean
): string => {
  let inner = withoutParentheses(text)
  if (dialect === "postgres") {
    const cast = casts.exec(inner)
    if (cast !== null) inner = withoutParentheses(cast[1]!)
  }
  const quoted = quotedText.exec(inner)
  const word = quoted === null ? inner : quoted[1]!.replaceAll("''", "'")
  if (isTruth && /^(?:true|t|1)$/i.test(word)) return "true"
  if (isTruth && /^(?:false|f|0)$/i.test(word)) return "false"
  if (quoted !== null && !isText && number.test(word)) return word
  return quoted === null ? inner : `'${quoted[1]!}'`
}
