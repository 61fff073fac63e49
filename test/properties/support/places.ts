import type { Command } from "../../../src/algebra/Command.ts"
import { children } from "../../../src/algebra/fold.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"

type Node = Scalar | Relation | Command

/** Where in a statement a query within an expression stands. */
export const clauses = [
  "select",
  "where",
  "having",
  "group by",
  "order by",
  "on",
  "aggregate",
  "window",
  "values",
  "function",
  "set",
  "returning"
] as const
export type Clause = (typeof clauses)[number]

/** What a query in an expression is asked for. */
export const asks = ["Subquery", "Exists", "InQuery"] as const
export type Ask = (typeof asks)[number]

/** What a block reads. */
export const reads = [
  "nothing",
  "table",
  "derived",
  "values",
  "function",
  "set operation",
  "cte",
  "recursion",
  "own rows",
  "lateral"
] as const
export type Read = (typeof reads)[number]

/** A query that stands in an expression. */
export interface Place {
  readonly clause: Clause
  readonly ask: Ask
  /** What the block around reads. */
  readonly outer: ReadonlySet<Read>
  /** What its own block reads. */
  readonly inner: ReadonlySet<Read>
  readonly correlated: boolean
}

const bottom = (query: Relation): Relation => {
  let at = query
  while ("self" in at && at._tag !== "Derived") at = at.self
  return at
}

/** What stands in FROM of a block, with what it is a set operation of. */
const readsOf = (relation: Relation): ReadonlySet<Read> => {
  const found = new Set<Read>()
  const at = (one: Relation): void => {
    switch (one._tag) {
      case "Unit":
        found.add("nothing")
        break
      case "Table":
        found.add("table")
        break
      case "Values":
        found.add("values")
        break
      case "TableFunction":
        found.add("function")
        break
      case "Combine":
        found.add("set operation")
        break
      case "Cte":
        found.add(
          one.source._tag === "SelfSource"
            ? "own rows"
            : one.source.query._tag === "Recursion"
              ? "recursion"
              : "cte"
        )
        break
      case "Derived": {
        const inner = bottom(one.self)
        found.add(
          inner._tag === "Values"
            ? "values"
            : inner._tag === "TableFunction"
              ? "function"
              : inner._tag === "Combine"
                ? "set operation"
                : "derived"
        )
        break
      }
      case "Join":
        at(one.left)
        if (one.lateral) found.add("lateral")
        at(one.right)
        break
      default:
        if ("self" in one) at(one.self)
    }
  }
  at(relation)
  return found
}

const aliasesIn = (root: Node): { readonly said: Set<string>; readonly brought: Set<string> } => {
  const said = new Set<string>()
  const brought = new Set<string>()
  const at = (node: Node): void => {
    if (node._tag === "Ref" || node._tag === "Presence") said.add(node.alias)
    else if ("alias" in node) brought.add(node.alias)
    for (const one of children(node)) at(one)
  }
  at(root)
  return { said, brought }
}

const isCorrelated = (query: Relation): boolean => {
  const { brought, said } = aliasesIn(query)
  return [...said].some((alias) => !brought.has(alias))
}

/** Every query that stands in an expression of a statement. */
export const placesOf = (statement: Relation | Command): ReadonlyArray<Place> => {
  const found: Array<Place> = []
  const scalar = (node: Scalar, clause: Clause, outer: ReadonlySet<Read>): void => {
    if (node._tag === "Subquery" || node._tag === "Exists" || node._tag === "InQuery") {
      const { query } = node
      found.push({
        clause,
        ask: node._tag,
        outer,
        inner: readsOf(query),
        correlated: isCorrelated(query)
      })
      relation(query, readsOf(query))
      if (node._tag === "InQuery") scalar(node.self, clause, outer)
      return
    }
    const inside =
      node._tag === "Aggregate" ? "aggregate" : node._tag === "Window" ? "window" : clause
    for (const one of children(node)) scalar(one as Scalar, inside, outer)
  }
  const relation = (node: Relation, outer: ReadonlySet<Read>): void => {
    const all = (nodes: ReadonlyArray<Scalar>, clause: Clause): void => {
      for (const one of nodes) scalar(one, clause, outer)
    }
    switch (node._tag) {
      case "Project":
        all(node.fields, "select")
        break
      case "Filter":
        all([node.predicate], node.self._tag === "Group" ? "having" : "where")
        break
      case "Group":
        all(node.keys, "group by")
        break
      case "Order":
        all(node.keys, "order by")
        break
      case "Join":
        all([node.on], "on")
        relation(node.left, outer)
        return relation(node.right, outer)
      case "Values":
        all(node.cells, "values")
        break
      case "TableFunction":
        all(node.args, "function")
        break
      case "Derived":
        return relation(node.self, readsOf(node.self))
      case "Combine":
        for (const part of node.parts) relation(part, readsOf(part))
        return
      case "Recursion":
        relation(node.base, readsOf(node.base))
        return relation(node.step, readsOf(node.step))
      default:
        break
    }
    if ("self" in node) relation(node.self, outer)
  }
  const command = (node: Command): void => {
    const beside =
      node._tag === "Insert" ? node.rows : node._tag === "Update" ? node.from : node.using
    const outer = beside === null ? new Set<Read>(["table"]) : readsOf(beside)
    const all = (nodes: ReadonlyArray<Scalar>, clause: Clause): void => {
      for (const one of nodes) scalar(one, clause, outer)
    }
    if (beside !== null) relation(beside, outer)
    all(node.returned, "returning")
    switch (node._tag) {
      case "Insert":
        all(node.cells, "values")
        all(node.changes, "set")
        return all(node.condition === null ? [] : [node.condition], "where")
      case "Merge":
        all([node.on], "on")
        all(node.conditions, "where")
        return all(node.values, "set")
      case "Update":
        all(node.values, "set")
        if (node.row !== null) relation(node.row, readsOf(node.row))
        break
      case "Delete":
        break
    }
    all([node.where], "where")
    all(node.order, "order by")
  }
  for (const tree of [statement, ...statement.ctes.map(({ query }) => query)])
    if ("returned" in tree) command(tree)
    else relation(tree, readsOf(tree))
  return found
}
