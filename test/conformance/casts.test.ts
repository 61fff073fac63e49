import { Check, Column, Database, type Expr, Fn, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import { describe, expect, test } from "vitest"
import { createOrder } from "../../src/compile/schemaOrder.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { engines, expectSql, refusalOf, useDatabase } from "./support.ts"

const notes = Table.make("notes", {
  id: Column.id(),
  text: Column.text().nullable(),
  real: Column.double().nullable()
})
const { id, real, text } = notes.c

type Typed<A> = Parameters<typeof Type.array<A>>[0]

const typed = { _tag: expect.stringMatching(/^(InvalidText|ValueOutOfRange)$/) }

const wholes = ["0", "-7", "+5", "007", " 12 ", "32767", "-32768"]
const numbers = ["0.5", "-1.25", "1e3", ".5", "2.", " 7 "]
const none = ["x", "", "12abc", "1 2", "--1", "1,5", "- 1", "1e", "٣", "1.5x", "'"]

describe.each(engines)("casts of text on %s", (engine) => {
  const { all, failure, fill } = useDatabase(engine, { notes })
  const of = <A>(type: Typed<A>) => Query.from(notes).select(text.cast(type))
  const one = <A>(value: string | null, type: Typed<A>) =>
    Query.from(notes).where(text.same(value)).select(text.cast(type))

  test("a text that is a number is that number, and NULL is NULL [F55.1]", async () => {
    await fill(
      "notes",
      [null, ...wholes, ...numbers, ...none].map((value, i) => ({ text: value, real: i }))
    )
    for (const value of wholes) {
      expect(await all(one(value, Type.smallint))).toEqual([Number(value)])
      expect(await all(one(value, Type.bigint))).toEqual([BigInt(Number(value))])
      const decimal = await all(one(value, Type.double))
      expect(decimal).toEqual([Number(value)])
    }
    for (const value of numbers) expect(await all(one(value, Type.double))).toEqual([Number(value)])
    for (const type of [Type.integer, Type.bigint, Type.double])
      expect(await all(one(null, type as Typed<number>))).toEqual([null])
  })

  test("of any other text it fails with a type, whatever the row asks [F55.2]", async () => {
    const types = [Type.smallint, Type.integer, Type.bigint, Type.double] as const
    for (const value of none)
      for (const type of types)
        expect(
          await failure(Database.all(one(value, type as Typed<number>))),
          `${JSON.stringify(value)} as ${type.key}`
        ).toMatchObject(typed)
    for (const value of numbers.filter((number) => number.trim() !== "7"))
      expect(await failure(Database.all(one(value, Type.integer)))).toMatchObject(typed)
    const filtered = Query.from(notes).where(text.cast(Type.integer).gt(0)).select(id)
    expect(await failure(Database.all(filtered))).toMatchObject(typed)
    const grouped = Query.from(notes).select(Fn.sum(text.cast(Type.double)))
    expect(await failure(Database.all(grouped))).toMatchObject(typed)
    expect(await failure(Database.all(of(Type.bigint)))).toMatchObject(typed)
  })

  test("beyond its type it fails, never the last number there is [F55.2]", async () => {
    const write = (value: string) => fill("notes", [{ text: value, real: 0 }])
    const beyond = [
      ["32768", Type.smallint],
      ["-2147483649", Type.integer],
      ["9223372036854775808", Type.bigint],
      ["-99999999999999999999999", Type.bigint],
      ["1e999", Type.double]
    ] as const
    for (const [value, type] of beyond) {
      await write(value)
      expect(await failure(Database.all(one(value, type as Typed<number>))), value).toMatchObject(
        typed
      )
    }
    await write("9223372036854775807")
    await write("-9223372036854775808")
    expect(await all(one("9223372036854775807", Type.bigint))).toEqual([2n ** 63n - 1n])
    expect(await all(one("-9223372036854775808", Type.bigint))).toEqual([-(2n ** 63n)])
  })

  test("a double is cut to a whole number, or beyond one it fails [F55.2]", async () => {
    await fill(
      "notes",
      [1.9, -1.9, 2 ** 53 + 2, 1e19, -1e300].map((value) => ({ real: value, text: `r${value}` }))
    )
    const asked = (value: number) =>
      Query.from(notes)
        .where(real.eq(value).and(text.eq(`r${value}`)))
        .select(real.cast(Type.bigint))
    expect(await all(asked(1.9))).toEqual([1n])
    expect(await all(asked(-1.9))).toEqual([-1n])
    expect(await all(asked(2 ** 53 + 2))).toEqual([2n ** 53n + 2n])
    expect(await failure(Database.all(asked(1e19)))).toMatchObject(typed)
    expect(await failure(Database.all(asked(-1e300)))).toMatchObject(typed)
  })
})

describe.each(["postgres", "mariadb"] as const)("casts of text to decimals on %s", (engine) => {
  const { all, failure, fill } = useDatabase(engine, { notes })
  const one = (value: string) =>
    Query.from(notes)
      .where(text.eq(value))
      .select(text.cast(Type.numeric(5, 2)))

  test("the decimal it says, or a failure [F55.2]", async () => {
    const kept = ["1.25", "-999.99", "0", " 7 ", "1e2", "007.10"]
    await fill(
      "notes",
      [...kept, ...none, "1000", "-1e9", "999.999"].map((value) => ({ text: value }))
    )
    for (const value of kept) {
      const [found] = await all(one(value))
      expect(BigDecimal.toNumberUnsafe(found!)).toBe(Number(value))
    }
    for (const value of [...none, "1000", "-1e9", "999.999"])
      expect(await failure(Database.all(one(value))), value).toMatchObject(typed)
  })
})

describe("casts as printed for sqlite, postgres, mariadb and mysql", () => {
  test("each in each dialect's words; of an integer's text nothing is asked", () => {
    const mysql =
      "SELECT CAST(CASE WHEN notes.text IS NULL OR notes.text " +
      "REGEXP '^[[:space:]]*[+-]?[0-9]+[[:space:]]*$' AND CAST(notes.text AS DECIMAL(65, 0)) " +
      "BETWEEN -2147483648 AND 2147483647 OR exp(710 + char_length(notes.text)) " +
      "THEN notes.text END AS SIGNED) AS n, CAST(CAST(notes.id AS CHAR) AS SIGNED) AS m FROM notes"
    expectSql(
      Query.from(notes).select({
        n: text.cast(Type.integer),
        m: id.cast(Type.text).cast(Type.integer)
      }),
      {
        sqlite:
          "SELECT athanor_integer(notes.text, 32) AS n, CAST(CAST(notes.id AS TEXT) AS INTEGER) " +
          "AS m FROM notes",
        postgres:
          "SELECT CAST(notes.text AS integer) AS n, CAST(CAST(notes.id AS text) AS integer) AS m " +
          "FROM notes",
        mysql,
        mariadb: mysql
      }
    )
  })

  test("of a text that is drawn, and in SQLite's schema, refused by name", () => {
    const drawn = Query.select({ n: Fn.random().cast(Type.bigint) })
    expect(refusalOf(drawn, "mariadb").capability).toBe("cast")
    const checked = Table.make(
      "checked",
      { id: Column.id(), text: Column.text() },
      (c: { readonly text: Expr.Expr<string, any> }) => [
        Check.that(c.text.cast(Type.integer).gt(0), "positive")
      ]
    )
    const source = (checked as unknown as { readonly c: typeof notes.c }).c.text.node
    const table = (source as unknown as { readonly source: never }).source
    const [create] = createOrder([table], capabilities("sqlite"))
    expect(refusalOf({ node: create! }, "sqlite").capability).toBe("cast")
  })
})
