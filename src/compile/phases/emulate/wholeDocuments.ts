import { projection } from "../../../algebra/block.ts"
import type { Command } from "../../../algebra/Command.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { Context } from "../../Program.ts"

const none: ReadonlyArray<Scalar> = []

/** What a node tells apart or sorts by its whole value, and how it is called. */
const toldApart = (
  node: Scalar | Relation | Command
): readonly [ReadonlyArray<Scalar>, what: string] => {
  switch (node._tag) {
    case "Distinct":
      return [projection(node.self)?.fields ?? none, "DISTINCT of a document"]
    case "Combine":
      return node.op === "unionAll"
        ? [none, ""]
        : [projection(node.parts[0]!)?.fields ?? none, "a set operation of documents"]
    case "Recursion":
      return node.distinct
        ? [projection(node.base)?.fields ?? none, "a recursion to distinct documents"]
        : [none, ""]
    case "Group":
      return [node.keys, "GROUP BY a document"]
    case "Order":
      return [node.keys, "ORDER BY a document"]
    case "InList":
    case "InQuery":
      return [[node.self], "a document sought among others"]
    case "Between":
      return [[node.self], "a document between others"]
    case "Aggregate":
      return [node.distinct ? [...node.args, ...node.order] : node.order, "documents told apart"]
    case "Window":
      return [[...node.partition, ...node.order], "a window over documents"]
    case "Call":
      return node.name === "nullif" ? [node.args, "a document compared as a whole"] : [none, ""]
    default:
      return [none, ""]
  }
}

const isDocument = (node: Scalar): boolean =>
  node._tag === "Tuple" ? node.parts.some(isDocument) : node.type.sql._tag === "Json"

/**
 * Two texts of one document differ by the order of its keys and by white space: where the server
 * keeps documents as text, nothing is told apart by one.
 */
export const refuseWholeDocuments = (
  node: Scalar | Relation | Command,
  { capabilities, refuse }: Context
): void => {
  if (capabilities.jsonEquality) return
  const [parts, what] = toldApart(node)
  if (parts.some(isDocument)) refuse("jsonEquality", what)
}
