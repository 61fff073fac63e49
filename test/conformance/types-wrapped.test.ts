import { Database, Expr, Fn, Query, sql, StatementError, Table, Type, Column } from "athanor"
import { Postgres } from "athanor/postgres"
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { dialects, engines, refusalOf, textOf, useDatabase } from "./support.ts"

interface Point {
  readonly x: number
  readonly y: number
}

/** As text `(1,2)`; a geometry where the server has one. */
const point = Type.wrapped<Point>({
  name: "point",
  sql: { default: "point", sqlite: "text" },
  as: Type.mapped(Type.text, {
    name: "Point",
    from: (text) => {
      const [x, y] = text
        .replace(/^(?:POINT)?\(|\)$/g, "")
        .split(/[ ,]/)
        .map(Number)
      return { x: x!, y: y! }
    },
    to: ({ x, y }) => `(${x},${y})`
  }),
  write: {
    postgres: "CAST({value} AS point)",
    mysql: "ST_GeomFromText(concat('POINT', replace({value}, ',', ' ')))",
    mariadb: "ST_GeomFromText(concat('POINT', replace({value}, ',', ' ')))"
  },
  read: {
    postgres: "CAST({value} AS text)",
    mysql: "ST_AsText({value})",
    mariadb: "ST_AsText({value})"
  }
})

/** Text that is the same in any case, and shows it: lower where it is stored, upper where read. */
const folded = Type.wrapped({
  name: "folded",
  sql: { default: "varchar(40)", sqlite: "text" },
  as: Type.text,
  write: "lower({value})",
  read: "upper({value})"
})

const places = Table.make("places", {
  id: Column.id(),
  at: Column.make(point).nullable(),
  name: Column.make(folded),
  more: Column.make(folded).serverDefault("None")
})
const { at, id, more, name } = places.c

const same = Fn.define("same", {
  args: [point, point],
  result: Type.boolean,
  strict: true,
  print: {
    sqlite: (a, b) => sql(Type.boolean)`${a} = ${b}`,
    postgres: (a, b) => sql(Type.boolean)`${a} ~= ${b}`,
    default: "ST_Equals"
  }
})

const times = (text: string, word: string): number => text.split(word).length - 1

describe.each(engines)("wrapped types on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, { places })

  test("what is written or selected passes its expression once [F111.1 F111.3]", async () => {
    const back = await run(
      Database.one(
        Query.insert(places)
          .values({ at: { x: 1, y: 2.5 }, name: "Rome" })
          .returning({ id, at, name, more })
      )
    )
    expect(back).toEqual({ id: 1, at: { x: 1, y: 2.5 }, name: "ROME", more: "NONE" })
    const rows = [
      { at: { x: -3, y: 0 }, name: "Oslo" },
      { at: null, name: "Bern", more: "Much" }
    ]
    await run(Database.run(Query.insert(places).rows(rows)))
    const stored = sql(Type.text)`${name}`
    expect(await all(Query.from(places).orderBy(id).select({ at, name, stored }))).toEqual([
      { at: { x: 1, y: 2.5 }, name: "ROME", stored: "rome" },
      { at: { x: -3, y: 0 }, name: "OSLO", stored: "oslo" },
      { at: null, name: "BERN", stored: "bern" }
    ])
    await run(
      Database.run(
        Query.update(places)
          .set({ at: { x: 7, y: 7 }, more: "LESS" })
          .where(name.eq("Bern"))
      )
    )
    expect(await all(Query.from(places).where(more.eq("less")).select({ at, more }))).toEqual([
      { at: { x: 7, y: 7 }, more: "LESS" }
    ])
  })

  test("in filters, lists, and parameters [F111.2]", async () => {
    const names = (condition: Expr.Value<boolean | null, "places" | Expr.Uses<"places">>) =>
      all(
        Query.from(places)
          .where(condition as Expr.Expr<boolean, "places">)
          .orderBy(id)
          .select(name)
      )
    expect(await names(same(at, { x: 1, y: 2.5 }))).toEqual(["ROME"])
    expect(await names(name.in(["ROME", "bern", "Paris"]))).toEqual(["ROME", "BERN"])
    expect(await names(name.in(["ROME", "bern"]).not())).toEqual(["OSLO"])
    expect(await names(name.between("BERN", "OSLO"))).toEqual(["OSLO", "BERN"])
    const asked = Query.from(places)
      .where(name.eq(Expr.param("name", folded)))
      .select(id)
    expect(await run(Database.all(asked, { name: "OSLO" }))).toEqual([2])
  })

  test("once through derived tables, CTEs, records, unions and lists [F111.2]", async () => {
    const inner = Query.from(places).select({ id, deep: { at, name } })
    const derived = inner.as("derived")
    const cte = Query.from(derived)
      .select({ id: derived.c.id, at: derived.c.deep.at, name: derived.c.deep.name })
      .cte("named")
    const outer = Query.from(cte)
      .where(cte.c.name.eq("Rome"))
      .select({ in: { at: cte.c.at, name: cte.c.name } })
    const [text] = await sentBy(Database.all(outer))
    expect(times(text!, "upper(")).toBe(1)
    expect(times(text!, "lower(")).toBe(1)
    expect(await all(outer)).toEqual([{ in: { at: { x: 1, y: 2.5 }, name: "ROME" } }])
    const both = Query.from(places)
      .where(id.eq(1))
      .select({ name })
      .unionAll(Query.from(places).where(id.eq(2)).select({ name }))
    expect((await all(both)).map((row) => row.name).toSorted()).toEqual(["OSLO", "ROME"])
    const distinct = Query.from(places).orderBy(name).select({ name }).distinct()
    if (engine === "postgres")
      expect(await failure(Database.all(distinct))).toMatchObject({
        _tag: "Unsupported",
        capability: "orderedDistinct"
      })
    else expect((await all(distinct)).map((row) => row.name)).toEqual(["BERN", "OSLO", "ROME"])
    expect(await all(Query.from(places).select(Fn.max(name)))).toEqual(["ROME"])
    expect(await all(Query.from(places).groupBy(id).orderBy(id).select(Fn.jsonAgg(at)))).toEqual([
      [{ x: 1, y: 2.5 }],
      [{ x: -3, y: 0 }],
      [{ x: 7, y: 7 }]
    ])
    // Copied from row to row it stays what it is.
    const copy = Query.insert(places).fromSelect(
      Query.from(places).where(id.eq(1)).select({ at, name })
    )
    const [said] = await sentBy(Database.run(copy))
    expect(times(said!, "upper(") + times(said!, "lower(")).toBe(0)
    expect(await all(Query.from(places).where(id.eq(4)).select({ at, name }))).toEqual([
      { at: { x: 1, y: 2.5 }, name: "ROME" }
    ])
    const gone = Query.deleteFrom(places).where(id.eq(4)).returning({ name })
    expect(await run(Database.all(gone))).toEqual([{ name: "ROME" }])
  })

  test("many rows at once", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({
      at: { x: i, y: i / 4 },
      name: `Many ${i}`
    }))
    await run(Database.run(Query.insert(places).rows(rows)))
    const found = await all(
      Query.from(places).where(name.like("many %")).orderBy(id).select({ at, name })
    )
    expect(found).toEqual(rows.map((row) => ({ at: row.at, name: row.name.toUpperCase() })))
    await run(Database.run(Query.deleteFrom(places).where(name.like("many %"))))
  })

  if (engine === "postgres")
    test("COPY takes no expressions", async () => {
      const rows = Stream.make({ name: "x" })
      const error = await failure(
        Postgres.copyIn(Query.insert(places), rows) as Effect.Effect<number, never, Database>
      )
      expect(error).toMatchObject({ _tag: "EncodeFailed", path: "rows[0].name" })
    })
})

const geometry =
  "SELECT ST_AsText(places.at) AS at FROM places WHERE ST_Equals(places.at, " +
  "ST_GeomFromText(concat('POINT', replace(CAST(? AS CHAR), ',', ' '))))"

describe("wrapped types, printed", () => {
  test("as each dialect says them", () => {
    const query = Query.from(places)
      .where(same(at, { x: 1, y: 2 }))
      .select({ at })
    expect(Object.fromEntries(dialects.map((one) => [one, textOf(query, one)]))).toEqual({
      sqlite: "SELECT places.at FROM places WHERE places.at = ?",
      postgres:
        "SELECT CAST(places.at AS text) AS at FROM places " +
        "WHERE places.at ~= CAST($1::text AS point)",
      mysql: geometry,
      mariadb: geometry
    })
  })

  test("a dialect without the type refuses it by its name [F112.3 @all]", () => {
    const own = Type.wrapped({ name: "cube", sql: { postgres: "cube" }, as: Type.text })
    const t = Table.make("t", { value: Column.make(own) })
    expect(textOf(Query.from(t), "postgres")).toBe('SELECT t."value" FROM t')
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const) {
      expect(refusalOf(Query.from(t), dialect).capability).toBe("cube")
      expect(refusalOf(Query.insert(t).values({ value: "1" }), dialect).capability).toBe("cube")
    }
  })

  test("a text for a dialect nobody knows is inert [F112.3 @all]", () => {
    const spelled = { default: "text", oracle: "clob" }
    const t = Table.make("t", {
      value: Column.make(Type.wrapped({ name: "long", sql: spelled, as: Type.text }))
    })
    for (const dialect of dialects) expect(textOf(Query.from(t), dialect)).not.toContain("clob")
  })

  test("an expression without its hole is malformed", () => {
    for (const write of ["lower()", "f({value}, {value})"])
      expect(() => Type.wrapped({ name: "wrong", sql: "text", as: Type.text, write })).toThrow(
        StatementError
      )
  })
})
