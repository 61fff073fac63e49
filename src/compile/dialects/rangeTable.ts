import type { RangeFunctionName } from "../../algebra/words.ts"
import { castName } from "./postgresTypes.ts"
import type { Row, Rows, Spelling } from "./spelling.ts"

const own = (postgres: Spelling): Row => ({ sqlite: null, postgres, mysql: null })

const operator = (sign: string): Row => own(`({0} ${sign} {1})`)

const made = (bounds: string): Row =>
  own(({ type }) => `${castName(type.sql)}({0}, {1}, '${bounds}')`)

/** A day and an interval are a moment there. */
const moved = (sign: string): Row =>
  own(({ type }) =>
    type.sql._tag === "Date" ? `CAST({0} ${sign} {1} AS date)` : `({0} ${sign} {1})`
  )

/** Functions of ranges and intervals: PostgreSQL's alone. */
export const rangeTable: Rows<RangeFunctionName | "addInterval" | "subtractInterval"> = {
  "range[)": made("[)"),
  "range[]": made("[]"),
  "range(]": made("(]"),
  "range()": made("()"),
  multirange: own("multirange({0})"),
  rangeContains: operator("@>"),
  rangeContainedBy: operator("<@"),
  rangeOverlaps: operator("&&"),
  rangeAdjacent: operator("-|-"),
  rangeBefore: operator("<<"),
  rangeAfter: operator(">>"),
  rangeEndsWithin: operator("&<"),
  rangeBeginsWithin: operator("&>"),
  rangeUnion: operator("+"),
  rangeIntersection: operator("*"),
  rangeDifference: operator("-"),
  rangeMerge: own("range_merge({*})"),
  rangeLower: own("lower({0})"),
  rangeUpper: own("upper({0})"),
  rangeIsEmpty: own("isempty({0})"),
  rangeLowerInfinite: own("lower_inf({0})"),
  rangeUpperInfinite: own("upper_inf({0})"),
  rangeIncludesLower: own("lower_inc({0})"),
  rangeIncludesUpper: own("upper_inc({0})"),
  addInterval: moved("+"),
  subtractInterval: moved("-")
}
