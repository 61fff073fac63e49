import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { dialects, engines, refusalOf, textOf, useDatabase } from "./support.ts"

const words = Table.make("words", { id: Column.id(), n: Column.integer().nullable() })
const { id, n } = words.c
const from = Query.from(words)
const count = 200

/** How often a dialect's text draws. */
const draws = (text: string): number => text.match(/\b(random|rand)\(\)/g)?.length ?? 0

/** Drawn values, and how often each of them is drawn for a row. */
const drawn = {
  bare: [Fn.random(), 1],
  sum: [Fn.random().add(Fn.random()), 2],
  most: [Fn.greatest(Fn.random(), 0.5), 1],
  mostOf: [Fn.greatest(Fn.random(), n, 0.25), 1],
  leastOf: [Fn.least(Fn.random().add(n).mul(2), Fn.random()), 2],
  mostText: [Fn.greatest(Fn.random().sub(n), Fn.abs(Fn.random().mul(-1))), 2],
  floor: [Fn.floor(Fn.random().mul(6)), 1],
  cased: [Expr.when(Fn.random().lt(0.5), 1).else(0), 1],
  between: [Fn.random().between(0.25, 0.75), 1],
  among: [Fn.floor(Fn.random().mul(6)).cast(Type.integer).in([1, 2, 3]), 1],
  kept: [Fn.random().coalesce(0.5), 1]
} as const

/** Functions said by more than one use of what they are given: of a drawn value none is said. */
const refusedSomewhere = {
  round: Fn.round(Fn.random()),
  power: Fn.power(Fn.random(), 2),
  ofQuery: Fn.greatest(Query.select(Fn.random()).scalar(), 0.5)
} as const

describe.each(engines)("random and now on %s", (engine) => {
  const { all, failure, fill, run } = useDatabase(engine, { words })

  test("what is drawn is drawn as often as it is said, neither more nor less [F59.6]", async () => {
    await fill(
      "words",
      Array.from({ length: count }, (_, i) => ({ n: i % 10 === 0 ? null : i }))
    )
    for (const [name, [value, times]] of Object.entries(drawn)) {
      expect(draws(textOf(from.select({ value }), engine)), name).toBe(times)
      expect(await all(from.select({ value })), name).toHaveLength(count)
      const where = from.where(Expr.or(value.isNull(), id.gt(0))).select({ id })
      expect(draws(textOf(where, engine)), name).toBe(times)
    }
    // One node twice is drawn twice; two equal ones are not one.
    const one = Fn.random()
    const twice = await all(from.select({ a: one, b: one, c: Fn.random() }))
    expect(new Set(twice.flatMap((row) => Object.values(row))).size).toBe(count * 3)
    // A condition that is decided without it keeps it.
    const decided = from.where(Expr.or(Expr.and(), Fn.random().lt(0.5))).select({ id })
    expect(draws(textOf(decided, engine))).toBe(1)
    expect(await all(decided)).toHaveLength(count)
    const both = from.where(Fn.random().lt(0.5)).where(Fn.random().lt(0.5)).select({ id })
    expect(draws(textOf(both, engine))).toBe(2)
    const of = await all(
      from.select({ most: Fn.greatest(Fn.random(), n), least: Fn.least(n, Fn.random()), n })
    )
    for (const { least, most, n: given } of of) {
      if (given === null) expect([least, most]).toEqual([null, null])
      else {
        expect(most).toBe(given)
        expect(least! >= 0 && least! < 1).toBe(true)
      }
    }
    for (const [name, value] of Object.entries(refusedSomewhere)) {
      const query = from.select({ value })
      try {
        expect(draws(textOf(query, engine)), name).toBe(1)
      } catch {
        expect(refusalOf(query, engine).capability, name).toMatch(/round|power|greatest/)
      }
    }
  })

  test("a value drawn in a part of a statement is one value in the rest [F59.6]", async () => {
    const r = Fn.random()
    const parts = {
      derived: from.select({ id, r }).as("part"),
      named: from.select({ id, r }).cte("part"),
      under: Query.from(from.select({ id, r }).as("under")).where(Expr.and()).as("part"),
      united: from
        .select({ id, r })
        .unionAll(from.where(id.lt(0)).select({ id, r }))
        .as("part"),
      computed: from.select({ id, r: r.mul(2).sub(r) }).as("part"),
      inside: from.select({ id, r: Query.select(Fn.random()).scalar().coalesce(0) }).as("part")
    }
    for (const [name, one] of Object.entries(parts)) {
      const part = one as unknown as typeof parts.derived
      const { c } = part
      const used = Query.from(part)
        .where(c.r.lt(0.5))
        .select({ a: c.r, b: c.r, c: c.r.add(0), d: c.r.gte(0.5) })
      const rows = await all(used)
      expect(rows.length, name).toBeGreaterThan(0)
      for (const row of rows) expect([row.b, row.c, row.d], name).toEqual([row.a, row.a, false])
      const joined = Query.from(words)
        .leftJoin(part, c.id.eq(id))
        .select({ a: c.r, b: c.r, present: c.r.isNotNull() })
      for (const { a, b } of await all(joined)) expect(b, name).toBe(a)
      const grouped = Query.from(part)
        .groupBy(c.r)
        .select({ a: c.r, b: Fn.max(c.r), n: Fn.count() })
      for (const row of await all(grouped)) expect(row, name).toMatchObject({ b: row.a, n: 1 })
    }
    // The rows a condition draws are the same rows beside every other one.
    const chosen = from.where(Fn.random().lt(0.5)).select({ id }).as("chosen")
    const few = Query.from(words)
      .where(id.lte(10))
      .join(chosen, chosen.c.id.gt(id.mul(0)))
      .select({ id, chosen: chosen.c.id })
    const beside = Map.groupBy(await all(few), (row) => row.id)
    const sets = [...beside.values()].map((found) =>
      found
        .map((row) => row.chosen)
        .toSorted((x, y) => x - y)
        .join()
    )
    expect(new Set(sets).size).toBe(1)
    // Named twice, it is one; where the server asks for it each time, that is refused.
    const cte = from.select({ id, r }).cte("drawn")
    const again = Query.alias(cte, "again")
    const both = Query.from(cte).join(again, again.c.id.eq(cte.c.id))
    const pairs = Database.all(both.select({ a: cte.c.r, b: again.c.r }))
    if (engine === "mariadb")
      expect(await failure(pairs)).toMatchObject({
        _tag: "Unsupported",
        capability: "materializedHint"
      })
    else for (const { a, b } of await run(pairs)) expect(b).toBe(a)
    const unhinted = from.select({ id, r }).cte("drawn", { materialized: false })
    const used = Query.from(unhinted).select({ a: unhinted.c.r, b: unhinted.c.r.mul(1) })
    for (const { a, b } of await all(used)) expect(b).toBe(a)
    // The clock stands still for a statement, wherever it is said.
    const late = from.select({ id, at: Fn.now() }).as("late")
    const times = await all(
      Query.from(late).where(late.c.at.lte(Fn.now())).select({ a: late.c.at, b: Fn.now() })
    )
    expect(times).toHaveLength(count)
    for (const { a, b } of times) expect(b).toEqual(a)
  })

  test("a function of one's own that draws is drawn once, too", async () => {
    const rolled = Fn.define("rolled", {
      args: [],
      result: Type.double,
      print: { sqlite: "random", postgres: "random", default: "rand" }
    })
    const dice = from.select({ id, r: rolled() }).as("dice")
    const used = Query.from(dice).select({ a: dice.c.r, b: dice.c.r })
    for (const { a, b } of await all(used)) expect(b).toBe(a)
    const named = Expr.call({ sqlite: "random", postgres: "random", mariadb: "rand" }, Type.double)
    const called = from.select({ id, r: named }).as("called")
    for (const row of await all(Query.from(called).select({ a: called.c.r, b: called.c.r })))
      expect(row.b).toBe(row.a)
  })
})

describe("drawn values as printed for sqlite, postgres, mariadb and mysql", () => {
  test("each dialect draws as often as it is told", () => {
    for (const dialect of dialects)
      for (const [name, [value, times]] of Object.entries(drawn))
        expect(draws(textOf(from.select({ value }), dialect)), `${dialect} ${name}`).toBe(times)
  })
})
