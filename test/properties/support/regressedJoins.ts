import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, b } from "./small.ts"

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
