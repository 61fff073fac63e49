import { describe, test } from "vitest"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { connections } from "./support/connections.ts"
import { drawn } from "./support/draw.ts"
import { handParts } from "./support/hand.ts"
import { caught, timeFor, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { type Parts, partsOf } from "./support/parts.ts"
import { onServer } from "./support/sameOnSqlite.ts"
import { scalar } from "./support/scalars.ts"
import { ascending, whole } from "./support/small.ts"

interface Case extends Parts {
  readonly key: Scalar
  readonly value: Scalar
}

const cases = drawn((draw): Case => {
  const parts = partsOf(draw)
  const of = { ...parts.context, flat: true }
  return { ...parts, key: scalar(draw, of, "integer", 0), value: scalar(draw, of, "integer", 1) }
})

/** Over rows with an equal key, in an order that tells all but equal rows apart. */
const totally = ({ all, key }: Case) => ({
  ...whole,
  partition: [key],
  order: all,
  directions: all.map(() => ascending)
})

const count = S.aggregate("count", [], false, T.count)
const number = (one: Case): Scalar => S.window(S.windowCall("rowNumber", [], T.count), totally(one))
const sumOf = ({ value }: Case) => S.aggregate("sum", [value], false, T.safeInteger)

/** Numbers in a partition of n rows are 1 to n: each counts the rows up to its own. */
const enumerates = (one: Case): readonly [Relation, Relation] => {
  const before = S.window(count, {
    ...totally(one),
    frame: {
      unit: "rows",
      start: "unbounded preceding",
      end: "current row",
      exclude: "no others"
    }
  })
  return [selected(one.relation, [one.key, number(one)]), selected(one.relation, [one.key, before])]
}

const same = (a: Scalar, b: Scalar): Scalar => {
  const none = S.and([S.isNull(a, T.boolean), S.isNull(b, T.boolean)], T.boolean)
  return S.or([S.compare("eq", a, b, T.boolean), none], T.boolean)
}

/** The sum over a partition is the grouped sum, joined by its key. */
const joins =
  (equal: (a: Scalar, b: Scalar) => Scalar) =>
  (one: Case): readonly [Relation, Relation] => {
    const sum = sumOf(one)
    const over = S.window(sum, { ...whole, partition: [one.key] })
    const shape = {
      _tag: "Record",
      keys: ["k", "s"],
      parts: [
        { _tag: "Cell", index: 0 },
        { _tag: "Cell", index: 1 }
      ],
      presence: null,
      prototype: null
    } as const
    const grouped = R.project(R.group(one.relation, [one.key]), [one.key, sum], shape)
    const rows = R.project(one.relation, [one.key, one.value], shape)
    const left = { _tag: "DerivedSource", query: rows } as const
    const right = { _tag: "DerivedSource", query: grouped } as const
    const refs = (alias: string, source: typeof left) => [
      S.ref(alias, source, ["k"], T.integer),
      S.ref(alias, source, ["s"], alias === "sums" ? T.safeInteger : T.integer)
    ]
    const [k, v] = refs("rows", left)
    const [g, s] = refs("sums", right)
    const joined = R.join("inner", R.derived(left, "rows"), R.derived(right, "sums"), equal(k!, g!))
    return [selected(one.relation, [one.key, one.value, over]), selected(joined, [k!, v!, s!])]
  }

const holds =
  (sides: (one: Case) => readonly [Relation, Relation]) =>
  (one: Case): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

const hand = handParts(0)
const column = (at: number): Scalar => hand.all[at]!
const example: Case = { ...hand, key: column(0), value: column(0) }

describe("L15 windows", () => {
  test("row_number over a total order counts from 1", () => upheld(cases, holds(enumerates), 1000))
  test("a sum over a partition is the grouped sum, joined", () =>
    upheld(cases, holds(joins(same)), 1000))

  test.each(Object.entries(connections))(
    "on %s",
    async (dialect, open) => {
      const ordinary = dialect === "sqlite" ? 300 : 80
      await onServer(cases, enumerates, async () => open(), ordinary)
      await onServer(cases, joins(same), async () => open(), ordinary)
    },
    timeFor(120_000)
  )

  test("twin: rows without a key have no sum", () => {
    caught("join by =", cases, holds(joins((a, b) => S.compare("eq", a, b, T.boolean))), [example])
  })

  test("twin: the rank is the number of the row", () => {
    caught(
      "rank for row_number",
      cases,
      holds((one) => {
        const tied = { ...totally(one), order: [one.value], directions: [ascending] }
        return [
          enumerates(one)[1],
          selected(one.relation, [one.key, S.window(S.windowCall("rank", [], T.count), tied)])
        ]
      }),
      [example]
    )
  })
})
