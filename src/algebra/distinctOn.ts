import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import { textOf } from "./statementText.ts"
import { isSame } from "./totalOrder.ts"

/** Of the rows alike in some sort keys the first: those keys stand before all others. */
export const distinctOn = (rel: Relation, keys: ReadonlyArray<Scalar>): Relation => {
  if (keys.length === 0) return refuse("distinctOn: say what rows are alike in")
  if (rel._tag !== "Order")
    return refuse("distinctOn: say by orderBy which row is the first, these keys before all others")
  const isAsked = (one: Scalar): boolean => keys.some((key) => isSame(key, one))
  const end = rel.keys.findIndex((one) => !isAsked(one))
  const leading = end < 0 ? rel.keys : rel.keys.slice(0, end)
  for (const key of keys)
    if (!leading.some((one) => isSame(one, key)))
      refuse(`distinctOn: orderBy does not begin with ${textOf(key)}`)
  return R.distinctOn(rel, leading.length)
}
