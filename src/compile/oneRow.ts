import type { Relation } from "../algebra/Relation.ts"
import type { Scalar } from "../algebra/Scalar.ts"

/** Whether a query says of itself that it gives at most one row, whatever the tables hold. */
export const isOneRow = (query: Relation): boolean => {
  switch (query._tag) {
    case "Unit":
      return true
    case "Group":
      return query.keys.length === 0
    case "Slice":
      return (isOne(query.limit) && !query.ties) || isOneRow(query.self)
    case "Project":
    case "Filter":
    case "Order":
    case "Distinct":
    case "DistinctOn":
    case "Lock":
    case "Hint":
      return isOneRow(query.self)
    default:
      return false
  }
}

const isOne = (limit: Scalar | null): boolean =>
  limit !== null &&
  (limit._tag === "Bound" || limit._tag === "Constant") &&
  (limit.value === 1 || limit.value === 0)
