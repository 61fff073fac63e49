import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar, Window } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, ascending, b, derived, descending, g, int } from "./small.ts"
import { sameRelation } from "./userNodes.ts"

const whole = { partition: [], order: [], directions: [], frame: null, offsets: [], name: null }
const over = (self: Window["self"], ...order: ReadonlyArray<Scalar>): Window =>
  S.window(self, { ...whole, order, directions: order.map(() => ascending) })

/** One of two halves, for equal rows too; a part of an expression. */
const half = S.arith(
  "add",
  over(S.windowCall("ntile", [int(2)], T.integer), column(g, 0), column(g, 1)),
  int(0),
  T.integer
)

/** The least of some rows beside each. */
const least = (self: Relation, of: Scalar): Relation =>
  selected(self, [over(S.aggregate("min", [of], false, T.integer))])
const sole = derived(selected(R.unit, [int(0)]), "t5")
const chosen = column(a, 4)
const named = S.and([compared(column(b, 0), "eq", 1), chosen], T.boolean)

const joinedBy = (...order: ReadonlyArray<Scalar>): Scalar =>
  S.aggregate("stringAgg", [column(a, 3), S.bound(",", T.text)], false, T.text, {
    filter: null,
    order,
    directions: order.map(() => descending)
  })

/** Windows, and aggregates in an order. */
export const aboutWindows: Readonly<Record<string, Relation>> = {
  "texts joined in the order of a constant, and of a column": selected(R.group(a.relation, []), [
    joinedBy(S.constant(0, T.integer), column(a, 0))
  ]),
  "texts joined in the order of a value": selected(
    R.group(R.filter(a.relation, compared(column(a, 0), "eq", 1)), []),
    [joinedBy(int(0))]
  ),
  "equal rows, sorted by a window that is selected": R.order(
    selected(g.relation, [half]),
    [half],
    [descending]
  ),
  "a part of an expression, beside a query with a window of its own": selected(g.relation, [
    half,
    S.inQuery(int(1), least(b.relation, column(b, 0)), T.boolean)
  ]),
  "a window over one constant row, under an outer condition": selected(a.relation, [
    S.subquery(least(R.filter(sole.relation, chosen), int(1)), T.integer)
  ]),
  "membership in a window over the one row a key names, under an outer condition": selected(
    a.relation,
    [S.inQuery(int(1), least(R.filter(b.relation, named), int(1)), T.boolean)]
  ),
  "EXISTS of a user's relation over a window, under an outer condition": R.filter(
    selected(a.relation, [column(a, 0)]),
    S.exists(
      R.customRelation(
        sameRelation.name,
        least(R.filter(sole.relation, chosen), int(1)),
        [],
        sameRelation.print
      ),
      T.boolean
    )
  )
}
