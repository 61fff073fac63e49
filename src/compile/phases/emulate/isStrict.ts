import type { FunctionName, Scalar } from "../../../algebra/Scalar.ts"

/** Functions that have a value though an argument be NULL. */
const lenient: ReadonlySet<FunctionName> = new Set<FunctionName>([
  "coalesce",
  "nullif",
  "greatest",
  "least",
  "concatWs",
  "array",
  "arrayConcat",
  "arrayAppend",
  "arrayPrepend",
  "range[)",
  "range[]",
  "range(]",
  "range()"
])

/** Whether an expression is NULL where one of its parts is. */
export const isStrict = (node: Scalar): boolean => {
  switch (node._tag) {
    case "Arith":
    case "Negate":
    case "Cast":
    case "Not":
    case "Like":
    case "JsonAt":
      return true
    case "Compare":
      return node.op !== "same" && node.op !== "notSame"
    case "Call":
      return !lenient.has(node.name)
    default:
      return false
  }
}
