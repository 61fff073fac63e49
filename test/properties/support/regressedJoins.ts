import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { CteSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { knownUnder } from "./context.ts"
import { column } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, b, derived, g, int } from "./small.ts"

/** PostgreSQL reckons with values before it looks for an equation to join fully over. */
export const aboutFullJoins: Readonly<Record<string, Relation>> = Object.fromEntries(
  [
    S.call("coalesce", [S.bound("y", T.text), column(b, 3)], T.text),
    S.call("coalesce", [column(b, 3), S.bound("y", T.text)], T.text),
    S.call("concat", [S.bound(null, T.text), column(b, 3)], T.text)
  ].map((name, i) => [
    `a full join over an equation with a value, ${i}`,
    selected(
      R.join("full", a.relation, b.relation, S.compare("eq", column(a, 3), name, T.boolean)),
      [column(a, 0), column(b, 0)]
    )
  ])
)

const never = S.constant(false, T.boolean)
const single = (value: number, alias: string) => derived(selected(R.unit, [int(value)]), alias)
const [one, other, third] = [single(1, "t5"), single(2, "t6"), single(3, "t7")] as const
const alone = derived(
  selected(R.join("left", one.relation, other.relation, never), [int(0), column(one, 0)]),
  "t8"
)
const fields = [column(alone, 0), column(alone, 1)]
const constants: CteSource = {
  _tag: "CteSource",
  materialized: false,
  name: "constants",
  query: selected(R.join("left", one.relation, other.relation, never), [int(0)])
}
const named = { ...knownUnder("t9", constants), relation: R.cte(constants, "t9") }

/** What reads no table and is left out. */
export const aboutConstantJoins: Readonly<Record<string, Relation>> = {
  "an outer join of values, left out by a table": selected(
    R.join("left", g.relation, alone.relation, never),
    fields
  ),
  "an outer join of values, left out by a value": selected(
    R.join("left", third.relation, alone.relation, never),
    fields
  ),
  "an outer join of values on the left, left out": selected(
    R.join("right", alone.relation, third.relation, never),
    fields
  ),
  "an outer join of values, left out with another": selected(
    R.join(
      "left",
      g.relation,
      R.join("inner", third.relation, alone.relation, S.constant(true, T.boolean)),
      never
    ),
    [...fields, column(third, 0)]
  ),
  "an outer join of values in a common table expression, left out": selected(
    R.join("left", g.relation, named.relation, never),
    [column(named, 0)]
  )
}
