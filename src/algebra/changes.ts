import type { InScope, ParamsIn, Value } from "./Value.ts"

/**
 * New values of an update: plain values, or expressions over the row as it was.
 *
 * @category models
 */
export type Changes<Patch, N extends string> = {
  readonly [K in keyof Patch]: Patch[K] | Value<Patch[K], InScope<N>>
}

/** The named parameters of new values. */
export type SetNeeds<V> = ParamsIn<
  { readonly [K in keyof V]: V[K] extends Value<any, infer R> ? R : never }[keyof V]
>
