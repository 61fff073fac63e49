/**
 * The pool where SQLite's connections live in threads of their own. What a server counts elsewhere,
 * the system counts here: the threads of this process.
 */
import { Database, Query, sql, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readdirSync, readFileSync } from "node:fs"
import { eventually, place, type program } from "./engine-support.ts"

type Pooled = NonNullable<NonNullable<Parameters<typeof program>[1]>["pool"]>

const stats = Effect.map(Database, ({ pool }) => pool.stats())
const pause = (ms: number) => Effect.promise(() => new Promise((next) => setTimeout(next, ms)))

/** The workers of this process, as the system counts them. */
const workers = (): number =>
  readdirSync("/proc/self/task").filter((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, "utf8").trim() === "WorkerThread"
    } catch {
      return false
    }
  }).length

/** Which connection one is lent now, for so long as the effect takes. */
const lent = <A, E, R>(use: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(Database.borrow, ({ connection }) => Effect.as(use, connection.id)))

/** So many connections lent at once. */
const together = (count: number) =>
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    let here = 0
    const arrived = Effect.andThen(
      Effect.sync(() => ++here),
      Deferred.await(gate)
    )
    const fibers = yield* Effect.forEach(Array.from({ length: count }), () =>
      Effect.forkChild(lent(arrived), { startImmediately: true })
    )
    yield* Effect.repeat(pause(2), { until: () => here === count })
    yield* Deferred.succeed(gate, undefined)
    return yield* Effect.forEach(fibers, Fiber.join)
  })

describe("a pool of threads on sqlite", () => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place("sqlite")
  })
  afterAll(() => own.drop())
  const layer = (pool: Pooled, deadlines = {}) =>
    Sqlite.layer({ file: own.url.slice("sqlite:".length), threads: true, pool, deadlines })
  const pooled = <A, E>(pool: Pooled, body: Effect.Effect<A, E, Database | Scope.Scope>) =>
    Effect.runPromise(
      Effect.scoped(Effect.provide(body, layer(pool))).pipe(Effect.provide(Logger.layer([])))
    )
  const before = workers()
  const threads = () => workers() - before
  const counts = (count: number) => eventually(async () => threads() === count)

  test("overflow connections are closed on return, the base size stays [F13.4]", () =>
    pooled(
      { size: 2, overflow: 2 },
      Effect.gen(function* () {
        let most = 0
        const counted = Effect.andThen(
          Effect.sync(() => (most = Math.max(most, threads()))),
          pause(5)
        )
        yield* Effect.forkChild(Effect.forever(counted))
        yield* together(4)
        yield* Effect.forEach(Array.from({ length: 40 }), () => lent(counted), { concurrency: 20 })
        expect(most).toBeGreaterThan(2)
        // A thread takes its time to come and to go.
        expect(yield* Effect.promise(() => counts(2))).toBe(true)
        while ((yield* stats).connecting > 0) yield* pause(5)
        expect(yield* stats).toMatchObject({ open: 2, idle: 2, used: 0 })
        expect(yield* Effect.promise(() => counts(2))).toBe(true)
      })
    ))

  test("at most size and overflow are open, as the system counts [F13.1]", () =>
    pooled(
      { size: 2, overflow: 2 },
      Effect.gen(function* () {
        let most = 0
        const counted = Effect.andThen(
          Effect.sync(() => (most = Math.max(most, threads()))),
          pause(3)
        )
        const watching = yield* Effect.forkChild(Effect.forever(counted))
        // More than there are wait all the time, so none is closed and another opened.
        yield* Effect.forEach(Array.from({ length: 60 }), () => lent(counted), { concurrency: 30 })
        yield* Fiber.interrupt(watching)
        expect(most).toBeGreaterThan(2)
        expect(most).toBeLessThanOrEqual(4)
        expect(yield* stats).toMatchObject({ used: 0, waiting: 0 })
      })
    ))

  test("one slow connect delays nobody whom an idle connection serves [F13.5]", () => {
    let connects = 0
    const slowly = Sqlite.layer({
      file: own.url.slice("sqlite:".length),
      threads: true,
      pool: { size: 2 },
      onConnect: () => (++connects === 1 ? Effect.void : pause(1500))
    })
    const work = Effect.gen(function* () {
      const hold = yield* Deferred.make<void>()
      const holder = yield* Effect.forkChild(lent(Deferred.await(hold)), { startImmediately: true })
      while ((yield* stats).used === 0) yield* pause(1)
      const startedAt = performance.now()
      const waiting = yield* Effect.forEach([1, 2], () =>
        Effect.forkChild(lent(Effect.void), { startImmediately: true })
      )
      while ((yield* stats).connecting === 0) yield* pause(1)
      yield* Deferred.succeed(hold, undefined)
      const ids = yield* Effect.forEach(waiting, Fiber.join)
      const took_ms = performance.now() - startedAt
      expect(new Set([yield* Fiber.join(holder), ...ids]).size).toBe(1)
      expect(took_ms).toBeLessThan(1000)
    })
    return Effect.runPromise(Effect.provide(work, slowly))
  })

  test("what a borrower sets in the session, the next does not see [F18.2]", () =>
    pooled(
      { size: 1 },
      Effect.gen(function* () {
        const seen = Database.one(
          Query.raw({ keys: Type.integer, readOnly: Type.integer, files: Type.integer })`
            SELECT (SELECT foreign_keys FROM pragma_foreign_keys) AS keys,
              (SELECT query_only FROM pragma_query_only) AS "readOnly",
              (SELECT count(*) FROM pragma_database_list) AS files`
        )
        const before = yield* seen
        expect(before.keys).toBe(1)
        yield* Database.script("pragma foreign_keys = off")
        expect(yield* seen).toEqual(before)
        yield* Database.script("pragma query_only(1)")
        expect(yield* seen).toEqual(before)
        yield* Database.script("attach ':memory:' as other")
        expect(yield* seen).toEqual(before)
        expect(yield* stats).toMatchObject({ open: 1, created: 4, closed: 3, used: 0 })
        yield* Database.script("pragma user_version")
        expect((yield* stats).created).toBe(4)
      })
    ))

  test("temporary tables and cursors end with the borrow [F18.4]", () =>
    pooled(
      { size: 1 },
      Effect.gen(function* () {
        const within = Effect.andThen(
          Database.script("create temp table mine (n integer)"),
          Database.script("insert into mine values (1)")
        )
        yield* Database.transaction(within)
        const gone = yield* Effect.flip(Database.script("insert into mine values (2)"))
        expect(gone).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "table" })
        const many = Query.raw({ n: Type.integer })`
          WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000)
          SELECT n FROM c`
        const some = Stream.take(Database.with({ fetchSize: 5 }, Database.stream(many)), 3)
        expect(yield* Stream.runCollect(some)).toHaveLength(3)
        // A cursor that is open would hold the file: nothing could be taken out of WAL.
        yield* Database.script("create table kept (n integer); drop table kept")
        expect(yield* stats).toMatchObject({ open: 1, used: 0 })
      })
    ))

  test("a hook refuses a connection, and another is tried [F21.2]", () => {
    const refused = new Set<number>()
    const admit = ({ id }: { readonly id: number }) => {
      if (id % 2 === 0 || refused.has(id)) return true
      refused.add(id)
      return false
    }
    return pooled(
      { size: 2, admit },
      Effect.gen(function* () {
        yield* Database.script("select 1")
        expect(yield* stats).toMatchObject({ open: 1, used: 0, created: 2, closed: 1 })
      })
    )
  })

  test("a pool that keeps none opens and closes one for each borrow [F14.1]", () =>
    pooled(
      { size: 0, overflow: 2, borrow_ms: 20_000 },
      Effect.gen(function* () {
        const ids = yield* Effect.forEach(Array.from({ length: 6 }), () => lent(pause(1)), {
          concurrency: 4
        })
        expect(new Set(ids).size).toBe(6)
        expect(yield* stats).toMatchObject({ open: 0, used: 0 })
        expect(yield* Effect.promise(() => counts(0))).toBe(true)
      })
    ))

  test("the one returned last is lent first [F15.1]", () =>
    pooled(
      { size: 3, order: "lifo" },
      Effect.gen(function* () {
        const scopes = yield* Effect.forEach([1, 2, 3], () => Scope.make())
        const ids = yield* Effect.forEach(scopes, (scope) =>
          Effect.map(Scope.provide(Database.borrow, scope), ({ connection }) => connection.id)
        )
        for (const at of [1, 2, 0]) yield* Scope.close(scopes[at]!, Exit.void)
        expect(yield* lent(Effect.void)).toBe(ids[0])
        expect(yield* lent(lent(Effect.void))).toBe(ids[0])
        const both = yield* Effect.scoped(
          Effect.all([Database.borrow, Database.borrow, Database.borrow])
        )
        expect(both.map(({ connection }) => connection.id)).toEqual([ids[0], ids[2], ids[1]])
      })
    ))

  test("idle for too long, they close down to the minimum [F15.2]", () =>
    pooled(
      { size: 5, minimum: 2, idleTimeout_ms: 60, order: "lifo" },
      Effect.gen(function* () {
        yield* Database.server
        expect(yield* Effect.promise(() => counts(2))).toBe(true)
        yield* together(5)
        expect(threads()).toBe(5)
        const startedAt = performance.now()
        while (performance.now() - startedAt < 200) yield* lent(pause(1))
        expect(yield* Effect.promise(() => counts(2))).toBe(true)
        expect((yield* stats).open).toBe(2)
      })
    ))

  const old = {
    size: 6,
    maxLifetime_ms: 5_000,
    idleTimeout_ms: Infinity,
    pingAfter_ms: Infinity
  }

  test("too old, it is replaced at the next borrow, at its age, not before [F16.1 F16.3]", () =>
    pooled(
      { ...old, size: 1, lifetimeJitter: 0 },
      Effect.gen(function* () {
        const first = yield* lent(Effect.void)
        yield* TestClock.adjust(4_999)
        expect(yield* lent(Effect.void)).toBe(first)
        // It grows too old while it is lent, and stays.
        const kept = yield* Effect.scoped(
          Effect.gen(function* () {
            const { connection, use } = yield* Database.borrow
            yield* TestClock.adjust(2_000)
            yield* use(Database.script("select 1"))
            return connection.id
          })
        )
        expect(kept).toBe(first)
        expect(yield* lent(Effect.void)).not.toBe(first)
      }).pipe(Effect.provide(Layer.fresh(layer({ ...old, size: 1, lifetimeJitter: 0 }))), (body) =>
        Effect.provide(body, TestClock.layer())
      )
    ))

  test("those opened together do not expire together [F16.2]", () =>
    pooled(
      { size: 1 },
      Effect.gen(function* () {
        expect(new Set(yield* together(6)).size).toBe(6)
        const left: Array<number> = []
        for (let age = 0; age < 10; age++) {
          yield* TestClock.adjust(500)
          left.push((yield* stats).open)
        }
        expect(left[0]).toBe(6)
        expect(left.at(-1)).toBe(0)
        expect(new Set(left).size).toBeGreaterThan(2)
      }).pipe(Effect.provide(layer({ ...old, lifetimeJitter: 0.8 })), (body) =>
        Effect.provide(body, TestClock.layer())
      )
    ))

  test("one can be retired at once, or when it comes back [F19.1 F19.2]", () =>
    pooled(
      { size: 2 },
      Effect.gen(function* () {
        const { pool } = yield* Database
        yield* together(2)
        const [first] = pool.connections()
        pool.retire(first!.id, "now")
        expect(pool.stats()).toMatchObject({ open: 1, closed: 1 })
        expect(yield* Effect.promise(() => counts(1))).toBe(true)
        const inside = yield* Effect.scoped(
          Effect.gen(function* () {
            const { connection, use } = yield* Database.borrow
            pool.retire(connection.id, "returned")
            yield* use(Database.script("select 1"))
            return connection.id
          })
        )
        expect(yield* lent(Effect.void)).not.toBe(inside)
        expect(yield* Effect.promise(() => counts(1))).toBe(true)
        // One that is lent can be cut: its borrower is told.
        const error = yield* Effect.scoped(
          Effect.gen(function* () {
            const { connection, use } = yield* Database.borrow
            pool.retire(connection.id, "now")
            return yield* Effect.flip(use(Database.script("select 1")))
          })
        )
        expect(error._tag).toBe("ConnectionLost")
        yield* lent(Effect.void)
        expect(pool.stats()).toMatchObject({ open: 1, used: 0 })
      })
    ))

  test("all older than now go while borrowers finish their work [F19.3]", () =>
    pooled(
      { size: 3 },
      Effect.gen(function* () {
        const { pool } = yield* Database
        const ids = yield* together(3)
        const kept = yield* Effect.scoped(
          Effect.gen(function* () {
            const { connection, use } = yield* Database.borrow
            pool.invalidate()
            expect(pool.stats()).toMatchObject({ open: 1, used: 1, closed: 2 })
            expect(ids).not.toContain(yield* lent(Effect.void))
            yield* use(Database.script("select 1"))
            return connection.id
          })
        )
        expect(ids).toContain(kept)
        expect(pool.stats()).toMatchObject({ open: 1, used: 0, closed: 3 })
        expect(yield* Effect.promise(() => counts(1))).toBe(true)
      })
    ))

  test("a thread that ends in a statement takes the older idle ones with it [F19.4]", () => {
    const borrowed: Array<number> = []
    return pooled(
      {
        size: 3,
        listener: (event) => {
          if (event._tag === "borrowed") borrowed.push(event.connection.id)
        }
      },
      Effect.gen(function* () {
        const { pool } = yield* Database
        const ids = yield* together(3)
        const long = Query.select(
          sql(Type.integer)`(with recursive n(i) as (select 1 union all select i + 1 from n
            where i < 3000000) select count(*) from n)`
        )
        const running = yield* Effect.forkChild(Effect.flip(Database.one(long)), {
          startImmediately: true
        })
        pool.retire(borrowed.at(-1)!, "now")
        expect(yield* Fiber.join(running)).toMatchObject({ _tag: "ConnectionLost" })
        expect(pool.stats()).toMatchObject({ open: 0, closed: 3 })
        expect(ids).not.toContain(yield* lent(Effect.void))
      })
    )
  })

  test("closing waits for what is lent up to its deadline, then closes all [F7.1]", async () => {
    await Effect.runPromise(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const built = Layer.build(layer({ size: 3 }, { close_ms: 1000 }))
        const context = yield* Scope.provide(built, scope)
        /** A transaction that has begun, holds the file for nobody, and goes on for so long. */
        const within = (ms: number) =>
          Effect.gen(function* () {
            const begun = yield* Deferred.make<void>()
            const work = Deferred.succeed(begun, undefined).pipe(
              Effect.andThen(pause(ms)),
              Effect.andThen(Database.script("select 1"))
            )
            const ended = Effect.exit(
              Effect.provide(Database.transaction(work, { begin: "deferred" }), context)
            )
            const fiber = yield* Effect.forkDetach(ended, { startImmediately: true })
            yield* Deferred.await(begun)
            return fiber
          })
        yield* Effect.provide(together(2), context)
        const long = yield* within(6000)
        const short = yield* within(100)
        yield* Scope.close(scope, Exit.void)
        expect((yield* Fiber.join(short))._tag).toBe("Success")
        expect((yield* Fiber.join(long))._tag).toBe("Failure")
      }).pipe(Effect.provide(Logger.layer([])))
    )
    expect(await counts(0)).toBe(true)
  })

  test("closing while connections are being opened leaks none of them [F7.3]", async () => {
    for (let after_ms = 0; after_ms < 60; after_ms += 5) {
      await Effect.runPromise(
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const context = yield* Scope.provide(Layer.build(layer({ size: 4 })), scope)
          const asking = yield* Effect.forkDetach(
            Effect.exit(Effect.provide(together(4), context)),
            { startImmediately: true }
          )
          yield* Effect.sleep(after_ms)
          yield* Scope.close(scope, Exit.void)
          yield* Fiber.interrupt(asking)
        })
      )
    }
    expect(await counts(0)).toBe(true)
  })
})
