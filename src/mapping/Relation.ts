import type { From, Related, RelatedId } from "../algebra/From.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { ChildrenRule } from "./ConstraintModel.ts"
import {
  type AnyEntity,
  type Condition,
  type OrderOf,
  RelationId,
  type RelationSpec
} from "./EntityClass.ts"

/** Where the types keep a relation's ends; nothing is there at run time. */
export declare const LinkId: unique symbol

/**
 * The kinds of relations.
 *
 * @category models
 */
export type Kind = RelationSpec["kind"]

/** Marks a relation that is never loaded whole: asked for sooner than its kind. */
export declare const LargeId: unique symbol

/** A relation that is never loaded whole is a kind of its own to the types. */
type LinkKind = Kind | "largeHasMany" | "largeManyToMany"

/** What the types know of a relation beside its target: from where, and by which key. */
interface Link<out M extends LinkKind, out E, out K> {
  readonly kind: M
  readonly owner: E
  readonly key: K
}

/**
 * A link to another entity: a static of its class, and a value like any other.
 *
 * @category models
 */
export interface AnyRelation extends Related<AnyEntity> {
  readonly [RelationId]: RelationSpec
  readonly [LinkId]: Link<LinkKind, unknown, unknown>
}

/**
 * A to-one relation of `E`, which holds the key; `K` names its column where that is given.
 *
 * @category models
 */
export interface BelongsTo<out E, out T extends AnyEntity, out K> extends AnyRelation {
  readonly [LinkId]: Link<"belongsTo", E, K>
  readonly [RelatedId]: T
}

/**
 * A to-one relation of `E`; `T` holds the key, which is unique, in its column `K` where that is
 * given.
 *
 * @category models
 */
export interface HasOne<out E, out T extends AnyEntity, out K> extends AnyRelation {
  readonly [LinkId]: Link<"hasOne", E, K>
  readonly [RelatedId]: T
}

/**
 * A to-many relation of `E`; `T` holds the key, in its column `K` where that is given.
 *
 * @category models
 */
export interface HasMany<out E, out T extends AnyEntity, out K> extends AnyRelation {
  readonly [LinkId]: Link<"hasMany", E, K>
  readonly [RelatedId]: T
}

/**
 * The same of so many rows that it is never loaded whole.
 *
 * @category models
 */
export interface LargeHasMany<out E, out T extends AnyEntity, out K> extends AnyRelation {
  readonly [LargeId]: true
  readonly [LinkId]: Link<"largeHasMany", E, K>
  readonly [RelatedId]: T
}

/**
 * A to-many relation of `E` by way of a link table.
 *
 * @category models
 */
export interface ManyToMany<out E, out T extends AnyEntity> extends AnyRelation {
  readonly [LinkId]: Link<"manyToMany", E, never>
  readonly [RelatedId]: T
}

/**
 * The same of so many rows that it is never loaded whole.
 *
 * @category models
 */
export interface LargeManyToMany<out E, out T extends AnyEntity> extends AnyRelation {
  readonly [LargeId]: true
  readonly [LinkId]: Link<"largeManyToMany", E, never>
  readonly [RelatedId]: T
}

/**
 * Rows of `T` for which a condition over both rows is true: to be read, never written.
 *
 * @category models
 */
export interface RelatesToMany<out E, out T extends AnyEntity> extends AnyRelation {
  readonly [LinkId]: Link<"relatesToMany", E, never>
  readonly [RelatedId]: T
}

/**
 * The row of `T` for which a condition over both rows is true, or none: to be read, never written.
 *
 * @category models
 */
export interface RelatesToOne<out E, out T extends AnyEntity> extends AnyRelation {
  readonly [LinkId]: Link<"relatesToOne", E, never>
  readonly [RelatedId]: T
}

/**
 * A relation whose members come and go.
 *
 * @category models
 */
export type Collection =
  | HasMany<unknown, AnyEntity, unknown>
  | ManyToMany<unknown, AnyEntity>
  | LargeHasMany<unknown, AnyEntity, unknown>
  | LargeManyToMany<unknown, AnyEntity>

/** A relation that is loaded as a whole. */
export type WholeRelation =
  | BelongsTo<unknown, AnyEntity, unknown>
  | HasOne<unknown, AnyEntity, unknown>
  | HasMany<unknown, AnyEntity, unknown>
  | ManyToMany<unknown, AnyEntity>
  | RelatesToMany<unknown, AnyEntity>
  | RelatesToOne<unknown, AnyEntity>

/** What a relation leads to, of whichever class declares it. */
export type LoadedBy<R> = R extends AnyRelation
  ? R[typeof LinkId]["kind"] extends "hasMany" | "manyToMany" | "relatesToMany"
    ? ReadonlyArray<R[typeof RelatedId]["prototype"]>
    : R[typeof RelatedId]["prototype"] | null
  : never

/** The entity a relation is declared by. */
export type OwnerOf<R> = R extends { readonly [LinkId]: { readonly owner: infer E } }
  ? E extends AnyEntity
    ? E
    : never
  : never

/**
 * What `belongsTo` takes.
 *
 * @category models
 */
export interface BelongsToOptions<out K> {
  /** The columns that hold the key, where they are not named after the relation. */
  readonly key?: K
}

/**
 * What `hasOne` takes.
 *
 * @category models
 */
export interface HasOneOptions<out K> {
  /** The target's columns that hold the key; needed where it belongs to this entity twice. */
  readonly key?: K
  /**
   * What becomes of the children when their parent goes: `detach` sets their key to null,
   * `restrict` leaves the refusal to the database, `delete` deletes them first, `database` writes
   * ON DELETE CASCADE, unless the key is in the table of a joined family's member. `detach` where
   * the key allows NULL, else `restrict`.
   */
  readonly children?: ChildrenRule
}

/**
 * The order in which a relation's rows are loaded.
 *
 * @category models
 */
export interface OrderedOptions<out O> {
  /** Over the columns of the target; rows that are equal in it are ordered by their keys. */
  readonly orderBy?: O
}

/**
 * What `hasMany` takes.
 *
 * @category models
 */
export interface HasManyOptions<out K, out O, out W, out P = string>
  extends HasOneOptions<K>, OrderedOptions<O> {
  /**
   * The target's column of whole numbers that keeps the order of the list: `Session.append` and
   * `Session.replace` write it.
   */
  readonly position?: P
  /** So many rows that no plan loads it whole: it is queried, or loaded by so many a parent. */
  readonly large?: W
}

/**
 * What `manyToMany` takes.
 *
 * @category models
 */
export interface ManyToManyOptions<
  out L extends From<string, unknown>,
  out O,
  out W
> extends OrderedOptions<O> {
  /** So many rows that no plan loads it whole: it is queried, or loaded by so many a parent. */
  readonly large?: W

  /** The link table. */
  readonly through: () => L
  /** Its columns that refer to this side; where its foreign keys do not say so. */
  readonly near?: LinkKey<L>
  /** Its columns that refer to the target; where its foreign keys do not say so. */
  readonly far?: LinkKey<L>
}
type LinkKey<L> = L extends From<any, infer Row> ? KeyList<keyof Row & string> : never

/** A column by key, or several. */
export type KeyList<K extends string> = K | readonly [K, ...Array<K>]

type Said = Pick<RelationSpec, "kind" | "target"> & Partial<RelationSpec>

const plain = {
  key: null,
  children: null,
  through: null,
  on: null,
  orderBy: null,
  isLarge: false,
  position: null
} as const

const make = (said: Said): AnyRelation => {
  const { kind, orderBy, target } = said
  if (typeof target !== "function") refuse(`${kind}: its first argument is not () => Entity`)
  if (orderBy !== null && orderBy !== undefined && typeof orderBy !== "function")
    refuse(`${kind}: \`orderBy\` is not (target) => expression`)
  return Object.freeze({ [RelationId]: Object.freeze({ ...plain, ...said }) }) as AnyRelation
}

const columnList = (key: string | ReadonlyArray<string> | undefined) =>
  key === undefined ? null : Object.freeze(typeof key === "string" ? [key] : [...key])

interface AnyKey {
  readonly key?: KeyList<string> | undefined
}

interface AnyChildren extends AnyKey {
  readonly children?: ChildrenRule | null
}

interface AnyMany {
  readonly orderBy?: OrderOf
  readonly large?: boolean
}

/** A to-one relation as data. */
export const belongsTo = (target: () => AnyEntity, { key }: AnyKey = {}): AnyRelation =>
  make({ kind: "belongsTo", target, key: columnList(key) })

/** A to-one relation whose target holds the key, as data. */
export const hasOne = (
  target: () => AnyEntity,
  { key, children = null }: AnyChildren = {}
): AnyRelation => make({ kind: "hasOne", target, key: columnList(key), children })

/** A to-many relation as data. */
export const hasMany = (
  target: () => AnyEntity,
  {
    key,
    children = null,
    large = false,
    orderBy,
    position = null
  }: AnyChildren & AnyMany & { readonly position?: string | null } = {}
): AnyRelation =>
  make({
    position,
    kind: "hasMany",
    target,
    key: columnList(key),
    children,
    orderBy: orderBy ?? null,
    isLarge: large
  })

/** A to-many relation by way of a link table, as data. */
export const manyToMany = (
  target: () => AnyEntity,
  {
    through,
    near,
    far,
    large = false,
    orderBy
  }: ManyToManyOptions<From<string, unknown>, OrderOf, boolean>
): AnyRelation => {
  if (typeof through !== "function") refuse("manyToMany: `through` is not () => Table")
  const link = { table: through, near: columnList(near), far: columnList(far) }
  return make({
    kind: "manyToMany",
    target,
    through: Object.freeze(link),
    orderBy: orderBy ?? null,
    isLarge: large
  })
}

/** A relation by a condition over both sides, as data. */
export const relatesTo = (
  kind: "relatesToMany" | "relatesToOne",
  target: () => AnyEntity,
  on: Condition,
  { orderBy }: AnyMany = {}
): AnyRelation => {
  if (typeof on !== "function") refuse(`${kind}: its condition is not (own, target) => expression`)
  return make({ kind, target, on, orderBy: orderBy ?? null })
}

/** Is this static of a class a relation? */
export const isRelation = (value: unknown): value is AnyRelation =>
  typeof value === "object" && value !== null && RelationId in value

/** Does a relation lead to a list of rows? */
export const leadsToMany = ({ [RelationId]: { kind } }: AnyRelation): boolean =>
  kind === "hasMany" || kind === "manyToMany" || kind === "relatesToMany"
