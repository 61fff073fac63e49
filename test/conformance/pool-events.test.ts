/** Who is told of what happens in a pool, and what he may say to it. */
import { Database, Query, sql, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { drivers, engines, place, program, servers } from "./engine-support.ts"

type Pooled = NonNullable<NonNullable<Parameters<typeof program>[1]>["pool"]>
type PoolEvent = Parameters<Extract<Pooled["listener"], (event: never) => void>>[0]

const one = Query.select(sql(Type.integer)`1`)
const stats = Effect.map(Database, ({ pool }) => pool.stats())
const pause = (ms: number) => new Promise((next) => setTimeout(next, ms))

describe.each(engines)("what happens in the pool on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
  })
  afterAll(() => own.drop())
  const watched = async <A, E>(
    pool: Pooled,
    body: Effect.Effect<A, E, Database>
  ): Promise<{ readonly events: ReadonlyArray<PoolEvent>; readonly value: A }> => {
    const events: Array<PoolEvent> = []
    const database = program(own.url, {
      pool: { listener: (event) => void events.push(event), ...pool }
    })
    const value = await database.run(body)
    await database.dispose()
    return { events, value }
  }

  test("each step is told once, in order, with its connection [F21.1 F18.3]", async () => {
    const failing = Effect.ignore(Database.transaction(Effect.fail("no")))
    const { events } = await watched(
      { size: 1 },
      Effect.gen(function* () {
        yield* Database.transaction(Database.one(one))
        yield* failing
        yield* Effect.timeoutOption(Database.transaction(Effect.sleep(1000)), 20)
        if (engine !== "sqlite") {
          yield* Database.script(engine === "postgres" ? "set work_mem to '5MB'" : "set @mine = 1")
          yield* Effect.sleep(50)
        }
      })
    )
    const told = events.map((event) =>
      event._tag === "returned" || event._tag === "retired"
        ? `${event._tag} ${event.reason}`
        : event._tag
    )
    const reset = engine === "sqlite" ? [] : ["borrowed", "returned normal", "reset"]
    expect(told).toEqual([
      "connected",
      ...["borrowed", "returned normal"],
      ...["borrowed", "returned normal"],
      ...["borrowed", "returned failed"],
      ...["borrowed", "returned interrupted"],
      ...reset,
      "retired closing",
      "closed"
    ])
    const ids = events.map((event) => ("connection" in event ? event.connection.id : 0))
    expect(new Set(ids)).toEqual(new Set([1]))
  })

  test("values are kept per connection and go with it [F20.3]", async () => {
    const { value } = await watched(
      {
        size: 1,
        listener: (event) => {
          if (event._tag !== "borrowed") return
          const { values } = event.connection
          values.set("borrows", Number(values.get("borrows") ?? 0) + 1)
        }
      },
      Effect.gen(function* () {
        const { pool } = yield* Database
        for (let turn = 0; turn < 3; turn++) yield* Database.transaction(Database.one(one))
        const before = pool.connections()[0]!.values.get("borrows")
        if (engine === "sqlite") return { before, after: null }
        pool.invalidate()
        yield* Database.transaction(Database.one(one))
        return { before, after: pool.connections()[0]!.values.get("borrows") }
      })
    )
    // The first borrow is the opening's own.
    expect(value.before).toBe(4)
    if (engine !== "sqlite") expect(value.after).toBe(1)
  })

  test("a listener or hook that throws loses no connection from the count [F21.3]", async () => {
    const thrower = (): never => {
      // oxlint-disable-next-line no-restricted-syntax
      throw new Error("a listener of the program's")
    }
    const lines: Array<string> = []
    const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
    const found = await Effect.runPromise(
      Effect.gen(function* () {
        for (let turn = 0; turn < 5; turn++) yield* Database.transaction(Database.one(one))
        return yield* stats
      }).pipe(
        Effect.provide(
          Database.layerUrl(own.url, { drivers, pool: { size: 2, listener: thrower } })
        ),
        Effect.provide(logger)
      )
    )
    expect(found).toMatchObject({ open: 1, idle: 1, used: 0, created: 1, closed: 0 })
    expect(lines.filter((line) => line.includes("listener"))).toHaveLength(1)
  })

  test("a borrow held too long is reported once, with its place [F20.4]", async () => {
    const lines: Array<string> = []
    const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
    const events: Array<PoolEvent> = []
    await Effect.runPromise(
      Database.transaction(Effect.sleep(500)).pipe(
        Effect.provide(
          Database.layerUrl(own.url, {
            drivers,
            pool: { leakAfter_ms: 200, listener: (event) => void events.push(event) }
          })
        ),
        Effect.provide(logger)
      )
    )
    const leaks = events.filter((event) => event._tag === "leaked")
    expect(leaks).toHaveLength(1)
    expect(lines.filter((line) => line.includes("has been lent for"))).toHaveLength(1)
    expect(leaks[0]!.held_ms).toBeGreaterThanOrEqual(200)
  })

  test("a pool of one for tests names where the first was borrowed [F14.5]", async () => {
    const database = program(own.url, { pool: { size: 1, queueLimit: 0 } })
    await database.run(Database.one(one))
    const held = Database.transaction(
      Effect.gen(function* () {
        yield* Database.one(one)
        yield* Effect.sleep(60)
      })
    )
    const [, error] = await Promise.all([
      database.run(held),
      pause(20).then(() => database.failure(Database.transaction(Database.one(one))))
    ])
    expect(error).toMatchObject({ _tag: "PoolQueueFull" })
    expect(error.message).toMatch(/held by fiber \d+ at .*pool-events\.test\.ts:\d+:\d+/)
    await database.dispose()
  })

  test("the status adds up at every moment of a random run [F20.2]", async () => {
    let checks = 0
    let at = 0
    const random = (below: number): number => (at = (at * 1_103_515_245 + 12_345) % 2 ** 31) % below
    const database = program(own.url, { pool: { size: 3, overflow: 1, idleTimeout_ms: 20 } })
    await database.run(
      Effect.gen(function* () {
        const { pool } = yield* Database
        const check = Effect.sync(() => {
          const { closed, created, detached, idle, open, used } = pool.stats()
          expect(open).toBe(idle + used)
          expect(created).toBe(open + closed + detached)
          expect(open).toBeLessThanOrEqual(4)
          checks++
        })
        const step = (kind: number) =>
          kind < 5
            ? Effect.ignore(Database.transaction(Effect.andThen(Database.one(one), check)))
            : kind < 7
              ? Effect.timeoutOption(Database.transaction(Effect.sleep(20)), 3)
              : Effect.sync(() => pool.invalidate())
        yield* Effect.forEach(
          Array.from({ length: 150 }, () => random(engine === "sqlite" ? 7 : 8)),
          (kind) => Effect.andThen(Effect.ignore(step(kind)), check),
          { concurrency: 8 }
        )
        expect(pool.stats()).toMatchObject({ used: 0, waiting: 0 })
      })
    )
    expect(checks).toBeGreaterThan(150)
    await database.dispose()
  })
})

describe.each(servers)("who is admitted on %s", (engine) => {
  test("a hook refuses a connection, and another is tried [F21.2]", async () => {
    const own = await place(engine)
    const refused = new Set<number>()
    const database = program(own.url, {
      pool: {
        size: 2,
        admit: ({ id }) => {
          if (id % 2 === 1 && !refused.has(id)) {
            refused.add(id)
            return false
          }
          return true
        }
      }
    })
    expect(await database.run(Database.one(one))).toBe(1)
    expect(await database.run(stats)).toMatchObject({ open: 1, used: 0, created: 2, closed: 1 })
    await database.dispose()
    await own.drop()
  })
})
