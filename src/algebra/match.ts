import * as B from "./block.ts"
import type { ColumnsIn, EntityMatch, Of, OfEach, Related, RelatedId, Relations } from "./From.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import { between, type Side } from "./sides.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { type JoinSource, saidFor, type Source, type TableSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import * as T from "./types.ts"

/** What `match` takes: columns of the row, and for an entity its relations by nesting. */
export type MatchOf<Row> =
  Row extends Of<infer E> ? (unknown extends E ? Unlinked<Row> : MatchOnEach<E>) : Unlinked<Row>

type Unlinked<Row> =
  Row extends EntityMatch<infer M> ? (unknown extends M ? Plain<Row> : M) : Plain<Row>
type Plain<Row> = { readonly [K in keyof Row]?: Row[K] }

/** Columns of a class by value, its relations by nesting. */
export type MatchOn<E> = Plain<ColumnsIn<E extends { readonly prototype: infer V } ? V : never>> &
  Nested<Relations<E>>
/** The same of a family: those of any of its members. */
type MatchOnEach<E> =
  E extends OfEach<infer M> ? (M extends unknown ? MatchOn<M> : never) : MatchOn<E>
type Nested<R> = {
  readonly [K in keyof R]?: R[K] extends Related<unknown>
    ? MatchOnEach<R[K][typeof RelatedId]>
    : never
}

interface Base {
  readonly alias: string
  readonly source: TableSource
}

/** The source whose whole row a query gives. */
const subject = (rel: Relation): { readonly alias: string; readonly source: Source } => {
  const row = B.projection(rel)
  const first = row?.fields[0]
  if (first === undefined || first._tag !== "Ref")
    return refuse("match: the query does not select a whole table or entity")
  const of = row?.shape._tag === "Record" ? (row.shape.of as TableSource | undefined) : undefined
  const isOf = of !== undefined && saidFor(of) === first.source
  return isOf ? { alias: first.alias, source: of } : first
}

const ref = (base: Base, key: string): Scalar => {
  const column = base.source.byKey.get(key)
  return column === undefined
    ? refuse(`match: "${base.source.name}" has no column "${key}"`)
    : S.ref(base.alias, base.source, [key], column.type)
}

const sideOf = (base: Base): Side => ({ source: base.source, at: (key) => ref(base, key) })

const equalsAll = (
  left: Base,
  leftKeys: ReadonlyArray<string>,
  right: Side,
  rightKeys: ReadonlyArray<string>
): ReadonlyArray<Scalar> =>
  leftKeys.map((key, i) => S.compare("eq", ref(left, key), right.at(rightKeys[i]!), T.boolean))

const related = (
  base: Side,
  link: JoinSource,
  record: Readonly<Record<string, unknown>>,
  depth: string
): Scalar => {
  const target: Base = { alias: `${depth}${link.target.name}`, source: link.target }
  const inner = predicates(target, record, `${depth}_`)
  if (link.on !== null) {
    const on = between(link.on, base, sideOf(target))
    const rel = R.filter(R.rows(target.source, target.alias), S.and([on, ...inner], T.boolean))
    return S.exists(rel, T.boolean)
  }
  if (link.through === null) {
    const rel = R.filter(
      R.rows(target.source, target.alias),
      S.and([...equalsAll(target, link.targetColumns, base, link.columns), ...inner], T.boolean)
    )
    return S.exists(rel, T.boolean)
  }
  const through: Base = { alias: `${depth}${link.through.table.name}`, source: link.through.table }
  const far = equalsAll(through, link.through.far, sideOf(target), link.targetColumns)
  const rel = R.filter(
    R.join(
      "inner",
      R.table(through.source, through.alias),
      R.rows(target.source, target.alias),
      S.and(far, T.boolean)
    ),
    S.and([...equalsAll(through, link.through.near, base, link.columns), ...inner], T.boolean)
  )
  return S.exists(rel, T.boolean)
}

/** What a name leads to: one relation of all rows, or what each member says of its own. */
const linked = (
  base: Base,
  key: string,
  asked: (side: Side, link: JoinSource) => Scalar
): Scalar | null => {
  const link = base.source.relations().get(key)
  if (link !== undefined) return asked(sideOf(base), link)
  const each = base.source.over?.each?.(key) ?? []
  if (each.length === 0) return null
  const parts = each.map(({ member, relation, rows }) => {
    const tag = ref(base, rows.by)
    const isIts = S.compare("eq", tag, S.bound(rows.is, tag.type), T.boolean)
    const side: Side = { source: member, at: (name) => ref(base, rows.keyIn(name)) }
    return S.and([isIts, asked(side, relation)], T.boolean)
  })
  return parts.length === 1 ? parts[0]! : S.or(parts, T.boolean)
}

const predicates = (
  base: Base,
  record: Readonly<Record<string, unknown>>,
  depth: string
): ReadonlyArray<Scalar> =>
  Object.keys(record).map((key) => {
    const value = record[key]
    if (value === undefined)
      return refuse(`match: "${key}" is undefined; leave it out, or use null for IS NULL`)
    const along = linked(base, key, (side, link) =>
      typeof value === "object" && value !== null
        ? related(side, link, value as Readonly<Record<string, unknown>>, depth)
        : refuse(`match: "${key}" is a relation: give a record of what it must equal`)
    )
    if (along !== null) return along
    const column = ref(base, key)
    return value === null
      ? S.isNull(column, T.boolean)
      : S.compare("eq", column, S.bound(value, column.type), T.boolean)
  })

/** Equality by record; relations become EXISTS, which never multiplies rows. */
export const match = (rel: Relation, record: Readonly<Record<string, unknown>>): Relation => {
  const { alias, source } = subject(rel)
  const parts =
    source._tag === "TableSource"
      ? predicates({ alias, source }, record, "match_")
      : derivedPredicates(rel, record)
  return parts.length === 0 ? rel : B.where(rel, parts, T.boolean)
}

const derivedPredicates = (
  rel: Relation,
  record: Readonly<Record<string, unknown>>
): ReadonlyArray<Scalar> => {
  const fields = B.projection(rel)!.fields
  return Object.keys(record).map((key) => {
    const field = fields.find(
      (one) => one._tag === "Ref" && one.path.length === 1 && one.path[0] === key
    )
    const value = record[key]
    if (field === undefined) return refuse(`match: the row has no column "${key}"`)
    if (value === undefined)
      return refuse(`match: "${key}" is undefined; leave it out, or use null for IS NULL`)
    return value === null
      ? S.isNull(field, T.boolean)
      : S.compare("eq", field, S.bound(value, field.type), T.boolean)
  })
}
