import type { Scalar } from "../../../algebra/Scalar.ts"
import type { Context } from "../../Program.ts"
import type { Scope } from "./Scope.ts"
import { sideOf } from "./sides.ts"
import { hasQuery, referencesOf } from "./terms.ts"

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
    return /^l+\|r+$|^r+\|l+$/.test(both)
  })
}
