import type { Command } from "../algebra/Command.ts"
import { childFields, walk } from "../algebra/fold.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import type { AnyType } from "../algebra/Type.ts"
import { few } from "./few.ts"

type Node = Scalar | Relation | Command
type Tag = Node["_tag"]

/**
 * What a pass asks of a tree before it looks at its nodes.
 *
 * **Shape** most nodes of most statements are columns, values and comparisons of two of them: they
 * are counted, and `inner` lists the others, children before parents, each once.
 */
export interface Facts {
  readonly inner: ReadonlyArray<Node>
  /** The kinds of all nodes but those of the crowd: see `kindsOf`. */
  readonly kinds: number
  /** How many nodes `inner` leaves out; one that stands in two places counts twice. */
  readonly crowd: number
  /** Every expression is of a type that each server has, and says and compares as it is. */
  readonly isPlain: boolean
}

/** A bit for each kind of node. What no pass asks for apart from others is of their kind. */
const kinds: Readonly<Record<Tag, number>> = {
  Ref: 0,
  Bound: 0,
  Unit: 0,
  Table: 0,
  Filter: 0,
  Project: 0,
  Order: 0,
  Presence: 1 << 0,
  BoundList: 1 << 0,
  Named: 1 << 1,
  Generated: 1 << 2,
  Constant: 1 << 3,
  Default: 1 << 3,
  Compare: 1 << 4,
  And: 1 << 5,
  Or: 1 << 5,
  Not: 1 << 6,
  IsNull: 1 << 6,
  Arith: 1 << 7,
  Negate: 1 << 8,
  Like: 1 << 9,
  Tuple: 1 << 10,
  InList: 1 << 11,
  InQuery: 1 << 12,
  Subquery: 1 << 13,
  Exists: 1 << 14,
  Between: 1 << 15,
  Case: 1 << 16,
  Cast: 1 << 17,
  JsonAt: 1 << 18,
  JsonEdit: 1 << 18,
  Call: 1 << 19,
  Aggregate: 1 << 20,
  Grouping: 1 << 20,
  Window: 1 << 21,
  WindowCall: 1 << 21,
  Raw: 1 << 22,
  CustomScalar: 1 << 22,
  CustomRelation: 1 << 22,
  TableFunction: 1 << 22,
  Derived: 1 << 23,
  Cte: 1 << 24,
  Recursion: 1 << 24,
  Join: 1 << 25,
  Group: 1 << 26,
  Combine: 1 << 27,
  Distinct: 1 << 28,
  DistinctOn: 1 << 28,
  Slice: 1 << 28,
  Values: 1 << 28,
  Sample: 1 << 28,
  Lock: 1 << 29,
  Hint: 1 << 29,
  Insert: 1 << 30,
  Update: 1 << 30,
  Delete: 1 << 30,
  Merge: 1 << 30
}

/** The kinds of some nodes, to ask whether a tree has one of them: `facts.kinds & kindsOf(…)`. */
export const kindsOf = (tags: ReadonlyArray<Tag>): number =>
  tags.reduce((all, tag) => all | kinds[tag], 0)

/** Whether a type is one that each server has, and says and compares as it is. */
const isPlain = ({ sql }: AnyType): boolean => {
  switch (sql._tag) {
    case "Integer":
    case "Varchar":
    case "Text":
    case "Boolean":
    case "Smallint":
    case "Bigint":
    case "Double":
    case "Bytes":
    case "Uuid":
    case "Date":
    case "Time":
    case "Timestamp":
    case "Enum":
    case "Custom":
      return sql.exact === undefined
    case "Json":
    case "Numeric":
    case "Interval":
    case "Array":
    case "Range":
      return false
  }
}

const isLeaf = ({ _tag }: Scalar): boolean =>
  _tag === "Ref" || _tag === "Bound" || childFields[_tag].length === 0

/** A comparison of two leaves, which are counted and not listed. */
export type Pair = Extract<Scalar, { readonly _tag: "Compare" }>

export const isPair = (node: Node): node is Pair =>
  node._tag === "Compare" && isLeaf(node.left) && isLeaf(node.right)

/** How deep the quick way recurses before it goes on without the call stack. */
const recursion = 500

type Fields = Readonly<Record<string, Node | null | ReadonlyArray<Node>>>

/** Gathers the facts of a tree, from whoever walks it anyway: each node after its children. */
export interface Gatherer {
  /** A column, a value or another expression without children. */
  readonly leaf: (node: Scalar) => void
  /** A comparison of two leaves. */
  readonly pair: (node: Pair) => void
  /** Any other node. */
  readonly node: (node: Node) => void
  /** A node and all that is below it. */
  readonly walk: (node: Node) => void
  readonly facts: () => Facts
}

export const gatherer = (): Gatherer => {
  const inner: Array<Node> = []
  let seen: Set<Node> | null = null
  let found = 0
  let crowd = 0
  let usual = true
  const leaf = (node: Scalar): void => {
    const { _tag: tag } = node
    if (tag !== "Ref" && tag !== "Bound") found |= kinds[tag]
    crowd++
    usual &&= isPlain(node.type)
  }
  const pair = (node: Pair): void => {
    crowd++
    usual &&= isPlain(node.type)
  }
  const note = (node: Node): void => {
    found |= kinds[node._tag]
    if ("type" in node) usual &&= isPlain(node.type)
    inner.push(node)
    seen?.add(node)
  }
  /** What is known has been listed. */
  const isNew = (node: Node): boolean => {
    if (inner.length <= few) return !inner.includes(node)
    seen ??= new Set(inner)
    return !seen.has(node)
  }
  const at = (node: Node, depth: number): void => {
    const { _tag: tag } = node
    // The commonest nodes, without a way down to them.
    if (tag === "Ref" || tag === "Bound") return leaf(node)
    if (tag === "Table") return note(node)
    if (isPair(node)) {
      leaf(node.left)
      leaf(node.right)
      return pair(node)
    }
    const fields: ReadonlyArray<string> = childFields[tag]
    if (fields.length === 0) return "type" in node ? leaf(node) : note(node)
    if (!isNew(node)) return
    if (depth > recursion) {
      walk(node, (one) => {
        if (isPair(one)) pair(one)
        else if ("type" in one && isLeaf(one)) leaf(one)
        else if (isNew(one)) note(one)
      })
      return
    }
    if (tag === "Join") {
      at(node.left, depth + 1)
      at(node.right, depth + 1)
      at(node.on, depth + 1)
    } else
      for (const field of fields) {
        const child = (node as unknown as Fields)[field]!
        if (child === null) continue
        if (Array.isArray(child)) for (const one of child as ReadonlyArray<Node>) at(one, depth + 1)
        else at(child as Node, depth + 1)
      }
    note(node)
  }
  return {
    leaf,
    pair,
    node: note,
    walk: (node) => at(node, 0),
    facts: () => ({ inner, kinds: found, crowd, isPlain: usual })
  }
}

/** The facts of a tree, in one walk. */
export const factsOf = (root: Node): Facts => {
  const gathered = gatherer()
  gathered.walk(root)
  return gathered.facts()
}
