import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, b, derived, g, gammas, int, side } from "./small.ts"

const text = derived(selected(g.relation, [S.bound("a", T.text)]), "t5")
const flagged = column(a, 4)
const beside = (kind: "inner" | "left", on: Scalar, right: Relation = g.relation): Relation =>
  R.join(kind, b.relation, right, on)
const sumBeside = (join: Relation, field: Scalar): Relation =>
  selected(a.relation, [
    column(a, 0),
    S.subquery(
      selected(R.group(join, []), [S.aggregate("min", [field], false, T.integer)]),
      T.integer
    )
  ])
const arms = (third: Relation): Relation => {
  const no = selected(R.filter(b.relation, compared(column(b, 0), "gt", 99)), [int(0)])
  return selected(a.relation, [
    column(a, 0),
    S.exists(R.combine("unionAll", [no, no, selected(third, [int(0)])]), T.boolean)
  ])
}
const zeros = derived(selected(g.relation, [int(0)]), "t8")
const keyed = side(gammas, "t4")

const late = R.filter(beside("left", flagged), g.leaves[2]!.node)
const listed = { fields: [S.constant(null, T.integer)], shape: { _tag: "Cell", index: 0 } } as const

/** Conditions of joins in a subquery that read the query around it. */
export const aboutOutwardJoins: Readonly<Record<string, Relation>> = {
  "an outer join in a subquery, on an outer column": sumBeside(
    beside("left", flagged),
    column(g, 0)
  ),
  "an outer join in a subquery, on an outer column and a constant of a derived table": sumBeside(
    R.join(
      "left",
      text.relation,
      g.relation,
      S.compare("ne", text.leaves[0]!.node, column(a, 3), T.boolean)
    ),
    column(g, 0)
  ),
  "an outer join in a subquery, on a column that is constant there and an outer one": sumBeside(
    beside(
      "left",
      S.and(
        [compared(column(g, 0), "eq", 1), compared(column(g, 0), "eq", column(a, 0))],
        T.boolean
      )
    ),
    column(g, 0)
  ),
  "an inner join inside of an outer one, on an outer column": sumBeside(
    beside(
      "left",
      S.constant(true, T.boolean),
      R.join("inner", g.relation, keyed.relation, flagged)
    ),
    column(g, 0)
  ),
  "an outer join onto a derived table of constants, on an outer column": sumBeside(
    R.join("left", b.relation, zeros.relation, flagged),
    zeros.leaves[0]!.node
  ),
  "an inner join in the third arm of a set operation, on an outer column": arms(
    beside("inner", flagged)
  ),
  "an outer join in the third arm of a set operation, on an outer column": arms(late),
  "an outer join in the arm after a list, on an outer column": selected(a.relation, [
    S.exists(
      R.combine("unionAll", [
        R.filter(R.values(listed, [int(5), int(6)]), S.bound(false, T.boolean)),
        selected(late, [int(0)])
      ]),
      T.boolean
    )
  ]),
  "outer joins in three arms of a set operation, on an outer column": selected(a.relation, [
    S.exists(
      R.combine("unionAll", [
        selected(late, [int(0)]),
        selected(late, [int(1)]),
        selected(late, [int(2)])
      ]),
      T.boolean
    )
  ])
}
