import { bindsOf, bindsOfAll } from "../../algebra/carried.ts"
import type { Command } from "../../algebra/Command.ts"
import { childFields, children } from "../../algebra/fold.ts"
import type { Relation } from "../../algebra/Relation.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import type { Source } from "../../algebra/Source.ts"
import { type Gatherer, gatherer, isPair, type Pair } from "../facts.ts"
import { numbered } from "../Position.ts"
import { remember } from "../survey.ts"
import type { Program } from "../Program.ts"
import { checkNames, checkScope } from "./scope.ts"

type Node = Scalar | Relation | Command

/**
 * Checks every reference, then numbers the values: each `Bound` and `BoundList` gives way to its
 * position in `statementBinds`, counted per occurrence, never per object.
 *
 * **Laws** L21: the result depends on the statement's key alone, so equal statements that share or
 * do not share nodes bind alike; L2: putting the values back gives the statement.
 */
export const bind = (root: Relation | Command): Program => {
  let offset = root.binds.length
  const ctes = root.ctes.map((source) => {
    const query = counted(source.query, offset)
    offset += source.query.binds.length
    return { source, query }
  })
  const program = { root: counted(root, 0), ctes }
  checkNames(program)
  checkScope(root)
  return program
}

/** How deep the quick way recurses before it goes on without the call stack. */
const recursion = 500

/** The numbered tree, its facts gathered on the way. */
const counted = <N extends Relation | Command>(root: N, offset: number): N => {
  const gathered = gatherer()
  const tree = quick(root, offset, 0, gathered)
  remember(tree, gathered.facts())
  return tree
}

/**
 * Numbers the values under a tree from `offset` on, however deep it is. Subtrees without values
 * keep their identity; others are rebuilt for each place they stand in.
 */
export const number = <N extends Node>(root: N, offset: number): N =>
  quick(root, offset, 0, gatherer())

const quick = <N extends Node>(node: N, offset: number, depth: number, gathered: Gatherer): N =>
  numberedUnder(node, offset, depth, gathered) as N

const numberedUnder = (node: Node, offset: number, depth: number, gathered: Gatherer): Node => {
  if (node.binds.length === 0) {
    gathered.walk(node)
    return node
  }
  if (isPair(node)) return pair(node, offset, gathered)
  if (node._tag === "Bound" || node._tag === "BoundList") return leaf(node, offset, gathered)
  if (depth > recursion) {
    const made = deep(node, offset)
    gathered.walk(made)
    return made
  }
  const over = above(node, offset, depth + 1, gathered)
  gathered.node(over)
  return over
}

/** A node over its numbered children: the commonest by their fields, without a generic copy. */
const above = (node: Node, offset: number, depth: number, gathered: Gatherer): Node => {
  switch (node._tag) {
    case "And": {
      const { ctes, key, type } = node
      const parts = each(node.parts, offset, depth, gathered)
      return { _tag: "And", parts, type, key, binds: bindsOfAll(parts), ctes }
    }
    case "Filter": {
      const { ctes, key } = node
      const self = quick(node.self, offset, depth, gathered)
      const predicate = quick(node.predicate, offset + node.self.binds.length, depth, gathered)
      return { _tag: "Filter", self, predicate, key, binds: bindsOf(self, predicate), ctes }
    }
    case "Project": {
      const { ctes, key, shape } = node
      const self = quick(node.self, offset, depth, gathered)
      const fields = each(node.fields, offset + node.self.binds.length, depth, gathered)
      return { _tag: "Project", self, fields, shape, key, binds: bindsOver(self, fields), ctes }
    }
    case "Order": {
      const { ctes, directions, key } = node
      const self = quick(node.self, offset, depth, gathered)
      const keys = each(node.keys, offset + node.self.binds.length, depth, gathered)
      return { _tag: "Order", self, keys, directions, key, binds: bindsOver(self, keys), ctes }
    }
    default:
      return withChildren(node, each(children(node), offset, depth, gathered))
  }
}

const each = <N extends Node>(
  nodes: ReadonlyArray<N>,
  offset: number,
  depth: number,
  gathered: Gatherer
): ReadonlyArray<N> => {
  const made = new Array<N>(nodes.length)
  let next = offset
  for (let at = 0; at < nodes.length; at++) {
    made[at] = quick(nodes[at]!, next, depth, gathered)
    next += nodes[at]!.binds.length
  }
  return made
}

/** Values of a relation and of the expressions above it, which seldom have any. */
const bindsOver = (self: Relation, nodes: ReadonlyArray<Scalar>): Relation["binds"] => {
  const own = bindsOfAll(nodes)
  return own.length === 0 ? self.binds : bindsOfAll([self, ...nodes])
}

const leaf = (node: Scalar, offset: number, gathered: Gatherer): Scalar => {
  const made = node._tag === "Bound" || node._tag === "BoundList" ? numbered(node, offset) : node
  gathered.leaf(made)
  return made
}

/** The commonest operator, without a copy of what is replaced and lists of its children. */
const pair = (node: Pair, offset: number, gathered: Gatherer): Pair => {
  const left = leaf(node.left, offset, gathered)
  const right = leaf(node.right, offset + node.left.binds.length, gathered)
  const { ctes, key, op, type } = node
  const binds = bindsOf(left, right)
  const made: Pair = { _tag: "Compare", op, left, right, type, key, binds, ctes }
  gathered.pair(made)
  return made
}

interface Visit {
  readonly node: Node
  readonly offset: number
  /** Set once the children stand on `done`. */
  readonly ready: boolean
}

const deep = (root: Node, offset: number): Node => {
  const todo: Array<Visit> = [{ node: root, offset, ready: false }]
  const done: Array<Node> = []
  while (todo.length > 0) {
    const visit = todo.pop()!
    const { node } = visit
    if (node.binds.length === 0) done.push(node)
    else if (node._tag === "Bound" || node._tag === "BoundList")
      done.push(numbered(node, visit.offset))
    else {
      const below = children(node)
      if (visit.ready) done.push(withChildren(node, done.splice(done.length - below.length)))
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
  return done[0]!
}

type Fields = Readonly<Record<string, Node | null | ReadonlyArray<Node>>>

/**
 * The node over numbered children. Numbering changes no key and no common table expression; nobody
 * but the phases sees a numbered tree, so none of it is frozen.
 */
const withChildren = (node: Node, made: ReadonlyArray<Node>): Node => {
  const copy: Record<string, unknown> = { ...node, binds: bindsOfAll(made) }
  let next = 0
  for (const field of childFields[node._tag] as ReadonlyArray<string>) {
    const child = (node as unknown as Fields)[field]
    if (Array.isArray(child) && child.length === made.length) copy[field] = made
    else if (Array.isArray(child)) copy[field] = made.slice(next, (next += child.length))
    else if (child !== null) copy[field] = made[next++]
  }
  if (node._tag === "Derived") copy["source"] = { ...(node.source as Source), query: copy["self"] }
  return copy as unknown as Node
}
