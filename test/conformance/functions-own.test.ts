import { Column, Database, Expr, Fn, LocalDate, Query, sql, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import { describe, expect, test } from "vitest"
import { engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const items = Table.make("items", {
  id: Column.id(),
  name: Column.text(),
  n: Column.integer().nullable(),
  day: Column.date()
})
const { day, id, n, name } = items.c
const from = Query.from(items)

/** Functions of a user's on servers that have them, in a schema of their own and outside one. */
const made = {
  sqlite: [],
  postgres: [
    "create schema tools",
    "create function tools.twice(n integer) returns integer language sql as 'select n * 2'",
    "create function tools.price(n integer) returns numeric(10, 2) language sql as " +
      "'select n::numeric / 4'",
    "create function first_day(d date) returns date language sql as " +
      "'select date_trunc(''month'', d)::date'",
    "create function tools.counted(n integer) returns setof integer language sql as " +
      "'select * from generate_series(1, n)'"
  ],
  mariadb: [
    "create function twice(n int) returns int deterministic return n * 2",
    "create function price(n int) returns decimal(10, 2) deterministic return n / 4",
    "create function first_day(d date) returns date deterministic " +
      "return date_sub(d, interval dayofmonth(d) - 1 day)"
  ]
} as const

/** The moves a text needs to become another, as far as a server can say it: here, their lengths. */
const gap = Fn.define("gap", {
  args: [Type.text, Type.text],
  result: Type.integer,
  strict: true,
  print: {
    sqlite: (a, b) => sql(Type.integer)`length(${a}) - length(${b})`,
    default: (a, b) => sql(Type.integer)`char_length(${a}) - char_length(${b})`
  }
})
const hex = Fn.define("hex", {
  args: [Type.integer],
  result: Type.text,
  print: { postgres: "to_hex", mysql: "hex", mariadb: "hex", sqlite: "athanor_no_such" }
})
const kept = Fn.define("kept", {
  args: [Type.integer, Type.integer],
  result: Type.integer,
  print: { sqlite: "ifnull", default: "coalesce" }
})

describe.each(engines)("functions the library does not know on %s", (engine) => {
  const { all, failure, fill, run } = useDatabase(engine, { items })

  test("any is called by name, typed, with a schema or without [F59.2]", async () => {
    const rows = [
      { name: "Ann", n: 7, day: LocalDate.make(2024, 2, 29) },
      { name: "Bo", n: null, day: LocalDate.make(1999, 12, 31) }
    ]
    await fill("items", rows)
    // The server's own, by one name or one for each dialect.
    const said: ReadonlyArray<{ upper: string | null; instr: number | null; best: number | null }> =
      await all(
        from.orderBy(id).select({
          upper: Expr.call("upper", Type.text, name),
          instr: Expr.call(
            { sqlite: "instr", postgres: "strpos", mariadb: "instr" },
            Type.integer,
            name,
            Expr.value("n", Type.text)
          ),
          best: Expr.call("coalesce", Type.integer, n, Expr.value(-1, Type.integer)).add(1)
        })
      )
    expect(said).toEqual([
      { upper: "ANN", instr: 2, best: 8 },
      { upper: "BO", instr: 0, best: 0 }
    ])
    for (const one of made[engine]) await run(Database.script(one))
    const [schema] =
      engine === "postgres"
        ? ["tools"]
        : engine === "mariadb"
          ? await all(Query.select(sql(Type.text)`database()`))
          : ["main"]
    const twice = Expr.call(`${schema}.twice`, Type.integer, n)
    const price = Expr.call(`${schema}.price`, Type.numeric(10, 2), n)
    const query = from.orderBy(id).select({ twice: twice.add(1), price })
    if (engine === "sqlite") {
      // SQLite's functions are of the connection, in no schema.
      expect(await failure(Database.all(query))).toMatchObject({
        _tag: "Unsupported",
        capability: "main.twice"
      })
      return
    }
    const found = await all(query)
    expect(found.map((row) => [row.twice, row.price && BigDecimal.format(row.price)])).toEqual([
      [15, "1.75"],
      [null, null]
    ])
    expect(await all(from.where(twice.gt(10)).select({ id }))).toEqual([{ id: 1 }])
    const first = Expr.call("first_day", Type.date, day)
    expect(await all(from.orderBy(id).select({ first }))).toEqual([
      { first: LocalDate.make(2024, 2, 1) },
      { first: LocalDate.make(1999, 12, 1) }
    ])
    const missing = Expr.call(`${schema}.no_such`, Type.integer, n)
    expect(await failure(Database.all(from.select({ missing })))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "function"
    })
    if (engine === "postgres") {
      const counted = Query.call("tools.counted", Type.integer, [n], { tables: [] }).as("counted")
      expect(await all(from.joinLateral(counted).select({ id, i: counted.c.value }))).toHaveLength(
        7
      )
    }
  })

  test("one registered once is used as the known ones are [F59.3]", async () => {
    const rows: ReadonlyArray<{ gap: number; less: number; kept: number | null; big: boolean }> =
      await all(
        from.orderBy(id).select({
          gap: gap(name, "x"),
          less: gap("", name).mul(2),
          kept: kept(n, 3),
          big: gap(name, gap(name, "ab").eq(0).and(id.gt(0)).isNull().cast(Type.text)).lt(0)
        })
      )
    expect(rows).toEqual([
      { gap: 2, less: -6, kept: 7, big: true },
      { gap: 1, less: -4, kept: 3, big: true }
    ])
    // In every clause a known one stands in.
    expect(
      await all(
        from
          .where(gap(name, "a").gt(0))
          .groupBy(gap(name, "b"))
          .having(Fn.count().eq(1))
          .select({ gap: gap(name, "b"), sum: Fn.sum(gap(name, "")) })
          .orderBy(gap(name, "b"))
      )
    ).toEqual([
      { gap: 1, sum: 2 },
      { gap: 2, sum: 3 }
    ])
    const named = from.where(gap(name, Expr.param("than", Type.text)).gte(1)).select({ id })
    expect(await run(Database.all(named, { than: "ab" }))).toEqual([{ id: 1 }])
    await run(
      Database.run(
        Query.update(items)
          .set({ n: gap(name, "1234567") })
          .where(id.eq(2))
      )
    )
    expect(await all(from.where(id.eq(2)).select({ n }))).toEqual([{ n: -5 }])
    // By the name of each server; an undefined one is the server's to refuse.
    const coded = from.where(id.eq(1)).select({ code: hex(Expr.value(254, Type.integer)) })
    if (engine === "sqlite")
      expect(await failure(Database.all(coded))).toMatchObject({ _tag: "SyntaxOrUndefined" })
    else expect((await all(coded))[0]!.code!.toLowerCase()).toBe("fe")
  })
})

describe("functions of one's own as printed for sqlite, postgres, mariadb and mysql", () => {
  test("each dialect has its words, those that are not named the default", () => {
    const chars =
      "SELECT char_length(items.name) - char_length(?) AS gap, " +
      "coalesce(items.n, ?) AS kept FROM items"
    const mysql = chars.replace("(?)", "(CAST(? AS CHAR))").replace(", ?)", ", CAST(? AS SIGNED))")
    expectSql(from.select({ gap: gap(name, "x"), kept: kept(n, 3) }), {
      sqlite: "SELECT length(items.name) - length(?) AS gap, ifnull(items.n, ?) AS kept FROM items",
      postgres: chars.replace("(?)", "($1::text)").replace("?", "$2::integer"),
      mysql,
      mariadb: mysql
    })
    const nested = from.select({ x: gap(name, "x").mul(2).sub(gap(name, "y")) })
    expect(textOf(nested, "postgres")).toBe(
      "SELECT (char_length(items.name) - char_length($1::text)) * $2 - (char_length(items.name) " +
        "- char_length($3::text)) AS x FROM items"
    )
    const here = Fn.define("here", { args: [], result: Type.text, print: { sqlite: "here" } })
    expect(refusalOf(Query.select(here()), "postgres")).toMatchObject({ capability: "here" })
    const inSchema = Expr.call("main.upper", Type.text, name)
    expect(refusalOf(from.select(inSchema), "sqlite")).toMatchObject({ capability: "main.upper" })
  })

  test("what is no function's name, or has other arguments, is refused when it is built", () => {
    const of = (print: string) => () => Fn.define("f", { args: [], result: Type.text, print })
    for (const print of ["", "a b", "f(", "a.b.c", 'x"', "--"]) expect(of(print)).toThrow("name")
    expect(of("not")).toThrow("word of SQL's own")
    expect(() => Fn.define("", { args: [], result: Type.text, print: "f" })).toThrow("a name")
    expect(() => (gap as (...args: ReadonlyArray<unknown>) => unknown)(name)).toThrow(
      "gap: 1 arguments where it has 2"
    )
    const turned = {
      sqlite: (a: Expr.Expr<never>, b: Expr.Expr<never>) => sql(Type.text)`${b}${a}`
    }
    expect(() =>
      Fn.define("turned", { args: [Type.text, Type.text], result: Type.text, print: turned })
    ).toThrow("once, in order")
    for (const called of ["select", "having", "distinct"])
      expect(() => Query.call(called, Type.integer, [])).toThrow(/word of SQL's own/)
    expect(
      refusalOf(Query.from(Query.call("position", Type.integer, []).as("p")), "postgres")
    ).toMatchObject({ capability: "tableFunctions" })
    // @ts-expect-error: a number is no text
    expect(() => gap(name, 1)).toBeDefined()
    // @ts-expect-error: one that may be NULL is not the strict one's value
    const strict: Expr.Expr<number, "items"> = gap(name, Fn.nullif(name, name))
    expect(strict).toBeDefined()
  })
})
