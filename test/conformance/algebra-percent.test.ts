import { Column, Database, Expr, Query, StatementError, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, expectSql, useDatabase } from "./support.ts"

const scores = Table.make("scores", {
  id: Column.integer().primaryKey(),
  points: Column.integer(),
  team: Column.text()
})
const { id, points, team } = scores.c
const from = Query.from(scores)
const best = from.orderBy(points.desc(), id).select(id)

describe.each(engines)("the first rows by their share on %s", (engine) => {
  const { agrees, all, fill, run } = useDatabase(engine, { scores })

  test("are so many hundredths of the rows, rounded up [F68.5]", async () => {
    await fill(
      "scores",
      Array.from({ length: 7 }, (_, i) => ({
        id: i + 1,
        points: [9, 9, 8, 8, 8, 2, 1][i]!,
        team: i % 2 === 0 ? "a" : "b"
      }))
    )
    const counts: Record<number, number> = { 0: 0, 1: 1, 14: 1, 15: 2, 28.5: 2, 29: 3, 50: 4 }
    for (const [part, count] of [...Object.entries(counts), ["99.9", 7], ["100", 7]] as const) {
      const rows = await agrees(best.limit(Number(part), { percent: true }))
      expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7].slice(0, count))
    }
    // Rows that sort as the last one are more than the share.
    const tied = from.orderBy(points.desc()).select(id)
    expect(await agrees(tied.limit(40, { percent: true, ties: true }))).toHaveLength(5)
    expect(await agrees(tied.limit(20, { percent: true, ties: true }))).toHaveLength(2)
    // Of what is left, whatever it is.
    expect(await agrees(best.where(team.eq("a")).limit(50, { percent: true }))).toEqual([1, 3])
    expect(await agrees(best.offset(1).limit(50, { percent: true }))).toEqual([2, 3, 4])
    expect(await agrees(best.limit(50, { percent: true }).offset(1).limit(2))).toEqual([2, 3])
    expect(await agrees(best.limit(4).limit(50, { percent: true }))).toEqual([1, 2])
    expect(await agrees(best.where(id.gt(9)).limit(50, { percent: true }))).toEqual([])
    // Of groups, of distinct rows, of a set operation, of none of them sorted.
    const teams = from.groupBy(team).orderBy(team).select(team)
    expect(await agrees(teams.limit(50, { percent: true }))).toEqual(["a"])
    const distinct = from.select(points).distinct().orderBy(points)
    expect(await agrees(distinct.limit(50, { percent: true }))).toEqual([1, 2])
    const both = from.select(id).unionAll(from.select(id))
    expect(await all(both.limit(50, { percent: true }))).toHaveLength(7)
    // In a subquery, with a projection of its own after it, by a named part.
    const upper = best.limit(30, { percent: true })
    const others = Query.alias(scores, "others")
    const found = Query.from(others).where(others.c.id.in(upper)).orderBy(others.c.id)
    expect(await agrees(found.select(others.c.id))).toEqual([1, 2, 3])
    expect(await agrees(upper.select({ team }))).toEqual([
      { team: "a" },
      { team: "b" },
      { team: "a" }
    ])
    const part = Expr.param("part", Type.double)
    const named = best.limit(part, { percent: true })
    expect(await run(Database.all(named, { part: 42.9 }))).toEqual([1, 2, 3, 4])
    expect(await run(Database.all(named, { part: 0 }))).toEqual([])
  })
})

test("printed for mysql without a clause of its own; a part that is none is refused", () => {
  for (const part of [-1, 101, NaN, "5"])
    expect(() => best.limit(part as number, { percent: true })).toThrow(StatementError)
  expect(() => from.limit(5, { percent: true, ties: true })).toThrow(StatementError)
  const text = (part: string, hundred = "100", last = "", first = "") =>
    "SELECT q1.c0 FROM (SELECT scores.points AS c1, scores.id AS c2, row_number() OVER (ORDER BY " +
    "scores.points DESC, scores.id) AS c3, count(*) OVER () AS c4, scores.id AS c0 " +
    `FROM scores) AS q1 WHERE (q1.c3 - 1) * ${hundred} < q1.c4 * ${part} ` +
    `ORDER BY q1.c1 DESC${last}, q1.c2${first}`
  expectSql(best.limit(10, { percent: true }), {
    sqlite: text("?"),
    postgres: text("$1::integer", "100::bigint", " NULLS LAST", " NULLS FIRST"),
    mysql: text("CAST(? AS SIGNED)"),
    mariadb: text("CAST(? AS SIGNED)")
  })
})
