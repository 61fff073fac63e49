import { tableKeys } from "../../../algebra/schema/tableKeys.ts"
import type { Command } from "../../../algebra/Command.ts"
import { children, walk } from "../../../algebra/fold.ts"
import type { Relation, TableFunction, Values } from "../../../algebra/Relation.ts"
import { isVolatile, type Scalar } from "../../../algebra/Scalar.ts"
import type { Source } from "../../../algebra/Source.ts"

type Node = Parameters<typeof walk>[0]
type Named = Extract<Relation, { readonly _tag: "Table" | "Derived" | "Cte" }>

/** The sources of a relation that pairs every row with every row, or of the inner joins in it. */
const sourcesIn = (relation: Relation): ReadonlyArray<Named> => {
  switch (relation._tag) {
    case "Table":
    case "Derived":
    case "Cte":
      return [relation]
    case "Join":
      return [...sourcesIn(relation.left), ...sourcesIn(relation.right)]
    case "Filter":
    case "Sample":
      return sourcesIn(relation.self)
    default:
      return []
  }
}

const conjuncts = (node: Scalar): ReadonlyArray<Scalar> =>
  node._tag === "And" ? node.parts.flatMap(conjuncts) : [node]

/** Conditions every scope fulfils: what an outer join's ON says does not count. */
const conditionsIn = (relation: Relation): ReadonlyArray<Scalar> => {
  switch (relation._tag) {
    case "Filter":
      return [...conjuncts(relation.predicate), ...conditionsIn(relation.self)]
    case "Join":
      return relation.kind === "inner" || relation.kind === "cross"
        ? [
            ...conjuncts(relation.on),
            ...conditionsIn(relation.left),
            ...conditionsIn(relation.right)
          ]
        : []
    default:
      return []
  }
}

/** Column paths of which no two rows of a source agree on all. */
const keysOf = (source: Source): ReadonlyArray<ReadonlyArray<string>> => {
  if (source._tag !== "TableSource") {
    const { query } = source
    const list = query._tag === "CustomRelation" && query.replaces ? query.self : query
    return list._tag === "Values" || list._tag === "TableFunction"
      ? listKeys(list)
      : groupKeys(query)
  }
  return tableKeys(source).map(({ columns }) => columns)
}

/** A list whose maker knows of columns that tell its rows apart. */
const listKeys = ({ row }: Values | TableFunction): ReadonlyArray<ReadonlyArray<string>> =>
  row.unique === undefined ? [] : [row.unique]

/** A grouped query has one row a tuple of its keys, where it gives all of them. */
const groupKeys = (query: Relation | Command): ReadonlyArray<ReadonlyArray<string>> => {
  let at: Relation | Command = query
  while (
    at._tag === "Order" ||
    at._tag === "Slice" ||
    at._tag === "Distinct" ||
    at._tag === "DistinctOn"
  )
    at = at.self
  if (at._tag !== "Project" || at.shape._tag !== "Record") return []
  const { fields, shape } = at
  const below = at.self._tag === "Filter" ? at.self.self : at.self
  if (below._tag !== "Group") return []
  const columns = below.keys.map((key) =>
    shape.keys.find((_, i) => {
      const part = shape.parts[i]!
      return part._tag === "Cell" && key.binds.length === 0 && fields[part.index]!.key === key.key
    })
  )
  return columns.includes(undefined) ? [] : [columns as ReadonlyArray<string>]
}

/** Aliases of the sources of a relation. */
export const aliasesIn = (relation: Relation): ReadonlySet<string> =>
  new Set(sourcesIn(relation).map(({ alias }) => alias))

/** Aliases an expression speaks of, those its own queries bring left out. */
export const aliasesOf = (root: Node): ReadonlySet<string> => {
  const bound = new Set<string>()
  const named = new Set<string>()
  walk(root, (one) => {
    if (one._tag === "Table" || one._tag === "Derived" || one._tag === "Cte") bound.add(one.alias)
    if (one._tag === "Ref" || one._tag === "Presence") named.add(one.alias)
  })
  return new Set([...named].filter((alias) => !bound.has(alias)))
}

const isStable = (node: Node): boolean =>
  node._tag !== "Raw" &&
  node._tag !== "CustomScalar" &&
  !isVolatile(node) &&
  children(node).every(isStable)

/**
 * Aliases beside a command's table of which at most one row goes with one row of `start`: all
 * columns of a key of theirs are equal to what is known already.
 */
export const determinedBy = (
  start: string,
  beside: Relation,
  where: Scalar
): ReadonlySet<string> => {
  const equations = [...conjuncts(where), ...conditionsIn(beside)].flatMap((one) =>
    one._tag === "Compare" && one.op === "eq"
      ? [
          { column: one.left, value: one.right },
          { column: one.right, value: one.left }
        ]
      : []
  )
  const known = new Set([start])
  const isFixed = (source: Named, column: string): boolean =>
    equations.some(
      ({ column: ref, value }) =>
        ref._tag === "Ref" &&
        ref.alias === source.alias &&
        ref.path.length === 1 &&
        ref.path[0] === column &&
        isStable(value) &&
        [...aliasesOf(value)].every((alias) => known.has(alias))
    )
  // A lateral query has a row of its own for each row it speaks of.
  const isFollowed = (source: Named): boolean =>
    [...aliasesOf(source)].every((alias) => known.has(alias))
  for (let before = 0; before < known.size;) {
    before = known.size
    for (const source of sourcesIn(beside)) {
      const keys = keysOf(source.source)
      if (isFollowed(source) && keys.some((key) => key.every((one) => isFixed(source, one))))
        known.add(source.alias)
    }
  }
  known.delete(start)
  return known
}
