import { Column, Database, Expr, Fn, Query, Table } from "athanor"
import { capabilities } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

/** Pairs of small values, null included. */
const pairs = Table.make("pairs", {
  id: Column.id(),
  a: Column.integer().nullable(),
  b: Column.integer().nullable()
})
/** TRUE and FALSE; a left join that finds neither is NULL. */
const truths = Table.make("truths", { key: Column.integer().primaryKey(), is: Column.boolean() })
const nine = Table.make("nine", {
  id: Column.id(),
  left: Column.integer(),
  right: Column.integer()
})
const words = Table.make("words", {
  id: Column.id(),
  text: Column.text(),
  pattern: Column.text().nullable(),
  spare: Column.text().nullable()
})
const members = { pairs, truths, nine, words }

const values = [null, -1, 0, 1, 2_147_483_647]
const texts = ["", "a", "A", "ab", "a%b", "a_b", "axb", "a\\b", "100%", "_", "%", "\\", "é", "日本"]
const patterns = [...texts, "a%", "%b", "_", "a_b", "a\\%b", "a\\_b", "%\\\\%", "%é%", "__", null]

type Truth = Expr.Expr<boolean | null, "l" | "r">

const l = Query.alias(truths, "l")
const r = Query.alias(truths, "r")
/** All pairs of truth values. */
const logic = Query.from(nine)
  .leftJoin(l, l.c.key.eq(nine.c.left))
  .leftJoin(r, r.c.key.eq(nine.c.right))

describe.each(engines)("conditions on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, run, sentBy } = database

  test("comparisons are those of the oracle on every pair, null included [F42.1]", async () => {
    await database.fill(
      "pairs",
      values.flatMap((a) => values.map((b) => ({ a, b })))
    )
    const { a, b, id } = pairs.c
    const rows = await agrees(
      Query.from(pairs)
        .select({
          id,
          eq: a.eq(b),
          ne: a.ne(b),
          lt: a.lt(b),
          lte: a.lte(b),
          gt: a.gt(b),
          gte: a.gte(b)
        })
        .orderBy(id)
    )
    expect(rows).toHaveLength(25)
    expect(rows[0]).toEqual({ id: 1, eq: null, ne: null, lt: null, lte: null, gt: null, gte: null })
    for (const value of [-1, 0, 1]) {
      await agrees(
        Query.from(pairs).select({ id, eq: a.eq(value), lt: a.lt(value), gte: a.gte(value) })
      )
      await agrees(Query.from(pairs).where(a.ne(value)).select({ id }))
    }
  })

  test("isNull and isNotNull are never null, in type and value [F42.6]", async () => {
    const { a, b, id } = pairs.c
    const other = Query.alias(pairs, "other")
    const rows: ReadonlyArray<{ is: boolean; not: boolean; away: boolean }> = await agrees(
      Query.from(pairs)
        .leftJoin(other, other.c.id.eq(id).and(other.c.a.eq(b)))
        .select({ is: a.isNull(), not: a.isNotNull(), away: other.c.id.isNull() })
    )
    expect(new Set(rows.flatMap((row) => Object.values(row)))).toEqual(new Set([true, false]))
    expect(rows.filter((row) => row.is)).toHaveLength(5)
    expect(rows.every((row) => row.is !== row.not)).toBe(true)
  })

  test("and, or and not are three-valued on all nine pairs [F43.1]", async () => {
    await database.fill("truths", [
      { key: 1, is: true },
      { key: 0, is: false }
    ])
    await database.fill(
      "nine",
      [1, 0, 9].flatMap((left) => [1, 0, 9].map((right) => ({ left, right })))
    )
    const rows = await agrees(
      logic
        .select({ and: l.c.is.and(r.c.is), or: Expr.or(l.c.is, r.c.is), not: l.c.is.not() })
        .orderBy(nine.c.id)
    )
    expect(rows.map(({ and }) => and)).toEqual([
      true,
      false,
      null,
      false,
      false,
      false,
      null,
      false,
      null
    ])
    expect(rows.map(({ or }) => or)).toEqual([
      true,
      true,
      true,
      true,
      false,
      null,
      true,
      null,
      null
    ])
    expect(rows.map(({ not }) => not)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      null,
      null,
      null
    ])
    expect(await agrees(logic.where(l.c.is.and(r.c.is)).select({ id: nine.c.id }))).toEqual([
      { id: 1 }
    ])
    expect(await agrees(logic.where(l.c.is.not()).select({ id: nine.c.id }))).toHaveLength(3)
  })

  test("and of nothing is true, or of nothing is false [F43.3]", async () => {
    const query = Query.from(truths)
    expect(await agrees(query.select({ and: Expr.and(), or: Expr.or() }))).toEqual([
      { and: true, or: false },
      { and: true, or: false }
    ])
    expect(await agrees(query.where(Expr.and()))).toHaveLength(2)
    expect(await agrees(query.where(Expr.or()))).toHaveLength(0)
  })

  test("true and false stand wherever a condition may [F43.4]", async () => {
    const yes = Expr.and()
    const no = Expr.or()
    const one = Query.alias(truths, "one")
    const of = Query.from(truths)
    const { is, key } = truths.c
    await agrees(of.where(yes).where(no).select({ key }))
    await agrees(of.join(one, yes).select({ key }))
    await agrees(of.leftJoin(one, no).select({ key, one }))
    await agrees(of.groupBy(key).having(yes).select({ key, n: Fn.count() }))
    await agrees(of.select({ no: yes.not(), or: no.or(is), and: yes.and(is), null: no.isNull() }))
    await agrees(of.select({ case: Expr.when(no, 1).when(yes, 2).else(3), key }).orderBy(yes, key))
    expect(
      await agrees(of.select({ eq: is.eq(yes), in: is.in([true]), co: is.coalesce(no) }).where(is))
    ).toEqual([{ eq: true, in: true, co: true }])
  })

  test("a negation moved inwards changes no row [F43.5]", async () => {
    const where = { left: l.c.is, right: r.c.is, key: l.c.key, other: r.c.key }
    const { left, right } = where
    const negated = [
      [left.and(right).not(), left.not().or(right.not())],
      [left.or(right).not(), left.not().and(right.not())],
      [where.key.eq(where.other).not(), where.key.ne(where.other)],
      [where.key.lt(where.other).not(), where.key.gte(where.other)],
      [where.key.lte(where.other).not(), where.key.gt(where.other)],
      [where.key.isNull().not(), where.key.isNotNull()],
      [where.key.between(0, where.other).not(), where.key.lt(0).or(where.key.gt(where.other))],
      [where.key.in([0, 5]).not(), where.key.ne(0).and(where.key.ne(5))],
      [left.not().not(), left]
    ] as ReadonlyArray<readonly [Truth, Truth]>
    for (const [outside, inside] of negated) {
      const rows = await agrees(logic.select({ id: nine.c.id, is: outside }).orderBy(nine.c.id))
      expect(await agrees(logic.select({ id: nine.c.id, is: inside }).orderBy(nine.c.id))).toEqual(
        rows
      )
      const kept = await agrees(logic.where(outside).select({ id: nine.c.id }).orderBy(nine.c.id))
      expect(kept.map(({ id }) => id)).toEqual(rows.filter(({ is }) => is).map(({ id }) => id))
      await agrees(logic.where(inside).select({ id: nine.c.id }).orderBy(nine.c.id))
    }
  })

  test("10,000 terms give an answer [F43.6]", async () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i)
    const any = Expr.or(...numbers.map((n) => truths.c.key.eq(n)))
    const none = Expr.and(...numbers.map((n) => truths.c.key.ne(n + 1)))
    for (const [condition, expected] of [
      [any, 2],
      [none, 1]
    ] as const) {
      expect(await all(Query.from(truths).where(condition))).toHaveLength(expected)
    }
  })

  test("the empty list is false and its negation true, for null too [F44.2]", async () => {
    const { key } = l.c
    const query = logic.select({ in: key.in([]), not: key.in([]).not() })
    expect(new Set((await agrees(query)).map((row) => `${row.in} ${row.not}`))).toEqual(
      new Set(["false true"])
    )
    expect(await agrees(logic.where(key.in([])))).toEqual([])
    expect(await agrees(logic.where(key.in([]).not()).select({ id: nine.c.id }))).toHaveLength(9)
  })

  test("more values than parameters: an answer, or refused before sending [F44.6]", async () => {
    const limit = capabilities(engine).maxParameters
    const keys = Array.from({ length: limit + 1 }, (_, i) => i + 1)
    const many = Query.from(truths).where(truths.c.key.in(keys))
    expect(await sentBy(Database.all(many))).toHaveLength(1)
    expect(await all(many)).toEqual([{ key: 1, is: true }])
    // JSON carries no pairs: on MariaDB each part has a place of its own.
    const pairs = Query.from(truths).where(
      Expr.tuple(truths.c.key, truths.c.key).in(keys.map((key) => [key, key] as const))
    )
    if (engine === "mariadb") {
      expect(await database.failure(Database.all(pairs))).toMatchObject({
        _tag: "TooManyParameters",
        limit
      })
      expect(await sentBy(Effect.ignore(Database.all(pairs)))).toEqual([])
    } else expect(await all(pairs)).toEqual([{ key: 1, is: true }])
  })

  test("like matches by percent and underscore, and tells case apart [F45.1]", async () => {
    await database.fill(
      "words",
      texts.flatMap((text) => patterns.map((pattern) => ({ text, pattern, spare: null })))
    )
    const { id, pattern, text } = words.c
    for (const one of ["a%", "%b", "_", "a_b", "A%", "%", "", "a\\%b", "日_"]) {
      await agrees(
        Query.from(words).select({ id, like: text.like(one), not: text.like(one).not() })
      )
      await agrees(Query.from(words).where(text.like(one).not()).select({ id }))
    }
    const readable = pattern.isNotNull().and(pattern.ne("\\")).and(pattern.ne("a\\b"))
    const some = Query.from(words).where(readable).select({ text, pattern }).as("some")
    await agrees(Query.from(some).select({ some, like: some.c.text.like(some.c.pattern) }))
    const upper = Query.from(words).where(text.like("A")).select(text).distinct()
    expect(await agrees(upper)).toEqual(["A"])
  })

  test("starts with, ends with and contains take text literally [F45.3]", async () => {
    const { text } = words.c
    const distinct = Query.from(words).select(text).distinct()
    const found = async (condition: Expr.Expr<boolean, "words">) =>
      (await agrees(distinct.where(condition))).toSorted()
    for (const part of ["a%", "a_", "a\\", "%", "_", "\\", "b", "", "é", "本"]) {
      const by = (test: (text: string) => boolean) => texts.filter(test).toSorted()
      expect(await found(text.contains(part))).toEqual(by((one) => one.includes(part)))
      expect(await found(text.startsWith(part))).toEqual(by((one) => one.startsWith(part)))
      expect(await found(text.endsWith(part))).toEqual(by((one) => one.endsWith(part)))
    }
  })

  test("a null pattern and a null text match neither way: null [F45.5]", async () => {
    const { pattern, spare, text } = words.c
    const rows = await run(
      Database.all(
        Query.from(words)
          .where(pattern.isNull())
          .select({ a: text.like(pattern), b: spare.like("%"), c: spare.contains("") })
          .limit(1)
      )
    )
    expect(rows).toEqual([{ a: null, b: null, c: null }])
  })
})
