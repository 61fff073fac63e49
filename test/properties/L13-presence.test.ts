import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import type { RowShape } from "../../src/algebra/RowShape.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { type Home, newHome } from "./support/context.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import { drawn } from "./support/draw.ts"
import { caught, upheld } from "./support/law.ts"
import { rowsOf, sameRows, selected } from "./support/meaning.ts"
import { contextOf, nodesOf } from "./support/parts.ts"
import { onSqlite, onSqliteInOrder } from "./support/sameOnSqlite.ts"
import { condition } from "./support/scalars.ts"
import { source, type Sources } from "./support/sources.ts"
import { databaseOf } from "./support/tables.ts"

interface Case {
  readonly database: Database
  readonly home: Home
  readonly left: Sources
  readonly right: Sources
  readonly on: Scalar
}

const cases = drawn((draw): Case => {
  const database = databaseOf(draw)
  const home = newHome()
  const left = source(draw, home, [], 1)
  const right = source(draw, home, [], 1)
  const on = condition(draw, contextOf(home, [...left.known, ...right.known]), 2)
  return { database, home, left, right, on }
})

const columns = ({ left, right }: Case) => nodesOf([...left.known, ...right.known])
const joined =
  (kind: R.JoinKind) =>
  ({ left, on, right }: Case): Relation =>
    R.join(kind, left.relation, right.relation, on)
const presence = ({ right }: Case): Scalar => {
  const { alias, source } = right.known[0]!
  return S.presence(alias, source, [], T.boolean)
}

type Sides = (one: Case) => readonly [Relation, Relation]

const present: Sides = (one) => [
  selected(R.filter(joined("left")(one), presence(one)), columns(one)),
  selected(joined("inner")(one), columns(one))
]
const absent: Sides = (one) => [
  selected(R.filter(joined("left")(one), S.not(presence(one), T.boolean)), [
    S.constant(1, T.integer)
  ]),
  selected(
    R.filter(
      one.left.relation,
      S.not(
        S.exists(selected(R.filter(one.right.relation, one.on), [presence(one)]), T.boolean),
        T.boolean
      )
    ),
    [S.constant(1, T.integer)]
  )
]

/** The right side as a nested record, null where it is absent. */
const nested = (one: Case, kind: R.JoinKind): Relation => {
  const cells = nodesOf(one.right.known).filter(({ _tag }) => _tag === "Ref")
  const inner: RowShape = {
    _tag: "Record",
    keys: cells.map((_, i) => `c${i}`),
    parts: cells.map((_, index) => ({ _tag: "Cell", index })),
    presence: cells.length,
    prototype: null
  }
  return R.project(joined(kind)(one), [...cells, presence(one)], {
    _tag: "Record",
    keys: ["right"],
    parts: [inner],
    presence: null,
    prototype: null
  })
}

const records = (one: Case, kind: R.JoinKind): ReadonlyArray<{ readonly right: object | null }> =>
  rowsOf(nested(one, kind), one.database, one.home.parameters) as ReadonlyArray<{
    readonly right: object | null
  }>

const holds =
  (sides: Sides) =>
  (one: Case): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

const [alpha, beta] = [handSide(0), handSide(1)]
const examples: ReadonlyArray<Case> = [
  {
    database: handDatabase,
    home: newHome(),
    left: { known: [alpha], relation: alpha.relation },
    right: { known: [beta], relation: beta.relation },
    on: compared(column(beta, 1), "eq", column(alpha, 0))
  }
]

describe("L13 presence", () => {
  test("the present rows of a left join are the inner join", () => upheld(cases, holds(present)))
  test("the absent rows of a left join are the left rows that meet nothing", () =>
    upheld(cases, holds(absent)))

  test("a record is null exactly where its row is absent, and a row of NULLs is a record", () => {
    let allNull = 0
    upheld(cases, (one) => {
      const rows = records(one, "left")
      allNull += rows.filter(
        ({ right }) => right !== null && Object.values(right).every((cell) => cell === null)
      ).length
      return rows.filter(({ right }) => right !== null).length === records(one, "inner").length
    })
    console.log(`L13 met ${allNull} present rows of NULLs only`)
    if (allNull === 0) throw new Error("no present row of NULLs was met")
  })

  test("on SQLite: present", () => onSqlite(cases, present))
  test("on SQLite: absent", () => onSqlite(cases, absent))
  test("on SQLite: records", () => onSqliteInOrder(cases, (one) => nested(one, "left")))

  test("twin: a row is present where one of its columns is not NULL", () => {
    caught(
      "presence by some column",
      cases,
      (one) => {
        const some = S.or(
          nodesOf(one.right.known)
            .filter(({ _tag }) => _tag === "Ref")
            .map((node) => S.not(S.isNull(node, T.boolean), T.boolean)),
          T.boolean
        )
        return sameRows(
          selected(R.filter(joined("left")(one), some), columns(one)),
          present(one)[1],
          one.database,
          one.home.parameters
        )
      },
      examples
    )
  })
})
