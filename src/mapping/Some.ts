import type { Expr, Ordering } from "../algebra/Expression.ts"
import type { Uses } from "../algebra/Value.ts"
import type { AnyEntity } from "./EntityClass.ts"
import type { NameOf } from "./EntityTypes.ts"
import type { MaybeTree } from "./Tree.ts"

/** Where a plan keeps which rows of a relation it loads. */
export const SomeId: unique symbol = Symbol.for("athanor/Some")
export type SomeId = typeof SomeId

type Of<N extends string> = N | Uses<N>
type Sorted<N extends string> = Expr<unknown, Of<N>> | Ordering<Of<N>>

/**
 * Which of a relation's rows are loaded, and what below them.
 *
 * **Shape** conditions and orders are of the entity's own columns; `limit` counts for each parent
 * by itself, among the rows of the condition and in their order.
 *
 * @category models
 */
export interface SomeOptions<E extends AnyEntity, out P> {
  readonly where?: Expr<boolean | null, Of<NameOf<E>>>
  readonly orderBy?: Sorted<NameOf<E>> | ReadonlyArray<Sorted<NameOf<E>>>
  readonly limit?: number
  /** The plan of the rows themselves. */
  readonly load?: P
}

/** The same with its types put aside: what builds the queries reads. */
export interface Part {
  readonly entity: AnyEntity
  readonly where: Expr<boolean | null, string> | null
  readonly orderBy: ReadonlyArray<Sorted<string>>
  readonly limit: number | null
  readonly isLimited: boolean
  readonly load: unknown
}

/**
 * A part of a relation in a plan.
 *
 * @category models
 */
export interface SomePlan<out E extends AnyEntity, out P, out L = boolean> extends AnySome {
  readonly [SomeId]: Part & { readonly entity: E; readonly load: P; readonly isLimited: L }
}

/** A part of any relation. */
export interface AnySome {
  readonly [SomeId]: Part
}

/** Lets a part, or a tree, stand where a plan does, without a union that errors would spell out. */
export interface MaybeSome extends MaybeTree {
  readonly [SomeId]?: Part
}

/**
 * Some of the rows a relation leads to: not a list, so that nobody takes it for all of them.
 *
 * @category models
 */
export interface Some<out A> {
  readonly some: ReadonlyArray<A>
}

/** Is this step of a plan a part of a relation? */
export const isSome = (plan: unknown): plan is AnySome =>
  typeof plan === "object" && plan !== null && SomeId in plan
