import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Comparison } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, alphas, ascending, b, derived, g, int, side } from "./small.ts"

const nobody = selected(R.filter(b.relation, S.constant(false, T.boolean)), [column(b, 4)])
const someTruth = selected(b.relation, [S.bound(false, T.boolean)])
const unknown = S.inQuery(S.constant(null, T.boolean), someTruth, T.boolean)
const comparedWith = (query: Relation, op: Comparison, quantifier: "any" | "all") =>
  S.inQuery(unknown, query, T.boolean, op, quantifier)

const joinedOn = (condition: S.Scalar): Relation =>
  selected(R.join("left", g.relation, a.relation, condition), [column(g, 0), column(a, 0)])

const other = side(alphas, "t4")
const counts = derived(
  selected(R.group(other.relation, []), [S.aggregate("count", [], false, T.count)]),
  "t5"
)

/** One row, in which the second of its window's values is none. */
const alone = derived(selected(R.unit, [int(0)]), "t6")
const second = derived(
  selected(alone.relation, [
    S.window(S.windowCall("lag", [int(7), int(2)], T.integer), {
      partition: [],
      order: [column(alone, 0)],
      directions: [ascending],
      frame: null,
      offsets: [],
      name: null
    })
  ]),
  "t7"
)
const greatest = derived(
  selected(R.group(R.filter(a.relation, S.constant(false, T.boolean)), []), [
    S.aggregate("max", [S.constant(7, T.integer)], false, T.integer)
  ]),
  "t8"
)

const answers = derived(selected(g.relation, [unknown]), "t5")
const pair = T.tuple([T.integer, T.integer])

/** What is sought in the rows of a query, and the rows. */
export const aboutSought: Readonly<Record<string, Relation>> = {
  "an outer join on a NULL that is sought, compared with any row": joinedOn(
    comparedWith(someTruth, "lt", "any")
  ),
  "an outer join on a NULL that is sought, compared with all rows": joinedOn(
    comparedWith(someTruth, "gte", "all")
  ),
  "an outer join on a NULL that is sought, compared with all of no rows": joinedOn(
    S.not(comparedWith(nobody, "lt", "all"), T.boolean)
  ),
  "among groups of a query that reads a key beside a derived table": selected(R.unit, [
    S.inQuery(
      int(5),
      selected(R.group(a.relation, [column(a, 4)]), [
        S.subquery(selected(R.filter(counts.relation, column(a, 4)), [int(0)]), T.integer)
      ]),
      T.boolean
    )
  ]),
  "among NULLs of groups that are there on a condition": selected(a.relation, [
    S.inQuery(
      column(a, 0),
      selected(
        R.filter(R.group(b.relation, [column(b, 0)]), S.compare("eq", int(0), int(0), T.boolean)),
        [
          S.arith(
            "add",
            S.raw(["(", " + ", ")"], [int(0), int(0)], T.integer),
            S.constant(null, T.integer),
            T.integer
          )
        ]
      ),
      T.boolean,
      "ne",
      "any"
    )
  ]),
  "among groups of what a query says to be unknown": selected(a.relation, [
    S.inQuery(
      column(a, 4),
      selected(R.group(g.relation, [unknown]), [unknown]),
      T.boolean,
      "ne",
      "any"
    )
  ]),
  "a row of what is decided by a query's answer beside what is absent": selected(
    R.filter(
      R.join("left", a.relation, answers.relation, S.bound(false, T.boolean)),
      S.inQuery(
        S.tuple([S.caseOf([column(answers, 0)], [int(0)], int(1), T.integer), int(1)], pair),
        R.combine("unionAll", [
          selected(b.relation, [int(0), int(1)]),
          selected(b.relation, [int(1), int(1)])
        ]),
        T.boolean
      )
    ),
    [column(a, 0)]
  ),
  "in a sum of distinct values, of none after some": selected(b.relation, [
    S.inQuery(
      column(b, 2),
      selected(
        R.group(R.filter(a.relation, S.compare("lt", column(b, 0), int(2), T.boolean)), []),
        [S.aggregate("sum", [int(0)], true, T.safeInteger)]
      ),
      T.boolean
    )
  ]),
  "in a window of one row that has no value": selected(
    R.filter(
      R.unit,
      S.inQuery(S.bound(0, T.double), selected(second.relation, [column(second, 0)]), T.boolean)
    ),
    [int(1)]
  ),
  "in the greatest of no rows": selected(
    R.filter(
      R.unit,
      S.inQuery(S.bound(0, T.double), selected(greatest.relation, [column(greatest, 0)]), T.boolean)
    ),
    [int(1)]
  )
}

/** Rows that are themselves compared with others. */
const below = R.filter(
  b.relation,
  S.not(
    S.inQuery(column(b, 0), selected(g.relation, [column(g, 0)]), T.boolean, "lt", "any"),
    T.boolean
  )
)
const ways = [
  ["lt", "any"],
  ["gte", "any"],
  ["ne", "any"],
  ["lt", "all"],
  ["gte", "all"],
  ["eq", "all"]
] as const

/** A comparison with rows that another one has chosen. */
export const aboutChosen: Readonly<Record<string, Relation>> = Object.fromEntries(
  ways.flatMap(([op, quantifier]) =>
    [below, R.filter(below, S.isNull(column(b, 2), T.boolean))].map((rows, i) => [
      `${op} ${quantifier} of rows that are compared with others, ${i}`,
      selected(a.relation, [
        column(a, 0),
        S.inQuery(column(a, 1), selected(rows, [column(b, 2)]), T.boolean, op, quantifier)
      ])
    ])
  )
)
