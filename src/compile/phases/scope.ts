import { type Command, excluded, type Insert } from "../../algebra/Command.ts"
import { children } from "../../algebra/fold.ts"
import type { Relation } from "../../algebra/Relation.ts"
import type { Presence, Ref, Scalar } from "../../algebra/Scalar.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { type Program, treesOf } from "../Program.ts"
import { aliased, type Aliased, aliasFinder, type Aliases, joined, sourceUnder } from "./aliases.ts"
import { facts } from "../survey.ts"
import { kindsOf } from "../facts.ts"
import { boundIn } from "./place/saidInside.ts"

type Node = Scalar | Relation | Command

/** The aliases an expression may name, innermost first. */
interface Scope {
  readonly aliases: Aliases
  readonly outer: Scope | null
}

/**
 * Where an expression stands: null where a window may, because the rows it sees are known there;
 * else the words for a place where they are not.
 */
type Place = string | null

/** Where the expressions directly below a node stand. */
const placeBelow = (node: Node, place: Place): Place => {
  switch (node._tag) {
    case "Project":
    case "Order":
      return null
    case "Filter":
      return node.self._tag === "Group" ? "having" : "where"
    case "Group":
      return "groupBy"
    case "Join":
      return "a join's condition"
    case "Window":
      return "a window"
    case "Aggregate":
      return "an aggregate"
    case "Insert":
    case "Update":
    case "Delete":
    case "Merge":
      return "a command"
    default:
      return place
  }
}

const checkWindow = (place: Place): void => {
  if (place === null) return
  refuse(
    `a window function stands in ${place}, where its rows are not known yet: select it in a ` +
      "query of its own, give that a name with as(), and filter there"
  )
}

/**
 * Refuses a statement whose references do not say which row they mean: an unknown alias, one alias
 * for two sources, an alias that hides an outer one; and a window where its rows are not known yet.
 */
export const checkScope = (root: Relation | Command): void => {
  const aliasesOf = aliasFinder()
  const nodes: Array<Node> = []
  const scopes: Array<Scope | null> = []
  const places: Array<Place> = []
  const check = (node: Node, scope: Scope | null, place: Place): void => {
    if (node._tag === "Ref" || node._tag === "Presence") return checkReference(node, scope)
    if (node._tag === "Bound") return
    // The commonest operator, of what needs no place in the list.
    if (node._tag === "Compare" && isAtOnce(node.left) && isAtOnce(node.right)) {
      check(node.left, scope, place)
      return check(node.right, scope, place)
    }
    nodes.push(node)
    scopes.push(scope)
    places.push(place)
  }
  check(root, null, null)
  for (const cte of root.ctes) check(cte.query, null, null)
  while (nodes.length > 0) {
    const node = nodes.pop()!
    const outer = scopes.pop()!
    const place = places.pop()!
    switch (node._tag) {
      case "Compare":
        check(node.left, outer, place)
        check(node.right, outer, place)
        break
      case "Subquery":
      case "Exists":
      case "InQuery":
        if (node._tag === "InQuery") check(node.self, outer, place)
        check(node.query, outer, null)
        break
      case "Insert":
      case "Update":
      case "Delete":
      case "Merge":
        for (const [child, scope] of commandScopes(node, aliasesOf))
          check(child, scope, placeBelow(node, place))
        break
      case "Table":
      case "Derived":
      case "Cte":
        checkShadow(node.alias, outer)
        if (node._tag === "Derived") check(node.self, outer, null)
        break
      case "Join": {
        // What is joined laterally sees what stands before it.
        const before: Scope | null = node.lateral ? { aliases: aliasesOf(node.left), outer } : outer
        check(node.left, outer, null)
        check(node.right, before, null)
        check(node.on, { aliases: aliasesOf(node), outer }, placeBelow(node, place))
        break
      }
      default: {
        if (node._tag === "Window") checkWindow(place)
        const inside = isBlock(node) ? { aliases: aliasesOf(node), outer } : outer
        const below = placeBelow(node, place)
        const kids = children(node)
        for (let at = 0; at < kids.length; at++) {
          const child = kids[at]!
          check(child, isSource(child) || isBlock(child) ? outer : inside, below)
        }
      }
    }
  }
}

const isAtOnce = ({ _tag }: Scalar): boolean => _tag === "Ref" || _tag === "Bound"

const isSource = (node: Node): boolean =>
  node._tag === "Table" ||
  node._tag === "Derived" ||
  node._tag === "Cte" ||
  node._tag === "Unit" ||
  node._tag === "Values" ||
  node._tag === "TableFunction" ||
  node._tag === "Sample"

const blockTags: ReadonlySet<Node["_tag"]> = new Set<Node["_tag"]>([
  "Join",
  "Filter",
  "Group",
  "Project",
  "Distinct",
  "DistinctOn",
  "Order",
  "Slice",
  "Combine",
  "Lock",
  "Hint",
  "CustomRelation"
])
const isBlock = (node: Node): node is Relation => blockTags.has(node._tag)

/**
 * Refuses two common table expressions of one name, one that hides a table, a recursion's own rows
 * outside of it.
 */
export const checkNames = (program: Program): void => {
  const seen = new Set<string>()
  for (const {
    source: { name }
  } of program.ctes) {
    if (seen.has(name.toLowerCase())) refuse(`two common table expressions are named "${name}"`)
    seen.add(name.toLowerCase())
  }
  for (const tree of treesOf(program)) checkReads(tree, seen)
  const { ctes, root } = program
  const writes = ctes.find(({ query }) => "returned" in query)
  if (writes !== undefined && !("returned" in root) && !saysWrites(root))
    refuse(`the query writes by "${writes.source.name}": say so, with Query.writing`)
}

const saysWrites = (root: Relation): boolean =>
  root._tag === "Hint" && (root.hint._tag === "Writes" || saysWrites(root.self))

const recursive = kindsOf(["Cte", "Recursion"])

/** What a tree reads by name is what it means: no hidden table, no recursion outside its step. */
const checkReads = (tree: Relation | Command, names: ReadonlySet<string>): void => {
  const own = tree._tag === "Recursion" ? tree.source : null
  const { inner, kinds } = facts(tree)
  if (names.size === 0 && (kinds & recursive) === 0) return
  if ("returned" in tree) checkHidden(tree.table, names)
  for (const node of inner) {
    if (node._tag === "Recursion" && node !== tree)
      refuse(`the recursion "${node.source.name}" stands outside of a common table expression`)
    if (node._tag === "Cte" && node.source._tag === "SelfSource" && node.source !== own)
      refuse(`"${node.source.name}": the rows a recursion found last are known in its step only`)
    if (node._tag === "Table") checkHidden(node.source, names)
  }
}

const checkHidden = ({ name, schema }: TableSource, names: ReadonlySet<string>): void => {
  if (schema === null && names.has(name.toLowerCase()))
    refuse(`the common table expression "${name}" hides the table "${name}": rename it`)
}

const checkReference = (node: Ref | Presence, scope: Scope | null): void => {
  for (let at = scope; at !== null; at = at.outer) {
    const source = sourceUnder(node.alias, at.aliases)
    if (source === null) continue
    if (source !== node.source) refuse(`the alias "${node.alias}" names two different sources`)
    return
  }
  refuse(
    `"${node.alias}.${node.path.join(".")}" is not in scope: no source here is "${node.alias}"`
  )
}

const checkShadow = (alias: string, outer: Scope | null): void => {
  const folded = alias.toLowerCase()
  for (let at = outer; at !== null; at = at.outer)
    for (const one of at.aliases)
      if (one.folded === folded)
        refuse(
          one.alias === alias
            ? `the alias "${alias}" hides the same alias of an outer query`
            : `the alias "${alias}" hides "${one.alias}" of an outer query: they are one name`
        )
}

type Scoped = readonly [node: Node, scope: Scope | null]

const scopeOf = (aliases: Aliases): Scope => ({ aliases, outer: null })

/** What each expression of a command sees; its sources see nothing of it. */
const commandScopes = (
  node: Command,
  aliasesOf: (relation: Relation) => Aliases
): ReadonlyArray<Scoped> => {
  const under = (nodes: ReadonlyArray<Node | null>, scope: Scope | null): ReadonlyArray<Scoped> =>
    nodes.flatMap((one) => (one === null ? [] : [[one, scope] as const]))
  if (node._tag === "Insert") {
    const own = aliasesOfOwn(node)
    if (node.conflict !== null && node.table.name === excluded)
      refuse(`"${excluded}" names the row an upsert proposes: give the table another alias`)
    const both = scopeOf([...own, aliased(excluded, node.table)])
    return [
      ...under([...node.cells, node.rows], null),
      ...under(node.returned, scopeOf(own)),
      ...under([...node.changes, node.condition], both)
    ]
  }
  const own: Aliases = [aliased(node.alias, node.table)]
  if (node._tag === "Merge") {
    const source = aliasesOf(node.using)
    const seen = {
      matched: scopeOf(joined(own, source)),
      "not matched": scopeOf(source),
      "not matched by source": scopeOf(own)
    }
    let next = 0
    return [
      [node.using, null],
      [node.on, seen.matched],
      ...node.whens.flatMap(({ columns, match }, i) =>
        under(
          [node.conditions[i]!, ...node.values.slice(next, (next += columns.length))],
          seen[match]
        )
      ),
      ...under(node.returned, scopeOf(own))
    ]
  }
  const beside = node._tag === "Update" ? node.from : node.using
  const all = beside === null ? own : joined(own, aliasesOf(beside))
  const inside = scopeOf(all)
  const values = node._tag === "Update" ? [...node.values, node.row] : []
  return [
    ...under([beside, node.limit], null),
    ...under([...values, node.where, ...node.order], inside),
    ...under(node.returned, scopeOf(own))
  ]
}

/** An insert's own table goes by whatever alias its expressions say. */
const aliasesOfOwn = (node: Insert): Aliases => {
  const aliases: Array<Aliased> = []
  for (const field of [...node.returned, ...node.changes, node.condition]) {
    if (field === null) continue
    const bound = boundIn(field)
    for (const { alias, source } of referencesOf(field))
      if (source === node.table && !bound.has(alias) && alias !== excluded)
        if (sourceUnder(alias, aliases) === null) aliases.push(aliased(alias, source))
  }
  return aliases
}

const referencesOf = (root: Scalar): ReadonlyArray<Ref | Presence> => {
  const out: Array<Ref | Presence> = []
  const todo: Array<Node> = [root]
  while (todo.length > 0) {
    const node = todo.pop()!
    if (node._tag === "Ref" || node._tag === "Presence") out.push(node)
    else todo.push(...children(node))
  }
  return out
}
