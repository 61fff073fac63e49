import { children } from "../../../algebra/fold.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { Context } from "../../Program.ts"
import { isStrict } from "../emulate/isStrict.ts"
import type { Scope } from "./Scope.ts"
import { sideOf } from "./sides.ts"
import { hasQuery } from "./saidInside.ts"
import { referencesOf } from "./references.ts"

/** PostgreSQL joins fully only over an equation between the sides, or unconditionally. */
export const joinsFully = (
  on: Scalar,
  left: Scope,
  right: Scope,
  { capabilities }: Context
): boolean => {
  if (!capabilities.fullJoin) return false
  if (capabilities.dialect !== "postgres" || (on._tag === "Constant" && on.value === true))
    return true
  const conjuncts = on._tag === "And" ? on.parts : [on]
  const sides = (one: Scalar): string =>
    referencesOf(one)
      .map((ref) => sideOf(ref, left, right))
      .join("")
  return conjuncts.some((one) => {
    if (one._tag !== "Compare" || one.op !== "eq" || hasQuery(one)) return false
    const both = `${sides(one.left)}|${sides(one.right)}`
    return /^l+\|r+$|^r+\|l+$/.test(both) && [one.left, one.right].every(keepsColumn)
  })
}

/**
 * PostgreSQL reckons with values before it plans, and an equation may be none any more: of
 * `coalesce($1, r.x)` a value is left, of what is NULL with a NULL a constant, which is no
 * hindrance. A user's text is what the user makes of it.
 */
const keepsColumn = (node: Scalar): boolean =>
  node._tag === "Ref" ||
  (isStrict(node) ? (children(node) as ReadonlyArray<Scalar>).some(keepsColumn) : isOfColumns(node))

/** Where no value stands nothing is reckoned, save whether a column that is never NULL is NULL. */
const isOfColumns = (node: Scalar): boolean => {
  if (node._tag === "Ref") return true
  if (node._tag === "Presence" || node._tag === "IsNull") return false
  const parts = children(node) as ReadonlyArray<Scalar>
  return parts.length > 0 && parts.every(isOfColumns)
}
