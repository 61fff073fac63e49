import { Column, Database, Expr, Fn, Query, Table, Type, unsafeSql } from "athanor"
import { readable } from "athanor/compile"
import * as BigDecimal from "effect/BigDecimal"
import * as fc from "fast-check"
import { beforeAll, describe, expect, test } from "vitest"
import * as LocalDate from "../../src/algebra/values/LocalDate.ts"
import { engines, useDatabase } from "./support.ts"

const notes = Table.make("notes", {
  id: Column.id(),
  body: Column.text().nullable(),
  n: Column.integer(),
  big: Column.bigint(),
  real: Column.double(),
  price: Column.numeric(10, 2),
  yes: Column.boolean(),
  day: Column.date()
})
const { big, body, day, id, n, price, real, yes } = notes.c
const from = Query.from(notes)
const decimal = BigDecimal.fromStringUnsafe

const nasty = ["'", "''", '"', "`", "\\", "\\'", "--", "/*", "#", "?", "$1", ":x", "\n", "😀", "%"]

describe.each(engines)("literals on %s", (engine) => {
  const { all, fill, run } = useDatabase(engine, { notes })

  const textOf = (statement: Query.Statement<any, any>): string => {
    const said = readable(statement, engine)
    if (said._tag === "Refusal") throw new Error(said.construct)
    return said.text
  }

  /** The rows of a text without any parameter, through the columns of the query it is of. */
  const sent = async (statement: Query.Statement<any, any>): Promise<ReadonlyArray<unknown>> => {
    const text = textOf(statement)
    const raw = Query.raw({ a: Type.text })(unsafeSql(text))
    return run(Database.all(raw))
  }

  beforeAll(async () => {
    const row = { n: -7, big: 2n ** 62n, real: 1.5, price: decimal("12.50"), yes: true }
    const given = { ...row, body: "it's", day: LocalDate.parse("2024-02-29") }
    await fill("notes", [])
    await run(Database.run(Query.insert(notes).rows([given, { ...given, body: null, n: 3 }])))
  })

  test("a value written into the text is read back the same [F56.6]", async () => {
    const strings = fc.oneof(
      fc.array(fc.constantFrom(...nasty), { maxLength: 5 }).map((parts) => parts.join("x")),
      fc.string({ unit: "binary", maxLength: 12 }).map((one) => one.replaceAll("\0", ""))
    )
    await fc.assert(
      fc.asyncProperty(strings, async (value) => {
        const text = Expr.value(value, Type.text)
        expect(await sent(Query.select({ a: text }))).toEqual([{ a: value }])
      }),
      { numRuns: 60 }
    )
    // PostgreSQL's codec refuses it before, as it does when it is bound.
    if (engine === "postgres") return
    const refused = readable(Query.select(Expr.value("a\0b", Type.text)), engine)
    expect(refused).toMatchObject({ capability: "literal" })
  })

  test("a statement with its values in it is for reading, and still true [F83.2]", async () => {
    const conditions = [
      body.eq("it's").and(n.eq(-7)),
      n.in([-7, 1, 2]),
      big.gte(2n ** 62n),
      real.lt(2).and(real.gt(1.25)),
      price.eq(decimal("12.5")),
      yes.eq(true),
      day.eq(LocalDate.parse("2024-02-29")),
      n.add(-1).mul(2).eq(-16),
      Expr.tuple(n, body).in([[-7, "it's"]]),
      body.like("%'s").or(body.isNull()),
      Expr.case(n).when(-7, "low").else("high").eq("low"),
      Fn.matches(body, "^it'")
    ]
    for (const condition of conditions) {
      const query = from.where(condition as Expr.Expr<boolean | null, "notes">).limit(5)
      const bound = query.select({ a: body.coalesce("none").concat("!") }).orderBy(id)
      expect(await sent(bound), textOf(bound)).toEqual(await all(bound))
      expect(textOf(bound)).not.toMatch(engine === "postgres" ? /\$\d/ : /[ (]\?[ ),]/)
    }
    const named = from.where(n.eq(Expr.param("n", Type.integer))).select({ a: body })
    expect(textOf(named)).toContain(engine === "postgres" ? "$1" : "?")
    expect(readable(named, engine)).not.toHaveProperty("slots")
    const insert = Query.insert(notes).values({
      n: 1,
      big: 1n,
      real: 2,
      price: decimal("1"),
      yes: false,
      day: LocalDate.parse("2024-01-01")
    })
    await run(Database.script(textOf(insert)))
    expect(await run(Database.count(from))).toBe(3)
  })
})
