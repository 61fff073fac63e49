import { Database, Query } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import { engines, place, type Program, program, servers, wireTo } from "./engine-support.ts"

const add = (id: number) => Database.run(Query.insert(notes).values({ id }))
const stored = Database.all(Query.from(notes).orderBy(notes.c.id).select(notes.c.id))
const boom = Effect.fail("boom" as const)

describe.each(engines)("actions at the end of a transaction on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  let told: Array<string> = []
  const tell = (what: string) => Effect.sync(() => void told.push(what))
  const register = (name: string) =>
    Effect.andThen(
      Database.afterCommit(tell(`${name} committed`)),
      Database.afterRollback(tell(`${name} rolled back`))
    )
  beforeAll(async () => {
    own = await place(engine)
    // One connection: an action that ran before it is given back would wait for itself.
    database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
  })
  beforeEach(async () => {
    told = []
    await database.run(Database.run(Query.deleteFrom(notes).everyRow()))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("they run after COMMIT, in order, and see the rows from outside [F22.6]", async () => {
    const { texts } = await database.counting(
      Database.transaction(
        Effect.gen(function* () {
          yield* register("a")
          yield* add(1)
          yield* Database.afterCommit(
            Effect.flatMap(Effect.orDie(stored), (ids) => tell(`sees ${ids.join()}`))
          )
          yield* register("b")
          yield* tell("body ends")
        })
      )
    )
    expect(told).toEqual(["body ends", "a committed", "sees 1", "b committed"])
    expect(texts.findIndex((text) => text === "COMMIT")).toBe(2)
    expect(texts).toHaveLength(4)
  })

  test("after ROLLBACK the others run, by failure, defect and interruption [F22.6]", async () => {
    await database.failure(Database.transaction(Effect.andThen(register("a"), boom)))
    await database.exit(Database.transaction(Effect.andThen(register("b"), Effect.die("bug"))))
    await database.run(
      Effect.gen(function* () {
        const inside = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(
          Database.transaction(
            Effect.andThen(
              register("c"),
              Effect.andThen(Deferred.succeed(inside, undefined), Effect.never)
            )
          )
        )
        yield* Deferred.await(inside)
        yield* Fiber.interrupt(fiber)
      })
    )
    expect(told).toEqual(["a rolled back", "b rolled back", "c rolled back"])
  })

  test("a savepoint's belong to its outcome, and to that of what is around [F22.6]", async () => {
    const inner = (name: string) => Database.transaction(register(name))
    const lost = (name: string) =>
      Effect.ignore(Database.transaction(Effect.andThen(inner(`${name}2`), failing(name))))
    const failing = (name: string) => Effect.andThen(register(name), boom)
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          yield* inner("kept")
          yield* lost("lost")
          yield* tell("still open")
        })
      )
    )
    expect(told).toEqual(["lost2 rolled back", "lost rolled back", "still open", "kept committed"])
    told = []
    await database.failure(Database.transaction(Effect.andThen(inner("kept"), boom)))
    expect(told).toEqual(["kept rolled back"])
  })

  test("each attempt has its own [F22.6]", async () => {
    let runs = 0
    const busy = Effect.suspend(() =>
      ++runs < 3 ? Effect.flip(Database.one(Query.from(notes))) : Effect.void
    )
    const work = Effect.gen(function* () {
      yield* register(`${yield* Database.attempt}`)
      const error = yield* busy
      if (error !== undefined && runs < 3)
        return yield* Effect.fail(Object.assign(Object.create(error), { retryable: true }))
    })
    await database.run(Database.transaction(work, { retry: Schedule.recurs(5) }))
    expect(told).toEqual(["1 rolled back", "2 rolled back", "3 committed"])
  })

  test("outside a transaction what is done is done: at once, or never [F22.6]", async () => {
    await database.run(register("a"))
    expect(told).toEqual(["a committed"])
  })

  test("one that dies is told, keeps no other from running and undoes nothing", async () => {
    const exit = await database.exit(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(1)
          yield* Database.afterCommit(Effect.die("bug"))
          yield* register("a")
        })
      )
    )
    expect(Exit.hasDies(exit)).toBe(true)
    expect(told).toEqual(["a committed"])
    expect(await database.run(stored)).toEqual([1])
  })

  test("a fiber that outlived its transaction registers nothing [F22.3]", async () => {
    const error = await database.run(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const leaked = yield* Database.transaction(
          Effect.forkDetach(
            Effect.andThen(Deferred.await(gate), Effect.flip(Database.afterCommit(tell("never")))),
            { startImmediately: true }
          )
        )
        yield* Deferred.succeed(gate, undefined)
        return yield* Fiber.join(leaked)
      })
    )
    expect(error._tag).toBe("TransactionClosed")
    expect(told).toEqual([])
  })

  test("one left in a savepoint that nobody ended hears of its rollback [F22.6]", async () => {
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          const inside = yield* Deferred.make<void>()
          yield* Effect.forkDetach(
            Database.transaction(
              Effect.andThen(
                register("leaked"),
                Effect.andThen(Deferred.succeed(inside, undefined), Effect.never)
              )
            ),
            { startImmediately: true }
          )
          yield* Deferred.await(inside)
          yield* register("whole")
        })
      )
    )
    expect(told).toEqual(["leaked rolled back", "whole committed"])
  })
})

describe.each(servers)("actions and an unknown outcome on %s", (engine) => {
  test("neither is said to have happened [F22.6]", async () => {
    const own = await place(engine)
    const wire = await wireTo(own.url)
    const database = program(wire.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
    wire.state.cutAt = "COMMIT"
    const told: Array<string> = []
    const tell = (what: string) => Effect.sync(() => void told.push(what))
    const error = await database.failure(
      Database.transaction(
        Effect.gen(function* () {
          yield* Database.afterCommit(tell("committed"))
          yield* Database.afterRollback(tell("rolled back"))
          yield* add(1)
        })
      )
    )
    expect(error._tag).toBe("CommitOutcomeUnknown")
    expect(told).toEqual([])
    await database.dispose()
    wire.close()
    await own.drop()
  })
})
