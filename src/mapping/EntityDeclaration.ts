import type { TableItem } from "../algebra/schema/Constraint.ts"
import type { FromNode } from "../algebra/From.ts"
import { OnReadId } from "../algebra/RowShape.ts"
import type { ForeignKey, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { Columns, TableOptions } from "../algebra/schema/Table.ts"
import { foreignKeys } from "../algebra/schema/tableRules.ts"
import { tableFrom, tableRefs, tableSource } from "../algebra/schema/tableSource.ts"
import { type AnyEntity, EntityId, type EntityFacts } from "./EntityClass.ts"
import { queryOf, readingOf, rowRulesOf } from "./EntityRule.ts"
import { joinsOf, ownForeignKeys, resolveRelations } from "./RelationLinks.ts"

/** What the statics of an entity class read. */
export interface Declaration {
  /** The class that `Entity()` returned; the entity is the class that extends it. */
  readonly base: (base: object) => void
  readonly of: (statics: object) => EntityFacts<string, Columns>
  readonly from: (statics: object) => FromNode<string, unknown>
  readonly columns: (statics: object) => ReturnType<typeof tableRefs>
}

/**
 * The entity behind a class that does not exist yet: columns are checked now; the class, which a
 * statement cannot reach but through its statics, is known at the first of them that is read.
 */
export const declareEntity = (
  name: string,
  columns: Columns,
  items: ((c: ReturnType<typeof tableRefs>) => ReadonlyArray<TableItem>) | undefined,
  options: TableOptions
): Declaration => {
  let base: object | undefined
  let found: (AnyEntity & { readonly name?: unknown }) | undefined
  let from: FromNode<string, unknown> | undefined
  let keys: ReadonlyArray<ForeignKey> | undefined
  const theClass = () => found ?? refuse(`entity "${name}": no class extends it`)

  const source: TableSource = tableSource({
    name,
    columns,
    exact: false,
    options,
    items: () => items?.(refs) ?? [],
    get prototype() {
      return theClass().prototype
    },
    extraReferences: () => ownForeignKeys(entity),
    relations: () => joinsOf(entity),
    queriedBy: (key) => queryOf(theClass(), entity.label, key),
    rules: () => rowRulesOf(theClass(), entity.label, columns)
  })
  const refs = tableRefs(source, name)
  const entity: EntityFacts<string, Columns> = Object.freeze({
    table: name,
    source,
    columns,
    declaredKeys: () => (keys ??= foreignKeys(columns, source, items?.(refs) ?? [], [])),
    get label() {
      const label = theClass().name
      return typeof label === "string" && label !== "" ? label : name
    },
    get class() {
      return theClass()
    },
    get prototype() {
      return theClass().prototype
    },
    relations: () => resolveRelations(entity)
  })
  const of = (statics: object) => {
    if (found === undefined) {
      const one = extending(statics, base)
      if (one !== base) found = one as AnyEntity
    }
    return entity
  }
  return {
    of,
    base: (made) => {
      base = made
      const { prototype } = made as AnyEntity
      Object.defineProperty(prototype, EntityId, { value: entity })
      let read: ReturnType<typeof readingOf> | undefined
      // Read late: the statics of the class come after its base.
      Object.defineProperty(prototype, OnReadId, {
        get: () => (read ??= readingOf(theClass(), entity.label, columns))
      })
    },
    columns: (statics) => (of(statics), refs),
    from: (statics) => (of(statics), (from ??= tableFrom(source, name)))
  }
}

/** The class that extends `base` directly, seen from it or from one below it. */
const extending = (statics: object, base: object | undefined): object | undefined => {
  for (
    let one: object | null = statics;
    one !== null;
    one = Object.getPrototypeOf(one) as object | null
  ) {
    if (Object.getPrototypeOf(one) === base) return one
  }
  return statics === base ? statics : undefined
}
