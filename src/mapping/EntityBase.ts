import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import type { Column } from "../algebra/Column.ts"
import type { From } from "../algebra/From.ts"
import { refuse } from "../algebra/StatementError.ts"
import { type AnyEntity, ClassId, EntityId, isOfEntity, type Mapped } from "./EntityClass.ts"
import { type Draft, draftOf, type New } from "./EntityDraft.ts"
import { entityRef, type Ref } from "./EntityRef.ts"
import { type Inspect, inspectId, inspectValue, jsonOf } from "./entityText.ts"
import type { ColumnsOf, KeyOf, NameOf } from "./EntityTypes.ts"
import * as R from "./Relation.ts"

/** Columns of `T` that can hold the key of `E`: one, or a list for a key of several columns. */
type KeyFor<T extends AnyEntity, E extends AnyEntity> = Holding<ColumnsOf<T>, KeyOf<E>>
type Holding<C, Key> = Key extends string | number | bigint | boolean
  ? { [K in keyof C]: C[K] extends Column<Key | null, any, any> ? K : never }[keyof C] & string
  : R.KeyList<keyof C & string>

/**
 * The class below every entity: what its values can do, and how it declares its relations.
 *
 * **Shape** a value is equal to another of its class with equal columns and equal loaded relations;
 * JSON and the console show those too.
 */
export abstract class EntityBase {
  /** A copy by spread has lost its class: this keeps it from passing for a value. */
  declare protected readonly "~entity": true

  constructor(..._: Array<any>) {
    refuse(`${new.target.name}: a new row is made by ${new.target.name}.make`)
  }

  /** A row to be, with its parents and children: pure, and not yet in any session. */
  static make<E extends AnyEntity>(this: E, input: New<E>): Draft<E> {
    return draftOf(this[ClassId], input) as Draft<E>
  }

  /** The row with this key, without reading it. */
  static ref<E extends AnyEntity>(this: E, key: KeyOf<E>): Ref<NameOf<E>> {
    return entityRef(this[ClassId], key)
  }

  /** A to-one relation: this entity holds the key, in the column named after the relation. */
  protected static belongsTo<
    E extends AnyEntity,
    T extends AnyEntity,
    const K extends KeyFor<E, T> | null = null
  >(this: E, target: () => T, options?: R.BelongsToOptions<K>): R.BelongsTo<E, T, K> {
    return R.belongsTo(target, options as R.BelongsToOptions<string>) as R.BelongsTo<E, T, K>
  }

  /** A to-many relation: the target holds the key. */
  protected static hasMany<
    E extends AnyEntity,
    T extends AnyEntity,
    const K extends KeyFor<T, E> | null = null
  >(this: E, target: () => T, options?: R.HasManyOptions<K>): R.HasMany<E, T, K> {
    return R.hasMany(target, options as R.HasManyOptions<string>) as R.HasMany<E, T, K>
  }

  /** A to-many relation by way of a link table. */
  protected static manyToMany<
    E extends AnyEntity,
    T extends AnyEntity,
    L extends From<string, unknown>
  >(this: E, target: () => T, options: R.ManyToManyOptions<L>): R.ManyToMany<E, T> {
    return R.manyToMany(target, options) as R.ManyToMany<E, T>
  }

  /** What JSON holds of a value: its columns by their JSON codecs, and what was loaded. */
  toJSON(): { readonly [key: string]: unknown } {
    return jsonOf(entity(this), this)
  }

  /** Equal by class, columns and loaded relations: getters are never asked. */
  [Equal.symbol](that: unknown): boolean {
    if (!isOfEntity(that) || that[EntityId] !== entity(this)) return false
    const keys = Object.keys(this)
    return (
      keys.length === Object.keys(that).length &&
      keys.every(
        (key) => Object.hasOwn(that, key) && Equal.equals(cell(this, key), cell(that, key))
      )
    )
  }

  [Hash.symbol](): number {
    return Hash.combine(
      Hash.string(entity(this).table),
      Hash.structureKeys(this, Object.keys(this))
    )
  }

  /** How Node and Bun print it: `User { id: 1, … }`. */
  [inspectId](depth: number, options: object, inspect: Inspect): string {
    return inspectValue(entity(this).label, this, depth, options, inspect)
  }
}

/** The class that `Entity()` makes puts the entity on the prototype. */
const entity = (value: object): Mapped => (value as { readonly [EntityId]: Mapped })[EntityId]

const cell = (value: object, key: string): unknown =>
  (value as Readonly<Record<string, unknown>>)[key]
