import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar, Window } from "../../../src/algebra/Scalar.ts"
import type { AnyType } from "../../../src/algebra/Type.ts"
import type { CteSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { knownUnder } from "./context.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, ascending, b, derived, g, int, ordered } from "./small.ts"
import { sameRelation } from "./userNodes.ts"

const over = (self: Window["self"]): Window =>
  S.window(self, {
    partition: [],
    order: [column(b, 0)],
    directions: [ascending],
    frame: null,
    offsets: [],
    name: null
  })

const greatest = (of: Scalar): S.Aggregate => S.aggregate("max", [of], false, T.integer)

/** Constants that no row of b has beside it. */
const nowhere = derived(
  selected(R.filter(g.relation, compared(column(g, 0), "eq", 77)), [int(0)]),
  "t5"
)
const absent = column(nowhere, 0)

/** A denial over a query that is made shorter: a column of the row around it stands in it. */
const emptied = S.not(
  S.inQuery(
    int(0),
    selected(
      R.filter(
        R.filter(g.relation, S.constant(false, T.boolean)),
        compared(column(g, 0), "eq", column(b, 0))
      ),
      [int(0)]
    ),
    T.boolean
  ),
  T.boolean
)

const nothingOf = S.call("nullif", [column(a, 3), column(a, 3)], T.text)
const isNothing = S.isNull(column(a, 3), T.boolean)
const listed = T.listOf(T.text)
const unsorted = { order: [], directions: [] }

/** Of the one row with a key. */
const ofRow = (of: Scalar, type: AnyType): Scalar =>
  S.subquery(
    selected(R.group(R.filter(a.relation, compared(column(a, 0), "eq", 1)), []), [of]),
    type
  )

/** As many, and what the server reckons of the NULLs of a row that is not there. */
const reckoned = derived(
  selected(R.filter(g.relation, compared(column(g, 0), "eq", 77)), [
    S.call("coalesce", [column(g, 0), int(1)], T.integer),
    S.isNull(column(g, 0), T.boolean),
    S.caseOf([compared(column(g, 0), "eq", 1)], [int(1)], int(2), T.integer)
  ]),
  "t5"
)
const gathered = derived(
  selected(R.group(R.filter(g.relation, compared(column(g, 0), "eq", 77)), [column(g, 0)]), [
    S.aggregate("jsonAgg", [column(g, 1)], false, T.listOf(T.text))
  ]),
  "t6"
)
const first = S.call("jsonAs", [S.jsonAt(column(gathered, 0), [0], T.listOf(T.text))], T.text)
const zeros = derived(
  selected(R.group(b.relation, []), [S.aggregate("jsonAgg", [int(0)], false, T.listOf(T.integer))]),
  "t8"
)
const number = S.call("jsonLength", [column(zeros, 0)], T.integer)
const kind = S.call("jsonType", [column(zeros, 0)], T.text)
const sorted = derived(
  selected(R.group(b.relation, [column(b, 4)]), [
    S.aggregate("jsonAgg", [column(b, 3)], false, T.listOf(T.text), {
      filter: null,
      order: [column(b, 3)],
      directions: [ascending]
    })
  ]),
  "t9"
)
const lists = derived(
  selected(R.group(sorted.relation, []), [
    S.aggregate("jsonAgg", [column(sorted, 0)], false, T.listOf(T.listOf(T.text)))
  ]),
  "t6"
)
const firstName = derived(
  selected(gathered.relation, [S.call("coalesce", [first, S.bound("none", T.text)], T.text)]),
  "t7"
)
const beside = (other: typeof reckoned) =>
  R.join("left", b.relation, other.relation, S.constant(true, T.boolean))
const alone = R.join("left", b.relation, nowhere.relation, S.constant(true, T.boolean))

const backwards = { direction: "desc", nulls: "last" } as const
const sortedBy = (
  self: Window["self"],
  partition: ReadonlyArray<Scalar>,
  order: ReadonlyArray<Scalar>,
  first: typeof backwards | typeof ascending = ascending
): Window =>
  S.window(self, {
    partition,
    order,
    directions: order.map((_, i) => (i === 0 ? first : ascending)),
    frame: null,
    offsets: [],
    name: null
  })

/** By nothing but a value. */
const firstOfEach = sortedBy(S.windowCall("rank", [], T.count), [column(b, 3)], [int(0)])

const series = derived(
  R.tableFunction("series", [int(1), int(2), S.constant(1, T.count)], {
    fields: [S.constant(null, T.count), S.constant(null, T.count)],
    shape: {
      _tag: "Record",
      keys: ["value", "ordinality"],
      parts: [
        { _tag: "Cell", index: 0 },
        { _tag: "Cell", index: 1 }
      ],
      presence: null,
      prototype: null
    }
  }),
  "t7"
)

const firstWithTies = R.slice(
  ordered(selected(b.relation, [column(b, 3)]), column(b, 3)),
  int(1),
  null,
  true
)

const pair = S.tuple([column(b, 0), column(b, 2)], T.tuple([T.integer, T.integer]))
const noText = S.inList(column(b, 3), S.boundList([], T.text), T.boolean)
const noInteger = S.inList(column(a, 1), S.boundList([], T.integer), T.boolean)
const noJunction = S.or([], T.boolean)

/** Aggregates and windows, what is absent beside them, what is cut with its ties. */
const counted: CteSource = {
  _tag: "CteSource",
  materialized: null,
  name: "counted",
  query: selected(R.group(a.relation, []), [greatest(column(a, 0))])
}
const inCounted = knownUnder("t7", counted)

/** Texts in the order of what a common table expression aggregates, in a nested query. */
const byCounted = derived(
  selected(R.group(a.relation, []), [
    S.aggregate("stringAgg", [column(a, 3), S.bound(",", T.text)], false, T.text, {
      filter: null,
      order: [
        S.exists(selected(R.cte(counted, "t7"), [column(inCounted, 0)]), T.boolean),
        column(a, 0)
      ],
      directions: [ascending, ascending]
    })
  ]),
  "t8"
)

export const aboutAggregates: Readonly<Record<string, Relation>> = {
  "texts in the order of what a common table expression aggregates": selected(byCounted.relation, [
    column(byCounted, 0)
  ]),
  "texts joined in the order of what is NULL or 0": selected(R.group(b.relation, []), [
    S.aggregate("stringAgg", [column(b, 3), S.bound(",", T.text)], false, T.text, {
      filter: null,
      order: [column(b, 2), column(b, 3)],
      directions: [ascending, ascending]
    })
  ]),
  "the greatest of constants that are absent": selected(R.group(alone, []), [greatest(absent)]),
  "the first of constants that are absent": selected(alone, [
    over(S.windowCall("firstValue", [absent], T.integer))
  ]),
  "constants that are absent, counted over a window": selected(alone, [
    over(S.aggregate("count", [absent], false, T.count))
  ]),
  "a pair with a constant that is absent, among a query's rows": selected(alone, [
    S.inQuery(
      S.tuple([int(0), absent], T.tuple([T.integer, T.integer])),
      selected(R.unit, [int(0), int(0)]),
      T.boolean
    )
  ]),
  "a window filtered by an aggregate of the group": selected(R.group(b.relation, [column(b, 0)]), [
    over(
      S.aggregate("min", [column(b, 0)], false, T.integer, {
        filter: compared(S.aggregate("max", [column(b, 2)], false, T.integer), "eq", 0),
        order: [],
        directions: []
      })
    )
  ]),
  "windows of two sorts, and one of none beside them": selected(a.relation, [
    sortedBy(
      S.windowCall("lag", [column(a, 0)], T.integer),
      [],
      [3, 0, 1, 2, 4, 5].map((i) => column(a, i))
    ),
    sortedBy(
      greatest(int(0)),
      [column(a, 4)],
      [0, 1, 2, 3, 4, 5].map((i) => column(a, i)),
      backwards
    ),
    sortedBy(greatest(int(0)), [int(0)], [])
  ]),
  "an outer column in ON beside a series": selected(a.relation, [
    S.exists(
      selected(
        R.join(
          "left",
          b.relation,
          series.relation,
          S.compare("eq", column(a, 1), column(a, 2), T.boolean)
        ),
        [int(0)]
      ),
      T.boolean
    )
  ]),
  "EXISTS of a user's relation over the first rows with their ties": selected(a.relation, [
    S.exists(R.customRelation(sameRelation.name, firstWithTies, [], sameRelation.print), T.boolean)
  ]),
  "the least of all, with its ties": R.slice(
    ordered(
      selected(R.group(g.relation, [column(g, 0)], [[]]), [
        S.aggregate("min", [int(0)], false, T.integer)
      ]),
      S.raw(["(", " is null)"], [int(0)], T.boolean)
    ),
    int(1),
    null,
    true
  ),
  "all of a query's NULLs, compared with what is never NULL, made distinct": R.distinct(
    selected(g.relation, [
      S.inQuery(
        S.not(S.isNull(column(g, 0), T.boolean), T.boolean),
        selected(derived(selected(R.unit, [int(1)]), "t6").relation, [
          S.cast(S.bound(null, T.integer), T.boolean)
        ]),
        T.boolean,
        "lt",
        "all"
      )
    ])
  ),
  "a set operation of membership of a pair in nothing": R.combine("unionAll", [
    selected(b.relation, [S.inList(pair, S.boundList([], pair.type), T.boolean)]),
    selected(b.relation, [S.bound(null, T.boolean)])
  ]),
  "groups of the denial of a denial that is their key, whose query is said otherwise": selected(
    R.filter(R.group(b.relation, [emptied]), S.not(emptied, T.boolean)),
    [int(0)]
  ),
  "rows sorted by the denial of a denial that is a key of grouping sets": selected(
    derived(
      ordered(
        selected(R.group(b.relation, [S.not(noText, T.boolean)], [[0], []]), [int(0)]),
        S.not(S.not(noText, T.boolean), T.boolean)
      ),
      "t7"
    ).relation,
    [int(0)]
  ),
  "membership of nothing in the totals of grouping sets": selected(
    R.group(b.relation, [noText], [[0], []]),
    [noText]
  ),
  "an array that conditions ask several times": selected(
    R.filter(
      R.filter(zeros.relation, S.not(S.isNull(kind, T.boolean), T.boolean)),
      S.not(S.isNull(number, T.boolean), T.boolean)
    ),
    [column(zeros, 0), number, kind]
  ),
  "an array of arrays": selected(lists.relation, [
    S.call("jsonType", [S.jsonAt(column(lists, 0), [0], T.listOf(T.text))], T.text)
  ]),
  "the greatest of what has a value of NULLs, in rows that are not there": selected(
    R.group(beside(reckoned), []),
    [0, 2].map((at) => greatest(column(reckoned, at)))
  ),
  "windows over what has a value of NULLs, in rows that are not there": selected(
    beside(reckoned),
    [0, 1, 2].map((at) => {
      const { type } = column(reckoned, at)
      return over(S.windowCall("firstValue", [column(reckoned, at)], type))
    })
  ),
  "the first of a group's array or a text, in rows that are not there": selected(
    beside(firstName),
    [over(S.windowCall("firstValue", [column(firstName, 0)], T.text))]
  ),
  "one distinct row of ranks that are all 1, sorted by them": ordered(
    R.distinct(selected(b.relation, [firstOfEach])),
    firstOfEach
  ),
  "texts beyond ASCII in an array of the rows of each group of a join": selected(
    R.group(
      R.join(
        "left",
        b.relation,
        g.relation,
        S.compare("eq", column(b, 0), column(g, 0), T.boolean)
      ),
      [column(b, 4)]
    ),
    [S.aggregate("jsonAgg", [S.bound("é😀", T.text)], false, T.listOf(T.text))]
  ),
  "texts that are NULL, joined of the row of a key in a subquery": selected(R.unit, [
    ofRow(S.aggregate("stringAgg", [nothingOf, S.bound(",", T.text)], false, T.text), T.text),
    ofRow(S.aggregate("stringAgg", [column(a, 3), S.bound(",", T.text)], false, T.text), T.text)
  ]),
  "an array of no rows, of the row of a key in a subquery": selected(R.unit, [
    ofRow(
      S.aggregate("jsonAgg", [column(a, 3)], false, listed, { filter: isNothing, ...unsorted }),
      listed
    ),
    ofRow(S.aggregate("jsonAgg", [nothingOf], false, listed), listed)
  ]),
  "a set operation is sorted by the second of two columns that are FALSE for sure": R.slice(
    R.order(
      R.combine("unionAll", [
        selected(a.relation, [noJunction, noInteger]),
        selected(a.relation, [S.bound(false, T.boolean), S.bound(null, T.boolean)])
      ]),
      [noJunction, noInteger],
      [ascending, ascending]
    ),
    int(1),
    null
  )
}
