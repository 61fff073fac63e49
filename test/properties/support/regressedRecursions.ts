import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { CteSource, SelfSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { knownUnder } from "./context.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { b, int, ordered } from "./small.ts"

const base = selected(R.unit, [int(1)])
const self: SelfSource = { _tag: "SelfSource", name: "counted", query: base }
const before = { ...knownUnder("t8", self), relation: R.cte(self, "t8") }
const step = selected(R.filter(before.relation, compared(column(before, 0), "gt", 1)), [
  column(before, 0)
])
const counted: CteSource = {
  _tag: "CteSource",
  materialized: null,
  name: "counted",
  query: R.recursion(self, base, step, true)
}
const read = { ...knownUnder("t9", counted), relation: R.cte(counted, "t9") }
const most = S.subquery(
  selected(R.group(read.relation, []), [S.aggregate("max", [column(read, 0)], false, T.integer)]),
  T.integer
)
const known = S.call("coalesce", [column(b, 2), most], T.integer)

/** What a recursion gives, where it is read. */
export const aboutRecursions: Readonly<Record<string, Relation>> = {
  "what a recursion gives, selected beside a column and sorted by": ordered(
    selected(b.relation, [known]),
    known
  )
}
