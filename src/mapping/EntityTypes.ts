import type { Column, ColumnValue } from "../algebra/schema/Column.ts"
import type { RelatedId, RelationNames, Relations } from "../algebra/From.ts"
import type { AnyEntity, ClassId, OneOf } from "./EntityClass.ts"
import type { AnyRelation, BelongsTo, LinkId } from "./Relation.ts"

export type { RelationNames, Relations }

/** The columns of an entity class, by key. */
export type ColumnsOf<E extends AnyEntity> = E[ClassId]["columns"]

/** The table of an entity class, by name. */
export type NameOf<E extends AnyEntity> = E[ClassId]["table"]

/** The names the values of an entity class go by: a family's are those of its members. */
export type ValueNames<E extends AnyEntity> = E[ClassId]["rows"]

/** A value of an entity class. */
export type ValueOf<E extends AnyEntity> = E["prototype"]

/** The entity a relation leads to. */
export type TargetOf<R> = R extends AnyRelation ? R[typeof RelatedId] : never

/** The kind of a relation. */
export type KindOf<R> = R extends AnyRelation ? R[typeof LinkId]["kind"] : never

/** Keys that an insert must give and an update never changes: natural keys. */
export type NaturalKeys<C> = {
  [K in keyof C]: C[K] extends Column<any, "required", "no"> ? K : never
}[keyof C]

type Sole<Key, K extends keyof Key> = [K] extends [never]
  ? never
  : IsUnion<K> extends true
    ? Key
    : Key[K]
/** Is this one of several types? */
export type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never

type NaturalKey<C, K extends keyof C> = Sole<{ readonly [P in K]: ColumnValue<C[P]> }, K>

/** The key of a row: the value of its column `id`, or of its natural key: a record of several. */
export type KeyOf<E extends AnyEntity> =
  E[ClassId] extends TaggedKey<infer Key> ? Key : KeyOfColumns<ColumnsOf<E>>
type KeyOfColumns<C> = C extends { readonly id: infer Id }
  ? ColumnValue<Id>
  : NaturalKey<C, NaturalKeys<C>>

/** A key of rows that are kept apart: it names the member, too. */
export interface TaggedKey<out Key> {
  readonly "~tagged key": Key
}

/** A family's class, which says those of its members. */
export interface MembersOf<out E> {
  readonly "~members": E
}

/** The classes of the values of a class: a family's are its members. */
export type ValueClasses<E extends AnyEntity> =
  E[ClassId] extends MembersOf<infer M extends AnyEntity> ? M : E

/** The tag of a row and its key, as one record. */
export type KeyUnder<On extends string, C> = {
  readonly [K in keyof C as K extends On | KeyNames<C> ? K : never]: ColumnValue<C[K]>
}
type KeyNames<C> = C extends { readonly id: unknown } ? "id" : NaturalKeys<C>

/** What stands for a parent where a row is made: a value, a draft, a reference, or its key. */
export type Parent<E extends AnyEntity> = OneOf<ValueNames<E>> | KeyOf<E>

/** The names under which the rows of a class lead to others: of a family, those of any member. */
export type LeadNames<E extends AnyEntity> = RelationNames<ValueClasses<E>>

/** The relation of this name; of a family, those of the members that have one. */
export type LeadOf<E extends AnyEntity, K> = LeadIn<ValueClasses<E>, K>
type LeadIn<M, K> = M extends unknown ? (K extends keyof M ? M[K] : never) : never

/** The relations whose key is in the class's own columns, by name. */
export type BelongsToNames<E> = {
  [K in RelationNames<E>]: KindOf<E[K & keyof E]> extends "belongsTo" ? K : never
}[RelationNames<E>]

/** The columns of a to-one relation: those given, else the ones named after the relation. */
export type KeyColumn<C, R, Name> =
  R extends BelongsTo<unknown, infer T, infer K>
    ? K extends null
      ? ByName<C, Name & string, T>
      : KeyName<K>
    : never

/** The columns of a key that was given: one, or a list. */
export type KeyName<K> = K extends string ? K : K extends ReadonlyArray<infer One> ? One : never

type ByName<C, Name extends string, T extends AnyEntity> = `${Name}Id` extends keyof C
  ? `${Name}Id`
  : Extract<`${Name}${Capitalize<NaturalKeys<ColumnsOf<T>> & string>}`, keyof C>
