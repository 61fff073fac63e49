import { Database } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { connections, eventually, place, program, wireTo } from "./engine-support.ts"

const channel = `it's "a" channel ☕`

/** What a stream tells, as it comes. */
const hearing = (options: { readonly heartbeat_ms?: number; readonly buffer?: number } = {}) =>
  Effect.gen(function* () {
    const heard: Array<unknown> = []
    const began = yield* Deferred.make<void>()
    const fiber = yield* Effect.forkDetach(
      Stream.runForEach(Database.listen(channel, options), (one) =>
        Effect.sync(() => {
          heard.push(one._tag === "Notified" ? one.payload : one)
          Deferred.doneUnsafe(began, Effect.void)
        })
      )
    )
    yield* Deferred.await(began)
    return { heard, fiber }
  })

describe("notifications on postgres", () => {
  test("each arrives once, in order, those of a transaction at its COMMIT", async () => {
    const own = await place("postgres")
    const [database, other] = [program(own.url, { pool: { size: 2 } }), program(own.url)]
    const { fiber, heard } = await database.run(hearing())
    await other.run(
      Effect.gen(function* () {
        yield* Database.notify(channel, "1")
        yield* Database.transaction(
          Effect.gen(function* () {
            yield* Database.notify(channel, "2")
            yield* Effect.sleep(50)
            expect(heard).toHaveLength(2)
            yield* Database.notify(channel, "3")
          })
        )
        yield* Effect.ignore(
          Database.transaction(Effect.andThen(Database.notify(channel, "never"), Effect.fail("no")))
        )
        yield* Database.notify("another channel", "never")
        yield* Database.notify(channel)
      })
    )
    expect(await eventually(async () => heard.length === 5)).toBe(true)
    expect(heard).toEqual([{ _tag: "Listening", missedSince: null }, "1", "2", "3", ""])
    const before = Number(await other.run(connections))
    await Effect.runPromise(Fiber.interrupt(fiber))
    // Its connection goes with the stream.
    expect(await eventually(async () => Number(await other.run(connections)) < before)).toBe(true)
    const long = await other.failure(Database.notify(channel, "x".repeat(9000)))
    expect(long).toMatchObject({ _tag: "ValueOutOfRange" })
    await database.dispose()
    await other.dispose()
    await own.drop()
  })

  test("a lost connection is opened again, and what may be missed is said", async () => {
    const own = await place("postgres")
    const wire = await wireTo(own.url)
    const [database, other] = [program(wire.url), program(own.url)]
    const { fiber, heard } = await database.run(hearing())
    await other.run(Database.notify(channel, "1"))
    expect(await eventually(async () => heard.length === 2)).toBe(true)
    const cutAt = Date.now()
    wire.cut()
    await other.run(Database.notify(channel, "missed"))
    expect(await eventually(async () => heard.length === 3)).toBe(true)
    await other.run(Database.notify(channel, "2"))
    expect(await eventually(async () => heard.length === 4)).toBe(true)
    const again = heard[2] as { readonly missedSince: { readonly epochMilliseconds: number } }
    expect(again).toMatchObject({ _tag: "Listening" })
    expect(again.missedSince.epochMilliseconds).toBeLessThanOrEqual(cutAt)
    expect(heard[3]).toBe("2")
    await Effect.runPromise(Fiber.interrupt(fiber))
    await database.dispose()
    await other.dispose()
    wire.close()
    await own.drop()
  })

  test("who reads slowly keeps what is buffered and is told of the rest", async () => {
    const own = await place("postgres")
    const [database, other] = [program(own.url), program(own.url)]
    const gate = Deferred.makeUnsafe<void>()
    const heard: Array<string> = []
    const fiber = await database.run(
      Effect.forkDetach(
        Stream.runForEach(Stream.rechunk(Database.listen(channel, { buffer: 5 }), 1), (one) =>
          Effect.andThen(
            Effect.sync(() => heard.push(one._tag === "Notified" ? one.payload : one._tag)),
            Deferred.await(gate)
          )
        )
      )
    )
    expect(await eventually(async () => heard.length === 1)).toBe(true)
    for (let n = 1; n <= 20; n++) await other.run(Database.notify(channel, `${n}`))
    await other.run(Deferred.succeed(gate, undefined))
    expect(
      await eventually(async () => heard.filter((one) => one === "Listening").length === 2)
    ).toBe(true)
    await other.run(Database.notify(channel, "after"))
    expect(await eventually(async () => heard.at(-1) === "after")).toBe(true)
    const kept = heard.slice(1, heard.lastIndexOf("Listening"))
    expect(kept).toEqual(kept.map((_, at) => `${at + 1}`))
    expect(kept.length).toBeGreaterThanOrEqual(5)
    expect(kept.length).toBeLessThan(20)
    await Effect.runPromise(Fiber.interrupt(fiber))
    await database.dispose()
    await other.dispose()
    await own.drop()
  })

  test("a server that is not there at first is a typed failure", async () => {
    const own = await place("postgres")
    const wire = await wireTo(own.url)
    const database = program(wire.url)
    await database.run(Database.script("select 1"))
    wire.close()
    const error = await database.failure(Stream.runDrain(Database.listen(channel)))
    expect(error).toMatchObject({ _tag: "ConnectFailed" })
    await database.dispose()
    await own.drop()
  })
})

describe.each(["sqlite", "mariadb"] as const)("notifications on %s", (engine) => {
  test("there are none: refused with the capability's name", async () => {
    const own = await place(engine)
    const database = program(own.url)
    const refused = { _tag: "Unsupported", capability: "notifications" }
    expect(await database.failure(Stream.runDrain(Database.listen("a")))).toMatchObject(refused)
    expect(await database.failure(Database.notify("a"))).toMatchObject(refused)
    await database.dispose()
    await own.drop()
  })
})
