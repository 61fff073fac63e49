import { Database, Query, sql, Type } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import {
  engines,
  place,
  type Program,
  program,
  servers,
  sleeping,
  wireTo
} from "./engine-support.ts"

const all = Query.from(notes).orderBy(notes.c.id)
const rowCount = 1300

const clean = Effect.flatMap(Database, ({ dialect, pool }) =>
  Effect.gen(function* () {
    expect(pool.stats()).toMatchObject({ used: 0, waiting: 0 })
    if (dialect === "postgres") expect(yield* cursors).toBe(0)
    // SQLite refuses this while a cursor is open.
    yield* Database.transaction(Database.run(Query.update(notes).set({ body: "" }).everyRow()))
  })
)

/** Cursors the server holds on any connection lie in a transaction that is still open. */
const cursors = Database.one(
  Query.select(
    sql(Type.count)`(select count(*) from pg_stat_activity where datname = current_database()
      and pid <> pg_backend_pid() and state like 'idle in transaction%')
      + (select count(*) from pg_cursors where name like 'athanor%')`
  )
)

/** One for each row but the 700th, which no server can give a value. */
const failsAt700 = {
  sqlite: sql(
    Type.integer
  )`(case ${notes.c.id} when 700 then abs(-9223372036854775807 - 1) else 1 end)`,
  postgres: sql(Type.integer)`1 / (${notes.c.id} - 700)`,
  mariadb: sql(
    Type.integer
  )`(case ${notes.c.id} when 700 then 9223372036854775807 + ${notes.c.id} else 1 end)`
}

describe.each(engines)("streams on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 3 } })
    await database.run(Database.create(catalog))
    const rows = Array.from({ length: rowCount }, (_, at) => ({ id: at + 1 }))
    await database.run(Database.run(Query.insert(notes).rows(rows)))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const idsOf = <E, R>(stream: Stream.Stream<{ readonly id: number }, E, R>) =>
    Effect.map(Stream.runCollect(stream), (rows) => rows.map(({ id }) => id))

  test("the rows are those of `all`, and nothing stays open [F41.1]", async () => {
    const ids = await database.run(idsOf(Database.stream(all)))
    expect(ids).toEqual((await database.run(Database.all(all))).map(({ id }) => id))
    expect(ids).toHaveLength(rowCount)
    await database.run(clean)
  })

  test("an early end gives back a clean connection [F28.3 F41.1]", async () => {
    expect(await database.run(idsOf(Stream.take(Database.stream(all), 3)))).toEqual([1, 2, 3])
    await database.run(clean)
    const inside = Effect.gen(function* () {
      expect(yield* idsOf(Stream.take(Database.stream(all), 2))).toEqual([1, 2])
      if (engine === "postgres") expect(yield* cursors).toBe(0)
      return yield* Database.one(Query.from(notes).where(notes.c.id.eq(7)).select(notes.c.id))
    })
    expect(await database.run(Database.transaction(inside))).toBe(7)
  })

  test("the consumer's failure and its interruption close it too [F41.1]", async () => {
    const stops = Stream.mapEffect(Database.stream(all), ({ id }) =>
      id === 600 ? Effect.fail("enough" as const) : Effect.succeed(id)
    )
    expect(await database.failure(Stream.runDrain(stops))).toBe("enough")
    await database.run(clean)
    await database.run(
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const halts = Stream.mapEffect(Database.stream(all), ({ id }) =>
          id < 600
            ? Effect.succeed(id)
            : Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)
        )
        const fiber = yield* Effect.forkChild(Stream.runDrain(halts))
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
      })
    )
    await database.run(clean)
  })

  test("a thousand random endings leave no cursor [F41.4]", async () => {
    const short = Query.from(notes).where(notes.c.id.lte(20))
    const ending = (at: number): Effect.Effect<unknown, unknown, Database> => {
      const stream = Database.stream(short)
      switch (at % 4) {
        case 0:
          return Stream.runDrain(stream)
        case 1:
          return Stream.runDrain(Stream.take(stream, at % 7))
        case 2:
          return Stream.runForEach(stream, ({ id }) =>
            id > at % 20 ? Effect.fail(id) : Effect.void
          )
        default:
          return Effect.timeoutOption(Stream.runDrain(stream), at % 3)
      }
    }
    const endings = Array.from({ length: 1000 }, (_, at) => Effect.exit(ending((at * 7919) % 1009)))
    await database.run(Effect.all(endings, { concurrency: 3, discard: true }))
    await database.run(clean)
  })

  test("a failure in mid-stream comes typed, after the rows before it [F28.4]", async () => {
    const failing = Query.from(notes).select({ id: notes.c.id, one: failsAt700[engine] })
    const seen: Array<number> = []
    const exit = await database.exit(
      Stream.runForEach(Database.stream(failing), ({ id }) => Effect.sync(() => seen.push(id)))
    )
    expect(Exit.isFailure(exit) && exit.cause.reasons[0]).toMatchObject({
      error: { _tag: "ValueOutOfRange", transaction: "ended" }
    })
    expect(seen).toHaveLength(500)
    await database.run(clean)
  })

  test("chunks are as large as asked for, but the last [F29.1]", async () => {
    const sizes = (size: number) =>
      Database.with({ fetchSize: size }, Database.stream(all)).pipe(
        Stream.chunks,
        Stream.map((chunk) => chunk.length),
        Stream.runCollect
      )
    expect(await database.run(sizes(400))).toEqual([400, 400, 400, 100])
    expect(await database.run(sizes(650))).toEqual([650, 650])
    expect(await database.run(sizes(5000))).toEqual([rowCount])
    const both = Effect.andThen(sizes(1000), idsOf(Database.stream(all)))
    const inside = Database.transaction(both, { statement: { fetchSize: 7 } })
    expect(await database.run(inside)).toHaveLength(rowCount)
    const usual = await database.run(
      Stream.runCollect(Stream.map(Stream.chunks(Database.stream(all)), ({ length }) => length))
    )
    expect(usual).toEqual(engine === "sqlite" ? [500, 800] : [500, 500, 300])
    expect(() => sizes(0)).toThrow("fetchSize is a number from 1")
    await database.run(clean)
  })

  test("a command with a fetch size is refused, and not run [F29.4]", async () => {
    const doomed = Query.deleteFrom(notes).where(notes.c.id.eq(5)).returning({ id: notes.c.id })
    const sized = Stream.runCollect(Database.with({ fetchSize: 10 }, Database.stream(doomed)))
    expect(await database.failure(sized)).toMatchObject({
      _tag: "Unsupported",
      capability: "commandCursor",
      transaction: "alive"
    })
    expect(await database.run(Database.exists(Query.from(notes).where(notes.c.id.eq(5))))).toBe(
      true
    )
    const whole = Database.transaction(
      Effect.andThen(idsOf(Database.stream(doomed)), (ids) => Effect.fail(ids))
    )
    expect(await database.failure(whole)).toEqual([5])
  })

  test("writes beside an open stream are not seen by it, and are kept [F28.3]", async () => {
    const program = Effect.gen(function* () {
      const seen: Array<number> = []
      yield* Stream.runForEach(Database.stream(Query.from(notes)), ({ id }) =>
        Effect.gen(function* () {
          seen.push(id)
          if (id % 250 === 0) yield* Database.run(Query.insert(notes).values({ id: id + 10_000 }))
        })
      )
      const added = yield* Database.count(Query.from(notes).where(notes.c.id.gt(10_000)))
      return [seen.length, new Set(seen).size, added]
    })
    const removed = Database.run(Query.deleteFrom(notes).where(notes.c.id.gt(10_000)))
    expect(await database.run(program)).toEqual([rowCount, rowCount, 5])
    await database.run(removed)
    expect(await database.run(Database.transaction(program))).toEqual([rowCount, rowCount, 5])
    await database.run(removed)
    await database.run(clean)
  })

  test("a failure further on does not fail a statement that comes between", async () => {
    const failing = Query.from(notes).select({ id: notes.c.id, one: failsAt700[engine] })
    let between = 0
    const exit = await database.exit(
      Stream.runForEach(Stream.chunks(Database.stream(failing)), ([{ id }]) =>
        Effect.map(
          Database.run(Query.update(notes).set({ body: "" }).where(notes.c.id.eq(id))),
          (count) => {
            between += count
          }
        )
      )
    )
    expect(between).toBe(1)
    expect(Exit.isFailure(exit) && exit.cause.reasons[0]).toMatchObject({
      error: { _tag: "ValueOutOfRange" }
    })
    await database.run(clean)
  })

  test("who listens hears of a stream once, with all its rows", async () => {
    const heard: Array<[number, string | undefined]> = []
    const listening = <A, E>(effect: Effect.Effect<A, E, Database>) =>
      database.runtime.runPromiseExit(
        Effect.provideService(effect, Database.Tap, ({ error, rowCount, text }) => {
          if (/select/i.test(text)) heard.push([rowCount, error?._tag])
        })
      )
    await listening(Stream.runDrain(Database.stream(all)))
    await listening(Stream.runDrain(Stream.take(Database.stream(all), 3)))
    const failing = Query.from(notes).select({ id: notes.c.id, one: failsAt700[engine] })
    await listening(Stream.runDrain(Database.stream(failing)))
    expect(heard).toEqual([
      [rowCount, undefined],
      [500, undefined],
      [500, "ValueOutOfRange"]
    ])
  })

  test("two streams of one transaction, side by side and end to end [F40.3]", async () => {
    const even = Query.from(notes).where(notes.c.id.lte(1200)).orderBy(notes.c.id)
    const odd = Query.from(notes).orderBy(notes.c.id.desc())
    const [pairs, chain] = await database.run(
      Database.transaction(
        Effect.all([
          Stream.runCollect(Stream.zip(Database.stream(even), Database.stream(odd))),
          idsOf(Stream.concat(Database.stream(even), Database.stream(odd)))
        ])
      )
    )
    expect(pairs).toHaveLength(1200)
    expect([pairs[0]![0].id, pairs[0]![1].id]).toEqual([1, rowCount])
    expect(pairs[1199]![0].id + pairs[1199]![1].id).toBe(rowCount + 1)
    expect(chain).toHaveLength(1200 + rowCount)
    expect(chain.slice(1199, 1201)).toEqual([1200, rowCount])
    await database.run(clean)
  })
})

describe("streams on postgres", () => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place("postgres")
    database = program(own.url)
    await database.run(Database.create(catalog))
    const rows = Array.from({ length: rowCount }, (_, at) => ({ id: at + 1 }))
    await database.run(Database.run(Query.insert(notes).rows(rows)))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("a consumer that stops pulling stops the server's reading ahead [F28.2]", async () => {
    const wire = await wireTo(own.url)
    const slow = program(wire.url, { pool: { size: 1 } })
    wire.state.watch = "athanor_cursor"
    await slow.run(
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const stops = Stream.mapEffect(Database.stream(all), ({ id }) =>
          id === 10
            ? Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)
            : Effect.succeed(id)
        )
        const fiber = yield* Effect.forkChild(Stream.runDrain(stops))
        yield* Deferred.await(reached)
        yield* Effect.sleep(30)
        expect(wire.state.watched).toBe(1)
        yield* Fiber.interrupt(fiber)
        wire.state.watched = 0
        yield* Stream.runDrain(Database.stream(all))
        // Three fetches, and the portal's close ahead of COMMIT.
        expect(wire.state.watched).toBe(4)
      })
    )
    await slow.dispose()
    wire.close()
  })
})

describe.each(servers)("a stream that waits on %s", (engine) => {
  test("interrupted, it ends within the deadline [F28.5]", async () => {
    const own = await place(engine)
    const database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
    const waits = Query.select({
      slept:
        engine === "postgres"
          ? sql(Type.integer)`(select 1 from pg_sleep(5))`
          : sql(Type.integer)`sleep(5)`
    })
    const startedAt = performance.now()
    await database.run(Effect.timeoutOption(Stream.runDrain(Database.stream(waits)), 80))
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(await database.run(sleeping(0))).toBeDefined()
    expect((await database.run(Effect.map(Database, ({ pool }) => pool.stats()))).used).toBe(0)
    await database.dispose()
    await own.drop()
  })
})
