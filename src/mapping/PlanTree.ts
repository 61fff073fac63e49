import { expr, type Expr } from "../algebra/Expression.ts"
import { value } from "../algebra/Expr.ts"
import { type From, FromId } from "../algebra/From.ts"
import { recursive } from "../algebra/Recursion.ts"
import * as S from "../algebra/Scalar.ts"
import { fromNode } from "../algebra/SelectQuery.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import { tuple } from "../algebra/Tuple.ts"
import * as T from "../algebra/types.ts"
import type { RelationFacts } from "./EntityClass.ts"
import { withGiven } from "./givenBeside.ts"
import { markIn } from "./linkMark.ts"
import { positionsOf } from "./links.ts"
import { construct } from "./construct.ts"
import type { Level } from "./PlanAttach.ts"
import { freshIn } from "./PlanStatement.ts"
import { among, type AnySelect, type Column, type Columns } from "./PlanSources.ts"
import type { LinkKeys } from "./LinkKeys.ts"
import type { LoadStep } from "./PlanSteps.ts"

/**
 * Trees of one entity: every row below others by one recursive query, put together afterwards.
 */

const allOf = (parts: ReadonlyArray<S.Scalar>): S.Scalar =>
  parts.length === 1 ? parts[0]! : S.and(parts, T.boolean)

/** The key of a row and what the next level is found by, each once. */
const keptOf = ({ columns, target }: RelationFacts): ReadonlyArray<string> => [
  ...new Set([...target.primaryKey, ...columns])
]

/**
 * The rows of a query that are below those with these keys: the rows they lead to, and so on.
 *
 * **Shape** UNION: rows that were found do not count as found again, so rings come to an end.
 */
export const isBelow = (
  { relation, tree }: LoadStep,
  keys: LinkKeys
): Expr<boolean | null, string> => {
  const { columns, target, targetColumns } = relation
  const fresh = freshIn([], [target.name])
  const alias = fresh("node")
  const from = tableFrom<string, object>(target, alias)
  const c = tableRefs(target, alias) as Columns
  const depth = tree!.depth
  const kept = keptOf(relation)
  const levelKey = freshIn([], kept)("level")
  const row = (level: Column | null): object =>
    Object.fromEntries([
      ...kept.map((key) => [key, c[key]!] as const),
      ...(level === null ? [] : [[levelKey, level] as const])
    ])
  const first = depth === null ? null : (value(1, T.integer) as unknown as Column)
  const base = fromNode(from)
    .where(expr<boolean, string>(among(c, targetColumns, keys)))
    .select(row(first) as never) as AnySelect
  const found = recursive(
    fresh("tree"),
    base as never,
    (above) => {
      const own = (above as unknown as { readonly c: Columns }).c
      const same = targetColumns.map((key, at) =>
        S.compare("eq", c[key]!.node, own[columns[at]!]!.node, T.boolean)
      )
      const next = fromNode(from).join(
        above as unknown as From<string, object>,
        expr<boolean, string>(allOf(same))
      )
      const level = own[levelKey] as Expr<number, string>
      const more = depth === null ? next : next.where(level.lt(depth))
      return more.select(row(depth === null ? null : level.add(1)) as never) as never
    },
    { distinct: true }
  ) as unknown as From<string, object> & { readonly c: Columns }
  const own = target.primaryKey.map((key) => (tableRefs(target, target.name) as Columns)[key]!)
  const marks = target.primaryKey.map((key) => found.c[key]!)
  const rows = fromNode(found[FromId])
  return own.length === 1
    ? own[0]!.in(rows.select(marks[0]!) as never)
    : tuple(...(own as never as [Column, Column])).in(
        rows.select(
          Object.fromEntries(target.primaryKey.map((key, at) => [key, marks[at]!])) as never
        ) as never
      )
}

/** A value with what its relation leads to. */
const withBelow = (
  relation: RelationFacts,
  value: object,
  below: ReadonlyArray<object>
): object => {
  const cells: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value)) cells[key] = (value as Record<string, unknown>)[key]
  cells[relation.name] = relation.toMany ? Object.freeze(below) : (below[0] ?? null)
  return withGiven(construct(relation.related, cells), value)
}

interface Visit {
  readonly id: number
  readonly below: ReadonlyArray<number>
  next: number
}

/**
 * The level of a tree with each value grown: what is below it, and so on. Null where rows lead back
 * to themselves and no depth says where to end.
 *
 * **Shape** `rows` are those it hangs on; `read` are its values as they were read, with what leads
 * to others. A row is one value at each depth, however many lead
 * there; no depth is too deep.
 */
export const grown = (
  level: Level,
  rows: ReadonlyArray<object>,
  read: ReadonlyArray<object>
): Level | null => {
  const { links, step, values } = level
  const { relation, tree } = step
  const { columns, owner } = relation
  const markOf = markIn(owner.source, columns)
  const placesOf = (row: object): ReadonlyArray<number> => positionsOf(links, markOf(row))
  // A place in the tree: a row, and how many levels are left below it.
  const count = values.length
  const left = (id: number): number => Math.floor(id / count)
  const belowOf = (id: number): ReadonlyArray<number> => {
    if (tree!.depth !== null && left(id) === 0) return []
    const less = tree!.depth === null ? 0 : (left(id) - 1) * count
    return placesOf(read[id % count]!).map((position) => position + less)
  }
  const made = new Map<number, object>()
  const open = new Set<number>()
  const path: Array<Visit> = []
  const enter = (id: number): void => {
    open.add(id)
    path.push({ id, below: belowOf(id), next: 0 })
  }
  const top = tree!.depth === null ? 0 : (tree!.depth - 1) * count
  for (const position of new Set(rows.flatMap(placesOf))) {
    if (!made.has(position + top)) enter(position + top)
    while (path.length > 0) {
      const visit = path.at(-1)!
      const id = visit.below[visit.next++]
      if (id !== undefined) {
        if (open.has(id)) return null
        if (!made.has(id)) enter(id)
        continue
      }
      const value = values[visit.id % count]!
      const isLast = tree!.depth !== null && left(visit.id) === 0
      const below = visit.below.map((one) => made.get(one)!)
      made.set(visit.id, isLast ? value : withBelow(relation, value, below))
      open.delete(visit.id)
      path.pop()
    }
  }
  return { ...level, values: values.map((value, position) => made.get(position + top) ?? value) }
}
