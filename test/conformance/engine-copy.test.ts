import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
import { Postgres } from "athanor/postgres"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program } from "./engine-support.ts"

const readings = Table.make("readings", {
  id: Column.id(),
  value: Column.integer(),
  label: Column.varchar(40).nullable(),
  bytes: Column.bytes().nullable(),
  token: Column.uuid().default(Column.uuid4),
  code: Column.integer().unique().nullable()
})

const labels = ["", "\\N", "\\", "a\tb", "a\nb\r\n", "\\.", "it's", "zwölf 🜁", null]

describe.each(engines)("copying rows in on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(Catalog.make({ readings })))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const into = Query.insert(readings)
  const empty = Database.run(Query.deleteFrom(readings).everyRow())
  const count = Database.count(Query.from(readings))
  const clean = Effect.gen(function* () {
    const { pool } = yield* Database
    expect(pool.stats()).toMatchObject({ used: 0, waiting: 0 })
    return yield* count
  })
  const numbers = (rows: number) => Stream.map(Stream.range(1, rows), (value) => ({ value }))

  if (engine !== "postgres") {
    test("it is refused by name, and nothing is stored", async () => {
      const failure = await database.failure(Postgres.copyIn(into, numbers(3)))
      expect(failure).toMatchObject({ _tag: "Unsupported", capability: "copy" })
      expect(await database.run(clean)).toBe(0)
    })
    return
  }

  test("every value arrives as it was, whatever stands in it", async () => {
    const rows = Array.from({ length: 3000 }, (_, value) => ({
      value,
      label: labels[value % labels.length]!,
      bytes: value % 5 === 0 ? null : new Uint8Array([value % 256, 92, 9, 10])
    }))
    expect(await database.run(Postgres.copyIn(into, Stream.fromIterable(rows)))).toBe(3000)
    const stored = await database.run(Database.all(Query.from(readings).orderBy(readings.c.value)))
    expect(stored.map(({ label, value }) => ({ label, value }))).toEqual(
      rows.map(({ label, value }) => ({ label, value }))
    )
    expect(stored.map(({ bytes }) => bytes && [...bytes])).toEqual(
      rows.map(({ bytes }) => bytes && [...bytes])
    )
    expect(new Set(stored.map(({ token }) => token)).size).toBe(3000)
    await database.run(empty)
  })

  test("100,000 rows, and no rows at all", async () => {
    expect(await database.run(Postgres.copyIn(into, numbers(100_000)))).toBe(100_000)
    const sum = Database.one(Query.from(readings).select(Fn.sum(readings.c.value)))
    expect(await database.run(sum)).toBe((100_000 * 100_001) / 2)
    await database.run(empty)
    expect(await database.run(Postgres.copyIn(into, Stream.empty))).toBe(0)
    expect(await database.run(clean)).toBe(0)
  })

  test("what fails leaves no row: the stream, a value, a constraint", async () => {
    const breaks = Stream.concat(numbers(20_000), Stream.fail("broken" as const))
    expect(await database.failure(Postgres.copyIn(into, breaks))).toBe("broken")
    expect(await database.run(clean)).toBe(0)
    const long = Stream.map(Stream.range(1, 9000), (value) => ({
      value,
      label: value === 8000 ? "x".repeat(41) : ""
    }))
    expect(await database.failure(Postgres.copyIn(into, long))).toMatchObject({
      _tag: "EncodeFailed",
      path: "rows[7999].label",
      transaction: "ended"
    })
    expect(await database.run(clean)).toBe(0)
    const twice = Stream.map(Stream.range(1, 50_000), (value) => ({
      value,
      code: value === 40_000 ? 7 : value
    }))
    expect(await database.failure(Postgres.copyIn(into, twice))).toMatchObject({
      _tag: "UniqueViolation",
      columns: ["code"],
      rows: [39_999],
      transaction: "ended"
    })
    expect(await database.run(clean)).toBe(0)
  })

  test("in a transaction it is part of it, and dooms it where it fails", async () => {
    const kept = Database.transaction(
      Effect.andThen(Postgres.copyIn(into, numbers(10)), Postgres.copyIn(into, numbers(5)))
    )
    expect(await database.run(kept)).toBe(5)
    expect(await database.run(clean)).toBe(15)
    const undone = Database.transaction(
      Effect.andThen(Postgres.copyIn(into, numbers(10)), Effect.fail("no" as const))
    )
    expect(await database.failure(undone)).toBe("no")
    const breaks = Stream.concat(numbers(2), Stream.fail("broken" as const))
    const after = Database.transaction(
      Effect.gen(function* () {
        expect(yield* Effect.flip(Postgres.copyIn(into, breaks))).toBe("broken")
        return yield* Effect.flip(count)
      })
    )
    expect(await database.failure(after)).toMatchObject({ _tag: "TransactionDoomed" })
    expect(await database.run(clean)).toBe(15)
    await database.run(empty)
  })

  test("interrupted, it stores nothing and gives its connection back", async () => {
    const halts = (reached: Deferred.Deferred<void>) =>
      Stream.concat(
        numbers(1000),
        Stream.fromEffect(Effect.andThen(Deferred.succeed(reached, undefined), Effect.never))
      )
    await database.run(
      Effect.gen(function* () {
        for (let round = 0; round < 5; round++) {
          const reached = yield* Deferred.make<void>()
          const fiber = yield* Effect.forkChild(Postgres.copyIn(into, halts(reached)))
          yield* Deferred.await(reached)
          const startedAt = performance.now()
          yield* Fiber.interrupt(fiber)
          expect(performance.now() - startedAt).toBeLessThan(2000)
        }
        expect(yield* clean).toBe(0)
      })
    )
  })
})
