import { Column, Database, Expr, Query, sql, Table, Type } from "athanor"
import * as fc from "fast-check"
import { beforeAll, describe, expect, test } from "vitest"
import { dialects, engines, textOf, useDatabase } from "./support.ts"

const numbers = Table.make("numbers", { id: Column.id(), a: Column.integer() })
const notes = Table.make("notes", { id: Column.id(), body: Column.text() })

const text_ = (value: string) => Expr.value(value, Type.text)

/** Text that breaks out of whatever forgets to bind it. */
const nasty = [
  "'",
  "''",
  '"',
  "`",
  "\\",
  "\\'",
  "' or 1=1 --",
  "/* */",
  "-- x",
  "# x",
  ";",
  "$1",
  "?",
  ":x",
  "😀",
  "\u200f",
  "%s",
  "{}",
  "$$",
  "\n",
  "\0x"
]

describe.each(engines)("parameters on %s", (engine) => {
  const { all, failure, fill, run } = useDatabase(engine, { numbers, notes })

  beforeAll(() => fill("numbers", [{ a: 7 }, { a: 7 }, { a: 1 }]))

  test("parameters of a query are those of what reads it by a name", async () => {
    const { a, id } = numbers.c
    const least = Query.from(numbers)
      .where(a.gt(Expr.param("least", Type.integer)))
      .select({ id, a })
    const cte = least.cte("large")
    const derived = least.as("larger")
    const own = Query.from(cte).where(cte.c.id.gt(Expr.param("after", Type.integer)))
    expect(await run(Database.all(own.select(cte.c.id), { least: 5, after: 1 }))).toEqual([2])
    const joined = Query.from(numbers)
      .leftJoin(derived, derived.c.id.eq(id))
      .orderBy(id)
      .select({ id, a: derived.c.a })
    expect(await run(Database.all(joined, { least: 5 }))).toEqual([
      { id: 1, a: 7 },
      { id: 2, a: 7 },
      { id: 3, a: null }
    ])
    const series = Query.series(1, Expr.param("to", Type.integer)).as("series")
    const both = Query.from(series).join(cte, cte.c.id.eq(series.c.value))
    expect(await run(Database.all(both.select(cte.c.id), { to: 1, least: 0 }))).toEqual([1])
  })

  test("every literal is bound: no text of it is in the statement [F56.1]", async () => {
    const strings = fc.oneof(
      fc.array(fc.constantFrom(...nasty), { maxLength: 4 }).map((parts) => parts.join("x")),
      fc.string({ unit: "binary", maxLength: 12 })
    )
    await fc.assert(
      fc.asyncProperty(strings, async (drawn) => {
        const text = `canary${drawn}${engine === "postgres" ? "" : "\0"}`.replaceAll(
          "\0",
          engine === "postgres" ? "" : "\0"
        )
        const query = Query.from(numbers)
          .where(
            text_(text)
              .eq(text)
              .and(text_(text).in([text, "other"]))
          )
          .select({
            text: text_(text),
            case: Expr.when(numbers.c.a.eq(1), text).else("no"),
            sql: sql(Type.text)`${text}`
          })
          .limit(1)
        for (const dialect of dialects) expect(textOf(query, dialect)).not.toContain("canary")
        const [row] = await all(query)
        expect(row).toMatchObject({ text, sql: text })
        const insert = Query.insert(notes).values({ body: text })
        for (const dialect of dialects) expect(textOf(insert, dialect)).not.toContain("canary")
        await run(Database.run(insert))
        expect(
          await run(Database.count(Query.from(notes).where(notes.c.body.eq(text))))
        ).toBeGreaterThan(0)
      }),
      { numRuns: 60 }
    )
  })

  test("one parameter used twice is given once [F56.3]", async () => {
    const n = Expr.param("n", Type.integer)
    const { a, id } = numbers.c
    const query = Query.from(numbers)
      .where(a.gt(n).or(a.eq(n)))
      .select({ a, n })
      .orderBy(id)
      .limit(n)
    const rows = await run(Database.all(query, { n: 2 }))
    expect(rows).toEqual([
      { a: 7, n: 2 },
      { a: 7, n: 2 }
    ])
    expect(await run(Database.all(query, { n: 1 }))).toEqual([{ a: 7, n: 1 }])
  })

  test.each([
    "a b",
    "'; drop table numbers --",
    '"',
    "é😀",
    "__proto__",
    "constructor",
    "1",
    "$1",
    "?",
    ""
  ])("a parameter named %j works [F56.5]", async (name) => {
    const query = Query.select({ given: Expr.param(name, Type.integer) })
    const given = Object.defineProperty({}, name, { value: 5, enumerable: true }) as never
    expect(await run(Database.all(query, given))).toEqual([{ given: 5 }])
    const error = await failure(Database.all(query, {}))
    expect(error).toMatchObject({ _tag: "ParameterMissing", name })
  })

  test("?, :, $ and \\ of literal parts reach the server as they are [F58.4]", async () => {
    const wanted = Query.select({
      a: sql(Type.boolean)`'a?b:c$1\\d' = ${"a?b:c$1\\d"}`,
      c: sql(Type.boolean)`${"$2"} = '$2'`,
      d: sql(Type.text)`'?? :x $$ \\\\ $1'`,
      e: sql(Type.integer)`${1} /* ? $9 :z \\ */ + ${2} -- ?
        + 4`
    })
    expect(await all(wanted)).toEqual([{ a: true, c: true, d: "?? :x $$ \\\\ $1", e: 7 }])
  })
})
