import { OutsideMeaning } from "../oracle/Value.ts"
import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import {
  type Bags,
  bags,
  columnsOf,
  handBags,
  type Part,
  partOf,
  rowsOfPart
} from "./support/bags.ts"
import { sqlite } from "./support/connections.ts"
import { compared } from "./support/hand.ts"
import { caught, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
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

const ascending: R.Direction = { direction: "asc", nulls: "first" }

/** The rows of a query by all of its columns. */
const sortedRows = (one: Bags, { relation }: Part = one.a): Relation => {
  const columns = columnsOf(one.a)
  return R.order(
    selected(relation, columns),
    columns,
    columns.map(() => ascending)
  )
}

/** The rows whose number among those alike in the first column is one, the columns alone. */
const numberedFirst = (one: Bags, partition: ReadonlyArray<Scalar>): Relation => {
  const columns = columnsOf(one.a)
  const number = S.window(S.windowCall("rowNumber", [], T.count), {
    partition,
    order: columns,
    directions: columns.map(() => ascending),
    frame: null,
    offsets: [],
    name: null
  })
  const part = partOf(one.home, selected(one.a.relation, [...columns, number]))
  const given = columnsOf(part)
  return selected(
    R.filter(part.relation, S.compare("eq", given.at(-1)!, S.bound(1, T.count), T.boolean)),
    given.slice(0, -1)
  )
}

const firsts: Readonly<Record<string, Sides>> = {
  "distinct on all columns = distinct": (one) => [
    R.distinctOn(sortedRows(one), columnsOf(one.a).length),
    R.distinct(rowsOfPart(one.a))
  ],
  "distinct on no column = the first row": (one) => [
    R.distinctOn(sortedRows(one), 0),
    R.slice(sortedRows(one), S.bound(1, T.count), null)
  ],
  "distinct on the first column = the rows numbered one": (one) => [
    R.distinctOn(sortedRows(one), 1),
    numberedFirst(one, columnsOf(one.a).slice(0, 1))
  ]
}

const holds =
  (sides: Sides) =>
  (one: Bags): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

/** Rows that are alike have no numbers of their own: only bags without them are drawn. */
const means =
  (sides: Sides) =>
  (one: Bags): boolean => {
    try {
      holds(sides)(one)
      return true
    } catch (error) {
      if (error instanceof OutsideMeaning) return false
      throw error
    }
  }

describe("L6 bags are a monoid", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(bags, holds(sides), 1000))
  test.for(Object.entries(laws))("%s, on SQLite", ([, sides]) =>
    onServer(bags, sides, async () => sqlite(), 100)
  )

  test.for(Object.entries(firsts))("%s", ([, sides]) =>
    upheld(bags.filter(means(sides)), holds(sides), 1000)
  )
  test.for(Object.entries(firsts))("%s, on SQLite", ([, sides]) =>
    onServer(bags, sides, async () => sqlite(), 100)
  )

  test("twin: rows without a key are each the first of their own", () => {
    caught(
      "NULLs that are not alike",
      bags,
      holds((one) => {
        const [key] = columnsOf(one.a)
        const without = R.filter(one.a.relation, S.isNull(key!, T.boolean))
        const rest = R.filter(one.a.relation, S.not(S.isNull(key!, T.boolean), T.boolean))
        const lone = { ...one.a, relation: without }
        return [
          R.distinctOn(sortedRows(one), 1),
          all(R.distinctOn(sortedRows(one, { ...one.a, relation: rest }), 1), rowsOfPart(lone))
        ]
      }),
      [handBags((a) => compared(columnsOf(a)[0]!, "gt", 0), 10)]
    )
  })

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
