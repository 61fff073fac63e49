import type { Capabilities } from "../algebra/Dialect.ts"
import { expr } from "../algebra/Expression.ts"
import { FromId } from "../algebra/From.ts"
import { sides } from "../algebra/sides.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import { fromNode } from "../algebra/SelectQuery.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { Mapped, RelationFacts } from "./EntityClass.ts"
import { givenIn, type PlanColumns, rowsUnder } from "./PlanColumns.ts"
import {
  among,
  type AnySelect,
  type Columns,
  isAmongFirst,
  type Sources,
  sortedBy,
  sourcesUnder
} from "./PlanSources.ts"
import { isBelow } from "./PlanTree.ts"
import { chunksOf, type LinkKeys, rowKeys } from "./LinkKeys.ts"
import { isSortedHere, linkOf, type LoadStep } from "./PlanSteps.ts"
import { freshIn } from "./PlanStatement.ts"
import type { Part } from "./Some.ts"

interface Prepared {
  readonly query: AnySelect
  readonly sources: Sources
}

const made = new WeakMap<RelationFacts | Part, Prepared>()

/** The query without its keys: one value per relation or part of one, so that it prints once. */
const preparedOf = (step: LoadStep): Prepared => {
  if (step.columns !== null) return prepare(step)
  const owner = step.part ?? step.relation
  let prepared = made.get(owner)
  if (prepared === undefined) made.set(owner, (prepared = prepare(step)))
  return prepared
}

const prepare = (step: LoadStep): Prepared => {
  const { columns, part, relation } = step
  const { on, target, toMany } = relation
  const targetAlias = on === null ? target.name : sides.target
  const { alias, isBeside, near } = linkOf(relation)
  const given = givenIn(target, columns)
  // A subquery of an expression may speak of the link table too.
  const beside = isBeside && given.length > 0 ? freshIn(given, [targetAlias])(alias) : alias
  const sources = sourcesUnder(relation, part, targetAlias, beside)
  const { link, query } = sources
  const row = { [FromId]: rowsUnder(target, targetAlias, columns) }
  const found = isBeside
    ? (query.select({
        near: Object.fromEntries(near.map((key) => [key, link[key]!])),
        row
      }) as AnySelect)
    : columns === null
      ? query
      : (query.select(row) as AnySelect)
  // To-many relations have an order of their own, the same however they are loaded.
  const isSorted = toMany && !isSortedHere(step)
  const sorted = isSorted ? found.orderBy(...sortedBy(relation, part, sources)) : found
  return { query: sorted, sources }
}

/** The queries that find what belongs to rows with these keys: none without keys. */
export const queriesOf = (
  step: LoadStep,
  keys: LinkKeys,
  capabilities: Capabilities
): ReadonlyArray<AnySelect> => {
  const { part, relation } = step
  const { near } = linkOf(relation)
  const { query, sources } = preparedOf(step)
  return chunksOf(keys, capabilities).map((chunk) => {
    const found = query.where(
      step.tree === null
        ? expr<boolean, string>(among(sources.link, near, chunk))
        : isBelow(step, chunk)
    )
    const limit = part?.limit ?? null
    return limit === null ? found : found.where(isAmongFirst(step, sources, limit, chunk))
  })
}

/**
 * The queries that read columns of rows that are at hand, by their keys: as records of a prototype.
 */
export const columnQueries = (
  { label, source }: Mapped,
  columns: PlanColumns,
  rows: ReadonlyArray<object>,
  capabilities: Capabilities,
  prototype: object | null = source.prototype
): ReadonlyArray<AnySelect> => {
  const { name, primaryKey } = source
  if (primaryKey.length === 0) refuse(`plan: ${label} has no key to read more of its rows by`)
  const keys = rowKeys(source, primaryKey, rows)
  const all = fromNode(tableFrom<string, object>(source, name))
  const own = rowsUnder(source, name, columns)
  const shape = { ...own.shape, prototype }
  const query = all.select({ [FromId]: { ...own, shape } }) as AnySelect
  const c = tableRefs(source, name) as Columns
  return chunksOf(keys, capabilities).map((chunk) =>
    query.where(expr<boolean, string>(among(c, primaryKey, chunk)))
  )
}
