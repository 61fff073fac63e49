import type { Writer } from "./Dialect.ts"

/**
 * The literal parts of a user's SQL, refused where one would be read as a placeholder: outside of
 * quotes and comments `?` (and SQLite's `:name`, `@name`, `$name`) shifts every parameter after it.
 */
export const rawParts = (parts: ReadonlyArray<string>, writer: Writer): ReadonlyArray<string> => {
  if (writer.dialect.numbersPlaceholders) return parts
  const marks = writer.dialect.name === "sqlite" ? /[?@$]|(?<!:):(?!:)/ : /\?/
  // A hole stands for an expression: a space keeps the parts around it apart.
  const code = withoutQuoted(parts.join(" "))
  if (marks.test(code))
    writer.refuse(
      "placeholders",
      "raw SQL that holds a placeholder of its own: use a hole for the value"
    )
  return parts
}

/** The text without what stands in quotes or comments. */
const withoutQuoted = (text: string): string => {
  let out = ""
  let at = 0
  while (at < text.length) {
    const end = closing(text, at)
    if (end === at) out += text[at++]
    else at = end
  }
  return out
}

/** Where the quoted text or comment that begins here ends; `at` itself where none begins. */
const closing = (text: string, at: number): number => {
  const two = text.slice(at, at + 2)
  const mark =
    two === "--" ? "\n" : two === "/*" ? "*/" : "'\"`".includes(text[at]!) ? text[at]! : null
  if (mark === null) return at
  const end = text.indexOf(mark, at + (two === "/*" ? 2 : 1))
  return end < 0 ? text.length : end + mark.length
}
