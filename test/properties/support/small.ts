import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar, Window } from "../../../src/algebra/Scalar.ts"
import type { TableSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { knownUnder } from "./context.ts"
import { tables } from "./tables.ts"

/** What statements as small as can be are put together from. */
export const [alphas, betas, gammas] = tables as readonly [TableSource, TableSource, TableSource]

export const side = (source: TableSource, alias: string) => ({
  ...knownUnder(alias, source),
  relation: R.table(source, alias)
})
export const a = side(alphas, "t0")
export const b = side(betas, "t1")
export const g = side(gammas, "t2")

export const int = (value: number): Scalar => S.bound(value, T.integer)
export const minusZero = S.negate(S.constant(0, T.bigint), T.bigint)
export const ascending = { direction: "asc", nulls: "first" } as const
export const descending = { direction: "desc", nulls: "first" } as const
export const ordered = (self: Relation, ...keys: ReadonlyArray<Scalar>): Relation =>
  R.order(
    self,
    keys,
    keys.map(() => ascending)
  )
/** All rows of a query as one part. */
export const whole = {
  partition: [],
  order: [],
  directions: [],
  frame: null,
  offsets: [],
  name: null
} as const
export const over = (self: Window["self"], ...order: ReadonlyArray<Scalar>): Window =>
  S.window(self, { ...whole, order, directions: order.map(() => ascending) })
export const derived = (query: Relation, alias: string) => {
  const source = { _tag: "DerivedSource", query } as const
  return { ...knownUnder(alias, source), relation: R.derived(source, alias) }
}
