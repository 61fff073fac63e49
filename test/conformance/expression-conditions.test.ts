import { Column, Expr, Query, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, expectSql, useDatabase } from "./support.ts"

const pairs = Table.make("pairs", {
  id: Column.id(),
  a: Column.integer().nullable(),
  b: Column.integer().nullable(),
  c: Column.integer().nullable()
})
const words = Table.make("words", {
  id: Column.id(),
  text: Column.text().nullable(),
  pattern: Column.text().nullable()
})
const members = { pairs, words }

/** The negation of a condition that may be NULL, which the types refuse. */
const not = <R>(condition: Expr.Expr<boolean | null, R>) =>
  (condition as Expr.Expr<boolean, R>).not() as Expr.Expr<boolean | null, R>

const values = [null, -1, 0, 1]
const texts = ["", "a", "A", "aB", "Ab!", "50%", "a_b", "A'B", "A\\b", "zZ", null]

describe.each(engines)("null-safe conditions on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all } = database
  const { a, b, c, id } = pairs.c

  test("the same is two-valued, and so is its negation [F42.3]", async () => {
    await database.fill(
      "pairs",
      values.flatMap((one) =>
        values.flatMap((two) => values.map((three) => ({ a: one, b: two, c: three })))
      )
    )
    const other = Query.alias(pairs, "other")
    const rows: ReadonlyArray<{ same: boolean; not: boolean }> = await agrees(
      Query.from(pairs)
        .leftJoin(other, other.c.id.eq(id).and(other.c.a.gt(other.c.b)))
        .select({
          id,
          same: a.same(b),
          not: a.same(b).not(),
          value: a.same(0),
          outer: other.c.a.same(a),
          both: other.c.a.same(other.c.b)
        })
        .orderBy(id)
    )
    expect(rows.map(({ same }) => same)).toContain(true)
    for (const row of rows)
      for (const value of Object.values(row).slice(1)) expect(typeof value).toBe("boolean")
    expect(rows.every(({ not, same }) => same !== not)).toBe(true)
    await agrees(Query.from(pairs).where(a.same(b)).select({ id }))
    await agrees(Query.from(pairs).where(a.same(b).not()).select({ id }))
  })

  test("of the literal null it asks whether there is a value [F42.2]", async () => {
    const is = Query.from(pairs).where(a.same(null)).select(id)
    expect(await agrees(is)).toEqual(await all(Query.from(pairs).where(a.isNull()).select(id)))
    const not = Query.from(pairs).where(a.same(null).not()).select(id)
    expect(await agrees(not)).toEqual(await all(Query.from(pairs).where(a.isNotNull()).select(id)))
    for (const asked of ["eq", "ne", "lt", "lte", "gt", "gte", "same"] as const) {
      const ask = a[asked] as (that: unknown) => unknown
      expect(() => ask.call(a, undefined)).toThrow("the operand is undefined")
      if (asked !== "same") expect(() => ask.call(a, null)).toThrow("use isNull()")
    }
  })

  test("between takes both ends, and its symmetric form in either order [F42.4]", async () => {
    const symmetric = { symmetric: true }
    await agrees(
      Query.from(pairs)
        .select({
          id,
          straight: a.between(b, c),
          not: not(a.between(b, c)),
          either: a.between(b, c, symmetric),
          neither: not(a.between(b, c, symmetric)),
          values: a.between(1, -1, symmetric)
        })
        .orderBy(id)
    )
    const between = (low: number, high: number) =>
      all(
        Query.from(pairs)
          .where(a.between(low, high, symmetric))
          .select(a)
          .distinct()
          .orderBy(a)
      )
    expect(await between(0, 1)).toEqual([0, 1])
    expect(await between(1, 0)).toEqual([0, 1])
    expect(await between(-1, -1)).toEqual([-1])
  })
})

describe.each(engines)("patterns on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all } = database
  const { id, pattern, text } = words.c
  const matching = async (condition: Expr.Expr<boolean | null, "words">) =>
    new Set(await all(Query.from(words).where(condition).select(text)))

  test("without case, ASCII letters of either match [F45.2]", async () => {
    await database.fill(
      "words",
      texts.map((text) => ({ text, pattern: text === null ? "%" : "a%" }))
    )
    await agrees(
      Query.from(words).select({
        id,
        i: text.ilike("A%"),
        not: not(text.ilike("%B")),
        column: text.ilike(pattern)
      })
    )
    expect(await matching(text.ilike("ab%"))).toEqual(new Set(["aB", "Ab!"]))
    expect(await matching(text.like("ab%"))).toEqual(new Set())
    const ignoreCase = { ignoreCase: true }
    expect(await matching(text.startsWith("AB", ignoreCase))).toEqual(new Set(["aB", "Ab!"]))
    expect(await matching(text.endsWith("B", ignoreCase))).toEqual(
      new Set(["aB", "a_b", "A'B", "A\\b"])
    )
    expect(await matching(text.contains("_B", ignoreCase))).toEqual(new Set(["a_b"]))
    expect(await matching(text.contains("_B"))).toEqual(new Set())
  })

  test("an escape character is chosen, and a quote is as safe [F45.4]", async () => {
    for (const escape of ["!", "'", '"', "\\", "$", "a", ":", "?", "`"]) {
      await agrees(Query.from(words).select({ id, like: text.like(`%${escape}%`, { escape }) }))
      expect(await matching(text.like(`50${escape}%`, { escape }))).toEqual(new Set(["50%"]))
      expect(await matching(text.like(`_${escape}_b`, { escape }))).toEqual(new Set(["a_b"]))
    }
    expect(await matching(text.ilike("%'_B", { escape: "'" }))).toEqual(new Set(["a_b"]))
    expect(await matching(text.like("A\\b", { escape: "!" }))).toEqual(new Set(["A\\b"]))
    for (const escape of ["", "ab", "%", "_", "é", "\0", "\n"])
      expect(() => text.like("%", { escape })).toThrow("the escape is not one ASCII character")
    expect(() => text.ilike("%", { escape: "a" })).toThrow("the escape is not one ASCII character")
  })
})

/** What every dialect says, MySQL without a server among them. */
describe("conditions as printed for mysql", () => {
  const { a, b, c, id } = pairs.c
  const { pattern, text } = words.c
  const of = Query.from(pairs)

  test("null-safe equality [F42.2 F42.3]", () => {
    expectSql(
      of
        .where(a.same(b).or(a.same(b).not()))
        .where(a.same(1).or(a.same(null)))
        .select(id),
      {
        sqlite:
          "SELECT pairs.id AS c0 FROM pairs WHERE (pairs.a IS pairs.b OR pairs.a IS NOT pairs.b) " +
          "AND (pairs.a IS ? OR pairs.a IS NULL)",
        postgres:
          "SELECT pairs.id AS c0 FROM pairs WHERE (pairs.a IS NOT DISTINCT FROM pairs.b OR " +
          "pairs.a IS DISTINCT FROM pairs.b) AND (pairs.a IS NOT DISTINCT FROM $1 OR pairs.a " +
          "IS NULL)",
        mysql:
          "SELECT pairs.id AS c0 FROM pairs WHERE (pairs.a <=> pairs.b OR NOT pairs.a <=> " +
          "pairs.b) " +
          "AND (pairs.a <=> ? OR pairs.a IS NULL)",
        mariadb:
          "SELECT pairs.id AS c0 FROM pairs WHERE (pairs.a <=> pairs.b OR NOT pairs.a <=> " +
          "pairs.b) " +
          "AND (pairs.a <=> ? OR pairs.a IS NULL)"
      }
    )
  })

  test("between in either order [F42.4]", () => {
    const both =
      "SELECT pairs.a BETWEEN pairs.b AND pairs.c OR pairs.a BETWEEN pairs.c AND pairs.b AS x " +
      "FROM pairs"
    expectSql(of.select({ x: a.between(b, c, { symmetric: true }) }), {
      sqlite: both,
      postgres: "SELECT pairs.a BETWEEN SYMMETRIC pairs.b AND pairs.c AS x FROM pairs",
      mysql: both,
      mariadb: both
    })
  })

  test("patterns without case and with an escape [F45.2 F45.4]", () => {
    const query = Query.from(words).where(
      text
        .ilike("a%")
        .or(text.like(pattern, { escape: "'" }))
        .or(not(text.ilike("b")))
    )
    const lower = (place: string) =>
      `lower(words.text) LIKE lower(${place}) ESCAPE '\\' OR words.text LIKE words.pattern ` +
      `ESCAPE '''' OR lower(words.text) NOT LIKE lower(${place}) ESCAPE '\\'`
    const select = "SELECT words.id, words.text, words.pattern FROM words WHERE "
    expectSql(query, {
      sqlite: select + lower("?"),
      postgres:
        `${select}words.text ILIKE $1 OR words.text LIKE words.pattern ESCAPE '''' ` +
        "OR words.text NOT ILIKE $2",
      mysql: select + lower("CAST(? AS CHAR)"),
      mariadb: select + lower("CAST(? AS CHAR)")
    })
  })

  test("junctions flat, negation moved into its predicate but not EXISTS [F43.2 @all]", () => {
    const inner = Query.from(words).correlate(pairs).where(words.c.id.eq(id)).exists()
    const no = Expr.and(
      Expr.and(a.eq(1), Expr.and(b.eq(2), Expr.or(a.lt(1), Expr.or(b.lt(2), c.lt(3))))),
      id.eq(1).not(),
      id.lt(1).not(),
      id.in([1]).not(),
      a.isNull().not(),
      a.coalesce(0).cast(Type.text).like("x").not(),
      inner.not(),
      Expr.or(id.eq(1), id.eq(2)).not()
    )
    const mysql =
      "SELECT pairs.id FROM pairs WHERE pairs.a = ? AND pairs.b = ? AND (pairs.a < ? OR " +
      "pairs.b < " +
      "? OR pairs.c < ?) AND pairs.id <> ? AND pairs.id >= ? AND pairs.id NOT IN (?) AND pairs.a " +
      "IS NOT NULL AND CAST(coalesce(pairs.a, CAST(? AS SIGNED)) AS CHAR) NOT LIKE ? ESCAPE '\\' " +
      "AND NOT EXISTS (SELECT 1 FROM words WHERE words.id = pairs.id) AND NOT (pairs.id = ? OR " +
      "pairs.id = ?)"
    expectSql(of.where(no).select({ id }), {
      sqlite:
        "SELECT pairs.id FROM pairs WHERE pairs.a = ? AND pairs.b = ? AND (pairs.a < ? OR " +
        "pairs.b " +
        "< ? OR pairs.c < ?) AND pairs.id <> ? AND pairs.id >= ? AND pairs.id NOT IN (SELECT " +
        "value " +
        "FROM json_each(?)) AND pairs.a IS NOT NULL AND CAST(coalesce(pairs.a, ?) AS TEXT) NOT " +
        "LIKE ? ESCAPE '\\' AND NOT EXISTS (SELECT 1 FROM words WHERE words.id = pairs.id) AND " +
        "NOT (pairs.id = ? OR pairs.id = ?)",
      postgres:
        "SELECT pairs.id FROM pairs WHERE pairs.a = $1 AND pairs.b = $2 AND (pairs.a < $3 OR " +
        "pairs.b < $4 OR pairs.c < $5) AND pairs.id <> $6 AND pairs.id >= $7 AND pairs.id <> " +
        "ALL($8) AND pairs.a IS NOT NULL AND CAST(coalesce(pairs.a, $9::integer) AS text) NOT " +
        "LIKE " +
        "$10 AND NOT EXISTS (SELECT 1 FROM words WHERE words.id = pairs.id) AND NOT (pairs.id = " +
        "$11 OR pairs.id = $12)",
      mysql,
      mariadb: mysql
    })
  })
})
