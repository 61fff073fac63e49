import type { Command } from "../algebra/Command.ts"
import { childFields, rewriteTree, walk } from "../algebra/fold.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import { type Facts, factsOf } from "./facts.ts"

type Node = Scalar | Relation | Command

/** What is known of a tree; its nodes are listed when a pass asks for all of them. */
interface Known {
  readonly root: Node
  readonly facts: Facts
  nodes: ReadonlyArray<Node> | null
}

/**
 * The trees asked of last: passes ask one after the other, and a WeakMap is dear to collect. A
 * list, because a Map that is cleared again and again holds on to all it held: each of its tables
 * knows the one after it, and one that grew old keeps the others until all is collected.
 */
const most = 16
const trees = new Array<Known | null>(most).fill(null)
let next = 0

/** A larger tree is walked again by each pass: remembered, it would stay for long. */
const remembered = 10_000

const knownOf = (root: Node): Known => {
  for (let back = 1; back <= most; back++) {
    const known = trees[(next - back + most) % most]!
    if (known === null) break
    if (known.root === root) return known
  }
  return remember(root, factsOf(root))
}

/** Keeps what somebody gathered who walked a tree anyway. */
export const remember = (root: Node, facts: Facts): Known => {
  const known: Known = { root, facts, nodes: null }
  if (facts.inner.length + facts.crowd > remembered) return known
  trees[next] = known
  next = (next + 1) % most
  return known
}

type Fields = Readonly<Record<string, Node | null | ReadonlyArray<Node>>>

/** How deep the quick way recurses before it goes on without the call stack. */
const recursion = 500

const isLeaf = ({ _tag }: Scalar): boolean => childFields[_tag].length === 0

const collect = (root: Node): ReadonlyArray<Node> => {
  const nodes: Array<Node> = []
  const seen = new Set<Node>()
  const at = (node: Node, depth: number): void => {
    // The commonest node, without a way down to each of its leaves.
    if (node._tag === "Compare" && isLeaf(node.left) && isLeaf(node.right)) {
      if (seen.has(node)) return
      seen.add(node)
      nodes.push(node.left, node.right, node)
      return
    }
    const fields: ReadonlyArray<string> = childFields[node._tag]
    if (fields.length > 0) {
      if (seen.has(node)) return
      if (depth > recursion)
        return walk(node, (one) => {
          if (seen.has(one)) return
          seen.add(one)
          nodes.push(one)
        })
      seen.add(node)
      for (const field of fields) {
        const child = (node as unknown as Fields)[field]!
        if (child === null) continue
        if (Array.isArray(child)) for (const one of child as ReadonlyArray<Node>) at(one, depth + 1)
        else at(child as Node, depth + 1)
      }
    }
    nodes.push(node)
  }
  at(root, 0)
  return nodes
}

/** What is in a tree: walked once, however many passes ask. */
export const facts = (root: Node): Facts => knownOf(root).facts

/**
 * The nodes of a tree, children before parents. A leaf may be listed more than once, any other node
 * is not.
 */
export const survey = (root: Node): ReadonlyArray<Node> => {
  const known = knownOf(root)
  return (known.nodes ??= collect(root))
}

/**
 * `rewrite` for what changes few trees: one in which nothing changes is read, not rewritten.
 *
 * **Laws** `rewriteFew = rewrite`
 */
export const rewriteFew = <N extends Node>(root: N, f: (node: Node) => Node): N => {
  for (const node of survey(root)) if (f(node) !== node) return rewriteTree(root, f)
  return root
}

/**
 * `rewriteFew` for a pass that leaves columns, values and comparisons of two of them as they are.
 *
 * **Laws** `rewriteInner = rewrite`
 */
export const rewriteInner = <N extends Node>(root: N, f: (node: Node) => Node): N => {
  for (const node of facts(root).inner) if (f(node) !== node) return rewriteTree(root, f)
  return root
}
