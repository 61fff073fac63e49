import { describe, test } from "vitest"
import * as block from "../../src/algebra/block.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { canonical } from "./support/canonical.ts"
import { handParts } from "./support/hand.ts"
import { chance, drawn, many } from "./support/draw.ts"
import { caught, upheld } from "./support/law.ts"
import { rowsOf, sameRows, selected } from "./support/meaning.ts"
import { type Parts, partsOf } from "./support/parts.ts"
import { direction } from "./support/queries.ts"
import { onSqlite, onSqliteInOrder } from "./support/sameOnSqlite.ts"

type Call = { readonly clause: "limit" | "offset"; readonly count: number }

interface Case extends Parts {
  /** Every column, in an order that is total up to rows that are alike. */
  readonly sorted: Relation
  readonly calls: ReadonlyArray<Call>
}

const cases = drawn((draw): Case => {
  const parts = partsOf(draw)
  const directions = parts.all.map(() => direction(draw))
  const calls = many(draw, "call", 1, 4, (): Call => ({
    clause: chance(draw, 2) ? "offset" : "limit",
    count: draw.below(6)
  }))
  const projected = selected(parts.relation, parts.all)
  return {
    ...parts,
    sorted: parts.all.length === 0 ? projected : R.order(projected, parts.all, directions),
    calls
  }
})

const bound = (count: number): Scalar => S.bound(count, T.integer)

/** Each call a slice of the slice before. */
const nested = ({ calls, sorted }: Case): Relation =>
  calls.reduce(
    (self: Relation, { clause, count }) =>
      clause === "limit" ? R.slice(self, bound(count), null) : R.slice(self, null, bound(count)),
    sorted
  )

/** What a statement's `limit` and `offset` make. */
const built = ({ calls, sorted }: Case): Relation =>
  calls.reduce((self: Relation, { clause, count }) => block[clause](self, bound(count)), sorted)

interface Window {
  readonly offset: number
  readonly limit: number
}

const window = (calls: ReadonlyArray<Call>, next: (before: Window, call: Call) => Window): Window =>
  calls.reduce(next, { offset: 0, limit: Infinity })

/** (o1, n1) then (o2, n2) is (o1 + o2, max(0, min(n1 - o2, n2))). */
const lawful = ({ limit, offset }: Window, { clause, count }: Call): Window =>
  clause === "limit"
    ? { offset, limit: Math.min(limit, count) }
    : { offset: offset + count, limit: Math.max(0, limit - count) }

const sliced = ({ calls, sorted }: Case, next: typeof lawful): Relation => {
  const { limit, offset } = window(calls, next)
  return R.slice(sorted, limit === Infinity ? null : bound(limit), bound(offset))
}

const sameInOrder =
  (sides: (one: Case) => readonly [Relation, Relation]) =>
  (one: Case): boolean => {
    const [a, b] = sides(one).map((side) =>
      canonical(rowsOf(side, one.database, one.home.parameters))
    )
    return a === b
  }

/** A limit with ties by the first column alone, and the rows whose number is within it. */
const tied =
  (counting: "rank" | "denseRank") =>
  ({ all, calls, relation }: Case): readonly [Relation, Relation] => {
    const key = all[0] ?? S.constant(0, T.integer)
    const directions = [{ direction: "asc", nulls: "first" }] as const
    const count = bound(calls[0]!.count)
    const over = { partition: [], order: [key], directions, frame: null, offsets: [], name: null }
    const number = S.window(S.windowCall(counting, [], T.count), over)
    const fields = [key, ...all]
    const source = {
      _tag: "DerivedSource",
      query: selected(relation, [...fields, number])
    } as const
    const given = [...fields, number].map(({ type }, i) => S.ref("ranked", source, [`c${i}`], type))
    const within = S.compare("lte", given.at(-1)!, count, T.boolean)
    return [
      R.slice(R.order(selected(relation, fields), [key], directions), count, null, true),
      selected(R.filter(R.derived(source, "ranked"), within), given.slice(0, -1))
    ]
  }

const sameBags =
  (sides: (one: Case) => readonly [Relation, Relation]) =>
  (one: Case): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

const table = handParts(0)
const sortedTable = R.order(
  selected(table.relation, table.all),
  [table.all[0]!],
  [{ direction: "asc", nulls: "first" }]
)
const example = (...calls: ReadonlyArray<Call>): Case => ({ ...table, sorted: sortedTable, calls })
const limit = (count: number): Call => ({ clause: "limit", count })
const offset = (count: number): Call => ({ clause: "offset", count })

describe("L8 limit normal form", () => {
  test("a slice of a slice is one slice", () => {
    upheld(
      cases,
      sameInOrder((one) => [nested(one), sliced(one, lawful)])
    )
  })

  test("calls of limit and offset compose so", () => {
    upheld(
      cases,
      sameInOrder((one) => [nested(one), built(one)])
    )
  })

  test("a limit with ties is all that rank within it", () => {
    upheld(cases, sameBags(tied("rank")))
  })

  test("on SQLite, ties", () => onSqlite(cases, tied("rank")))

  test("twin: a limit with ties counts what sorts alike once", () => {
    caught("dense rank", cases, sameBags(tied("denseRank")), [example(limit(2)), example(limit(0))])
  })

  test("on SQLite, one slice", () => onSqliteInOrder(cases, (one) => sliced(one, lawful)))
  test("on SQLite, nested slices", () => onSqliteInOrder(cases, nested))
  test("on SQLite, composed calls", () => onSqliteInOrder(cases, built))

  test("twin: limits take the minimum and offsets add up", () => {
    caught(
      "min of limits, sum of offsets",
      cases,
      sameInOrder((one) => [
        nested(one),
        sliced(one, ({ limit, offset }, { clause, count }) =>
          clause === "limit"
            ? { offset, limit: Math.min(limit, count) }
            : { offset: offset + count, limit }
        )
      ]),
      [
        example(limit(2)),
        example(offset(1), limit(1)),
        example(limit(3), limit(2)),
        example(offset(1), offset(1))
      ]
    )
  })

  test("twin: the last limit wins", () => {
    caught(
      "last limit wins",
      cases,
      sameInOrder((one) => [
        nested(one),
        sliced(one, (before, call) =>
          call.clause === "limit" ? { ...before, limit: call.count } : lawful(before, call)
        )
      ]),
      [
        example(limit(2)),
        example(offset(1), limit(1)),
        example(limit(3), limit(2)),
        example(limit(2), offset(1))
      ]
    )
  })
})
