import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { type Bags, bags, columnsOf, handBags, rowsOfPart } from "./support/bags.ts"
import { sqlite } from "./support/connections.ts"
import { compared } from "./support/hand.ts"
import { caught, upheld } from "./support/law.ts"
import { sameRows } from "./support/meaning.ts"
import { onServer } from "./support/sameOnSqlite.ts"

type Sides = (one: Bags) => readonly [Relation, Relation]

const all = (...parts: ReadonlyArray<Relation>): Relation => R.combine("unionAll", parts)
const union = (...parts: ReadonlyArray<Relation>): Relation => R.combine("union", parts)
const each = ({ a, b, c }: Bags) => [rowsOfPart(a), rowsOfPart(b), rowsOfPart(c)] as const

const laws: Readonly<Record<string, Sides>> = {
  "union all associates": (one) => {
    const [a, b, c] = each(one)
    return [all(all(a, b), c), all(a, all(b, c))]
  },
  "union all commutes": (one) => {
    const [a, b] = each(one)
    return [all(a, b), all(b, a)]
  },
  "no rows are its unit": (one) => {
    const [a] = each(one)
    return [all(a, rowsOfPart(one.b, S.constant(false, T.boolean))), a]
  },
  "a union a = distinct a": (one) => {
    const [a] = each(one)
    return [union(a, a), R.distinct(a)]
  },
  "a intersect a = distinct a": (one) => {
    const [a] = each(one)
    return [R.combine("intersect", [a, a]), R.distinct(a)]
  },
  "distinct of distinct = distinct": (one) => {
    const [a] = each(one)
    return [R.distinct(R.distinct(a)), R.distinct(a)]
  },
  "distinct of union all = union": (one) => {
    const [a, b] = each(one)
    return [R.distinct(all(a, b)), union(a, b)]
  }
}

const holds =
  (sides: Sides) =>
  (one: Bags): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

describe("L6 bags are a monoid", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(bags, holds(sides), 1000))
  test.for(Object.entries(laws))("%s, on SQLite", ([, sides]) =>
    onServer(bags, sides, async () => sqlite(), 100)
  )

  test("twin: a union of what is distinct needs no union", () => {
    caught(
      "distinct a ++ distinct b",
      bags,
      holds((one) => {
        const [a, b] = each(one)
        return [all(R.distinct(a), R.distinct(b)), union(a, b)]
      }),
      [handBags((a) => compared(columnsOf(a)[0]!, "gt", 0), 10)]
    )
  })
})
