import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, b, derived, g, int, ordered } from "./small.ts"

const someone = S.exists(selected(a.relation, [int(0)]), T.boolean)
const grouping = S.grouping(int(0), T.integer)

const count = S.cast(S.aggregate("count", [], false, T.count), T.integer)
const counted = (...keys: ReadonlyArray<S.Scalar>): S.Scalar =>
  S.subquery(
    R.slice(
      selected(R.group(a.relation, keys), [S.arith("add", count, column(g, 0), T.integer)]),
      int(1),
      null
    ),
    T.integer
  )
const beside = (number: S.Scalar): Relation =>
  selected(g.relation, [g.leaves[2]!.node, column(g, 0), number])

/** A column of a table that says of itself that its row is there, beside what a subquery counts. */
export const aboutOuterColumns: Readonly<Record<string, Relation>> = {
  "a count and a column outside": beside(counted()),
  "the count of a group and a column outside": beside(counted(int(0)))
}

const known = derived(
  selected(b.relation, [S.raw(["(", " is null)"], [column(b, 0)], T.boolean)]),
  "t5"
)
const absent = R.join("left", a.relation, known.relation, S.bound(false, T.boolean))

const noRow = R.filter(a.relation, S.constant(false, T.boolean))
const asked = (condition: S.Scalar): S.Scalar =>
  S.subquery(selected(R.unit, [condition]), T.boolean)
const [yes, other] = [column(a, 4), S.isNull(column(a, 1), T.boolean)]

/** What a subquery asks of the keys of a group outside. */
export const aboutDenials: Readonly<Record<string, Relation>> = {
  "a key of no groups, denied in a subquery": selected(R.group(noRow, [yes]), [
    asked(S.not(yes, T.boolean))
  ]),
  "a key of no groups, denied with another in a subquery": selected(R.group(noRow, [yes, other]), [
    asked(S.not(S.and([S.or([yes, other], T.boolean), yes], T.boolean), T.boolean))
  ]),
  "a key of no groups among those that it is not": selected(R.group(noRow, [yes]), [
    S.inQuery(
      S.tuple([yes, int(1)], T.tuple([T.boolean, T.integer])),
      selected(R.unit, [S.not(yes, T.boolean), int(1)]),
      T.boolean
    )
  ])
}

const junction = S.and([yes], T.boolean)

const not = (one: S.Scalar): S.Scalar => S.not(one, T.boolean)
/** False whatever the row is, which its text tells. */
const toldFalse = S.and(
  [S.raw(["(", " is null)"], [S.constant(0, T.integer)], T.boolean), yes],
  T.boolean
)
/** A truth that is said more simply inside, denied twice. */
const twiceDenied = not(
  not(
    S.inQuery(S.and([], T.boolean), selected(R.filter(b.relation, yes), [column(b, 4)]), T.boolean)
  )
)

/** A junction inside that holds a key of the group outside, and columns of its own. */
export const aboutKeysInside: Readonly<Record<string, Relation>> = {
  "a junction inside, of a junction grouped by outside and a column of its own": selected(
    R.filter(
      R.group(a.relation, [junction]),
      S.exists(
        selected(R.filter(b.relation, S.and([yes, column(b, 4)], T.boolean)), [int(0)]),
        T.boolean
      )
    ),
    [int(0)]
  ),
  "whether a part of it can be told to be NULL or not, grouped by and sorted by": ordered(
    selected(
      R.group(a.relation, [S.isNull(toldFalse, T.boolean), not(S.isNull(toldFalse, T.boolean))]),
      [count]
    ),
    S.isNull(toldFalse, T.boolean),
    not(S.isNull(toldFalse, T.boolean))
  ),
  "a truth that is denied twice, grouped by and denied": selected(
    R.group(a.relation, [twiceDenied]),
    [not(twiceDenied)]
  )
}

const grouped = derived(selected(a.relation, [yes]), "t6")

/** What a query asks in a condition on groups. */
export const aboutAskedGroups: Readonly<Record<string, Relation>> = {
  "a column of a derived table, grouped by and asked for in a query": selected(
    R.filter(
      R.group(grouped.relation, [column(grouped, 0)]),
      S.exists(selected(R.filter(b.relation, column(grouped, 0)), [int(0)]), T.boolean)
    ),
    [column(grouped, 0)]
  )
}

const ones = derived(selected(b.relation, [S.bound("x", T.text)]), "t7")
const withoutOne = R.join("left", a.relation, ones.relation, S.bound(false, T.boolean))

const made = derived(
  selected(R.join("cross", g.relation, a.relation, S.constant(true, T.boolean)), [
    column(a, 0),
    S.call("coalesce", [column(a, 1), int(7)], T.integer)
  ]),
  "t8"
)

/** What a server knows of each row of a derived table, where an outer join leaves the row out. */
export const aboutAbsentRows: Readonly<Record<string, Relation>> = {
  "what joined tables make of NULLs, absent and asked for": selected(
    R.filter(
      R.join("left", b.relation, made.relation, compared(column(made, 0), "eq", column(b, 1))),
      compared(column(made, 1), "eq", 7)
    ),
    [column(b, 0), column(made, 1)]
  ),
  "a value that is absent, grouped by and said beside a least one": selected(
    R.group(withoutOne, [column(ones, 0)]),
    [
      S.call(
        "concat",
        [column(ones, 0), S.aggregate("min", [S.bound("y", T.text)], false, T.text)],
        T.text
      )
    ]
  ),
  "a truth that is known, absent and distinct": R.distinct(selected(absent, [column(known, 0)])),
  "a truth that is known, absent and distinct, among which another is sought": selected(
    R.filter(
      g.relation,
      S.inQuery(
        S.bound(true, T.boolean),
        R.distinct(selected(absent, [column(known, 0)])),
        T.boolean
      )
    ),
    [column(g, 0)]
  )
}

const flag = S.and([column(a, 4)], T.boolean)
const flags = S.and([column(a, 4), S.isNull(column(a, 1), T.boolean)], T.boolean)
const between = S.between(
  S.raw(["(", " is null)"], [column(a, 0)], T.boolean),
  S.bound(false, T.boolean),
  S.bound(false, T.boolean),
  T.boolean,
  true
)
const nothing = S.or([], T.boolean)
const never = S.and([nothing, column(a, 4)], T.boolean)
const deep = S.and([S.not(S.and([], T.boolean), T.boolean), S.or([never], T.boolean)], T.boolean)

const among = S.inList(column(a, 0), S.boundList([], T.integer), T.boolean)

const orNot = S.call(
  "coalesce",
  [S.and([column(a, 4)], T.boolean), S.bound(false, T.boolean)],
  T.boolean
)
const ofTruth = S.not(
  S.inList(S.not(orNot, T.boolean), S.boundList([], T.boolean), T.boolean),
  T.boolean
)

const amongRows = S.inList(
  S.tuple(
    [S.bound(false, T.boolean), S.exists(selected(b.relation, [int(0)]), T.boolean)],
    T.tuple([T.boolean, T.boolean])
  ),
  S.boundList([], T.tuple([T.boolean, T.boolean])),
  T.boolean
)
const denied = S.not(S.constant(true, T.boolean), T.boolean)

/** Grouping sets, which some servers have only as a union of groups. */
export const aboutGroupings: Readonly<Record<string, Relation>> = {
  "a junction that holds a key of grouping sets": selected(R.group(a.relation, [flag], [[0], []]), [
    flag,
    S.and([flag, S.bound(false, T.boolean)], T.boolean)
  ]),
  "a junction that holds two keys of grouping sets, the longer meant": selected(
    R.group(a.relation, [flag, flags], [[0], [1], []]),
    [S.and([S.bound(true, T.boolean), flags], T.boolean), S.and([flag, flag], T.boolean)]
  ),
  "a key of grouping sets that is a junction of a value": selected(
    R.group(a.relation, [S.and([S.bound(true, T.boolean)], T.boolean)], [[0], []]),
    [S.and([S.bound(true, T.boolean)], T.boolean)]
  ),
  "a junction that holds a key of grouping sets said as a junction": selected(
    R.group(a.relation, [between], [[0], []]),
    [S.or([S.bound(false, T.boolean), between], T.boolean)]
  ),
  "a key of grouping sets that is FALSE for sure": selected(
    R.group(a.relation, [never], [[0], []]),
    [never]
  ),
  "a key of grouping sets in which all is known": selected(R.group(a.relation, [deep], [[0], []]), [
    deep
  ]),
  "a key of grouping sets computed of a truth in which all is known": selected(
    R.group(
      a.relation,
      [S.isNull(among, T.boolean), S.call("coalesce", [never, yes], T.boolean)],
      [[0, 1], [0], []]
    ),
    [S.isNull(among, T.boolean), S.call("coalesce", [never, yes], T.boolean)]
  ),
  "a key of grouping sets that is membership of nothing, of a truth that is computed": selected(
    R.group(a.relation, [ofTruth], [[0], []]),
    [ofTruth]
  ),
  "a key of grouping sets that is membership of nothing, of a row that asks a query": selected(
    R.group(a.relation, [amongRows], [[0], []]),
    [amongRows]
  ),
  "keys of grouping sets of which one is FALSE and another denies TRUE": selected(
    R.group(a.relation, [denied, S.constant(false, T.boolean)], [[0, 1], [0], [1], []]),
    [S.grouping(denied, T.integer), S.grouping(S.constant(false, T.boolean), T.integer)]
  ),
  "a condition on the second key of grouping sets and on what a set leaves out": selected(
    R.filter(
      R.group(R.unit, [int(0), someone], [[0, 1], [0], []]),
      compared(
        S.caseOf([someone], [S.constant(null, T.integer)], grouping, T.integer),
        "eq",
        S.constant(0, T.integer)
      )
    ),
    [S.constant(null, T.integer)]
  )
}

const told = S.subquery(
  selected(R.group(R.filter(b.relation, column(a, 4)), []), [int(0)]),
  T.integer
)

const surely = S.and([S.constant(true, T.boolean), column(a, 4)], T.boolean)

const leastOfLeast = S.window(
  S.aggregate("min", [S.aggregate("min", [column(a, 0)], false, T.integer)], false, T.integer),
  { partition: [], order: [], directions: [], frame: null, offsets: [], name: null }
)

/** Values that are said again where only what was selected or grouped by has one. */
export const aboutSaidAgain: Readonly<Record<string, Relation>> = {
  "what is distinct and all alike, in an arm, sorted by its query": R.combine("unionAll", [
    selected(g.relation, [int(0)]),
    ordered(R.distinct(selected(a.relation, [told])), told)
  ]),
  "what is distinct of the group of a constant, sorted by an outer column": R.filter(
    selected(g.relation, [column(g, 0)]),
    S.inQuery(
      S.tuple([column(g, 0), int(1)], T.tuple([T.integer, T.integer])),
      ordered(
        R.distinct(selected(R.group(a.relation, [int(0)]), [column(g, 0), leastOfLeast])),
        column(g, 0)
      ),
      T.boolean
    )
  ),
  "what is distinct and all alike, sought": R.filter(
    R.distinct(selected(a.relation, [told])),
    compared(told, "eq", int(0))
  ),
  "a junction of a constant that is grouped by, twice in another": selected(
    R.filter(R.group(a.relation, [surely]), S.and([surely, surely], T.boolean)),
    [int(0)]
  ),
  "a user's text of another value than the one grouped by": selected(
    R.group(a.relation, [S.raw(["(", " + ", ")"], [int(0), int(1)], T.integer)]),
    [S.raw(["(", " + ", ")"], [int(1), int(1)], T.integer)]
  ),
  "a set operation is sorted by the second of two values": ordered(
    R.combine("unionAll", [
      selected(R.unit, [int(0), int(1)]),
      selected(b.relation, [int(0), column(b, 0)])
    ]),
    int(1)
  ),
  "the first of what is distinct, sorted by the second of two values": R.slice(
    ordered(R.distinct(selected(a.relation, [int(0), int(1), column(a, 0)])), int(1), column(a, 0)),
    int(1),
    null
  )
}
