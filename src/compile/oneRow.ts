import type { Relation } from "../algebra/Relation.ts"
import type { Scalar } from "../algebra/Scalar.ts"

/**
 * Whether a query says of itself that it gives at most one row, whatever the tables hold.
 *
 * **Shape** `by`: a limit of one that is a value counts only where the statement's values are
 * known; its shape alone says of it nothing.
 */
export const isOneRow = (query: Relation, by: "values" | "shape" = "values"): boolean => {
  switch (query._tag) {
    case "Unit":
      return true
    case "Group":
      return query.keys.length === 0
    case "Slice":
      return (isOne(query.limit, by) && !query.ties && !query.percent) || isOneRow(query.self, by)
    case "Project":
    case "Filter":
    case "Order":
    case "Distinct":
    case "DistinctOn":
    case "Lock":
    case "Hint":
      return isOneRow(query.self, by)
    default:
      return false
  }
}

const isOne = (limit: Scalar | null, by: "values" | "shape"): boolean =>
  limit !== null &&
  ((limit._tag === "Bound" && by === "values") || limit._tag === "Constant") &&
  (limit.value === 1 || limit.value === 0)
