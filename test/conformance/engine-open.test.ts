import { Database, DatabaseUrl, Query, sql, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  connections,
  drivers,
  engines,
  eventually,
  place,
  program,
  servers,
  sleeping,
  wireTo
} from "./engine-support.ts"

const answer = Query.select({ answer: sql(Type.integer)`40 + ${2}` })

const opening = (url: string) => Layer.build(Database.layerUrl(url, { drivers }))

describe("an address", () => {
  test("its scheme chooses among the drivers given, and no other [F4.2 @all]", async () => {
    const chosen: Array<string> = []
    const entries = ["one", "two"].map((scheme) => ({
      schemes: [scheme],
      fromUrl: (url: DatabaseUrl.DatabaseUrl) => {
        chosen.push(`${scheme} by ${String(url)}`)
        return drivers[0]!.fromUrl(
          DatabaseUrl.make({ dialect: "sqlite", database: ":memory:" }),
          {}
        )
      }
    }))
    const build = (url: string) =>
      Effect.scoped(Layer.build(Database.layerUrl(url, { drivers: entries })))
    await Effect.runPromise(Effect.asVoid(build("two://somewhere")))
    expect(chosen).toEqual(["two by two://somewhere"])
    const error = await Effect.runPromise(Effect.flip(build("three://u:secret@somewhere")))
    expect(error).toMatchObject({ _tag: "ConfigInvalid", culprit: "three" })
    expect(error.message).toContain("one, two")
    expect(error.message).not.toContain("secret")
  })
})

describe.each(engines)("opening on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
  })
  afterAll(() => own.drop())

  test("a database built from a URL runs a query [F1.6]", async () => {
    const database = program(own.url)
    expect(await database.run(Database.all(answer))).toEqual([{ answer: 42 }])
    await database.dispose()
  })

  test("fifty fibers at once on a cold database cause one initialisation [F5.4]", async () => {
    let opened = 0
    const counted = drivers.map((driver) => ({
      ...driver,
      fromUrl: (...args: Parameters<typeof driver.fromUrl>) => {
        opened++
        return driver.fromUrl(...args)
      }
    }))
    const layer = Database.layerUrl(own.url, { drivers: counted })
    const seen = await Effect.runPromise(
      Effect.forEach(
        Array.from({ length: 50 }),
        () => Effect.flatMap(Database, (one) => Effect.as(Database.all(answer), one)),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(layer))
    )
    expect(opened).toBe(1)
    expect(new Set(seen).size).toBe(1)
  })

  test("after its end a verb fails typed, at once [F7.2]", async () => {
    const error = await Effect.runPromise(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const context = yield* Scope.provide(opening(own.url), scope)
        yield* Effect.provide(Database.all(answer), context)
        yield* Scope.close(scope, Exit.void)
        const startedAt = performance.now()
        const error = yield* Effect.flip(Effect.provide(Database.all(answer), context))
        expect(performance.now() - startedAt).toBeLessThan(1000)
        const inside = Database.transaction(Database.all(answer))
        expect(yield* Effect.flip(Effect.provide(inside, context))).toEqual(error)
        return error
      })
    )
    expect(error).toMatchObject({ _tag: "PoolClosed", retryable: false })
  })

  test("a verb does nothing until it is run, and can be run twice [F154.1]", async () => {
    const database = program(own.url)
    const counter = Database.one(answer)
    await database.run(Effect.void)
    expect(database.sent).toEqual([])
    await database.run(Effect.andThen(counter, counter))
    expect(database.sent).toHaveLength(2)
    await database.dispose()
  })
})

describe.each(servers)("opening on %s", (engine) => {
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
  const alone = () => eventually(async () => (await observer.run(connections)) === 1)

  test("closing waits for what is lent up to its deadline, then closes all [F7.1]", async () => {
    await Effect.runPromise(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const settings = { drivers, deadlines: { close_ms: 150 } }
        const layer = Layer.build(Database.layerUrl(own.url, settings))
        const context = yield* Scope.provide(layer, scope)
        yield* Effect.provide(Effect.all([sleeping(0), sleeping(0)], { concurrency: 2 }), context)
        const within = (seconds: number) =>
          Effect.forkDetach(Effect.exit(Effect.provide(sleeping(seconds), context)), {
            startImmediately: true
          })
        const [short, long] = [yield* within(0.05), yield* within(1)]
        yield* Effect.sleep(20)
        yield* Scope.close(scope, Exit.void)
        expect((yield* Fiber.join(short))._tag).toBe("Success")
        expect((yield* Fiber.join(long))._tag).toBe("Failure")
      })
    )
    expect(await alone()).toBe(true)
  })

  test("closing while connections are being opened leaks none of them [F7.3]", async () => {
    const wire = await wireTo(own.url)
    const database = program(wire.url, { pool: { size: 8 } })
    await database.run(Database.server)
    wire.state.slow_ms = 30
    const asking = database.exit(Effect.forEach([1, 1, 1, 1], sleeping, { concurrency: 4 }))
    await new Promise((next) => setTimeout(next, 15))
    await database.dispose()
    expect((await asking)._tag).toBe("Failure")
    expect(await alone()).toBe(true)
    wire.close()
  })
})

describe("opening on mariadb", () => {
  test("its answer tells it from MySQL, whatever the scheme says [F5.3]", async () => {
    const own = await place("mariadb")
    for (const scheme of ["mysql:", "mariadb:"]) {
      const database = program(own.url.replace(/^\w+:/, scheme))
      const { dialect, version } = await database.run(Database.server)
      expect(dialect).toBe("mariadb")
      expect(version[0]).toBeGreaterThanOrEqual(10)
      await database.dispose()
    }
    await own.drop()
  })
})
