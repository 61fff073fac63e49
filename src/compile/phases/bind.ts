import type { Command } from "../../algebra/Command.ts"
import { childFields } from "../../algebra/fold.ts"
import type { Relation } from "../../algebra/Relation.ts"
import type { Bound, Scalar } from "../../algebra/Scalar.ts"
import type { Source } from "../../algebra/Source.ts"
import { numbered } from "../Position.ts"
import type { Program } from "../Program.ts"
import { checkScope } from "./scope.ts"

type Node = Scalar | Relation | Command

/**
 * Checks every reference, then numbers the values: each `Bound` and `BoundList` gives way to its
 * position in `statementBinds`, counted per occurrence, never per object.
 *
 * **Laws** L21: the result depends on the statement's key alone, so equal statements that share or
 * do not share nodes bind alike; L2: putting the values back gives the statement.
 */
export const bind = (root: Relation | Command): Program => {
  checkScope(root)
  let offset = root.binds.length
  const ctes = root.ctes.map((source) => {
    const query = number(source.query, offset)
    offset += source.query.binds.length
    return { source, query }
  })
  return { root: number(root, 0), ctes }
}

interface Visit {
  readonly node: Node
  readonly offset: number
  /** Set once the children stand on `done`. */
  readonly ready: boolean
}

/**
 * Numbers the values under a tree from `offset` on, without recursion. Subtrees without values keep
 * their identity; others are rebuilt for each place they stand in.
 */
export const number = <N extends Node>(root: N, offset: number): N => {
  const todo: Array<Visit> = [{ node: root, offset, ready: false }]
  const done: Array<Node> = []
  while (todo.length > 0) {
    const visit = todo.pop()!
    const { node } = visit
    if (node.binds.length === 0) done.push(node)
    else if (node._tag === "Bound" || node._tag === "BoundList")
      done.push(numbered(node, visit.offset))
    else {
      const below = childrenOf(node)
      if (visit.ready) done.push(withChildren(node, below, done.splice(done.length - below.length)))
      else {
        todo.push({ ...visit, ready: true })
        // Reversed twice: pushed last to first so that results stand first to last.
        let end = visit.offset + node.binds.length
        for (let i = below.length - 1; i >= 0; i--) {
          end -= below[i]!.binds.length
          todo.push({ node: below[i]!, offset: end, ready: false })
        }
      }
    }
  }
  return done[0] as N
}

type Fields = Readonly<Record<string, Node | null | ReadonlyArray<Node>>>

const childrenOf = (node: Node): ReadonlyArray<Node> => {
  const out: Array<Node> = []
  for (const field of childFields[node._tag] as ReadonlyArray<string>) {
    const child = (node as unknown as Fields)[field]
    if (Array.isArray(child)) for (const one of child as ReadonlyArray<Node>) out.push(one)
    else if (child !== null) out.push(child as Node)
  }
  return out
}

/** The node over numbered children. Numbering changes no key and no common table expression. */
const withChildren = (
  node: Node,
  below: ReadonlyArray<Node>,
  numberedBelow: ReadonlyArray<Node>
): Node => {
  if (below.every((one, i) => one === numberedBelow[i])) return node
  const binds: Array<Bound> = []
  for (const one of numberedBelow) for (const value of one.binds) binds.push(value)
  const copy: Record<string, unknown> = { ...node, binds }
  let next = 0
  for (const field of childFields[node._tag] as ReadonlyArray<string>) {
    const child = (node as unknown as Fields)[field]
    if (Array.isArray(child)) copy[field] = numberedBelow.slice(next, (next += child.length))
    else if (child !== null) copy[field] = numberedBelow[next++]
  }
  if (node._tag === "Derived") copy["source"] = { ...(node.source as Source), query: copy["self"] }
  return Object.freeze(copy) as unknown as Node
}
