import { childFields, walk } from "../algebra/fold.ts"
import type { Command } from "../algebra/Command.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import { isDdl, type StatementNode } from "../algebra/Statement.ts"
import { few } from "./few.ts"
import { groupsOfEach } from "./groups.ts"
import { isOneRow } from "./oneRow.ts"
import { boundIn } from "./phases/place/saidInside.ts"
import { facts } from "./survey.ts"
import { kindsOf } from "./facts.ts"
import type { Warning } from "./Warning.ts"

type Node = Scalar | Relation | Command

/**
 * What of a statement is seldom meant: sources that no condition connects.
 *
 * **Shape** a pure function of the statement. `crossJoin` says that it is meant; a source of at
 * most one row multiplies nothing. What runs is linted too: see the option `unconnected` of
 * statements.
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
  return isDdl(node) ? nothing : warningsOf([node, ...node.ctes.map((cte) => cte.query)], "values")
}

const nothing: ReadonlyArray<Warning> = Object.freeze([])

/**
 * What is seldom meant, told by the values of a statement's trees or by their shape alone.
 *
 * **Laws** L26: by shape, a function of the key; of all statements with one key, every warning that
 * the values of one of them give.
 */
export const warningsOf = (
  trees: ReadonlyArray<Relation | Command>,
  by: "values" | "shape"
): ReadonlyArray<Warning> => {
  const found: Array<Warning> = []
  const judge = (from: Relation, conditions: ReadonlyArray<Scalar>, own: string | null): void => {
    const groups = groupsOf(from, conditions, own, by)
    if (groups.length > 1) found.push(Object.freeze({ _tag: "CartesianProduct", groups }))
  }
  const judgeTop = (node: Node): void => {
    if (isJoined(node) && !isChained(node)) judge(node, [], null)
  }
  for (const tree of trees) {
    const { inner, kinds } = facts(tree)
    if ((kinds & joining) === 0) continue
    judgeTop(tree)
    for (const one of inner)
      switch (one._tag) {
        case "Filter":
        case "Join":
          break
        case "Update":
          if (one.from !== null) judge(one.from, [one.where], one.alias)
          break
        case "Delete":
          if (one.using !== null) judge(one.using, [one.where], one.alias)
          break
        case "Merge":
          judge(one.using, [one.on], one.alias)
          break
        case "Insert":
          if (one.rows !== null) judgeTop(one.rows)
          break
        case "Combine":
          one.parts.forEach(judgeTop)
          break
        case "Recursion":
          judgeTop(one.base)
          judgeTop(one.step)
          break
        default:
          if ("query" in one) judgeTop(one.query)
          else if ("self" in one) judgeTop(one.self)
      }
  }
  return found.length === 0 ? nothing : Object.freeze(found)
}

/** Where one FROM may have several sources. */
const joining = kindsOf(["Join", "Update", "Delete", "Merge"])

/** The top of what one SELECT joins and filters. */
const isJoined = (node: Node): node is Extract<Relation, { _tag: "Join" | "Filter" }> =>
  node._tag === "Join" || node._tag === "Filter"

const isSource = (node: Node): node is Extract<Relation, { _tag: "Table" | "Derived" | "Cte" }> =>
  node._tag === "Table" || node._tag === "Derived" || node._tag === "Cte"

/**
 * Whether each source is joined by a column of its own and one of a source before it: the commonest
 * joins, whose other conditions need not be read.
 */
const isChained = (top: Relation): boolean => {
  let at = top
  for (let count = 0; isJoined(at);) {
    if (at._tag === "Filter") {
      at = at.self
      continue
    }
    const { left, on, right } = at
    if (++count > few || !isSource(right)) return false
    if (on._tag !== "Compare" || on.left._tag !== "Ref" || on.right._tag !== "Ref") return false
    const [one, other] = [on.left.alias, on.right.alias]
    const before = one === right.alias ? other : other === right.alias ? one : null
    if (before === null || !hasSource(left, before)) return false
    at = left
  }
  return isSource(at)
}

const hasSource = (top: Relation, alias: string): boolean => {
  let at = top
  for (; isJoined(at); at = at._tag === "Join" ? at.left : at.self)
    if (at._tag === "Join" && isSource(at.right) && at.right.alias === alias) return true
  return isSource(at) && at.alias === alias
}

const groupsOf = (
  from: Relation,
  conditions: ReadonlyArray<Scalar>,
  own: string | null,
  by: "values" | "shape"
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
    if (isSource(at) && !isSole(at, by)) aliases.push(at.alias)
    for (let i = above.length - 1; i >= 0; i--) {
      const node = above[i]!
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
  const groups = groupsOfEach(aliases)
  for (const pair of pairs) groups.connect(pair)
  /** Whether the conditions so far leave but one group: the others need not be read. */
  const say = (condition: Scalar): boolean => {
    if (condition._tag === "And") return condition.parts.some(say)
    groups.connect(namesIn(condition))
    return groups.isWhole()
  }
  return said.some(say) ? [aliases] : groups.lists()
}

/** Whether a source gives at most one row. */
const isSole = (
  node: Extract<Relation, { _tag: "Table" | "Derived" | "Cte" }>,
  by: "values" | "shape"
): boolean =>
  node._tag !== "Table" && !("returned" in node.source.query) && isOneRow(node.source.query, by)

/** Aliases a condition speaks of, those of its own subqueries apart. */
const namesIn = (condition: Scalar): ReadonlyArray<string> => {
  if (condition._tag === "Compare") {
    const { left, right } = condition
    // The commonest: a column and another, or a value.
    if (left._tag === "Ref" && right._tag === "Ref") return [left.alias, right.alias]
    if (left._tag === "Ref" && right.binds.length === 1 && childFields[right._tag].length === 0)
      return [left.alias]
  }
  const bound = boundIn(condition)
  const names = new Set<string>()
  walk(condition, (node) => {
    if ((node._tag === "Ref" || node._tag === "Presence") && !bound.has(node.alias))
      names.add(node.alias)
  })
  return [...names]
}
