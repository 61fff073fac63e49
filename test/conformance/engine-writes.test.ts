import { Catalog, Column, Database, Fn, Query, Session, sql, Table, Type } from "athanor"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as TestClock from "effect/testing/TestClock"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { catalog, notes, posts, seats, users } from "./engine-schema.ts"
import { engines, place, type Program, program } from "./engine-support.ts"
import { Wide } from "./orm-schema.ts"

const keyed = Table.make("keyed", {
  id: Column.uuid().primaryKey().default(Column.uuid7),
  label: Column.varchar(20)
})

describe.each(engines)("writing on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(Database.create(catalog))
    await database.run(Database.create(Catalog.make({ keyed, Wide })))
  })
  beforeEach(async () => {
    const tables: ReadonlyArray<Query.From<string, unknown>> = [posts, users, seats, notes]
    for (const table of tables) await database.run(Database.run(Query.deleteFrom(table).everyRow()))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("defaults come from a constant, from the Clock and from Random [F34.1]", async () => {
    const add = (email: string) => Database.one(Query.insert(users).values({ email }).returning())
    const seeded = Effect.gen(function* () {
      yield* TestClock.adjust(86_400_000)
      return yield* Random.withSeed(add("a"), "furnace")
    }).pipe(Effect.provide(TestClock.layer()))
    const row = await database.run(seeded)
    expect(row.age).toBe(18)
    expect(DateTime.formatIso(row.createdAt)).toBe("1970-01-02T00:00:00.000Z")
    const token = row.token
    await database.run(Database.run(Query.deleteFrom(users).everyRow()))
    const again = await database.run(Random.withSeed(add("b"), "furnace"))
    expect(again.token).toBe(token)
    expect((await database.run(add("c"))).token).not.toBe(token)
  })

  test("on-update values are written unless the update sets the column [F34.2]", async () => {
    const id = await database.run(
      Database.one(Query.insert(users).values({ email: "a" }).returning(users.c.id))
    )
    const updated = Query.from(users).select(users.c.updatedAt)
    expect(await database.run(Database.one(updated))).toBe(null)
    await database.run(Database.run(Query.update(users).set({ age: 20 }).where(users.c.id.eq(id))))
    expect(await database.run(Database.one(updated))).not.toBe(null)
    const past = DateTime.makeUnsafe("2001-02-03T04:05:06Z")
    await database.run(Database.run(Query.update(users).set({ updatedAt: past }).everyRow()))
    expect(await database.run(Database.one(updated))).toEqual(past)
    await database.run(Database.run(Query.update(users).set({ name: "x" }).everyRow()))
    expect(await database.run(Database.one(updated))).not.toEqual(past)
  })

  test("server defaults come back through RETURNING [F34.3]", async () => {
    const row = await database.run(
      Database.one(Query.insert(users).values({ email: "a" }).returning())
    )
    expect(row).toMatchObject({ role: "reader", name: null })
  })

  test("undefined is absent and takes the default; null is written [F34.4]", async () => {
    const row = await database.run(
      Database.one(
        Query.insert(users)
          .values({ email: "a", age: undefined, name: undefined, role: undefined })
          .returning()
      )
    )
    expect(row).toMatchObject({ age: 18, name: null, role: "reader" })
    const set = (values: object) =>
      Database.run(
        Query.update(users)
          .set(values as { name: null })
          .everyRow()
      )
    await database.run(set({ name: "Ada", age: undefined }))
    const seen = Query.from(users).select({ name: users.c.name, age: users.c.age })
    expect(await database.run(Database.one(seen))).toEqual({ name: "Ada", age: 18 })
    await database.run(set({ name: null }))
    expect(await database.run(Database.one(seen))).toEqual({ name: null, age: 18 })
  })

  test("the inserted key is given, single or composite [F34.5]", async () => {
    const id = Query.insert(users).values({ email: "a" }).returning(users.c.id)
    expect(await database.run(Database.one(id))).toBeGreaterThan(0)
    const seat = Query.insert(seats)
      .values({ hall: "A", seat: 7 })
      .returning({ hall: seats.c.hall, seat: seats.c.seat })
    expect(await database.run(Database.one(seat))).toEqual({ hall: "A", seat: 7 })
  })

  test("many rows return their keys in the order of the input [F31.1]", async () => {
    const emails = Array.from({ length: 700 }, (_, at) => `${(at * 7919) % 1009}@x`)
    const back = await database.run(
      Database.all(
        Query.insert(users)
          .rows(emails.map((email) => ({ email })))
          .returning({ id: users.c.id, email: users.c.email })
      )
    )
    expect(back.map(({ email }) => email)).toEqual(emails)
    const stored = await database.run(
      Database.all(Query.from(users).select({ id: users.c.id, email: users.c.email }))
    )
    expect(new Map(back.map(({ email, id }) => [email, id]))).toEqual(
      new Map(stored.map(({ email, id }) => [email, id]))
    )
  })

  test("more rows than the parameters allow are split, in one transaction [F31.2]", async () => {
    const rows = Array.from({ length: 6600 }, (_, id) => ({
      ...Object.fromEntries("abcdefghi".split("").map((key, at) => [key, id + at])),
      id
    })) as unknown as ReadonlyArray<Parameters<typeof Wide.make>[0]>
    const { texts } = await database.counting(
      Session.transact(Session.add(...rows.map((row) => Wide.make(row))))
    )
    const inserts = texts.filter((text) => text.startsWith("INSERT"))
    expect(inserts.length).toBeGreaterThan(1)
    expect(inserts.length).toBeLessThan(engine === "sqlite" ? 36 : 12)
    expect(texts.filter((text) => text === "COMMIT")).toHaveLength(1)
    const totals = { count: Fn.count(), first: Fn.sum(Wide.c.a), last: Fn.sum(Wide.c.i) }
    expect(await database.run(Database.one(Query.from(Wide).select(totals)))).toEqual({
      count: 6600,
      first: (6600 * 6599) / 2,
      last: (6600 * 6599) / 2 + 8 * 6600
    })
  })

  test("a client-made key comes back matched to its row", async () => {
    const back = await database.run(
      Database.all(
        Query.insert(keyed)
          .rows(["one", "two", "three"].map((label) => ({ label })))
          .returning()
      )
    )
    expect(back.map(({ label }) => label)).toEqual(["one", "two", "three"])
    for (const { id, label } of back) {
      const found = Query.from(keyed).where(keyed.c.id.eq(id)).select(keyed.c.label)
      expect(await database.run(Database.one(found))).toBe(label)
    }
  })

  test("an update counts the rows matched, also where nothing changes [F35.1]", async () => {
    await database.run(Database.run(Query.insert(notes).rows([1, 2, 3].map((id) => ({ id })))))
    const same = Query.update(notes).set({ body: "" }).where(notes.c.id.gt(1))
    expect(await database.run(Database.run(same))).toBe(2)
    expect(await database.run(Database.run(same))).toBe(2)
    const none = Query.update(notes).set({ body: "" }).where(notes.c.id.gt(9))
    expect(await database.run(Database.run(none))).toBe(0)
  })

  test("a script and SQL by hand inside a transaction are part of it [F33.3]", async () => {
    await database.failure(
      Database.transaction(
        Effect.gen(function* () {
          yield* Database.script("INSERT INTO notes (id, body) VALUES (1, 'a')")
          const seen = sql(Type.count)`(select count(*) from notes)`
          expect(yield* Database.one(Query.select(seen))).toBe(1)
          return yield* Effect.fail("undo" as const)
        })
      )
    )
    expect(await database.run(Database.count(Query.from(notes)))).toBe(0)
  })
})
