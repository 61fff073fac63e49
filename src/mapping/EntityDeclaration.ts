import type { FromNode } from "../algebra/From.ts"
import { OnReadId } from "../algebra/RowShape.ts"
import type { ForeignKey, JoinSource, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
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

/** What is known of an entity once its class exists. */
export interface Late {
  readonly prototype: () => object
  readonly foreignKeys: () => ReadonlyArray<ForeignKey>
  readonly relations: () => ReadonlyMap<string, JoinSource>
  readonly queriedBy: (key: string) => ReturnType<typeof queryOf>
  readonly rules: () => ReturnType<typeof rowRulesOf>
}

/** What an entity is over. */
export interface Place {
  readonly name: string
  readonly columns: Columns
  readonly source: (late: Late) => TableSource
  /** The foreign keys that no relation adds. */
  readonly declaredKeys: (source: TableSource) => ReadonlyArray<ForeignKey>
  /** What keeps its rows: what it is over, where left out. */
  readonly tables?: ReadonlyArray<TableSource>
  readonly fixed?: Readonly<Record<string, unknown>>
  /** Told of the entity once its class is known: at its first relation, or the first use. */
  readonly heard?: (entity: EntityFacts<string, Columns>) => void
}

/**
 * The entity behind a class that does not exist yet: columns are checked now; the class, which a
 * statement cannot reach but through its statics, is known at the first of them that is read.
 */
export const declareEntity = (place: Place): Declaration => {
  const { columns, name } = place
  let base: object | undefined
  let found: (AnyEntity & { readonly name?: unknown }) | undefined
  let from: FromNode<string, unknown> | undefined
  let keys: ReadonlyArray<ForeignKey> | undefined
  const theClass = () => found ?? refuse(`entity "${name}": no class extends it`)

  const source = place.source({
    prototype: () => theClass().prototype,
    foreignKeys: () => ownForeignKeys(entity),
    relations: () => joinsOf(entity),
    queriedBy: (key) => queryOf(theClass(), entity.label, key),
    rules: () => rowRulesOf(theClass(), entity.label, named())
  })
  // A class over what is there has no columns of its own.
  const named = () => ({ ...columns, ...Object.fromEntries(source.byKey) })
  const refs = tableRefs(source, name)
  const entity: EntityFacts<string, Columns> = Object.freeze({
    table: name,
    rows: name,
    source,
    columns,
    declaredKeys: () => (keys ??= place.declaredKeys(source)),
    tables: place.tables ?? [source],
    fixed: place.fixed ?? nothing,
    members: null,
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
      if (one !== undefined && one !== base) {
        found = one as AnyEntity
        place.heard?.(entity)
      }
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
        get: () => (read ??= readingOf(theClass(), entity.label, named()))
      })
    },
    columns: (statics) => (of(statics), refs),
    from: (statics) => (of(statics), (from ??= tableFrom(source, name)))
  }
}

const nothing: Readonly<Record<string, unknown>> = Object.freeze({})

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
