import { isServerMade, isServerSet } from "../algebra/serverMade.ts"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { held } from "../algebra/frozen.ts"
import type { Column, ColumnValue } from "../algebra/schema/Column.ts"
import { breakRule } from "../algebra/RuleBroken.ts"
import { brokenBy, isRuled, withDefaults } from "../algebra/schema/rule.ts"
import type { Columns, KeysWhere } from "../algebra/schema/Table.ts"
import type { ColumnNode } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import {
  type AnyEntity,
  type ClassId,
  EntityId,
  type OneOf,
  isOfEntity,
  type Mapped,
  type RelationFacts
} from "./EntityClass.ts"
import { entityRef } from "./EntityRef.ts"
import { homeOf, isA } from "./EntityTables.ts"
import { type Inspect, inspectId, inspectValue } from "./entityText.ts"
import { type Row, rowOf } from "./RowRef.ts"
import type {
  BelongsTo,
  HasMany,
  HasOne,
  LargeHasMany,
  LargeManyToMany,
  ManyToMany,
  RelatesToMany,
  RelatesToOne
} from "./Relation.ts"
import type {
  ColumnsOf,
  KeyColumn,
  KeyName,
  MembersOf,
  NameOf,
  Parent,
  Relations,
  TargetOf,
  ValueNames
} from "./EntityTypes.ts"

declare const DraftOfId: unique symbol

/** Where a draft keeps what it was made of. */
export const DraftId: unique symbol = Symbol.for("athanor/Draft")
export type DraftId = typeof DraftId

/**
 * A row to be: pure, not yet anywhere. It has no key and no defaults; a session adds it with all
 * that hangs on it.
 *
 * **Shape** its identity is the object: a draft used in two places is one row.
 *
 * @category models
 */
export interface DraftFacts {
  readonly entity: Mapped
  /** Columns that were given; the others are filled when the row is inserted. */
  readonly values: Readonly<Record<string, unknown>>
  /** NewParents by relation; null where there is to be none. */
  readonly parents: ReadonlyMap<string, OneOf<string> | null>
  /** NewChildren by relation, has-many and many-to-many alike. */
  readonly children: ReadonlyMap<string, ReadonlyArray<OneOf<string>>>
}

/**
 * A row to be: pure, not yet anywhere. It has no key and no defaults; a session adds it with all
 * that hangs on it.
 *
 * **Shape** its identity is the object: a draft used in two places is one row.
 *
 * @category models
 */
export interface Draft<out E extends AnyEntity> extends OneOf<NameOf<E>> {
  readonly [DraftId]: DraftFacts
  readonly [DraftOfId]?: E
}

/** To-one relations by name, each with the columns that hold its key. */
type ParentKeys<C, R> = { [K in ParentNames<R>]: KeyColumn<C, R[K], K> }
type ParentNames<R> = {
  [K in keyof R]: R[K] extends BelongsTo<unknown, AnyEntity, unknown> ? K : never
}[keyof R]

/** Parents whose key must be there. */
type Needed<C, Keys> = {
  [K in keyof Keys]: IfRequired<C, Keys, K, C[Keys[K] & keyof C]>
}[keyof Keys]
/** Of a key that was found by its foreign key the types know nothing: its columns are given. */
type IfRequired<C, Keys, K extends keyof Keys, Held> = [Held] extends [never]
  ? never
  : [Held] extends [Column<any, "required", any>]
    ? K
    : IfAlone<C, Keys, K>
/** A key that is NULL in part has parts that must be there: another parent may give them. */
type IfAlone<C, Keys, K extends keyof Keys> = [
  Exclude<RequiredAmong<C, Keys[K] & keyof C>, Keys[Exclude<keyof Keys, K>]>
] extends [never]
  ? never
  : K
type RequiredAmong<C, Names extends keyof C> = {
  [N in Names]: C[N] extends Column<any, "required", any> ? N : never
}[Names]

/** Columns an insert gives; a new row names the parent instead of the key it owns. */
type NewColumns<C extends Columns, Owned> = {
  readonly [K in Exclude<KeysWhere<C, "required">, Owned>]: ColumnValue<C[K]>
} & {
  readonly [K in Exclude<KeysWhere<C, "optional">, Owned>]?: ColumnValue<C[K]> | undefined
}

type NewParents<C, R, Keys, Need, Skip> = {
  readonly [K in Exclude<Need, Skip> & keyof R]: Parent<TargetOf<R[K]>>
} & {
  readonly [K in Exclude<keyof Keys, Need | Skip> & keyof R]?:
    | Parent<TargetOf<R[K]>>
    | Extract<ColumnValue<C[Keys[K & keyof Keys] & keyof C]>, null>
    | undefined
}

type ReadOnlyRelation = RelatesToMany<unknown, AnyEntity> | RelatesToOne<unknown, AnyEntity>

type NewChildren<E extends AnyEntity, R, Keys> = {
  readonly [K in WritableNames<R, Exclude<keyof R, keyof Keys>>]?:
    | (R[K] extends HasOne<unknown, AnyEntity, unknown>
        ? Child<E, R[K]> | null
        : ReadonlyArray<Child<E, R[K]>>)
    | undefined
}
type WritableNames<R, K extends keyof R> = {
  [P in K]: R[P] extends ReadOnlyRelation ? never : P
}[K]

/** A child inside its parent: the relation back to the parent is the parent itself. */
export type Child<E extends AnyEntity, R> = R extends
  | HasMany<unknown, infer T, infer Key>
  | HasOne<unknown, infer T, infer Key>
  | LargeHasMany<unknown, infer T, infer Key>
  ? OneOf<ValueNames<T>> | ChildOf<E, T, Key>
  : R extends ManyToMany<unknown, infer T> | LargeManyToMany<unknown, infer T>
    ? OneOf<ValueNames<T>> | ChildOf<E, T, never>
    : never

/** A new row: of a family that of a member, by its tag. */
type ChildOf<E extends AnyEntity, T extends AnyEntity, Key> =
  T[ClassId] extends MembersOf<infer M> ? MemberChild<E, M, Key> : ChildWithout<E, T, Key>
type MemberChild<E extends AnyEntity, M, Key> = M extends AnyEntity
  ? ChildWithout<E, M, Key> & TagOf<ColumnsOf<M>, NameOf<M>>
  : never
type ChildWithout<E extends AnyEntity, T extends AnyEntity, Key> = [Key] extends [never]
  ? New<T>
  : NewWithout<T, Back<E, Relations<T>, ParentKeys<ColumnsOf<T>, Relations<T>>, Key>>

/** The column that holds the tag of a member, which is called by it. */
type TagOf<C, Tag> = {
  readonly [
    K in keyof C as [ColumnValue<C[K]>] extends [Tag]
      ? [Tag] extends [ColumnValue<C[K]>]
        ? K
        : never
      : never
  ]: Tag
}

/** Relations of a child that lead back to its parent by the key `Key`. */
type Back<E extends AnyEntity, Rs, Keys, Key> = {
  [K in keyof Keys & keyof Rs]: NameOf<E> extends ValueNames<TargetOf<Rs[K]>>
    ? Key extends null
      ? K
      : Keys[K] extends KeyName<Key>
        ? K
        : never
    : never
}[keyof Keys & keyof Rs]

type NewOf<E extends AnyEntity, C extends Columns, R, Keys, Skip> = NewColumns<
  C,
  Keys[keyof Keys]
> &
  NewParents<C, R, Keys, Needed<C, Keys>, Skip> &
  NewChildren<E, R, Keys>

/** A new row of an entity whose parents in `Skip` are known from elsewhere. */
export type NewWithout<E extends AnyEntity, Skip> = NewOf<
  E,
  ColumnsOf<E>,
  Relations<E>,
  ParentKeys<ColumnsOf<E>, Relations<E>>,
  Skip
>

/** What `make` takes: columns, parents by relation, children as literals or drafts. */
export type New<E extends AnyEntity> = NewWithout<E, never>

const given = (entity: Mapped, key: string): string => `${entity.label}.make: "${key}"`

/** Why nobody gives this column of a new row; null where one may. */
const whyNotGiven = ({ fixed, tables }: Mapped, column: ColumnNode): string | null => {
  const { identity, key, version } = column
  if (key in fixed) return "is what its class says"
  if (!tables.some((table) => table.byKey.has(key))) return "is read, never written"
  if (identity || version !== false) return "is made by the database"
  return isServerSet(column, "insert") ? "is set by the server" : null
}

const column = (entity: Mapped, key: string, value: unknown): unknown => {
  const facts = entity.source.byKey.get(key)!
  const why = whyNotGiven(entity, facts)
  if (why !== null) refuse(`${given(entity, key)} ${why}`)
  if (value === null && !facts.nullable) refuse(`${given(entity, key)} is null, and cannot be`)
  return held(value)
}

/** Which class a row is of, where it is not the wanted one. */
const strange = (given: Mapped, wanted: Mapped): string =>
  given.label === wanted.label
    ? `a ${given.label} of another class of that name: is its module loaded twice?`
    : `a ${given.label}, not a ${wanted.label}`

const parent = (entity: Mapped, link: RelationFacts, value: unknown): OneOf<string> | null => {
  if (value === null) {
    return link.nullable ? null : refuse(`${given(entity, link.name)} is null, and cannot be`)
  }
  if (!isOfEntity(value)) return entityRef(link.related, value)
  return isA(value[EntityId], link.related)
    ? value
    : refuse(`${given(entity, link.name)} is ${strange(value[EntityId], link.related)}`)
}

/** The class of a record among those a relation leads to: a family's says its tag which. */
const memberIn = (
  entity: Mapped,
  link: RelationFacts,
  record: unknown
): readonly [entity: Mapped, record: unknown] => {
  const { members } = link.related
  if (members === null || typeof record !== "object" || record === null)
    return [link.related, record]
  const { [members.by]: tag, ...cells } = record as Readonly<Record<string, unknown>>
  const member = members.classes.get(tag)
  if (member !== undefined) return [member, cells]
  const tags = [...members.classes.keys()].map((one) => JSON.stringify(one)).join(" or ")
  return refuse(`${given(entity, link.name)} holds a record whose "${members.by}" is not ${tags}`)
}

/** One member of a relation to many or to one: a row at hand, or one that is made of a record. */
export const child = (entity: Mapped, link: RelationFacts, value: unknown): OneOf<string> => {
  if (!isOfEntity(value)) {
    const [related, record] = memberIn(entity, link, value)
    return draft(related, record, link.inverse)
  }
  if (!isA(value[EntityId], link.related)) {
    return refuse(`${given(entity, link.name)} holds ${strange(value[EntityId], link.related)}`)
  }
  if (link.inverse !== null && isDraft(value) && value[DraftId].parents.has(link.inverse)) {
    return refuse(
      `${given(entity, link.name)} holds a ${link.related.label} with its own ${link.inverse}`
    )
  }
  return value
}

const children = (
  entity: Mapped,
  link: RelationFacts,
  value: unknown
): ReadonlyArray<OneOf<string>> =>
  Array.isArray(value)
    ? Object.freeze(value.map((one) => child(entity, link, one)))
    : refuse(`${given(entity, link.name)} is not a list`)

/** What drafts of an entity are checked against, asked of it once. */
interface DraftRules {
  /** Columns that take whatever is given; of the others `column` says why not. */
  readonly free: ReadonlyMap<string, ColumnNode>
  /** Columns that nobody else fills, and no parent gives. */
  readonly required: ReadonlyArray<string>
  /** Those in keys of parents, with the names of these: one of them gives it, or it is given. */
  readonly inKeys: ReadonlyMap<string, ReadonlyArray<string>>
}

const ruled = new WeakMap<Mapped, DraftRules>()

const rulesOf = (entity: Mapped): DraftRules => {
  const known = ruled.get(entity)
  if (known !== undefined) return known
  const givers = new Map<string, Array<string>>()
  for (const { columns, kind, name } of entity.relations().values()) {
    if (kind !== "belongsTo") continue
    for (const key of columns) givers.set(key, [...(givers.get(key) ?? []), name])
  }
  const lacking = columnsToFill(entity).filter((one) => !one.nullable && !isFilledBy(one))
  const required = lacking.filter(({ key }) => !givers.has(key)).map(({ key }) => key)
  const inKeys = new Map(
    lacking.filter(({ key }) => givers.has(key)).map(({ key }) => [key, givers.get(key)!])
  )
  const free = new Map(
    [...entity.source.byKey].filter(([, one]) => whyNotGiven(entity, one) === null)
  )
  const rules: DraftRules = { free, required, inKeys }
  ruled.set(entity, rules)
  return rules
}

/** What must be there and is not. `known` is the relation to the parent this is made in. */
const missing = (
  { inKeys, required }: DraftRules,
  facts: DraftFacts,
  known: string | null
): string | undefined => {
  const isGiven = (key: string): boolean => Object.hasOwn(facts.values, key)
  const gives = (name: string): boolean =>
    name === known || (facts.parents.get(name) ?? null) !== null
  for (const [key, names] of inKeys) if (!isGiven(key) && !names.some(gives)) return names[0]
  return required.find((key) => !isGiven(key))
}

/** A key is given as a column or as the row it leads to. */
const refuseTwice = (
  entity: Mapped,
  relations: ReadonlyMap<string, RelationFacts>,
  { parents, values }: DraftFacts
): void =>
  parents.forEach((_, name) => {
    const { columns } = relations.get(name)!
    const column = columns.find((key) => Object.hasOwn(values, key))
    if (column !== undefined) refuse(`${given(entity, column)} and "${name}" both give one key`)
  })

/** The columns of a row to be: of a class over tables that are there, theirs too. */
const columnsToFill = ({ fixed, source, tables }: Mapped): ReadonlyArray<ColumnNode> => {
  if (source.over === null) return source.columns
  const known = new Map<string, ColumnNode>()
  for (const column of [source, ...tables].flatMap(({ columns }) => columns)) {
    const isKept = tables.some(({ byKey }) => byKey.has(column.key))
    if (isKept && !(column.key in fixed) && !known.has(column.key)) known.set(column.key, column)
  }
  return [...known.values()]
}

/** Is there somebody who makes a value of this column, where none is given? */
const isFilledBy = (column: ColumnNode): boolean =>
  column.default !== null || column.version !== false || isServerMade(column)

/** A column that a new row must be given and is not. */
export const lackOf = (entity: Mapped, cells: Row): string | undefined =>
  columnsToFill(entity).find(
    (column) => !column.nullable && cells[column.key] === undefined && !isFilledBy(column)
  )?.key

const draft = (entity: Mapped, input: unknown, known: string | null): Draft<AnyEntity> => {
  if (typeof input !== "object" || input === null)
    return refuse(`${entity.label}.make takes a record`)
  homeOf(entity)
  const relations = entity.relations()
  const rules = rulesOf(entity)
  const values = rowOf()
  let parents: Map<string, OneOf<string> | null> | null = null
  let kids = noChildren
  const addKids = (key: string, members: ReadonlyArray<OneOf<string>>): void => {
    kids = new Map(kids).set(key, members)
  }
  for (const key of Object.keys(input)) {
    const value = (input as Readonly<Record<string, unknown>>)[key]
    // Absence, as everywhere: a default or null fills it.
    if (value === undefined) continue
    const free = rules.free.get(key)
    if (free !== undefined && (value !== null || free.nullable) && !relations.has(key)) {
      values[key] = held(value)
      continue
    }
    const link = relations.get(key)
    if (link === undefined) {
      if (!entity.source.byKey.has(key))
        refuse(`${given(entity, key)} is neither a column nor a relation`)
      values[key] = column(entity, key, value)
    } else if (link.on !== null) refuse(`${given(entity, key)} is read, never written`)
    else if (link.toMany) addKids(key, children(entity, link, value))
    else if (link.kind === "hasOne") {
      if (value !== null) addKids(key, Object.freeze([child(entity, link, value)]))
    } else if (key === known) refuse(`${given(entity, key)} is the row it stands in`)
    else (parents ??= new Map()).set(key, parent(entity, link, value))
  }
  const facts: DraftFacts = Object.freeze({
    entity,
    values: Object.freeze(values),
    parents: parents ?? noParents,
    children: kids
  })
  if (parents !== null) refuseTwice(entity, relations, facts)
  const absent = missing(rules, facts, known)
  if (absent !== undefined) refuse(`${given(entity, absent)} is missing`)
  if (isRuled(entity.source)) keepRules(entity, values)
  const made = Object.create(draftPrototype) as { [EntityId]: Mapped; [DraftId]: DraftFacts }
  made[EntityId] = entity
  made[DraftId] = facts
  return Object.freeze(made)
}

const noParents: DraftFacts["parents"] = new Map()
const noChildren: DraftFacts["children"] = new Map()

const keepRules = (entity: Mapped, values: Readonly<Record<string, unknown>>): void => {
  const row = withDefaults(entity.source, values)
  const broken = brokenBy(entity.source, row, Object.keys(row))
  if (broken !== null) breakRule(entity.label, broken.path, broken.expected)
}

const draftPrototype = {
  // A draft is one row, however equal it looks to another.
  [Equal.symbol](this: object, that: unknown): boolean {
    return this === that
  },
  [Hash.symbol](this: object): number {
    return Hash.random(this)
  },
  [inspectId](this: Draft<AnyEntity>, depth: number, options: object, inspect: Inspect): string {
    const { entity, values, parents, children: kids } = this[DraftId]
    const cells = { ...values, ...Object.fromEntries(parents), ...Object.fromEntries(kids) }
    return inspectValue(`${entity.label}.make`, entity, cells, depth, options, inspect)
  }
}

/** Is this a row to be? */
export const isDraft = (value: unknown): value is Draft<AnyEntity> =>
  typeof value === "object" && value !== null && DraftId in value

/** A row to be, of what `make` was given. */
export const draftOf = (entity: Mapped, input: unknown): Draft<AnyEntity> =>
  draft(entity, input, null)
