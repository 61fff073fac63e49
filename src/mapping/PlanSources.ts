import { type Expr, expr, type Ordering, ordering } from "../algebra/Expression.ts"
import * as Windows from "../algebra/fn/Windows.ts"
import { type From, FromId } from "../algebra/From.ts"
import { between, sideAs } from "../algebra/sides.ts"
import * as S from "../algebra/Scalar.ts"
import type { Select } from "../algebra/Select.ts"
import { fromNode } from "../algebra/SelectQuery.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import { tuple } from "../algebra/Tuple.ts"
import * as T from "../algebra/types.ts"
import { underAlias } from "../algebra/underAlias.ts"
import type { RelationFacts } from "./EntityClass.ts"
import type { LinkKeys } from "./LinkKeys.ts"
import { linkOf, type LoadStep, type StepRow } from "./PlanSteps.ts"
import type { Part } from "./Some.ts"

export type Column = Expr<unknown, string>
export type Columns = Readonly<Record<string, Column>>
export type AnySelect = Select<StepRow, never, string>

/** A relation's tables under names of their own, without an order and a projection. */
export interface Sources {
  readonly query: AnySelect
  readonly target: Columns
  /** Columns the keys are compared with. */
  readonly link: Columns
  /** A part's own expressions, over these tables. */
  readonly moved: (node: S.Scalar) => S.Scalar
}

export const sourcesUnder = (
  relation: RelationFacts,
  part: Part | null,
  targetAlias: string,
  linkAlias: string
): Sources => {
  const { on, target } = relation
  const c = tableRefs(target, targetAlias) as Columns
  const moved = (node: S.Scalar): S.Scalar => underAlias(node, target, targetAlias)
  const cut = (query: AnySelect): AnySelect =>
    part === null || part.where === null
      ? query
      : query.where(expr<boolean | null, string>(moved(part.where.node)))
  const from = tableFrom<string, object>(target, targetAlias)
  const { isBeside, table } = linkOf(relation)
  if (!isBeside) return { query: cut(fromNode(from)), target: c, link: c, moved }
  const link = tableRefs(table, linkAlias) as Columns
  const condition =
    on === null
      ? throughOn(relation, link, c)
      : between(on, sideAs(table, linkAlias), sideAs(target, targetAlias))
  const joined = fromNode(tableFrom<string, object>(table, linkAlias)).join(
    { [FromId]: from },
    expr<boolean, string>(condition)
  )
  return { query: cut(joined), target: c, link, moved }
}

export const throughOn = (
  { targetColumns, through }: RelationFacts,
  link: Columns,
  c: Columns
): S.Scalar =>
  S.and(
    through!.far.map((key, i) =>
      S.compare("eq", link[key]!.node, c[targetColumns[i]!]!.node, T.boolean)
    ),
    T.boolean
  )

/**
 * Rows as a part asks for them, or as their relation has them, then by their keys: the same however
 * they are loaded.
 */
export const sortedBy = (
  { order, target: { primaryKey } }: RelationFacts,
  part: Part | null,
  { moved, target }: Pick<Sources, "moved" | "target">
): ReadonlyArray<Ordering<string>> => [
  ...(part === null || part.orderBy.length === 0 ? order : part.orderBy).map((key) =>
    "direction" in key
      ? ordering(moved(key.node), key.direction, key.nulls)
      : ordering(moved(key.node), "asc")
  ),
  ...primaryKey.map((key) => ordering(target[key]!.node, "asc"))
]

/** The rows whose columns hold one of these keys. */
export const among = (c: Columns, columns: ReadonlyArray<string>, keys: LinkKeys): S.Scalar => {
  const node = (column: string): S.Scalar => c[column]!.node
  if (columns.length === 1) {
    const column = node(columns[0]!)
    return S.inList(column, S.boundList(keys.values, column.type), T.boolean)
  }
  const each = Array.from({ length: keys.values.length / keys.width }, (_, key) =>
    S.and(
      columns.map((column, i) => {
        const one = node(column)
        return S.compare("eq", one, S.bound(keys.values[key * keys.width + i], one.type), T.boolean)
      }),
      T.boolean
    )
  )
  return each.length === 1 ? each[0]! : S.or(each, T.boolean)
}

type Parts = readonly [Column, Column, ...ReadonlyArray<Column>]

/** By what a row found is told apart from all others: whom it belongs to, and its key. */
const marksOf = (
  relation: RelationFacts,
  { link, target }: Pick<Sources, "link" | "target">
): Parts =>
  [
    ...linkOf(relation).near.map((key) => link[key]!),
    ...relation.target.primaryKey.map((key) => target[key]!)
  ] as unknown as Parts

/** The names a statement uses, and more of them. */
export type Fresh = (name: string) => string

const asIs: Fresh = (name) => name

/**
 * A row is among the first of its parent's: of parents with these keys, or of all there are.
 */
export const isAmongFirst = (
  { part, relation }: LoadStep,
  sources: Pick<Sources, "link" | "target">,
  limit: number,
  keys: LinkKeys | null,
  fresh: Fresh = asIs
): Expr<boolean | null, string> => {
  const { near } = linkOf(relation)
  const inner = sourcesUnder(relation, part, fresh("ranked"), fresh("ranking"))
  const place = Windows.rowNumber().over({
    partitionBy: near.map((key) => inner.link[key]!),
    orderBy: sortedBy(relation, part, inner)
  } as never)
  const marks = marksOf(relation, inner).map((one, at) => [`mark${at}`, one] as const)
  const ranked =
    keys === null
      ? inner.query
      : inner.query.where(expr<boolean, string>(among(inner.link, near, keys)))
  const placed = ranked
    .select({ place, ...Object.fromEntries(marks) } as never)
    .as(fresh("placed")) as unknown as From<string, object> & { readonly c: Columns }
  const first = fromNode(placed[FromId]).where(
    (placed.c["place"] as Expr<number, string>).lte(limit)
  )
  const own = marksOf(relation, sources)
  const columns = marks.map(([name]) => placed.c[name]!)
  if (keys !== null) return tuple(...own).in(first.select(columns as never) as never)
  // Beside rows that a join may leave out, membership would be asked of NULLs too.
  const same = own.map((one, at) => S.compare("eq", columns[at]!.node, one.node, T.boolean))
  return first.where(expr<boolean, string>(S.and(same, T.boolean))).exists()
}
