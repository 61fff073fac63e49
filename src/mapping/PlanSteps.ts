import type { Capabilities } from "../algebra/Dialect.ts"
import { type Expr, expr } from "../algebra/Expression.ts"
import { FromId } from "../algebra/From.ts"
import { sides } from "../algebra/sides.ts"
import * as S from "../algebra/Scalar.ts"
import { fromNode, type Select } from "../algebra/Select.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { tableFrom, tableRefs } from "../algebra/tableSource.ts"
import * as T from "../algebra/types.ts"
import { type AnyEntity, ClassId, type Mapped, type RelationFacts } from "./EntityClass.ts"
import { cellText } from "./flush/canonical.ts"

/**
 * One relation to load for many rows at once, and what to load below it.
 *
 * **Shape** a plan is a tree of steps. A step is run for all rows of its level together: the keys
 * of the rows go into as few queries as the server's parameters allow, usually one.
 *
 * @category models
 */
export interface LoadStep {
  readonly relation: RelationFacts
  readonly steps: ReadonlyArray<LoadStep>
}

/** The values by which a row's related rows are found. */
export type LinkKey = ReadonlyArray<unknown>

type Cells = Readonly<Record<string, unknown>>

const near = (a: string, b: string): boolean =>
  a.toLowerCase().startsWith(b.toLowerCase()) || b.toLowerCase().startsWith(a.toLowerCase())

const unknown = (entity: Mapped, name: string): never => {
  const names = [...entity.relations().keys()]
  const meant = names.find((one) => near(one, name))
  const advice =
    meant === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean "${meant}"?`
  return refuse(`plan: ${entity.label} has no relation "${name}": ${advice}`)
}

const steps = (entity: Mapped, plan: unknown): ReadonlyArray<LoadStep> => {
  if (plan === true) return []
  if (typeof plan !== "object" || plan === null)
    return refuse(`plan: ${entity.label} takes a record or true`)
  return Object.freeze(
    Object.entries(plan).flatMap(([name, below]) => {
      if (below === undefined) return []
      const relation = entity.relations().get(name) ?? unknown(entity, name)
      return [Object.freeze({ relation, steps: steps(relation.related, below) })]
    })
  )
}

/** The steps of a plan. **Errors** `StatementError` for a name that is no relation. */
export const stepsOf = (entity: AnyEntity, plan: object): ReadonlyArray<LoadStep> =>
  steps(entity[ClassId], plan)

interface Link {
  readonly table: TableSource
  readonly alias: string
  /** Columns that equal the relation's own: by them a row found knows whom it belongs to. */
  readonly near: ReadonlyArray<string>
  /** They are selected beside the target's row, which does not hold them. */
  readonly isBeside: boolean
}

/**
 * Whose rows a step's link is told by: the target, the link table, or the row's own table again
 * where a condition relates them.
 */
export const linkOf = (relation: RelationFacts): Link => {
  const { columns, on, owner, target, targetColumns, through } = relation
  if (on !== null) return { table: owner.source, alias: sides.own, near: columns, isBeside: true }
  return through === null
    ? { table: target, alias: target.name, near: targetColumns, isBeside: false }
    : { table: through.table, alias: through.table.name, near: through.near, isBeside: true }
}

/** The text of a link: equal texts, linked rows. Undefined where a part is null: no link. */
export const linkText = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  row: Cells
): string | undefined => {
  const texts: Array<string> = []
  for (const column of columns) {
    const value = row[column]
    if (value === null || value === undefined) return undefined
    texts.push(cellText(table.byKey.get(column)!.type, value))
  }
  return texts.length === 1 ? texts[0] : JSON.stringify(texts)
}

/** The keys by which a step finds what belongs to these rows, each once. */
export const keysOf = (
  { relation }: LoadStep,
  rows: ReadonlyArray<object>
): ReadonlyArray<LinkKey> => {
  const { columns, owner } = relation
  const found = new Map<string, LinkKey>()
  for (const row of rows as ReadonlyArray<Cells>) {
    const text = linkText(owner.source, columns, row)
    if (text !== undefined && !found.has(text))
      found.set(
        text,
        columns.map((column) => row[column])
      )
  }
  return [...found.values()]
}

/** What a step's query gives: a row of the target, and beside it the link it does not hold. */
export type StepRow = object

/** How many keys one query takes. Lists are padded to powers of two where they are expanded. */
const chunkSize = (width: number, capabilities: Capabilities): number => {
  if (width > 1) return Math.max(1, Math.min(128, Math.floor(capabilities.maxParameters / width)))
  return capabilities.listParameter === "expand"
    ? 2 ** Math.floor(Math.log2(capabilities.maxParameters))
    : 100_000
}

type Columns = Readonly<Record<string, Expr<unknown, unknown>>>

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

type AnySelect = Select<StepRow, never, string>

interface Sources {
  readonly query: AnySelect
  /** Columns the keys are compared with. */
  readonly link: Columns
}

const made = new WeakMap<RelationFacts, Sources>()

/** The query of a relation without its keys: one value per relation, so that it prints once. */
const sourcesOf = (relation: RelationFacts): Sources => {
  let sources = made.get(relation)
  if (sources === undefined) made.set(relation, (sources = build(relation)))
  return sources
}

const build = (relation: RelationFacts): Sources => {
  const { on, target, toMany } = relation
  const targetAlias = on === null ? target.name : sides.target
  const from = tableFrom<string, object>(target, targetAlias)
  const c = tableRefs(target, targetAlias)
  // To-many relations have an order of their own, the same however they are loaded.
  const sorted = (query: AnySelect): AnySelect =>
    toMany
      ? query.orderBy(...target.primaryKey.map((key) => c[key] as Expr<unknown, string>))
      : query
  const { alias, isBeside, near: keys, table } = linkOf(relation)
  if (!isBeside) return { query: sorted(fromNode(from)), link: c }
  const link = tableRefs(table, alias)
  const near = Object.fromEntries(keys.map((key) => [key, link[key] as Expr<unknown, string>]))
  const joined = fromNode(tableFrom<string, object>(table, alias))
    .join({ [FromId]: from }, expr<boolean, string>(on ?? throughOn(relation, link, c)))
    .select({ near, row: { [FromId]: from } })
  return { query: sorted(joined as AnySelect), link }
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

/** The queries that find what belongs to rows with these keys: none without keys. */
export const queriesOf = (
  { relation }: LoadStep,
  keys: ReadonlyArray<LinkKey>,
  capabilities: Capabilities
): ReadonlyArray<AnySelect> => {
  const columns = linkOf(relation).near
  const { query, link } = sourcesOf(relation)
  const size = chunkSize(columns.length, capabilities)
  const out: Array<AnySelect> = []
  for (let at = 0; at < keys.length; at += size) {
    const chunk = keys.slice(at, at + size)
    out.push(query.where(expr<boolean, string>(among(link, columns, chunk))))
  }
  return out
}
