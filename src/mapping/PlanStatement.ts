import { projection } from "../algebra/block.ts"
import { type Expr, expr, type Ordering, ordering } from "../algebra/Expression.ts"
import { type From, FromId, type FromNode } from "../algebra/From.ts"
import * as Windows from "../algebra/fn/Windows.ts"
import * as R from "../algebra/Relation.ts"
import type { RowShape } from "../algebra/RowShape.ts"
import * as S from "../algebra/Scalar.ts"
import { fromNode, query as queryOf } from "../algebra/SelectQuery.ts"
import { between, sideAs } from "../algebra/sides.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import { saidFor, type TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import * as T from "../algebra/types.ts"
import { underAlias } from "../algebra/underAlias.ts"
import type { Mapped, MemberRows, RelationFacts } from "./EntityClass.ts"
import { aliasesIn, givenAliases, givenIn, type PlanColumns, rowsUnder } from "./PlanColumns.ts"
import {
  type AnySelect,
  type Columns,
  type Fresh,
  isAmongFirst,
  sortedBy,
  throughOn
} from "./PlanSources.ts"
import type { LoadStep } from "./PlanSteps.ts"

/**
 * Statements that bring what hangs on their rows with them: by joins, or as JSON.
 *
 * **Shape** a row becomes `{ own, place, i0, i1, … }`: itself, where it stood if joins repeat it,
 * and for each step what it found: a record of a row and the steps below it, or a list of rows.
 */

/** A row's columns. */
export type Key = (column: string) => S.Scalar

/** Does a step's join repeat the rows above it? A condition may be true of several. */
const repeats = ({ relation, steps, via }: LoadStep): boolean =>
  via === "joined" && (relation.toMany || relation.on !== null || steps.some(repeats))

export const isRepeated = (steps: ReadonlyArray<LoadStep>): boolean => steps.some(repeats)

export const isInline = ({ via }: LoadStep): boolean => via !== "selectIn"

/** Names that nothing in these nodes has. */
export const freshIn = (
  nodes: ReadonlyArray<R.Relation | S.Scalar>,
  taken: ReadonlyArray<string> = []
): Fresh => {
  const names = aliasesIn(nodes)
  for (const name of taken) names.add(name)
  return (name) => {
    let free = name
    for (let at = 2; names.has(free); at++) free = `${name}_${at}`
    names.add(free)
    return free
  }
}

export interface Edge {
  readonly from: FromNode<string, object>
  readonly on: S.Scalar
  readonly alias: string
  readonly target: Columns
  readonly link: Columns
  readonly sorts: ReadonlyArray<Ordering<string>>
}

/** A relation's tables beside a row whose columns are given, and when they belong to it. */
export const edgeOf = (step: LoadStep, row: Key, fresh: Fresh): Edge => {
  const { member, part, relation } = step
  const own: Key = member === null ? row : (column) => row(member.keyIn(column))
  const { columns, on, target, targetColumns, through } = relation
  const alias = fresh(target.name)
  const c = tableRefs(target, alias) as Columns
  const moved = (node: S.Scalar): S.Scalar => underAlias(node, target, alias)
  const whole = tableFrom<string, object>(target, alias)
  const equal = (table: Columns, keys: ReadonlyArray<string>): ReadonlyArray<S.Scalar> =>
    keys.map((key, i) => S.compare("eq", table[key]!.node, own(columns[i]!), T.boolean))
  const conditions: Array<S.Scalar> = member === null ? [] : [isMember(member, row)]
  let from = whole
  let link = c
  if (on !== null) {
    conditions.push(between(on, { source: relation.owner.source, at: own }, sideAs(target, alias)))
    link = Object.fromEntries(columns.map((key) => [key, expr<unknown, string>(own(key))]))
  } else if (through === null) conditions.push(...equal(c, targetColumns))
  else {
    const name = fresh(through.table.name)
    link = tableRefs(through.table, name) as Columns
    conditions.push(...equal(link, through.near))
    const inner = R.join(
      "inner",
      R.table(through.table, name),
      whole.relation,
      throughOn(relation, link, c)
    )
    from = { ...whole, fields: whole.fields, relation: inner }
  }
  if (part !== null && part.where !== null) conditions.push(moved(part.where.node))
  if (part !== null && part.limit !== null)
    conditions.push(isAmongFirst(step, { link, target: c }, part.limit, null, fresh).node)
  const sorts = relation.toMany ? sortedBy(relation, part, { moved, target: c }) : []
  return { from, on: allOf(conditions), alias, target: c, link, sorts }
}

/** Is a row of a family one of this member? */
const isMember = ({ by, is }: MemberRows, row: Key): S.Scalar => {
  const tag = row(by)
  return S.compare("eq", tag, S.bound(is, tag.type), T.boolean)
}

const allOf = (conditions: ReadonlyArray<S.Scalar>): S.Scalar =>
  conditions.length === 1 ? conditions[0]! : S.and(conditions, T.boolean)

/** The rows of a step as one JSON value: lists of their cells, what hangs on them after those. */
const listed = (step: LoadStep, own: Key, fresh: Fresh): Expr<unknown, string> => {
  const edge = edgeOf(step, own, fresh)
  const cells = [...rowsUnder(step.relation.target, edge.alias, step.columns).fields]
  for (const below of step.steps) {
    if (isInline(below))
      cells.push(listed(below, (column) => edge.target[column]!.node, fresh).node)
  }
  const types = cells.map(({ type }) => type)
  const list = S.aggregate("jsonAgg", cells, false, T.rowsOf(types), {
    filter: null,
    order: edge.sorts.map(({ node }) => node),
    directions: edge.sorts.map(({ direction, nulls }) => ({ direction, nulls }))
  })
  return fromNode(edge.from)
    .where(expr<boolean, string>(edge.on))
    .select(expr<unknown, string>(list))
    .scalar()
}

interface Building {
  query: AnySelect
  readonly sorts: Array<Ordering<string>>
  readonly fresh: Fresh
}

const place = ({ owner, name }: RelationFacts): string => `plan: ${owner.label}.${name}`

/** What a row's record has beside the row, its joins added to the query. */
const beside = (
  steps: ReadonlyArray<LoadStep>,
  own: Key,
  building: Building
): Record<string, unknown> => {
  const record: Record<string, unknown> = {}
  steps.forEach((step, at) => {
    if (step.via === "json") record[`i${at}`] = listed(step, own, building.fresh)
    if (step.via === "joined") record[`i${at}`] = joined(step, own, building)
  })
  return record
}

const joined = (step: LoadStep, own: Key, building: Building): object => {
  const { relation, steps } = step
  const { target, through } = relation
  if (target.primaryKey.length === 0)
    refuse(`${place(relation)}: "${target.name}" has no key to tell joined rows by`)
  if (through !== null && through.table.primaryKey.length === 0)
    refuse(`${place(relation)}: "${through.table.name}" has no key to tell joined rows by`)
  const edge = edgeOf(step, own, building.fresh)
  building.query = building.query.leftJoin(
    { [FromId]: edge.from } as From<string, object>,
    expr<boolean, string>(edge.on)
  )
  building.sorts.push(...edge.sorts)
  const link =
    through === null
      ? {}
      : { link: Object.fromEntries(through.table.primaryKey.map((key) => [key, edge.link[key]!])) }
  return {
    row: { [FromId]: rowsUnder(target, edge.alias, step.columns) },
    ...link,
    ...beside(steps, (column) => edge.target[column]!.node, building)
  }
}

interface Whole {
  readonly fields: ReadonlyArray<S.Scalar>
  readonly shape: RowShape
}

/** A projection that stands in another as it is. */
const asPart = ({ fields, shape }: Whole): object => ({
  [FromId]: { alias: "", fields, shape, source: null, relation: null }
})

type RecordShape = Extract<RowShape, { readonly _tag: "Record" }>

const partOf = (shape: RowShape, key: string): RowShape | undefined =>
  shape._tag === "Record" ? shape.parts[shape.keys.indexOf(key)] : undefined

/** The columns of a row in a projection. */
export const columnsIn =
  ({ fields }: Whole, row: RowShape): Key =>
  (column) => {
    const cell = partOf(row, column)
    return cell?._tag === "Cell"
      ? fields[cell.index]!
      : refuse(`plan: the query does not select "${column}"`)
  }

/** What a block may be without its rows being those of the tables in it. */
const isPlain = (node: R.Relation): boolean => {
  switch (node._tag) {
    case "Project":
    case "Order":
    case "Filter":
      return isPlain(node.self)
    case "Table":
    case "Derived":
    case "Cte":
    case "Join":
      return true
    default:
      return false
  }
}

/** The one table rows are of, whose key tells them. */
const tableOf = (node: R.Relation): TableSource | null => {
  let at = node
  while (at._tag === "Project" || at._tag === "Order" || at._tag === "Filter") at = at.self
  return at._tag === "Table" && at.source.primaryKey.length > 0 ? at.source : null
}

/** A limit takes more beside its rows; what tells rows apart does not. */
const takesMore = (node: R.Relation): boolean =>
  node._tag === "Slice" ? isPlain(node.self) : isPlain(node)

const orderOf = (node: R.Relation): ReadonlyArray<Ordering<string>> => {
  if (node._tag === "Slice" || node._tag === "Project" || node._tag === "DistinctOn")
    return orderOf(node.self)
  return node._tag === "Order"
    ? node.keys.map((key, i) => {
        const { direction, nulls } = node.directions[i]!
        return ordering(key, direction, nulls) as Ordering<string>
      })
    : []
}

/** The rows in a query of their own, each with its place: other joins may repeat them there. */
const placedRows = (node: R.Relation, whole: Whole, fresh: Fresh) => {
  if (node._tag === "Lock")
    refuse("plan: a query that locks rows takes no join: say json or selectIn")
  const place = Windows.rowNumber().over({ orderBy: orderOf(node) } as never)
  const rows = queryOf<object, never, string>(node)
    .select({ own: asPart(whole), place } as never)
    .as(fresh("rows"))[FromId] as FromNode<string, object>
  const at = rows.fields[(partOf(rows.shape, "place") as { readonly index: number }).index]!
  return {
    query: fromNode(rows),
    whole: { fields: rows.fields, shape: partOf(rows.shape, "own")! },
    place: expr<number, string>(at)
  }
}

/** The expressions in a statement's steps: their own aliases are not to be hidden. */
const givenNodes = (steps: ReadonlyArray<LoadStep>): ReadonlyArray<S.Scalar> =>
  steps
    .filter(isInline)
    .flatMap((step) => [...givenIn(step.relation.target, step.columns), ...givenNodes(step.steps)])

/**
 * A query of an entity with what its inline steps say, in one statement.
 *
 * **Shape** `row` is where the entity stands in the query's row, `null` where it is the row.
 */
export const withSteps = (
  node: R.Relation,
  row: string | null,
  steps: ReadonlyArray<LoadStep>
): AnySelect => {
  const fresh = freshIn([node, ...givenNodes(steps)])
  const joins = steps.some(({ via }) => via === "joined")
  const isSure = joins ? isPlain(node) : takesMore(node)
  const own = projection(node) ?? refuse("plan: the query selects nothing")
  const isPlaced = !isSure || (isRepeated(steps) && tableOf(node) === null)
  const { place, query, whole } = isPlaced
    ? placedRows(node, own, fresh)
    : { place: null, query: queryOf<object, never, string>(node), whole: own }
  const entity = (row === null ? whole.shape : partOf(whole.shape, row)) as RecordShape
  const building: Building = { query, sorts: [], fresh }
  const key = columnsIn(whole, entity)
  const record = beside(steps, key, building)
  const selected = building.query.select({
    own: asPart(whole),
    ...(place === null ? {} : { place }),
    ...record
  } as never) as AnySelect
  return selected.orderBy(
    ...([
      ...(building.sorts.length === 0 && place === null ? [] : firstBy(node, place, entity, key)),
      ...building.sorts
    ] as never)
  )
}

/**
 * A query of an entity with these columns in place of its whole rows; the query itself where they
 * are out of its reach: what is missing is read by key.
 */
export const withColumns = (
  node: R.Relation,
  { source }: Mapped,
  columns: PlanColumns
): R.Relation => {
  const own = projection(node)
  if (own?.shape._tag !== "Record" || own.shape.presence !== null || !takesMore(node)) return node
  const [first] = own.fields
  if (first?._tag !== "Ref" || first.source !== saidFor(source)) return node
  const names = aliasesIn([node])
  if (givenAliases(source, columns).some((name) => name !== source.name && names.has(name)))
    return node
  const rows = { [FromId]: rowsUnder(source, first.alias, columns) }
  return queryOf<object, never, string>(node).select(rows as never).node
}

/** Rows that are repeated stay in the order they had, or stand by their keys if they had none. */
const firstBy = (
  node: R.Relation,
  place: Expr<number, string> | null,
  { keys }: RecordShape,
  key: Key
): ReadonlyArray<Ordering<string>> => {
  if (place !== null) return [place.asc()]
  const source = tableOf(node)
  return source === null || orderOf(node).length > 0
    ? []
    : source.primaryKey
        .filter((one) => keys.includes(one))
        .map((one) => ordering(key(one), "asc") as Ordering<string>)
}
