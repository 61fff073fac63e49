/** What the application has already, and what it says at each connect and of statements. */
import BetterSqlite3 from "better-sqlite3"
import { Database, Query, sql, Type } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RcMap from "effect/RcMap"
import * as Redacted from "effect/Redacted"
import { createPool } from "mysql2"
import { Pool as PgPool } from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import {
  drivers,
  type EngineName,
  engines,
  eventually,
  place,
  program,
  servers,
  sleeping,
  whoAmI
} from "./engine-support.ts"

const one = Query.select(sql(Type.integer)`40 + ${2}`)
const ids = Query.from(notes).orderBy(notes.c.id).select(notes.c.id)

/** Something the application owns, our layer on it, and what it says of itself afterwards. */
interface Owned {
  readonly layer: Layer.Layer<Database, unknown>
  readonly stillWorks: () => Promise<unknown>
  /** The session's settings that ours would change. */
  readonly settings: () => Promise<unknown>
  readonly end: () => Promise<void>
}

const owned = (engine: EngineName, url: string): Owned => {
  if (engine === "sqlite") {
    const handle = new BetterSqlite3(url.replace(/^sqlite:/, ""))
    handle.pragma("foreign_keys = OFF")
    return {
      layer: Sqlite.fromHandle.layer(handle),
      stillWorks: async () => handle.prepare("select 1 as x").pluck().get(),
      settings: async () => [
        handle.pragma("foreign_keys", { simple: true }),
        handle.prepare("select 'a' like 'A'").pluck().get(),
        handle.pragma("busy_timeout", { simple: true })
      ],
      end: async () => void handle.close()
    }
  }
  if (engine === "postgres") {
    const pool = new PgPool({ connectionString: url, max: 2 })
    pool.on("connect", (client) => void client.query("set time zone 'Asia/Tokyo'"))
    const read = async (text: string) => (await pool.query({ text, rowMode: "array" })).rows[0]!
    return {
      layer: Postgres.fromPool.layer(pool),
      stillWorks: async () => (await read("select 1"))[0],
      settings: () =>
        read(
          "select current_setting('TimeZone'), current_setting('bytea_output'), " +
            "current_setting('extra_float_digits')"
        ),
      end: () => pool.end()
    }
  }
  const pool = createPool({ uri: url, connectionLimit: 2, timezone: "+09:00" })
  const read = (text: string): Promise<Array<unknown>> =>
    new Promise((done, fail) =>
      pool.query({ sql: text, rowsAsArray: true }, (error, rows) =>
        error === null ? done((rows as unknown as Array<Array<unknown>>)[0]!) : fail(error)
      )
    )
  return {
    layer: Mysql.fromPool.layer(pool, { pool: { size: 2 } }),
    stillWorks: async () => (await read("select 1"))[0],
    settings: () => read("select @@time_zone, @@sql_mode, @@group_concat_max_len"),
    end: () =>
      new Promise((done) => {
        pool.end(() => done())
      })
  }
}

describe.each(engines)("what the application has on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
    const database = program(own.url)
    await database.run(Database.create(catalog))
    await database.dispose()
  })
  afterAll(() => own.drop())

  test("a pool or handle that the program has ended is told as such", async () => {
    const mine = owned(engine, own.url)
    await mine.end()
    const failed = await Effect.runPromise(
      Effect.flip(Effect.provide(Database.one(one), mine.layer))
    )
    const name = {
      sqlite: "handle of better-sqlite3",
      postgres: "pool of pg",
      mariadb: "pool of mysql2"
    }
    expect(failed).toMatchObject({
      _tag: "ConnectFailed",
      message: `the ${name[engine]} was ended by the program it is of`,
      retryable: false
    })
  })

  test("its own pool or handle gives the same answers and is not closed [F8.4 F7.4]", async () => {
    const mine = owned(engine, own.url)
    const before = await mine.settings()
    const work = Effect.gen(function* () {
      yield* Database.run(Query.insert(notes).rows([{ id: 1 }, { id: 2 }, { id: 3 }]))
      yield* Effect.ignore(
        Database.transaction(
          Effect.andThen(Database.run(Query.insert(notes).values({ id: 4 })), Effect.fail("undo"))
        )
      )
      const answers = yield* Effect.forEach(
        Array.from({ length: 12 }, () => one),
        (query) => Database.one(query),
        { concurrency: 6 }
      )
      const moved = yield* Database.run(
        Query.update(notes).set({ body: "same" }).where(notes.c.id.lte(2))
      )
      const again = yield* Database.run(
        Query.update(notes).set({ body: "same" }).where(notes.c.id.lte(2))
      )
      return { answers, moved, again, ids: yield* Database.all(ids) }
    })
    const seen = await Effect.runPromise(Effect.provide(work, mine.layer))
    expect(seen.answers).toEqual(Array.from({ length: 12 }, () => 42))
    expect([seen.moved, seen.again]).toEqual([2, 2])
    expect(seen.ids).toEqual([1, 2, 3])
    expect(await mine.stillWorks()).toBe(1)
    expect(await mine.settings()).toEqual(before)
    await mine.end()
  })

  test("onConnect runs once for each new connection, before it is lent [F8.3]", async () => {
    let runs = 0
    const database = program(own.url, {
      pool: { size: 2 },
      onConnect: (session) =>
        Effect.andThen(
          Effect.sync(() => void runs++),
          engine === "sqlite"
            ? session.script("pragma cache_size = -4242")
            : session.script(
                engine === "postgres" ? "set work_mem to '4242kB'" : "set @mine = '4242'"
              )
        )
    })
    const look =
      engine === "sqlite"
        ? Query.select(sql(Type.text)`(select cast(cache_size as text) from pragma_cache_size)`)
        : engine === "postgres"
          ? Query.select(sql(Type.text)`current_setting('work_mem')`)
          : Query.select(sql(Type.text)`@mine`)
    for (let turn = 0; turn < 3; turn++)
      expect(await database.run(Database.one(look))).toContain("4242")
    expect(runs).toBe(1)
    if (engine !== "sqlite") {
      // A borrower's own settings are undone, those of onConnect are made again.
      await database.run(
        Database.script(engine === "postgres" ? "set work_mem to '5MB'" : "set @mine = 'other'")
      )
      expect(await database.run(Database.one(look))).toContain("4242")
    }
    await database.dispose()
    const failing = program(own.url, { onConnect: (session) => session.script("no such words") })
    const exit = await failing.exit(Database.one(one))
    expect(JSON.stringify(exit)).toContain("onConnect")
    await failing.dispose()
  })

  test("a derived one shares pool and texts, its options stay its own [F6.1 F6.2]", async () => {
    class Reports extends Database.Service<Reports>()(`reports/${engine}`) {}
    const texts: Array<string> = []
    const layer = Layer.provideMerge(
      Database.derived(Reports, Database, { tags: { from: "reports" } }),
      Database.layerUrl(own.url, { drivers })
    )
    const shared = await Effect.runPromise(
      Effect.gen(function* () {
        yield* Database.one(one)
        yield* Reports.one(one)
        yield* Database.one(one)
        const [origin, derived] = [yield* Database, yield* Reports]
        return origin.pool === derived.pool && origin.statements === derived.statements
      }).pipe(
        Effect.provide(layer),
        Effect.provideService(Database.Tap, ({ text }) => void texts.push(text))
      )
    )
    expect(shared).toBe(true)
    expect(texts.map((text) => text.endsWith("/*from='reports'*/"))).toEqual([false, true, false])
  })

  test("tags reach the server as a comment nothing breaks out of [F27.5]", async () => {
    const database = program(own.url)
    await database.run(Database.script("create table sentinel (a integer)"))
    const hostile = [
      "*/ drop table sentinel; --",
      "/*",
      "'",
      "''; drop table sentinel",
      "a\nb -- c",
      "?$1:x",
      "\u0000",
      "\ud800",
      "日本 %27 */"
    ]
    for (const value of hostile) {
      const tagged = Database.with({ tags: { [value]: value, route: value } }, Database.one(one))
      expect(await database.run(tagged)).toBe(42)
    }
    const text = database.sent.at(-1)!
    expect(text.split("/*")).toHaveLength(2)
    expect(text.split("*/")).toHaveLength(2)
    expect(
      await database.run(
        Database.one(Query.select(sql(Type.count)`(select count(*) from sentinel)`))
      )
    ).toBe(0)
    await database.dispose()
  })

  test("of statement, transaction and database the innermost wins [F27.4]", async () => {
    const seen: Array<unknown> = []
    const database = program(own.url, {
      statement: { tags: { a: "database" }, name: "outer", values: { mine: 1 } },
      intercept: (_compiled, next, { options }) => {
        seen.push(options)
        return next
      }
    })
    await database.run(Database.one(one))
    await database.run(
      Database.with(
        { tags: { b: "transaction" }, name: "middle" },
        Database.transaction(
          Database.with({ tags: { a: "statement" }, values: { yours: 2 } }, Database.one(one))
        )
      )
    )
    expect(seen).toEqual([
      { tags: { a: "database" }, name: "outer", values: { mine: 1 } },
      {
        tags: { a: "statement", b: "transaction" },
        name: "middle",
        values: { mine: 1, yours: 2 }
      }
    ])
    const last = database.sent.findLast((text) => text.includes("/*"))
    expect(last).toMatch(/\/\*a='statement',b='transaction'\*\/$/)
    await database.dispose()
  })

  test("tenants have a database each, closed when nobody has used it for a while", async () => {
    const open: Array<string> = []
    const program_ = Effect.gen(function* () {
      const tenants = yield* RcMap.make({
        lookup: (tenant: string) =>
          Effect.acquireRelease(
            Effect.as(
              Layer.build(Database.layerUrl(own.url, { drivers, statement: { name: tenant } })),
              tenant
            ).pipe(Effect.tap(() => Effect.sync(() => open.push(tenant)))),
            () => Effect.sync(() => open.splice(open.indexOf(tenant), 1))
          ).pipe(Effect.andThen(Layer.build(Database.layerUrl(own.url, { drivers })))),
        idleTimeToLive: 1000
      })
      const asking = (tenant: string) =>
        Effect.scoped(
          Effect.flatMap(RcMap.get(tenants, tenant), (context) =>
            Effect.provideContext(Database.one(one), context)
          )
        )
      const answers = yield* Effect.forEach(["a", "b", "a", "a"], asking, { concurrency: 4 })
      const opened = [...open].sort()
      const isClosed = yield* Effect.promise(() => eventually(async () => open.length === 0))
      return { answers, opened, isClosed }
    })
    const seen = await Effect.runPromise(Effect.scoped(program_))
    expect(seen).toEqual({ answers: [42, 42, 42, 42], opened: ["a", "b"], isClosed: true })
  })
})

describe.each(servers)("what a server is told on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
    const database = program(own.url)
    await database.run(Database.create(catalog))
    await database.dispose()
  })
  afterAll(() => own.drop())
  const address = () => {
    const url = new URL(own.url)
    return {
      host: url.hostname,
      port: Number(url.port),
      database: url.pathname.slice(1),
      user: decodeURIComponent(url.username),
      password: Redacted.make(decodeURIComponent(url.password))
    }
  }
  const namespace = engine === "postgres" ? Postgres : Mysql

  test("options of the driver pass through unchanged [F8.1]", async () => {
    const driverOptions =
      engine === "postgres"
        ? { options: "-c work_mem=4242kB" }
        : { connectAttributes: { mine: "4242" }, maxPreparedStatements: 3, connectTimeout: 1 }
    const layer = namespace.layer({ ...address(), driverOptions })
    const seen = await Effect.runPromise(
      Effect.provide(
        engine === "postgres"
          ? Database.one(Query.select(sql(Type.text)`current_setting('work_mem')`))
          : Effect.as(Database.one(one), "4242"),
        layer
      )
    )
    expect(seen).toContain("4242")
  })

  test("the account is asked for anew at each connect [F8.2]", async () => {
    const told: Array<string> = []
    const { password, user, ...where } = address()
    let isBroken = false
    const layer = namespace.layer({
      ...where,
      user: "nobody-of-that-name",
      pool: { size: 1 },
      credentials: Effect.suspend(() => {
        told.push(user)
        return isBroken ? Effect.fail("no token") : Effect.succeed({ user, password })
      })
    })
    const error = await Effect.runPromise(
      Effect.gen(function* () {
        yield* Database.one(one)
        yield* Database.one(one)
        expect(told).toHaveLength(1)
        const { pool } = yield* Database
        pool.invalidate()
        yield* Database.one(one)
        expect(told).toHaveLength(2)
        isBroken = true
        pool.invalidate()
        return yield* Effect.flip(Database.one(one))
      }).pipe(Effect.provide(layer))
    )
    expect(error).toMatchObject({ _tag: "ConnectFailed", reason: "credentials" })
    expect(JSON.stringify(error)).not.toContain("token")
  })

  test("a statement that takes too long is stopped there and typed", async () => {
    const database = program(own.url, { statement: { timeout_ms: 60 }, pool: { size: 1 } })
    const me = await database.run(whoAmI)
    const startedAt = performance.now()
    const error = await database.failure(sleeping(5))
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(error).toMatchObject({ _tag: "StatementTimeout", retryable: true, transaction: "ended" })
    expect(await database.run(whoAmI)).toBe(me)
    expect(await database.run(Database.with({ timeout_ms: 2000 }, sleeping(0.1)))).not.toBeNull()
    const inside = await database.failure(
      Database.transaction(Effect.andThen(Database.one(one), sleeping(5)))
    )
    expect(inside).toMatchObject({ _tag: "StatementTimeout" })
    await database.dispose()
  })

  test("a replica refuses on the server what is smuggled in as raw SQL [F6.3]", async () => {
    const layer = namespace.layerOf(Database.ReadOnly, { ...address(), pool: { size: 1 } })
    const smuggled =
      engine === "postgres"
        ? Query.select(sql(Type.integer)`nextval('s')`)
        : Query.select(sql(Type.integer)`nextval(s)`)
    const database = program(own.url)
    await database.run(Database.script("create sequence s"))
    await database.dispose()
    const seen = await Effect.runPromise(
      Effect.gen(function* () {
        const answer = yield* Database.ReadOnly.one(one)
        const error = yield* Effect.flip(Database.ReadOnly.one(smuggled))
        return { answer, error, verbs: Object.keys(Database.ReadOnly) }
      }).pipe(Effect.provide(layer))
    )
    expect(seen.answer).toBe(42)
    expect(seen.error._tag).toBe("ReadOnly")
    for (const verb of ["run", "create", "drop", "script"]) expect(seen.verbs).not.toContain(verb)
  })
})

describe("a replica on sqlite", () => {
  test("its file is opened for reading only [F6.3]", async () => {
    const own = await place("sqlite")
    const database = program(own.url)
    await database.run(Database.create(catalog))
    await database.dispose()
    const layer = Database.layerUrlOf(Database.ReadOnly, own.url, { drivers })
    const seen = await Effect.runPromise(
      Effect.gen(function* () {
        const { pool } = yield* Database.ReadOnly
        const lease = yield* pool.enter((effect) => effect)
        const smuggled = Effect.try(() =>
          lease.connection.sendNow!({
            text: "insert into notes (id) values (1)",
            parameters: [],
            bigints: false,
            single: false,
            rowKey: null,
            keep: false
          })
        )
        const exit = yield* Effect.exit(smuggled)
        pool.leave(lease)
        return { answer: yield* Database.ReadOnly.all(ids), refused: exit._tag }
      }).pipe(Effect.provide(layer))
    )
    expect(seen).toEqual({ answer: [], refused: "Failure" })
    await own.drop()
  })
})

describe("what a driver is told on sqlite", () => {
  test("options of the driver pass through unchanged [F8.1]", async () => {
    const own = await place("sqlite")
    const file = own.url.slice("sqlite:".length)
    const said: Array<unknown> = []
    const driverOptions = { verbose: (text: unknown) => void said.push(text), fileMustExist: true }
    const missing = Effect.flip(
      Effect.provide(Database.one(one), Sqlite.layer({ file, driverOptions }))
    )
    expect(await Effect.runPromise(missing)).toMatchObject({
      _tag: "ConnectFailed",
      reason: "file"
    })
    expect(said).toEqual([])
    new BetterSqlite3(file).close()
    const asked = Database.script("select 4242")
    await Effect.runPromise(Effect.provide(asked, Sqlite.layer({ file, driverOptions })))
    expect(said).toContain("select 4242")
    const threads = Sqlite.layer({ file, threads: true, driverOptions })
    const refused = await Effect.runPromise(Effect.flip(Effect.provide(asked, threads)))
    expect(refused).toMatchObject({ _tag: "ConfigInvalid", culprit: "driverOptions" })
    await own.drop()
  })

  test("a file has neither account nor server [F8.2 F17.2 F17.3]", async () => {
    const options = { credentials: Effect.succeed({}) } as object
    const refused = await Effect.runPromise(
      Effect.flip(Effect.provide(Database.one(one), Sqlite.layer(options)))
    )
    expect(refused).toMatchObject({ _tag: "ConfigInvalid", culprit: "credentials" })
    const said: Array<unknown> = []
    const driverOptions = { verbose: (text: unknown) => void said.push(text) }
    await Effect.runPromise(
      Effect.gen(function* () {
        yield* Database.one(one)
        const before = said.length
        yield* Effect.sleep(20)
        yield* Database.one(one)
        expect(said).toHaveLength(before + 1)
      }).pipe(Effect.provide(Sqlite.layer({ driverOptions, pool: { pingAfter_ms: 1 } })))
    )
  })
})

describe.each([...engines, "mysql"] as const)("a database that is a function on %s", (dialect) => {
  test("gets the text and the values in order, and what create would run [F3.1]", async () => {
    const heard: Array<string> = []
    const layer = Database.layerMock({
      dialect,
      answer: ({ parameters, text }) => {
        heard.push(`${text} [${parameters.map(String).join()}]`)
        return undefined
      }
    })
    await Effect.runPromise(
      Effect.gen(function* () {
        yield* Database.create(catalog)
        yield* Database.transaction(
          Database.run(Query.insert(notes).values({ id: 7, body: "seven" }))
        )
        yield* Database.all(ids)
      }).pipe(Effect.provide(layer))
    )
    expect(heard.filter((text) => text.startsWith("CREATE TABLE"))).not.toHaveLength(0)
    const insert = heard.findIndex((text) => text.startsWith("INSERT"))
    expect(heard[insert]).toMatch(/\[7,seven\]$/)
    expect(heard[insert - 1]).toMatch(/^(BEGIN|START TRANSACTION)/)
    expect(heard[insert + 1]).toBe("COMMIT []")
    expect(heard.at(-1)).toMatch(/^SELECT/)
  })
})
