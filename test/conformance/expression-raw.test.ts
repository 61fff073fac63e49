import { Column, Database, Expr, Fn, Query, sql, Table, Type } from "athanor"
import { compile } from "athanor/compile"
import { rewrite } from "athanor/dialect"
import { describe, expect, test } from "vitest"
import { dialects, engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const users = Table.make("users", { id: Column.id(), name: Column.text(), age: Column.integer() })
const posts = Table.make("Posts", {
  id: Column.id(),
  userId: Column.integer().named("userId"),
  rank: Column.integer()
})
const { age, id, name } = users.c
const from = Query.from(users)

describe.each(engines)("SQL by hand on %s", (engine) => {
  const { all, fill, run } = useDatabase(engine, { users, posts })

  test("it runs as statement, expression, condition and source [F58.1]", async () => {
    await fill("users", [
      { name: "Ann", age: 31 },
      { name: "Bob", age: 17 },
      { name: "Cid", age: 64 }
    ])
    await fill("posts", [
      { userId: 1, rank: 5 },
      { userId: 1, rank: 7 },
      { userId: 3, rank: 9 }
    ])
    const statement = Query.raw({ n: Type.integer, text: Type.text })`
      SELECT users.age AS n, users.name AS text FROM users ORDER BY users.id`
    const rows: ReadonlyArray<{ n: number | null; text: string | null }> = await all(statement)
    expect(rows).toEqual([
      { n: 31, text: "Ann" },
      { n: 17, text: "Bob" },
      { n: 64, text: "Cid" }
    ])
    const expression = from.select({ twice: sql(Type.integer)`${age} * ${2}` }).orderBy(id)
    expect(await all(expression)).toEqual([{ twice: 62 }, { twice: 34 }, { twice: 128 }])
    const condition = from
      .where(sql(Type.boolean)`${age} > ${30}`)
      .select(name)
      .orderBy(id)
    expect(await all(condition)).toEqual(["Ann", "Cid"])
    const source = statement.as("source")
    expect(await all(Query.from(source).select(source.c.text).orderBy(source.c.n))).toEqual([
      "Bob",
      "Ann",
      "Cid"
    ])
    expect(await run(Database.count(statement))).toBe(3)
  })

  test("values are bound, expressions and statements embed, in order [F58.2]", async () => {
    const n = Expr.param("n", Type.integer)
    const other = Query.alias(users, "other")
    const adults = Query.from(other).where(other.c.age.gt(20)).select(other.c.id)
    const query = from
      .where(name.ne("Zed"))
      .where(sql(Type.boolean)`${id} IN ${adults} AND ${age} < ${n} AND ${name} <> ${"Bob"}`)
      .where(age.gt(1))
      .select({ name })
    expect(await run(Database.all(query, { n: 60 }))).toEqual([{ name: "Ann" }])
    for (const dialect of dialects) {
      const compiled = compile(query, dialect)
      if (compiled._tag === "Refusal") throw new Error(compiled.construct)
      expect(compiled.slots.map((slot) => slot._tag)).toEqual([
        "Bound",
        "Bound",
        "Named",
        "Bound",
        "Bound"
      ])
      expect(compiled.text).not.toContain("Bob")
    }
    const some = Query.raw({ id: Type.integer })`
      SELECT x.id AS id FROM (SELECT 1 AS id UNION ALL SELECT 2) AS x
      WHERE x.id IN ${adults} OR x.id = ${2} ORDER BY 1`
    expect(await all(some)).toEqual([{ id: 1 }, { id: 2 }])
  })

  test("declared columns make it a source that is joined and filtered [F58.3]", async () => {
    const ranks = Query.raw({ who: Type.integer, top: Type.integer }, { tables: [posts] })`
      SELECT 1 AS who, ${7} AS top UNION ALL SELECT 3, ${9}`
    const top = ranks.as("best")
    const joined = from
      .join(top, top.c.who.eq(id))
      .where(top.c.top.gt(7))
      .select({ name, top: top.c.top })
    expect(await all(joined)).toEqual([{ name: "Cid", top: 9 }])
    const left = from.leftJoin(top, top.c.who.eq(id)).select({ name, top }).orderBy(id)
    expect(await all(left)).toEqual([
      { name: "Ann", top: { who: 1, top: 7 } },
      { name: "Bob", top: null },
      { name: "Cid", top: { who: 3, top: 9 } }
    ])
    const grouped = Query.from(top)
      .where(top.c.who.in(from.select(id)))
      .select(top.c.top)
    expect(new Set(await all(grouped))).toEqual(new Set([7, 9]))
    expect(await all(ranks.where(Expr.and()).limit(1))).toHaveLength(1)
    const again = ranks.as("again")
    expect(await all(from.where(id.in(Query.from(again).select(again.c.who))))).toHaveLength(2)
    for (const columns of [{}, { "two words": Type.text }, { 'quote"': Type.text }])
      expect(() => Query.raw(columns)`SELECT 1`).toThrow("raw:")
    expect(() => Query.raw({ a: Type.text })("SELECT 1" as never)).toThrow("template tag")
  })

  test("operators of one's own run and nest with the right parentheses", async () => {
    const int = { left: Type.integer, right: Type.integer, result: Type.integer }
    const minus = Expr.operator("-", int)
    const times = Expr.operator("*", int)
    const less = Expr.operator("<", { ...int, result: Type.boolean })
    const negative = Expr.prefix("-", { operand: Type.integer, result: Type.integer })
    const query = from
      .where(less(minus(age, 10), 60).and(less(age, 60).isNotNull()))
      .select({
        a: minus(age, minus(Expr.value(10, Type.integer), 3)),
        b: times(minus(age, 1), 2),
        c: minus(age, 1).mul(2),
        d: times(age.add(1), negative(age.sub(1))),
        e: negative(negative(age))
      })
      .orderBy(id)
      .limit(1)
    expect(await all(query)).toEqual([{ a: 24, b: 60, c: 60, d: -960, e: 31 }])
  })

  test("a type's operators take expressions of that type [F51.4]", async () => {
    const cents = Type.mapped(Type.integer, {
      name: "cents",
      from: (n) => ({ cents: n }),
      to: (value: { readonly cents: number }) => value.cents
    })
    const plus = Expr.operator("+", { left: cents, right: cents, result: cents })
    const price = Expr.value({ cents: 150 }, cents)
    expect(await all(Query.select({ sum: plus(price, { cents: 25 }) }))).toEqual([
      { sum: { cents: 175 } }
    ])
    // @ts-expect-error: a number is no price
    expect(plus(age, { cents: 25 })).toBeDefined()
  })

  test("tables and columns never declared are named with types and queried [F57.1]", async () => {
    const there = Table.exact("Posts", { id: Column.make(Type.integer), rank: Column.integer() })
    const rows = await all(Query.from(there).where(there.c.rank.gt(5)).select({ id: there.c.id }))
    expect(new Set(rows.map((row) => row.id))).toEqual(new Set([2, 3]))
  })

  test("a name is quoted for its case, and one column is left unquoted [F57.3]", async () => {
    const there = Table.exact("Posts", { userId: Column.integer(), rank: Column.integer() })
    const query = Query.from(there).where(there.c.userId.eq(3)).select({ rank: there.c.rank })
    expect(await all(query)).toEqual([{ rank: 9 }])
    const open = engine === "mariadb" ? "`Posts`.userId" : '"Posts"."userId"'
    expect(textOf(query, engine)).toContain(engine === "mariadb" ? "`userId`" : open)
    const bare = Query.from(users)
      .select({ n: sql(Type.integer)`users.AGE` })
      .orderBy(id)
      .limit(1)
    expect(await all(bare)).toEqual([{ n: 31 }])
  })
})

describe("SQL by hand as printed for mysql", () => {
  test("operators, calls and raw sources", () => {
    const near = Expr.operator("<->", {
      left: Type.integer,
      right: Type.integer,
      result: Type.double
    })
    const query = from.where(near(age.add(1), 2).lt(3)).select({
      call: Expr.call("my_schema.my_fn", Type.text, name, age.add(1)),
      raw: sql(Type.integer)`${age} + ${1}`
    })
    expect(textOf(query, "postgres").replaceAll('"', "")).toBe(
      "SELECT my_schema.my_fn(users.name, users.age + $1) AS call, users.age + $2::integer AS " +
        "raw FROM users WHERE (users.age + $3) <-> $4::integer < $5"
    )
    expect(refusalOf(query, "sqlite")).toMatchObject({ capability: "my_schema.my_fn" })
    const apart = from.where(near(age, 2).lt(3)).select({ id })
    expect(refusalOf(apart, "sqlite")).toMatchObject({ capability: "<->" })
  })

  test("a symbol or a name that is none is refused when built [F51.2 @all]", () => {
    const types = { left: Type.integer, right: Type.integer, result: Type.integer }
    const symbols = ["", " ", "--", "/*", "a", "+ 1 +", ";", "<>)", "'", "?", "$1", "OR 1=1", ":"]
    for (const symbol of symbols) {
      expect(() => Expr.operator(symbol, types)).toThrow("no operator of SQL's")
      expect(() => Expr.operator({ postgres: symbol }, types)).toThrow("no operator of SQL's")
      expect(() => Expr.prefix(symbol, { operand: Type.integer, result: Type.integer })).toThrow(
        "no operator of SQL's"
      )
    }
    for (const called of ["", "a b", "a(", "a;", 'a"', "a.b.c", "1a", "--"])
      expect(() => Expr.call(called, Type.text)).toThrow("the name of a function")
  })

  test("with a boolean result it is a condition in the type, else not [F51.3 @all]", () => {
    const of = { left: Type.integer, right: Type.integer }
    const condition = Expr.operator("<=>", { ...of, result: Type.boolean })
    const number = Expr.operator("<->", { ...of, result: Type.double })
    expect(String(from.where(condition(age, 1)))).toContain("WHERE")
    // @ts-expect-error: a number is no condition
    expect(() => textOf(from.where(number(age, 1)), "postgres")).toBeDefined()
  })

  test("a node of one's own prints per dialect, or is unsupported by name [F51.5 @all]", () => {
    const greatest = Expr.custom("greatest", Type.integer, {
      sqlite: (a, b) => sql(Type.integer)`max(${a}, ${b})`,
      postgres: (a, b) => sql(Type.integer)`greatest(${a}, ${b})`,
      mariadb: (a, b) => sql(Type.integer)`greatest(${a}, ${b})`
    })
    const query = from.select({ x: greatest(age, id) })
    expect(textOf(query, "sqlite")).toBe("SELECT max(users.age, users.id) AS x FROM users")
    expect(textOf(query, "postgres")).toBe("SELECT greatest(users.age, users.id) AS x FROM users")
    expect(refusalOf(query, "mysql")).toMatchObject({ capability: "greatest" })
    const hash = { left: Type.integer, right: Type.integer, result: Type.integer }
    expect(refusalOf(from.select(Expr.operator("#", hash)(age, 1)), "mariadb")).toMatchObject({
      capability: "#"
    })
    const turned = Expr.custom("turned", Type.integer, {
      sqlite: (a, b) => sql(Type.integer)`f(${b}, ${a})`
    })
    expect(() => turned(age, id)).toThrow("once, in order")
  })

  test("every ad hoc name is quoted where it must be [F57.2 @all]", () => {
    const odd = Table.exact('a"b`c; --', { 'x"y`z': Column.integer(), order: Column.integer() })
    const query = Query.from(odd).select({ n: odd.c['x"y`z'], o: odd.c.order })
    const ansi = 'SELECT "a""b`c; --"."x""y`z" AS n, "a""b`c; --"."order" AS o FROM "a""b`c; --"'
    const mysql = 'SELECT `a"b``c; --`.`x"y``z` AS n, `a"b``c; --`.`order` AS o FROM `a"b``c; --`'
    expectSql(query, { sqlite: ansi, postgres: ansi, mysql, mariadb: mysql })
    // @ts-expect-error: a string of the run does not stand in a literal place
    expect(() => sql(Type.integer)("1; drop table x")).toThrow("template tag")
  })
})

test("a text that is declared volatile is said where it stands and nowhere else", () => {
  const t = Table.make("t", { id: Column.id(), n: Column.double() })
  const steady = sql(Type.double)`abs(${t.c.n})`
  const drawn = sql(Type.double, { volatile: true })`random()`
  const undeclared = sql(Type.double)`random()`
  expect(drawn.node.key).not.toBe(undeclared.node.key)
  const sorted = (one: typeof steady | typeof drawn) =>
    textOf(
      Query.from(t)
        .orderBy(one as typeof steady)
        .select({ one: one as typeof steady }),
      "sqlite"
    )
  expect(sorted(steady)).toBe("SELECT abs(t.n) AS one FROM t ORDER BY one")
  expect(sorted(drawn)).toMatch(/^SELECT random\(\) AS one FROM t ORDER BY .*random\(\)/)
  const shuffled = Query.from(t).select(t.c.id)
  expect(textOf(shuffled.orderBy(drawn), "sqlite")).toBe(
    "SELECT t.id AS c0 FROM t ORDER BY random()"
  )
  expect(textOf(shuffled.orderBy(Fn.random()), "mariadb")).toMatch(/ORDER BY rand\(\)$/)
  // The subject of a case would be drawn for each of its parts.
  expect(() => Expr.case(drawn)).toThrow("drawn anew")
  expect(() => Expr.case(undeclared)).not.toThrow()
  const within = (one: typeof drawn) =>
    compile(
      Query.from(t)
        .where(one.between(t.c.n, 0, { symmetric: true }))
        .select(t.c.id),
      "sqlite"
    )
  expect(within(steady as never)._tag).toBe("Compiled")
  expect(within(drawn)).toMatchObject({ _tag: "Refusal", capability: "betweenSymmetric" })
  // Grouped by, it becomes a column first: each row has one value, however often it is said.
  const grouped = Query.from(t).groupBy(drawn).select({ drawn, n: Fn.count() })
  for (const dialect of dialects)
    expect(textOf(grouped, dialect).match(/random\(\)/g)).toHaveLength(1)
  const again = rewrite(drawn.node, (node) => node)
  expect(again).toBe(drawn.node)
})
