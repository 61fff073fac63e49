import { Catalog, Column, Database, Expr, Query, Table, Type } from "athanor"
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

describe.each(engines)("one command for many sets on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(Catalog.make({ stock })))
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
      engine === "sqlite" ? 1000 : 2
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
