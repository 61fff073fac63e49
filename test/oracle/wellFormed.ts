import type { Group, Relation } from "../../src/algebra/Relation.ts"
import type { Presence, Ref, Scalar } from "../../src/algebra/Scalar.ts"
import { projectionOf } from "./relation.ts"
import { below, isRun, sameScalar } from "./scalar.ts"

/**
 * What expressions above a relation may name. `says` tells whether a whole expression has a value
 * there, or null where its parts decide.
 */
interface Scope {
  readonly names: ReadonlySet<string>
  readonly says: (node: Scalar, scopes: Scopes) => boolean | null
}
type Scopes = ReadonlyArray<Scope>
type Reference = Ref | Presence

const open = (names: Iterable<string>): Scope => ({ names: new Set(names), says: () => null })

const isReference = (node: Scalar): node is Reference =>
  node._tag === "Ref" || node._tag === "Presence"

/** Above a group: its keys, what they determine, and aggregates of what is below. */
const aboveGroup = ({ keys, sets }: Group, under: Scope): Scope => {
  const determines = (node: Reference): boolean =>
    sets === null &&
    node.source._tag === "TableSource" &&
    node.source.primaryKey.length > 0 &&
    node.source.primaryKey.every((column) =>
      keys.some((key) => key._tag === "Ref" && key.alias === node.alias && key.path[0] === column)
    )
  const says: Scope["says"] = (node, scopes) => {
    if (keys.some((key) => sameScalar(key, node))) return true
    if (isReference(node)) return under.names.has(node.alias) ? determines(node) : null
    if (node._tag === "Grouping") return keys.some((key) => sameScalar(key, node.self))
    if (node._tag === "Aggregate")
      return below(node).every((kid) => hasValue(kid, [under, ...scopes.slice(1)]))
    if (node._tag !== "And" && node._tag !== "Or") return null
    const rest = [...node.parts]
    const others: Array<Scalar> = []
    for (let found = false; rest.length > 0;) {
      const key = keys.find(
        (one) => one._tag === node._tag && isRun(one.parts, rest.slice(0, one.parts.length))
      )
      found ||= key !== undefined
      if (key === undefined) others.push(rest.shift()!)
      else rest.splice(0, (key as typeof node).parts.length)
      if (rest.length === 0 && !found) return null
    }
    return others.every((part) => hasValue(part, scopes))
  }
  return { names: under.names, says }
}

/** Above DISTINCT and set operations: what is projected. */
const aboveClosed = (fields: ReadonlyArray<Scalar>, under: Scope): Scope => ({
  names: under.names,
  says: (node) => {
    if (fields.some((field) => sameScalar(field, node))) return true
    if (isReference(node)) return under.names.has(node.alias) ? false : null
    return node._tag === "Aggregate" || node._tag === "Grouping" ? false : null
  }
})

const both = (left: Scope, right: Scope): Scope => ({
  names: new Set([...left.names, ...right.names]),
  says: (node, scopes) => {
    const found = left.says(node, scopes)
    return found === null ? right.says(node, scopes) : found
  }
})

const scopeOf = (node: Relation): Scope => {
  switch (node._tag) {
    case "Unit":
    case "Values":
    case "TableFunction":
    case "Recursion":
      return open([])
    case "Table":
    case "Derived":
    case "Cte":
      return open([node.alias])
    case "Join":
      return both(scopeOf(node.left), scopeOf(node.right))
    case "Group":
      return aboveGroup(node, scopeOf(node.self))
    case "Distinct":
      return aboveClosed(projectionOf(node).fields, scopeOf(node.self))
    case "Combine":
      return aboveClosed(projectionOf(node).fields, open([]))
    default:
      return scopeOf(node.self)
  }
}

/** Whether an expression has a value where the innermost of some scopes is its own query's. */
const hasValue = (node: Scalar, scopes: Scopes): boolean => {
  const said = scopes[0]?.says(node, scopes) ?? null
  if (said !== null) return said
  if (isReference(node)) {
    const scope = scopes.find(({ names }) => names.has(node.alias))
    return scope !== undefined && scope.says(node, scopes) !== false
  }
  // A window's function is no aggregate of the group: what it is given is.
  const kids = below(node).flatMap((kid) =>
    node._tag === "Window" && kid === node.self ? below(kid) : [kid]
  )
  return kids.every((kid) =>
    "query" in node && kid === (node.query as unknown)
      ? isWellFormed(node.query, scopes)
      : hasValue(kid, scopes)
  )
}

/**
 * Whether each expression of a query has a value where it stands: SQL:2016 part 2, 7.12 and 7.17.
 * What has none must be refused when it is built, and nothing else.
 */
export const isWellFormed = (node: Relation, outer: Scopes = []): boolean => {
  const own = (self: Relation, nodes: ReadonlyArray<Scalar>): boolean => {
    const scopes = [scopeOf(self), ...outer]
    return nodes.every((one) => hasValue(one, scopes))
  }
  switch (node._tag) {
    case "Join":
      return (
        isWellFormed(node.left, outer) &&
        isWellFormed(node.right, node.lateral ? [scopeOf(node.left), ...outer] : outer) &&
        own(node, [node.on])
      )
    case "Filter":
      return isWellFormed(node.self, outer) && own(node.self, [node.predicate])
    case "Group":
    case "Order":
      return isWellFormed(node.self, outer) && own(node.self, node.keys)
    case "Project":
      return isWellFormed(node.self, outer) && own(node.self, node.fields)
    case "Combine":
      return node.parts.every((part) => isWellFormed(part, outer))
    case "TableFunction":
      return node.args.every((arg) => hasValue(arg, outer))
    case "Recursion":
      return isWellFormed(node.base, outer) && isWellFormed(node.step, outer)
    default:
      return !("self" in node) || isWellFormed(node.self, outer)
  }
}
