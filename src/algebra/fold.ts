import * as C from "./Command.ts"
import type { Command } from "./Command.ts"
import type { Ddl } from "./Ddl.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"

type Node = Scalar | Relation | Command

/** A node's child fields, in the order their values are lifted. */
type ChildField<N> = {
  [K in keyof N]-?: N[K] extends Node | null | ReadonlyArray<Node>
    ? K extends "binds"
      ? never
      : K
    : never
}[keyof N]

/** What a case is given for each child field: the child's own result. */
export type Kids<N, A, B> = {
  readonly [K in ChildField<N>]: N[K] extends ReadonlyArray<Scalar>
    ? ReadonlyArray<A>
    : N[K] extends ReadonlyArray<Relation>
      ? ReadonlyArray<B>
      : N[K] extends Scalar
        ? A
        : N[K] extends Relation
          ? B
          : N[K] extends Scalar | null
            ? A | null
            : N[K] extends Relation | null
              ? B | null
              : never
}

/** One case per expression node; a node without a case does not compile. */
export type ScalarCases<A, B> = {
  readonly [T in Scalar["_tag"]]: (
    node: Extract<Scalar, { readonly _tag: T }>,
    kids: Kids<Extract<Scalar, { readonly _tag: T }>, A, B>
  ) => A
}

/** One case per relation node. */
export type RelationCases<A, B> = {
  readonly [T in Relation["_tag"]]: (
    node: Extract<Relation, { readonly _tag: T }>,
    kids: Kids<Extract<Relation, { readonly _tag: T }>, A, B>
  ) => B
}

/** One case per command node. */
export type CommandCases<A, B, C> = {
  readonly [T in Command["_tag"]]: (
    node: Extract<Command, { readonly _tag: T }>,
    kids: Kids<Extract<Command, { readonly _tag: T }>, A, B>
  ) => C
}

/** One case per schema statement; it has no children. */
export type DdlCases<A> = {
  readonly [T in Ddl["_tag"]]: (node: Extract<Ddl, { readonly _tag: T }>) => A
}

/** An interpreter of the two mutually recursive unions: expressions give A, relations give B. */
export interface Cases<A, B> {
  readonly scalar: ScalarCases<A, B>
  readonly relation: RelationCases<A, B>
}

type Shape = {
  readonly [T in Node["_tag"]]: ReadonlyArray<ChildField<Extract<Node, { readonly _tag: T }>>>
}

/** Where each node keeps its children. */
export const childFields: Shape = {
  Ref: [],
  Presence: [],
  Bound: [],
  BoundList: [],
  Named: [],
  Generated: [],
  Constant: [],
  Default: [],
  Compare: ["left", "right"],
  And: ["parts"],
  Or: ["parts"],
  Not: ["self"],
  IsNull: ["self"],
  Arith: ["left", "right"],
  Negate: ["self"],
  Like: ["self", "pattern"],
  Tuple: ["parts"],
  InList: ["self", "list"],
  InQuery: ["self", "query"],
  Between: ["self", "low", "high"],
  Case: ["whens", "thens", "otherwise"],
  Cast: ["self"],
  JsonAt: ["self"],
  JsonEdit: ["self", "values"],
  Call: ["args"],
  Aggregate: ["args", "filter", "order"],
  Grouping: ["self"],
  WindowCall: ["args"],
  Window: ["self", "partition", "order", "offsets"],
  Subquery: ["query"],
  Exists: ["query"],
  Raw: ["holes"],
  CustomScalar: ["args"],
  Unit: [],
  Table: [],
  Derived: ["self"],
  Cte: [],
  Join: ["left", "right", "on"],
  Filter: ["self", "predicate"],
  Group: ["self", "keys"],
  Project: ["self", "fields"],
  Distinct: ["self"],
  DistinctOn: ["self"],
  Order: ["self", "keys"],
  Slice: ["self", "limit", "offset"],
  Combine: ["parts"],
  Values: ["cells"],
  TableFunction: ["args"],
  Sample: ["self", "percent", "seed"],
  Recursion: ["base", "step"],
  Lock: ["self"],
  Hint: ["self"],
  CustomRelation: ["self", "args"],
  Insert: ["cells", "rows", "changes", "condition", "returned"],
  Update: ["values", "row", "from", "where", "order", "limit", "returned"],
  Delete: ["using", "where", "order", "limit", "returned"],
  Merge: ["using", "on", "conditions", "values", "returned"]
}

/** The same node over other children, its key and values computed afresh. */
const rebuild: {
  readonly [T in Node["_tag"]]: (n: Extract<Node, { readonly _tag: T }>, k: any) => Node
} = {
  Ref: (n) => n,
  Presence: (n) => n,
  Bound: (n) => n,
  BoundList: (n) => n,
  Named: (n) => n,
  Generated: (n) => n,
  Constant: (n) => n,
  Default: (n) => n,
  Compare: (n, k) => S.compare(n.op, k.left, k.right, n.type),
  And: (n, k) => S.and(k.parts, n.type),
  Or: (n, k) => S.or(k.parts, n.type),
  Not: (n, k) => S.not(k.self, n.type),
  IsNull: (n, k) => S.isNull(k.self, n.type),
  Arith: (n, k) => S.arith(n.op, k.left, k.right, n.type),
  Negate: (n, k) => S.negate(k.self, n.type),
  Like: (n, k) => S.like(k.self, k.pattern, n.type, n.insensitive, n.escape),
  Tuple: (n, k) => S.tuple(k.parts, n.type),
  InList: (n, k) => S.inList(k.self, k.list, n.type, n.op, n.quantifier),
  InQuery: (n, k) => S.inQuery(k.self, k.query, n.type, n.op, n.quantifier),
  Between: (n, k) => S.between(k.self, k.low, k.high, n.type, n.symmetric),
  Case: (n, k) => S.caseOf(k.whens, k.thens, k.otherwise, n.type),
  Cast: (n, k) => S.cast(k.self, n.type, n.orNull),
  JsonAt: (n, k) => S.jsonAt(k.self, n.path, n.type),
  JsonEdit: (n, k) => S.jsonEdit(k.self, n, k.values, n.type),
  Call: (n, k) => S.call(n.name, k.args, n.type),
  Aggregate: (n, k) =>
    S.aggregate(n.name, k.args, n.distinct, n.type, { ...k, directions: n.directions }),
  Grouping: (n, k) => S.grouping(k.self, n.type),
  WindowCall: (n, k) => S.windowCall(n.name, k.args, n.type),
  Window: (n, k) =>
    S.window(k.self, { ...k, directions: n.directions, frame: n.frame, name: n.name }),
  Subquery: (n, k) => S.subquery(k.query, n.type),
  Exists: (n, k) => S.exists(k.query, n.type),
  Raw: (n, k) => S.raw(n.parts, k.holes, n.type, n.tables, n.drawn),
  CustomScalar: (n, k) => S.customScalar(n.name, k.args, n.print, n.type, n.form, n.drawn),
  Unit: (n) => n,
  Table: (n) => n,
  Derived: (n, k) =>
    k.self === n.self ? n : R.derived(Object.freeze({ ...n.source, query: k.self }), n.alias),
  Cte: (n) => n,
  Join: (n, k) => R.join(n.kind, k.left, k.right, k.on, n.lateral),
  Filter: (_, k) => R.filter(k.self, k.predicate),
  Group: (n, k) => R.group(k.self, k.keys, n.sets),
  Project: (n, k) => R.projectAgain(n, k.self, k.fields),
  Distinct: (_, k) => R.distinct(k.self),
  DistinctOn: (n, k) => R.distinctOn(k.self, n.keys),
  Order: (n, k) => R.order(k.self, k.keys, n.directions),
  Slice: (n, k) => R.slice(k.self, k.limit, k.offset, n.ties, n.percent),
  Combine: (n, k) => R.combine(n.op, k.parts),
  Hint: (n, k) => R.hint(k.self, n.hint),
  Lock: (n, k) => R.lock(k.self, n.strength, n.wait, n.of),
  Values: (n, k) => R.values(n.row, k.cells),
  TableFunction: (n, k) => R.tableFunction(n.name, k.args, n.row, n.called),
  Sample: (n, k) => R.sample(k.self, n.method, k.percent, k.seed),
  Recursion: (n, k) => R.recursion(n.source, k.base, k.step, n.distinct),
  CustomRelation: (n, k) => R.customRelation(n.name, k.self, k.args, n.print, n.replaces, n.tables),
  Insert: (n, k) =>
    C.insert(n.table, n.columns, k.cells, n.rowCount, returning(n, k), { ...n, ...k }),
  Update: (n, k) =>
    C.update(n.table, n.alias, n.columns, k.values, k.where, returning(n, k), { ...n, ...k }),
  Delete: (n, k) => C.remove(n.table, n.alias, k.where, returning(n, k), { ...n, ...k }),
  Merge: (n, k) =>
    C.merge(n.table, n.alias, k.using, k.on, n.whens, k.conditions, k.values, returning(n, k))
}

/** A node over other children, from its fields; those of a leaf are itself. */
export const rebuilt = (node: Node, kids: object): Node =>
  (rebuild[node._tag] as (n: Node, k: object) => Node)(node, kids)

const returning = (
  n: Command,
  k: { readonly returned: ReadonlyArray<Scalar> }
): C.Returning | null => (n.shape === null ? null : { fields: k.returned, shape: n.shape })

type Child = Node | null | ReadonlyArray<Node>
const fieldsOf = (node: Node): ReadonlyArray<string> => childFields[node._tag]
const childOf = (node: Node, field: string): Child =>
  (node as unknown as Record<string, Child>)[field]!

/** A node's children, in the order their values are lifted. */
export const children = (node: Node): ReadonlyArray<Node> => {
  const fields = fieldsOf(node)
  if (fields.length === 1) {
    const only = childOf(node, fields[0]!)
    if (isList(only)) return only
  }
  const out: Array<Node> = []
  for (let i = 0; i < fields.length; i++) {
    const child = childOf(node, fields[i]!)
    if (child === null) continue
    if (isList(child)) for (let at = 0; at < child.length; at++) out.push(child[at]!)
    else out.push(child)
  }
  return out
}

const isList = (child: Child): child is ReadonlyArray<Node> => Array.isArray(child)

/**
 * Folds a tree bottom-up without recursion, each shared node once.
 *
 * **Laws** `fold(identity) = identity`; depth is bounded by memory, not by the call stack.
 */
const run = <X>(
  root: Node,
  visit: (node: Node, kids: Readonly<Record<string, unknown>>) => X
): X => {
  const done = new Map<Node, X>()
  const stack: Array<Node> = [root]
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!
    if (done.has(node)) {
      stack.pop()
      continue
    }
    let ready = true
    const below = children(node)
    for (let i = below.length - 1; i >= 0; i--) {
      if (!done.has(below[i]!)) {
        stack.push(below[i]!)
        ready = false
      }
    }
    if (!ready) continue
    stack.pop()
    const kids: Record<string, unknown> = {}
    for (const field of fieldsOf(node)) {
      const child = childOf(node, field)
      kids[field] =
        child === null
          ? null
          : Array.isArray(child)
            ? (child as ReadonlyArray<Node>).map((one) => done.get(one))
            : done.get(child as Node)
    }
    done.set(node, visit(node, kids))
  }
  return done.get(root)!
}

const isRelation = (node: Node): node is Relation => Object.hasOwn(relationTags, node._tag)
const relationTags: Readonly<Record<Relation["_tag"], true>> = {
  Unit: true,
  Table: true,
  Derived: true,
  Cte: true,
  Join: true,
  Filter: true,
  Group: true,
  Project: true,
  Distinct: true,
  DistinctOn: true,
  Order: true,
  Slice: true,
  Combine: true,
  Values: true,
  TableFunction: true,
  Sample: true,
  Recursion: true,
  Lock: true,
  Hint: true,
  CustomRelation: true
}

const visitWith =
  <A, B>(cases: Cases<A, B>) =>
  (node: Node, kids: any): A | B =>
    isRelation(node)
      ? (cases.relation[node._tag] as (n: Relation, k: unknown) => B)(node, kids)
      : (cases.scalar[(node as Scalar)._tag] as (n: Scalar, k: unknown) => A)(node as Scalar, kids)

/**
 * One case for every node of expressions and relations: to begin with, and to replace some of.
 *
 * **Shape** `f` gets a node and the results of its children, in the order their values are lifted.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { alike, foldRelation } from "athanor/dialect"
 * const users = Table.make("users", { id: Column.id() })
 * const depth = alike<number>((_, kids) => 1 + Math.max(0, ...kids))
 * foldRelation(Query.from(users).where(users.c.id.gt(1)).node, depth) // => 4
 * ```
 * @category constructors
 */
export const alike = <A>(
  f: (node: Scalar | Relation, kids: ReadonlyArray<A>) => A
): Cases<A, A> => {
  const one = (node: Scalar | Relation, kids: Readonly<Record<string, unknown>>): A =>
    f(
      node,
      fieldsOf(node).flatMap((field) => (kids[field] ?? []) as A | ReadonlyArray<A>)
    )
  const every = Object.fromEntries(Object.keys(childFields).map((tag) => [tag, one]))
  return { scalar: every, relation: every } as unknown as Cases<A, A>
}

/**
 * Interprets an expression: bottom-up, each shared node once, without recursion.
 *
 * **Laws** every child is visited once, before its parent; depth is bounded by memory, not by the
 * call stack. A union member without a case does not compile.
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * import { alike, foldScalar } from "athanor/dialect"
 * const users = Table.make("users", { id: Column.id() })
 * const nodes = alike<number>((_, kids) => kids.reduce((sum, kid) => sum + kid, 1))
 * foldScalar(users.c.id.gt(1).node, nodes) // => 3
 * ```
 * @category interpreters
 */
export const foldScalar = <A, B>(node: Scalar, cases: Cases<A, B>): A =>
  run(node, visitWith(cases)) as A

/**
 * Interprets a relation, as `foldScalar` does an expression.
 *
 * **Shape** common table expressions are not entered: they stand beside the tree, in `ctes`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { alike, foldRelation } from "athanor/dialect"
 * const users = Table.make("users", { id: Column.id() })
 * const cases = alike<ReadonlyArray<string>>((_, kids) => kids.flat())
 * const tables = { ...cases,
 *   relation: { ...cases.relation, Table: (node: { alias: string }) => [node.alias] } }
 * foldRelation(Query.from(users).where(users.c.id.gt(1)).node, tables) // => ["users"]
 * ```
 * @category interpreters
 */
export const foldRelation = <A, B>(node: Relation, cases: Cases<A, B>): B =>
  run(node, visitWith(cases)) as B

/**
 * Interprets a command: its own case over the results of its expressions.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { alike, foldCommand } from "athanor/dialect"
 * const users = Table.make("users", { id: Column.id() })
 * const none = alike<null>(() => null)
 * const said = {
 *   Insert: () => "adds", Update: () => "changes", Delete: () => "removes", Merge: () => "merges"
 * }
 * foldCommand(Query.deleteFrom(users).everyRow().node, none, said) // => "removes"
 * ```
 * @category interpreters
 */
export const foldCommand = <A, B, C>(
  node: Command,
  cases: Cases<A, B>,
  commands: CommandCases<A, B, C>
): C => {
  const below = visitWith(cases)
  return run<A | B | C>(node, (one, kids) =>
    one === node
      ? (commands[node._tag] as (n: Command, k: unknown) => C)(node, kids)
      : below(one, kids)
  ) as C
}

/** Interprets a schema statement. */
export const matchDdl = <A>(node: Ddl, cases: DdlCases<A>): A =>
  (cases[node._tag] as (n: Ddl) => A)(node)

/** How deep the quick ways recurse before they go on without the call stack. */
const recursion = 500

/** The same node over its rewritten children; itself where none of them changed. */
const over = (node: Node, childOfNode: (child: Node) => Node): Node => {
  let kids: Record<string, Child> | null = null
  const fields = fieldsOf(node)
  for (const field of fields) {
    const before = childOf(node, field)
    if (before === null) continue
    const after = Array.isArray(before)
      ? eachOf(before as ReadonlyArray<Node>, childOfNode)
      : childOfNode(before as Node)
    if (after === before) continue
    if (kids === null) {
      kids = {}
      for (const one of fields) kids[one] = childOf(node, one)
    }
    kids[field] = after
  }
  return kids === null ? node : (rebuild[node._tag] as (n: Node, k: unknown) => Node)(node, kids)
}

const eachOf = (
  before: ReadonlyArray<Node>,
  childOfNode: (child: Node) => Node
): ReadonlyArray<Node> => {
  let after: Array<Node> | null = null
  for (let i = 0; i < before.length; i++) {
    const one = childOfNode(before[i]!)
    if (one === before[i]) continue
    after ??= before.slice()
    after[i] = one
  }
  return after ?? before
}

/** A node over what its children become, each node once, by `f`; any tree with the same memory. */
export type Rewriter = (node: Node) => Node

export const rewriter = (f: (node: Node) => Node): Rewriter => {
  const done = new Map<Node, Node>()
  const known = (node: Node): Node => done.get(node) ?? node
  const at = (node: Node, depth: number): Node => {
    // A leaf is not looked up: it costs less to rewrite it again.
    if (fieldsOf(node).length === 0) return f(node)
    let made = done.get(node)
    if (made !== undefined) return made
    if (depth < recursion) made = f(over(node, (child) => at(child, depth + 1)))
    else {
      run<void>(node, (one) => {
        if (!done.has(one)) done.set(one, f(over(one, known)))
      })
      return done.get(node)!
    }
    done.set(node, made)
    return made
  }
  return (node) => at(node, 0)
}

/**
 * `rewrite` for the phases, in which a reference goes by its alias alone: what refers to a derived
 * table that has changed is left as it is, and common table expressions are not entered.
 *
 * **Laws** nodes nothing changed in keep their identity.
 */
export const rewriteTree = <N extends Node>(root: N, f: (node: Node) => Node): N =>
  rewriter(f)(root) as N

/**
 * Visits every node once, children before parents.
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * import { walk } from "athanor/dialect"
 * const users = Table.make("users", { id: Column.id() })
 * const tags: Array<string> = []
 * walk(users.c.id.gt(1).node, (node) => { tags.push(node._tag) })
 * tags // => ["Ref", "Bound", "Compare"]
 * ```
 * @category interpreters
 */
export const walk = (root: Node, f: (node: Node) => void): void => {
  const seen = new Set<Node>()
  const at = (node: Node, depth: number): void => {
    if (seen.has(node)) return
    if (depth >= recursion) {
      run<void>(node, (one) => {
        if (seen.has(one)) return
        seen.add(one)
        f(one)
      })
      return
    }
    seen.add(node)
    for (const field of fieldsOf(node)) {
      const child = childOf(node, field)
      if (child === null) continue
      if (Array.isArray(child)) for (const one of child as ReadonlyArray<Node>) at(one, depth + 1)
      else at(child as Node, depth + 1)
    }
    f(node)
  }
  at(root, 0)
}

/** Whether a tree has such a node. */
export const holds = (root: Node, isSuch: (node: Node) => boolean): boolean => {
  let found = false
  walk(root, (node) => {
    found ||= isSuch(node)
  })
  return found
}
