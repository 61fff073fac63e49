import { afterAll, describe, expect, test } from "vitest"
import type { DialectName } from "../../src/algebra/Dialect.ts"
import { rewriteTree } from "../../src/algebra/fold.ts"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { FunctionName, Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { answer } from "../oracle/query.ts"
import { OutsideMeaning } from "../oracle/Value.ts"
import { inClasses } from "./support/canonical.ts"
import { connections, sqlite } from "./support/connections.ts"
import { chance, type Draw, drawn, pick } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { drawnCalls, isOn, signatures } from "./support/functions.ts"
import { caughtOn, timeFor, upheldOn } from "./support/law.ts"
import { type Connection, give } from "./support/Runner.ts"
import { type Sort, typeOf, valueOf } from "./support/sorts.ts"
import { worldOf } from "./support/statements.ts"
import { selected } from "./support/meaning.ts"

const doubles = [0.5, -0.5, 1.5, -2.5, 2.675, 0.49999999999999994, -1e15, 12_345.678]

const value = (draw: Draw, sort: Sort): unknown =>
  draw.below(8) === 7
    ? null
    : sort === "double" && chance(draw, 2)
      ? pick(draw, doubles)
      : sort === "text" && chance(draw, 3)
        ? pick(draw, ["  a b ", "aXbXc", "é😀é", "abcdefg", "😀"])
        : valueOf(draw, sort)

/** Calls of one function over values, drawn for many functions at once. */
const casesOn = (dialect: DialectName) => {
  const names = [...signatures.keys()].filter((name) => isOn(name, dialect))
  return drawn((draw): ReadonlyArray<Scalar> =>
    [...Array(6).keys()].flatMap(() =>
      drawnCalls(draw, pick(draw, names), (sort) => S.bound(value(draw, sort), typeOf[sort]))
    )
  )
}

const nobody = new Map()

/** The calls that have a meaning, as one row. */
const row = (calls: ReadonlyArray<Scalar>, dialect: Connection["dialect"]): R.Relation | null => {
  const meant = calls.filter((call) => {
    try {
      answer(selected(R.unit, [call]), worldOf(nobody, {}, dialect))
      return true
    } catch (error) {
      if (error instanceof OutsideMeaning) return false
      throw error
    }
  })
  return meant.length === 0 ? null : selected(R.unit, meant)
}

describe.each(Object.entries(connections))("functions on %s", (_, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "a function's value is its meaning, or it is refused",
    async () => {
      connection = await open()
      const counts = new Map<FunctionName, number>([...signatures.keys()].map((name) => [name, 0]))
      const to = connection
      await upheldOn(
        casesOn(to.dialect),
        async (calls) => {
          const query = row(calls, to.dialect)
          if (query === null) return true
          const given = await give(to, query, {}).catch((error: Error) => error)
          const classes = answer(query, worldOf(nobody, {}, to.dialect))
          if (given instanceof Error || given._tag === "Refusal" || !inClasses(given.rows, classes))
            throw mismatch(to, query, {}, nobody, classes.flat(), given)
          for (const { name } of (query as R.Project).fields as ReadonlyArray<S.Call>)
            counts.set(name, counts.get(name)! + 1)
          return true
        },
        900
      )
      const asked = [...counts].filter(([name]) => isOn(name, to.dialect))
      const rare = asked.toSorted(([, a], [, b]) => a - b).slice(0, 5)
      console.log(`${asked.length} functions on ${to.dialect}, rarest: ${rare.join(" ")}`)
      expect(rare[0]![1]).toBeGreaterThanOrEqual(50)
    },
    timeFor(300_000)
  )
})

/** Months as somebody adds them who forgets that they end: 31 January goes on into March. */
const rolling = (query: R.Relation): R.Relation =>
  rewriteTree<R.Relation>(query, (node) =>
    node._tag === "Call" && node.name === "dateAdd.month" && node.type.sql._tag === "Date"
      ? S.raw(["date(", ", ", " || ' months')"], [node.args[0]!, node.args[1]!], node.type)
      : node
  )

test(
  "twin: months without ends",
  async () => {
    const connection = sqlite()
    const monthOf = (day: string, amount: number): Scalar =>
      S.call(
        "dateAdd.month",
        [S.cast(S.bound(day, T.text), T.date), S.bound(amount, T.integer)],
        T.date
      )
    const right = async (query: R.Relation, classes: ReadonlyArray<ReadonlyArray<unknown>>) => {
      const given = await give(connection, query, {})
      return given._tag === "Refusal" || inClasses(given.rows, classes)
    }
    await caughtOn(
      "dateAdd.month without the month's end",
      casesOn("sqlite"),
      async (calls) => {
        const query = row(calls, "sqlite")
        if (query === null) return true
        const classes = answer(query, worldOf(nobody, {}))
        return !(await right(query, classes)) || right(rolling(query), classes)
      },
      [[monthOf("2024-01-15", 1)], [monthOf("2024-03-28", -1)], [monthOf("2023-12-01", 2)]]
    )
    await connection.close()
  },
  timeFor(60_000)
)
