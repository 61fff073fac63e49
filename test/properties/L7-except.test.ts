import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { CombineOperator, Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { type Bags, bags, columnsOf, handBags, rowsOfPart } from "./support/bags.ts"
import { mariadb, postgres, sqlite } from "./support/connections.ts"
import { compared } from "./support/hand.ts"
import { caught, timeFor, upheld } from "./support/law.ts"
import { sameRows } from "./support/meaning.ts"
import { onServer } from "./support/sameOnSqlite.ts"

type Sides = (one: Bags) => readonly [Relation, Relation]

const of =
  (op: CombineOperator) =>
  (...parts: ReadonlyArray<Relation>): Relation =>
    R.combine(op, parts)
const [all, except, exceptAll, intersectAll] = [
  of("unionAll"),
  of("except"),
  of("exceptAll"),
  of("intersectAll")
]
const none = ({ b }: Bags): Relation => rowsOfPart(b, S.constant(false, T.boolean))
const each = ({ a, b, c }: Bags) => [rowsOfPart(a), rowsOfPart(b), rowsOfPart(c)] as const

const laws: Readonly<Record<string, Sides>> = {
  "a - a = nothing": (one) => {
    const [a] = each(one)
    return [except(a, a), none(one)]
  },
  "a - nothing = distinct a": (one) => {
    const [a] = each(one)
    return [except(a, none(one)), R.distinct(a)]
  },
  "a -all a = nothing": (one) => {
    const [a] = each(one)
    return [exceptAll(a, a), none(one)]
  },
  "a = (a -all b) ++ (a intersect all b)": (one) => {
    const [a, b] = each(one)
    return [a, all(exceptAll(a, b), intersectAll(a, b))]
  },
  "a -all b -all c = a -all (b ++ c)": (one) => {
    const [a, b, c] = each(one)
    return [exceptAll(a, b, c), exceptAll(a, all(b, c))]
  },
  "intersect all commutes and associates": (one) => {
    const [a, b, c] = each(one)
    return [intersectAll(intersectAll(a, b), c), intersectAll(c, intersectAll(b, a))]
  },
  "(a ++ b) -all b = a": (one) => {
    const [a, b] = each(one)
    return [exceptAll(all(a, b), b), a]
  }
}

const holds =
  (sides: Sides) =>
  (one: Bags): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

describe("L7 except", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(bags, holds(sides), 1000))
  test.for(Object.entries(laws))("%s, on SQLite", ([, sides]) =>
    onServer(bags, sides, async () => sqlite(), 100)
  )

  const counts = laws["a = (a -all b) ++ (a intersect all b)"]!
  test("counts, on PostgreSQL", () => onServer(bags, counts, postgres, 60), timeFor(60_000))
  test("counts, on MariaDB", () => onServer(bags, counts, mariadb, 60), timeFor(60_000))

  test("twin: except all takes away every row the other has", () => {
    caught(
      "a -all b = a without b's rows",
      bags,
      holds((one) => {
        const [a, b] = each(one)
        const twice = all(a, a)
        return [exceptAll(twice, b), all(except(a, b), except(a, b))]
      }),
      [handBags((a) => compared(columnsOf(a)[0]!, "gt", 0), 10)]
    )
  })
})
