import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { type Bags, bags, columnsOf, handBags, rowsOfPart } from "./support/bags.ts"
import { mariadb, postgres, sqlite } from "./support/connections.ts"
import { compared } from "./support/hand.ts"
import { caught, timeFor, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { onServer } from "./support/sameOnSqlite.ts"

type Sides = (one: Bags) => readonly [Relation, Relation]

const met = ({ a, b }: Bags): Scalar =>
  S.compare("eq", columnsOf(a)[0]!, columnsOf(b)[0]!, T.boolean)
const theirs = (one: Bags): Relation => rowsOfPart(one.b, met(one))
const has = (one: Bags): Scalar => S.exists(theirs(one), T.boolean)
const hasNot = (one: Bags): Scalar => S.not(has(one), T.boolean)

const laws: Readonly<Record<string, Sides>> = {
  "exists and its negation part the rows": (one) => [
    R.combine("unionAll", [rowsOfPart(one.a, has(one)), rowsOfPart(one.a, hasNot(one))]),
    rowsOfPart(one.a)
  ],
  "exists = a count above zero": (one) => {
    const counted = selected(R.group(R.filter(one.b.relation, met(one)), []), [
      S.aggregate("count", [], false, T.count)
    ])
    const some = S.compare("gt", S.subquery(counted, T.count), S.bound(0, T.count), T.boolean)
    return [rowsOfPart(one.a, has(one)), rowsOfPart(one.a, some)]
  },
  "exists = in, where nobody asks for NULL": (one) => [
    rowsOfPart(one.a, has(one)),
    rowsOfPart(
      one.a,
      S.inQuery(columnsOf(one.a)[0]!, selected(one.b.relation, [columnsOf(one.b)[0]!]), T.boolean)
    )
  ]
}

const holds =
  (sides: Sides) =>
  (one: Bags): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

const positive = (a: Bags["a"]): Scalar => compared(columnsOf(a)[0]!, "gt", 0)

describe("L11 semijoin", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(bags, holds(sides), 1000))
  test.for(Object.entries(laws))("%s, on SQLite", ([, sides]) =>
    onServer(bags, sides, async () => sqlite(), 100)
  )

  const parts = laws["exists and its negation part the rows"]!
  test(
    "exists parts the rows, on PostgreSQL",
    () => onServer(bags, parts, postgres, 60),
    timeFor(60_000)
  )
  test(
    "exists parts the rows, on MariaDB",
    () => onServer(bags, parts, mariadb, 60),
    timeFor(60_000)
  )

  test("twin: a semijoin is a join whose other columns nobody asks for", () => {
    caught(
      "exists as join",
      bags,
      holds((one) => [
        rowsOfPart(one.a, has(one)),
        selected(R.join("inner", one.a.relation, one.b.relation, met(one)), columnsOf(one.a))
      ]),
      [handBags(positive, 0)]
    )
  })

  test("twin: what is not in a query is what no row of it equals", () => {
    caught(
      "not in as not exists",
      bags,
      holds((one) => {
        const list = selected(one.b.relation, [columnsOf(one.b)[0]!])
        const isIn = S.inQuery(columnsOf(one.a)[0]!, list, T.boolean)
        return [rowsOfPart(one.a, hasNot(one)), rowsOfPart(one.a, S.not(isIn, T.boolean))]
      }),
      [handBags(positive, 0), handBags(positive, 1)]
    )
  })
})
