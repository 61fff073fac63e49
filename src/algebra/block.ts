import type { Command } from "./nodes.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"

/**
 * Where each clause goes in the canonical order of a block, whatever the order of the calls.
 *
 * **Laws** a clause before limit, offset, distinct or a set operation extends the block; after, the
 * former becomes a subquery with its scope kept (L4, L8, L9).
 */

/** Above these the block below is closed: further clauses wrap it. */
const closed = (rel: Relation): boolean =>
  rel._tag === "Slice" ||
  rel._tag === "Distinct" ||
  rel._tag === "DistinctOn" ||
  rel._tag === "Combine" ||
  rel._tag === "Values" ||
  rel._tag === "TableFunction" ||
  rel._tag === "CustomRelation"

/** Whether an expression needs a group: an aggregate of its own, not of a subquery or a window. */
export const aggregates = (node: Scalar): boolean =>
  has(node, (one) => one._tag === "Aggregate" || one._tag === "Grouping")

/** Whether an expression looks at other rows: a window of its own, not of a subquery. */
export const windows = (node: Scalar): boolean => has(node, (one) => one._tag === "Window")

const has = (node: Scalar, found: (one: Scalar) => boolean): boolean => {
  if (node._tag === "Ref") return false
  const stack: Array<Scalar> = [node]
  while (stack.length > 0) {
    const one = stack.pop()!
    if (found(one)) return true
    for (const kid of scalarKids(one)) stack.push(kid)
  }
  return false
}

const scalarKids = (node: Scalar): ReadonlyArray<Scalar> => {
  switch (node._tag) {
    case "Compare":
    case "Arith":
      return [node.left, node.right]
    case "And":
    case "Or":
    case "Tuple":
      return node.parts
    case "Not":
    case "IsNull":
    case "Negate":
    case "Cast":
    case "Grouping":
    case "JsonAt":
    case "InQuery":
      return [node.self]
    case "Like":
      return [node.self, node.pattern]
    case "InList":
      return [node.self, node.list]
    case "JsonEdit":
      return [node.self, ...node.values]
    case "Between":
      return [node.self, node.low, node.high]
    case "Case":
      return [...node.whens, ...node.thens, node.otherwise]
    case "Call":
    case "WindowCall":
    case "CustomScalar":
      return node.args
    case "Aggregate":
      return [...node.args, ...(node.filter === null ? [] : [node.filter]), ...node.order]
    // Its function is no aggregate of the group: only what is in it may be.
    case "Window":
      return [...scalarKids(node.self), ...node.partition, ...node.order, ...node.offsets]
    case "Raw":
      return node.holes
    default:
      return []
  }
}

/** Whether a join may leave its left side absent. */
/** Whether a join may leave what stands before it without a row. */
export const fillsLeft = (kind: R.JoinKind): boolean => kind === "right" || kind === "full"
const fillsRight = (kind: R.JoinKind): boolean => kind === "left" || kind === "full"

/** The projection whose row a relation gives: that of the first part of a set operation. */
export const projection = (rel: Relation | Command): R.ValuesRow | null => {
  let one: Relation | Command | undefined = rel
  while (one !== undefined) {
    switch (one._tag) {
      case "Project":
        return one
      case "Filter":
      case "Group":
      case "Distinct":
      case "DistinctOn":
      case "Order":
      case "Slice":
      case "Lock":
      case "Hint":
      case "CustomRelation":
        one = one.self
        break
      case "Join":
        // A row that may be absent as a whole is asked for again: what it was says nothing of it.
        if (fillsLeft(one.kind)) return null
        one = one.left
        break
      case "Combine":
        one = one.parts[0]
        break
      case "Recursion":
        one = one.base
        break
      case "Values":
      case "TableFunction":
        return one.row
      case "Insert":
      case "Update":
      case "Delete":
      case "Merge":
        return one.shape === null ? null : { fields: one.returned, shape: one.shape }
      default:
        return null
    }
  }
  return null
}

interface Scope {
  readonly aliases: ReadonlySet<string>
  /** Aliases an outer join may leave absent. */
  readonly absent: ReadonlySet<string>
}

const empty: ReadonlySet<string> = new Set()

/** The relation whose scope a relation passes on; null for the ends of scopes, and joins. */
const passing = (rel: Relation): Relation | null => {
  switch (rel._tag) {
    case "Unit":
    case "Recursion":
    case "Values":
    case "TableFunction":
    case "Table":
    case "Derived":
    case "Cte":
    case "Join":
      return null
    case "Combine":
      return rel.parts[0]!
    default:
      return rel.self
  }
}

/** The unit, a source, a recursion or a join under all that only passes scopes on. */
const sourceOf = (rel: Relation): Relation => {
  let at = rel
  for (let below = passing(at); below !== null; below = passing(at)) at = below
  return at
}

/** Adds the aliases a relation has in scope. */
const addAliases = (rel: Relation, to: Set<string>): void => {
  let at = sourceOf(rel)
  while (at._tag === "Join") {
    addAliases(at.right, to)
    at = sourceOf(at.left)
  }
  if ("alias" in at) to.add(at.alias)
}

/** Adds the aliases an outer join may leave absent. */
const addAbsent = (rel: Relation, to: Set<string>): void => {
  let at = sourceOf(rel)
  while (at._tag === "Join") {
    if (fillsRight(at.kind)) addAliases(at.right, to)
    else addAbsent(at.right, to)
    if (fillsLeft(at.kind)) return addAliases(at.left, to)
    at = sourceOf(at.left)
  }
}

const hasOuterJoin = (rel: Relation): boolean => {
  let at = sourceOf(rel)
  while (at._tag === "Join") {
    if (fillsLeft(at.kind) || fillsRight(at.kind) || hasOuterJoin(at.right)) return true
    at = sourceOf(at.left)
  }
  return false
}

/** The aliases a relation has in scope. */
export const scope = (rel: Relation): Scope => {
  const aliases = new Set<string>()
  addAliases(rel, aliases)
  return { aliases, absent: absent(rel) }
}

/** Aliases an outer join may leave absent. */
export const absent = (rel: Relation): ReadonlySet<string> => {
  const totals = hasTotals(rel)
  if (!totals && !hasOuterJoin(rel)) return empty
  const found = new Set<string>()
  if (totals) addAliases(rel, found)
  else addAbsent(rel, found)
  return found
}

/** Whether rows are totals, in which keys of grouping sets are NULL. */
const hasTotals = (rel: Relation): boolean => {
  for (let at: Relation | null = rel; at !== null; at = passing(at))
    if (at._tag === "Group") return at.sets !== null
  return false
}

const hasAlias = (rel: Relation, alias: string): boolean => {
  let at = sourceOf(rel)
  while (at._tag === "Join") {
    if (hasAlias(at.right, alias)) return true
    at = sourceOf(at.left)
  }
  return "alias" in at && at.alias === alias
}

/** Refuses a relation beside another that has one of its aliases. */
const checkAliases = (rel: Relation, right: Relation): void => {
  let at = sourceOf(right)
  while (at._tag === "Join") {
    checkAliases(rel, at.right)
    at = sourceOf(at.left)
  }
  if ("alias" in at && hasAlias(rel, at.alias))
    refuse(`the alias "${at.alias}" is used twice: give one of them another name with Query.alias`)
}

const conjunction = (parts: ReadonlyArray<Scalar>, boolean: AnyType): Scalar =>
  parts.length === 1 ? parts[0]! : S.and(parts, boolean)

/**
 * One condition or several, all of which must hold: as said one after the other.
 *
 * **Laws** what takes one takes more; only the first is refused.
 */
export const where = (
  rel: Relation,
  predicates: ReadonlyArray<Scalar>,
  boolean: AnyType
): Relation => {
  switch (rel._tag) {
    case "Project":
      return R.project(where(rel.self, predicates, boolean), rel.fields, rel.shape)
    case "Order":
      return R.order(where(rel.self, predicates, boolean), rel.keys, rel.directions)
    case "Group":
      return rel.keys.length > 0
        ? refuse("where after groupBy: use having for a condition on groups, or call where first")
        : R.group(where(rel.self, predicates, boolean), rel.keys, rel.sets)
    case "Filter":
      return rel.self._tag === "Group"
        ? R.filter(where(rel.self, predicates, boolean), rel.predicate)
        : R.filter(rel.self, S.and([rel.predicate, ...predicates], boolean))
    default:
      return R.filter(rel, conjunction(predicates, boolean))
  }
}

/** One side of a join beside what is there already. */
interface Joined {
  readonly kind: R.JoinKind
  readonly right: Relation
  readonly on: Scalar
  readonly lateral: boolean
}

export const join = (rel: Relation, joined: Joined): Relation => {
  const { kind, lateral, on, right } = joined
  switch (rel._tag) {
    case "Project":
      return fillsLeft(kind)
        ? join(rel.self, joined)
        : R.project(join(rel.self, joined), rel.fields, rel.shape)
    case "Order":
      return R.order(join(rel.self, joined), rel.keys, rel.directions)
    case "Group":
      return R.group(join(rel.self, joined), rel.keys, rel.sets)
    case "Filter":
      // A condition on rows said before a join that fills them with NULLs holds before it: above,
      // it would drop the rows of the other side that met none.
      if (!fillsLeft(kind) || rel.self._tag === "Group")
        return R.filter(join(rel.self, joined), rel.predicate)
      break
    default:
  }
  checkAliases(rel, right)
  return R.join(kind, rel, right, on, lateral)
}

type Sets = R.Group["sets"]

/** Each set of one grouping with each of another, whose keys come after `count` others. */
const crossed = (before: Sets, count: number, sets: Sets, added: number): Sets => {
  if (before === null && sets === null) return null
  const all = (length: number) => [Array.from({ length }, (_, at) => at)]
  return (before ?? all(count)).flatMap((one) =>
    (sets ?? all(added)).map((other) => [...one, ...other.map((at) => at + count)])
  )
}

export const groupBy = (
  rel: Relation,
  keys: ReadonlyArray<Scalar>,
  sets: Sets = null
): Relation => {
  switch (rel._tag) {
    case "Project":
      return R.project(groupBy(rel.self, keys, sets), rel.fields, rel.shape)
    case "Order":
      return R.order(groupBy(rel.self, keys, sets), rel.keys, rel.directions)
    case "Group":
      return R.group(
        rel.self,
        [...rel.keys, ...keys],
        crossed(rel.sets, rel.keys.length, sets, keys.length)
      )
    case "Filter":
      return rel.self._tag === "Group"
        ? R.filter(groupBy(rel.self, keys, sets), rel.predicate)
        : R.group(rel, keys, sets)
    default:
      return R.group(rel, keys, sets)
  }
}

export const having = (rel: Relation, predicate: Scalar, boolean: AnyType): Relation => {
  switch (rel._tag) {
    case "Project":
      return R.project(having(rel.self, predicate, boolean), rel.fields, rel.shape)
    case "Order":
      return R.order(having(rel.self, predicate, boolean), rel.keys, rel.directions)
    case "Group":
      return R.filter(rel, predicate)
    case "Filter":
      return rel.self._tag === "Group"
        ? R.filter(rel.self, S.and([rel.predicate, predicate], boolean))
        : R.filter(R.group(rel, []), predicate)
    default:
      return R.filter(R.group(rel, []), predicate)
  }
}

const isGrouped = (rel: Relation): boolean =>
  rel._tag === "Group" || (rel._tag === "Filter" && rel.self._tag === "Group")

export const select = (rel: Relation, fields: ReadonlyArray<Scalar>, shape: RowShape): Relation =>
  place(rel, fields, shape, fields.some(aggregates), fields.some(windows))

const place = (
  rel: Relation,
  fields: ReadonlyArray<Scalar>,
  shape: RowShape,
  grouped: boolean,
  windowed: boolean
): Relation => {
  const under = (self: Relation): Relation => place(self, fields, shape, grouped, windowed)
  switch (rel._tag) {
    case "Project":
      return under(rel.self)
    case "Order":
      return R.order(under(rel.self), rel.keys, rel.directions)
    case "DistinctOn":
    case "Slice":
      // What looks at other rows looks at those that are left.
      if (grouped) return R.project(R.group(rel, []), fields, shape)
      if (windowed) return R.project(rel, fields, shape)
      return rel._tag === "Slice"
        ? R.slice(under(rel.self), rel.limit, rel.offset, rel.ties, rel.percent)
        : R.distinctOn(under(rel.self), rel.keys)
    case "Group":
      // A group without keys was made by aggregates of the former projection.
      return rel.keys.length === 0 && !grouped
        ? R.project(rel.self, fields, shape)
        : R.project(rel, fields, shape)
    default:
      return R.project(grouped && !isGrouped(rel) ? R.group(rel, []) : rel, fields, shape)
  }
}

/** After DISTINCT or a set operation only what was projected still has a value. */
const requireProjected = (rel: Relation, keys: ReadonlyArray<Scalar>, asked: string): void => {
  const fields = new Set(projection(rel)?.fields.map((field) => field.key))
  for (const key of keys) {
    if (!fields.has(key.key)) refuse(`${asked}: the sort key is not among the selected expressions`)
  }
}

export const orderBy = (
  rel: Relation,
  keys: ReadonlyArray<Scalar>,
  directions: ReadonlyArray<R.Direction>
): Relation => {
  if (rel._tag === "Order") {
    if (rel.self._tag === "Distinct") requireProjected(rel, keys, "orderBy after distinct")
    return R.order(rel.self, [...rel.keys, ...keys], [...rel.directions, ...directions])
  }
  if (rel._tag === "Distinct") requireProjected(rel, keys, "orderBy after distinct")
  if (rel._tag === "Combine") requireProjected(rel, keys, "orderBy after a set operation")
  return R.order(rel, keys, directions)
}

export const distinct = (rel: Relation): Relation => {
  if (rel._tag === "Distinct") return rel
  if (rel._tag === "Order" && !closed(rel.self)) {
    requireProjected(rel, rel.keys, "distinct after orderBy")
    return R.order(R.distinct(rel.self), rel.keys, rel.directions)
  }
  return R.distinct(rel)
}

const plain = (node: Scalar | null): number | null =>
  node !== null && node._tag === "Bound" && typeof node.value === "number" ? node.value : null

/** Whether a relation promises an order to a slice above it. */
const isSorted = (rel: Relation): boolean =>
  rel._tag === "Order" ||
  ((rel._tag === "DistinctOn" || rel._tag === "Slice") && isSorted(rel.self))

/** Law L8: at most `count` of what is left; with ties also those that sort as the last of them. */
export const limit = (rel: Relation, count: Scalar, ties = false): Relation => {
  const next = plain(count)
  if (ties && !isSorted(rel)) return refuse("limit: ties are rows alike by an order: say orderBy")
  if (rel._tag !== "Slice" || rel.percent) return R.slice(rel, count, null, ties)
  if (rel.limit === null) return R.slice(rel.self, count, rel.offset, ties)
  const before = plain(rel.limit)
  if (next === null || before === null || ties || rel.ties) return R.slice(rel, count, null, ties)
  return next < before ? R.slice(rel.self, count, rel.offset) : rel
}

/** So many hundredths of what is left, rounded up. */
export const limitPercent = (rel: Relation, share: Scalar, ties: boolean): Relation =>
  ties && !isSorted(rel)
    ? refuse("limit: ties are rows alike by an order: say orderBy")
    : R.slice(rel, share, null, ties, true)

/** Law L8: without the first `count` of what is left. */
export const offset = (rel: Relation, count: Scalar): Relation => {
  const next = plain(count)
  if (rel._tag !== "Slice" || rel.percent) return R.slice(rel, null, count)
  const limit = plain(rel.limit)
  const before = rel.offset === null ? 0 : plain(rel.offset)
  if (next === null || before === null || rel.ties || (rel.limit !== null && limit === null))
    return R.slice(rel, null, count)
  const left = limit === null ? null : S.bound(Math.max(0, limit - next), count.type)
  return R.slice(rel.self, left, S.bound(before + next, count.type))
}
