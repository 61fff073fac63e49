import { and, compare, type Comparison, or, type Scalar } from "../../../algebra/Scalar.ts"
import type { Context } from "../../Program.ts"
import { isRepeatable } from "./isRepeatable.ts"

type Compare = Extract<Scalar, { readonly _tag: "Compare" }>

/**
 * Tuples compared part by part. MariaDB 10.11 compares tuples itself, but takes `(a, b) = (c, d)`
 * for never NULL: `((a, b) = (c, d)) IS NULL` finds no row.
 *
 * **Laws** L2; L17 found it.
 */
export const tupleComparison = (node: Compare, context: Context): Scalar => {
  const { left, op, right, type } = node
  if (left._tag !== "Tuple" || right._tag !== "Tuple" || context.capabilities.tuples) return node
  const pairs = left.parts.map((part, i) => [part, right.parts[i]!] as const)
  const each = (one: Comparison): ReadonlyArray<Scalar> =>
    pairs.map(([a, b]) => compare(one, a, b, type))
  switch (op) {
    case "eq":
    case "same":
      return and(each(op), type)
    case "ne":
    case "notSame":
      return or(each(op), type)
    default: {
      if (!pairs.slice(0, -1).every((pair) => pair.every(isRepeatable)))
        context.refuse("tuples", "tuples ordered by a drawn value")
      const strict = op === "lt" || op === "lte" ? "lt" : "gt"
      const equal = each("eq")
      const less = each(strict)
      // The first pair that differs decides; the last one by the comparison itself.
      return pairs
        .slice(0, -1)
        .reduceRight<Scalar>(
          (rest, _, i) => or([less[i]!, and([equal[i]!, rest], type)], type),
          each(op).at(-1)!
        )
    }
  }
}
