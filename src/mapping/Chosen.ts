import type { ColumnValue, Deferring } from "../algebra/schema/Column.ts"
import type { DeferredKeys } from "../algebra/schema/Table.ts"
import type { Value } from "../algebra/Value.ts"
import type { AnyEntity } from "./EntityClass.ts"

/** Where a plan keeps which columns its values have, and what beside them. */
export const ChosenId: unique symbol = Symbol.for("athanor/Chosen")
export type ChosenId = typeof ChosenId

/**
 * A plan that names the columns its values have.
 *
 * @category models
 */
export interface OnlyColumns<out E extends AnyEntity, out K> {
  readonly [ChosenId]: { readonly entity: E; readonly only: ReadonlyArray<K> }
}

/**
 * A plan that names deferred columns its values have too, or their groups.
 *
 * @category models
 */
export interface AlsoColumns<out E extends AnyEntity, out K> {
  readonly [ChosenId]: { readonly entity: E; readonly also: ReadonlyArray<K> }
}

/**
 * A plan that adds expressions to its values.
 *
 * @category models
 */
export interface WithGiven<out E extends AnyEntity, out G> {
  readonly [ChosenId]: { readonly entity: E; readonly given: G }
}

/** What a plan may say of columns, its types put aside. */
export interface Chosen {
  readonly entity: AnyEntity
  readonly only?: ReadonlyArray<string>
  readonly also?: ReadonlyArray<string>
  readonly given?: unknown
}

/** Lets a choice of columns stand in any plan. */
export interface MaybeChosen {
  readonly [ChosenId]?: Chosen
}

/** What a plan says of columns, if it does. */
export const chosenIn = (plan: MaybeChosen | undefined): Chosen | undefined => plan?.[ChosenId]

/** By what a plan names deferred columns: their keys, and their groups. */
export type DeferredNames<C, K extends keyof C = DeferredKeys<C>> =
  | K
  | (C[K] extends Deferring<infer G> ? Extract<G, string> : never)

/** The deferred columns that these names ask for. */
type Asked<C, Names> = {
  readonly [
    K in DeferredKeys<C> as C[K] extends Deferring<infer G>
      ? [Extract<K | G, Names>] extends [never]
        ? never
        : K
      : never
  ]: ColumnValue<C[K]>
}

/** The deferred columns that were chosen. */
export type AlsoIn<C, S> = S extends { readonly also: ReadonlyArray<infer K> }
  ? Asked<C, K>
  : unknown

/** The expressions that were chosen, by name. */
export type GivenIn<S> = S extends { readonly given: infer G }
  ? { readonly [K in keyof G]: G[K] extends (...c: never) => Value<infer A, any> ? A : never }
  : unknown
