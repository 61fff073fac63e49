import type { Capabilities } from "../algebra/Dialect.ts"
import { expr } from "../algebra/Expression.ts"
import { FromId } from "../algebra/From.ts"
import { sides } from "../algebra/sides.ts"
import { tableFrom } from "../algebra/schema/tableSource.ts"
import type { RelationFacts } from "./EntityClass.ts"
import {
  among,
  type AnySelect,
  isAmongFirst,
  type Sources,
  sortedBy,
  sourcesUnder
} from "./PlanSources.ts"
import { isBelow } from "./PlanTree.ts"
import { type LinkKey, linkOf, type LoadStep } from "./PlanSteps.ts"
import type { Part } from "./Some.ts"

/** How many keys one query takes. Lists are padded to powers of two where they are expanded. */
const chunkSize = (width: number, capabilities: Capabilities): number => {
  if (width > 1) return Math.max(1, Math.min(128, Math.floor(capabilities.maxParameters / width)))
  return capabilities.listParameter === "expand"
    ? 2 ** Math.floor(Math.log2(capabilities.maxParameters))
    : 100_000
}

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
    const found = query.where(
      step.tree === null
        ? expr<boolean, string>(among(sources.link, near, chunk))
        : isBelow(step, chunk)
    )
    const limit = part?.limit ?? null
    out.push(limit === null ? found : found.where(isAmongFirst(step, sources, limit, chunk)))
  }
  return out
}
