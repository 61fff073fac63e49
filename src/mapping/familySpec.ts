import type { Column, ColumnFacts } from "../algebra/schema/Column.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import { foreignKeys } from "../algebra/schema/tableRules.ts"
import { tableSource } from "../algebra/schema/tableSource.ts"
import type { ForeignKey, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { tagged } from "../algebra/types/tagged.ts"
import { entitiesOf } from "./EntityTables.ts"
import { ownForeignKeys } from "./RelationLinks.ts"
import type { EntityFacts } from "./EntityClass.ts"

/** Where a family keeps what it is. */
export const FamilyId: unique symbol = Symbol.for("athanor/Family")
export type FamilyId = typeof FamilyId

/** The columns of a member: those of all, its tag as the one value it has, and its own. */
export type MemberColumns<C extends Columns, On extends string, Tag, Own extends Columns> = {
  readonly [K in keyof C | keyof Own]: K extends On
    ? Column<Tag, "never", "no">
    : K extends keyof Own
      ? Own[K]
      : C[K & keyof C]
}

/** The columns that every member has, the tag as one of all. */
export type SharedColumns<C extends Columns, On extends string, Tags> = {
  readonly [K in keyof C]: K extends On ? Column<Tags, "never", "no"> : C[K]
}

/** A family as data. */
export interface Spec {
  readonly name: string
  readonly on: string
  /** Keys of the columns that every member has. */
  readonly shared: ReadonlyArray<string>
  readonly columns: Columns
  /** The columns of each member's own. */
  readonly members: Readonly<Record<string, Columns>>
  /** The table of all. */
  readonly table: TableSource
  readonly declaredKeys: () => ReadonlyArray<ForeignKey>
}

type Facts = { readonly facts: ColumnFacts }

/** A member's own column among the rows of others, which have none of it. */
const asOptional = (place: string, { facts }: Facts): Facts => {
  const { computed, identity, onUpdate, primaryKey, serverDefault, version } = facts
  const isFilled = computed !== null || identity || onUpdate !== null || serverDefault !== null
  if (isFilled || version || primaryKey)
    refuse(`${place} would be filled in the rows of other members: put it among the shared ones`)
  return { facts: { ...facts, nullable: true, default: null } }
}

const storedColumns = (
  name: string,
  on: string,
  columns: Columns,
  members: Readonly<Record<string, Columns>>
): Readonly<Record<string, Facts>> => {
  const tags = Object.keys(members)
  const tag = columns[on] ?? refuse(`family "${name}": it has no column "${on}"`)
  const { type } = tag.facts
  const stored: Record<string, Facts> = {
    ...columns,
    [on]: { facts: { ...tag.facts, type: () => tagged(type(), name, tags) } }
  }
  for (const [member, own] of Object.entries(members))
    for (const [key, column] of Object.entries(own)) {
      const place = `family "${name}": "${key}" of ${member}`
      if (Object.hasOwn(stored, key)) refuse(`${place} is there already: put it among the shared`)
      stored[key] = asOptional(place, column)
    }
  return stored
}

/** A family in one table. */
export const single = (
  name: string,
  on: string,
  columns: Columns,
  members: Readonly<Record<string, Columns>>
): { readonly [FamilyId]: Spec } => {
  const stored = storedColumns(name, on, columns, members)
  let keys: ReadonlyArray<ForeignKey> | undefined
  const declaredKeys = () => (keys ??= foreignKeys(stored, table, [], []))
  const table: TableSource = tableSource({
    name,
    columns: stored,
    exact: false,
    options: {},
    prototype: null,
    items: () => [],
    extraReferences: () => relationKeys(table)
  })
  const shared = Object.keys(columns)
  const spec: Spec = { name, on, shared, columns, members, table, declaredKeys }
  return { [FamilyId]: Object.freeze(spec) }
}

/** The foreign keys that relations of its classes add, each once. */
const relationKeys = (table: TableSource): ReadonlyArray<ForeignKey> => {
  const found = new Map<string, ForeignKey>()
  for (const entity of entitiesOf(table))
    for (const key of ownForeignKeys(entity as EntityFacts<string, Columns>, table))
      found.set(key.columns.join(), key)
  return [...found.values()]
}
