import type { TableSource } from "../algebra/Source.ts"
import { make, type ConstraintModel, type RelationRule } from "../mapping/ConstraintModel.ts"
import { relationRules } from "../mapping/RelationLinks.ts"
import { ClassId, type AnyEntity, type Mapped } from "../mapping/EntityClass.ts"

/** The entity whose rows a table holds; undefined for a plain table. */
export const entityOfTable = (table: TableSource): Mapped | undefined => {
  const made: Partial<AnyEntity> | undefined = table.prototype?.constructor
  return made?.[ClassId]
}

/** Every table a change of these can reach: by foreign keys and relations, both ways. */
const closure = (tables: Iterable<TableSource>): ReadonlySet<TableSource> => {
  const found = new Set<TableSource>(tables)
  for (const table of found) {
    for (const { target } of table.foreignKeys()) found.add(target)
    for (const { target, through } of table.relations().values()) {
      found.add(target)
      if (through !== null) found.add(through.table)
    }
  }
  return found
}

const rulesOf = (table: TableSource): ReadonlyArray<RelationRule> => {
  const entity = entityOfTable(table)
  return entity === undefined ? [] : relationRules(entity)
}

/**
 * By the tables asked for. Programs flush few sets of tables; those that make tables flush many.
 */
const models = new Map<string, ConstraintModel>()
const mostModels = 200

/**
 * The constraints a flush of these tables must keep: their own, and those of every table in reach.
 */
export const modelOf = (tables: ReadonlySet<TableSource>): ConstraintModel => {
  const id = [...tables]
    .map((table) => table.id)
    .toSorted((a, b) => a - b)
    .join()
  let model = models.get(id)
  if (model === undefined) {
    const reach = closure(tables)
    const rules = new Map<string, RelationRule>()
    for (const table of reach) {
      for (const rule of rulesOf(table)) rules.set(`${rule.child.id}:${rule.columns.join()}`, rule)
    }
    if (models.size >= mostModels) models.clear()
    models.set(id, (model = make(reach, rules.values())))
  }
  return model
}
