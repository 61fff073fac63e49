import { walk } from "../../../algebra/fold.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import { isVolatile, type Scalar } from "../../../algebra/Scalar.ts"

const once: ReadonlySet<string> = new Set([
  // What a user wrote may give another answer each time.
  "Raw",
  "CustomScalar",
  "CustomRelation",
  // Which rows they keep is up to the server where the order leaves it open.
  "Slice",
  "DistinctOn"
])

const sorted: ReadonlySet<string> = new Set(["Order", "Slice", "DistinctOn"])

/** Whether asking twice within one statement surely gives one answer; a command runs once. */
export const isRepeatable = (node: Relation | Scalar): boolean => {
  let repeats = true
  walk(node, (one) => {
    repeats &&= !once.has(one._tag) && !isVolatile(one)
  })
  return repeats && node.ctes.every(({ query }) => "returned" in query || isRepeatable(query))
}

/**
 * The same where users' own text is trusted to give one answer, and a limit keeps the first rows of
 * an order.
 */
export const isSteady = (node: Relation | Scalar): boolean => {
  let steady = true
  walk(node, (one) => {
    const cut = one._tag === "Slice" && !sorted.has(one.self._tag)
    steady &&= !isVolatile(one) && !cut
  })
  return steady && node.ctes.every(({ query }) => "returned" in query || isSteady(query))
}
