import { Database, Query, sql, Type } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { catalog, notes, users } from "./engine-schema.ts"
import {
  drivers,
  engines,
  place,
  type Program,
  program,
  programOf,
  servers,
  whoAmI,
  wireTo
} from "./engine-support.ts"

type Pooled = NonNullable<Parameters<typeof program>[1]>["pool"]

const one = Query.select(sql(Type.integer)`1`)

/** Holds a connection from the first answer until the gate opens. */
const holding = Effect.gen(function* () {
  const [held, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  const fiber = yield* Effect.forkChild(
    Database.transaction(
      Effect.andThen(
        Database.one(one),
        Effect.andThen(Deferred.succeed(held, undefined), Deferred.await(gate))
      )
    ),
    { startImmediately: true }
  )
  yield* Deferred.await(held)
  return { end: Effect.andThen(Deferred.succeed(gate, undefined), Fiber.join(fiber)) }
})

const waitersAre = (number: number) =>
  Effect.flatMap(Database, ({ pool }) =>
    Effect.repeat(Effect.yieldNow, { until: () => pool.stats().waiting === number })
  )

/** A program whose time goes on only where the test says so. */
const timeless = (url: string, pool: NonNullable<Pooled>) =>
  programOf(Layer.provideMerge(Database.layerUrl(url, { drivers, pool }), TestClock.layer()))

describe.each(engines)("the pool on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  const opened: Array<Program> = []
  beforeAll(async () => {
    own = await place(engine)
    await using(program(own.url)).run(Database.create(catalog))
  })
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.dispose()
  })
  afterAll(() => own.drop())
  const using = (database: Program): Program => {
    opened.push(database)
    return database
  }
  const pooled = (pool: Pooled) => using(program(own.url, { pool: { size: 1, ...pool } }))

  test("a borrower waits up to its absolute deadline and is told why [F13.2]", async () => {
    const database = using(timeless(own.url, { size: 1, borrow_ms: 80 }))
    const [before, error] = await database.run(
      Effect.gen(function* () {
        const hold = yield* holding
        const waits = yield* Effect.forkChild(Effect.flip(Database.one(one)), {
          startImmediately: true
        })
        yield* waitersAre(1)
        yield* TestClock.adjust(79)
        const before = waits.pollUnsafe()
        yield* TestClock.adjust(1)
        const error = yield* Fiber.join(waits)
        yield* hold.end
        return [before, error]
      })
    )
    expect(before).toBeUndefined()
    expect(error).toMatchObject({
      _tag: "PoolTimeout",
      inUse: 1,
      waited_ms: 80,
      waiting: 1,
      retryable: true
    })
  })

  test("first come, first served; who is interrupted leaves the queue [F13.3]", async () => {
    const database = pooled({})
    const order = await database.run(
      Effect.gen(function* () {
        const hold = yield* holding
        const fibers: Array<Fiber.Fiber<number, unknown>> = []
        for (const number of [1, 2, 3, 4]) {
          const asks = Database.run(Query.insert(users).values({ email: `${number}`, age: number }))
          fibers.push(yield* Effect.forkChild(asks, { startImmediately: true }))
          yield* waitersAre(number)
        }
        yield* Fiber.interrupt(fibers[1]!)
        yield* waitersAre(3)
        yield* hold.end
        for (const fiber of fibers) yield* Fiber.await(fiber)
        expect((yield* Database).pool.stats()).toMatchObject({ used: 0, waiting: 0 })
        return yield* Database.all(Query.from(users).orderBy(users.c.id).select(users.c.age))
      })
    )
    expect(order).toEqual([1, 3, 4])
  })

  test("a full queue refuses at once [F13.6]", async () => {
    // Whoever waited for anything here would wait for ever.
    const database = using(timeless(own.url, { size: 1, queueLimit: 1 }))
    const error = await database.run(
      Effect.gen(function* () {
        const hold = yield* holding
        const waits = yield* Effect.forkChild(Database.one(one), { startImmediately: true })
        yield* waitersAre(1)
        const error = yield* Effect.flip(Database.one(one))
        yield* hold.end
        yield* Fiber.join(waits)
        return error
      })
    )
    expect(error).toMatchObject({ _tag: "PoolQueueFull", waiting: 1, retryable: true })
  })

  test("one shared connection: two transactions never interleave [F14.2]", async () => {
    const database = pooled({})
    const { texts } = await database.counting(
      Effect.forEach(
        [1, 2, 3],
        (id) =>
          Database.transaction(
            Effect.gen(function* () {
              yield* Database.run(Query.insert(notes).values({ id }))
              yield* Effect.sleep(5)
              yield* Database.run(Query.deleteFrom(notes).where(notes.c.id.eq(id)))
            })
          ),
        { concurrency: "unbounded" }
      )
    )
    const words = texts.map((text) => text.split(" ")[0])
    const begin = words[0]
    expect(words).toEqual([1, 2, 3].flatMap(() => [begin, "INSERT", "DELETE", "COMMIT"]))
  })

  test("a connection left in a transaction does not come back in it [F18.1]", async () => {
    const database = pooled({})
    const before = engine === "sqlite" ? 0 : await database.run(whoAmI)
    const begun = Database.script("BEGIN; INSERT INTO notes (id, body) VALUES (70, 'undone')")
    expect(await database.failure(begun)).toMatchObject({ _tag: "TransactionDoomed" })
    await database.run(Database.run(Query.insert(notes).values({ id: 71 })))
    const seen = using(program(own.url))
    const kept = Query.from(notes).where(notes.c.id.gte(70)).select(notes.c.id)
    expect(await seen.run(Database.all(kept))).toEqual([71])
    if (engine !== "sqlite") expect(await database.run(whoAmI)).not.toBe(before)
  })
})

describe("the pool on sqlite", () => {
  test("a database in memory keeps one connection for its whole life [F14.3]", async () => {
    const database = program("sqlite::memory:", {
      pool: { size: 5, maxLifetime_ms: 1, pingAfter_ms: 1 }
    })
    await database.run(Database.create(catalog))
    await database.run(
      Effect.forEach([1, 2, 3, 4], (id) => Database.run(Query.insert(notes).values({ id })), {
        concurrency: "unbounded"
      })
    )
    await database.exit(Database.script("BEGIN; INSERT INTO notes (id, body) VALUES (70, 'lost')"))
    await new Promise((next) => setTimeout(next, 20))
    expect(await database.run(Database.count(Query.from(notes)))).toBe(4)
    await database.dispose()
  })
})

describe.each(servers)("the pool on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
  })
  afterAll(() => own.drop())
  const pooled = async <A, E>(pool: Pooled, body: Effect.Effect<A, E, Database>, url = own.url) => {
    const database = program(url, { pool: { size: 2, ...pool } })
    try {
      return await database.run(body)
    } finally {
      await database.dispose()
    }
  }
  const timed = async <A, E>(pool: Pooled, body: Effect.Effect<A, E, Database>, url = own.url) => {
    const database = timeless(url, { size: 1, ...pool })
    try {
      return await database.run(body)
    } finally {
      await database.dispose()
    }
  }
  /** Two connections, the first returned first. */
  const two = Effect.gen(function* () {
    const [held, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
    const holds = Effect.andThen(Deferred.succeed(held, undefined), Deferred.await(gate))
    const late = yield* Effect.forkChild(Database.transaction(Effect.tap(whoAmI, () => holds)), {
      startImmediately: true
    })
    yield* Deferred.await(held)
    const early = yield* Database.transaction(whoAmI)
    yield* Deferred.succeed(gate, undefined)
    return { early, late: yield* Fiber.join(late) }
  })

  test("with LIFO the connection returned last is lent first [F15.1]", async () => {
    for (const order of ["lifo", "fifo"] as const) {
      const found = await pooled(
        { order },
        Effect.gen(function* () {
          const { early, late } = yield* two
          return { early, late, next: yield* whoAmI }
        })
      )
      expect(found.early).not.toBe(found.late)
      expect(found.next).toBe(order === "lifo" ? found.late : found.early)
    }
  })

  test("one slow connect delays nobody whom an idle connection serves [F13.5]", async () => {
    const wire = await wireTo(own.url)
    const took_ms = await pooled(
      {},
      Effect.gen(function* () {
        const hold = yield* holding
        wire.state.slow_ms = 2000
        const slow = yield* Effect.forkChild(Database.one(one), { startImmediately: true })
        const next = yield* Effect.forkChild(Database.one(one), { startImmediately: true })
        const startedAt = performance.now()
        yield* hold.end
        yield* Fiber.join(slow)
        yield* Fiber.join(next)
        return performance.now() - startedAt
      }),
      wire.url
    )
    expect(took_ms).toBeLessThan(1500)
    wire.close()
  })

  test("one too old is replaced at the next borrow, never while lent [F16.1]", async () => {
    const seen = await timed(
      { maxLifetime_ms: 60, lifetimeJitter: 0 },
      Effect.gen(function* () {
        const first = yield* whoAmI
        const inside = yield* Database.transaction(
          Effect.gen(function* () {
            const before = yield* whoAmI
            yield* TestClock.adjust(90)
            return [before, yield* whoAmI]
          })
        )
        return { first, inside, after: yield* whoAmI }
      })
    )
    expect(seen.inside).toEqual([seen.first, seen.first])
    expect(seen.after).not.toBe(seen.first)
  })

  test("under a test clock it is replaced at the stated age, not before [F16.3]", async () => {
    const seen = await timed(
      { maxLifetime_ms: 10_000, lifetimeJitter: 0, pingAfter_ms: 1_000_000 },
      Effect.gen(function* () {
        const ids: Array<number | null> = []
        for (const step of [0, 9_999, 1]) {
          yield* TestClock.adjust(step)
          ids.push(yield* whoAmI)
        }
        return ids
      })
    )
    expect(seen[1]).toBe(seen[0])
    expect(seen[2]).not.toBe(seen[0])
  })

  test("one idle for long is pinged before it is lent, a fresh one not [F17.1]", async () => {
    const wire = await wireTo(own.url)
    wire.state.watch = engine === "postgres" ? "select 1" : "do 0"
    const pings = await timed(
      { pingAfter_ms: 60 },
      Effect.gen(function* () {
        const first = yield* whoAmI
        const fresh = [yield* whoAmI, wire.state.watched]
        yield* TestClock.adjust(61)
        const idle = [yield* whoAmI, wire.state.watched]
        return { first, fresh, idle }
      }),
      wire.url
    )
    wire.close()
    expect(pings.fresh).toEqual([pings.first, 0])
    expect(pings.idle).toEqual([pings.first, 1])
  })
})
