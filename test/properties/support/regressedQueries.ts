import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { CteSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { knownUnder } from "./context.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import {
  a,
  alphas,
  ascending,
  b,
  betas,
  derived,
  descending,
  g,
  int,
  minusZero,
  ordered,
  side
} from "./small.ts"
import { sameRelation } from "./userNodes.ts"

const plus = (value: number): Scalar => S.arith("add", column(a, 1), int(value), T.integer)
const large = S.bound(9007199254740993n, T.bigint)
const drawn = S.generated({ _tag: "Value", value: 3 }, T.integer)
const yes = S.bound(true, T.boolean)
const no = S.bound(false, T.boolean)
const both = S.and([column(a, 4), yes], T.boolean)
const isThere = a.leaves[6]!.node
const noText = S.isNull(column(a, 3), T.boolean)
const count = S.aggregate("count", [], false, T.count)
const ofA = derived(selected(a.relation, [column(a, 1)]), "t5")
const sliced = (self: Relation, limit: number, offset: number | null = null): Relation =>
  R.slice(self, int(limit), offset === null ? null : int(offset))
const zeroIsNull = S.raw(["(", " is null)"], [S.constant(0, T.integer)], T.boolean)

/** Groups, what is distinct, set operations: expressions that have a value only as a whole. */
export const aboutKeys: Readonly<Record<string, Relation>> = {
  "a join onto a slice gives the slice's rows": R.join(
    "inner",
    sliced(ordered(selected(a.relation, [column(a, 0)]), column(a, 0)), 2),
    b.relation,
    compared(column(a, 0), "eq", column(b, 1))
  ),
  "an aggregate of what is distinct": selected(
    R.group(R.distinct(selected(a.relation, [column(a, 0)])), []),
    [S.aggregate("min", [column(a, 0)], false, T.integer)]
  ),
  "a key and another value": selected(R.group(a.relation, [column(a, 1), plus(1)]), [plus(2)]),
  "a value that is not the one grouped by": selected(R.group(a.relation, [int(0)]), [int(1)]),
  "a value that is not the projected one": R.filter(
    R.distinct(selected(a.relation, [int(0), column(a, 0)])),
    compared(int(1), "eq", column(a, 0))
  ),
  "a sum with a value that is not the projected one": R.filter(
    R.distinct(selected(a.relation, [column(a, 1), plus(1)])),
    compared(plus(2), "eq", 4)
  ),
  "a set operation is sorted by a column that is a value in its first part": ordered(
    R.combine("unionAll", [selected(b.relation, [int(2)]), selected(a.relation, [column(a, 0)])]),
    int(2)
  ),
  "a set operation is sorted by the second of two columns that differ by a junction of one":
    R.slice(
      R.order(
        R.combine("unionAll", [
          selected(a.relation, [S.and([no], T.boolean), no]),
          selected(R.unit, [no, yes])
        ]),
        [S.and([no], T.boolean), no],
        [ascending, descending]
      ),
      int(1),
      null
    ),
  "a double negation of what is grouped by": selected(
    R.group(a.relation, [S.not(column(a, 4), T.boolean)]),
    [S.not(S.not(column(a, 4), T.boolean), T.boolean)]
  ),
  "a conjunction that goes on after the one grouped by": selected(R.group(a.relation, [both]), [
    S.and([both, yes], T.boolean)
  ]),
  "an outer column among what is distinct inside": selected(a.relation, [
    S.exists(
      R.filter(R.distinct(selected(b.relation, [column(a, 0)])), S.isNull(column(a, 1), T.boolean)),
      T.boolean
    )
  ]),
  "the negation of a test that is grouped by": selected(R.group(a.relation, [noText]), [
    S.not(noText, T.boolean)
  ]),
  "a generated value in what is grouped by": selected(R.group(a.relation, [drawn]), [drawn]),
  "a presence that is grouped by, in a subquery": selected(R.group(a.relation, [isThere]), [
    S.exists(selected(R.filter(b.relation, isThere), [int(0)]), T.boolean)
  ]),
  "an expression that is grouped by, in a subquery and in an arm": R.combine("unionAll", [
    selected(R.group(a.relation, [plus(1)]), [
      S.inQuery(int(1), selected(b.relation, [plus(1)]), T.boolean)
    ]),
    selected(b.relation, [column(b, 4)])
  ]),
  "distinct counts of groups": R.distinct(
    selected(R.group(b.relation, [column(b, 3)]), [
      S.arith("quot", S.aggregate("count", [int(1)], true, T.count), count, T.count)
    ])
  ),
  "the least of a derived table, grouped by a constant": selected(R.group(ofA.relation, [int(0)]), [
    S.aggregate("min", [ofA.leaves[0]!.node], false, T.integer)
  ])
}

const leastId = S.subquery(
  sliced(ordered(selected(b.relation, [column(b, 0)]), column(b, 0)), 1),
  T.integer
)
const leastOfGroups = (): Scalar =>
  S.aggregate(
    "min",
    [
      S.subquery(
        sliced(
          ordered(
            selected(R.cte(grouped, "t7"), [inGrouped.leaves[0]!.node]),
            inGrouped.leaves[0]!.node
          ),
          1
        ),
        T.count
      )
    ],
    false,
    T.count
  )

/** Queries inside expressions. */
export const aboutSubqueries: Readonly<Record<string, Relation>> = {
  "the sum of a subquery of its own": selected(R.group(a.relation, []), [
    S.aggregate(
      "sum",
      [
        S.subquery(
          sliced(ordered(selected(b.relation, [column(b, 0)]), column(b, 0)), 1),
          T.integer
        )
      ],
      false,
      T.safeInteger
    )
  ]),
  "EXISTS of a user's relation over a distinct slice": selected(a.relation, [
    S.exists(
      R.customRelation(
        sameRelation.name,
        sliced(ordered(R.distinct(selected(b.relation, [int(0)])), int(0)), 9, 1),
        [],
        sameRelation.print
      ),
      T.boolean
    )
  ]),
  "a global group gives an outer column, distinct and sorted": selected(a.relation, [
    S.inQuery(
      column(a, 0),
      ordered(R.distinct(selected(R.group(b.relation, []), [column(a, 0)])), column(a, 0)),
      T.boolean
    )
  ]),
  "a subquery without tables in a condition of a join": selected(
    R.join(
      "inner",
      a.relation,
      b.relation,
      S.subquery(sliced(ordered(selected(R.unit, [column(a, 4)]), column(a, 4)), 1), T.boolean)
    ),
    [column(a, 0), column(b, 0)]
  ),
  "membership in a query without tables, distinct": R.distinct(
    selected(g.relation, [
      S.inQuery(column(g, 1), selected(R.unit, [column(g, 1)]), T.boolean),
      g.leaves[2]!.node
    ])
  ),
  "HAVING reads an outer column that is selected afterwards": selected(a.relation, [
    S.exists(
      selected(
        R.filter(
          R.group(b.relation, []),
          S.and([compared(count, "gt", 0), column(a, 4)], T.boolean)
        ),
        [int(0)]
      ),
      T.boolean
    ),
    column(a, 4)
  ]),
  "membership in what two queries share, one with NULL": selected(a.relation, [
    S.inQuery(
      S.bound("c", T.text),
      R.combine("intersect", [
        selected(b.relation, [S.bound("b", T.text)]),
        selected(g.relation, [column(g, 1)])
      ]),
      T.boolean
    )
  ]),
  "presence of the missing side, in a subquery that is grouped by": selected(
    R.group(R.join("left", b.relation, g.relation, compared(column(b, 2), "eq", column(g, 0))), [
      S.subquery(sliced(selected(R.filter(a.relation, g.leaves[2]!.node), [int(0)]), 1), T.integer)
    ]),
    [int(0)]
  )
}

const ones = derived(selected(a.relation, [int(0)]), "t8")
const none = S.compare("gt", column(a, 0), int(99), T.boolean)
const leastOfNone = R.group(R.filter(a.relation, none), [])
const least = S.aggregate("min", [column(a, 0)], false, T.integer)
const among = (self: Scalar): Scalar =>
  S.inQuery(self, selected(b.relation, [column(b, 0)]), T.boolean)
const text = derived(selected(g.relation, [S.bound("a", T.text)]), "t5")

/** Membership asked of groups, order and slices of what is distinct. */
export const aboutGroups: Readonly<Record<string, Relation>> = {
  "membership of the least of no rows": selected(leastOfNone, [among(least)]),
  "membership of the least of no rows, in HAVING": selected(
    R.filter(leastOfNone, S.isNull(among(least), T.boolean)),
    [int(0)]
  ),
  "membership of the least of a group by a constant": selected(
    R.group(a.relation, [S.presence("t0", alphas, [], T.boolean)]),
    [S.caseOf([among(least)], [int(1)], int(2), T.integer)]
  ),
  "membership of an outer column beside a group of no rows": selected(b.relation, [
    S.subquery(
      selected(leastOfNone, [
        S.caseOf(
          [S.isNull(least, T.boolean)],
          [S.inQuery(column(b, 0), selected(g.relation, [column(g, 0)]), T.boolean)],
          S.constant(null, T.boolean),
          T.boolean
        )
      ]),
      T.boolean
    )
  ]),
  "a sort key that asks membership of a grouped outer column": selected(
    R.group(a.relation, [column(a, 1)]),
    [
      S.subquery(
        sliced(
          ordered(selected(g.relation, [among(column(a, 1))]), among(column(a, 1)), column(g, 0)),
          1
        ),
        T.boolean
      )
    ]
  ),
  "distinct constants of a derived table, from the second row on": R.slice(
    R.order(
      R.distinct(selected(text.relation, [text.leaves[0]!.node, int(0)])),
      [text.leaves[0]!.node],
      [{ direction: "desc", nulls: "last" }]
    ),
    null,
    int(1)
  ),
  "what is distinct, ordered and cut twice": R.combine("unionAll", [
    R.slice(
      sliced(
        R.order(
          R.distinct(selected(g.relation, [column(g, 1)])),
          [column(g, 1)],
          [{ direction: "desc", nulls: "last" }]
        ),
        1
      ),
      null,
      int(0)
    ),
    selected(b.relation, [column(b, 3)])
  ]),
  "distinct columns of the one row a key names, from the second row on": R.slice(
    R.order(
      R.distinct(
        selected(R.join("inner", a.relation, b.relation, compared(column(a, 0), "eq", 1)), [
          column(a, 1)
        ])
      ),
      [column(a, 1)],
      [{ direction: "desc", nulls: "last" }]
    ),
    null,
    int(1)
  )
}

const grouped: CteSource = {
  _tag: "CteSource",
  materialized: null,
  name: "grouped",
  query: selected(R.group(a.relation, []), [count])
}
const inGrouped = knownUnder("t7", grouped)
const twin = side(betas, "t6")

const thereOrFalse = S.call("nullif", [S.bound(true, T.boolean), isThere], T.boolean)

/** In a condition of a join, sorted by what is a constant of the first side. */
const sortedArms = R.combine("unionAll", [
  selected(R.unit, [text.leaves[0]!.node]),
  selected(b.relation, [text.leaves[0]!.node])
])

/** Shapes MariaDB needs in another way. */
export const aboutShapes: Readonly<Record<string, Relation>> = {
  "the least of what a query of groups gives": ordered(
    selected(R.group(b.relation, []), [leastOfGroups()]),
    leastOfGroups()
  ),
  "two grouped columns of one name in HAVING": selected(
    R.filter(
      R.group(
        R.join("inner", b.relation, twin.relation, compared(column(b, 0), "eq", column(twin, 0))),
        [column(b, 3), column(twin, 3)]
      ),
      S.isNull(column(twin, 3), T.boolean)
    ),
    [int(0)]
  ),
  "two columns of a set operation that its first part says alike": R.filter(
    sliced(
      ordered(
        R.combine("unionAll", [
          selected(b.relation, [column(b, 3), column(b, 3)]),
          selected(twin.relation, [S.bound("a", T.text), S.bound("b", T.text)])
        ]),
        column(b, 3)
      ),
      9
    ),
    S.bound(true, T.boolean)
  ),
  "EXISTS of an arm that is a user's relation, cut": selected(a.relation, [
    S.exists(
      R.combine("unionAll", [
        R.customRelation(
          sameRelation.name,
          sliced(ordered(selected(b.relation, [column(b, 0)]), column(b, 0)), 0),
          [],
          sameRelation.print
        ),
        selected(R.filter(g.relation, compared(column(g, 0), "gt", 99)), [int(0)])
      ]),
      T.boolean
    )
  ]),
  "a presence the whole key determines, in HAVING, beside a value that is grouped by": selected(
    R.filter(R.group(a.relation, [column(a, 0), thereOrFalse]), S.isNull(thereOrFalse, T.boolean)),
    [int(0)]
  ),
  "a set operation sorted by a constant of an outer query": selected(
    R.join(
      "inner",
      text.relation,
      a.relation,
      S.inQuery(
        S.bound("a", T.text),
        sliced(ordered(sortedArms, text.leaves[0]!.node), 9),
        T.boolean
      )
    ),
    [int(0)]
  ),
  "EXISTS of arms of arms, two columns wide": selected(a.relation, [
    S.exists(
      R.combine("unionAll", [
        selected(b.relation, [int(0), int(0)]),
        R.combine("union", [
          selected(b.relation, [int(0), int(0)]),
          selected(g.relation, [int(0), int(0)])
        ])
      ]),
      T.boolean
    )
  ]),
  "a distinct subquery, from the second row on": R.slice(
    ordered(R.distinct(selected(a.relation, [leastId])), leastId),
    null,
    int(1)
  ),
  "a constant of a row an outer join left out, in a subquery": selected(
    R.join("left", g.relation, ones.relation, S.bound(false, T.boolean)),
    [
      S.subquery(
        sliced(ordered(selected(R.unit, [ones.leaves[0]!.node]), ones.leaves[0]!.node), 1),
        T.integer
      )
    ]
  ),
  "what a whole key determines, beside a conjunction that is grouped by": selected(
    R.group(a.relation, [both, column(a, 0)]),
    [both, column(a, 3)]
  )
}

/** Constants, types, texts. */
export const aboutValues: Readonly<Record<string, Relation>> = {
  "a sort key that a server folds": ordered(
    selected(a.relation, [column(a, 0)]),
    S.isNull(zeroIsNull, T.boolean)
  ),
  "a large number and a small constant": selected(a.relation, [
    S.arith("add", large, minusZero, T.bigint),
    S.arith("quot", large, S.constant(0, T.bigint), T.bigint),
    S.compare("eq", minusZero, large, T.boolean)
  ]),
  "a distinct constant of a user's text, from the second row on": sliced(
    R.distinct(selected(g.relation, [zeroIsNull])),
    1000,
    1
  ),
  "texts that differ by a space at the end": selected(a.relation, [
    S.compare(
      "eq",
      S.bound("A", T.text),
      S.call("upper", [S.bound("a ", T.text)], T.text),
      T.boolean
    )
  ]),
  "the sum of nothing beside a large number": selected(R.group(a.relation, []), [
    S.caseOf(
      [S.bound(false, T.boolean)],
      [S.aggregate("sum", [S.constant(null, T.bigint)], false, T.sumBigint)],
      S.negate(large, T.bigint),
      T.bigint
    )
  ])
}
