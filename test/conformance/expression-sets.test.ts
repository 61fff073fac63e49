import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import { StatementCache } from "athanor/compile"
import * as BigDecimal from "effect/BigDecimal"
import { describe, expect, test } from "vitest"
import { capabilities } from "../../src/compile/capabilities.ts"
import { dialects, engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const pairs = Table.make("pairs", {
  id: Column.id(),
  a: Column.integer().nullable(),
  s: Column.text().nullable()
})
const prices = Table.make("prices", { id: Column.id(), price: Column.numeric(10, 2) })
const others = Table.make("others", {
  id: Column.id(),
  x: Column.integer().nullable(),
  t: Column.text().nullable(),
  set: Column.integer()
})
const values = [null, 1, 2, 3]
const texts = [null, "x", "y"]
const decimal = BigDecimal.fromStringUnsafe

/** The negation of a condition that may be NULL, which the types refuse. */
const not = <R>(condition: Expr.Expr<boolean | null, R>) =>
  (condition as Expr.Expr<boolean, R>).not() as Expr.Expr<boolean | null, R>

const { a, id, s } = pairs.c
const { set, t, x } = others.c
const from = Query.from(pairs)
const both = Expr.tuple(a, s)

describe.each(engines)("sets on %s", (engine) => {
  const database = useDatabase(engine, { pairs, others, prices })
  const { agrees, all, failure, fill, run } = database

  test("tuples compare by the first pair that differs, NULL as the oracle [F53.1]", async () => {
    await fill(
      "pairs",
      values.flatMap((a) => texts.map((s) => ({ a, s })))
    )
    await fill("others", [
      ...values.flatMap((x) => texts.map((t) => ({ x, t, set: 1 }))),
      { x: 1, t: "x", set: 2 },
      { x: 3, t: "y", set: 2 },
      { x: 2, t: null, set: 3 },
      { x: null, t: null, set: 4 }
    ])
    const pair = [x, t] as const
    const rows = await agrees(
      from
        .join(others, set.eq(1))
        .select({
          eq: both.eq(pair),
          ne: both.ne(pair),
          lt: both.lt(pair),
          lte: both.lte(pair),
          gt: both.gt(pair),
          gte: both.gte(pair),
          same: both.same(pair),
          not: not(both.lt(pair)),
          value: both.gte([2, "x"])
        })
        .orderBy(id, others.c.id)
    )
    expect(rows).toHaveLength(144)
    await agrees(from.where(both.gt([1, "x"])).select({ id }))
    await agrees(from.where(both.eq([1, "x"]).isNull()).select({ id }))
    await agrees(from.where(both.lt([1, "x"]).isNull()).select({ id }))
    const given = ["1.25", "1.5", "1.5", "2"].map((one) => ({ price: decimal(one) }))
    await run(Database.run(Query.insert(prices).rows(given)))
    const priced = Expr.tuple(prices.c.price, prices.c.id)
    const cheaper = Query.from(prices)
      .where(priced.lt([decimal("1.5"), 3]))
      .select(prices.c.id)
    expect(new Set(await all(cheaper))).toEqual(new Set([1, 2]))
  })

  test("tuples are members of lists and of queries as wide [F44.4 F53.2]", async () => {
    const list = [
      [1, "x"],
      [3, "y"],
      [2, "it's"]
    ] as const
    await agrees(from.select({ id, in: both.in(list), not: not(both.in(list)) }).orderBy(id))
    await agrees(from.where(both.in(list)).select({ id }))
    await agrees(from.where(not(both.in([[1, "x"]]))).select({ id }))
    await agrees(from.where(both.in([[1, "x"]]).isNull()).select({ id }))
    await agrees(from.where(both.in(list).isNull()).select({ id }))
    expect(await agrees(from.where(both.in([])))).toEqual([])
    for (const one of [0, 1, 2, 3, 4]) {
      const rows = Query.from(others).where(set.eq(one)).select({ x, t })
      await agrees(from.select({ id, in: both.in(rows), not: not(both.in(rows)) }))
      await agrees(from.where(both.in(rows)).select({ id }))
      await agrees(from.where(both.in(rows).isNull()).select({ id }))
    }
    const many = Array.from({ length: 500 }, (_, i) => [i + 1, "x"] as const)
    expect(await agrees(from.where(both.in(many)).select(a).orderBy(a))).toEqual([1, 2, 3])
    const real = Expr.tuple(a.cast(Type.double), s)
    expect(await all(from.where(real.in([[1.0, "x"]])).select(id))).toHaveLength(1)
  })

  test("membership in a query run again is what it was the first time", async () => {
    for (const one of [0, 1, 2, 3, 4, 0, 2]) {
      const some = Query.from(others).where(set.eq(one)).select(x)
      await agrees(from.select({ id, in: a.in(some), not: not(a.in(some)) }).orderBy(id))
      await agrees(from.where(a.in(some)).select({ id }))
      await agrees(from.where(not(a.in(some))).select({ id }))
      await agrees(from.where(a.in(some).isNull()).select({ id }))
      const sorted = some.distinct().orderBy(x).limit(2)
      await agrees(from.where(not(a.in(sorted))).select({ id }))
      const united = some.union(Query.from(others).where(set.eq(3)).select(x))
      await agrees(from.select({ id, in: a.in(united) }))
      await agrees(from.select({ id, in: id.in(some) }))
    }
  })

  test("any and all of a query, none and NULL included [F52.1]", async () => {
    for (const one of [0, 1, 2, 3, 4]) {
      const some = Query.from(others).where(set.eq(one)).select(x)
      const [any, every] = [Expr.any(some), Expr.all(some)]
      await agrees(
        from
          .select({
            id,
            eqAny: a.eq(any),
            neAny: a.ne(any),
            ltAny: a.lt(any),
            lteAny: a.lte(any),
            gtAny: a.gt(any),
            gteAny: a.gte(any),
            eqAll: a.eq(every),
            neAll: a.ne(every),
            ltAll: a.lt(every),
            lteAll: a.lte(every),
            gtAll: a.gt(every),
            gteAll: a.gte(every),
            not: not(a.gt(any)),
            nor: not(a.eq(every))
          })
          .orderBy(id)
      )
      const words = Query.from(others).where(set.eq(one)).select(t)
      await agrees(from.where(s.gt(Expr.all(words))).select({ id }))
      const mine = Query.from(others)
        .correlate(pairs)
        .where(set.eq(one).and(x.eq(a)))
        .select(t)
      await agrees(from.where(s.gte(Expr.any(mine))).select({ id }))
    }
  })

  test("the many may stand on the left, the comparison turned [F52.2]", async () => {
    const some = Query.from(others).where(set.eq(2)).select(x)
    const turned = [
      [Expr.any(some).lt(a), a.gt(Expr.any(some))],
      [Expr.any(some).lte(a), a.gte(Expr.any(some))],
      [Expr.all(some).gt(a), a.lt(Expr.all(some))],
      [Expr.all(some).gte(a), a.lte(Expr.all(some))],
      [Expr.any(some).eq(a), a.eq(Expr.any(some))],
      [Expr.all(some).ne(a), a.ne(Expr.all(some))]
    ] as const
    for (const [left, right] of turned) {
      const rows = await agrees(from.select({ id, is: left }).orderBy(id))
      expect(await agrees(from.select({ id, is: right }).orderBy(id))).toEqual(rows)
    }
    expect(await all(Query.select(Expr.any(some).eq(3)))).toEqual([true])
  })

  test("any and all of what is drawn, which is drawn once [F52.1]", async () => {
    const drawn = Query.from(others).where(set.eq(2)).select(Fn.random())
    expect(await all(Query.select(Expr.any(drawn).ne(2)))).toEqual([true])
    expect(await all(Query.select(Expr.all(drawn).lt(0)))).toEqual([false])
  })

  test("any and all of a list are membership and its negation [F52.4]", async () => {
    const list = [1, 3]
    const [any, every] = [Expr.any(list, Type.integer), Expr.all(list, Type.integer)]
    await agrees(from.select({ id, any: a.eq(any), all: a.ne(every), not: not(a.eq(any)) }))
    const greater = from.where(a.gt(any)).select({ id })
    if (engine === "postgres") {
      await agrees(greater)
      await agrees(from.where(a.lte(every)).select({ id }))
      expect(textOf(greater, "postgres")).toContain("pairs.a > ANY($1)")
    } else {
      const error = await failure(Database.all(greater))
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "quantifiedList" })
    }
  })

  test("a named list is bound when it runs, empty and long ones too [F44.5]", async () => {
    const ids = Expr.paramList("ids", Type.integer)
    const query = from.where(a.in(ids)).select(a).distinct().orderBy(a)
    const asked = (ids: ReadonlyArray<number>) => run(Database.all(query, { ids }))
    expect(await asked([])).toEqual([])
    expect(await asked([1, 3])).toEqual([1, 3])
    expect(await asked(Array.from({ length: 70_000 }, (_, i) => i + 2))).toEqual([2, 3])
    const none = from.where(not(a.in(ids))).select(id)
    expect(await run(Database.all(none, { ids: [] }))).toHaveLength(12)
    expect(await run(Database.all(none, { ids: [1] }))).toHaveLength(6)
    const words = from
      .where(s.in(Expr.paramList("words", Type.text)))
      .select(s)
      .distinct()
    expect(await run(Database.all(words, { words: ["x", "X", "it's \\ \"é😀"] }))).toEqual(["x"])
    const bigs = Query.select(
      Expr.value(2n ** 62n + 1n, Type.bigint).in(Expr.paramList("l", Type.bigint))
    )
    expect(await run(Database.all(bigs, { l: [2n ** 62n] }))).toEqual([false])
    expect(await run(Database.all(bigs, { l: [2n ** 62n, 2n ** 62n + 1n] }))).toEqual([true])
    const real = Query.select(Expr.value(true, Type.boolean).in(Expr.paramList("l", Type.boolean)))
    expect(await run(Database.all(real, { l: [false] }))).toEqual([false])
    expect(await failure(Database.all(query, {} as never))).toMatchObject({
      _tag: "ParameterMissing",
      name: "ids"
    })
    for (const ids of [[null], "1", ["1"], 1, [1.5]]) {
      const error = await failure(Database.all(query, { ids } as never))
      expect(error).toMatchObject({ _tag: "EncodeFailed" })
    }
  })
})

describe("sets as printed for mysql", () => {
  const query = from
    .where(both.in([[1, "x"]]).and(both.lt([2, "y"])))
    .where(a.gt(Expr.any(Query.from(others).select(x))))
    .where(a.in(Expr.paramList("ids", Type.integer)))
    .select({ id })

  test("tuples, any and a named list [F44.4 F44.5 F52.1 F53.1 F53.2]", () => {
    const before =
      "SELECT pairs.id FROM pairs WHERE (pairs.a, pairs.s) IN ((?, ?), (?, ?)) AND (pairs.a < " +
      "? OR " +
      "pairs.a = ? AND pairs.s < ?) AND pairs.a > ANY (SELECT `others`.x AS c0 FROM `others`) AND "
    const list = "FROM JSON_TABLE(?, '$[*]' COLUMNS (v int PATH '$')) AS list)"
    expectSql(query, {
      sqlite:
        "SELECT pairs.id FROM pairs WHERE (pairs.a, pairs.s) IN (SELECT value ->> 0, value ->> 1 " +
        'FROM json_each(?)) AND (pairs.a, pairs.s) < (?, ?) AND EXISTS (SELECT 1 FROM "others") ' +
        'AND (pairs.a > (SELECT min("each".c0) AS c0 FROM (SELECT "others".x AS c0 FROM ' +
        '"others") ' +
        'AS "each") OR CASE WHEN EXISTS (SELECT 1 FROM (SELECT "others".x AS c0 FROM "others") ' +
        "AS " +
        '"each" WHERE "each".c0 IS NULL) THEN NULL ELSE FALSE END) AND pairs.a IN (SELECT value ' +
        "FROM json_each(?))",
      postgres:
        "SELECT pairs.id FROM pairs WHERE (pairs.a, pairs.s) IN (SELECT * FROM " +
        "unnest($1::integer[], $2::text[])) AND (pairs.a, pairs.s) < ($3::integer, $4::text) AND " +
        'pairs.a > ANY (SELECT "others".x AS c0 FROM "others") AND pairs.a = ANY($5)',
      mysql: `${before}pairs.a IN (SELECT v ${list}`,
      mariadb: `${before}(pairs.a, 1) IN (SELECT v, 1 ${list}`
    })
    const greater = from.where(a.gt(Expr.any([1], Type.integer)))
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(greater, dialect)).toMatchObject({ capability: "quantifiedList" })
  })

  test("tuples of other widths or types do not compile, nor are they built [F53.3 @all]", () => {
    const three = Query.from(others).select({ x, t, set })
    const turned = Query.from(others).select({ t, x })
    const refused = [
      // @ts-expect-error: one value beside two
      () => both.eq([1]),
      // @ts-expect-error: three values beside two
      () => both.in([[1, "x", 2]]),
      // @ts-expect-error: one part is no tuple
      () => Expr.tuple(),
      () => Expr.tuple(a),
      () => both.in(three),
      () => both.in(turned),
      () => both.in([[1, null as never]]),
      () => both.lt([1, undefined as never])
    ]
    for (const build of refused) expect(build).toThrow()
    // @ts-expect-error: a text beside a number
    expect(both.eq(["x", 1])).toBeDefined()
  })

  test("lists of any length share a statement, or one a size class [F44.3 @all]", () => {
    const lists = Array.from({ length: 300 }, (_, n) => Array.from({ length: n + 1 }, (_, i) => i))
    const printed = (statement: (list: ReadonlyArray<number>) => Query.Statement<any, any>) =>
      dialects.map((dialect) => {
        const cache = StatementCache.make(capabilities(dialect))
        const texts = new Set<string>()
        for (const list of lists) {
          const found = cache.get(statement(list).node)
          if (found._tag === "Lookup") texts.add(found.compiled.text)
        }
        expect(texts.size).toBeLessThanOrEqual(cache.printed())
        return cache.printed()
      })
    // sqlite, postgres, mysql, mariadb: 300 lengths are ten powers of two.
    expect(printed((list) => from.where(a.in(list)))).toEqual([1, 1, 10, 10])
    const cte = (list: ReadonlyArray<number>) => from.where(a.in(list)).select({ a }).cte("c")
    expect(printed((list) => Query.from(cte(list)))).toEqual([1, 1, 10, 10])
    const tuples = (list: ReadonlyArray<number>) => list.map((n) => [n, "x"] as const)
    expect(printed((list) => from.where(both.in(tuples(list))))).toEqual([1, 1, 10, 10])
    const doubles = (list: ReadonlyArray<number>) => from.where(a.cast(Type.double).in(list))
    expect(printed(doubles)).toEqual([10, 1, 10, 10])
  })
})
