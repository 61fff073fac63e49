import { FromId } from "../algebra/From.ts"
import { relationKey } from "../algebra/schema/tableRules.ts"
import { asTable, type ForeignKey, type JoinSource, type TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import type { RelationRule } from "./ConstraintModel.ts"
import {
  ClassId,
  type EntityFacts,
  type Mapped,
  type OrderOf,
  type RelationFacts,
  RelationId,
  type RelationSpec
} from "./EntityClass.ts"
import { holdersOf, isApart, keyTableOf, shareRows } from "./EntityTables.ts"
import { isRelation } from "./Relation.ts"
import { conditionOf, orderOf } from "./relationCondition.ts"
import { refuseConflicts } from "./relationConflicts.ts"
import {
  belongingKeys,
  heldKeys,
  type Keys,
  linkKey,
  named,
  place,
  refuseShared,
  same
} from "./relationKeys.ts"

/**
 * Relations as their classes declare them, with the columns that make them true.
 *
 * The belonging side comes first: it follows from names and keys alone, so the other sides can ask
 * for it without going in circles.
 */

const specsOf = (entity: Mapped): ReadonlyArray<readonly [string, RelationSpec]> =>
  Object.entries(entity.class).flatMap(([name, value]) =>
    isRelation(value) ? [[name, value[RelationId]] as const] : []
  )

const targetOf = (
  owner: Mapped,
  name: string,
  spec: RelationSpec
): EntityFacts<string, Columns> => {
  const target =
    spec.target()?.[ClassId] ?? refuse(`${place(owner, name)}: its target is not an entity`)
  // A condition is free to say the tag.
  if (isApart(target) && spec.on === null)
    refuse(
      `${place(owner, name)}: each member of ${target.label} has keys of its own: relate to ` +
        "the members, or by a condition"
    )
  return target
}

const anyNullable = (table: TableSource, keys: Keys): boolean =>
  keys.some((key) => table.byKey.get(key)!.nullable)

/** What every relation has that does not say otherwise. */
const usual = {
  through: null,
  on: null,
  children: null,
  inverse: null,
  order: [],
  isLarge: false,
  position: null
} as const

const belonging = (
  owner: EntityFacts<string, Columns>,
  name: string,
  spec: RelationSpec
): RelationFacts => {
  const related = targetOf(owner, name, spec)
  const [columns, targetColumns] = belongingKeys(owner, name, spec, related)
  return Object.freeze({
    ...usual,
    name,
    kind: "belongsTo",
    owner,
    related,
    target: related.source,
    toMany: false,
    columns,
    targetColumns,
    nullable: anyNullable(owner.source, columns)
  })
}

/** The relations of an entity that hold their keys. */
const parentsOf = (entity: EntityFacts<string, Columns>): ReadonlyArray<RelationFacts> =>
  specsOf(entity).flatMap(([name, spec]) =>
    spec.kind === "belongsTo" ? [belonging(entity, name, spec)] : []
  )

const having = (owner: Mapped, name: string, spec: RelationSpec): RelationFacts => {
  const related = targetOf(owner, name, spec)
  const back = parentsOf(related).filter(
    (parent) =>
      shareRows(parent.related, owner) && (spec.key === null || same(parent.columns, spec.key))
  )
  if (back.length > 1) {
    const keys = named(back.map(({ columns }) => columns))
    return refuse(
      `${place(owner, name)}: ${related.label} belongs to ${owner.label} by ${keys}: give { key }`
    )
  }
  const [parent] = back
  const [held, columns] =
    parent === undefined
      ? heldKeys(owner, name, spec, related)
      : [parent.columns, parent.targetColumns]
  const toMany = spec.kind === "hasMany"
  if (!toMany) refuseShared(owner, name, related, held)
  const nullable = anyNullable(related.source, held)
  if (spec.children === "detach" && !nullable) {
    refuse(`${place(owner, name)}: children cannot be detached, "${held.join('", "')}" is NOT NULL`)
  }
  if (spec.children === "database") refuseKept(owner, name, related, held)
  return Object.freeze({
    ...usual,
    name,
    kind: spec.kind,
    owner,
    related,
    target: related.source,
    toMany,
    columns,
    targetColumns: held,
    nullable,
    children: spec.children ?? (nullable ? "detach" : "restrict"),
    inverse: parent?.name ?? null,
    order: orderOf(place(owner, name), orderBy(owner, name, spec, related.source), related.source),
    isLarge: spec.isLarge,
    position: spec.position
  })
}

/** A list that keeps positions is in their order. */
const orderBy = (
  owner: Mapped,
  name: string,
  { orderBy: said, position }: RelationSpec,
  target: TableSource
): OrderOf | null => {
  if (position === null) return said
  const column = target.byKey.get(position)
  const tag = column?.type.sql._tag
  if (tag !== "Smallint" && tag !== "Integer")
    refuse(`${place(owner, name)}: "${position}" is no column of whole numbers of "${target.name}"`)
  if (said !== null) refuse(`${place(owner, name)} has an order of its own beside its positions`)
  return (rows) => rows[position]!
}

/**
 * The database deletes children where their key says so: a foreign key that is declared stays as it
 * is. It deletes them whole where one table keeps them.
 */
const refuseKept = (
  owner: Mapped,
  name: string,
  related: EntityFacts<string, Columns>,
  held: Keys
): void => {
  const [home] = related.tables
  const [rest] = holdersOf(related, held).filter((table) => table !== home)
  if (home !== undefined && rest !== undefined)
    refuse(
      `${place(owner, name)}: its children are left to the database, but "${held.join('", "')}" ` +
        `is in "${rest.name}": what they have in "${home.name}" would stay`
    )
  const kept = related
    .declaredKeys()
    .find(({ columns, onDelete }) => same(columns, held) && onDelete !== "cascade")
  if (kept !== undefined)
    refuse(
      `${place(owner, name)}: its children are left to the database, but "${kept.name}" is ` +
        "without ON DELETE CASCADE"
    )
}

const linking = (owner: Mapped, name: string, spec: RelationSpec): RelationFacts => {
  const related = targetOf(owner, name, spec)
  const { table, near, far } = spec.through!
  const from = table()?.[FromId] ?? refuse(`${place(owner, name)}: \`through\` gives no table`)
  const link = asTable(from.source, place(owner, name))
  const [nearKeys, columns] = linkKey(owner, name, link, near, owner, "near")
  const [farKeys, targetColumns] = linkKey(owner, name, link, far, related, "far")
  if (same(nearKeys, farKeys))
    refuse(`${place(owner, name)}: near and far are one column of "${link.name}"`)
  return Object.freeze({
    ...usual,
    name,
    kind: "manyToMany",
    owner,
    related,
    target: related.source,
    toMany: true,
    columns,
    targetColumns,
    through: Object.freeze({ table: link, near: nearKeys, far: farKeys }),
    nullable: true,
    order: orderOf(place(owner, name), spec.orderBy, related.source),
    isLarge: spec.isLarge
  })
}

const relating = (owner: Mapped, name: string, spec: RelationSpec): RelationFacts => {
  const related = targetOf(owner, name, spec)
  const { primaryKey } = owner.source
  if (primaryKey.length === 0)
    refuse(`${place(owner, name)}: "${owner.table}" has no primary key to tell its rows by`)
  return Object.freeze({
    ...usual,
    name,
    kind: spec.kind,
    owner,
    related,
    target: related.source,
    toMany: spec.kind === "relatesToMany",
    columns: primaryKey,
    targetColumns: related.source.primaryKey,
    on: conditionOf(place(owner, name), spec.on!, owner.source, related.source),
    nullable: true,
    order: orderOf(place(owner, name), spec.orderBy, related.source)
  })
}

const resolved = (
  entity: EntityFacts<string, Columns>,
  name: string,
  spec: RelationSpec
): RelationFacts => {
  if (entity.source.byKey.has(name)) refuse(`${place(entity, name)} is a column and a relation`)
  if (name in entity.prototype)
    refuse(`${place(entity, name)} is a relation and a member of every ${entity.label}`)
  switch (spec.kind) {
    case "belongsTo":
      return belonging(entity, name, spec)
    case "hasOne":
    case "hasMany":
      return having(entity, name, spec)
    case "manyToMany":
      return linking(entity, name, spec)
    default:
      return relating(entity, name, spec)
  }
}

/** One relation of an entity by itself. **Errors** `StatementError` for one without columns. */
export const relationNamed = (
  entity: EntityFacts<string, Columns>,
  name: string
): RelationFacts | undefined => {
  const found = specsOf(entity).find(([one]) => one === name)
  return found && resolved(entity, name, found[1])
}

interface Resolved {
  /** Statics of the class when it was read: a class in the making has more to come. */
  readonly statics: number
  readonly relations: ReadonlyMap<string, RelationFacts>
}

const cache = new WeakMap<object, Resolved>()

/** The relations of an entity by name, in the order of its class. */
export const resolveRelations = (
  entity: EntityFacts<string, Columns>
): ReadonlyMap<string, RelationFacts> => {
  const statics = Object.keys(entity.class).length
  const before = cache.get(entity)
  if (before?.statics === statics) return before.relations
  const relations = new Map(
    specsOf(entity).map(([name, spec]) => [name, resolved(entity, name, spec)])
  )
  refuseConflicts(relations.values())
  cache.set(entity, { statics, relations })
  return relations
}

/** What the compiler sees of them. */
export const joinsOf: (entity: EntityFacts<string, Columns>) => ReadonlyMap<string, JoinSource> =
  resolveRelations

/** Does the target of a to-one relation leave its children to the database? */
const isCascaded = ({ columns, owner, related }: RelationFacts): boolean =>
  specsOf(related).some(
    ([name, spec]) =>
      (spec.kind === "hasMany" || spec.kind === "hasOne") &&
      spec.children === "database" &&
      shareRows(targetOf(related, name, spec), owner) &&
      (spec.key === null || same(spec.key, columns))
  )

/** The foreign keys that follow from an entity's to-one relations, for a table that has them. */
export const ownForeignKeys = (
  entity: EntityFacts<string, Columns>,
  table: TableSource = entity.source
): ReadonlyArray<ForeignKey> =>
  parentsOf(entity).flatMap((parent) => {
    const target = keyTableOf(parent.related)
    if (target === null || !parent.columns.every((key) => table.byKey.has(key))) return []
    const { columns, targetColumns } = parent
    const onDelete = isCascaded(parent) ? "cascade" : "no action"
    return [relationKey(table, { columns, target, targetColumns, onDelete })]
  })

/**
 * What becomes of a row's links when it goes: the database sees to it, or they are deleted first.
 */
const linkRule = ({ near, table }: NonNullable<JoinSource["through"]>): RelationRule => ({
  child: table,
  columns: near,
  children: table
    .foreignKeys()
    .some(({ columns, onDelete }) => same(columns, near) && onDelete === "cascade")
    ? "database"
    : "delete"
})

/**
 * What a flush must know of an entity's relations: which children and links go with their parents.
 */
export const relationRules = (entity: Mapped): ReadonlyArray<RelationRule> => {
  const relations = [...entity.relations().values()]
  const links = relations.flatMap(({ through }) => (through === null ? [] : [linkRule(through)]))
  const said = specsOf(entity).flatMap(([name, spec]) => {
    const relation = entity.relations().get(name)
    // What each member of a family says in its own way is a rule of the member.
    if (relation === undefined || relation.children === null) return []
    const { children, related, targetColumns: columns } = relation
    const isSaid = spec.children !== null
    return holdersOf(related, columns).map((child) => ({ child, columns, children, isSaid }))
  })
  // Of one key the last rule holds: that of an entity made of the links is said, not assumed.
  return [...links, ...said, ...restRules(entity)]
}

/** What a row keeps in other tables goes with it. */
const restRules = ({ fixed, tables }: Mapped): ReadonlyArray<RelationRule> => {
  const [tag] = Object.entries(fixed)
  if (tag === undefined) return []
  const [by, is] = tag
  return tables.slice(1).map((child) => ({
    child,
    columns: child.primaryKey,
    children: "database",
    isSaid: true,
    rest: { by, is }
  }))
}
