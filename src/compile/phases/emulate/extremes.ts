import {
  aggregate,
  and,
  caseOf,
  compare,
  type Comparison,
  constant,
  exists,
  not,
  isNull,
  or,
  ref,
  type Scalar,
  subquery
} from "../../../algebra/Scalar.ts"
import { derived, filter, group, project, type Relation } from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import { integerType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { isMembership } from "../../dialects/membershipWord.ts"
import { projectionOf } from "../place/sources.ts"
import { isRepeatable } from "./isRepeatable.ts"

type InQuery = Extract<Scalar, { readonly _tag: "InQuery" }>

const cell: RowShape = Object.freeze({ _tag: "Cell", index: 0 })

/** Where the one column of a row is. */
const pathTo = (shape: RowShape): ReadonlyArray<string> =>
  shape._tag === "Cell" ? [] : [shape.keys[0]!, ...pathTo(shape.parts[0]!)]

/** Which of the values decides: one is less than some where it is less than the greatest. */
const deciding = (op: Comparison, any: boolean): ReadonlyArray<"min" | "max"> => {
  switch (op) {
    case "lt":
    case "lte":
      return [any ? "max" : "min"]
    case "gt":
    case "gte":
      return [any ? "min" : "max"]
    default:
      return ["min", "max"]
  }
}

/**
 * `x < ANY (q)` where there is no ANY: there is a row, and x is less than the greatest of them, or
 * unknown where one of them is NULL. `ALL` likewise with the least.
 *
 * **Laws** L2, for each comparison and both quantifiers, NULL on either side and no rows included.
 */
export const extremes = (node: InQuery, context: Context): Scalar => {
  const { op, quantifier, query, self, type } = node
  const membership = isMembership(node)
  if (membership === true) return node
  if (membership === false) {
    return not({ ...node, op: "eq", quantifier: "any" }, type)
  }
  const any = quantifier === "any"
  const bounds = deciding(op, any)
  if (!isRepeatable(query) || (bounds.length > 1 && !isRepeatable(self)))
    context.refuse("quantifiedQuery", `${quantifier} of a drawn value`)
  const { fields, shape } = projectionOf(query)
  const source = Object.freeze({ _tag: "DerivedSource", query } as const)
  const rows = derived(source, "each")
  const path = shape._tag === "Cell" ? ["value"] : pathTo(shape)
  const value = ref("each", source, path, fields[0]!.type)
  const told = (relation: Relation, one: Scalar): Relation => project(relation, [one], cell)
  const one = constant(1, integerType)
  const compared = bounds.map((name) => {
    const bound = aggregate(name, [value], false, value.type)
    return compare(op, self, subquery(told(group(rows, []), bound), value.type), type)
  })
  const someNull = exists(told(filter(rows, isNull(value, type)), one), type)
  const unknown = caseOf([someNull], [constant(null, type)], constant(!any, type), type)
  const some = exists(query, type)
  return any
    ? and([some, or([...compared, unknown], type)], type)
    : or([not(some, type), and([...compared, unknown], type)], type)
}
