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
  type RelationFacts,
  RelationId,
  type RelationSpec
} from "./EntityClass.ts"
import { isRelation } from "./Relation.ts"
import { conditionOf } from "./relationCondition.ts"

/**
 * Relations as their classes declare them, with the columns that make them true.
 *
 * The belonging side comes first: it follows from names and keys alone, so the other sides can ask
 * for it without going in circles.
 */

type Keys = ReadonlyArray<string>

const same = (a: Keys, b: Keys): boolean =>
  a.length === b.length && a.every((key, i) => key === b[i])

const place = (owner: Mapped, name: string): string => `${owner.label}.${name}`

const specsOf = (entity: Mapped): ReadonlyArray<readonly [string, RelationSpec]> =>
  Object.entries(entity.class).flatMap(([name, value]) =>
    isRelation(value) ? [[name, value[RelationId]] as const] : []
  )

const targetOf = (owner: Mapped, name: string, spec: RelationSpec): EntityFacts<string, Columns> =>
  spec.target()?.[ClassId] ?? refuse(`${place(owner, name)}: its target is not an entity`)

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `author` is held by `authorId`; a key of other names by `author` + each of them. */
const keyByName = (owner: Mapped, name: string, related: Mapped): Keys => {
  const { primaryKey } = related.source
  const long = primaryKey.map((key) => `${name}${capital(key)}`)
  const short = primaryKey.length === 1 ? [`${name}Id`] : long
  const found = [short, long].find((keys) => keys.every((key) => owner.source.byKey.has(key)))
  return (
    found ??
    refuse(`${place(owner, name)}: there is no column "${short.join('", "')}": name it by { key }`)
  )
}

/** What a column says of itself by `.references`; null where it says nothing. */
const referenced = (
  owner: EntityFacts<string, Columns>,
  name: string,
  keys: Keys,
  related: Mapped
): Keys | null => {
  const declared = keys.length === 1 ? owner.columns[keys[0]!]?.facts.references : null
  if (declared === null || declared === undefined) return null
  const { node } = declared.target()
  return node._tag === "Ref" && node.source === related.source
    ? [node.path[0]!]
    : refuse(`${place(owner, name)}: "${keys[0]!}" refers to another table than "${related.table}"`)
}

const checkedKeys = (
  owner: Mapped,
  name: string,
  table: TableSource,
  keys: Keys,
  other: Keys
): Keys => {
  for (const key of keys) {
    if (!table.byKey.has(key))
      refuse(`${place(owner, name)}: "${table.name}" has no column "${key}"`)
  }
  return keys.length === other.length && keys.length > 0
    ? keys
    : refuse(`${place(owner, name)}: ${keys.length} columns hold a key of ${other.length}`)
}

const anyNullable = (table: TableSource, keys: Keys): boolean =>
  keys.some((key) => table.byKey.get(key)!.nullable)

const belonging = (
  owner: EntityFacts<string, Columns>,
  name: string,
  spec: RelationSpec
): RelationFacts => {
  const related = targetOf(owner, name, spec)
  const columns = spec.key ?? keyByName(owner, name, related)
  const targetColumns = referenced(owner, name, columns, related) ?? related.source.primaryKey
  checkedKeys(owner, name, owner.source, columns, targetColumns)
  return Object.freeze({
    name,
    kind: "belongsTo",
    owner,
    related,
    target: related.source,
    toMany: false,
    columns,
    targetColumns,
    through: null,
    on: null,
    nullable: anyNullable(owner.source, columns),
    children: null,
    inverse: null
  })
}

/** To-one relations of an entity. */
const parentsOf = (entity: EntityFacts<string, Columns>): ReadonlyArray<RelationFacts> =>
  specsOf(entity).flatMap(([name, spec]) =>
    spec.kind === "belongsTo" ? [belonging(entity, name, spec)] : []
  )

const having = (owner: Mapped, name: string, spec: RelationSpec): RelationFacts => {
  const related = targetOf(owner, name, spec)
  const back = parentsOf(related).filter(
    (parent) =>
      parent.target === owner.source && (spec.key === null || same(parent.columns, spec.key))
  )
  if (back.length > 1) {
    const keys = back.map(({ columns }) => columns.join("+")).join(" or ")
    return refuse(
      `${place(owner, name)}: ${related.label} belongs to ${owner.label} by ${keys}: give { key }`
    )
  }
  const [parent] = back
  const key =
    parent?.columns ??
    spec.key ??
    refuse(
      `${place(owner, name)}: ${related.label} does not belong to ${owner.label}: give { key }`
    )
  const columns = parent?.targetColumns ?? owner.source.primaryKey
  checkedKeys(owner, name, related.source, key, columns)
  const nullable = anyNullable(related.source, key)
  if (spec.children === "detach" && !nullable) {
    refuse(`${place(owner, name)}: children cannot be detached, "${key.join('", "')}" is NOT NULL`)
  }
  return Object.freeze({
    name,
    kind: "hasMany",
    owner,
    related,
    target: related.source,
    toMany: true,
    columns,
    targetColumns: key,
    through: null,
    on: null,
    nullable,
    children: spec.children ?? (nullable ? "detach" : "restrict"),
    inverse: parent?.name ?? null
  })
}

/** The columns of a link table that refer to a table, and the columns they refer to. */
const linkKey = (
  owner: Mapped,
  name: string,
  link: TableSource,
  given: Keys | null,
  target: TableSource,
  side: "near" | "far"
): readonly [Keys, Keys] => {
  const keys = link
    .foreignKeys()
    .filter((key) => key.target === target && (given === null || same(key.columns, given)))
  if (keys.length === 1) return [keys[0]!.columns, keys[0]!.targetColumns]
  if (given !== null)
    return [checkedKeys(owner, name, link, given, target.primaryKey), target.primaryKey]
  const found = keys.length === 0 ? "no foreign key" : `${keys.length} foreign keys`
  return refuse(
    `${place(owner, name)}: "${link.name}" has ${found} to "${target.name}": give { ${side} }`
  )
}

const linking = (owner: Mapped, name: string, spec: RelationSpec): RelationFacts => {
  const related = targetOf(owner, name, spec)
  const { table, near, far } = spec.through!
  const from = table()?.[FromId] ?? refuse(`${place(owner, name)}: \`through\` gives no table`)
  const link = asTable(from.source, place(owner, name))
  const [nearKeys, columns] = linkKey(owner, name, link, near, owner.source, "near")
  const [farKeys, targetColumns] = linkKey(owner, name, link, far, related.source, "far")
  if (same(nearKeys, farKeys))
    refuse(`${place(owner, name)}: near and far are one column of "${link.name}"`)
  return Object.freeze({
    name,
    kind: "manyToMany",
    owner,
    related,
    target: related.source,
    toMany: true,
    columns,
    targetColumns,
    through: Object.freeze({ table: link, near: nearKeys, far: farKeys }),
    on: null,
    nullable: true,
    children: null,
    inverse: null
  })
}

const relating = (owner: Mapped, name: string, spec: RelationSpec): RelationFacts => {
  const related = targetOf(owner, name, spec)
  const { primaryKey } = owner.source
  if (primaryKey.length === 0)
    refuse(`${place(owner, name)}: "${owner.table}" has no primary key to tell its rows by`)
  return Object.freeze({
    name,
    kind: spec.kind,
    owner,
    related,
    target: related.source,
    toMany: spec.kind === "relatesToMany",
    columns: primaryKey,
    targetColumns: related.source.primaryKey,
    through: null,
    on: conditionOf(place(owner, name), spec.on!, owner.source, related.source),
    nullable: true,
    children: null,
    inverse: null
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
      spec.kind === "hasMany" &&
      spec.children === "database" &&
      targetOf(related, name, spec).source === owner.source &&
      (spec.key === null || same(spec.key, columns))
  )

/** The foreign keys that follow from an entity's to-one relations. */
export const ownForeignKeys = (entity: EntityFacts<string, Columns>): ReadonlyArray<ForeignKey> =>
  parentsOf(entity).map((parent) =>
    relationKey(entity.source, {
      columns: parent.columns,
      target: parent.target,
      targetColumns: parent.targetColumns,
      onDelete: isCascaded(parent) ? "cascade" : "no action"
    })
  )

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
export const relationRules = (entity: Mapped): ReadonlyArray<RelationRule> =>
  [...entity.relations().values()].flatMap(({ children, target, targetColumns, through }) => {
    if (through !== null) return [linkRule(through)]
    return children === null ? [] : [{ child: target, columns: targetColumns, children }]
  })
