import type { ColumnValue } from "../algebra/Column.ts"
import type { AnyEntity } from "./EntityClass.ts"
import type { ColumnsOf, KeyColumn, KindOf, Relations, TargetOf, ValueOf } from "./EntityTypes.ts"
import { type LoadStep, stepsOf } from "./PlanSteps.ts"

declare const LoadedId: unique symbol

/**
 * What to load with an entity: relations by name, each with what to load below it.
 *
 * **Shape** `{ posts: { tags: true, author: true } }`.
 *
 * @category models
 */
export type Plan<E extends AnyEntity> = {
  readonly [K in keyof Relations<E>]?: true | Plan<TargetOf<Relations<E>[K]>>
}

/**
 * A plan refused, and why.
 *
 * @category models
 */
export interface Refused<out Why extends string> {
  readonly "~refused": Why
}

/**
 * A plan names relations only: a check for plans whose own type is inferred.
 *
 * @category models
 */
export type Checked<E extends AnyEntity, P> = {
  readonly [K in keyof P]: K extends keyof Relations<E>
    ? P[K] extends true
      ? true
      : Checked<TargetOf<Relations<E>[K]>, P[K]>
    : Refused<"no relation of this name">
}

type RelatedValue<C, R, K, P> =
  KindOf<R> extends "belongsTo"
    ? Loaded<TargetOf<R>, P> | Extract<ColumnValue<C[KeyColumn<C, R, K> & keyof C]>, null>
    : KindOf<R> extends "relatesToOne"
      ? Loaded<TargetOf<R>, P> | null
      : ReadonlyArray<Loaded<TargetOf<R>, P>>

/**
 * A value with what a plan loads.
 *
 * **Shape** `User & { readonly posts: readonly Post[] }`: what is not loaded is not there.
 *
 * @category models
 */
export type Loaded<E extends AnyEntity, P> = P extends true
  ? ValueOf<E>
  : ValueOf<E> & {
      readonly [K in keyof P]: K extends keyof Relations<E>
        ? RelatedValue<ColumnsOf<E>, Relations<E>[K], K, P[K]>
        : never
    }

/**
 * A plan with its entity: data that says which queries load what.
 *
 * @category models
 */
export interface LoadPlan<out E extends AnyEntity, out P> {
  readonly [LoadedId]?: P
  readonly entity: E
  readonly steps: ReadonlyArray<LoadStep>
}

/**
 * A plan as a value of its own, to be used in many places.
 *
 * **Errors** `StatementError` for a name that is no relation.
 *
 * @example
 * ```ts
 * import { Column, Entity, Load } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * Load.plan(Post, { user: true }).steps.length // => 1
 * ```
 * @category constructors
 */
export const plan = <E extends AnyEntity, const P extends Plan<E>>(
  entity: E,
  relations: P & Checked<E, P>
): LoadPlan<E, P> => Object.freeze({ entity, steps: stepsOf(entity, relations) })
