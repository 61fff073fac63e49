import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar, Window } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, ascending, b, derived, descending, g, int, ordered } from "./small.ts"
import { sameRelation } from "./userNodes.ts"

const whole = { partition: [], order: [], directions: [], frame: null, offsets: [], name: null }
const over = (self: Window["self"], ...order: ReadonlyArray<Scalar>): Window =>
  S.window(self, { ...whole, order, directions: order.map(() => ascending) })

/** One of two halves: a part of an expression. */
const half = S.arith(
  "add",
  over(S.windowCall("ntile", [int(2)], T.integer), column(b, 0)),
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

const ofGammas = selected(g.relation, [column(g, 0)])
const isThere = S.inQuery(int(0), ofGammas, T.boolean)
const noRow = R.filter(a.relation, S.constant(false, T.boolean))
const first = R.slice(ordered(ofGammas, column(g, 0)), int(1), null)

const wholly = (self: Relation): Relation => selected(self, [column(g, 0)])
const nothing = wholly(R.filter(g.relation, S.constant(false, T.boolean)))

const firstOnes = R.slice(
  ordered(selected(b.relation, [column(b, 0)]), column(b, 0)),
  int(1),
  null,
  true
)

/** A slice with its ties, in an arm. */
export const aboutTies: Readonly<Record<string, Relation>> = {
  "EXISTS of a user's relation over an arm that is cut with its ties": selected(
    R.filter(
      a.relation,
      S.exists(
        R.customRelation(
          sameRelation.name,
          R.combine("unionAll", [selected(g.relation, [column(g, 0)]), firstOnes]),
          [],
          sameRelation.print
        ),
        T.boolean
      )
    ),
    [column(a, 0)]
  )
}

/** What two queries share, with repetitions, less what a third has. */
export const aboutRepetitions: Readonly<Record<string, Relation>> = {
  "what is left of nothing shared": R.combine("exceptAll", [
    R.combine("intersectAll", [wholly(g.relation), nothing]),
    wholly(g.relation)
  ]),
  "nothing shared, and more rows": R.combine("unionAll", [
    R.combine("intersectAll", [wholly(g.relation), nothing]),
    wholly(g.relation)
  ]),
  "what is left without what nothing shares": R.combine("exceptAll", [
    wholly(g.relation),
    R.combine("intersectAll", [wholly(g.relation), nothing]),
    nothing
  ])
}

/** Membership of what asks a query itself. */
export const aboutMembership: Readonly<Record<string, Relation>> = {
  "membership of a membership": selected(b.relation, [
    S.inQuery(
      S.caseOf([isThere], [column(b, 2)], int(7), T.integer),
      selected(noRow, [column(a, 1)]),
      T.boolean
    )
  ]),
  "membership of a subquery's value, which may be NULL": selected(b.relation, [
    S.inQuery(S.subquery(first, T.integer), selected(a.relation, [column(a, 1)]), T.boolean),
    S.inQuery(S.subquery(first, T.integer), selected(noRow, [column(a, 1)]), T.boolean)
  ])
}

/** Windows, and aggregates in an order. */
export const aboutWindows: Readonly<Record<string, Relation>> = {
  "texts joined in the order of a constant, and of a column": selected(R.group(a.relation, []), [
    joinedBy(S.constant(0, T.integer), column(a, 0))
  ]),
  "texts joined in the order of a value": selected(
    R.group(R.filter(a.relation, compared(column(a, 0), "eq", 1)), []),
    [joinedBy(int(0))]
  ),
  "a part of an expression, beside a query with a window of its own": selected(b.relation, [
    half,
    S.inQuery(int(1), least(a.relation, column(a, 0)), T.boolean)
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
