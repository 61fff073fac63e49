import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { dialects, engines, expectSql, textOf, useDatabase } from "./support.ts"

const numbers = Table.make("numbers", {
  id: Column.id(),
  a: Column.integer().nullable(),
  b: Column.integer().nullable(),
  kind: Column.enum(["few", "some", "many"])
})
const { a, b, id, kind } = numbers.c
const from = Query.from(numbers)

describe.each(engines)("cases and parameters on %s", (engine) => {
  const { agrees, all, failure, fill, run } = useDatabase(engine, { numbers })

  test("the simple form compares one value, and NULL with none [F54.2]", async () => {
    const kinds = ["few", "some", "many"] as const
    await fill(
      "numbers",
      [null, 1, 2].flatMap((a) => [null, 1, 2].map((b, i) => ({ a, b, kind: kinds[i]! })))
    )
    const rows: ReadonlyArray<{ name: string; open: string | null }> = await agrees(
      from
        .select({
          name: Expr.case(a).when(1, "one").when(b, "same").else("other"),
          open: Expr.case(a).when(b, "same").when(2, "two").end(),
          sum: Expr.case(a.add(1)).when(2, b).when(3, 0).end()
        })
        .orderBy(id)
    )
    expect(rows.map(({ name }) => name)).toEqual(
      ["other", "other", "other", "one", "one", "one", "other", "other", "same"] // NULLs: other
    )
    expect(rows.slice(0, 3).map(({ open }) => open)).toEqual([null, null, null])
  })

  test("the record form maps literals to results [F54.3]", async () => {
    const rows: ReadonlyArray<{ n: number | null; text: string }> = await agrees(
      from
        .select({
          n: Expr.case(kind, { few: 1, many: 100 }),
          text: Expr.case(kind, { few: kind, some: "s" }, "?"),
          number: Expr.case(a, { 1: "one", 2: "two" })
        })
        .orderBy(id)
        .limit(3)
    )
    expect(rows).toEqual([
      { n: 1, text: "few", number: null },
      { n: null, text: "s", number: null },
      { n: 100, text: "?", number: null }
    ])
    expect(() => Expr.case(kind, {})).toThrow("the record of results is empty")
  })

  test("a parameter too many or too few is a typed error that names it [F56.2]", async () => {
    const query = from.where(a.eq(Expr.param("n", Type.integer))).select(id)
    expect(await run(Database.all(query, { n: 1 }))).toHaveLength(3)
    const unknown = await failure(Database.all(query, { n: 1, other: 2 } as never))
    expect(unknown).toMatchObject({ _tag: "EncodeFailed", path: "other", transaction: "alive" })
    expect(await failure(Database.all(query, {} as never))).toMatchObject({
      _tag: "ParameterMissing",
      name: "n"
    })
    // A parameter that no text needs is still one of the statement.
    const folded = from.where(Expr.and(Expr.or(), a.eq(Expr.param("n", Type.integer)))).select(id)
    expect(await run(Database.all(folded, { n: 1 }))).toEqual([])
    const plain = await failure(Database.all(from, ...([{ n: 1 }] as unknown as [])))
    expect(plain).toMatchObject({ _tag: "EncodeFailed", path: "n" })
  })

  test("a computed value is made each time the statement runs [F56.4]", async () => {
    let made = 0
    const query = Query.select({ n: Expr.computed(() => ++made, Type.integer) })
    expect(made).toBe(0)
    expect([await all(query), await all(query)]).toEqual([[{ n: 1 }], [{ n: 2 }]])
    const rows = await all(from.select(Expr.computed(() => ++made, Type.integer)))
    expect(new Set(rows)).toEqual(new Set([3]))
  })

  test("retyped, a value is read as another type", async () => {
    expect(
      await all(Query.select({ big: Expr.retype(Expr.value(7, Type.integer), Type.bigint) }))
    ).toEqual([{ big: 7n }])
  })
})

describe("cases, types and texts as printed for mysql", () => {
  test("the three forms of case [F54.2 F54.3]", () => {
    const one = (a: string, b: string, c: string, d: string) =>
      `SELECT CASE WHEN numbers.a = ${a} THEN ${b} ELSE ${c} END AS x FROM numbers${d}`
    expectSql(from.select({ x: Expr.case(a).when(1, "one").else("many") }), {
      sqlite: one("?", "?", "?", ""),
      postgres: one("$1", "$2::text", "$3::text", ""),
      mysql: one("?", "CAST(? AS CHAR)", "CAST(? AS CHAR)", ""),
      mariadb: one("?", "CAST(? AS CHAR)", "CAST(? AS CHAR)", "")
    })
  })

  test("retyping prints nothing and changes the decoder alone [F55.3 @all]", () => {
    for (const dialect of dialects) {
      const plain = from.where(a.add(1).gt(b)).select({ x: a })
      const retyped = from
        .where(Expr.retype(a.add(1), Type.integer).gt(b))
        .select({ x: Expr.retype(a, Type.bigint) })
      expect(textOf(retyped, dialect).replaceAll(/[()]/g, "").replace(" AS x", "")).toBe(
        textOf(plain, dialect).replaceAll(/[()]/g, "").replace(" AS x", "").replace("a AS", "a")
      )
    }
  })

  test("branches of one type, or of a common one [F54.5 @all]", () => {
    const refused = [
      // @ts-expect-error: a text and a number
      () => Expr.when(a.gt(1), "x").else(1),
      // @ts-expect-error: a number and a text column
      () => Expr.case(a).when(1, 2).when(2, kind).end(),
      // @ts-expect-error: a boolean and a text
      () => Expr.when(a.gt(1), true).when(a.lt(1), "x").end()
    ]
    for (const build of refused) expect(build).toThrow("one branch gives")
    expect(Expr.when(a.gt(1), kind).else("x")).toBeDefined()
  })

  test("a statement prints itself readably in a console and an error [F83.6 @all]", () => {
    const secret = "hunter2"
    const inner = Query.from(numbers).select(b)
    const query = from
      .where(a.gt(1).and(kind.eq("few").or(a.in(inner))))
      .groupBy(kind)
      .having(Fn.count().gt(2))
      .select({ kind, n: Fn.count(), x: Expr.param("p", Type.integer) })
      .orderBy(kind.desc())
      .limit(5)
    const text =
      "SELECT numbers.kind, count(*), :p FROM numbers WHERE numbers.a > ? AND (numbers.kind = ? " +
      "OR numbers.a IN (SELECT numbers.b FROM numbers)) GROUP BY numbers.kind HAVING count(*) > " +
      "? ORDER BY numbers.kind DESC LIMIT ?"
    expect(String(query)).toBe(text)
    expect(inspect(query)).toBe(text)
    expect(new Error(`no rows of ${query}`).message).toContain("SELECT numbers.kind")
    const joined = from.as("n")
    expect(String(Query.from(joined).leftJoin(numbers, joined.c.id.eq(id)).distinct())).toBe(
      "SELECT DISTINCT n.id, n.a, n.b, n.kind FROM (SELECT numbers.id, numbers.a, numbers.b, " +
        "numbers.kind FROM numbers) AS n LEFT JOIN numbers ON n.id = numbers.id"
    )
    const update = Query.update(numbers).set({ a: 1 }).where(id.eq(2))
    expect(String(update)).toBe("UPDATE numbers (a) WHERE numbers.id = ?")
    expect(String(Query.insert(numbers).values({ kind: "few" }).returning())).toMatch(
      /^INSERT numbers \(.*kind.*\) RETURNING numbers\.id/
    )
    expect(String(Query.deleteFrom(numbers).everyRow())).toBe("DELETE numbers WHERE TRUE")
    expect(String(from.where(kind.eq(secret as never)))).not.toContain(secret)
    const long = from.where(Expr.or(...Array.from({ length: 10_000 }, (_, i) => a.eq(i))))
    expect(String(long).length).toBeLessThan(2_000)
    let deep = a.add(1)
    for (let i = 0; i < 5_000; i++) deep = deep.add(1)
    expect(String(from.select(deep)).length).toBeLessThan(2_000)
  })
})
