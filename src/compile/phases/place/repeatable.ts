import { walk } from "../../../algebra/fold.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import { isVolatile, type Scalar } from "../../../algebra/Scalar.ts"

const once: ReadonlySet<string> = new Set([
  // What a user wrote may give another answer each time.
  "Raw",
  "CustomScalar",
  "CustomRelation",
  // Which rows a limit keeps is up to the server where the order leaves it open.
  "Slice"
])

/** Whether asking twice within one statement surely gives one answer. */
export const isRepeatable = (node: Relation | Scalar): boolean => {
  let repeats = true
  walk(node, (one) => {
    repeats &&= !once.has(one._tag) && !isVolatile(one)
  })
  return repeats && node.ctes.every(({ query }) => isRepeatable(query))
}

/**
 * The same where users' own text is trusted to give one answer, and a limit keeps the first rows of
 * an order.
 */
export const isSteady = (node: Relation | Scalar): boolean => {
  let steady = true
  walk(node, (one) => {
    const cut = one._tag === "Slice" && one.self._tag !== "Order" && one.self._tag !== "Slice"
    steady &&= !isVolatile(one) && !cut
  })
  return steady && node.ctes.every(({ query }) => isSteady(query))
}
