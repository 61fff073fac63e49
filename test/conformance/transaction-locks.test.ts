import { Database, Query, sql, Type } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { place, type Program, program, servers, whoAmI, wireTo } from "./engine-support.ts"

const atOnce = { wait_ms: 0 } as const

describe.each(servers)("locks by name on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  let other: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 3 } })
    other = program(own.url, { pool: { size: 1 } })
  })
  afterAll(async () => {
    await database.dispose()
    await other.dispose()
    await own.drop()
  })

  const isFree = (name: string) =>
    other.run(
      Effect.match(Effect.scoped(Database.lock(name, atOnce)), {
        onSuccess: () => true,
        onFailure: (error) => {
          expect(error).toMatchObject({ _tag: "LockTimeout", retryable: true })
          return false
        }
      })
    )

  test("held by one until its scope ends, however it ends", async () => {
    const name = "it's a \\ name with ' and emoji ☕"
    const seen: Array<boolean> = []
    const held = Effect.scoped(
      Effect.gen(function* () {
        const lock = yield* Database.lock(name)
        yield* lock.check
        seen.push(yield* Effect.promise(() => isFree(name)))
        seen.push(yield* Effect.promise(() => isFree("another")))
        return yield* Effect.fail("over" as const)
      })
    )
    expect(await database.failure(held)).toBe("over")
    expect(seen).toEqual([false, true])
    expect(await isFree(name)).toBe(true)
    expect(await database.run(Effect.map(Database, ({ pool }) => pool.stats().used))).toBe(0)
  })

  test("who waits gets it next; who gives up leaves nothing behind", async () => {
    const order: Array<string> = []
    await database.run(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const holds = yield* Deferred.make<void>()
        const holder = yield* Effect.forkChild(
          Effect.scoped(
            Effect.gen(function* () {
              yield* Database.lock("queue")
              yield* Deferred.succeed(holds, undefined)
              yield* Deferred.await(gate)
              order.push("first")
            })
          )
        )
        yield* Deferred.await(holds)
        const late = yield* Effect.flip(Effect.scoped(Database.lock("queue", { wait_ms: 60 })))
        expect(late._tag).toBe("LockTimeout")
        const given = yield* Effect.timeoutOption(Effect.scoped(Database.lock("queue")), 60)
        expect(given._tag).toBe("None")
        const next = yield* Effect.forkChild(
          Effect.scoped(
            Effect.andThen(
              Database.lock("queue"),
              Effect.sync(() => order.push("second"))
            )
          ),
          { startImmediately: true }
        )
        yield* Effect.sleep(50)
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(holder)
        yield* Fiber.join(next)
      })
    )
    expect(order).toEqual(["first", "second"])
    expect(await isFree("queue")).toBe(true)
    expect(await database.run(Effect.map(Database, ({ pool }) => pool.stats().used))).toBe(0)
  })

  test("a hundred workers take turns: nobody is inside with another", async () => {
    let inside = 0
    let most = 0
    const work = Effect.scoped(
      Effect.gen(function* () {
        yield* Database.lock("counter")
        most = Math.max(most, ++inside)
        yield* Effect.sleep(0)
        inside--
      })
    )
    await database.run(
      Effect.forEach(Array.from({ length: 100 }), () => work, { concurrency: 10, discard: true })
    )
    expect(most).toBe(1)
  })

  test("in a transaction it is held until that ends, on its connection", async () => {
    const seen: Array<boolean> = []
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          const before = yield* whoAmI
          yield* Effect.scoped(Database.lock("inside"))
          seen.push(yield* Effect.promise(() => isFree("inside")))
          expect(yield* whoAmI).toBe(before)
        })
      )
    )
    seen.push(await isFree("inside"))
    await database.failure(
      Database.transaction(
        Effect.andThen(Effect.scoped(Database.lock("inside")), Effect.fail("no" as const))
      )
    )
    seen.push(await isFree("inside"))
    expect(seen).toEqual([false, true, true])
  })

  test("a lock whose connection is gone says so", async () => {
    const wire = await wireTo(own.url)
    const far = program(wire.url, { pool: { size: 1 } })
    const error = await far.failure(
      Effect.scoped(
        Effect.gen(function* () {
          const lock = yield* Database.lock("far")
          wire.cut()
          yield* Effect.sleep(30)
          return yield* lock.check
        })
      )
    )
    expect(error).toMatchObject({ _tag: "ConnectionLost", operation: "lock" })
    expect(await far.run(Database.one(Query.select(sql(Type.integer)`1`)))).toBe(1)
    await far.dispose()
    wire.close()
  })
})

describe("locks by name on sqlite", () => {
  test("there are none: refused with the capability's name", async () => {
    const own = await place("sqlite")
    const database = program(own.url)
    const error = await database.failure(Effect.scoped(Database.lock("any")))
    expect(error).toMatchObject({ _tag: "Unsupported", capability: "advisoryLocks" })
    await database.dispose()
    await own.drop()
  })
})
