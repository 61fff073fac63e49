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

const isSource = (node: Node): node is Extract<Relation, { _tag: "Table" | "Derived" | "Cte" }> =>
  node._tag === "Table" || node._tag === "Derived" || node._tag === "Cte"

const groupsOf = (
  from: Relation,
  conditions: ReadonlyArray<Scalar>,
  own: string | null
): Warning["groups"] => {
  const aliases: Array<string> = own === null ? [] : [own]
  const said: Array<Scalar> = [...conditions]
  const pairs: Array<readonly [string, string]> = []
  /** The alias that stands first; joins lean to the left, however many there are. */
  const visit = (top: Relation): string | null => {
    const above: Array<Extract<Relation, { _tag: "Join" | "Filter" }>> = []
    let at = top
    for (; isJoined(at); at = at._tag === "Join" ? at.left : at.self) above.push(at)
    const first = isSource(at) ? at.alias : null
    if (isSource(at) && !isSole(at)) aliases.push(at.alias)
    for (const node of above.toReversed()) {
      said.push(node._tag === "Join" ? node.on : node.predicate)
      if (node._tag !== "Join") continue
      const right = visit(node.right)
      // A cross join is asked for by name, and a lateral one reads what it is joined to.
      const meant = node.kind === "cross" || node.lateral
      if (meant && first !== null && right !== null) pairs.push([first, right])
    }
    return first
  }
  visit(from)
  // What a condition speaks of is sought in all its subqueries: only where there is a choice.
  if (aliases.length < 2) return [aliases]
  const parents = new Map<string, string>()
  const rootOf = (alias: string): string => {
    let at = alias
    for (let up = parents.get(at); up !== undefined && up !== at; up = parents.get(at)) at = up
    // Asked again it is one step away, however long the chain was.
    parents.set(alias, at)
    return at
  }
  const connect = ([first, ...others]: ReadonlyArray<string>): void => {
    for (const one of others) parents.set(rootOf(one), rootOf(first!))
  }
  const say = (condition: Scalar): void => {
    if (condition._tag === "And") condition.parts.forEach(say)
    else connect([...namesIn(condition)])
  }
  said.forEach(say)
  pairs.forEach(connect)
  const groups = new Map<string, Array<string>>()
  for (const alias of aliases) {
    const root = rootOf(alias)
    const group = groups.get(root)
    if (group === undefined) groups.set(root, [alias])
    else group.push(alias)
  }
  return [...groups.values()]
}

/** Whether a source gives at most one row. */
const isSole = (node: Extract<Relation, { _tag: "Table" | "Derived" | "Cte" }>): boolean =>
  node._tag !== "Table" && !("returned" in node.source.query) && isOneRow(node.source.query)

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
