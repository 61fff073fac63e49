import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { column } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, alphas, b, derived, g, gammas, ordered, over, side } from "./small.ts"

/** What nobody may say twice. */
const never = S.generated({ _tag: "Value", value: false }, T.boolean)

const table = derived(selected(g.relation, [column(g, 0), column(g, 1)]), "t5")
const other = side(alphas, "t6")
const few = selected(other.relation, [S.bound("z", T.text)])
const [number, word] = [column(table, 0), column(table, 1)]
const there = side(gammas, "t15")
const gathered = [over(S.aggregate("min", [word], false, T.text))]
const kept = (condition: Scalar): Relation =>
  selected(R.filter(table.relation, condition), gathered)

/** A key with a value in it, beside another, of a table whose rows are asked for either. */
const made = S.call("coalesce", [number, S.bound(7n, T.bigint)], T.bigint)
const isThere = S.not(S.isNull(word, T.boolean), T.boolean)
const groups = derived(
  selected(R.group(table.relation, [isThere, made]), [isThere, made, made]),
  "t7"
)
const either = S.call(
  "coalesce",
  [column(groups, 0), S.compare("eq", column(groups, 1), column(groups, 2), T.boolean)],
  T.boolean
)

const sought = S.inQuery(word, selected(b.relation, [column(b, 3)]), T.boolean)
const asked = derived(
  selected(R.group(table.relation, [isThere, sought]), [isThere, sought]),
  "t11"
)
const constant = derived(selected(R.unit, [S.constant(1, T.integer)]), "t13")
const inOne = (condition: Relation): Scalar =>
  S.inQuery(S.bound(0n, T.bigint), selected(condition, [S.bound(0n, T.bigint)]), T.boolean)
const answered = derived(selected(a.relation, [inOne(constant.relation)]), "t14")

const truth = S.call(
  "coalesce",
  [S.compare("eq", S.bound(true, T.boolean), column(a, 4), T.boolean), S.constant(null, T.boolean)],
  T.boolean
)
const totals = derived(
  selected(R.group(a.relation, [truth, column(a, 4)], [[0, 1], [0], []]), [
    truth,
    column(a, 4),
    S.aggregate("count", [], false, T.count)
  ]),
  "t12"
)

const firstly = derived(
  selected(R.unit, [over(S.windowCall("firstValue", [S.bound(-2, T.double)], T.double))]),
  "t8"
)
const largest = derived(selected(a.relation, [S.bound(9007199254740993n, T.bigint)]), "t16")
const unknown = derived(selected(b.relation, [column(b, 0), S.bound(null, T.boolean)]), "t9")
const numbered = derived(
  selected(unknown.relation, [
    column(unknown, 1),
    over(S.windowCall("rowNumber", [], T.count), column(unknown, 0))
  ]),
  "t10"
)

/** Columns of derived tables that another part of the statement asks for as well. */
export const aboutColumns: Readonly<Record<string, Relation>> = {
  "a window over a column that is sought": kept(
    S.not(S.inQuery(word, few, T.boolean, "eq", "any"), T.boolean)
  ),
  "a window over a column that is compared with any row": kept(
    S.inQuery(word, few, T.boolean, "lte", "any")
  ),
  "a window over a column that a query in WHERE reads": kept(
    S.exists(
      R.filter(other.relation, S.compare("lte", word, column(other, 3), T.boolean)),
      T.boolean
    )
  ),
  "a window over a table that says of itself that its row is there": selected(
    R.filter(
      there.relation,
      S.inQuery(
        column(there, 1),
        selected(
          R.filter(other.relation, S.not(S.isNull(there.leaves[2]!.node, T.boolean), T.boolean)),
          [S.bound("z", T.text)]
        ),
        T.boolean,
        "lte",
        "any"
      )
    ),
    [over(S.aggregate("min", [column(there, 1)], false, T.text))]
  ),
  "an empty query that is sought in what reads the row outside": selected(a.relation, [
    S.inQuery(
      S.subquery(selected(R.filter(other.relation, never), [S.bound(0n, T.bigint)]), T.bigint),
      selected(b.relation, [column(a, 1)]),
      T.boolean
    )
  ]),
  "groups by a key with a value in it, of which either key is asked": selected(
    R.filter(groups.relation, either),
    [column(groups, 0)]
  ),
  "the same, joined on either": selected(R.join("inner", b.relation, groups.relation, either), [
    column(groups, 0)
  ]),
  "groups by a key that asks a query, of which either key is asked": selected(
    R.filter(asked.relation, S.or([column(asked, 0), column(asked, 1)], T.boolean)),
    [column(asked, 0)]
  ),
  "a query that reads a key which is another query's answer": selected(
    R.group(answered.relation, [column(answered, 0)]),
    [inOne(R.filter(constant.relation, column(answered, 0)))]
  ),
  "totals of keys with a value in them, of which either is asked": selected(
    R.filter(totals.relation, S.or([column(totals, 0), column(totals, 1)], T.boolean)),
    [column(totals, 2)]
  ),
  "a third arm that joins on a column outside": ordered(
    selected(b.relation, [
      column(b, 0),
      S.inQuery(
        column(b, 0),
        R.combine("unionAll", [
          selected(g.relation, [column(g, 0)]),
          selected(there.relation, [column(there, 0)]),
          selected(
            R.join(
              "left",
              a.relation,
              other.relation,
              S.compare("eq", column(other, 0), column(b, 1), T.boolean)
            ),
            [column(other, 0)]
          )
        ]),
        T.boolean
      )
    ]),
    column(b, 0)
  ),
  "an arm of numbers beside an arm of arms of NULLs": ordered(
    R.combine("unionAll", [
      selected(firstly.relation, [column(firstly, 0)]),
      selected(R.unit, [
        S.arith("add", S.negate(S.bound(1, T.double), T.double), S.bound(0, T.double), T.double)
      ]),
      R.combine("union", [
        selected(b.relation, [S.constant(null, T.double)]),
        selected(g.relation, [S.constant(null, T.double)])
      ])
    ]),
    column(firstly, 0)
  ),
  "an arm of a large number beside one that is negated": R.combine("unionAll", [
    selected(largest.relation, [column(largest, 0)]),
    selected(R.unit, [S.negate(S.bound(-1n, T.bigint), T.bigint)])
  ]),
  "an arm of truths beside one of a NULL in a derived table": R.combine("unionAll", [
    selected(a.relation, [S.exists(few, T.boolean)]),
    selected(numbered.relation, [column(numbered, 0)])
  ])
}
