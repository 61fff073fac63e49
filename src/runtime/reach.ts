import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { make, type ConstraintModel, type RelationRule } from "../mapping/ConstraintModel.ts"
import { relationRules } from "../mapping/RelationLinks.ts"
import { entitiesKnown, entitiesOf } from "../mapping/EntityTables.ts"

/** The tables behind a source a relation leads to. */
const tablesOf = (source: TableSource): ReadonlyArray<TableSource> =>
  source.over?.tables ?? [source]

/** Every table a change of these can reach: by foreign keys and relations, both ways. */
const closure = (tables: Iterable<TableSource>): ReadonlySet<TableSource> => {
  const found = new Set<TableSource>(tables)
  const add = (more: ReadonlyArray<TableSource>): void => {
    for (const table of more) found.add(table)
  }
  for (const table of found) {
    for (const { target } of table.foreignKeys()) found.add(target)
    for (const { relations, tables: own } of entitiesOf(table)) {
      add(own)
      for (const { target, through } of relations().values()) {
        add(tablesOf(target))
        if (through !== null) found.add(through.table)
      }
    }
  }
  return found
}

const rulesOf = (table: TableSource): ReadonlyArray<RelationRule> =>
  entitiesOf(table).flatMap(relationRules)

/** Of classes over one table, one that says what becomes of its children says it for all. */
const stronger = (before: RelationRule | undefined, rule: RelationRule): RelationRule => {
  if (before === undefined || before.isSaid !== true) return rule
  if (rule.isSaid !== true || before.children === rule.children) return before
  return refuse(
    `"${rule.child.name}" (${rule.columns.join(", ")}): its parents' classes say both ` +
      `"${before.children}" and "${rule.children}"`
  )
}

/**
 * By the tables asked for. Programs flush few sets of tables; those that make tables flush many.
 */
const models = new Map<string, ConstraintModel>()
const mostModels = 200
let knownThen = entitiesKnown()

/**
 * The constraints a flush of these tables must keep: their own, and those of every table in reach.
 */
export const modelOf = (tables: ReadonlySet<TableSource>): ConstraintModel => {
  const id = [...tables]
    .map((table) => table.id)
    .toSorted((a, b) => a - b)
    .join()
  if (knownThen !== entitiesKnown()) {
    knownThen = entitiesKnown()
    models.clear()
  }
  let model = models.get(id)
  if (model === undefined) {
    const reach = closure(tables)
    const rules = new Map<string, RelationRule>()
    for (const table of reach) {
      for (const rule of rulesOf(table)) {
        const place = `${rule.child.id}:${rule.columns.join()}`
        rules.set(place, stronger(rules.get(place), rule))
      }
    }
    if (models.size >= mostModels) models.clear()
    models.set(id, (model = make(reach, rules.values())))
  }
  return model
}
