import { Column, Database, Expr, Fn, Query, StatementError, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { beforeEach, describe, expect, test } from "vitest"
import { engines, refusalOf, useDatabase } from "./support.ts"

const items = Table.make("items", {
  id: Column.id(),
  name: Column.varchar(5).nullable(),
  stock: Column.integer().default(10),
  state: Column.varchar(10).serverDefault("new"),
  made: Column.timestamp().default(Column.now),
  touched: Column.timestamp().nullable().onUpdate(Column.now)
})
const pairs = Table.make("pairs", {
  a: Column.integer().primaryKey(),
  b: Column.varchar(5).primaryKey(),
  n: Column.integer()
})
const values = Table.make("values", {
  id: Column.id(),
  small: Column.smallint().nullable(),
  whole: Column.integer().nullable(),
  big: Column.bigint().nullable(),
  real: Column.double().nullable(),
  price: Column.numeric(6, 2).nullable(),
  word: Column.varchar(3).nullable(),
  text: Column.text().nullable(),
  kind: Column.enum(["a", "b"]).nullable(),
  key: Column.uuid().nullable(),
  yes: Column.boolean().nullable(),
  raw: Column.bytes().nullable(),
  day: Column.date().nullable(),
  at: Column.timestamp().nullable()
})
const members = { items, pairs, values }

/** Values no column of the type can hold. */
const wrong: ReadonlyArray<readonly [keyof typeof values.c, unknown]> = [
  ["small", 32_768],
  ["small", 1.5],
  ["small", "1"],
  ["whole", 2_147_483_648],
  ["whole", Number.NaN],
  ["whole", true],
  ["big", 2n ** 63n],
  ["big", 5],
  ["real", Number.NaN],
  ["real", Infinity],
  ["real", "1"],
  ["price", BigDecimal.fromStringUnsafe("10000.00")],
  ["price", BigDecimal.fromStringUnsafe("1.005")],
  ["price", 1],
  ["word", "four"],
  ["word", "\ud800"],
  ["text", "a\udc00"],
  ["text", 1],
  ["kind", "c"],
  ["key", "no uuid"],
  ["yes", 1],
  ["yes", "true"],
  ["raw", "bytes"],
  ["raw", [1]],
  ["day", "2024-02-30"],
  ["at", new Date()],
  ["at", "now"]
]

describe.each(engines)("writes on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, members)
  const { id, name, state, stock } = items.c
  const names = Query.from(items).orderBy(id).select(name)

  beforeEach(async () => {
    await run(Database.run(Query.deleteFrom(items).everyRow()))
    await run(Database.run(Query.insert(items).rows([{ name: "a" }, { name: "b" }, { name: "c" }])))
  })

  test("a list without rows inserts none, whatever is said of its rows [F77.1]", async () => {
    for (const none of [
      Query.insert(items).rows([]),
      Query.insert(pairs).rows([]),
      Query.insert(values).rows([])
    ]) {
      expect(await run(Database.run(none))).toBe(0)
      expect(await run(Database.run(none.onConflict().doNothing()))).toBe(0)
    }
    expect(await run(Database.all(Query.insert(values).rows([]).returning()))).toEqual([])
    const upserted = Query.insert(items).rows([]).onConflict(items.c.id).doUpdate({ name: "d" })
    expect(await run(Database.run(upserted))).toBe(0)
    const ordered = Query.insert(items).rows([]).returning(items.c.id).inOrder()
    expect(await run(Database.all(ordered))).toEqual([])
    expect(() => Query.insert(pairs).rows([]).inOrder()).toThrow(StatementError)
    expect(await all(names)).toEqual(["a", "b", "c"])
  })

  test("returning on insert gives expressions of the rows as written [F77.3 F34.3]", async () => {
    const one = Query.insert(items).values({
      name: "d",
      stock: Expr.value<number>(4, Type.integer).add(1)
    })
    const back = one.returning({
      twice: stock.mul(2),
      upper: Fn.upper(name),
      state,
      rows: { all: items }
    })
    const row = await run(Database.one(back))
    expect(row).toMatchObject({ twice: 10, upper: "D", state: "new" })
    expect(row.rows.all).toMatchObject({ name: "d", stock: 5, state: "new", touched: null })
    const two = Query.insert(items)
      .rows([{ name: "e" }, { name: "f", stock: 1 }])
      .returning({ name, stock, state })
    const rows = await run(Database.all(two))
    expect(rows.toSorted((x, y) => x.name!.localeCompare(y.name!))).toEqual([
      { name: "e", stock: 10, state: "new" },
      { name: "f", stock: 1, state: "new" }
    ])
  })

  test("generated keys of one and of many rows come back, counting up [F77.4 F88.3]", async () => {
    const first = await run(Database.one(Query.insert(items).values({ name: "d" }).returning(id)))
    const many = Query.insert(items)
      .rows(["e", "f", "g"].map((one) => ({ name: one })))
      .returning({ id, name })
    const made = await run(Database.all(many))
    expect(made).toHaveLength(3)
    for (const row of made) {
      expect(row.id).toBeGreaterThan(first)
      expect(await all(Query.from(items).where(id.eq(row.id)).select(name))).toEqual([row.name])
    }
    const next = await run(Database.one(Query.insert(items).values({ name: "h" }).returning(id)))
    expect(next).toBeGreaterThan(Math.max(...made.map((row) => row.id)))
  })

  test("the inserted key is given, single and composite [F34.5]", async () => {
    const row = { a: 1, b: "x", n: 3 }
    const key = Query.insert(pairs).values(row).returning({ a: pairs.c.a, b: pairs.c.b })
    expect(await run(Database.one(key))).toEqual({ a: 1, b: "x" })
    expect(await run(Database.one(Query.insert(items).values({}).returning(id)))).toBeTypeOf(
      "number"
    )
  })

  test("a value its column cannot hold is refused unsent, naming the column [F77.7]", async () => {
    for (const [column, value] of wrong) {
      const row = { [column]: value } as { readonly small?: number }
      const insert = Database.run(Query.insert(values).values(row))
      const update = Database.run(Query.update(values).set(row).everyRow())
      for (const effect of [insert, update]) {
        const error = await failure(effect)
        expect(error).toMatchObject({ _tag: "EncodeFailed", path: column })
        expect(error.message).toContain(column)
        expect(await sentBy(effect)).toEqual([])
      }
    }
  })

  test("undefined is absence and takes the default, null is null [F34.4]", async () => {
    const insert = Query.insert(items).values({ name: null, stock: undefined, state: undefined })
    const row = await run(Database.one(insert.returning({ name, stock, state })))
    expect(row).toEqual({ name: null, stock: 10, state: "new" })
    await run(
      Database.run(Query.update(items).set({ name: undefined, stock: 2 }).where(name.eq("a")))
    )
    expect(await all(Query.from(items).where(name.eq("a")).select(stock))).toEqual([2])
    await run(Database.run(Query.update(items).set({ name: null }).where(name.eq("b"))))
    expect(await all(names)).toEqual(["a", null, "c", null])
  })

  test("on-update values are written by every update that does not set them [F34.2]", async () => {
    const at = DateTime.makeUnsafe("2030-01-01T00:00:00.500Z")
    const { touched } = items.c
    const during = <A, E>(effect: Effect.Effect<A, E, Database>) =>
      run(
        Effect.provide(
          Effect.andThen(TestClock.setTime(at.epochMilliseconds), effect),
          TestClock.layer()
        )
      )
    await during(Database.run(Query.update(items).set({ stock: 1 }).where(name.eq("a"))))
    await during(
      Database.run(
        Query.update(items)
          .set({ stock: stock.add(1) })
          .where(name.eq("b"))
      )
    )
    const own = DateTime.makeUnsafe("2020-02-02T00:00:00Z")
    await during(Database.run(Query.update(items).set({ touched: own }).where(name.eq("c"))))
    const given = await all(Query.from(items).orderBy(id).select(touched))
    expect(given.map((one) => one?.epochMilliseconds)).toEqual([
      at.epochMilliseconds,
      at.epochMilliseconds,
      own.epochMilliseconds
    ])
  })

  test("set by values and by the old row changes the matched rows only [F79.1]", async () => {
    const change = Query.update(items).set({
      stock: stock.add(5).mul(2),
      name: name.concat("!"),
      state: "old"
    })
    expect(await run(Database.run(change.where(name.in(["a", "c"])).where(stock.eq(10))))).toBe(2)
    const rows = await all(Query.from(items).orderBy(id).select({ name, stock, state }))
    expect(rows).toEqual([
      { name: "a!", stock: 30, state: "old" },
      { name: "b", stock: 10, state: "new" },
      { name: "c!", stock: 30, state: "old" }
    ])
    const { a, n } = pairs.c
    await run(Database.run(Query.insert(pairs).values({ a: 7, b: "s", n: 1 })))
    await run(Database.run(Query.update(values).set({ small: 1 }).where(Expr.or())))
    await run(
      Database.run(
        Query.update(pairs)
          .set({ n: a.add(n) })
          .where(a.eq(7))
      )
    )
    expect(await all(Query.from(pairs).where(a.eq(7)).select(n))).toEqual([8])
  })

  /** Two columns that read each other, and one that reads itself. */
  const { big, small, whole } = values.c
  const swapped = Query.update(values).set({ small: whole, whole: small.add(10), big: big.add(1n) })

  test("assignments see the row as it was [F79.1]", async () => {
    await run(Database.run(Query.insert(values).values({ small: 1, whole: 2, big: 3n })))
    expect(await run(Database.run(swapped.everyRow()))).toBe(1)
    expect(await all(Query.from(values).select({ big, small, whole }))).toEqual([
      { big: 4n, small: 2, whole: 11 }
    ])
  })

  test("an update of everything is asked for by name [F79.2]", async () => {
    const set = Query.update(items).set({ stock: 0 })
    const empty = [
      undefined,
      null,
      {},
      Expr.and()
    ] as ReadonlyArray<unknown> as ReadonlyArray<never>
    for (const filter of empty) expect(() => set.where(filter)).toThrow(StatementError)
    expect(await run(Database.run(set.everyRow()))).toBe(3)
    expect(await all(Query.from(items).select(stock))).toEqual([0, 0, 0])
  })

  test("an empty patch finds its rows and leaves them as they are [F79.1 F35.1]", async () => {
    const patch: { readonly name?: string } = {}
    const before = await all(Query.from(items).orderBy(id))
    await run(Database.run(Query.deleteFrom(pairs).everyRow()))
    await run(Database.run(Query.insert(pairs).values({ a: 1, b: "x", n: 7 })))
    const none = Query.update(pairs).set({})
    expect(await run(Database.run(none.where(pairs.c.b.eq("x"))))).toBe(1)
    expect(await run(Database.run(none.where(pairs.c.b.eq("y"))))).toBe(0)
    const beside = Query.update(pairs).from(items, items.c.stock.gt(pairs.c.a)).set({})
    expect(await run(Database.run(beside.where(items.c.name.eq("a"))))).toBe(1)
    expect(await all(Query.from(pairs))).toEqual([{ a: 1, b: "x", n: 7 }])
    // Whoever is found is touched, as by any other update.
    expect(await run(Database.run(Query.update(items).set(patch).everyRow()))).toBe(3)
    const after = await all(Query.from(items).orderBy(id))
    expect(after.map(({ touched }) => touched === null)).toEqual([false, false, false])
    expect(after.map((row) => ({ ...row, touched: null }))).toEqual(before)
    await run(Database.run(Query.deleteFrom(pairs).everyRow()))
  })

  test("delete removes what matches, all only by name [F80.1]", async () => {
    const remove = Query.deleteFrom(items)
    expect(await run(Database.run(remove.where(name.eq("b"))))).toBe(1)
    expect(await all(names)).toEqual(["a", "c"])
    expect(await run(Database.run(remove.where(name.eq("zz"))))).toBe(0)
    const empty = [
      undefined,
      null,
      {},
      Expr.and()
    ] as ReadonlyArray<unknown> as ReadonlyArray<never>
    for (const filter of empty) expect(() => remove.where(filter)).toThrow(StatementError)
    expect(await run(Database.run(remove.everyRow()))).toBe(2)
    expect(await all(names)).toEqual([])
  })

  test("the count of an update is of the rows matched, changed or not [F35.1]", async () => {
    const same = Query.update(items)
      .set({ stock: 10 })
      .where(name.in(["a", "b"]))
    expect(await run(Database.run(same))).toBe(2)
    expect(await run(Database.run(same))).toBe(2)
    expect(await run(Database.run(same.where(name.eq("zz"))))).toBe(0)
  })

  const changed = Query.update(items)
    .set({ stock: stock.add(1) })
    .where(name.eq("a"))
    .returning({ name, stock, next: stock.add(1) })

  if (engine === "mariadb") {
    test("returning on update is refused [F79.8]", async () => {
      expect(await failure(Database.all(changed))).toMatchObject({
        _tag: "Unsupported",
        capability: "updateReturning"
      })
      expect(await sentBy(Database.all(changed))).toEqual([])
    })
  } else {
    test("returning on update gives the new values [F79.8]", async () => {
      expect(await run(Database.all(changed))).toEqual([{ name: "a", stock: 11, next: 12 }])
    })
  }

  test("returning on delete gives the removed rows [F80.4]", async () => {
    const gone = Query.deleteFrom(items).where(name.ne("b")).returning({ name, stock })
    const rows = await run(Database.all(gone))
    expect(rows.toSorted((x, y) => x.name!.localeCompare(y.name!))).toEqual([
      { name: "a", stock: 10 },
      { name: "c", stock: 10 }
    ])
    expect(await all(names)).toEqual(["b"])
  })
})

describe("writes on mysql", () => {
  const { id } = items.c
  test.each([
    ["insert [F77.3 F77.5]", Query.insert(items).values({}).returning(id), "insertReturning"],
    [
      "update [F79.8]",
      Query.update(items).set({ stock: 1 }).everyRow().returning(id),
      "updateReturning"
    ],
    ["delete [F80.4]", Query.deleteFrom(items).everyRow().returning(id), "deleteReturning"]
  ] as const)("returning is refused on %s", (_, statement, capability) => {
    expect(refusalOf(statement, "mysql")).toMatchObject({ _tag: "Refusal", capability })
  })
})
