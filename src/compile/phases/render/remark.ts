import { inQuotes } from "../../../algebra/inQuotes.ts"
import type { Writer } from "../../Dialect.ts"

/**
 * The text of a comment where it stands in a definition.
 *
 * **Shape** MySQL and MariaDB take a plain literal there and nothing else, and athanor's sessions
 * read it without escapes.
 */
export const sayComment = (text: string, writer: Writer): void => writer.put(inQuotes(text, "'"))

/** COMMENT within a definition; where comments are statements of their own, nothing. */
export const sayInlineComment = (text: string | null, writer: Writer): void => {
  if (text === null) return
  const { comments } = writer.capabilities
  if (comments === "none") return writer.refuse("comments", "a comment")
  if (comments !== "inline") return
  writer.put(" COMMENT ")
  sayComment(text, writer)
}

/** Refuses the comment of a constraint that is no index. */
export const checkComment = (text: string | null, name: string, writer: Writer): void => {
  if (text === null) return
  const { comments } = writer.capabilities
  if (comments === "none") writer.refuse("comments", `a comment on ${name}`)
  else if (comments === "inline") writer.refuse("constraintComments", `a comment on ${name}`)
}
