import { Column, Database, Expr, Fn, Query, sql, Table, Type, unsafeSql } from "athanor"
import { describe, expect, test } from "vitest"
import { dialects, type EngineName, engines, refusalOf, textOf, useDatabase } from "./support.ts"

const sales = Table.make("sales", {
  id: Column.id(),
  shop: Column.varchar(20).nullable(),
  item: Column.varchar(20),
  n: Column.integer().nullable(),
  big: Column.bigint(),
  x: Column.double().nullable()
})
const { big, id, item, n, shop, x } = sales.c
const from = Query.from(sales)
const over = { partitionBy: [shop], orderBy: [n, id] }
const byShop = <const P extends Parameters<typeof from.select>[0]>(value: P) =>
  from.groupBy(shop).select(value)

type Asked = Query.Select<unknown, never, "sales">
interface Known {
  readonly query: Asked
  /** Databases without the function, by what they lack. */
  readonly lacks?: { readonly [E in EngineName]?: string }
}

/** The functions the inventory of SQLAlchemy names, and what they are here. */
const inventory: Readonly<Record<string, Known>> = {
  coalesce: { query: from.select({ id, v: n.coalesce(0), w: shop.coalesce(item) }) },
  max: { query: byShop({ shop, v: Fn.max(n), w: Fn.max(item), b: Fn.max(big) }) },
  min: { query: byShop({ shop, v: Fn.min(n), w: Fn.min(item), b: Fn.min(big) }) },
  sum: { query: byShop({ shop, v: Fn.sum(n), b: Fn.sum(big), x: Fn.sum(x) }) },
  count: { query: byShop({ shop, all: Fn.count(), v: Fn.count(n), d: Fn.count(item).distinct() }) },
  pow: { query: from.select({ id, v: Fn.power(n, 2), w: Fn.power(n, id.mul(0).add(3)) }) },
  concat: {
    query: from.select({ id, v: item.concat("-").concat(shop), w: Fn.concatWs("-", item, shop) })
  },
  char_length: { query: from.select({ id, v: Fn.length(item), w: Fn.length(shop) }) },
  array_agg: {
    query: byShop({ shop, v: Fn.arrayAgg(n, id) }),
    lacks: { sqlite: "arrays", mariadb: "arrays" }
  },
  mode: {
    query: byShop({ shop, v: Fn.mode(item) }),
    lacks: { sqlite: "modeAggregate", mariadb: "modeAggregate" }
  },
  percentile_cont: {
    query: byShop({ shop, v: Fn.percentileCont(0.5, x) }),
    lacks: { mariadb: "orderedSetAggregates" }
  },
  percentile_disc: {
    query: byShop({ shop, v: Fn.percentileDisc(0.5, n) }),
    lacks: { mariadb: "orderedSetAggregates" }
  },
  rank: { query: from.select({ id, v: Fn.rank().over({ orderBy: [item] }) }) },
  dense_rank: { query: from.select({ id, v: Fn.denseRank().over({ orderBy: [item] }) }) },
  percent_rank: { query: from.select({ id, v: Fn.percentRank().over(over) }) },
  cume_dist: { query: from.select({ id, v: Fn.cumeDist().over(over) }) },
  cube: {
    query: from.groupBy(Query.cube(shop, item)).select({ shop, item, v: Fn.sum(n) })
  },
  rollup: {
    query: from.groupBy(Query.rollup(shop, item)).select({ shop, item, v: Fn.count() })
  },
  grouping_sets: {
    query: from
      .groupBy(Query.groupingSets([shop], [item], []))
      .select({ shop, item, v: Fn.count(), g: Fn.grouping(shop) })
  },
  aggregate_strings: {
    query: byShop({ shop, v: Fn.stringAgg(item, ", ", id) })
  }
} as unknown as Readonly<Record<string, Known>>

const rows = [
  { shop: "north", item: "pen", n: 3, big: 2n ** 53n + 1n, x: 1.5 },
  { shop: "north", item: "ink", n: null, big: 7n, x: 2.5 },
  { shop: "north", item: "pen", n: -2, big: -(2n ** 60n), x: -4 },
  { shop: "south", item: "ink", n: 3, big: 0n, x: 0.25 },
  { shop: "south", item: "étude", n: 5, big: 1n, x: 8 },
  { shop: null, item: "", n: 1, big: 2n, x: null }
]

describe.each(engines)("the known functions on %s", (engine) => {
  const { agrees, all, failure, fill, run, sentBy } = useDatabase(engine, { sales })

  test("each runs where it is, with the oracle's value [F59.1]", async () => {
    await fill("sales", rows)
    for (const [name, { lacks = {}, query }] of Object.entries(inventory)) {
      const capability = lacks[engine]
      if (capability === undefined) {
        expect((await agrees(query)).length, name).toBeGreaterThan(0)
        continue
      }
      const asked = Database.all(query)
      expect(await sentBy(asked), name).toEqual([])
      expect(await failure(asked), name).toMatchObject({ _tag: "Unsupported", capability })
    }

    // What only the server knows is compared with what it says by its own name.
    const drawn = await all(from.select({ r: Fn.random(), s: Fn.random() }))
    expect(new Set(drawn.flatMap(({ r, s }) => [r, s])).size).toBe(rows.length * 2)
    for (const { r, s } of drawn) expect(r >= 0 && r < 1 && s >= 0 && s < 1).toBe(true)
    const own = {
      sqlite: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
      postgres: "to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
      mariadb: "concat(replace(left(utc_timestamp(3), 23), ' ', 'T'), 'Z')"
    }[engine]
    const [moment] = await all(
      Query.select({
        now: Fn.now(),
        day: Fn.currentDate(),
        time: Fn.currentTime(),
        local: sql(Type.text)(unsafeSql(own))
      })
    )
    const iso = new Date(moment!.now.epochMilliseconds).toISOString()
    expect(Math.abs(Date.parse(moment!.local!) - Date.parse(iso))).toBeLessThanOrEqual(1)
    expect(String(moment!.day)).toBe(iso.slice(0, 10))
    expect(Number(moment!.time) / 1000).toBe(moment!.now.epochMilliseconds % 86_400_000)

    const users = { u: Fn.currentUser(), s: Fn.sessionUser() }
    const next = Query.select({ n: Fn.nextValue("numbers"), next: Fn.nextValue("numbers") })
    if (engine === "sqlite") {
      for (const [name, value] of Object.entries({ currentUser: users.u, sessionUser: users.s }))
        expect(await failure(Database.all(Query.select({ value })))).toMatchObject({
          _tag: "Unsupported",
          capability: name
        })
      expect(await failure(Database.all(next))).toMatchObject({ capability: "nextValue" })
      return
    }
    const said =
      engine === "postgres"
        ? { u: sql(Type.text)`current_user::text`, s: sql(Type.text)`session_user::text` }
        : { u: sql(Type.text)`current_user()`, s: sql(Type.text)`user()` }
    expect(await all(Query.select(users))).toEqual(await all(Query.select(said)))
    await run(Database.script("create sequence numbers start with 5 increment by 2"))
    expect(await all(next)).toEqual([{ n: 5, next: 7 }])
    expect(await all(from.select({ n: Fn.nextValue("numbers") }).orderBy(id))).toEqual(
      rows.map((_, i) => ({ n: 9 + i * 2 }))
    )
    const none = Query.select({ n: Fn.nextValue("no_such") })
    expect(await failure(Database.all(none))).toMatchObject({ _tag: "SyntaxOrUndefined" })
  })
})

describe("the known functions as printed for mysql", () => {
  test("each is said, or refused by name", () => {
    const refused = Object.entries(inventory).flatMap(([name, { query }]) => {
      try {
        textOf(query, "mysql")
        return []
      } catch {
        return [`${name}: ${refusalOf(query, "mysql").capability}`]
      }
    })
    expect(refused).toEqual([
      "array_agg: arrays",
      "mode: modeAggregate",
      "percentile_cont: orderedSetAggregates",
      "percentile_disc: orderedSetAggregates"
    ])
    const next = Query.select({ n: Fn.nextValue("numbers") })
    expect(refusalOf(next, "mysql").capability).toBe("nextValue")
    expect(textOf(next, "mariadb")).toBe("SELECT nextval(`numbers`) AS n")
  })

  test("a sequence has an ordinary name", () => {
    for (const name of ["", "a b", "A", 'x"', "a.b", "1a", "x'--"])
      expect(() => Fn.nextValue(name), name).toThrow("lower-case letters")
    const word = Query.select({ n: Fn.nextValue("select") })
    for (const dialect of dialects)
      if (dialect === "postgres" || dialect === "mariadb")
        expect(textOf(word, dialect)).toMatch(/["`]select["`]/)
    expect(Expr.value(1, Type.integer)).toBeDefined()
  })
})
