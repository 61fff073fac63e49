import { Catalog, Column, Database, Expr, LocalDate, LocalTime, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program } from "./engine-support.ts"

const stock = Table.make("stock", {
  id: Column.integer().primaryKey(),
  code: Column.varchar(20).unique(),
  amount: Column.integer(),
  label: Column.varchar(20).nullable(),
  version: Column.integer().version()
})
const param = {
  id: Expr.param("id", Type.integer),
  code: Expr.param("code", Type.varchar(20)),
  amount: Expr.param("amount", Type.integer),
  label: Expr.param("label", Type.varchar(20))
}
const byId = Query.update(stock)
  .set({ amount: param.amount, label: param.label })
  .where(stock.c.id.eq(param.id))
const insert = Query.insert(stock).values({
  id: param.id,
  code: param.code,
  amount: param.amount
})

const every = Table.make("every_kind", {
  id: Column.integer().primaryKey(),
  big: Column.bigint().nullable(),
  price: Column.numeric(10, 2).nullable(),
  ratio: Column.double().nullable(),
  label: Column.varchar(20).nullable(),
  body: Column.text().nullable(),
  done: Column.boolean().nullable(),
  bytes: Column.bytes().nullable(),
  uuid: Column.uuid().nullable().unique(),
  made: Column.timestamp().nullable(),
  day: Column.date().nullable(),
  at: Column.make(Type.time(3)).nullable(),
  kind: Column.enum(["a", "b'c"]).nullable()
})

type NonNull<A> = { readonly [K in keyof A]: NonNullable<A[K]> }

describe.each(engines)("one command for many sets on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(Catalog.make({ stock, every })))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const count = (rows: number) => Array.from({ length: rows }, (_, at) => at)
  const rowsOf = (rows: number) =>
    count(rows).map((id) => ({ id, code: `c${id}`, amount: id % 13 }))
  const reset = (rows: number) =>
    Effect.andThen(
      Database.run(Query.deleteFrom(stock).everyRow()),
      Database.run(Query.insert(stock).rows(rowsOf(rows)))
    )
  const all = Database.all(Query.from(stock).orderBy(stock.c.id))

  /** What the sets leave, and how many rows they matched: together, and one after the other. */
  const both = async <A>(
    together: Effect.Effect<number, A, Database>,
    apart: Effect.Effect<ReadonlyArray<number>, A, Database>,
    rows = 40
  ) => {
    await database.run(reset(rows))
    const number = await database.run(together)
    const left = await database.run(all)
    await database.run(reset(rows))
    const numbers = await database.run(apart)
    expect(left).toEqual(await database.run(all))
    expect(number).toBe(numbers.reduce((a, b) => a + b, 0))
    return number
  }

  test("a thousand keyed updates are few statements, of equal effect [F30.1 F35.3]", async () => {
    await database.run(reset(1000))
    const sets = count(1000).map((at) => ({ id: at, amount: at * 2, label: `l${at % 9}` }))
    const { texts, value } = await database.counting(Database.runEach(byId, sets))
    expect(value).toBe(1000)
    expect(texts.filter((text) => text.startsWith("UPDATE"))).toHaveLength(
      engine === "sqlite" ? 10 : 1
    )
    const rows = await database.run(all)
    expect(rows.map(({ amount, label, version }) => [amount, label, version])).toEqual(
      sets.map(({ amount, label }) => [amount, label, 2])
    )
  })

  test("keys twice, keys not there, other keys: as one after the other [F30.1]", async () => {
    const sets = count(60).map((at) => ({ id: (at * 7) % 45, amount: at, label: `${at}` }))
    expect(
      await both(
        Database.runEach(byId, sets),
        Effect.forEach(sets, (set) => Database.run(byId, set))
      )
    ).toBeGreaterThan(40)
    const more = Query.update(stock)
      .set({ amount: stock.c.amount.add(param.amount) })
      .where(Expr.and(stock.c.code.eq(param.code), stock.c.amount.lt(9)))
    const coded = count(50).map((at) => ({ code: `c${(at * 3) % 44}`, amount: at }))
    await both(
      Database.runEach(more, coded),
      Effect.forEach(coded, (set) => Database.run(more, set))
    )
    const wide = Query.update(stock)
      .set({ label: param.label })
      .where(stock.c.amount.eq(param.amount))
    const spread = count(20).map((at) => ({ amount: at, label: `w${at}` }))
    await both(
      Database.runEach(wide, spread),
      Effect.forEach(spread, (set) => Database.run(wide, set))
    )
    const gone = Query.deleteFrom(stock).where(stock.c.id.lt(param.id))
    const ends = [3, 1, 7, 7].map((id) => ({ id }))
    await both(
      Database.runEach(gone, ends),
      Effect.forEach(ends, (set) => Database.run(gone, set))
    )
  })

  test("values of every kind become what they are one by one", async () => {
    const control = Array.from({ length: 32 }, (_, at) => String.fromCodePoint(at)).join("")
    const texts = ["null", '"', "\\", "{a,b}", "[1]", "it's", "zwölf 🜁", "two\nlines", "\u2028"]
    // PostgreSQL stores no U+0000.
    const odd = engine === "postgres" ? control.slice(1) : control
    const sets = count(60).map((id) => ({
      id,
      big: id % 3 === 0 ? null : 9_007_199_254_740_993n * (id % 2 === 0 ? 1n : -1n),
      price: id % 4 === 0 ? null : BigDecimal.fromStringUnsafe(`-${id}.${10 + id}`),
      label: id % 7 === 0 ? null : texts[id % texts.length]!,
      body: `${odd}${texts[(id * 3) % texts.length]!}`,
      done: id % 5 === 0 ? null : id % 2 === 0,
      uuid: `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`,
      made: DateTime.makeUnsafe(Date.UTC(2024, 1, 29, 1, 2, 3, id)),
      day: LocalDate.make(2024, 2, 1 + (id % 29)),
      at: LocalTime.make(23, 59, id, 999_000),
      kind: (["a", "b'c"] as const)[id % 2]!
    }))
    const named = {
      big: Expr.param("big", Type.bigint),
      price: Expr.param("price", Type.numeric(10, 2)),
      label: Expr.param("label", Type.varchar(20)),
      body: Expr.param("body", Type.text),
      done: Expr.param("done", Type.boolean),
      uuid: Expr.param("uuid", Type.uuid),
      made: Expr.param("made", Type.timestamp()),
      day: Expr.param("day", Type.date),
      at: Expr.param("at", Type.time(3)),
      kind: Expr.param("kind", Type.enumeration(["a", "b'c"]))
    }
    const change = Query.update(every).set(named).where(every.c.id.eq(param.id))
    // The types of parameters know no NULL, which is a value all the same.
    const given = sets as unknown as ReadonlyArray<NonNull<(typeof sets)[number]>>
    const rows = Database.all(Query.from(every).orderBy(every.c.id))
    const clear = Effect.andThen(
      Database.run(Query.deleteFrom(every).everyRow()),
      Database.run(Query.insert(every).rows(count(60).map((id) => ({ id }))))
    )
    await database.run(clear)
    const { texts: sent, value } = await database.counting(Database.runEach(change, given))
    expect(value).toBe(60)
    if (engine !== "sqlite")
      expect(sent.filter((text) => text.startsWith("UPDATE"))).toHaveLength(1)
    const together = await database.run(rows)
    await database.run(clear)
    await database.run(Effect.forEach(given, (set) => Database.run(change, set)))
    expect(together).toEqual(await database.run(rows))
    expect(together.map(({ body, label }) => [body, label])).toEqual(
      sets.map(({ body, label }) => [body, label])
    )
    // Of bytes MariaDB has no list: they go one by one.
    const ratio = Query.update(every)
      .set({ ratio: Expr.param("ratio", Type.double) })
      .where(every.c.id.eq(param.id))
    const rest = Query.update(every)
      .set({ bytes: Expr.param("bytes", Type.bytes) })
      .where(every.c.uuid.eq(named.uuid))
    const measured = sets.map(({ id, uuid }) => ({
      uuid,
      ratio: [-0, 5e-324, 1.797_693_134_862_315_7e308, 1 / id, -id / 7e21][id % 5]!,
      bytes: new Uint8Array([id, 0, 255, 92])
    }))
    const [ratios, bytes] = [
      measured.map(({ ratio }, id) => ({ id, ratio })),
      measured.map(({ bytes, uuid }) => ({ bytes, uuid }))
    ]
    expect(await database.run(Database.runEach(ratio, ratios))).toBe(60)
    expect(await database.run(Database.runEach(rest, bytes))).toBe(60)
    const after = await database.run(rows)
    expect(after.map(({ bytes, ratio }) => [ratio, [...bytes!]])).toEqual(
      measured.map(({ bytes, ratio }) => [ratio + 0, [...bytes]])
    )
  })

  test("five thousand sets, some of one key and some of none", async () => {
    await database.run(reset(2500))
    const sets = count(5000).map((at) => ({ id: (at * 7) % 3000, amount: at, label: `${at}` }))
    expect(await database.run(Database.runEach(byId, sets))).toBe(
      sets.filter(({ id }) => id < 2500).length
    )
    const last = new Map(sets.map((set) => [set.id, set]))
    const rows = await database.run(all)
    expect(rows.map(({ amount, label }) => [amount, label])).toEqual(
      count(2500).map((id) => [last.get(id)!.amount, last.get(id)!.label])
    )
  })

  test("an insert of many sets is an insert of many rows", async () => {
    await database.run(reset(0 + 1))
    const sets = count(3000).map((at) => ({ id: at + 10, code: `n${at}`, amount: at }))
    const { texts, value } = await database.counting(Database.runEach(insert, sets))
    expect(value).toBe(3000)
    expect(texts.filter((text) => text.startsWith("INSERT"))).toHaveLength(
      { sqlite: 15, postgres: 1, mariadb: 3 }[engine]
    )
    expect(await database.run(Database.count(Query.from(stock)))).toBe(3001)
  })

  test("no sets are an answer, and nothing is sent [F30.2]", async () => {
    const { texts, value } = await database.counting(Database.runEach(byId, []))
    expect(value).toBe(0)
    expect(texts).toEqual([])
  })

  test("the refused set is named, and nothing of the list remains [F30.3]", async () => {
    await database.run(reset(5))
    const before = await database.run(all)
    const sets = count(800).map((at) => ({
      id: at + 100,
      code: `n${at === 700 ? 3 : at}`,
      amount: 0
    }))
    expect(await database.failure(Database.runEach(insert, sets))).toMatchObject({
      _tag: "UniqueViolation",
      set: 700,
      transaction: "ended"
    })
    expect(await database.run(all)).toEqual(before)
    const rename = Query.update(stock).set({ code: param.code }).where(stock.c.id.eq(param.id))
    const clash = [
      { id: 1, code: "x1" },
      { id: 2, code: "c4" }
    ]
    const inside = Database.transaction(
      Effect.gen(function* () {
        const failure = yield* Effect.flip(Database.runEach(rename, clash))
        expect(failure).toMatchObject({ _tag: "UniqueViolation", set: 1, transaction: "alive" })
        expect(failure.message).toMatch(/^set 1: /)
        return yield* all
      })
    )
    expect(await database.run(inside)).toEqual(before)
  })

  test("a parameter that a set lacks is named before anything is sent [F30.4]", async () => {
    const sets = [
      { id: 1, amount: 1, label: "a" },
      { id: 2, amount: 1 } as unknown as { id: number; amount: number; label: string }
    ]
    const { texts, value } = await database.counting(Effect.flip(Database.runEach(byId, sets)))
    expect(value).toMatchObject({ _tag: "ParameterMissing", name: "label", set: 1 })
    expect(texts).toEqual([])
  })
})
