import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Direction, Relation } from "../../src/algebra/Relation.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import { sameBag } from "./support/canonical.ts"
import { type Known, knownAs } from "./support/context.ts"
import { column, handParts, handSide } from "./support/hand.ts"
import { drawn, many } from "./support/draw.ts"
import { caught, upheld } from "./support/law.ts"
import { record, rowsOf, sameRows, selected } from "./support/meaning.ts"
import { type Parts, partsOf } from "./support/parts.ts"
import { direction } from "./support/queries.ts"
import { scalar } from "./support/scalars.ts"
import { anySort } from "./support/fields.ts"
import { onSqliteInOrder } from "./support/sameOnSqlite.ts"

interface Case extends Parts {
  readonly keys: ReadonlyArray<Scalar>
  readonly directions: ReadonlyArray<Direction>
}

const cases = drawn((draw): Case => {
  const parts = partsOf(draw)
  const keys = many(draw, "sortKey", 1, 3, () =>
    scalar(draw, parts.context, anySort(draw, parts.home), 1)
  )
  return { ...parts, keys, directions: keys.map(() => direction(draw)) }
})

/** The keys first, so that the order can be read off the rows; then everything else. */
const fields = ({ all, keys }: Case): ReadonlyArray<Scalar> => [...keys, ...all]
const unsorted = (one: Case): Relation => selected(one.relation, fields(one))
const sorted = (one: Case, directions = one.directions): Relation =>
  R.order(unsorted(one), one.keys, directions)

const rank = (value: unknown): ReadonlyArray<number> =>
  typeof value === "string" ? Array.from(value, (char) => char.codePointAt(0)!) : [Number(value)]

/** The comparison a sort promises, written apart from the meaning. */
const inOrder = (a: unknown, b: unknown, { direction, nulls }: Direction): number => {
  if (a === null || b === null) return a === b ? 0 : (a === null) === (nulls === "first") ? -1 : 1
  const [left, right] = [rank(a), rank(b)]
  const at = left.findIndex((one, i) => one !== right[i])
  const order =
    at < 0 ? left.length - right.length : at >= right.length ? 1 : left[at]! - right[at]!
  return direction === "asc" ? order : -order
}

const isSorted = (rows: ReadonlyArray<unknown>, directions: ReadonlyArray<Direction>): boolean =>
  rows.every((row, i) => {
    if (i === 0) return true
    const before = rows[i - 1] as Record<string, unknown>
    const here = row as Record<string, unknown>
    const orders = directions.map((one, k) => inOrder(before[`c${k}`], here[`c${k}`], one))
    return (orders.find((order) => order !== 0) ?? 0) <= 0
  })

const rows = (query: Relation, { database, home }: Case) => rowsOf(query, database, home.parameters)

/** The rows of a query used as a table. */
const derived = (one: Case, query: Relation): Relation => {
  const known: Known = knownAs(
    { ...one.home, aliases: one.home.aliases + 100 },
    { _tag: "DerivedSource", query }
  )
  const columns = known.leaves.filter(({ node }) => node._tag === "Ref").map(({ node }) => node)
  return R.project(
    R.derived(known.source as { _tag: "DerivedSource"; query: Relation }, known.alias),
    columns,
    record(columns)
  )
}

const table = handParts(0)
const side = handSide(0)
const examples: ReadonlyArray<Case> = [
  { ...table, keys: [column(side, 1)], directions: [{ direction: "asc", nulls: "last" }] },
  {
    ...table,
    keys: [column(side, 3), column(side, 1)],
    directions: ["desc", "asc"].map((direction) => ({
      direction: direction as "asc" | "desc",
      nulls: "first"
    }))
  }
]

describe("L9 order", () => {
  test("the rows are the same, and sorted, NULLs where they were asked for", () => {
    upheld(cases, (one) => {
      const found = rows(sorted(one), one)
      return sameBag(found, rows(unsorted(one), one)) && isSorted(found, one.directions)
    })
  })

  test("an order inside a subquery without a limit means nothing", () => {
    upheld(cases, (one) =>
      sameRows(
        derived(one, sorted(one)),
        derived(one, unsorted(one)),
        one.database,
        one.home.parameters
      )
    )
  })

  test("on SQLite", () => onSqliteInOrder(cases, (one) => sorted(one)))
  test("on SQLite, inside a subquery", () =>
    onSqliteInOrder(cases, (one) => derived(one, sorted(one))))

  test("twin: NULL is the smallest value whatever was asked", () => {
    caught(
      "nulls follow the direction",
      cases,
      (one) => {
        const natural = one.directions.map(({ direction }): Direction => ({
          direction,
          nulls: direction === "asc" ? "first" : "last"
        }))
        return isSorted(rows(sorted(one, natural), one), one.directions)
      },
      examples
    )
  })

  test("twin: only the first key counts", () => {
    caught(
      "first key only",
      cases,
      (one) =>
        isSorted(
          rows(R.order(unsorted(one), one.keys.slice(0, 1), one.directions.slice(0, 1)), one),
          one.directions
        ),
      examples
    )
  })
})
