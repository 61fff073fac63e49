import { children, holds, walk } from "../../../algebra/fold.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import { type Program, treesOf } from "../../Program.ts"
import { survey } from "../../survey.ts"

type Node = Parameters<typeof walk>[0]

/**
 * Keys of the expressions inside subqueries that speak of enclosing queries alone. PostgreSQL knows
 * a grouped expression again only outside of subqueries; inside it knows grouped columns.
 */
export const saidInside = (program: Program): ReadonlySet<string> => {
  const said = new Set<string>()
  for (const tree of treesOf(program))
    for (const node of survey(tree)) if ("query" in node) collect(node.query, said)
  return said
}

/** What one statement says in places a server finds hard, found when first asked for. */
export interface Said {
  /** See `saidInside`. */
  readonly inside: () => ReadonlySet<string>
  /**
   * Arguments of aggregates, and keys they sort by, that hold queries; of arguments that are rows
   * in JSON those that read groups.
   */
  readonly aggregated: () => ReadonlyArray<Scalar>
}

export const aggregatedQueries = (program: Program): ReadonlyArray<Scalar> => {
  const found: Array<Scalar> = []
  for (const tree of treesOf(program))
    for (const node of survey(tree))
      if (node._tag === "Aggregate") {
        const isRows = node.name === "jsonAgg" && node.args.length > 1
        found.push(...node.args.filter(isRows ? readsGroups : hasQuery))
        found.push(...node.order.filter(hasQuery))
      }
  return found
}

/** Whether a query stands in an expression. */
export const hasQuery = (root: Scalar): boolean => holds(root, (node) => "query" in node)

/** Lists of rows inside lists of rows are aggregates of no group, which every server nests. */
const readsGroups = (root: Scalar): boolean =>
  holds(root, (node) => node._tag === "Cte" || (node._tag === "Derived" && holdsGroup(node.self)))

const holdsGroup = (query: Relation): boolean => holds(query, (node) => node._tag === "Group")

const collect = (query: Relation, said: Set<string>): void => {
  const bound = boundIn(query)
  // Children come first, so what is known of them is there when their parent asks.
  const speaks = new Map<Node, Speaks>()
  walk(query, (node) => {
    let one: Speaks =
      node._tag === "Ref" || node._tag === "Presence"
        ? bound.has(node.alias)
          ? "inside"
          : "outside"
        : "nothing"
    for (const child of children(node)) one = both(one, speaks.get(child)!)
    speaks.set(node, one)
    if (one === "outside" && node._tag !== "Ref") said.add(node.key)
  })
}

type Speaks = "nothing" | "outside" | "inside"

const both = (a: Speaks, b: Speaks): Speaks =>
  a === "inside" || b === "inside" ? "inside" : a === "outside" ? a : b

/** Aliases a tree's own queries bring. */
export const boundIn = (root: Scalar | Relation): ReadonlySet<string> => {
  const bound = new Set<string>()
  walk(root, (one) => {
    if (one._tag === "Table" || one._tag === "Derived" || one._tag === "Cte") bound.add(one.alias)
  })
  return bound
}
