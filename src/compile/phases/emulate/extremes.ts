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
import { holds } from "../../../algebra/fold.ts"
import { derived, filter, group, project, type Relation } from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import { bigintType, integerType } from "../../internalTypes.ts"
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
 * Each of these is a query of its own, which the server answers once for all rows. Where such a
 * query stands inside, a text would double with each of them, and what is drawn would be drawn
 * again: there one query asks it all.
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
  const repeats = isRepeatable(query)
  const once = (!repeats || holdsExtremes(query)) && isSaidInside(self)
  if ((!repeats && !once) || (bounds.length > 1 && !isRepeatable(self)))
    context.refuse("quantifiedQuery", `${quantifier} of a drawn value`)
  const { fields, shape } = projectionOf(query)
  const source = Object.freeze({ _tag: "DerivedSource", query } as const)
  const rows = derived(source, eachAlias)
  const path = shape._tag === "Cell" ? ["value"] : pathTo(shape)
  const value = ref(eachAlias, source, path, fields[0]!.type)
  const told = (relation: Relation, one: Scalar): Relation => project(relation, [one], cell)
  const bound = (name: "min" | "max"): Scalar => aggregate(name, [value], false, value.type)
  const unless = (someNull: Scalar): Scalar =>
    caseOf([someNull], [constant(null, type)], constant(!any, type), type)
  const joined = any ? or : and
  if (once) {
    const count = (args: ReadonlyArray<Scalar>): Scalar =>
      aggregate("count", args, false, bigintType)
    const compared = bounds.map((name) => compare(op, self, bound(name), type))
    const none = compare("eq", count([]), constant(0, bigintType), type)
    const someNull = compare("gt", count([]), count([value]), type)
    const all = joined([...compared, unless(someNull)], type)
    return subquery(told(group(rows, []), caseOf([none], [constant(!any, type)], all, type)), type)
  }
  const one = constant(1, integerType)
  const compared = bounds.map((name) =>
    compare(op, self, subquery(told(group(rows, []), bound(name)), value.type), type)
  )
  const unknown = unless(exists(told(filter(rows, isNull(value, type)), one), type))
  const some = exists(query, type)
  const all = joined([...compared, unknown], type)
  return any ? and([some, all], type) : or([not(some, type), all], type)
}

const eachAlias = "each"

const holdsExtremes = (query: Relation): boolean =>
  holds(query, (one) => one._tag === "Derived" && one.alias === eachAlias)

/** What is of a group or of its window has no value inside a query. */
const isSaidInside = (self: Scalar): boolean =>
  !holds(
    self,
    (one) => one._tag === "Aggregate" || one._tag === "Grouping" || one._tag === "Window"
  )
