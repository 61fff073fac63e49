import { type Command, excluded, type Insert } from "../../algebra/Command.ts"
import { children } from "../../algebra/fold.ts"
import type { Relation } from "../../algebra/Relation.ts"
import type { Presence, Ref, Scalar } from "../../algebra/Scalar.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { type Program, treesOf } from "../Program.ts"
import { aliased, type Aliased, type Aliases, joined, sourceUnder } from "./aliases.ts"
import { facts } from "../survey.ts"
import { kindsOf } from "../facts.ts"
import { isCommand } from "./place.ts"
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

/** Where the expressions directly below a relation stand. */
const placeBelow = (node: Relation, place: Place): Place => {
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

/** What is still to be checked, because the call stack is not as deep as a statement may be. */
interface Todo {
  readonly operators: Array<Found<Scalar>>
  readonly queries: Array<Found<Relation>>
}

interface Found<N> {
  readonly node: N
  readonly scope: Scope | null
  readonly place: Place
}

/**
 * Refuses a statement whose references do not say which row they mean: an unknown alias, one alias
 * for two sources, an alias that hides an outer one; and a window where its rows are not known yet.
 */
export const checkScope = (root: Relation | Command): void => {
  const todo: Todo = { operators: [], queries: [] }
  checkTree(root, todo)
  for (const cte of root.ctes) checkTree(cte.query, todo)
  for (;;) {
    const operator = todo.operators.pop()
    if (operator !== undefined) {
      checkOperator(operator, todo)
      continue
    }
    const query = todo.queries.pop()
    if (query === undefined) return
    checkBlock(query.node, query.scope, query.place, todo)
  }
}

const checkTree = (tree: Relation | Command, todo: Todo): void => {
  if (isCommand(tree)) checkCommand(tree, todo)
  else todo.queries.push({ node: tree, scope: null, place: null })
}

/** A reference is checked at once, anything else when its turn comes. */
const check = (node: Scalar, scope: Scope | null, place: Place, todo: Todo): void => {
  const { _tag: tag } = node
  if (tag === "Bound") return
  if (tag === "Ref" || tag === "Presence") return checkReference(node, scope)
  // The commonest operator, of what needs no place in the list.
  if (tag === "Compare" && isAtOnce(node.left) && isAtOnce(node.right)) {
    check(node.left, scope, place, todo)
    return check(node.right, scope, place, todo)
  }
  todo.operators.push({ node, scope, place })
}

const checkAll = (
  nodes: ReadonlyArray<Scalar>,
  scope: Scope | null,
  place: Place,
  todo: Todo
): void => {
  for (let at = 0; at < nodes.length; at++) check(nodes[at]!, scope, place, todo)
}

const isAtOnce = ({ _tag }: Scalar): boolean => _tag === "Ref" || _tag === "Bound"

const checkOperator = ({ node, place, scope }: Found<Scalar>, todo: Todo): void => {
  switch (node._tag) {
    case "InQuery":
      check(node.self, scope, place, todo)
      todo.queries.push({ node: node.query, scope, place: null })
      break
    case "Subquery":
    case "Exists":
      todo.queries.push({ node: node.query, scope, place: null })
      break
    case "Window":
      checkWindow(place)
      checkAll(children(node) as ReadonlyArray<Scalar>, scope, "a window", todo)
      break
    case "Aggregate":
      checkAll(children(node) as ReadonlyArray<Scalar>, scope, "an aggregate", todo)
      break
    default:
      checkAll(children(node) as ReadonlyArray<Scalar>, scope, place, todo)
  }
}

/**
 * Checks a block from its sources upwards, so that each of its expressions meets the aliases that
 * are below it; gives those it passes on.
 */
const checkBlock = (top: Relation, outer: Scope | null, above: Place, todo: Todo): Aliases => {
  const spine: Array<Relation> = []
  const places: Array<Place> = []
  let at = top
  let place = above
  for (let below = spineOf(at); below !== null; below = spineOf(at)) {
    spine.push(at)
    places.push(place)
    place = at._tag === "Join" ? null : placeBelow(at, place)
    at = below
  }
  let aliases = checkSource(at, outer, place, todo)
  let inside: Scope = { aliases, outer }
  for (let i = spine.length - 1; i >= 0; i--) {
    const node = spine[i]!
    const below = placeBelow(node, places[i]!)
    switch (node._tag) {
      case "Join": {
        // What is joined laterally sees what stands before it.
        const right = checkBlock(node.right, node.lateral ? inside : outer, null, todo)
        aliases = joined(aliases, right)
        inside = { aliases, outer }
        check(node.on, inside, below, todo)
        break
      }
      case "Filter":
        check(node.predicate, inside, below, todo)
        break
      case "Project":
        checkAll(node.fields, inside, below, todo)
        break
      case "Group":
      case "Order":
        checkAll(node.keys, inside, below, todo)
        break
      case "CustomRelation":
        checkAll(node.args, inside, below, todo)
        break
      case "Combine":
        for (let part = 1; part < node.parts.length; part++)
          todo.queries.push({ node: node.parts[part]!, scope: outer, place: below })
        break
      case "Sample":
        check(node.percent, outer, below, todo)
        if (node.seed !== null) check(node.seed, outer, below, todo)
        break
      case "Slice":
        if (node.limit !== null) check(node.limit, inside, "limit", todo)
        if (node.offset !== null) check(node.offset, inside, "offset", todo)
        break
      default:
        break
    }
  }
  return aliases
}

/** What a block reads, at its bottom. */
const checkSource = (node: Relation, outer: Scope | null, place: Place, todo: Todo): Aliases => {
  switch (node._tag) {
    case "Derived":
      todo.queries.push({ node: node.self, scope: outer, place: null })
      return sourced(node, outer)
    case "Table":
    case "Cte":
      return sourced(node, outer)
    case "Values":
      checkAll(node.cells, outer, place, todo)
      return none
    case "TableFunction":
      checkAll(node.args, outer, place, todo)
      return none
    case "Recursion":
      todo.queries.push({ node: node.base, scope: outer, place })
      todo.queries.push({ node: node.step, scope: outer, place })
      return none
    default:
      return none
  }
}

type Named = Extract<Relation, { readonly _tag: "Table" | "Derived" | "Cte" }>

const sourced = ({ alias, source }: Named, outer: Scope | null): Aliases => {
  checkShadow(alias, outer)
  return [aliased(alias, source)]
}

const none: Aliases = []

/** The child whose scopes a relation passes on. */
const spineOf = (node: Relation): Relation | null => {
  switch (node._tag) {
    case "Unit":
    case "Table":
    case "Derived":
    case "Cte":
    case "Recursion":
    case "Values":
    case "TableFunction":
      return null
    case "Join":
      return node.left
    case "Combine":
      return node.parts[0] ?? null
    default:
      return node.self
  }
}

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

const scopeOf = (aliases: Aliases): Scope => ({ aliases, outer: null })

/** What each expression of a command sees; its sources see nothing of it. */
const checkCommand = (node: Command, todo: Todo): void => {
  const under = (nodes: ReadonlyArray<Scalar | null>, scope: Scope | null): void => {
    for (const one of nodes) if (one !== null) check(one, scope, inCommand, todo)
  }
  const asks = (query: Relation | null, scope: Scope | null): void => {
    if (query !== null) todo.queries.push({ node: query, scope, place: inCommand })
  }
  if (node._tag === "Insert") {
    const own = aliasesOfOwn(node)
    if (node.conflict !== null && node.table.name === excluded)
      refuse(`"${excluded}" names the row an upsert proposes: give the table another alias`)
    const both = scopeOf([...own, aliased(excluded, node.table)])
    under(node.cells, null)
    asks(node.rows, null)
    under(node.returned, scopeOf(own))
    under(node.changes, both)
    return under([node.condition], both)
  }
  const own: Aliases = [aliased(node.alias, node.table)]
  under(node.returned, scopeOf(own))
  if (node._tag === "Merge") {
    const source = checkBlock(node.using, null, inCommand, todo)
    const seen = {
      matched: scopeOf(joined(own, source)),
      "not matched": scopeOf(source),
      "not matched by source": scopeOf(own)
    }
    under([node.on], seen.matched)
    let next = 0
    node.whens.forEach(({ columns, match }, i) => {
      under([node.conditions[i]!], seen[match])
      under(node.values.slice(next, (next += columns.length)), seen[match])
    })
    return
  }
  const beside = node._tag === "Update" ? node.from : node.using
  const all = beside === null ? own : joined(own, checkBlock(beside, null, inCommand, todo))
  const inside = scopeOf(all)
  under([node.limit], null)
  if (node._tag === "Update") {
    under(node.values, inside)
    asks(node.row, inside)
  }
  under([node.where], inside)
  under(node.order, inside)
}

const inCommand = "a command"

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
