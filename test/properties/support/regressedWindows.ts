import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, ascending, b, derived, descending, g, int, ordered, over, whole } from "./small.ts"
import { sameRelation } from "./userNodes.ts"

const ownRow = {
  unit: "rows",
  start: "current row",
  end: "current row",
  exclude: "no others"
} as const
const ownSums = S.window(S.aggregate("sum", [column(b, 0)], false, T.safeInteger), {
  ...whole,
  order: [column(b, 0)],
  directions: [ascending],
  frame: ownRow
})

/** The last sum of one row. */
const framed = S.subquery(
  R.slice(ordered(selected(b.relation, [ownSums]), ownSums), int(1), null),
  T.safeInteger
)

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

const someone = S.exists(selected(a.relation, [int(0)]), T.boolean)

const before = derived(
  selected(b.relation, [
    over(S.windowCall("lag", [S.bound(null, T.boolean)], T.boolean), column(b, 0))
  ]),
  "t5"
)

const sums = derived(
  selected(R.group(g.relation, [column(g, 0)]), [
    S.aggregate("sum", [column(g, 0)], false, T.safeInteger)
  ]),
  "t5"
)
const sumOrNothing = S.call(
  "coalesce",
  [column(sums, 0), S.constant(null, T.safeInteger)],
  T.safeInteger
)

/** How many rows there are, beside each. */
const counted = over(S.aggregate("count", [], false, T.count))
const firstOfEach = R.distinctOn(
  ordered(selected(b.relation, [column(b, 0), counted]), column(b, 0), counted),
  1
)

/** A slice with its ties: in an arm, and of distinct rows. */
export const aboutTies: Readonly<Record<string, Relation>> = {
  "nothing ties with zero": R.slice(
    R.order(
      selected(sums.relation, [column(sums, 0)]),
      [sumOrNothing],
      [{ direction: "desc", nulls: "last" }]
    ),
    int(1),
    null,
    true
  ),
  "ties of distinct rows that count groups, sorted by a value": R.slice(
    ordered(
      R.distinct(
        selected(R.group(a.relation, [column(a, 3)]), [
          int(0),
          S.aggregate("count", [], false, T.count)
        ])
      ),
      int(0)
    ),
    int(1),
    null,
    true
  ),
  "ties of distinct rows that are constant to the server": R.slice(
    ordered(R.distinct(selected(g.relation, [someone])), someone),
    int(1),
    null,
    true
  ),
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

/** A constant that our compiler does not see through. */
const zero = S.raw(["(", " + ", ")"], [int(0), int(0)], T.integer)
const leftWithout = (few: Relation): Scalar =>
  S.exists(R.combine("exceptAll", [selected(g.relation, [int(0)]), few]), T.boolean)

/** What two queries share, with repetitions, less what a third has. */
export const aboutRepetitions: Readonly<Record<string, Relation>> = {
  "what is left of nothing shared": R.combine("exceptAll", [
    R.combine("intersectAll", [wholly(g.relation), nothing]),
    wholly(g.relation)
  ]),
  "EXISTS of what is left of rows without those made distinct, or grouped": selected(a.relation, [
    leftWithout(R.distinct(selected(g.relation, [zero]))),
    leftWithout(selected(R.group(g.relation, [S.isNull(column(g, 0), T.boolean)]), [zero]))
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

const total = derived(
  selected(R.group(b.relation, []), [
    S.compare("eq", column(g, 0), S.aggregate("min", [column(b, 0)], false, T.integer), T.boolean)
  ]),
  "t5"
)

const there = derived(selected(g.relation, [g.leaves[2]!.node]), "t5")
const ofAll = S.inQuery(
  column(there, 0),
  selected(R.unit, [S.bound(null, T.boolean)]),
  T.boolean,
  "eq",
  "all"
)

/** Membership of what asks a query itself. */
export const aboutMembership: Readonly<Record<string, Relation>> = {
  "membership of a membership": selected(b.relation, [
    S.inQuery(
      S.caseOf([isThere], [column(b, 2)], int(7), T.integer),
      selected(noRow, [column(a, 1)]),
      T.boolean
    )
  ]),
  "equality of all rows, which is NULL, of what a derived table knows, as a key": selected(
    R.group(there.relation, [ofAll]),
    [ofAll]
  ),
  "membership in no rows of a subquery's value, which is NULL, denied": selected(b.relation, [
    S.inQuery(
      S.subquery(R.slice(nothing, int(1), null), T.integer),
      selected(noRow, [column(a, 1)]),
      T.boolean,
      "ne",
      "all"
    )
  ]),
  "membership of a lateral query's value": selected(
    R.join("cross", g.relation, total.relation, S.constant(true, T.boolean), true),
    [S.inQuery(column(total, 0), selected(b.relation, [S.bound(false, T.boolean)]), T.boolean)]
  ),
  "membership of a subquery's value, which may be NULL": selected(b.relation, [
    S.inQuery(S.subquery(first, T.integer), selected(a.relation, [column(a, 1)]), T.boolean),
    S.inQuery(S.subquery(first, T.integer), selected(noRow, [column(a, 1)]), T.boolean)
  ])
}

const quotient = S.cast(
  S.arith("quot", S.bound(9007199254740993n, T.bigint), S.bound(-1n, T.bigint), T.bigint),
  T.text
)

/** The key of the row before; with values in it, no projected column stands for it by its key. */
const previous = over(S.windowCall("lag", [column(b, 0), int(1), int(0)], T.integer), column(b, 0))

/** How many values there are in rows that end before they start. */
const backwards = (bound: "following" | "preceding", ...offsets: ReadonlyArray<Scalar>): Scalar =>
  S.window(S.aggregate("count", [column(b, 2)], false, T.count), {
    ...whole,
    order: [column(a, 0), column(b, 0)],
    directions: [ascending, ascending],
    frame: { unit: "rows", start: bound, end: bound, exclude: "no others" },
    offsets
  })

/** How many rows there are so far behind each. */
const following = (key: Scalar, ...offsets: ReadonlyArray<Scalar>): Scalar =>
  S.window(S.aggregate("count", [], false, T.count), {
    ...whole,
    order: [key],
    directions: [ascending],
    frame: { unit: "range", start: "following", end: "following", exclude: "no others" },
    offsets
  })

/** A window whose value is the same in every row of its own query. */
const fixed = over(S.windowCall("firstValue", [int(7)], T.integer))
const firstly = selected(b.relation, [fixed])

/** NULL in the last of the rows that are left, wherever it was projected. */
const ahead = over(S.windowCall("lead", [S.constant(0, T.integer)], T.integer), column(a, 0))

/** Windows, and aggregates in an order. */
export const aboutWindows: Readonly<Record<string, Relation>> = {
  "the text of a quotient, in a window": selected(b.relation, [
    over(S.windowCall("firstValue", [quotient], T.text), column(b, 0))
  ]),
  "a window that sorts by a query with a frame": selected(a.relation, [
    column(a, 0),
    over(S.aggregate("sum", [column(a, 0)], false, T.safeInteger), framed)
  ]),
  "a window parted by a query with a frame, of a function that takes none": selected(a.relation, [
    S.window(S.windowCall("rank", [], T.count), {
      ...whole,
      partition: [framed],
      order: [column(a, 0)],
      directions: [ascending]
    })
  ]),
  "a window that sorts the first rows, over those that are left": selected(
    R.filter(firstOfEach, column(b, 4)),
    [counted]
  ),
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
  "a window that is projected, and one that sorts what is left of its rows": ordered(
    R.slice(ordered(selected(b.relation, [counted]), column(b, 0), counted), int(1), null),
    counted
  ),
  "the first of each that a window without values tells apart, of what is left of its rows":
    R.distinctOn(
      ordered(
        R.slice(ordered(selected(a.relation, [column(a, 0), ahead]), column(a, 0)), int(2), null),
        ahead
      ),
      1
    ),
  "what is left of distinct rows, sorted by the window that told them apart": ordered(
    R.slice(ordered(R.distinct(selected(b.relation, [previous])), previous), int(1), null, true),
    previous
  ),
  "distinct rows in two slices, sorted by their window and counted anew": R.order(
    R.slice(
      ordered(
        R.slice(ordered(R.distinct(selected(b.relation, [previous])), previous), int(2), null),
        previous
      ),
      int(1),
      null
    ),
    [previous, counted],
    [descending, ascending]
  ),
  "a window of a value alone, above a set operation and the first rows of one": selected(
    R.filter(
      R.distinctOn(ordered(R.combine("unionAll", [firstly, wholly(g.relation)]), fixed), 1),
      S.constant(true, T.boolean)
    ),
    [fixed]
  ),
  "rows that start beyond their end, of values with NULLs": selected(
    R.join("cross", a.relation, b.relation, S.constant(true, T.boolean)),
    [backwards("following", int(2), int(0)), backwards("preceding", int(0), int(2))]
  ),
  "a range of what follows that starts beyond its end": selected(b.relation, [
    following(column(b, 0), int(2), int(0)),
    following(column(b, 0), S.constant(2, T.integer), int(1))
  ]),
  "a range of what follows that starts beyond its end, of a key with NULLs": selected(a.relation, [
    following(column(a, 1), int(2), int(1)),
    column(a, 1)
  ]),
  "a window's truth value, which is NULL, beside another": selected(before.relation, [
    S.call("coalesce", [column(before, 0), someone], T.boolean)
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
