import { projection } from "./block.ts"
import type {
  CombineOperator,
  Cte,
  Derived,
  DistinctOn,
  Group,
  Relation,
  Table
} from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Ref, Scalar } from "./Scalar.ts"

/** Whether the value of an expression is known. */
type Known = (node: Scalar) => boolean

/** Known of one is known of the other: an equation that holds in every row, one way or both. */
interface Link {
  /** Null where it is equal to a plain value. */
  readonly from: Scalar | null
  readonly to: Scalar
}

/** What a block joins, and what its conditions say. */
interface Parts {
  readonly sources: ReadonlyArray<Table | Derived | Cte>
  readonly links: ReadonlyArray<Link>
}

/**
 * What of a query's rows the known values leave open: null where no two rows have the same ones,
 * else who repeats them.
 *
 * **Shape** a row of a table is known by its primary key or by a unique key without NULLs; a group
 * by its keys; what is distinct by all its columns. Equations of joins and filters pass on what is
 * known, through an outer join towards its optional side only.
 */
export const open = (rel: Relation, known: Known): string | null => {
  switch (rel._tag) {
    case "Unit":
      return null
    case "Order":
    case "Slice":
    case "Project":
    case "CustomRelation":
    case "Lock":
    case "Hint":
      return open(rel.self, known)
    case "Group":
      return openGroup(rel, known)
    case "DistinctOn":
      return firstKeys(rel).every(known) ? null : open(rel.self, known)
    case "Distinct":
      return allKnown(rel, known) ? null : "what is distinct"
    case "Combine":
      return distinctly.has(rel.op) && allKnown(rel, known) ? null : `the ${rel.op}`
    case "Values":
      return "the list"
    case "TableFunction":
      return "the function"
    case "Recursion":
      return rel.distinct && allKnown(rel.base, known) ? null : `"${rel.source.name}"`
    case "Filter":
      return isClosed(rel.self) ? open(rel.self, known) : openParts(rel, known)
    default:
      return openParts(rel, known)
  }
}

/** What no two rows of it are alike in. */
const firstKeys = ({ keys, self }: DistinctOn): ReadonlyArray<Scalar> =>
  self._tag === "Order" ? self.keys.slice(0, keys) : []

/** Set operations that give each row once. */
const distinctly: ReadonlySet<CombineOperator> = new Set<CombineOperator>([
  "union",
  "intersect",
  "except"
])

const isClosed = (rel: Relation): boolean =>
  rel._tag === "Filter"
    ? isClosed(rel.self)
    : rel._tag !== "Join" && rel._tag !== "Table" && rel._tag !== "Derived" && rel._tag !== "Cte"

const allKnown = (rel: Relation, known: Known): boolean => projection(rel)!.fields.every(known)

/** Grouped by a table's primary key, its other columns are known with it. */
const openGroup = (group: Group, known: Known): string | null =>
  group.keys.every((key) => known(key) || (key._tag === "Ref" && keyKnown(key, known)))
    ? null
    : "the group"

const keyKnown = ({ alias, source }: Ref, known: Known): boolean =>
  source._tag === "TableSource" &&
  source.primaryKey.length > 0 &&
  source.primaryKey.every((key) => known(S.ref(alias, source, [key], source.byKey.get(key)!.type)))

const openParts = (rel: Relation, known: Known): string | null => {
  const { links, sources } = partsOf(rel)
  const reached = new Set<string>()
  const knows: Known = (node) =>
    known(node) || reached.has(node.key) || (node._tag === "Ref" && keyKnown(node, knowsPlainly))
  const knowsPlainly: Known = (node) => known(node) || reached.has(node.key)
  for (let before = -1; before < reached.size;) {
    before = reached.size
    for (const { from, to } of links) if (from === null || knows(from)) reached.add(to.key)
  }
  for (const source of sources) if (openSource(source, knows) !== null) return `"${source.alias}"`
  return null
}

const openSource = (rel: Table | Derived | Cte, knows: Known): string | null => {
  const { alias, source } = rel
  if (source._tag === "TableSource") {
    const column = (key: string) => source.byKey.get(key)!
    const uniques = source
      .uniques()
      .map(({ columns }) => columns)
      .filter((columns) => columns.every((key) => !column(key).nullable))
    const keys = source.primaryKey.length > 0 ? [source.primaryKey, ...uniques] : uniques
    const isKnown = (key: string) => knows(S.ref(alias, source, [key], column(key).type))
    return keys.some((columns) => columns.every(isKnown)) ? null : alias
  }
  const { query } = source
  // Which rows a command gives back, and how often alike, its keys do not say.
  if ("returned" in query) return alias
  const { fields, shape } = projection(query)!
  const columns = cellsOf(shape, shape._tag === "Cell" ? ["value"] : [])
  return open(query, (node) =>
    columns.some(
      ({ index, path }) =>
        isSame(fields[index]!, node) && knows(S.ref(alias, source, path, fields[index]!.type))
    )
  )
}

interface CellAt {
  readonly index: number
  readonly path: ReadonlyArray<string>
}

const cellsOf = (shape: RowShape, path: ReadonlyArray<string>): ReadonlyArray<CellAt> =>
  shape._tag === "Cell"
    ? [{ index: shape.index, path }]
    : shape.keys.flatMap((key, i) => cellsOf(shape.parts[i]!, [...path, key]))

/** One expression, its values included. */
export const isSame = (a: Scalar, b: Scalar): boolean =>
  a === b ||
  (a.key === b.key &&
    a.binds.length === b.binds.length &&
    a.binds.every((bind, i) => Object.is(bind.value, b.binds[i]!.value)))

const partsOf = (rel: Relation): Parts => {
  switch (rel._tag) {
    case "Table":
    case "Derived":
    case "Cte":
      return { sources: [rel], links: [] }
    case "Filter": {
      const { links, sources } = partsOf(rel.self)
      return { sources, links: [...links, ...linksIn(rel.predicate, () => true)] }
    }
    case "Join": {
      const left = partsOf(rel.left)
      const right = partsOf(rel.right)
      const own = (parts: Parts, { to }: Link): boolean =>
        to._tag === "Ref" && parts.sources.some(({ alias }) => alias === to.alias)
      const said = linksIn(rel.on, (link) =>
        rel.kind === "inner"
          ? true
          : rel.kind === "left"
            ? own(right, link)
            : rel.kind === "right" && own(left, link)
      )
      return {
        sources: [...left.sources, ...right.sources],
        links: [
          ...(rel.kind === "right" || rel.kind === "full" ? [] : left.links),
          ...(rel.kind === "left" || rel.kind === "full" ? [] : right.links),
          ...said
        ]
      }
    }
    default:
      return { sources: [], links: [] }
  }
}

const linksIn = (on: Scalar, holds: (link: Link) => boolean): ReadonlyArray<Link> =>
  (on._tag === "And" ? on.parts : [on]).flatMap((part) => {
    if (part._tag !== "Compare" || part.op !== "eq") return []
    const { left, right } = part
    return [link(left, right), link(right, left)].filter(
      (one): one is Link => one !== null && holds(one)
    )
  })

const link = (from: Scalar, to: Scalar): Link | null => {
  if (to._tag !== "Ref") return null
  if (from._tag === "Ref") return { from, to }
  return from._tag === "Bound" || from._tag === "Named" || from._tag === "Constant"
    ? { from: null, to }
    : null
}
