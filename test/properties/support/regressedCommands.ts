import * as C from "../../../src/algebra/Command.ts"
import type { Command } from "../../../src/algebra/Command.ts"
import * as R from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { CteSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { knownUnder } from "./context.ts"
import { record } from "./meaning.ts"
import { alphas, ascending, betas, derived, gammas, int, side } from "./small.ts"

const own = side(gammas, "gamma")
const other = side(gammas, "t0")
const third = side(gammas, "t5")
const [p] = own.leaves.map(({ node }) => node) as [Scalar]
const [otherP, otherQ] = other.leaves.map(({ node }) => node) as [Scalar, Scalar]
const alike = S.compare("eq", otherP, p, T.boolean)
const [id, a, b] = side(alphas, "alpha").leaves.map(({ node }) => node) as [Scalar, Scalar, Scalar]
const source = side(alphas, "t1")
const fields = source.leaves.slice(0, 3).map(({ node }) => node)
const rows = derived(R.project(source.relation, fields, record(fields)), "t2")
const fromItself = rows.leaves.slice(0, 3).map(({ node }) => node)
const onKey = { target: ["id"], partial: null, columns: ["a"] }
const excludedB = S.ref(C.excluded, alphas, ["b"], T.integer)

const on = side(betas, "t3")
const switchedOn: CteSource = {
  _tag: "CteSource",
  name: "switched_on",
  materialized: null,
  query: R.project(
    R.join(
      "inner",
      R.filter(on.relation, on.leaves[4]!.node),
      source.relation,
      S.compare("eq", on.leaves[0]!.node, fields[0]!, T.boolean)
    ),
    [fields[2]!],
    record([fields[2]!])
  )
}
const asked = knownUnder("t4", switchedOn)
const overOneGroup = S.window(S.aggregate("min", [S.bound(0, T.integer)], false, T.integer), {
  partition: [S.aggregate("count", [], false, T.count)],
  order: [],
  directions: [],
  frame: null,
  offsets: [],
  name: null
})

const arms = [0, 1].map((n) => {
  const { relation } = side(alphas, `t${7 + n}`)
  const made = derived(R.project(relation, [int(n)], record([int(n)])), `t${9 + n}`)
  return { relation: made.relation, field: made.leaves[0]!.node }
})

const each = side(alphas, "t11")
const ofEach = side(betas, "t12")
const greatest = S.aggregate("max", [ofEach.leaves[2]!.node], false, T.integer)
const itsOwn = S.compare("eq", ofEach.leaves[1]!.node, each.leaves[0]!.node, T.boolean)
const followed = derived(
  R.project(R.group(R.filter(ofEach.relation, itsOwn), []), [greatest], record([greatest])),
  "t13"
)

/** How many rows of another table there are for one that is given back under an alias. */
const backAs = (alias: string): Command => {
  const changed = side(gammas, "changed")
  const counted = side(alphas, alias)
  const same = S.compare("gte", counted.leaves[0]!.node, changed.leaves[0]!.node, T.boolean)
  const count = S.aggregate("count", [], false, T.count)
  const rows = R.project(R.group(R.filter(counted.relation, same), []), [count], record([count]))
  const back = [changed.leaves[1]!.node, S.subquery(rows, T.count)]
  return C.remove(gammas, "changed", S.isNull(changed.leaves[1]!.node, T.boolean), {
    fields: back,
    shape: record(back)
  })
}
/** The other table is called as the one that is written. */
export const backBesideItsName = backAs("gamma")

/** A row given back with what a derived table in a query says of it. */
const given = side(gammas, "gamma").leaves[0]!.node
const inDerived = derived(R.project(side(betas, "t15").relation, [given], record([given])), "t16")
const backFromDerived = S.exists(
  R.filter(inDerived.relation, S.compare("eq", inDerived.leaves[0]!.node, int(0), T.boolean)),
  T.boolean
)
export const speaksInDerived: Readonly<Record<string, Command>> = {
  "a delete": C.remove(gammas, "gamma", S.constant(true, T.boolean), {
    fields: [backFromDerived],
    shape: record([backFromDerived])
  }),
  "an insert": C.insert(gammas, ["p"], [int(0)], 1, {
    fields: [backFromDerived],
    shape: record([backFromDerived])
  })
}

/** Commands that read, in their midst, what they write. */
export const aboutCommands: Readonly<Record<string, Command>> = {
  "new values of a table that is read again for each row": C.update(
    gammas,
    "gamma",
    ["p", "q"],
    [int(0), otherQ],
    alike,
    null,
    { from: other.relation }
  ),
  "a joined delete that reads its table in a subquery": C.remove(
    gammas,
    "gamma",
    S.and([S.compare("eq", id, p, T.boolean), S.exists(other.relation, T.boolean)], T.boolean),
    null,
    { using: side(alphas, "alpha").relation }
  ),
  "a joined delete whose sources ask for its table": C.remove(gammas, "gamma", alike, null, {
    using: R.join(
      "inner",
      other.relation,
      side(alphas, "alpha").relation,
      S.inQuery(int(0), R.project(third.relation, [third.leaves[0]!.node], record([p])), T.boolean)
    )
  }),
  "the first rows, sought in a query over their table": C.update(
    alphas,
    "alpha",
    ["a", "b"],
    [a, S.arith("add", b, int(1), T.integer)],
    S.inQuery(
      int(0),
      R.project(
        R.filter(
          R.join("inner", side(betas, "t6").relation, source.relation, S.constant(true, T.boolean)),
          S.compare("notSame", id, int(1), T.boolean)
        ),
        [int(0)],
        record([int(0)])
      ),
      T.boolean
    ),
    null,
    { order: [b], directions: [ascending], limit: int(1) }
  ),
  "columns that read each other, the first of the rows": C.update(
    alphas,
    "alpha",
    ["a", "b"],
    [b, S.call("coalesce", [a, int(0)], T.integer)],
    S.constant(true, T.boolean),
    null,
    { order: [id], directions: [ascending], limit: int(1) }
  ),
  "an upsert of a table's own rows": C.insert(alphas, ["id", "a", "b"], [], 0, null, {
    rows: R.project(rows.relation, fromItself, record(fromItself)),
    conflict: onKey,
    changes: [S.arith("add", b, excludedB, T.integer)]
  }),
  "a condition over the column that is changed": C.insert(
    alphas,
    ["id", "b"],
    [int(1), int(70), int(2), int(5)],
    2,
    null,
    {
      conflict: { ...onKey, columns: ["a", "b"] },
      changes: [int(1), excludedB],
      condition: S.compare("lt", b, excludedB, T.boolean)
    }
  ),
  "new values of a table that is read again through a common table expression": C.update(
    betas,
    "beta",
    ["alphaId", "on"],
    [asked.leaves[0]!.node, S.bound(true, T.boolean)],
    S.compare("gte", asked.leaves[0]!.node, S.ref("beta", betas, ["id"], T.integer), T.boolean),
    null,
    { from: R.cte(switchedOn, "t4") }
  ),
  "new values of a lateral query, which has one row for each of many": C.update(
    gammas,
    "gamma",
    ["p"],
    [followed.leaves[0]!.node],
    S.constant(true, T.boolean),
    null,
    { from: R.join("cross", each.relation, followed.relation, S.constant(true, T.boolean), true) }
  ),
  "a row that is given back under an alias, beside a query that speaks of it": backAs("t14"),
  "an upsert of a window over one group": C.insert(gammas, ["p"], [], 0, null, {
    rows: R.project(R.group(source.relation, []), [overOneGroup], record([overOneGroup])),
    conflict: { target: [], partial: null, columns: [] }
  }),
  "the first of two queries' rows, whose columns are asked what they are": C.insert(
    gammas,
    ["p"],
    [],
    0,
    null,
    {
      rows: R.slice(
        R.order(
          R.combine(
            "unionAll",
            arms.map(({ field, relation }) => R.project(relation, [field], record([field])))
          ),
          [arms[0]!.field],
          [ascending]
        ),
        int(1),
        null
      )
    }
  ),
  "a row of defaults that meets no key": C.insert(gammas, [], [], 1, null, {
    conflict: { target: [], partial: null, columns: [] }
  })
}
