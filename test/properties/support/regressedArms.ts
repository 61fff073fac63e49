import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, b, derived, g, int, ordered } from "./small.ts"
import { sameRelation } from "./userNodes.ts"

/** The same rows, by a user's text. */
const same = (query: Relation): Relation =>
  R.customRelation(sameRelation.name, query, [], sameRelation.print)
const isThere = g.leaves[2]!.node
const least = (arm: Relation): Relation =>
  R.slice(
    ordered(R.combine("unionAll", [arm, selected(g.relation, [column(g, 0)])]), column(a, 1)),
    int(1),
    null
  )

const none = R.slice(ordered(selected(b.relation, [column(b, 0)]), column(b, 0)), int(0), null)

const someone = S.exists(selected(b.relation, [int(0)]), T.boolean)
const given = derived(
  R.distinct(
    selected(g.relation, [
      S.call("nullif", [S.bound(null, T.boolean), S.constant(null, T.boolean)], T.boolean)
    ])
  ),
  "t5"
)
const keysOfBoth = R.project(
  R.join("inner", a.relation, b.relation, S.constant(true, T.boolean)),
  [column(a, 0)],
  {
    _tag: "Record",
    keys: ["id"],
    parts: [{ _tag: "Cell", index: 0 }],
    presence: null,
    prototype: null
  }
)

/** Set operations in expressions. */
export const aboutArms: Readonly<Record<string, Relation>> = {
  "the value of a set operation one of whose arms has no row left": selected(a.relation, [
    S.subquery(
      R.slice(
        R.combine("union", [
          none,
          selected(R.filter(b.relation, compared(column(b, 0), "eq", int(2))), [column(b, 0)])
        ]),
        int(1),
        null
      ),
      T.integer
    )
  ]),
  "a user's relation over arms as an arm, of an outer column": selected(a.relation, [
    S.subquery(
      least(
        same(
          R.combine("unionAll", [
            selected(b.relation, [column(a, 1)]),
            selected(g.relation, [column(a, 1)])
          ])
        )
      ),
      T.integer
    )
  ]),
  "EXISTS of a user's relation that asks whether a row outside is there": selected(g.relation, [
    S.exists(
      same(R.slice(ordered(selected(b.relation, [isThere]), isThere), int(1), int(1))),
      T.boolean
    )
  ]),
  "EXISTS of a user's relation over an arm of arms": selected(a.relation, [
    S.exists(
      R.customRelation(
        sameRelation.name,
        R.combine("unionAll", [
          selected(b.relation, [int(0), int(0)]),
          R.combine("union", [
            selected(g.relation, [int(0), int(1)]),
            selected(b.relation, [int(1), int(2)])
          ])
        ]),
        [],
        sameRelation.print
      ),
      T.boolean
    )
  ]),
  "arms of joins of two tables, sorted by a column that both have": ordered(
    R.combine("unionAll", [keysOfBoth, keysOfBoth]),
    column(a, 0)
  ),
  "an arm of truths, and one of values that are NULL, passed on": R.combine("unionAll", [
    selected(a.relation, [someone]),
    selected(given.relation, [column(given, 0)])
  ])
}
