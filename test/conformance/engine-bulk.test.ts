import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, notes, users } from "./engine-schema.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

/** A column of each kind, with values that texts of lists get wrong first. */
const kinds = Table.make("kinds", {
  id: Column.id(),
  at: Column.integer(),
  big: Column.bigint().nullable(),
  price: Column.numeric(10, 2).nullable(),
  ratio: Column.double().nullable(),
  label: Column.varchar(20).nullable(),
  body: Column.text().nullable(),
  done: Column.boolean().nullable(),
  bytes: Column.bytes().nullable(),
  uuid: Column.uuid().nullable(),
  made: Column.timestamp().nullable()
})

const texts = ["", "null", "NULL", '"', "\\", "{}", "a,b", "it's", "zwölf 🜁", "two\nlines"]

const kindOf = (at: number) => ({
  at,
  big: at % 3 === 0 ? null : 9_007_199_254_740_993n + BigInt(at),
  price: at % 4 === 0 ? null : BigDecimal.fromStringUnsafe(`${at % 1000}.25`),
  ratio: at % 5 === 0 ? null : at / 3,
  label: at % 11 === 0 ? null : texts[at % texts.length]!,
  body: at % 7 === 0 ? null : `${texts[at % texts.length]!}${at}`,
  done: at % 6 === 0 ? null : at % 2 === 0,
  bytes: at % 8 === 0 ? null : new Uint8Array([at % 256, 0, 255, 92]),
  uuid: at % 9 === 0 ? null : `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
  made: at % 10 === 0 ? null : DateTime.makeUnsafe(Date.UTC(2024, 1, 29, 1, 2, 3, at % 1000))
})

const many = Table.make("many", {
  id: Column.id(),
  a: Column.integer(),
  b: Column.varchar(40),
  c: Column.integer()
})

describe.each(engines)("rows by the thousand on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(catalog))
    await database.run(Database.create(Catalog.make({ kinds, many })))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const count = (rows: number) => Array.from({ length: rows }, (_, at) => at)
  const empty = Database.transaction(
    Effect.andThen(
      Database.run(Query.deleteFrom(notes).everyRow()),
      Database.run(Query.deleteFrom(many).everyRow())
    )
  )

  test("a value of every kind is what it was, alone or one of thousands", async () => {
    const rows = count(2300).map(kindOf)
    expect(await database.run(Database.run(Query.insert(kinds).rows(rows)))).toBe(2300)
    const bulk = await database.run(Database.all(Query.from(kinds).orderBy(kinds.c.at)))
    await database.run(Database.run(Query.deleteFrom(kinds).everyRow()))
    await database.run(
      Database.transaction(
        Effect.forEach(rows.slice(0, 300), (row) => Database.run(Query.insert(kinds).values(row)))
      )
    )
    const single = await database.run(Database.all(Query.from(kinds).orderBy(kinds.c.at)))
    const bare = (all: typeof bulk) => all.map(({ id: _, ...row }) => row)
    expect(bare(single)).toEqual(bare(bulk).slice(0, 300))
    expect(bulk.map(({ body }) => body)).toEqual(rows.map(({ body }) => body))
    expect(bulk.map(({ big }) => big)).toEqual(rows.map(({ big }) => big))
  })

  test("100,000 rows: few statements, one transaction, one answer [F31.2 F31.6]", async () => {
    await database.run(empty)
    const rows = count(100_000).map((at) => ({ a: at, b: `row ${at}`, c: at % 7 }))
    const { texts, value } = await database.counting(Database.run(Query.insert(many).rows(rows)))
    expect(value).toBe(100_000)
    const inserts = texts.filter((text) => text.startsWith("INSERT"))
    expect(inserts).toHaveLength(engine === "postgres" ? 20 : 100)
    expect(new Set(inserts).size).toBe(1)
    expect(texts.filter((text) => text === "COMMIT")).toHaveLength(1)
    const totals = { count: Fn.count(), a: Fn.sum(many.c.a), keys: Fn.count(many.c.id) }
    expect(await database.run(Database.one(Query.from(many).select(totals)))).toEqual({
      count: 100_000,
      a: (100_000 * 99_999) / 2,
      keys: 100_000
    })
  })

  test("keys come back matched to the input, whatever their number [F31.1]", async () => {
    await database.run(empty)
    const rows = count(25_000).map((at) => ({ a: (at * 7919) % 25_013, b: `${at}`, c: at }))
    const back = await database.run(
      Database.all(
        Query.insert(many).rows(rows).returning({ id: many.c.id, c: many.c.c }).inOrder()
      )
    )
    expect(back.map(({ c }) => c)).toEqual(count(25_000))
    const stored = await database.run(Database.all(Query.from(many).orderBy(many.c.id)))
    expect(stored.map(({ id }) => id)).toEqual(back.map(({ id }) => id))
    expect(stored.map(({ a }) => a)).toEqual(rows.map(({ a }) => a))
  })

  test("one refused row leaves none of them, and the transaction goes on [F31.2]", async () => {
    await database.run(empty)
    const rows = count(12_000).map((id) => ({ id: id === 11_500 ? 3 : id }))
    const add = Database.run(Query.insert(notes).rows(rows))
    expect(await database.failure(add)).toMatchObject({
      _tag: "UniqueViolation",
      table: "notes",
      columns: ["id"],
      transaction: "ended"
    })
    expect(await database.run(Database.count(Query.from(notes)))).toBe(0)
    const inside = Database.transaction(
      Effect.gen(function* () {
        yield* Database.run(Query.insert(notes).values({ id: 3 }))
        const failure = yield* Effect.flip(Database.transaction(add))
        expect(failure).toMatchObject({ _tag: "UniqueViolation" })
        return yield* Database.count(Query.from(notes))
      })
    )
    expect(await database.run(inside)).toBe(1)
  })

  test("a value that cannot be stored is named by its row, and nothing is sent", async () => {
    await database.run(empty)
    const rows = count(500).map((at) => ({ a: at, b: at === 400 ? "x".repeat(41) : "", c: 0 }))
    expect(await database.failure(Database.run(Query.insert(many).rows(rows)))).toMatchObject({
      _tag: "EncodeFailed",
      path: "rows[400].b"
    })
  })

  test("upserts by the thousand change the rows that are there", async () => {
    await database.run(empty)
    await database.run(Database.run(Query.insert(notes).rows(count(4000).map((id) => ({ id })))))
    const proposed = count(6000).map((at) => ({ id: at + 1000, body: `n${at}` }))
    const save = Query.insert(notes)
      .rows(proposed)
      .onConflict(notes.c.id)
      .doUpdate({ body: Query.excluded(notes).c.body })
    expect(await database.run(Database.run(save))).toBe(6000)
    const named = Query.from(notes).where(notes.c.body.ne(""))
    expect(await database.run(Database.count(named))).toBe(6000)
    expect(await database.run(Database.count(Query.from(notes)))).toBe(7000)
  })

  test("what the client makes is made for each row; defaults are its own [F31.3]", async () => {
    const rows = count(1500).map((at) =>
      at % 2 === 0 ? { email: `${at}@x`, age: at } : { email: `${at}@x`, name: "odd" }
    )
    expect(await database.run(Database.run(Query.insert(users).rows(rows)))).toBe(1500)
    const stored = await database.run(Database.all(Query.from(users).orderBy(users.c.id)))
    expect(new Set(stored.map(({ token }) => token)).size).toBe(1500)
    const byEmail = new Map(stored.map((row) => [row.email, row]))
    expect(byEmail.get("4@x")).toMatchObject({ age: 4, name: null, role: "reader" })
    expect(byEmail.get("5@x")).toMatchObject({ age: 18, name: "odd", role: "reader" })
  })
})
