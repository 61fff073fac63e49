import type { From, Related, RelatedId } from "../algebra/From.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { ChildrenRule } from "./ConstraintModel.ts"
import { type AnyEntity, type Condition, RelationId, type RelationSpec } from "./EntityClass.ts"

/** Where the types keep a relation's ends; nothing is there at run time. */
export declare const LinkId: unique symbol

/**
 * The kinds of relations.
 *
 * @category models
 */
export type Kind = RelationSpec["kind"]

/** What the types know of a relation beside its target: from where, and by which key. */
interface Link<out M extends Kind, out E, out K> {
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
  readonly [LinkId]: Link<Kind, unknown, unknown>
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
 * A to-many relation of `E`; `T` holds the key, in its column `K` where that is given.
 *
 * @category models
 */
export interface HasMany<out E, out T extends AnyEntity, out K> extends AnyRelation {
  readonly [LinkId]: Link<"hasMany", E, K>
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
 * What `belongsTo` takes.
 *
 * @category models
 */
export interface BelongsToOptions<out K> {
  /** The columns that hold the key, where they are not named after the relation. */
  readonly key?: K
}

/**
 * What `hasMany` takes.
 *
 * @category models
 */
export interface HasManyOptions<out K> {
  /** The target's columns that hold the key; needed where it belongs to this entity twice. */
  readonly key?: K
  /**
   * What becomes of the children when their parent goes: `detach` sets their key to null,
   * `restrict` leaves the refusal to the database, `delete` deletes them first, `database` writes
   * ON DELETE CASCADE. `detach` where the key allows NULL, else `restrict`.
   */
  readonly children?: ChildrenRule
}

/**
 * What `manyToMany` takes.
 *
 * @category models
 */
export interface ManyToManyOptions<out L extends From<string, unknown>> {
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

const make = (spec: RelationSpec): AnyRelation => {
  if (typeof spec.target !== "function")
    refuse(`${spec.kind}: its first argument is not () => Entity`)
  return Object.freeze({ [RelationId]: Object.freeze(spec) }) as AnyRelation
}

const columnList = (key: string | ReadonlyArray<string> | undefined) =>
  key === undefined ? null : Object.freeze(typeof key === "string" ? [key] : [...key])

interface AnyKey {
  readonly key?: KeyList<string> | undefined
}

/** A to-one relation as data. */
export const belongsTo = (target: () => AnyEntity, { key }: AnyKey = {}): AnyRelation =>
  make({ kind: "belongsTo", target, key: columnList(key), children: null, through: null, on: null })

/** A to-many relation as data. */
export const hasMany = (
  target: () => AnyEntity,
  { key, children = null }: AnyKey & { readonly children?: ChildrenRule | null } = {}
): AnyRelation =>
  make({ kind: "hasMany", target, key: columnList(key), children, through: null, on: null })

/** A to-many relation by way of a link table, as data. */
export const manyToMany = (
  target: () => AnyEntity,
  { through, near, far }: ManyToManyOptions<From<string, unknown>>
): AnyRelation => {
  if (typeof through !== "function") refuse("manyToMany: `through` is not () => Table")
  const link = { table: through, near: columnList(near), far: columnList(far) }
  return make({
    kind: "manyToMany",
    target,
    key: null,
    children: null,
    through: Object.freeze(link),
    on: null
  })
}

/** A relation by a condition over both sides, as data. */
export const relatesTo = (
  kind: "relatesToMany" | "relatesToOne",
  target: () => AnyEntity,
  on: Condition
): AnyRelation => {
  if (typeof on !== "function") refuse(`${kind}: its condition is not (own, target) => expression`)
  return make({ kind, target, key: null, children: null, through: null, on })
}

/** Is this static of a class a relation? */
export const isRelation = (value: unknown): value is AnyRelation =>
  typeof value === "object" && value !== null && RelationId in value
