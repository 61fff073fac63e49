import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { column, compared, handParts, handSide } from "./support/hand.ts"
import { drawn } from "./support/draw.ts"
import { caught, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { conditionOver, type Parts, partsOf } from "./support/parts.ts"
import { onSqlite } from "./support/sameOnSqlite.ts"

interface Case extends Parts {
  readonly p: Scalar
  readonly r: Scalar
}

const cases = drawn((draw): Case => {
  const parts = partsOf(draw)
  return { ...parts, p: conditionOver(draw, parts), r: conditionOver(draw, parts) }
})

type Sides = (one: Case) => readonly [Relation, Relation]

const where = R.filter
const and = (...parts: ReadonlyArray<Scalar>): Scalar => S.and(parts, T.boolean)

const laws: Readonly<Record<string, Sides>> = {
  "where p (where r q) = where (r and p) q": ({ p, r, relation: q }) => [
    where(where(q, r), p),
    where(q, and(r, p))
  ],
  "where p (where r q) = where r (where p q)": ({ p, r, relation: q }) => [
    where(where(q, r), p),
    where(where(q, p), r)
  ],
  "where true q = q": ({ relation: q }) => [where(q, and()), q]
}

const both = ([a, b]: readonly [Relation, Relation], { all }: Case) =>
  [selected(a, all), selected(b, all)] as const

const holds =
  (sides: Sides) =>
  (one: Case): boolean => {
    const [a, b] = both(sides(one), one)
    return sameRows(a, b, one.database, one.home.parameters)
  }

const table = handParts(0)
const side = handSide(0)
const examples: ReadonlyArray<Case> = [
  { ...table, p: compared(column(side, 1), "gt", 1), r: compared(column(side, 2), "lt", 30) },
  { ...table, p: compared(column(side, 1), "eq", 1), r: compared(column(side, 2), "eq", 20) }
]

describe("L4 where-fusion", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(cases, holds(sides)))

  test.for(Object.entries(laws))("%s, on SQLite", ([, sides]) =>
    onSqlite(cases, (one) => both(sides(one), one))
  )

  test("twin: a former condition that is NULL does not count", () => {
    caught(
      "NULL and p = p",
      cases,
      holds(({ p, r, relation: q }) => [
        where(where(q, r), p),
        where(q, and(S.call("coalesce", [r, S.constant(true, T.boolean)], T.boolean), p))
      ]),
      examples
    )
  })

  test("twin: a condition above an outer join moves into it", () => {
    caught(
      "where p (join on c) = join on (c and p)",
      cases,
      holds(({ p, relation: q }) => [
        where(q, p),
        q._tag === "Join" ? R.join(q.kind, q.left, q.right, and(q.on, p)) : where(q, p)
      ]),
      examples
    )
  })
})
