import type { Codec } from "./Codec.ts"
import type { SqlType } from "./SqlType.ts"

declare const TypeId: unique symbol

/**
 * A SQL type with the codec of its values.
 *
 * **Shape** `A` is the value without null: nullability belongs to columns and expressions.
 */
export interface Type<out A> {
  readonly [TypeId]?: A
  readonly sql: SqlType
  readonly codec: Codec<any>
  /** Identity in statement keys: equal keys mean equal SQL type and equal codec. */
  readonly key: string
}

/** A type whose value nobody needs to know. */
export type AnyType = Type<unknown>

/** The value a type stands for. */
export type ValueOf<T> = T extends Type<infer A> ? A : never
