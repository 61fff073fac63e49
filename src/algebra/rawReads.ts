import type { Command } from "./Command.ts"
import type { CustomScalar, Relation, Scalar, TableSource } from "./nodes.ts"

const none: ReadonlyArray<TableSource> = Object.freeze([])

/**
 * The tables a user's text reads, as its writer declares them; null where nobody said. None for
 * every other node, whose children say what they read.
 */
export const rawReads = (node: Scalar | Relation | Command): ReadonlyArray<TableSource> | null => {
  switch (node._tag) {
    case "Raw":
      return node.tables
    case "CustomRelation":
      return node.replaces || mayRead(node) ? node.tables : none
    case "TableFunction":
      return node.called === null ? none : node.called.tables
    case "CustomScalar":
      return node.form === "text" && mayRead(node) ? null : none
    default:
      return none
  }
}

/** What an expression needs to read a table: the first word of a query. */
const query = /\b(?:select|table|values|with)\b/i

const mayRead = ({ print }: Pick<CustomScalar, "print">): boolean =>
  Object.values(print).some((parts) => parts?.some((part) => query.test(part)) ?? false)
