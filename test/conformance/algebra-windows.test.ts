import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const sales = Table.make("sales", {
  id: Column.id(),
  shop: Column.text(),
  day: Column.integer(),
  amount: Column.integer().nullable(),
  note: Column.text().nullable()
})
const rows = [
  { shop: "a", day: 1, amount: 10, note: "x" },
  { shop: "a", day: 2, amount: 20, note: null },
  { shop: "a", day: 2, amount: null, note: "y" },
  { shop: "a", day: 5, amount: 20, note: "x" },
  { shop: "b", day: 1, amount: 7, note: "z" },
  { shop: "b", day: 3, amount: 7, note: "x" }
]
const odd = Table.make("odd", { key: Column.text(), n: Column.bigint() })
const { amount, day, id, note, shop } = sales.c
const of = Query.from(sales)
const perShop = { partitionBy: shop, orderBy: [day, id] }
const byDay = { partitionBy: shop, orderBy: day }

describe.each(engines)("windows on %s", (engine) => {
  const { agrees, failure, fill, run } = useDatabase(engine, { sales, odd })
  const all = async <Row, S extends string>(query: Query.Select<Row, never, S>) =>
    run(Database.all(query))

  test("ranking, distribution, offset and value functions [F61.1]", async () => {
    await fill("sales", rows)
    const found = await agrees(
      of
        .select({
          id,
          n: Fn.rowNumber().over(perShop),
          rank: Fn.rank().over(byDay),
          dense: Fn.denseRank().over(byDay),
          percent: Fn.percentRank().over(byDay),
          dist: Fn.cumeDist().over(byDay),
          half: Fn.ntile(2).over(perShop),
          before: Fn.lag(amount).over(perShop),
          after: Fn.lead(amount, 1, -1).over(perShop),
          twice: Fn.lag(amount, 2, 0).over(perShop),
          first: Fn.firstValue(amount).over(perShop),
          last: Fn.lastValue(amount).over(perShop),
          second: Fn.nthValue(amount, 2).over(perShop)
        })
        .orderBy(id)
    )
    expect(found.map(({ n, rank, dense }) => [n, rank, dense])).toEqual([
      [1, 1, 1],
      [2, 2, 2],
      [3, 2, 2],
      [4, 4, 3],
      [1, 1, 1],
      [2, 2, 2]
    ])
    expect(found.map(({ after }) => after)).toEqual([20, null, 20, -1, 7, -1])
    expect(found[1]!.percent).toBe(1 / 3)
  })

  test("rows and range frames [F61.2]", async () => {
    const frames = [
      { rows: ["unbounded preceding", "current row"] },
      { rows: [{ preceding: 1 }, { following: 1 }] },
      { rows: [{ following: 1 }, "unbounded following"] },
      { rows: ["current row", { following: 2 }] },
      { range: ["unbounded preceding", "current row"] },
      { range: ["current row", "unbounded following"] },
      { range: ["unbounded preceding", "unbounded following"] }
    ] as const
    for (const frame of frames) {
      const sum = Fn.sum(amount).over({ ...perShop, frame })
      const n = Fn.count().over({ ...perShop, frame })
      await agrees(of.select({ id, sum, n }).orderBy(id))
    }
  })

  test("a range with an offset follows values [F61.3]", async () => {
    const near = { ...byDay, frame: { range: [{ preceding: 1 }, { following: 1 }] } } as const
    const found = await agrees(of.select({ id, n: Fn.count().over(near) }).orderBy(id))
    expect(found.map(({ n }) => n)).toEqual([3, 3, 3, 1, 1, 1])
  })

  test("a named window is written once [F61.6]", async () => {
    const w = Query.window("w", { ...perShop, frame: { rows: [{ preceding: 1 }, "current row"] } })
    const query = of.select({ id, sum: Fn.sum(amount).over(w), n: Fn.count(amount).over(w) })
    await agrees(query)
    const text = textOf(query, engine)
    expect(text.match(/PRECEDING/g)).toHaveLength(1)
    expect(text).toContain("WINDOW w AS (PARTITION BY")
    const other = Query.window("w", { orderBy: id })
    const clash = of.select({ a: Fn.count().over(w), b: Fn.count().over(other) })
    expect(() => textOf(clash, engine)).toThrow('two windows of one query are named "w"')
  })

  test("distinct counts and sums each value once [F60.1]", async () => {
    const query = of
      .groupBy(shop)
      .select({ shop, n: Fn.count(amount).distinct(), sum: Fn.sum(amount).distinct() })
      .orderBy(shop)
    expect(await agrees(query)).toEqual([
      { shop: "a", n: 2, sum: 30 },
      { shop: "b", n: 1, sum: 7 }
    ])
  })

  test("a filtered aggregate sees its rows only, NULL conditions included [F60.2]", async () => {
    const much = amount.gt(7)
    const query = of
      .groupBy(shop)
      .select({
        shop,
        all: Fn.count().filter(much),
        notes: Fn.count(note).filter(much),
        sum: Fn.sum(amount).filter(much).filter(day.lt(5)),
        avg: Fn.avg(amount).filter(much),
        min: Fn.min(note).filter(much),
        list: Fn.stringAgg(note, ",", note).filter(much)
      })
      .orderBy(shop)
    expect(await agrees(query)).toEqual([
      { shop: "a", all: 3, notes: 2, sum: 30, avg: 50 / 3, min: "x", list: "x,x" },
      { shop: "b", all: 0, notes: 0, sum: null, avg: null, min: null, list: null }
    ])
    const json = of.groupBy(shop).select({ shop, l: Fn.jsonAgg(note, id).filter(much) })
    expect(await all(json.orderBy(shop))).toEqual([
      { shop: "a", l: ["x", null, "x"] },
      { shop: "b", l: null }
    ])
  })

  test("order inside string aggregation decides the text [F60.3]", async () => {
    const joined = Fn.stringAgg(note, "'\\, ", day.desc(), id)
    expect(await agrees(of.select(joined))).toEqual(["x'\\, x'\\, y'\\, x'\\, z"])
    expect(await agrees(of.select(Fn.stringAgg(note, "", id)))).toEqual(["xyxzx"])
  })

  test("order inside JSON aggregation decides the order of elements [F60.4]", async () => {
    expect(await all(of.select(Fn.jsonAgg(amount, id.desc())))).toEqual([[7, 7, 20, null, 20, 10]])
    expect(await all(of.select(Fn.jsonAgg(day.gt(1), id)))).toEqual([
      [false, true, true, true, false, true]
    ])
    const none = of.where(id.lt(0)).select(Fn.jsonAgg(note, id))
    expect(await all(none)).toEqual([null])
  })

  test("JSON aggregation by key: the last value of each, rows without a key left out", async () => {
    const last = Fn.jsonObjectAgg(note, amount, id)
    expect(await agrees(of.select(last))).toEqual([{ x: 7, y: null, z: 7 }])
    expect(await agrees(of.select(Fn.jsonObjectAgg(note, amount, id.desc())))).toEqual([
      { x: 10, y: null, z: 7 }
    ])
    const some = { shop, l: last.filter(day.gt(1)) }
    expect(await agrees(of.groupBy(shop).select(some).orderBy(shop))).toEqual([
      { shop: "a", l: { x: 20, y: null } },
      { shop: "b", l: { x: 7 } }
    ])
    expect(await agrees(of.select(Fn.jsonObjectAgg(note, day.gt(1), id)))).toEqual([
      { x: true, y: true, z: false }
    ])
    expect(await agrees(of.where(note.isNull()).select(last))).toEqual([null])
    const drawn = of.select(Fn.jsonObjectAgg(Fn.random().cast(Type.text), id))
    expect(refusalOf(drawn, engine).capability).toBe("jsonObjectAggregate")
  })

  test("any text is a key of a JSON object, and every digit of a member is kept", async () => {
    const keys = ['"', "\\", "\n\u0001", "é😀", "__proto__", "", "1", "a:b,{}"]
    await fill(
      "odd",
      keys.map((key, i) => ({ key, n: 9007199254740993n + BigInt(i) }))
    )
    const [found] = await agrees(Query.from(odd).select(Fn.jsonObjectAgg(odd.c.key, odd.c.n)))
    expect(Object.keys(found!).toSorted()).toEqual(keys.toSorted())
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype)
    expect(found!["1"]).toBe(9007199254740999n)
  })

  test("of what an outer join leaves out the elements of a JSON array are NULL", async () => {
    const other = Query.alias(sales, "other")
    const joined = of.leftJoin(other, other.c.id.eq(id).and(other.c.day.gt(2)))
    const json = { shop, l: Fn.jsonAgg(other.c.note, id) }
    expect(await agrees(joined.groupBy(shop).select(json).orderBy(shop))).toEqual([
      { shop: "a", l: [null, null, null, "x"] },
      { shop: "b", l: [null, "x"] }
    ])
  })

  test("a filtered aggregate over a window; a distinct one is refused [F60.7]", async () => {
    const filtered = Fn.sum(amount).filter(day.gt(1)).over(perShop)
    await agrees(of.select({ id, filtered }).orderBy(id))
    const distinct = of.select(Fn.count(amount).distinct().over(byDay))
    expect(refusalOf(distinct, engine).capability).toBe("distinctWindow")
  })

  test("rollup adds subtotals and the total [F59.7]", async () => {
    const query = of
      .groupBy(Query.rollup(shop, day))
      .select({ shop, day, sum: Fn.sum(amount) })
      .orderBy(shop.asc().nullsLast(), day.asc().nullsLast())
    const found: ReadonlyArray<{
      shop: string | null
      day: number | null
      sum: number | null
    }> = await agrees(query)
    expect(found).toHaveLength(8)
    expect(found.at(-1)).toEqual({ shop: null, day: null, sum: 64 })
    const none = of.where(id.lt(0)).groupBy(Query.rollup(shop))
    expect(await agrees(none.select({ shop, n: Fn.count() }))).toEqual([{ shop: null, n: 0 }])
  })

  test("cube and grouping sets, told apart by grouping [F59.8]", async () => {
    const told = { shop, day, a: Fn.grouping(shop), b: Fn.grouping(day), n: Fn.count() }
    expect(await agrees(of.groupBy(Query.cube(shop, day)).select(told))).toHaveLength(12)
    const sets = of.groupBy(Query.groupingSets([shop], [day], [])).select(told)
    expect(await agrees(sets)).toHaveLength(7)
    const mixed = of.groupBy(shop).groupBy(Query.rollup(day)).having(Fn.grouping(day).eq(1))
    expect(await agrees(mixed.select(told))).toHaveLength(2)
  })

  test("windows over groups, and a query over a window", async () => {
    const totals = of.groupBy(shop).select({
      shop,
      sum: Fn.sum(amount),
      place: Fn.rank().over({ orderBy: Fn.sum(amount).desc() })
    })
    expect(await agrees(totals.orderBy(shop))).toEqual([
      { shop: "a", sum: 50, place: 1 },
      { shop: "b", sum: 14, place: 2 }
    ])
    const latest = of.select({ id, shop, n: Fn.rowNumber().over(perShop) }).as("latest")
    const firsts = Query.from(latest).where(latest.c.n.eq(1)).select(latest.c.id)
    expect(await agrees(firsts.orderBy(latest.c.id))).toEqual([1, 5])
    const early = of.select({ id, before: Fn.lag(amount).over(perShop) }).where(day.gt(1))
    await agrees(early)
  })

  test("a frame's offset given when the query runs is checked then", async () => {
    const frame = { rows: [{ preceding: Expr.param("n", Type.integer) }, "current row"] } as const
    const query = of.select({ n: Fn.count().over({ orderBy: id, frame }) })
    if (engine === "mariadb") {
      expect(refusalOf(query, engine).capability).toBe("frameParameter")
      return
    }
    const found = await run(Database.all(query, { n: 1 }))
    expect(found.filter(({ n }) => n === 2)).toHaveLength(5)
    const refused = await failure(Database.all(query, { n: -1 }))
    expect(refused._tag).toBe("EncodeFailed")
  })
})

describe("texts and lists of a group on mariadb", () => {
  const { failure, fill, run } = useDatabase("mariadb", { sales })

  test("what the server cuts short is an error, never a value", async () => {
    await fill("sales", rows)
    const long = of.select(Fn.stringAgg(note, ", ", id))
    const list = of.select(Fn.jsonAgg(amount, id))
    expect(await run(Database.one(long))).toBe("x, y, x, z, x")
    const reads = [long, list].flatMap((query) => {
      const one = query as typeof long
      return [Effect.asVoid(Database.all(one)), Stream.runDrain(Database.stream(one))]
    })
    for (const read of reads) {
      const cut = Effect.andThen(Database.script("set session group_concat_max_len = 4"), read)
      const whole = Database.script("set session group_concat_max_len = 4294967295")
      const error = await failure(Effect.ensuring(Database.transaction(cut), Effect.ignore(whole)))
      expect(error).toMatchObject({ _tag: "ValueOutOfRange", reason: "tooLong" })
    }
  })
})

const grouped = { ...byDay, frame: { groups: [{ preceding: 1 }, "current row"] } } as const

describe.each(["sqlite", "postgres"] as const)("frames of peers on %s", (engine) => {
  const { agrees, fill } = useDatabase(engine, { sales })

  test("groups frames count groups of peers [F61.4]", async () => {
    await fill("sales", rows)
    const query = of.select({ id, n: Fn.count().over(grouped) }).orderBy(id)
    expect((await agrees(query)).map(({ n }) => n)).toEqual([1, 3, 3, 3, 1, 2])
  })

  test("exclusion of the current row, its group and its ties [F61.5]", async () => {
    for (const exclude of ["current row", "group", "ties"] as const) {
      const frame = { range: ["unbounded preceding", "unbounded following"], exclude } as const
      await agrees(of.select({ id, n: Fn.count().over({ ...byDay, frame }) }).orderBy(id))
    }
  })

  test("frame bounds are parameters, and neither negative nor null [F61.7]", async () => {
    const n = Fn.count().over({ orderBy: id, frame: { rows: [{ preceding: 1 }, "current row"] } })
    expect(textOf(of.select(n), engine)).toMatch(/ROWS BETWEEN (\?|\$1::bigint) PRECEDING/)
    await agrees(of.select({ id, n }).orderBy(id))
    const over = (offset: number) => () =>
      Fn.count().over({ orderBy: id, frame: { rows: [{ preceding: offset }, "current row"] } })
    expect(over(-1)).toThrow("0 or more")
    expect(over(null as never)).toThrow("0 or more")
  })

  test("percentiles by order within the group [F60.5]", async () => {
    const query = of
      .groupBy(shop)
      .select({
        shop,
        half: Fn.percentileCont(0.5, amount),
        most: Fn.percentileCont(0.25, amount.desc()),
        disc: Fn.percentileDisc(0.5, amount),
        note: Fn.percentileDisc(0.75, note.desc())
      })
      .orderBy(shop)
    expect(await agrees(query)).toEqual([
      { shop: "a", half: 20, most: 20, disc: 20, note: "x" },
      { shop: "b", half: 7, most: 7, disc: 7, note: "x" }
    ])
  })
})

describe("frames on mariadb", () => {
  const { agrees, failure, fill } = useDatabase("mariadb", { sales })
  test("a bound is a number in the text, known when the statement is built", async () => {
    await fill("sales", rows)
    const over = (preceding: number) => {
      const frame = { rows: [{ preceding }, "current row"] } as const
      return of.select({ id, n: Fn.count().over({ orderBy: id, frame }) }).orderBy(id)
    }
    expect(textOf(over(1), "mariadb")).toMatch(/ROWS BETWEEN 1 PRECEDING/)
    expect((await agrees(over(1))).map(({ n }) => n)).toEqual([1, 2, 2, 2, 2, 2])
    expect((await agrees(over(2))).map(({ n }) => n)).toEqual([1, 2, 3, 3, 3, 3])
    const named = Database.all(over(Expr.param("n", Type.integer) as never))
    expect(await failure(named)).toMatchObject({
      _tag: "Unsupported",
      capability: "frameParameter"
    })
    expect(() => over(-1)).toThrow("0 or more")
    expect(() => over(null as never)).toThrow("0 or more")
  })
})

describe("the mode on postgres", () => {
  const { agrees, fill } = useDatabase("postgres", { sales })
  test("the mode of a group is given by order within it [F60.6]", async () => {
    await fill("sales", rows)
    expect(await agrees(of.select(Fn.mode(note)))).toEqual(["x"])
    expect(await agrees(of.select(Fn.mode(amount.desc())))).toEqual([20])
  })
})

describe("windows as they are said", () => {
  test("a window stands in projections and sort keys alone [F61.8 @all]", () => {
    const n = Fn.rowNumber().over({ orderBy: id })
    const wrong = [
      of.where((n as never as Expr.Expr<number>).gt(1)),
      of.groupBy(n as never).select(Fn.count()),
      of
        .groupBy(shop)
        .having((n as never as Expr.Expr<number>).gt(1))
        .select(shop)
    ]
    for (const query of wrong) expect(() => textOf(query, "sqlite")).toThrow("a window function")
    const named = of.select({ n }).as("named")
    expect(textOf(Query.from(named).where(named.c.n.gt(1)), "sqlite")).toContain("row_number()")
    // @ts-expect-error a window is not allowed in where
    expect(() => textOf(of.where(n.gt(1)), "sqlite")).toThrow("where")
  })

  test("the SQL of all dialects", () => {
    const frame = { rows: [{ preceding: 1 }, "current row"] } as const
    const sum = Fn.sum(amount)
      .filter(day.gt(1))
      .over({ ...byDay, frame })
    expectSql(of.select({ recent: sum }), {
      sqlite:
        "SELECT sum(sales.amount) FILTER (WHERE sales.day > ?) OVER (PARTITION BY sales.shop " +
        "ORDER BY sales.day ROWS BETWEEN ? PRECEDING AND CURRENT ROW) AS recent FROM sales",
      postgres:
        "SELECT sum(sales.amount) FILTER (WHERE sales.day > $1) OVER (PARTITION BY sales.shop " +
        "ORDER BY sales.day ROWS BETWEEN $2::bigint PRECEDING AND CURRENT ROW) AS recent " +
        "FROM sales",
      mysql:
        "SELECT sum(CASE WHEN sales.day > ? THEN sales.amount END) OVER (PARTITION BY " +
        "sales.shop ORDER BY sales.day ROWS BETWEEN ? PRECEDING AND CURRENT " +
        "ROW) AS recent FROM sales",
      mariadb:
        "SELECT sum(CASE WHEN sales.day > ? THEN sales.amount END) OVER (PARTITION BY " +
        "sales.shop ORDER BY sales.day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS recent " +
        "FROM sales"
    })
  })
})
