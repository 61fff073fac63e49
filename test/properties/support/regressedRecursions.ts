import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { CteSource, SelfSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { knownUnder } from "./context.ts"
import { column, compared } from "./hand.ts"
import { selected } from "./meaning.ts"
import { a, ascending, b, descending, int, ordered, whole } from "./small.ts"

const base = selected(R.unit, [int(1)])
const self: SelfSource = { _tag: "SelfSource", name: "counted", query: base }
const before = { ...knownUnder("t8", self), relation: R.cte(self, "t8") }
const step = selected(R.filter(before.relation, compared(column(before, 0), "gt", 1)), [
  column(before, 0)
])
const counted: CteSource = {
  _tag: "CteSource",
  materialized: null,
  name: "counted",
  query: R.recursion(self, base, step, true)
}
const read = { ...knownUnder("t9", counted), relation: R.cte(counted, "t9") }
const most = S.subquery(
  selected(R.group(read.relation, []), [S.aggregate("max", [column(read, 0)], false, T.integer)]),
  T.integer
)
const known = S.call("coalesce", [column(b, 2), most], T.integer)

const nothing = S.constant(null, T.integer)
const orNothing = (value: Scalar): Scalar => S.call("coalesce", [value, nothing], T.integer)
const lastOne = orNothing(most)

const oneMore = S.arith(
  "add",
  S.subquery(selected(R.group(read.relation, []), [int(0)]), T.integer),
  int(1),
  T.integer
)

const rankBy = (order: ReadonlyArray<Scalar>, partition: ReadonlyArray<Scalar> = []): Scalar =>
  S.window(S.windowCall("rank", [], T.count), {
    ...whole,
    partition,
    order,
    directions: order.map(() => ascending)
  })

const again = { ...knownUnder("t6", counted), relation: R.cte(counted, "t6") }
const other = { ...knownUnder("t7", counted), relation: R.cte(counted, "t7") }
const twice = R.join(
  "inner",
  again.relation,
  other.relation,
  S.compare("eq", column(again, 0), column(other, 0), T.boolean)
)

/** A recursion that begins with groups by a key with a value in it. */
const grouped = selected(
  R.group(b.relation, [S.call("coalesce", [column(b, 2), int(1)], T.bigint)]),
  [int(1)]
)
const selfOfGroups: SelfSource = { _tag: "SelfSource", name: "ofGroups", query: grouped }
const beforeGroups = { ...knownUnder("t4", selfOfGroups), relation: R.cte(selfOfGroups, "t4") }
const ofGroups: CteSource = {
  _tag: "CteSource",
  materialized: null,
  name: "ofGroups",
  query: R.recursion(
    selfOfGroups,
    grouped,
    selected(beforeGroups.relation, [column(beforeGroups, 0)]),
    true
  )
}
const readGroups = { ...knownUnder("t5", ofGroups), relation: R.cte(ofGroups, "t5") }

/** A window over parts that a query over a recursion tells by the row around. */
const parted = S.window(S.aggregate("min", [int(0)], false, T.integer), {
  ...whole,
  partition: [S.subquery(selected(R.group(read.relation, []), [column(b, 0)]), T.integer)]
})
const nullsLast = { direction: "asc", nulls: "last" } as const

/** What a recursion gives, where it is read. MariaDB 10.11 died of most of these: ADR 0087. */
export const aboutRecursions: Readonly<Record<string, Relation>> = {
  "a recursion that begins with groups by a key with a value in it": selected(readGroups.relation, [
    column(readGroups, 0)
  ]),
  "what a recursion gives, selected beside a column and sorted by": ordered(
    selected(b.relation, [known]),
    known
  ),
  "the first of what is distinct, by a value of a query over a recursion": R.distinctOn(
    R.order(
      R.distinct(selected(b.relation, [oneMore, column(b, 0)])),
      [oneMore, column(b, 0)],
      [ascending, ascending]
    ),
    1
  ),
  "the first, twice, of distinct windows over parts by a recursion": R.distinctOn(
    R.order(
      R.distinctOn(
        R.order(
          R.distinct(selected(b.relation, [int(0), parted])),
          [int(0), parted],
          [ascending, nullsLast]
        ),
        1
      ),
      [int(0), parted],
      [ascending, ascending]
    ),
    1
  ),
  "the first rows by what asks a recursion, and those that tie with the last of them": R.slice(
    R.distinctOn(R.order(selected(b.relation, [lastOne]), [lastOne], [descending]), 0),
    int(3),
    null,
    true
  ),
  "windows that sort and part by what asks a recursion, beside it": selected(b.relation, [
    lastOne,
    rankBy([lastOne]),
    rankBy([lastOne, column(b, 0)], [lastOne]),
    rankBy([column(b, 0), lastOne])
  ]),
  "rows sorted by what asks a recursion, twice, and by a window over it": R.order(
    selected(b.relation, [column(b, 0)]),
    [lastOne, rankBy([lastOne]), lastOne],
    [ascending, ascending, descending]
  ),
  "grouped by what asks a recursion, and sorted by it": ordered(
    selected(R.group(b.relation, [lastOne]), [lastOne]),
    lastOne
  ),
  "distinct rows of a recursion beside itself, sorted by what asks it": ordered(
    R.distinct(selected(twice, [lastOne])),
    lastOne
  ),
  "a subquery's rows in the order of what asks a recursion": selected(a.relation, [
    S.subquery(
      R.slice(
        ordered(
          selected(R.filter(b.relation, S.compare("eq", column(b, 1), column(a, 0), T.boolean)), [
            lastOne
          ]),
          lastOne,
          column(b, 0)
        ),
        int(1),
        null
      ),
      T.integer
    )
  ])
}
