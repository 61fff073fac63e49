import { Catalog, Column, Database, Expr, Policy, Query, sql, Table, Type } from "athanor"
import { Postgres } from "athanor/postgres"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program, whoAmI } from "./engine-support.ts"

const kinds = Table.make("kinds", {
  id: Column.integer().primaryKey(),
  big: Column.bigint().nullable(),
  price: Column.numeric(10, 2).nullable(),
  ratio: Column.double().nullable(),
  label: Column.text().nullable(),
  done: Column.boolean().nullable(),
  bytes: Column.bytes().nullable(),
  made: Column.timestamp().nullable()
})

const texts = ["", "\\N", "\\", "\\.", "a\tb", "a\nb\r\n", "\b\f\v", "it's", "zwölf 🜁", "null"]
const rowCount = 3000

const kindOf = (id: number) => ({
  id,
  big: id % 3 === 0 ? null : 9_007_199_254_740_993n + BigInt(id),
  price: id % 4 === 0 ? null : BigDecimal.fromStringUnsafe(`${id % 1000}.25`),
  ratio: id % 5 === 0 ? null : id / 3,
  label: id % 11 === 0 ? null : texts[id % texts.length]!,
  done: id % 6 === 0 ? null : id % 2 === 0,
  bytes: id % 8 === 0 ? null : new Uint8Array([id % 256, 0, 92, 9, 10]),
  made: id % 10 === 0 ? null : DateTime.makeUnsafe(Date.UTC(2024, 1, 29, 1, 2, 3, id % 1000))
})

describe.each(engines)("copying rows out on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(Catalog.make({ kinds })))
    const rows = Array.from({ length: rowCount }, (_, at) => kindOf(at + 1))
    await database.run(Database.run(Query.insert(kinds).rows(rows)))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const all = Query.from(kinds).orderBy(kinds.c.id)

  if (engine !== "postgres") {
    test("it is refused by name", async () => {
      const failure = await database.failure(Stream.runDrain(Postgres.copyOut(all)))
      expect(failure).toMatchObject({ _tag: "Unsupported", capability: "copy" })
      expect(await database.run(Database.count(all))).toBe(rowCount)
    })
    return
  }

  /** The one connection serves, and is the one it was. */
  const clean = Effect.gen(function* () {
    const { pool } = yield* Database
    expect(pool.stats()).toMatchObject({ used: 0, waiting: 0, open: 1 })
    return yield* whoAmI
  })
  /** As many rows as nobody could read, each with a text of a kibibyte. */
  const endless = Query.raw({ n: Type.integer, text: Type.text })`
    SELECT generate_series(1, 100000000) AS n, repeat(md5('a'), 32) AS text`

  test("the rows are those of `all`, whatever stands in them", async () => {
    const me = await database.run(clean)
    const copied = await database.run(Stream.runCollect(Postgres.copyOut(all)))
    expect(copied).toEqual(await database.run(Database.all(all)))
    expect(copied).toHaveLength(rowCount)
    for (const label of texts.slice(1)) {
      const some = Query.from(kinds)
        .where(kinds.c.label.eq(label).and(kinds.c.id.gt(7)))
        .orderBy(kinds.c.id)
        .select([kinds.c.id, kinds.c.label])
      const { texts, value } = await database.counting(Stream.runCollect(Postgres.copyOut(some)))
      expect(value).toEqual(await database.run(Database.all(some)))
      expect(value.length).toBeGreaterThan(100)
      expect(texts.some((text) => text.startsWith("COPY (SELECT"))).toBe(true)
    }
    const none = Query.from(kinds).where(kinds.c.id.lt(0)).select(kinds.c.label)
    expect(await database.run(Stream.runCollect(Postgres.copyOut(none)))).toEqual([])
    const sizes = Database.with({ fetchSize: 1300 }, Postgres.copyOut(all)).pipe(
      Stream.chunks,
      Stream.map((chunk) => chunk.length),
      Stream.runCollect
    )
    expect(await database.run(sizes)).toEqual([1300, 1300, 400])
    expect(await database.run(clean)).toBe(me)
  })

  test("under a policy it gives that part only", async () => {
    const part = Policy.tenant("done", true, { byColumn: true })
    const copied = Database.policed([part], Stream.runCollect(Postgres.copyOut(all)))
    const rows = await database.run(copied)
    expect(rows.map(({ id }) => id)).toEqual(
      await database.run(Database.all(all.where(kinds.c.done.eq(true)).select(kinds.c.id)))
    )
    expect(rows.length).toBeGreaterThan(500)
  })

  test("left early, the server stops, and the connection is proven or gone", async () => {
    for (let round = 0; round < 5; round++) {
      const startedAt = performance.now()
      const some = Stream.runCollect(Stream.take(Postgres.copyOut(endless), 3))
      expect((await database.run(some)).map(({ n }) => n)).toEqual([1, 2, 3])
      expect(performance.now() - startedAt).toBeLessThan(3000)
    }
    const me = await database.run(clean)
    const goesOn = Database.transaction(
      Effect.gen(function* () {
        yield* Database.run(Query.update(kinds).set({ label: "kept" }).where(kinds.c.id.eq(1)))
        yield* Stream.runDrain(Stream.take(Postgres.copyOut(endless), 700))
        const whole = yield* Stream.runCollect(Postgres.copyOut(all.limit(10)))
        expect(whole[0]!.label).toBe("kept")
        return yield* whoAmI
      })
    )
    expect(await database.run(goesOn)).toBe(me)
    const kept = Database.one(Query.from(kinds).where(kinds.c.id.eq(1)).select(kinds.c.label))
    expect(await database.run(kept)).toBe("kept")
  })

  test("interrupted, or its consumer failing, it leaves nothing behind", async () => {
    await database.run(
      Effect.gen(function* () {
        for (let round = 0; round < 5; round++) {
          const reached = yield* Deferred.make<void>()
          const halts = Stream.mapEffect(Postgres.copyOut(endless), ({ n }) =>
            n! < 600
              ? Effect.succeed(n)
              : Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)
          )
          const fiber = yield* Effect.forkChild(Stream.runDrain(halts))
          yield* Deferred.await(reached)
          const startedAt = performance.now()
          yield* Fiber.interrupt(fiber)
          expect(performance.now() - startedAt).toBeLessThan(2000)
          yield* clean
        }
        const fails = Stream.mapEffect(Postgres.copyOut(endless), ({ n }) =>
          n! > 50 ? Effect.fail("enough" as const) : Effect.succeed(n)
        )
        expect(yield* Effect.flip(Stream.runDrain(fails))).toBe("enough")
        yield* clean
      })
    )
  })

  test("a failure comes typed, after the rows before it; in a transaction it dooms", async () => {
    const failing = Query.from(kinds)
      .orderBy(kinds.c.id)
      .select({ id: kinds.c.id, one: sql(Type.integer)`1 / (${kinds.c.id} - 2500)` })
    const seen: Array<number> = []
    const reading = Stream.runForEach(Postgres.copyOut(failing), ({ id }) =>
      Effect.sync(() => seen.push(id))
    )
    const exit = await database.exit(reading)
    expect(Exit.isFailure(exit) && exit.cause.reasons[0]).toMatchObject({
      error: { _tag: "ValueOutOfRange", transaction: "ended" }
    })
    expect(seen.length % 500).toBe(0)
    await database.run(clean)
    const inside = Database.transaction(
      Effect.andThen(Effect.flip(reading), Database.count(Query.from(kinds)))
    )
    expect(await database.failure(inside)).toMatchObject({ _tag: "TransactionDoomed" })
    const late = Database.with({ timeout_ms: 80 }, Postgres.copyOut(sleeping))
    expect(await database.failure(Stream.runDrain(late))).toMatchObject({
      _tag: "StatementTimeout"
    })
    await database.run(clean)
  })
  const sleeping = Query.raw({ n: Type.integer })`SELECT 1 AS n FROM pg_sleep(5)`

  test("a consumer that stops pulling stops the server", async () => {
    const sent = sql(Type.bigint)`
      (SELECT coalesce(max(tuples_processed), 0) FROM pg_stat_progress_copy
        WHERE datname = current_database())`
    const watcher = program(own.url, { pool: { size: 1 } })
    const asked = Effect.promise(() => watcher.run(Database.one(Query.select(sent))))
    const isFlowing = { until: (rows: unknown) => Number(rows) > 50_000 }
    /** How many rows the server has sent to somebody who does this with each. */
    const sentTo = (each: Effect.Effect<void>, whileRunning: Effect.Effect<unknown>) =>
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const pulled = Stream.mapEffect(Postgres.copyOut(endless), () =>
          Effect.andThen(Deferred.succeed(reached, undefined), each)
        )
        const fiber = yield* Effect.forkChild(Stream.runDrain(pulled))
        yield* Deferred.await(reached)
        yield* whileRunning
        const rows = Number(yield* asked)
        yield* Fiber.interrupt(fiber)
        return rows
      })
    // The kernel's buffers hold some thousands; how soon they are full is the machine's affair.
    const halted = await database.run(sentTo(Effect.never, Effect.sleep(2_000)))
    expect(halted).toBeGreaterThan(0)
    expect(halted).toBeLessThan(50_000)
    const flowing = sentTo(Effect.void, Effect.repeat(Effect.delay(asked, "100 millis"), isFlowing))
    expect(await database.run(flowing)).toBeGreaterThan(50_000)
    await watcher.dispose()
    await database.run(clean)
  })

  test("a query that needs values does not compile", () => {
    const open = all.where(kinds.c.id.gt(Expr.param("after", Type.integer)))
    // @ts-expect-error a COPY takes no parameters
    expect(Stream.isStream(Postgres.copyOut(open))).toBe(true)
  })
})
