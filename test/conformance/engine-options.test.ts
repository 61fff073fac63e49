import { Catalog, Database, Query, sql, StatementError, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { notes } from "./engine-schema.ts"
import { drivers, engines, place, type Program, program, programOf } from "./engine-support.ts"

type StreamOptions = Parameters<typeof Database.derived>[2]

const rows = Query.from(notes).orderBy(notes.c.id)
const one = Query.from(notes).where(notes.c.id.eq(3))

/** Works until it is stopped, some seconds at most. */
const long = {
  sqlite: Query.raw({ n: Type.integer })`
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 4000000)
    SELECT max(n) AS n FROM c`,
  postgres: Query.raw({ n: Type.integer })`SELECT 1 AS n FROM pg_sleep(5)`,
  mariadb: Query.raw({ n: Type.integer })`SELECT sleep(5) AS n`
}

describe.each(engines)("options of statements on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(Database.create(Catalog.make({ notes })))
    const given = Array.from({ length: 60 }, (_, at) => ({ id: at + 1 }))
    await database.run(Database.run(Query.insert(notes).rows(given)))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  /** A statement alone, in a transaction, and with options of its own: what is seen of each. */
  const levels = <A>(
    options: StreamOptions,
    ask: (own: StreamOptions | null) => Effect.Effect<A, unknown, Database>,
    own: StreamOptions,
    failed: (error: unknown) => void = (error) => {
      throw error
    }
  ) =>
    Effect.all([
      ask(null),
      Effect.match(Database.transaction(ask(null), { statement: options, readOnly: true }), {
        onFailure: failed,
        onSuccess: (value) => value
      }),
      Effect.match(Database.transaction(ask(own), { statement: options, readOnly: true }), {
        onFailure: failed,
        onSuccess: (value) => value
      }),
      Effect.andThen(
        Database.transaction(Effect.void, { statement: options, readOnly: true }),
        ask(null)
      )
    ])

  test("fetch size: statement over transaction over database [F27.1]", async () => {
    const sized = program(own.url, { statement: { fetchSize: 30 } })
    const sizes = (own: { readonly fetchSize?: number } | null) => {
      const stream = Database.stream(rows)
      return Stream.runCollect(
        Stream.map(
          Stream.chunks(own === null ? stream : Database.with(own, stream)),
          (chunk) => chunk.length
        )
      )
    }
    const seen = await sized.run(levels({ fetchSize: 20 }, sizes, { fetchSize: 50 }))
    expect(seen).toEqual([
      [30, 30],
      [20, 20, 20],
      [50, 10],
      [30, 30]
    ])
    await sized.dispose()
  })

  test("timeout: statement over transaction over database [F27.1]", async () => {
    const settings = { statement: { timeout_ms: 60 } }
    // SQLite's statements can be stopped where they have a thread of their own.
    const hurried =
      engine === "sqlite"
        ? programOf(
            Sqlite.layer({ file: own.url.slice("sqlite:".length), threads: true, ...settings })
          )
        : program(own.url, settings)
    const seen: Array<unknown> = []
    const ask = (own: { readonly timeout_ms?: number } | null) => {
      const asked = Database.one(long[engine])
      return Effect.match(own === null ? asked : Database.with(own, asked), {
        onFailure: (error) => seen.push([error._tag, /(\d+) ms/.exec(error.message)?.[1]]),
        onSuccess: () => seen.push("not stopped")
      })
    }
    // What is stopped dooms a transaction of PostgreSQL's, and costs SQLite's thread.
    const all = levels({ timeout_ms: 90 }, ask, { timeout_ms: 30 }, (error) => {
      expect(error).toMatchObject({ _tag: "TransactionDoomed" })
    })
    await hurried.run(all)
    const after = (ms: number) => ["StatementTimeout", `${ms}`]
    expect(seen).toEqual([after(60), after(90), after(30), after(60)])
    const streamed = Database.with({ timeout_ms: 40 }, Database.stream(long[engine]))
    expect(await hurried.failure(Stream.runDrain(streamed))).toMatchObject({
      _tag: "StatementTimeout",
      message: expect.stringContaining("40 ms")
    })
    const patient = Database.with({ timeout_ms: 5000 }, Database.count(rows))
    expect(await hurried.run(patient)).toBe(60)
    await hurried.dispose()
  })

  test("tags: statement over transaction over database [F27.1]", async () => {
    const tagged = program(own.url, { statement: { tags: { at: "database" } } })
    const said = (own: { readonly tags?: Record<string, string> } | null) =>
      Effect.gen(function* () {
        const asked = Database.one(one)
        yield* own === null ? asked : Database.with(own, asked)
        const last = tagged.sent.at(-1)!
        const stream = Database.stream(rows.limit(2))
        yield* Stream.runDrain(own === null ? stream : Database.with(own, stream))
        const streamed = tagged.sent.findLast((text) => text.includes("LIMIT"))!
        const tag = (text: string) => /\/\*(.*)\*\/$/.exec(text)?.[1]
        expect(tag(streamed)).toBe(tag(last))
        return tag(last)
      })
    const seen = await tagged.run(
      levels({ tags: { at: "transaction" } }, said, { tags: { at: "statement" } })
    )
    expect(seen).toEqual(["at='database'", "at='transaction'", "at='statement'", "at='database'"])
    await tagged.dispose()
  })

  test("log name: statement over transaction over database [F27.1]", async () => {
    const named = program(own.url, { statement: { name: "shop" } })
    const names: Array<unknown> = []
    const logger = Logger.make(({ fiber }) => {
      names.push(fiber.getRef(References.CurrentLogAnnotations)["athanor.name"])
    })
    const ask = (own: { readonly name?: string } | null) =>
      own === null ? Database.one(one) : Database.with(own, Database.one(one))
    await named.run(
      levels({ name: "orders" }, ask, { name: "by key" }).pipe(
        Effect.provideService(Database.Telemetry, { slowAfter_ms: 0, slowPlan: false }),
        Effect.provideService(Logger.CurrentLoggers, new Set([logger]))
      )
    )
    expect(names).toEqual(["shop", "orders", "by key", "shop"])
    await named.dispose()
  })

  test("what a server has prepared it has under the text that was sent", async () => {
    if (engine !== "postgres") return
    const single = program(own.url, { pool: { size: 1 } })
    const under = [{}, { tags: { a: "1" } }, { tags: { a: "2" } }]
    for (const options of under) await single.run(Database.with(options, Database.one(one)))
    const sent = new Set(single.sent)
    const prepared = Query.raw({ statement: Type.text })`
      SELECT statement FROM pg_prepared_statements WHERE statement LIKE ${"%notes.id = $1%"}`
    const kept = await single.run(Database.all(prepared))
    expect(new Set(kept.map(({ statement }) => statement))).toEqual(sent)
    expect(sent.size).toBe(3)
    await single.dispose()
  })

  test("the compiled text is one under all of them; tags are in its key [F27.2]", async () => {
    const single = program(own.url, { pool: { size: 1 } })
    const under = [
      {},
      { timeout_ms: 5000 },
      { name: "a name" },
      { values: { any: "thing" } },
      { tags: {} },
      { tags: { a: "1" } },
      { tags: { a: "2" } },
      { tags: { a: "1", b: "*/" } }
    ]
    const seen = await single.run(
      Effect.gen(function* () {
        const texts: Array<readonly [compiled: unknown, sent: string, row: unknown]> = []
        for (let round = 0; round < 3; round++)
          for (const options of under) {
            const row = yield* Database.with(options, Database.one(one))
            const { statements } = yield* Database
            const prepared = statements.get(one.node)
            if (prepared._tag === "Refusal") throw new Error(prepared.construct)
            texts.push([prepared.compiled, single.sent.at(-1)!, row])
          }
        return texts
      })
    )
    const [[compiled, plain, row]] = seen as [(typeof seen)[number]]
    for (const [one, text, found] of seen) {
      expect(one).toBe(compiled)
      expect(text.replace(/ \/\*[^*]*\*\/$/, "")).toBe(plain)
      expect(found).toEqual(row)
    }
    const sent = seen.map(([, text]) => text)
    expect(sent.slice(8, 16)).toEqual(sent.slice(0, 8))
    expect(new Set(sent).size).toBe(4)
    const sized = Stream.runCollect(Database.with({ fetchSize: 7 }, Database.stream(rows)))
    expect(await single.run(sized)).toHaveLength(60)
    const streamed = single.sent.findLast((text) => text.startsWith("SELECT"))
    await single.run(Stream.runDrain(Database.stream(rows)))
    expect(single.sent.findLast((text) => text.startsWith("SELECT"))).toBe(streamed)
    // What runs is what was sent: the server shows the statement its own text.
    if (engine !== "sqlite") {
      const shown =
        engine === "postgres"
          ? sql(Type.text)`(SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid())`
          : sql(
              Type.text
            )`(SELECT info FROM information_schema.processlist WHERE id = connection_id())`
      const self = Query.select(shown)
      for (const a of ["1", "2", "1", "3", "2"])
        expect(await single.run(Database.with({ tags: { a } }, Database.one(self)))).toMatch(
          new RegExp(`/\\*a='${a}'\\*/$`)
        )
      expect(await single.run(Database.one(self))).not.toContain("/*")
    }
    await single.dispose()
  })
})

describe("options of statements", () => {
  test("unknown and meaningless ones do not compile [F27.3 @all]", () => {
    const refused = () => {
      const asked = Database.all(rows)
      const stream = Database.stream(rows)
      // @ts-expect-error there is no such option
      void Database.with({ timeout: 5 }, asked)
      // @ts-expect-error there is no such option
      void Database.with({ fetch_size: 5 }, stream)
      // @ts-expect-error not of this type
      void Database.with({ timeout_ms: "5" }, asked)
      // @ts-expect-error not of this type
      void Database.with({ tags: { n: 1 } }, asked)
      // @ts-expect-error all rows at once have no fetch size
      void Database.with({ fetchSize: 5 }, asked)
      // @ts-expect-error nor has a command
      void Database.with({ fetchSize: 5 }, Database.run(Query.insert(notes).values({ id: 1 })))
      // @ts-expect-error nor has one row
      void Database.with({ fetchSize: 5 }, Database.first(rows))
      // @ts-expect-error a transaction's is not a statement's
      void Database.with({ isolation: "serializable" }, asked)
      // @ts-expect-error a statement's is not a transaction's
      void Database.transaction(asked, { timeout_ms: 5 })
      // @ts-expect-error there is no such option
      void Database.transaction(asked, { statement: { timeout: 5 } })
      // @ts-expect-error there is no such option
      void Database.layerUrl("sqlite::memory:", { drivers, statement: { fetchsize: 5 } })
      // @ts-expect-error there is no such option
      void Sqlite.layer({ statement: { timeout: 5 } })
    }
    expect(refused).toBeTypeOf("function")
    const right = [
      Database.with({ timeout_ms: 5, name: "a", tags: { a: "b" } }, Database.all(rows)),
      Database.transaction(Database.all(rows), { statement: { fetchSize: 5, timeout_ms: 5 } })
    ]
    for (const effect of right) expect(Effect.isEffect(effect)).toBe(true)
    expect(Stream.isStream(Database.with({ fetchSize: 5 }, Database.stream(rows)))).toBe(true)
  })
})

describe("options that mean nothing", () => {
  const asked = Database.one(Query.select(sql(Type.integer)`1`))
  test("are refused where they are said, before anything runs", () => {
    const wrong: ReadonlyArray<readonly [object, string]> = [
      [{ timeout: 5 }, "timeout: timeout_ms, "],
      [{ timeout_ms: -5 }, "timeout_ms is a number of milliseconds"],
      [{ timeout_ms: Number.NaN }, "timeout_ms is a number of milliseconds"],
      [{ fetchSize: 0 }, "fetchSize is a number from 1"],
      [{ fetchSize: Infinity }, "fetchSize is a number from 1"],
      [{ tags: { route: undefined } }, "tags is an object of texts"],
      [{ schemas: { "": 7 } }, "schemas is an object of texts"],
      [{ unconnected: "always" }, "unconnected is one of warn, refuse, allow"]
    ]
    for (const [options, words] of wrong) {
      const given = options as never
      expect(() => Database.with(given, asked)).toThrow(StatementError)
      expect(() => Database.with(given, asked)).toThrow(words)
      expect(() => Database.derived(Database, Database, given)).toThrow(words)
      expect(() => Database.transaction(asked, { statement: given })).toThrow(`statement.${words}`)
    }
    for (const options of [{ isolaton: "serializable" }, { isolation: "snapshot" }, { begin: "x" }])
      expect(() => Database.transaction(asked, options as never)).toThrow(StatementError)
  })
  test("undefined says nothing: what holds around stays", async () => {
    const said = Effect.map(Database, ({ options }) => options)
    const inner = Database.with({ timeout_ms: undefined, name: "inner" } as never, said)
    const whole = Database.with({ timeout_ms: 9000 }, inner)
    const found = await Effect.runPromise(Effect.provide(whole, Sqlite.layer()))
    expect(found).toEqual({ timeout_ms: 9000, name: "inner" })
  })
})
