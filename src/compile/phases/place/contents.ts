import { isVolatile, type Scalar } from "../../../algebra/Scalar.ts"
import { children, holds } from "../../../algebra/fold.ts"

/** An expression of values alone: it is itself wherever it stands, never a key or a column. */
export const isValue = (node: Scalar): boolean => {
  switch (node._tag) {
    case "Bound":
    case "BoundList":
    case "Named":
    case "Constant":
      return true
    case "Ref":
    case "Presence":
    case "Generated":
    case "Aggregate":
    case "Grouping":
    case "WindowCall":
    case "Window":
    case "Subquery":
    case "Exists":
    case "InQuery":
    case "Raw":
    case "CustomScalar":
      return false
    default:
      return !isVolatile(node) && children(node).every((child) => isValue(child as Scalar))
  }
}

/** Whether an expression asks if `what` is among a query's rows, its own queries apart. */
export const asksMembership = (root: Scalar, what: (self: Scalar) => boolean): boolean =>
  (root._tag === "InQuery" && what(root.self)) ||
  outsideQueries(root).some((one) => asksMembership(one, what))

/** Whether an aggregate of the block itself stands in an expression. */
export const aggregates = (root: Scalar): boolean =>
  root._tag === "Aggregate" || outsideQueries(root).some(aggregates)

const outsideQueries = (root: Scalar): ReadonlyArray<Scalar> =>
  root._tag === "InQuery"
    ? [root.self]
    : "query" in root
      ? []
      : (children(root) as ReadonlyArray<Scalar>)

/** Whether an expression asks a recursion anything. */
export const asksRecursion = (root: Scalar): boolean =>
  holds(
    root,
    (node) =>
      node._tag === "Cte" &&
      node.source._tag === "CteSource" &&
      node.source.query._tag === "Recursion"
  )
