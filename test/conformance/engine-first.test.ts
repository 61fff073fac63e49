/** What opens the first connection, and what it tells. */
import { Catalog, Column, Database, Query, sql, Table, Type } from "athanor"
import { capabilities } from "athanor/compile"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { mkdirSync, rmSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { drivers, type EngineName, engines, place, program, wireTo } from "./engine-support.ts"

const answer = Query.select({ answer: sql(Type.integer)`40 + ${2}` })

/** An address where nobody answers, and how somebody comes to answer there. */
const away = async (engine: EngineName, url: string) => {
  if (engine === "sqlite") {
    const folder = `${url.slice("sqlite:".length)}.d`
    return {
      url: `sqlite:${folder}/late.db`,
      appear: async () => void mkdirSync(folder, { recursive: true }),
      end: () => rmSync(folder, { recursive: true, force: true })
    }
  }
  const wire = await wireTo(url)
  const { port } = new URL(wire.url)
  wire.close()
  let again: Awaited<ReturnType<typeof wireTo>> | undefined
  return {
    url: wire.url,
    appear: async () => void (again = await wireTo(url, Number(port))),
    end: () => again?.close()
  }
}

describe.each(engines)("the first connection on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
  })
  afterAll(() => own.drop())

  test("a layer opens none; the first statement does, or fails there, typed [F2.1]", async () => {
    const database = program(own.url)
    const { pool } = await database.run(Database)
    expect(pool.stats()).toMatchObject({ created: 0, open: 0, connecting: 0 })
    expect(await database.run(Database.one(answer))).toEqual({ answer: 42 })
    expect(pool.stats()).toMatchObject({ created: 1, open: 1 })
    await database.dispose()
    const gone = await away(engine, own.url)
    const unreachable = program(gone.url)
    // Building it fails not.
    await unreachable.run(Effect.void)
    const first = [
      Database.all(answer),
      Database.transaction(Effect.void),
      Database.script("select 1"),
      Database.create(Catalog.make({ notes: Table.make("notes", { id: Column.id() }) })),
      Database.describe(answer),
      Database.server
    ]
    for (const one of first) {
      const error = await unreachable.failure(one)
      expect(error).toMatchObject({ _tag: "ConnectFailed", operation: "connect" })
    }
    await unreachable.dispose()
    gone.end()
  })

  test("a failed first connect is not remembered: the next use tries again [F5.5]", async () => {
    const gone = await away(engine, own.url)
    const database = program(gone.url)
    expect(await database.failure(Database.one(answer))).toMatchObject({ _tag: "ConnectFailed" })
    await gone.appear()
    expect(await database.run(Database.one(answer))).toEqual({ answer: 42 })
    await database.dispose()
    gone.end()
  })

  test("version, default schema and isolation are read once, before any [F5.1]", async () => {
    const events: Array<string> = []
    const counted = drivers.map((driver) => ({
      ...driver,
      fromUrl: (...args: Parameters<typeof driver.fromUrl>) =>
        Effect.map(driver.fromUrl(...args), (made) => ({
          ...made,
          connect: Effect.map(made.connect, (connection) => {
            const told =
              <Rest extends ReadonlyArray<never>>(
                send: (request: never, ...rest: Rest) => unknown
              ) =>
              (request: never, ...rest: Rest) => {
                const { text } = request as { readonly text: string }
                events.push(/isolation/.test(text) ? "asked" : text)
                return send(request, ...rest)
              }
            const { sendNow } = connection
            return Object.assign(Object.create(connection as object) as typeof connection, {
              send: told(connection.send as never),
              sendNow: sendNow === null ? null : told(sendNow.bind(connection) as never)
            })
          })
        }))
    }))
    const facts = await Effect.runPromise(
      Effect.gen(function* () {
        yield* Effect.forEach(Array.from({ length: 50 }), () => Database.all(answer), {
          concurrency: 50
        })
        yield* Database.all(answer)
        return [yield* Database.server, yield* Database.server]
      }).pipe(Effect.provide(Database.layerUrl(own.url, { drivers: counted })))
    )
    const asks = events.filter((event) => event === "asked")
    expect(asks).toHaveLength(engine === "sqlite" ? 0 : 1)
    if (engine !== "sqlite") expect(events[0]).toBe("asked")
    expect(facts[0]).toBe(facts[1])
    const database = program(own.url)
    const seen = await database.run(
      Database.one(
        Query.select(
          engine === "sqlite"
            ? {
                version: sql(Type.text)`sqlite_version()`,
                schema: sql(Type.text)`(select name from pragma_database_list where seq = 0)`,
                isolation: sql(Type.text)`'serializable'`
              }
            : engine === "postgres"
              ? {
                  version: sql(Type.text)`current_setting('server_version')`,
                  schema: sql(Type.text)`current_schema()::text`,
                  isolation: sql(Type.text)`current_setting('transaction_isolation')`
                }
              : {
                  version: sql(Type.text)`version()`,
                  schema: sql(Type.text)`database()`,
                  isolation: sql(Type.text)`lower(replace(@@tx_isolation, '-', ' '))`
                }
        )
      )
    )
    await database.dispose()
    const [told] = facts
    expect(told).toMatchObject({
      dialect: engine,
      schema: seen.schema,
      isolation: seen.isolation
    })
    expect(seen.version?.startsWith(`${told!.version[0]}.${told!.version[1]}`)).toBe(true)
  })

  test("capabilities follow the version; what is newer is refused by it [F5.2]", async () => {
    const rows = Table.make("rows", { id: Column.integer().primaryKey() })
    const more = Table.make("more", { id: Column.integer().primaryKey() })
    const newer = {
      sqlite: { before: [3, 34, 1], capability: "insertReturning", since: [3, 35, 0] },
      postgres: { before: [14, 9, 0], capability: "merge", since: [15, 0, 0] },
      mariadb: { before: [10, 4, 30], capability: "insertReturning", since: [10, 5, 0] }
    } as const
    const { before, capability, since } = newer[engine]
    const returning = Query.insert(rows).values({ id: 1 }).returning()
    const statement =
      engine === "postgres"
        ? Query.merge(rows).using(more, more.c.id.eq(rows.c.id)).whenMatched().doDelete()
        : returning
    /** The same server, said to be of another version. */
    const older = drivers.map((driver) => ({
      ...driver,
      fromUrl: (...args: Parameters<typeof driver.fromUrl>) =>
        Effect.map(driver.fromUrl(...args), (made) => ({
          ...made,
          connect: Effect.map(made.connect, (connection) =>
            Object.assign(Object.create(connection as object) as typeof connection, {
              server: { ...connection.server, version: before }
            })
          )
        }))
    }))
    const asked = Effect.gen(function* () {
      yield* Database.create(Catalog.make({ rows, more }))
      const told = yield* Database.server
      const exit = yield* Effect.exit(Database.all(statement as unknown as typeof returning))
      yield* Database.drop(Catalog.make({ rows, more }))
      return { told, exit }
    })
    const on = (known: typeof drivers) =>
      Effect.runPromise(Effect.provide(asked, Database.layerUrl(own.url, { drivers: known })))
    const now = await on(drivers)
    expect(now.told.capabilities).toEqual(capabilities(engine, now.told.version))
    expect(now.exit._tag).toBe("Success")
    const then = await on(older)
    expect(then.told.capabilities).toEqual(capabilities(engine, before))
    const error = await Effect.runPromise(Effect.flip(then.exit))
    expect(error).toMatchObject({ _tag: "Unsupported", capability, since })
    expect(error.message).toContain(capability)
    expect(error.message).toContain(since.join("."))
  })

  test("a fiber that goes away leaves the first connect to those who wait", async () => {
    const database = program(own.url)
    await database.run(
      Effect.gen(function* () {
        const leader = yield* Effect.forkChild(Database.one(answer), { startImmediately: true })
        const others = yield* Effect.forEach([1, 2, 3], () =>
          Effect.forkChild(Database.one(answer), { startImmediately: true })
        )
        yield* Fiber.interrupt(leader)
        for (const other of others)
          expect(yield* Fiber.await(other)).toEqual(Exit.succeed({ answer: 42 }))
      })
    )
    await database.dispose()
  })

  test("those who ask before the first connection are served as they asked", async () => {
    const database = program(own.url, { pool: { size: 1 } })
    const asked = [1, 2, 3, 4]
    const served: Array<number> = []
    await database.run(
      Effect.forEach(
        asked,
        (id) => Effect.tap(Database.one(answer), () => Effect.sync(() => served.push(id))),
        { concurrency: "unbounded" }
      )
    )
    await database.dispose()
    expect(served).toEqual(asked)
  })

  test("views of a database that is not connected yet are views of it when it is", async () => {
    class Reports extends Database.Service<Reports>()(`first/${engine}`) {}
    const layer = Layer.provideMerge(
      Database.derived(Reports, Database, { tags: { from: "reports" } }),
      Database.layerUrl(own.url, { drivers })
    )
    const seen = await Effect.runPromise(
      Effect.gen(function* () {
        const first = yield* Reports.one(answer)
        return [first, yield* Database.policed([], Database.one(answer)), yield* Reports.server]
      }).pipe(Effect.provide(layer))
    )
    expect(seen).toMatchObject([{ answer: 42 }, { answer: 42 }, { dialect: engine }])
  })
})
