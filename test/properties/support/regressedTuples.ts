import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, b, int } from "./small.ts"

const never = S.compare("eq", column(b, 0), int(-1), T.boolean)
const beside = R.join("left", a.relation, b.relation, never)
const pair = S.tuple([column(b, 3), int(0)], T.tuple([T.text, T.integer]))
const list = S.boundList(
  [
    ["a", 1],
    ["b", 2]
  ],
  pair.type
)
const among = S.inList(pair, list, T.boolean)

/** Values side by side, of which one may be absent. */
export const aboutTuples: Readonly<Record<string, Relation>> = {
  "an absent row is none of a list another part tells it from": selected(
    R.filter(beside, S.not(among, T.boolean)),
    [column(a, 0)]
  ),
  "that it is none is known": selected(
    R.filter(beside, S.not(S.isNull(among, T.boolean), T.boolean)),
    [column(a, 0), among]
  )
}
