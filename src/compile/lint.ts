import { children, walk } from "../algebra/fold.ts"
import type { Command } from "../algebra/Command.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import { isDdl, type StatementNode } from "../algebra/Statement.ts"
import { isOneRow } from "./oneRow.ts"
import { boundIn } from "./phases/place/saidInside.ts"

/**
 * What is allowed and seldom meant.
 *
 * **Shape** `groups` are aliases of one FROM that conditions connect; nothing connects one group
 * with another, so each row of one meets each row of the other.
 *
 * @category models
 */
export interface Warning {
  readonly _tag: "CartesianProduct"
  readonly groups: ReadonlyArray<ReadonlyArray<string>>
}

type Node = Scalar | Relation | Command

/**
 * What of a statement is seldom meant: sources that no condition connects.
 *
 * **Shape** a pure function of the statement, for tests and for a hook of one's own; nothing calls
 * it by itself. `crossJoin` says that it is meant; a source of at most one row multiplies nothing.
 * **Source** SQLAlchemy 2.0 "cartesian product" warnings, `create_engine(enable_from_linting)`.
 *
 * @example
 * ```ts
 * import { Column, Expr, Query, Table } from "athanor"
 * import { lint } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id() })
 * const posts = Table.make("posts", { id: Column.id(), userId: Column.integer() })
 * const all = Query.from(users).join(posts, Expr.and())
 * lint(all).map(({ groups }) => groups) // => [[["users"], ["posts"]]]
 * ```
 * @category conversions
 */
export const lint = (statement: { readonly node: StatementNode }): ReadonlyArray<Warning> => {
  const { node } = statement
  if (isDdl(node)) return []
  const found: Array<Warning> = []
  const judge = (from: Relation, conditions: ReadonlyArray<Scalar>, own: string | null): void => {
    const groups = groupsOf(from, conditions, own)
    if (groups.length > 1) found.push(Object.freeze({ _tag: "CartesianProduct", groups }))
  }
  for (const tree of [node, ...node.ctes.map((cte) => cte.query)]) {
    if (isJoined(tree)) judge(tree, [], null)
    walk(tree, (one) => {
      if (one._tag === "Update" || one._tag === "Delete") {
        const from = one._tag === "Update" ? one.from : one.using
        if (from !== null) judge(from, [one.where], one.alias)
      } else if (one._tag === "Merge") judge(one.using, [one.on], one.alias)
      else if (one._tag !== "Filter" && one._tag !== "Join")
        for (const child of children(one)) if (isJoined(child)) judge(child, [], null)
    })
  }
  return Object.freeze(found)
}

/** The top of what one SELECT joins and filters. */
const isJoined = (node: Node): node is Extract<Relation, { _tag: "Join" | "Filter" }> =>
  node._tag === "Join" || node._tag === "Filter"

const groupsOf = (
  from: Relation,
  conditions: ReadonlyArray<Scalar>,
  own: string | null
): Warning["groups"] => {
  const aliases: Array<string> = own === null ? [] : [own]
  const parents = new Map<string, string>()
  const rootOf = (alias: string): string => {
    const parent = parents.get(alias)
    return parent === undefined || parent === alias ? alias : rootOf(parent)
  }
  const connect = (all: ReadonlyArray<string>): void => {
    for (const one of all.slice(1)) parents.set(rootOf(one), rootOf(all[0]!))
  }
  const say = (condition: Scalar): void => {
    if (condition._tag === "And") condition.parts.forEach(say)
    else connect([...namesIn(condition)])
  }
  const visit = (node: Relation): ReadonlyArray<string> => {
    switch (node._tag) {
      case "Filter": {
        say(node.predicate)
        return visit(node.self)
      }
      case "Join": {
        const left = visit(node.left)
        const right = visit(node.right)
        say(node.on)
        // A cross join is asked for by name, and a lateral one reads what it is joined to.
        const meant = node.kind === "cross" || node.lateral
        if (meant && left.length > 0 && right.length > 0) connect([left[0]!, right[0]!])
        return [...left, ...right]
      }
      case "Table":
      case "Derived":
      case "Cte":
        if (node._tag === "Table" || !isOneRow(node.source.query)) aliases.push(node.alias)
        return [node.alias]
      default:
        return []
    }
  }
  visit(from)
  conditions.forEach(say)
  const groups = new Map<string, Array<string>>()
  for (const alias of aliases) {
    const root = rootOf(alias)
    const group = groups.get(root)
    if (group === undefined) groups.set(root, [alias])
    else group.push(alias)
  }
  return [...groups.values()]
}

/** Aliases a condition speaks of, those of its own subqueries apart. */
const namesIn = (condition: Scalar): ReadonlySet<string> => {
  const bound = boundIn(condition)
  const names = new Set<string>()
  walk(condition, (node) => {
    if ((node._tag === "Ref" || node._tag === "Presence") && !bound.has(node.alias))
      names.add(node.alias)
  })
  return names
}
