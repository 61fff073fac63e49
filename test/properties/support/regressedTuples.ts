import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, b, derived, g, int } from "./small.ts"

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

/** A row that is sought in a query, of what a table knows by asking one. */
const someone = S.exists(selected(b.relation, [int(0)]), T.boolean)
const known = derived(selected(a.relation, [someone]), "t5")
const passedOn = derived(selected(known.relation, [column(known, 0)]), "t6")
const first = derived(
  selected(
    R.group(R.filter(b.relation, S.compare("eq", column(b, 1), column(a, 0), T.boolean)), []),
    [S.aggregate("min", [column(b, 0)], false, T.integer)]
  ),
  "t5"
)
const soughtIn = (value: S.Scalar, found: S.Scalar): S.Scalar =>
  S.inQuery(
    S.tuple([int(0), value], T.tuple([T.integer, value.type])),
    selected(g.relation, [int(0), found]),
    T.boolean
  )

const ofRow = S.exists(
  R.filter(b.relation, S.compare("eq", column(b, 1), column(a, 0), T.boolean)),
  T.boolean
)

/** Values side by side, of which one may be absent. */
export const aboutTuples: Readonly<Record<string, Relation>> = {
  "an absent row is none of a list another part tells it from": selected(
    R.filter(beside, S.not(among, T.boolean)),
    [column(a, 0)]
  ),
  "a row whose value a derived table asks a query for, sought in another": selected(
    known.relation,
    [soughtIn(column(known, 0), S.constant(true, T.boolean))]
  ),
  "the same through two derived tables, and in a query inside": selected(passedOn.relation, [
    soughtIn(column(passedOn, 0), S.constant(false, T.boolean)),
    S.subquery(
      selected(R.unit, [soughtIn(column(passedOn, 0), S.constant(true, T.boolean))]),
      T.boolean
    )
  ]),
  "a row with a lateral query's value, sought in another": selected(
    R.join("cross", a.relation, first.relation, S.constant(true, T.boolean), true),
    [soughtIn(column(first, 0), int(1))]
  ),
  "a row of a group's key that asks a query, sought in another": selected(
    R.group(a.relation, [ofRow]),
    [soughtIn(ofRow, S.constant(true, T.boolean))]
  ),
  "that it is none is known": selected(
    R.filter(beside, S.not(S.isNull(among, T.boolean), T.boolean)),
    [column(a, 0), among]
  )
}
