import { aggregate, caseOf, compare, constant, raw } from "../../../algebra/Scalar.ts"
import { bigintType, booleanType } from "../../internalTypes.ts"
import { type Term, typeOf } from "../../Placed.ts"
import { operator } from "./operator.ts"

/**
 * The one value of a column, or an error if it has two. SQLite has no expression that fails on
 * request, but it refuses a JSON path that is none and repeats it in its message. The path depends
 * on the count, or it would be looked at before there are rows.
 */
export const soleValue = (column: Term): Term => {
  const type = typeOf(column)
  const plain = { order: [], filter: null }
  const count = operator(aggregate("count", [], false, bigintType), { args: [], ...plain })
  const number = constant(1, bigintType)
  const several = operator(compare("gt", number, number, booleanType), {
    left: count,
    right: operator(number, {})
  })
  const fails = raw(["json_extract('1', 'a scalar subquery of several rows: ' || ", ")"], [], type)
  return operator(caseOf([], [], number, type), {
    whens: [several],
    thens: [operator(fails, { holes: [count] })],
    otherwise: operator(aggregate("max", [], false, type), { args: [column], ...plain })
  })
}
