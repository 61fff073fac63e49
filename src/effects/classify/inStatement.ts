import type { Compiled } from "../../compile/Compiled.ts"
import { isFailure, withMessage } from "../Failure.ts"

/** So much of a statement says which one it is. */
const longest = 300

const shown = new WeakMap<Compiled, string>()

/** What is quoted: values, names, dollar-quoted text; and comments. The first to begin counts. */
const apart = new RegExp(
  [
    String.raw`(?<text>[eExXbBnN]?'(?:[^']|'')*')`,
    '(?<double>"(?:[^"]|"")*")',
    "`(?:[^`]|``)*`",
    String.raw`(?<dollar>\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$)`,
    String.raw`(?<comment>\/\*[\s\S]*?\*\/|--[^\n]*)`
  ].join("|"),
  "g"
)

const number = /(?<![\w$.])\d+(\.\d+)?\b/g

/**
 * A statement's text for a message: one line without a value. What is bound is no part of it; what
 * stands in quotes may be a value somebody wrote there, and a comment may hold anything.
 */
export const shownText = (compiled: Compiled): string => {
  let text = shown.get(compiled)
  if (text === undefined) {
    const isMysql = compiled.dialect === "mysql" || compiled.dialect === "mariadb"
    text = compiled.text.replace(apart, (whole, ...rest) => {
      const {
        comment,
        dollar,
        double,
        text: said
      } = rest.at(-1) as Readonly<Record<string, string | undefined>>
      if (comment !== undefined) return " "
      if (said !== undefined || dollar !== undefined) return "'…'"
      return isMysql && double !== undefined ? '"…"' : whole
    })
    if (compiled.fixed.length > 0) text = text.replace(number, "…")
    text = text.replace(/\s+/g, " ").trim()
    if (text.length > longest) text = `${text.slice(0, longest)}…`
    shown.set(compiled, text)
  }
  return text
}

/** The same failure, whose message says of which statement it is. */
export const inStatement = <E>(error: E, compiled: Compiled): E =>
  isFailure(error) ? withMessage(error, `${error.message}, in ${shownText(compiled)}`) : error
