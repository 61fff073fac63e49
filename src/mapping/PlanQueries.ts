import type { Capabilities } from "../algebra/Dialect.ts"
import { type Expr, expr, type Ordering, ordering } from "../algebra/Expression.ts"
import { rewrite } from "../algebra/fold.ts"
import { type From, FromId } from "../algebra/From.ts"
import * as Windows from "../algebra/fn/Windows.ts"
import { between, sides } from "../algebra/sides.ts"
import * as S from "../algebra/Scalar.ts"
import { fromNode, type Select } from "../algebra/Select.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import { tuple } from "../algebra/Tuple.ts"
import * as T from "../algebra/types.ts"
import type { RelationFacts } from "./EntityClass.ts"
import { type LinkKey, linkOf, type LoadStep, type StepRow } from "./PlanSteps.ts"
import type { Part } from "./Some.ts"

type Column = Expr<unknown, string>
type Columns = Readonly<Record<string, Column>>
type AnySelect = Select<StepRow, never, string>

/** How many keys one query takes. Lists are padded to powers of two where they are expanded. */
const chunkSize = (width: number, capabilities: Capabilities): number => {
  if (width > 1) return Math.max(1, Math.min(128, Math.floor(capabilities.maxParameters / width)))
  return capabilities.listParameter === "expand"
    ? 2 ** Math.floor(Math.log2(capabilities.maxParameters))
    : 100_000
}

const among = (
  c: Columns,
  columns: ReadonlyArray<string>,
  keys: ReadonlyArray<LinkKey>
): S.Scalar => {
  const node = (column: string): S.Scalar => c[column]!.node
  if (columns.length === 1) {
    const column = node(columns[0]!)
    return S.inList(
      column,
      S.boundList(
        keys.map(([value]) => value),
        column.type
      ),
      T.boolean
    )
  }
  const each = keys.map((key) =>
    S.and(
      columns.map((column, i) => {
        const one = node(column)
        return S.compare("eq", one, S.bound(key[i], one.type), T.boolean)
      }),
      T.boolean
    )
  )
  return each.length === 1 ? each[0]! : S.or(each, T.boolean)
}

/** A relation's tables under names of their own, without an order and a projection. */
interface Sources {
  readonly query: AnySelect
  readonly target: Columns
  /** Columns the keys are compared with. */
  readonly link: Columns
  /** A part's own expressions, over these tables. */
  readonly moved: (node: S.Scalar) => S.Scalar
}

const sourcesUnder = (
  relation: RelationFacts,
  part: Part | null,
  targetAlias: string,
  linkAlias: string
): Sources => {
  const { on, target } = relation
  const c = tableRefs(target, targetAlias) as Columns
  const moved = (node: S.Scalar): S.Scalar =>
    rewrite(node, (one) =>
      one._tag === "Ref" && one.alias === target.name && one.source === target
        ? S.ref(targetAlias, target, one.path, one.type)
        : one
    )
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
      : between(on, { alias: linkAlias, source: table }, { alias: targetAlias, source: target })
  const joined = fromNode(tableFrom<string, object>(table, linkAlias)).join(
    { [FromId]: from },
    expr<boolean, string>(condition)
  )
  return { query: cut(joined), target: c, link, moved }
}

const throughOn = (
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

/** Rows as a part asks for them, then by their keys: the same however they are loaded. */
const sortedBy = (
  { target: { primaryKey } }: RelationFacts,
  part: Part | null,
  { moved, target }: Sources
): ReadonlyArray<Ordering<string>> => [
  ...(part?.orderBy ?? []).map((key) =>
    "direction" in key
      ? ordering(moved(key.node), key.direction, key.nulls)
      : ordering(moved(key.node), "asc")
  ),
  ...primaryKey.map((key) => ordering(target[key]!.node, "asc"))
]

interface Prepared {
  readonly query: AnySelect
  readonly sources: Sources
}

const made = new WeakMap<RelationFacts | Part, Prepared>()

/** The query without its keys: one value per relation or part of one, so that it prints once. */
const preparedOf = ({ part, relation }: LoadStep): Prepared => {
  const owner = part ?? relation
  let prepared = made.get(owner)
  if (prepared === undefined) made.set(owner, (prepared = prepare(relation, part)))
  return prepared
}

const prepare = (relation: RelationFacts, part: Part | null): Prepared => {
  const { on, target, toMany } = relation
  const targetAlias = on === null ? target.name : sides.target
  const { alias, isBeside, near } = linkOf(relation)
  const sources = sourcesUnder(relation, part, targetAlias, alias)
  const { link, query } = sources
  const found = isBeside
    ? (query.select({
        near: Object.fromEntries(near.map((key) => [key, link[key]!])),
        row: { [FromId]: tableFrom<string, object>(target, targetAlias) }
      }) as AnySelect)
    : query
  // To-many relations have an order of their own, the same however they are loaded.
  const sorted = toMany ? found.orderBy(...sortedBy(relation, part, sources)) : found
  return { query: sorted, sources }
}

type Parts = readonly [Column, Column, ...ReadonlyArray<Column>]

/** By what a row found is told apart from all others: whom it belongs to, and its key. */
const marksOf = (relation: RelationFacts, { link, target }: Sources): Parts =>
  [
    ...linkOf(relation).near.map((key) => link[key]!),
    ...relation.target.primaryKey.map((key) => target[key]!)
  ] as unknown as Parts

/** A row is among the first of its parent's. */
const isAmongFirst = (
  { part, relation }: LoadStep,
  sources: Sources,
  limit: number,
  keys: ReadonlyArray<LinkKey>
): Expr<boolean | null, string> => {
  const { near } = linkOf(relation)
  const inner = sourcesUnder(relation, part, "ranked", "ranking")
  const place = Windows.rowNumber().over({
    partitionBy: near.map((key) => inner.link[key]!),
    orderBy: sortedBy(relation, part, inner)
  } as never)
  const marks = marksOf(relation, inner).map((one, at) => [`mark${at}`, one] as const)
  const placed = inner.query
    .where(expr<boolean, string>(among(inner.link, near, keys)))
    .select({ place, ...Object.fromEntries(marks) } as never)
    .as("placed") as unknown as From<string, object> & { readonly c: Columns }
  const columns = marks.map(([name]) => placed.c[name]!)
  const first = fromNode(placed[FromId])
    .where((placed.c["place"] as Expr<number, string>).lte(limit))
    .select(columns as never)
  return tuple(...marksOf(relation, sources)).in(first as never)
}

/** The queries that find what belongs to rows with these keys: none without keys. */
export const queriesOf = (
  step: LoadStep,
  keys: ReadonlyArray<LinkKey>,
  capabilities: Capabilities
): ReadonlyArray<AnySelect> => {
  const { part, relation } = step
  const { near } = linkOf(relation)
  const { query, sources } = preparedOf(step)
  const size = chunkSize(near.length, capabilities)
  const out: Array<AnySelect> = []
  for (let at = 0; at < keys.length; at += size) {
    const chunk = keys.slice(at, at + size)
    const found = query.where(expr<boolean, string>(among(sources.link, near, chunk)))
    const limit = part?.limit ?? null
    out.push(limit === null ? found : found.where(isAmongFirst(step, sources, limit, chunk)))
  }
  return out
}
