/** A database from a configuration, from rewritten options, and a pool without a database. */
import { Database, DatabaseUrl, Query, sql, Type } from "athanor"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { drivers, engines, eventually, openFiles, place, program } from "./engine-support.ts"

const answer = Query.select({ answer: sql(Type.integer)`40 + ${2}` })

describe.each(engines)("what a database is made of on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let url: DatabaseUrl.DatabaseUrl
  beforeAll(async () => {
    own = await place(engine)
    url = Effect.runSync(DatabaseUrl.parse(own.url))
  })
  afterAll(() => own.drop())

  const configured = (env: Readonly<Record<string, string>>) => {
    const layer = Database.layerConfig("BLOG_DATABASE", { drivers })
    const provider = ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
    return <A, E>(effect: Effect.Effect<A, E, Database>, clock: Layer.Layer<never> = Layer.empty) =>
      Effect.runPromise(
        Effect.provide(effect, layer).pipe(Effect.provide(provider), Effect.provide(clock))
      )
  }

  test("numbers, durations, flags and secrets of a configuration's prefix [F2.3]", async () => {
    const parts: ReadonlyArray<readonly [string, string | number | null]> = [
      ["DIALECT", url.dialect],
      ["HOST", url.host],
      ["PORT", url.port],
      ["DATABASE", url.database],
      ["USER", url.user],
      ["PASSWORD", url.password === null ? null : Redacted.value(url.password)]
    ]
    const env = {
      ...Object.fromEntries(
        parts.flatMap(([key, value]) =>
          value === null ? [] : [[`BLOG_DATABASE_${key}`, String(value)] as const]
        )
      ),
      BLOG_DATABASE_POOL_QUEUE_LIMIT: "1",
      BLOG_DATABASE_POOL_BORROW: "150 millis",
      BLOG_DATABASE_POOL_SIZE: "1",
      BLOG_DATABASE_DEADLINES_CLOSE: "2 seconds",
      BLOG_DATABASE_STATEMENT_TIMEOUT: "1 minute",
      BLOG_DATABASE_READ_ONLY: "true",
      DATABASE_URL: "nonsense"
    }
    if (engine === "sqlite") await Effect.runPromise(touched(own.url))
    await configured(env)(
      Effect.gen(function* () {
        expect(yield* Database.one(answer)).toEqual({ answer: 42 })
        const one = yield* Database
        expect(one.deadlines.close_ms).toBe(2000)
        expect(one.options.timeout_ms).toBe(60_000)
        const refused = yield* Effect.flip(Database.script("create table nope (a integer)"))
        expect(refused._tag).toBe("ReadOnly")
        // One is lent, one waits for 150 ms, and there is no place for a third.
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* Database.borrow
            const asks = Effect.flip(Effect.scoped(Database.borrow))
            const waits = yield* Effect.forkChild(asks, { startImmediately: true })
            expect((yield* asks)._tag).toBe("PoolQueueFull")
            yield* TestClock.adjust(150)
            expect(yield* Fiber.join(waits)).toMatchObject({ _tag: "PoolTimeout", waited_ms: 150 })
          })
        )
        expect(inspect(one, { depth: 20, showHidden: true })).not.toContain("s3cret-canary")
      }),
      TestClock.layer()
    )
    const whole = { BLOG_DATABASE_URL: own.url, BLOG_DATABASE_POOL_SIZE: "3" }
    expect(await configured(whole)(Database.one(answer))).toEqual({ answer: 42 })
  })

  test("keys under the prefix that nobody reads are told by name, never by value", async () => {
    const heard = async (
      env: Readonly<Record<string, string>>,
      provider = ConfigProvider.fromEnv({ env })
    ) => {
      const told: Array<string> = []
      const logger = Logger.make(({ message }) => {
        told.push(String(message))
      })
      const layer = Database.layerConfig("BLOG_DATABASE", { drivers })
      const program = Effect.provide(Database.one(answer), layer).pipe(
        Effect.provide(ConfigProvider.layer(provider)),
        Effect.provide(Logger.layer([logger]))
      )
      expect(await Effect.runPromise(program)).toEqual({ answer: 42 })
      return told
    }
    const right = {
      BLOG_DATABASE_URL: own.url,
      BLOG_DATABASE_POOL_SIZE: "1",
      BLOG_DATABASE_POOL_IDLE_TIMEOUT: "5 seconds",
      BLOG_DATABASE_STATEMENT_TIMEOUT: "5 seconds",
      ...(engine === "sqlite" ? {} : { BLOG_DATABASE_APPLICATION_NAME: "blog" }),
      BLOG_TITLE: "of something else",
      BLOG_DATABASES: "of something else"
    }
    expect(await heard(right)).toEqual([])
    const wrong = {
      ...right,
      BLOG_DATABASE_POOL_SZIE: "s3cret-canary",
      BLOG_DATABASE_POOLSIZE: "7",
      BLOG_DATABASE_PASWORD: "s3cret-canary",
      BLOG_DATABASE_POOL_SIZE_MAX: "7"
    }
    const [message, ...more] = await heard(wrong)
    expect(more).toEqual([])
    expect(message).toBe(
      "athanor: no option of a database is read from BLOG_DATABASE_PASWORD, " +
        "BLOG_DATABASE_POOLSIZE, BLOG_DATABASE_POOL_SIZE_MAX, BLOG_DATABASE_POOL_SZIE"
    )
    const nested = { BLOG_DATABASE: { URL: own.url, POOL: { SIZE: "1", SZIE: "2" }, KEYS: ["a"] } }
    expect(await heard({}, ConfigProvider.fromUnknown(nested))).toEqual([
      "athanor: no option of a database is read from BLOG_DATABASE_KEYS, BLOG_DATABASE_POOL_SZIE"
    ])
  })

  test("what a configuration has wrong is typed, and no secret in it", async () => {
    const secret = "s3cret-canary"
    const failing = (env: Readonly<Record<string, string>>) =>
      configured(env)(Database.one(answer)).then(
        () => "it ran",
        (error: unknown) => inspect(error, { depth: 9 })
      )
    const bad = (key: string, value: string) => ({
      BLOG_DATABASE_URL: own.url,
      BLOG_DATABASE_PASSWORD: engine === "sqlite" ? "" : secret,
      [`BLOG_DATABASE_${key}`]: value
    })
    for (const [key, value, named] of [
      ["POOL_SIZE", "many", "POOL"],
      ["POOL_BORROW", "soon", "BORROW"],
      ["POOL_ORDER", "random", "ORDER"],
      ["READ_ONLY", "perhaps", "READ_ONLY"],
      ["POOL_SIZE", "-1", "pool.size"],
      ["URL", `oracle://u:${secret}@h/d`, "oracle"],
      ["URL", secret, "scheme"]
    ] as const) {
      const told = await failing(bad(key, value))
      expect(told, key).toContain(named)
      expect(told).not.toContain(secret)
    }
    expect(await failing({})).toContain("DIALECT")
  })

  test("a function rewrites address and options before anything is made [F4.3]", async () => {
    const seen: Array<string> = []
    const layer = Database.layerUrl(DatabaseUrl.make({ dialect: "plugin", host: "nowhere" }), {
      drivers,
      pool: { size: 7 },
      rewrite: (given) => {
        seen.push(String(given.url), String(given.settings.pool?.size))
        return {
          url: engine === "sqlite" ? url : DatabaseUrl.withOption(url, "application_name", "mine"),
          settings: {
            ...given.settings,
            onConnect: (session) =>
              session.script(
                {
                  sqlite: "pragma cache_size = -4242",
                  postgres: "set work_mem to '4242kB'",
                  mariadb: "set @mine = '4242'"
                }[engine]
              )
          }
        }
      }
    })
    const look = {
      sqlite: sql(Type.text)`(select cast(cache_size as text) from pragma_cache_size)`,
      postgres: sql(
        Type.text
      )`current_setting('work_mem') || ' ' || current_setting('application_name')`,
      mariadb: sql(Type.text)`@mine`
    }[engine]
    const found = await Effect.runPromise(
      Effect.provide(Database.one(Query.select({ found: look })), layer)
    )
    expect(found).toEqual({
      found: { sqlite: "-4242", postgres: "4242kB mine", mariadb: "4242" }[engine]
    })
    expect(seen).toEqual(["plugin://nowhere", "7"])
  })

  test("a pool is built and borrowed from by itself, given only an address [F2.4]", async () => {
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* Database.pool(own.url, { drivers })
          expect(pool.stats()).toMatchObject({ open: 0, created: 0 })
          yield* Effect.scoped(
            Effect.gen(function* () {
              const { connection, use } = yield* pool.borrow
              expect(yield* use(Database.one(answer))).toEqual({ answer: 42 })
              expect(yield* use(Database.transaction(Database.one(answer)))).toEqual({
                answer: 42
              })
              expect(connection.id).toBe(1)
              expect(pool.stats()).toMatchObject({ open: 1, used: 1, idle: 0 })
            })
          )
          expect(pool.stats()).toMatchObject({ open: 1, used: 0, idle: 1 })
        })
      )
    )
  })

  test("a connection is taken out of the pool for good, and another opened [F20.1]", async () => {
    const database = program(own.url, { pool: { size: 1, overflow: 0, borrow_ms: 2000 } })
    const me = {
      sqlite: Query.select(sql(Type.text)`(select group_concat(name) from temp.sqlite_schema)`),
      postgres: Query.select(sql(Type.text)`(select relname::text from pg_class
        where relname = 'mine' and relnamespace = pg_my_temp_schema())`),
      mariadb: Query.select(sql(Type.text)`@mine`)
    }[engine]
    const mark = engine === "mariadb" ? "set @mine = 'mine'" : "create temporary table mine (a int)"
    const scope = Effect.runSync(Scope.make())
    const before = openFiles(own.url)
    const mine = await database.run(
      Effect.gen(function* () {
        const borrowed = yield* Scope.provide(Database.borrow, scope)
        yield* borrowed.use(Database.script(mark))
        yield* borrowed.detach
        yield* borrowed.detach
        const { pool } = yield* Database
        expect(pool.stats()).toMatchObject({ open: 0, used: 0, detached: 1, created: 1 })
        // The pool's next one is another.
        expect(yield* Database.one(me)).toBeNull()
        expect(yield* borrowed.use(Database.one(me))).toBe("mine")
        expect(pool.stats()).toMatchObject({ open: 1, idle: 1, detached: 1, created: 2 })
        return borrowed
      })
    )
    // The pool's end is not its end; that of its scope is.
    await database.dispose()
    expect(await Effect.runPromise(mine.use(Database.one(me)))).toBe("mine")
    await Effect.runPromise(Scope.close(scope, Exit.void))
    const gone = await Effect.runPromise(Effect.flip(mine.use(Database.one(me))))
    expect(gone._tag).toBe("PoolClosed")
    if (engine === "sqlite")
      expect(await eventually(async () => openFiles(own.url) === before)).toBe(true)
  })
})

/** A file that is there: what reads only makes none. */
const touched = (url: string) =>
  Effect.provide(
    Database.script("create table if not exists one (a)"),
    Database.layerUrl(url, { drivers })
  )
