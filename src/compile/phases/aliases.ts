import type { Relation } from "../../algebra/Relation.ts"
import type { Source } from "../../algebra/Source.ts"
import { refuse } from "../../algebra/StatementError.ts"

/** A source under its alias; servers compare aliases without case, as they are `folded`. */
export interface Aliased {
  readonly alias: string
  readonly folded: string
  readonly source: Source
}

/** Sources in the order of FROM. There are few: a list is read sooner than a map is made. */
export type Aliases = ReadonlyArray<Aliased>

export const aliased = (alias: string, source: Source): Aliased => ({
  alias,
  folded: alias.toLowerCase(),
  source
})

/** The source of an alias; null where it is none of these. */
export const sourceUnder = (alias: string, aliases: Aliases): Source | null => {
  for (const one of aliases) if (one.alias === alias) return one.source
  return null
}

/** Those of two sides of a join, no two of them one name. */
export const joined = (left: Aliases, right: Aliases): Aliases => {
  for (const { alias, folded, source } of right)
    for (const other of left)
      if (other.folded === folded)
        refuse(
          other.source === source && other.alias === alias
            ? `the alias "${alias}" is joined twice: give one of them another with as()`
            : `the aliases "${other.alias}" and "${alias}" of two sources are one name`
        )
  return left.concat(right)
}

/** Aliases of a relation's scopes, each relation asked once, without recursion down its spine. */
export const aliasFinder = (): ((relation: Relation) => Aliases) => {
  const known = new Map<Relation, Aliases>()
  const find = (relation: Relation): Aliases => {
    const spine: Array<Relation> = []
    let at = relation
    let found = known.get(at)
    for (let below = spineOf(at); found === undefined && below !== null; below = spineOf(at)) {
      spine.push(at)
      at = below
      found = known.get(at)
    }
    let aliases = found ?? ownAliases(at)
    if (spine.length > 0) {
      for (let i = spine.length - 1; i >= 0; i--) {
        const node = spine[i]!
        if (node._tag === "Join") aliases = joined(aliases, find(node.right))
        known.set(node, aliases)
      }
    }
    return aliases
  }
  return find
}

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

const ownAliases = (node: Relation): Aliases =>
  node._tag === "Table" || node._tag === "Derived" || node._tag === "Cte"
    ? [aliased(node.alias, node.source)]
    : none

const none: Aliases = []
