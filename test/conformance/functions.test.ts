import { Column, Database, Expr, Fn, LocalDate, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import { describe, expect, test } from "vitest"
import { engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const words = Table.make("words", {
  id: Column.id(),
  text: Column.text().nullable(),
  other: Column.varchar(20),
  n: Column.integer().nullable(),
  x: Column.double().nullable()
})
const prices = Table.make("prices", {
  id: Column.id(),
  price: Column.numeric(10, 2),
  fine: Column.numeric(12, 4)
})

const { id, n, other, text, x } = words.c
const { fine, price } = prices.c
const money = (text: string) => BigDecimal.fromStringUnsafe(text)

const texts = {
  id,
  replaced: Fn.replace(text, "a", other),
  cut: Fn.substring(text, 2, 3),
  rest: Fn.substring(text, Fn.position("b", text)),
  within: Fn.substring(text, n, n.add(1)),
  at: Fn.position(other, text),
  left: Fn.left(text, 2),
  right: Fn.right(text, 2),
  lpad: Fn.lpad(text, 4, "é😀"),
  rpad: Fn.rpad(text, 4),
  twice: Fn.repeat(text, 2),
  start: Fn.ltrim(text),
  end: Fn.rtrim(text),
  bytes: Fn.octetLength(text),
  joined: Fn.concatWs("-", text, other, Expr.value(null, Type.text), text),
  most: Fn.greatest(text, other, "b"),
  least: Fn.least(other, text)
}

const numbers = {
  id,
  floor: Fn.floor(x),
  ceil: Fn.ceil(x),
  round: Fn.round(x),
  hundredths: Fn.round(x, 2),
  sign: Fn.sign(x),
  whole: Fn.round(n, 2),
  most: Fn.greatest(n, 3),
  least: Fn.least(n, id, 2),
  root: Fn.sqrt(n),
  square: Fn.power(n, 2)
}

describe.each(engines)("functions on %s", (engine) => {
  const { agrees, all, fill, run } = useDatabase(engine, { words, prices })

  test("texts are of characters, whatever their bytes", async () => {
    await fill("words", [
      { text: "aXbaé😀", other: "ba", n: 2, x: 2.5 },
      { text: " a ", other: "", n: -1, x: -2.5 },
      { text: "", other: "😀", n: 0, x: 0.49999999999999994 },
      { text: null, other: "a", n: null, x: null },
      { text: "😀", other: "😀", n: 5, x: 2.675 }
    ])
    expect(await agrees(Query.from(words).select(texts).orderBy(id))).toHaveLength(5)
    await agrees(Query.from(words).where(Fn.left(text, 1).eq("a")).select({ id }))
    await agrees(
      Query.from(words)
        .groupBy(Fn.substring(other, 1, 1))
        .select({ first: Fn.substring(other, 1, 1), n: Fn.count() })
    )
  })

  test("numbers round alike, halves away from zero", async () => {
    expect(await agrees(Query.from(words).select(numbers).orderBy(id))).toHaveLength(5)
  })

  test("decimals round exactly", async () => {
    const values = ["2.50", "-2.50", "2.49", "-0.01", "0.00", "123456.75"]
    const rows = values.map((one) => ({ price: money(one), fine: money(one) }))
    await run(Database.run(Query.insert(prices).rows(rows)))
    const asked = Query.from(prices)
      .orderBy(prices.c.id)
      .select({
        floor: Fn.floor(price),
        ceil: Fn.ceil(price),
        round: Fn.round(price),
        tenth: Fn.round(price, 1),
        same: Fn.round(price, 2),
        sign: Fn.sign(price),
        most: Fn.greatest(price, fine.sub(money("1")))
      })
    const found = (await all(asked)).map((row) =>
      Object.values(row).map((one) => (BigDecimal.isBigDecimal(one) ? BigDecimal.format(one) : one))
    )
    expect(found).toEqual([
      ["2", "3", "3", "2.5", "2.5", 1, "2.5"],
      ["-3", "-2", "-3", "-2.5", "-2.5", -1, "-2.5"],
      ["2", "3", "2", "2.5", "2.49", 1, "2.49"],
      ["-1", "0", "0", "0", "-0.01", -1, "-0.01"],
      ["0", "0", "0", "0", "0", 0, "0"],
      ["123456", "123457", "123457", "123456.8", "123456.75", 1, "123456.75"]
    ])
  })

  test("no real number is NULL, not an error", async () => {
    const of = (one: number) => Expr.value(one, Type.double)
    expect(
      await all(
        Query.select({
          root: Fn.sqrt(of(-1)),
          inverse: Fn.power(of(0), -1),
          odd: Fn.power(of(-8), 0.5),
          even: Fn.power(of(-8), 2)
        })
      )
    ).toEqual([{ root: null, inverse: null, odd: null, even: 64 }])
  })

  test("random differs from row to row and is from 0 up to 1", async () => {
    const rows = await all(
      Query.from(words).select({ r: Fn.random(), s: Fn.random() }).orderBy(Fn.random())
    )
    expect(rows.every(({ r, s }) => r >= 0 && r < 1 && s >= 0 && s < 1)).toBe(true)
    expect(new Set(rows.flatMap(({ r, s }) => [r, s])).size).toBe(rows.length * 2)
  })

  test("the clock is the server's, in UTC and milliseconds [F59.4]", async () => {
    const before = Date.now()
    const [row] = await all(
      Query.select({ at: Fn.now(), day: Fn.currentDate(), time: Fn.currentTime() })
    )
    const millis = row!.at.epochMilliseconds
    expect(Math.abs(millis - before)).toBeLessThan(60_000)
    const iso = new Date(millis).toISOString()
    expect(row!.day.toString()).toBe(iso.slice(0, 10))
    expect(row!.time.microsecond % 1000).toBe(0)
    const asMillis = Number(row!.time) / 1000
    // On SQLite too one row is one step, and one moment.
    expect(asMillis).toBe(millis % 86_400_000)
    expect(
      await all(
        Query.from(words)
          .where(Fn.currentDate().gte(LocalDate.make(2020, 1, 1)))
          .select({ n: Fn.count() })
      )
    ).toEqual([{ n: 5 }])
  })
})

describe("functions as printed for sqlite, postgres, mariadb and mysql", () => {
  test("each in each dialect's words", () => {
    const query = Query.from(words).select({
      replaced: Fn.replace(other, "a", "b"),
      cut: Fn.substring(other, 2, 3),
      rest: Fn.substring(other, n),
      right: Fn.right(other, 2),
      twice: Fn.repeat(other, 2),
      round: Fn.round(x),
      most: Fn.greatest(n, id),
      at: Fn.position("a", other)
    })
    const mysql =
      "SELECT CASE WHEN CAST(? AS CHAR) IS NOT NULL THEN replace(words.other, CAST(? AS CHAR), " +
      "CAST(? AS CHAR)) END AS replaced, substr(words.other, 2, 3) AS cut, " +
      "substr(words.other, greatest(words.n, 1)) AS rest, right(words.other, 2) AS `right`, " +
      "repeat(words.other, 2) AS twice, CASE WHEN words.x - truncate(words.x, 0) >= 0.5 THEN " +
      "truncate(words.x, 0) + 1 WHEN words.x - truncate(words.x, 0) <= -0.5 THEN " +
      "truncate(words.x, 0) - 1 ELSE truncate(words.x, 0) END AS round, " +
      "greatest(words.n, words.id) AS most, locate(CAST(? AS CHAR), words.other) AS at FROM words"
    expectSql(query, {
      sqlite:
        "SELECT CASE WHEN ? IS NOT NULL THEN replace(words.other, ?, ?) END AS replaced, " +
        "substr(words.other, 2, 3) AS cut, substr(words.other, max(words.n, 1)) AS rest, " +
        'substr(words.other, -2, 2) AS "right", ' +
        "replace(hex(zeroblob(2)), '00', words.other) AS twice, " +
        "CASE WHEN words.x - trunc(words.x) >= 0.5 THEN trunc(words.x) + 1 " +
        "WHEN words.x - trunc(words.x) <= -0.5 THEN trunc(words.x) - 1 " +
        "ELSE trunc(words.x) END AS round, max(words.n, words.id) AS most, " +
        "instr(words.other, ?) AS at FROM words",
      postgres:
        "SELECT replace(words.other, $1::text, $2::text) AS replaced, " +
        "substr(words.other, 2, 3) AS cut, substr(words.other, words.n) AS rest, " +
        'right(words.other, 2) AS "right", repeat(words.other, 2) AS twice, ' +
        "CASE WHEN words.x - trunc(words.x) >= 0.5 THEN trunc(words.x) + 1 " +
        "WHEN words.x - trunc(words.x) <= -0.5 THEN trunc(words.x) - 1 " +
        "ELSE trunc(words.x) END AS round, CASE WHEN words.n IS NULL THEN NULL " +
        "ELSE greatest(words.n, words.id) END AS most, strpos(words.other, $3::text) AS at " +
        "FROM words",
      mysql,
      mariadb: mysql
    })
  })

  test("what SQLite has not is refused by name", () => {
    for (const [name, asked] of Object.entries({
      reverse: Fn.reverse(other),
      md5: Fn.md5(other),
      sha256: Fn.sha256(other)
    }))
      expect(refusalOf(Query.from(words).select(asked), "sqlite").capability).toBe(name)
  })

  test("a drawn value is never said twice", () => {
    const drawn = Fn.greatest(Fn.random(), 0.5)
    expect(textOf(Query.select({ drawn }), "postgres")).toBe(
      "SELECT CASE WHEN $1::double precision IS NULL THEN NULL " +
        "ELSE greatest(random(), $1::double precision) END AS drawn"
    )
    for (const asked of [Fn.round(Fn.random()), Fn.power(Fn.random(), 2)])
      expect(refusalOf(Query.select({ asked }), "mariadb").capability).toMatch(/round|power/)
    const both = Query.select({ a: Fn.random(), b: Fn.random() })
    const inner = Query.from(words).select({ r: Fn.random() }).as("inner")
    const outer = Query.from(inner).where(inner.c.r.lt(0.5)).select({ r: inner.c.r })
    expectSql(both, {
      sqlite:
        "SELECT ((random() & 9007199254740991) / 9007199254740992.0) AS a, " +
        "((random() & 9007199254740991) / 9007199254740992.0) AS b",
      postgres: "SELECT random() AS a, random() AS b",
      mysql: "SELECT rand() AS a, rand() AS b",
      mariadb: "SELECT rand() AS a, rand() AS b"
    })
    expectSql(outer, {
      sqlite:
        'SELECT "inner".r FROM (WITH "inner" AS MATERIALIZED (SELECT ((random() & ' +
        "9007199254740991) / 9007199254740992.0) AS r FROM words) SELECT * FROM " +
        '"inner") AS "inner" WHERE "inner".r < ?',
      postgres:
        'SELECT "inner".r FROM (SELECT random() AS r FROM words) AS "inner" WHERE "inner".r < $1',
      mysql: "SELECT `inner`.r FROM (SELECT rand() AS r FROM words) AS `inner` WHERE `inner`.r < ?",
      mariadb:
        "SELECT `inner`.r FROM (SELECT rand() AS r FROM words) AS `inner` WHERE `inner`.r < ?"
    })
  })

  test("what a function cannot take is refused when it is built", () => {
    expect(() => Fn.left(other, -1)).toThrow("left: -1 is no whole number")
    expect(() => Fn.repeat(other, 0.5)).toThrow("repeat: 0.5 is no whole number")
    expect(() => Fn.lpad(other, 3, "")).toThrow("nothing to fill up with")
    expect(() => Fn.substring(other, 1.5)).toThrow("substring: 1.5 is no whole number")
    expect(() => Fn.round(x, 16)).toThrow("round: 16 is no whole number from 0 to 15")
    expect(() => Fn.greatest(n)).toThrow("nothing to compare with")
    expect(() => Fn.concatWs("-")).toThrow("no text to join")
    expect(() => Fn.replace(other, null as never, "b")).toThrow("replace: the operand is null")
  })
})
