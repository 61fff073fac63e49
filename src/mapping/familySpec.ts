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
  /** The table of all rows: it tells them apart, and which member each is of. */
  readonly table: TableSource
  /** The tables of members' own columns, by tag; none where the table of all has them. */
  readonly own: ReadonlyMap<string, TableSource>
  /** The foreign keys of a member, or of all. */
  readonly declaredKeys: (tag: string | null) => ReadonlyArray<ForeignKey>
}

/** What of a column a table is made from. */
export type Facts = { readonly facts: ColumnFacts }

/** Of a member's own column there is one of its key among the shared: all rows have it. */
export const isThere = (place: string): never =>
  refuse(`${place} is there already: put it among the shared`)

/** A member's own column among the rows of others, which have none of it. */
const asOptional = (place: string, { facts }: Facts): Facts => {
  const { computed, identity, onUpdate, primaryKey, serverDefault, serverSet, version } = facts
  const isFilled = computed !== null || identity || onUpdate !== null || serverDefault !== null
  if (isFilled || version || primaryKey || serverSet !== null)
    refuse(`${place} would be filled in the rows of other members: put it among the shared ones`)
  return { facts: { ...facts, nullable: true, default: null } }
}

/** The columns that every member has, with a tag that is one of the members. */
export const sharedColumns = (
  name: string,
  on: string,
  columns: Columns,
  tags: ReadonlyArray<string>
): Readonly<Record<string, Facts>> => {
  const tag = columns[on] ?? refuse(`family "${name}": it has no column "${on}"`)
  const { type } = tag.facts
  return { ...columns, [on]: { facts: { ...tag.facts, type: () => tagged(type(), name, tags) } } }
}

const storedColumns = (
  name: string,
  on: string,
  columns: Columns,
  members: Readonly<Record<string, Columns>>
): Readonly<Record<string, Facts>> => {
  const stored: Record<string, Facts> = {
    ...sharedColumns(name, on, columns, Object.keys(members))
  }
  for (const [member, own] of Object.entries(members))
    for (const [key, column] of Object.entries(own)) {
      const place = `family "${name}": "${key}" of ${member}`
      if (Object.hasOwn(stored, key)) isThere(place)
      stored[key] = asOptional(place, column)
    }
  return stored
}

/** A table of a family, with the foreign keys that relations of its classes add. */
export const familyTable = (
  name: string,
  columns: Readonly<Record<string, Facts>>,
  keys: (table: TableSource) => ReadonlyArray<ForeignKey> = () => []
): TableSource => {
  const table: TableSource = tableSource({
    name,
    columns,
    exact: false,
    options: {},
    prototype: null,
    items: () => [],
    extraReferences: () => [...keys(table), ...relationKeys(table)]
  })
  return table
}

/** The foreign keys that columns of a table declare. */
export const keysSaid = (
  table: TableSource,
  columns: Readonly<Record<string, Facts>>
): (() => ReadonlyArray<ForeignKey>) => {
  let keys: ReadonlyArray<ForeignKey> | undefined
  return () => (keys ??= foreignKeys(columns, table, [], []))
}

/** A family in one table. */
export const single = (
  name: string,
  on: string,
  columns: Columns,
  members: Readonly<Record<string, Columns>>
): { readonly [FamilyId]: Spec } => {
  const stored = storedColumns(name, on, columns, members)
  const table = familyTable(name, stored)
  const shared = Object.keys(columns)
  const declaredKeys = keysSaid(table, stored)
  const own: Spec["own"] = new Map()
  const spec: Spec = { name, on, shared, columns, members, table, own, declaredKeys }
  return { [FamilyId]: Object.freeze(spec) }
}

/** The foreign keys that relations of its classes add, each once. */
export const relationKeys = (table: TableSource): ReadonlyArray<ForeignKey> => {
  const found = new Map<string, ForeignKey>()
  for (const entity of entitiesOf(table))
    for (const key of ownForeignKeys(entity as EntityFacts<string, Columns>, table))
      found.set(key.columns.join(), key)
  return [...found.values()]
}
