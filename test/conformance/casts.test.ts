import { Check, Column, Database, Expr, Fn, Query, StatementError, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import { describe, expect, test } from "vitest"
import { createOrder } from "../../src/compile/schema/schemaOrder.ts"
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
const none = ["\u00a07", "x", "", "12abc", "1 2", "--1", "1,5", "- 1", "1e", "٣", "1.5x", "'"]

const tries = [
  ...wholes,
  ...numbers,
  ...none,
  "32768",
  "-2147483649",
  "2147483647",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "-99999999999999999999999",
  "0".repeat(90) + "12",
  "9".repeat(400),
  "1e999",
  "-1e999",
  "1e308",
  "1e-400",
  "0e999",
  "-0.0e-999",
  "5e-324",
  "0x1F",
  "1_000",
  "NaN",
  "Infinity",
  "true",
  "\t7\n",
  "7 \u2003"
]

describe.each(engines)("casts that are tried on %s", (engine) => {
  const { agrees, all, failure, fill, run } = useDatabase(engine, { notes })

  test("a text that is no number, or none of the type, gives NULL [F55.5]", async () => {
    await fill(
      "notes",
      [null, ...tries].map((value, i) => ({ text: value, real: i }))
    )
    const from = Query.from(notes)
    const values = {
      small: Fn.tryCast(text, Type.smallint),
      int: Fn.tryCast(text, Type.integer),
      big: Fn.tryCast(text, Type.bigint),
      real: Fn.tryCast(text, Type.double)
    }
    const rows = await agrees(from.orderBy(id).select({ id, ...values }))
    const found = (of: string) => rows[tries.indexOf(of) + 1]!
    expect(found(" 12 ")).toMatchObject({ small: 12, int: 12, big: 12n, real: 12 })
    expect(found("12abc")).toMatchObject({ small: null, int: null, big: null, real: null })
    expect(found("32768")).toMatchObject({ small: null, int: 32_768, big: 32_768n })
    expect(found("1e-400")).toMatchObject({ int: null, real: null })
    expect(found("0".repeat(90) + "12")).toMatchObject({ small: 12 })
    expect(rows.filter(({ real }) => real !== null).length).toBeGreaterThan(20)
    // In a condition, below an aggregate, given with the statement, and where it is written.
    await agrees(from.where(values.int.gt(0)).orderBy(id).select(id))
    await agrees(from.select({ sum: Fn.sum(values.int), least: Fn.min(values.real) }))
    for (const given of tries)
      await agrees(
        Query.select({
          int: Fn.tryCast(Expr.value(given, Type.text), Type.integer),
          real: Fn.tryCast(Expr.value(given, Type.text), Type.double)
        })
      )
    // Strict MariaDB fails where a CAST in an UPDATE meets a numeral beyond every double.
    const huge = ["1e999", "-1e999", "9".repeat(400)]
    if (engine === "mariadb") {
      const over = Query.update(notes).set({ real: values.real }).where(text.in(huge))
      expect(await failure(Database.run(over))).toMatchObject(typed)
      await run(Database.run(Query.deleteFrom(notes).where(text.in(huge))))
    }
    const written = Query.update(notes)
      .set({ real: values.real.coalesce(-1) })
      .everyRow()
    const left = engine === "mariadb" ? rows.filter((_, i) => !huge.includes(tries[i - 1]!)) : rows
    expect(await run(Database.run(written))).toBe(left.length)
    const stored = await all(from.orderBy(id).select(real))
    expect(stored).toEqual(left.map((row) => row.real ?? -1))
    const copied = Query.update(notes).set({ real: values.big.coalesce(-1n).cast(Type.double) })
    expect(await run(Database.run(copied.everyRow()))).toBe(left.length)
  })

  test("what is no text, or no such type, is no cast to be tried", () => {
    const wrong: (value: unknown, type: unknown) => unknown = Fn.tryCast as never
    expect(() => wrong(real, Type.integer)).toThrow(StatementError)
    expect(() => wrong(text, Type.date)).toThrow(StatementError)
    // @ts-expect-error it may be NULL
    const value: Expr.Expr<number, "notes"> = Fn.tryCast(text, Type.integer)
    expect(value.node).toMatchObject({ _tag: "Cast", orNull: true })
  })
})

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
      "REGEXP '^[[:space:]]*[+-]?[0-9]+[[:space:]]*$' AND octet_length(notes.text) = " +
      "char_length(notes.text) AND CAST(notes.text AS DECIMAL(65, 0)) " +
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

test("a cast that is tried is printed for mysql [F55.5]", () => {
  const said = (matches: string, decimal: string, name: string) =>
    `SELECT CAST(CASE WHEN notes.text ${matches} ` +
    "'^[[:space:]]*[+-]?0*[0-9]{1,19}[[:space:]]*$' " +
    "AND octet_length(notes.text) = char_length(notes.text) THEN CASE WHEN CAST(notes.text AS " +
    `${decimal}) BETWEEN -2147483648 AND 2147483647 THEN notes.text END END AS ${name}) AS n ` +
    "FROM notes"
  expectSql(Query.from(notes).select({ n: Fn.tryCast(text, Type.integer) }), {
    sqlite: "SELECT athanor_try_integer(notes.text, 32) AS n FROM notes",
    postgres: said("~", "numeric", "integer"),
    mysql: said("REGEXP", "DECIMAL(65, 0)", "SIGNED"),
    mariadb: said("REGEXP", "DECIMAL(65, 0)", "SIGNED")
  })
  const double = Query.from(notes).select({ n: Fn.tryCast(text, Type.double) })
  expect(refusalOf(double, capabilities("postgres", [15, 0, 0]))).toMatchObject({
    capability: "tryCast"
  })
})
