import type { Command } from "../../algebra/Command.ts"
import { children } from "../../algebra/fold.ts"
import type { Relation } from "../../algebra/Relation.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import { type Context, type Program, treesOf } from "../Program.ts"
import { isCommand } from "./place.ts"
import { facts, survey } from "../survey.ts"

type Node = Scalar | Relation | Command

/** Parts of an AND or OR printed in one row; longer ones are printed as a tree of such rows. */
export const junctionWidth = 100

/**
 * Refuses what a server's parser would: too deep, too many tables, too long a set operation.
 * Runs before the recursive phases, so these never meet a tree deeper than the call stack.
 *
 * **Laws** L27: never a syntax error from a server; a refusal changes nothing.
 */
export const complexity = (program: Program, context: Context): void => {
  if (program.ctes.some(({ query }) => isCommand(query))) {
    if (!context.capabilities.dataModifyingCte)
      context.refuse("dataModifyingCte", "a common table expression that writes")
    // PostgreSQL leaves out rows to lock that the statement itself has changed.
    if (treesOf(program).some((tree) => facts(tree).inner.some(({ _tag }) => _tag === "Lock")))
      context.refuse("lockedWrite", "a lock in a statement of which a part writes")
  }
  for (const tree of treesOf(program)) if (!isSmall(tree, context)) checkTree(tree, context)
}

/** All its nodes one above the other were no too deep tree, all its sources no too wide join. */
const isSmall = (tree: Relation | Command, { capabilities }: Context): boolean => {
  const { crowd, inner } = facts(tree)
  let depth = 2 * crowd
  let tables = 0
  for (const node of inner) {
    depth += heightOf(node)
    if (isSource(node)) tables++
    if (node._tag === "Combine") return false
  }
  return depth <= capabilities.maxDepth && tables <= capabilities.maxTables
}

const checkTree = (tree: Relation | Command, context: Context): void => {
  const { maxCompoundTerms, maxDepth, maxTables } = context.capabilities
  const depths = new Map<Node, number>()
  const tables = new Map<Node, number>()
  for (const node of survey(tree)) {
    let below = 0
    for (const child of children(node)) below = Math.max(below, depths.get(child)!)
    depths.set(node, below + heightOf(node))
    if (node._tag === "Combine" && node.parts.length > maxCompoundTerms) {
      context.refuse("maxCompoundTerms", `a set operation over ${node.parts.length} queries`)
    }
    const joined = joinedTables(node, tables)
    tables.set(node, joined)
    if (joined > maxTables) context.refuse("maxTables", `a join of more than ${maxTables} tables`)
  }
  if (depths.get(tree)! > maxDepth) context.refuse("maxDepth", "a statement nested too deep")
}

/** Levels a node adds when printed: itself, its parentheses, and the rows of a long AND or OR. */
const heightOf = (node: Node): number => {
  switch (node._tag) {
    case "And":
    case "Or":
      return junctionHeight(node.parts.length)
    case "Ref":
    case "Bound":
    case "Constant":
      return 1
    default:
      return 2
  }
}

const junctionHeight = (parts: number): number =>
  parts <= junctionWidth
    ? parts + 1
    : junctionWidth + junctionHeight(Math.ceil(parts / junctionWidth))

/** Tables in one FROM. */
const joinedTables = (node: Node, tables: ReadonlyMap<Node, number>): number => {
  switch (node._tag) {
    case "Join":
      return tables.get(node.left)! + tables.get(node.right)!
    case "Filter":
      return tables.get(node.self)!
    default:
      return isSource(node) ? 1 : 0
  }
}

const isSource = ({ _tag }: Node): boolean =>
  _tag === "Table" || _tag === "Derived" || _tag === "Cte"
