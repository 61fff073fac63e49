/** How many connections there are, how old they grow, and what they remember. */
import { Database, Query, sql, Type } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/testing/TestClock"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  connections,
  drivers,
  eventually,
  place,
  program,
  servers,
  sleeping,
  whoAmI,
  wireTo
} from "./engine-support.ts"

type Pooled = NonNullable<NonNullable<Parameters<typeof program>[1]>["pool"]>

const one = Query.select(sql(Type.integer)`1`)
const stats = Effect.map(Database, ({ pool }) => pool.stats())
const pause = (ms: number) => new Promise((next) => setTimeout(next, ms))

/** So many connections lent at once, until all have answered. */
const together = (count: number) =>
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    let here = 0
    const each = Database.transaction(
      Effect.tap(whoAmI, () =>
        Effect.andThen(
          Effect.sync(() => ++here),
          Deferred.await(gate)
        )
      )
    )
    const fibers = yield* Effect.forEach(Array.from({ length: count }), () =>
      Effect.forkChild(each, { startImmediately: true })
    )
    yield* Effect.repeat(
      Effect.promise(() => pause(2)),
      { until: () => here === count }
    )
    const counted = yield* stats
    yield* Deferred.succeed(gate, undefined)
    const ids = yield* Effect.forEach(fibers, Fiber.join)
    return { counted, ids }
  })

describe.each(servers)("the size of the pool on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let observer: ReturnType<typeof program>
  beforeAll(async () => {
    own = await place(engine)
    observer = program(own.url, { pool: { size: 1 } })
  })
  afterAll(async () => {
    await observer.dispose()
    await own.drop()
  })
  const others = async () => Number(await observer.run(connections)) - 1
  const pooled = async <A>(
    pool: Pooled,
    body: (database: ReturnType<typeof program>) => Promise<A>
  ) => {
    const database = program(own.url, { pool })
    try {
      return await body(database)
    } finally {
      await database.dispose()
    }
  }

  test("at most size and overflow, as the server counts; overflow closes [F13.1 F13.4]", () =>
    pooled({ size: 2, overflow: 2 }, async (database) => {
      const seen = { most: 0, isWorking: true }
      const watching = (async () => {
        while (seen.isWorking) seen.most = Math.max(seen.most, await others())
      })()
      await database.run(
        Effect.forEach(Array.from({ length: 40 }), () => sleeping(0.01), { concurrency: 20 })
      )
      seen.isWorking = false
      await watching
      expect(seen.most).toBeGreaterThan(2)
      expect(seen.most).toBeLessThanOrEqual(4)
      expect(await eventually(async () => (await others()) === 2)).toBe(true)
      expect(await database.run(stats)).toMatchObject({ open: 2, idle: 2, used: 0 })
    }))

  test("a pool that keeps none opens and closes one for each borrow [F14.1]", () =>
    pooled({ size: 0, overflow: 2 }, async (database) => {
      const ids = await database.run(
        Effect.forEach(Array.from({ length: 6 }), () => whoAmI, { concurrency: 4 })
      )
      expect(new Set(ids).size).toBe(6)
      expect(await database.run(stats)).toMatchObject({ open: 0, used: 0 })
      expect(await eventually(async () => (await others()) === 0)).toBe(true)
    }))

  test("idle for too long, they close down to the minimum, which is warm [F15.2]", () =>
    pooled({ size: 5, minimum: 2, idleTimeout_ms: 60, order: "lifo" }, async (database) => {
      await database.run(Database.server)
      expect(await eventually(async () => (await others()) === 2)).toBe(true)
      await database.run(together(5))
      expect(await others()).toBe(5)
      // Light load keeps one busy, the rest grow idle.
      const startedAt = performance.now()
      while (performance.now() - startedAt < 200) await database.run(Database.one(one))
      expect(await eventually(async () => (await others()) === 2)).toBe(true)
      expect((await database.run(stats)).open).toBe(2)
    }))

  test("those opened together do not expire together [F16.2]", async () => {
    const seen = await Effect.runPromise(
      Effect.gen(function* () {
        const { ids } = yield* together(6)
        const left: Array<number> = []
        for (let age = 0; age < 10; age++) {
          yield* TestClock.adjust(500)
          const { pool } = yield* Database
          left.push(pool.stats().open)
        }
        return { ids, left }
      }).pipe(
        Effect.provide(
          Database.layerUrl(own.url, {
            drivers,
            pool: {
              size: 6,
              maxLifetime_ms: 5_000,
              lifetimeJitter: 0.8,
              pingAfter_ms: Infinity,
              idleTimeout_ms: Infinity
            }
          })
        ),
        Effect.provide(TestClock.layer()),
        Effect.provide(Logger.layer([]))
      )
    )
    expect(new Set(seen.ids).size).toBe(6)
    expect(seen.left[0]).toBe(6)
    expect(seen.left.at(-1)).toBe(0)
    expect(new Set(seen.left).size).toBeGreaterThan(2)
  })
})

describe.each(servers)("retiring on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
  })
  afterAll(() => own.drop())
  const pooled = async <A>(
    pool: Pooled,
    body: (database: ReturnType<typeof program>) => Promise<A>,
    url = own.url
  ) => {
    const database = program(url, { pool })
    try {
      return await body(database)
    } finally {
      await database.dispose()
    }
  }
  const killed = (id: number | null) =>
    Effect.ignore(
      Database.script(engine === "postgres" ? `select pg_terminate_backend(${id})` : `kill ${id}`)
    )

  test("one can be retired at once, or when it comes back [F19.1 F19.2]", () =>
    pooled({ size: 2 }, async (database) => {
      const ids = await database.run(
        Effect.gen(function* () {
          const { pool } = yield* Database
          const { ids } = yield* together(2)
          const first = pool.connections()[0]!
          pool.retire(first.id, "now")
          const afterNow = pool.stats()
          const inside = yield* Database.transaction(
            Effect.gen(function* () {
              const before = yield* whoAmI
              for (const { id } of pool.connections()) pool.retire(id, "returned")
              return [before, yield* whoAmI]
            })
          )
          return { ids, afterNow, inside, next: yield* whoAmI }
        })
      )
      expect(ids.afterNow).toMatchObject({ open: 1, closed: 1 })
      expect(ids.inside[0]).toBe(ids.inside[1])
      expect(ids.ids).toContain(ids.inside[0])
      expect(ids.ids).not.toContain(ids.next)
    }))

  test("one that is lent can be cut: its borrower is told, the pool serves on [F19.1]", () =>
    pooled({ size: 1 }, async (database) => {
      const { error, next } = await database.run(
        Effect.gen(function* () {
          const { pool } = yield* Database
          const asking = yield* Effect.forkChild(Effect.flip(sleeping(5)), {
            startImmediately: true
          })
          while (pool.connections().length === 0) yield* Effect.sleep(5)
          yield* Effect.sleep(30)
          pool.retire(pool.connections()[0]!.id, "now")
          return { error: yield* Fiber.join(asking), next: yield* Database.one(one) }
        })
      )
      expect(error).toMatchObject({ _tag: "ConnectionLost", retryable: true })
      expect(next).toBe(1)
    }))

  test("all older than now go while borrowers finish their work [F19.3]", () =>
    pooled({ size: 3 }, async (database) => {
      const seen = await database.run(
        Effect.gen(function* () {
          const { pool } = yield* Database
          const { ids } = yield* together(3)
          const working = yield* Effect.forkChild(
            Database.transaction(
              Effect.gen(function* () {
                const before = yield* whoAmI
                yield* Effect.sleep(40)
                return [before, yield* whoAmI]
              })
            ),
            { startImmediately: true }
          )
          yield* Effect.sleep(15)
          pool.invalidate()
          const during = pool.stats()
          const fresh = yield* whoAmI
          return { ids, during, fresh, work: yield* Fiber.join(working), after: pool.stats() }
        })
      )
      expect(seen.during).toMatchObject({ open: 1, used: 1, closed: 2 })
      expect(seen.ids).not.toContain(seen.fresh)
      expect(seen.work[0]).toBe(seen.work[1])
      expect(seen.after).toMatchObject({ open: 1, used: 0, closed: 3 })
    }))

  test("a disconnect in a statement retires it and the older idle ones [F19.4]", () =>
    pooled({ size: 3, pingAfter_ms: 60_000 }, (database) =>
      pooled({ size: 1 }, async (killer) => {
        const { ids } = await database.run(together(3))
        const asking = database.failure(
          Effect.gen(function* () {
            const me = yield* Database.transaction(
              Effect.gen(function* () {
                const id = yield* whoAmI
                yield* Effect.forkDetach(
                  Effect.promise(async () => {
                    await pause(30)
                    await killer.run(killed(id))
                  })
                )
                yield* sleeping(5)
                return id
              })
            )
            return me
          })
        )
        expect(await asking).toMatchObject({ _tag: "ConnectionLost" })
        expect(await database.run(stats)).toMatchObject({ open: 0, closed: 3 })
        expect(ids).not.toContain(await database.run(whoAmI))
      })
    ))

  test("a ping that fails takes all that were opened before it [F17.4]", async () => {
    const wire = await wireTo(own.url)
    await pooled(
      { size: 3, pingAfter_ms: 20 },
      async (database) => {
        await database.run(together(3))
        await pause(40)
        wire.state.cutAt = engine === "postgres" ? "select 1" : "do 0"
        const retired = await database.exit(Database.one(one))
        expect(retired._tag).toBe("Success")
        expect(await database.run(stats)).toMatchObject({ open: 1, closed: 3, created: 4 })
      },
      wire.url
    )
    wire.close()
  })

  test("when the server stays away the failure is typed, and nobody hangs [F17.3]", async () => {
    const wire = await wireTo(own.url)
    await pooled(
      { size: 2, pingAfter_ms: 5, borrow_ms: 400 },
      async (database) => {
        await database.run(together(2))
        await pause(20)
        wire.close()
        const startedAt = performance.now()
        const errors = await database.run(
          Effect.forEach([1, 2, 3, 4], () => Effect.flip(Database.one(one)), { concurrency: 4 })
        )
        expect(performance.now() - startedAt).toBeLessThan(3000)
        for (const error of errors) {
          expect(["ConnectFailed", "PoolTimeout"]).toContain(error._tag)
          expect(error.retryable).toBe(true)
        }
        expect(await database.run(stats)).toMatchObject({ used: 0, waiting: 0 })
      },
      wire.url
    )
  })
})

describe.each(servers)("sessions on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
  })
  afterAll(() => own.drop())
  const isPostgres = engine === "postgres"
  const setting = isPostgres
    ? {
        set:
          "set search_path to nowhere; set time zone 'Asia/Tokyo'; set role pg_monitor; " +
          "set default_transaction_isolation to 'serializable'; " +
          "set default_transaction_read_only to on",
        seen: Database.one(
          Query.select({
            path: sql(Type.text)`current_setting('search_path')`,
            zone: sql(Type.text)`current_setting('TimeZone')`,
            isolation: sql(Type.text)`current_setting('default_transaction_isolation')`,
            readOnly: sql(Type.text)`current_setting('default_transaction_read_only')`,
            user: sql(Type.text)`current_user::text`
          })
        )
      }
    : {
        set:
          "set session time_zone = '+09:00', sql_mode = '', autocommit = 0, tx_read_only = 1; " +
          "set session transaction isolation level serializable; set @mine = 'left'",
        seen: Database.one(
          Query.select({
            zone: sql(Type.text)`@@time_zone`,
            mode: sql(Type.text)`@@sql_mode`,
            autocommit: sql(Type.text)`cast(@@autocommit as char)`,
            readOnly: sql(Type.text)`cast(@@tx_read_only as char)`,
            isolation: sql(Type.text)`@@tx_isolation`,
            mine: sql(Type.text)`coalesce(@mine, 'nothing')`,
            collation: sql(Type.text)`@@collation_connection`,
            client: sql(Type.text)`@@character_set_client`
          })
        )
      }

  test("what a borrower sets in the session, the next does not see [F18.2]", async () => {
    const database = program(own.url, { pool: { size: 1 } })
    const look: Effect.Effect<unknown, unknown, Database> = setting.seen
    const before = await database.run(look)
    const me = await database.run(whoAmI)
    await database.run(Database.script(setting.set))
    expect(await database.run(look)).toEqual(before)
    expect(await database.run(whoAmI)).toBe(me)
    await database.dispose()
  })

  test("temporary tables, locks and cursors end with the borrow [F18.4]", async () => {
    const [database, other] = [program(own.url, { pool: { size: 1 } }), program(own.url)]
    const lock = isPostgres
      ? Query.select(sql(Type.integer)`(case when pg_try_advisory_lock(42) then 1 else 0 end)`)
      : Query.select(sql(Type.integer)`get_lock('mine', 0)`)
    const free = isPostgres
      ? Query.select(sql(Type.integer)`(case when pg_try_advisory_lock(42) then 1 else 0 end)`)
      : Query.select(sql(Type.integer)`is_free_lock('mine')`)
    await database.run(Database.one(lock))
    await database.run(Database.script("create temporary table mine (id integer)"))
    if (isPostgres)
      await database.run(Database.script("declare held cursor with hold for select 1"))
    expect(await other.run(Database.one(free))).toBe(1)
    const gone = await database.failure(Database.script("insert into mine values (1)"))
    expect(gone).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "table" })
    if (isPostgres) {
      const error = await database.failure(Database.script("fetch held"))
      expect(error).toMatchObject({ _tag: "SyntaxOrUndefined" })
    }
    await Promise.all([database.dispose(), other.dispose()])
  })
})
