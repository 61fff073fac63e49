import { Database, Fn, Query } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import { engines, place, type Program, program, servers, whoAmI, wireTo } from "./engine-support.ts"

const add = (id: number) => Database.run(Query.insert(notes).values({ id }))
const stored = Database.all(Query.from(notes).orderBy(notes.c.id).select(notes.c.id))
const boom = Effect.fail("boom" as const)

describe.each(engines)("a transaction block on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  let other: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 3 } })
    other = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
  })
  beforeEach(() => database.run(Database.run(Query.deleteFrom(notes).everyRow())))
  afterAll(async () => {
    await database.dispose()
    await other.dispose()
    await own.drop()
  })

  test("a statement alone is committed: another connection sees it at once [F22.1]", async () => {
    const { texts } = await database.counting(add(1))
    expect(texts).toHaveLength(1)
    expect(await other.run(stored)).toEqual([1])
  })

  test("success commits; failure, defect and interruption roll back [F22.2]", async () => {
    await database.run(Database.transaction(add(1)))
    await database.failure(Database.transaction(Effect.andThen(add(2), boom)))
    const died = await database.exit(
      Database.transaction(Effect.andThen(add(3), Effect.die("bug")))
    )
    expect(Exit.hasDies(died)).toBe(true)
    await database.run(
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(
          Database.transaction(
            Effect.andThen(
              add(4),
              Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)
            )
          )
        )
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
      })
    )
    expect(await other.run(stored)).toEqual([1])
    expect(await database.run(stored)).toEqual([1])
  })

  test("a fiber that outlives it fails typed and its statement does not run [F22.3]", async () => {
    const refused = await database.run(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const leaked = yield* Database.transaction(
          Effect.andThen(
            add(1),
            Effect.forkDetach(Effect.andThen(Deferred.await(gate), Effect.flip(add(2))))
          )
        )
        yield* Deferred.succeed(gate, undefined)
        return yield* Fiber.join(leaked)
      })
    )
    expect(refused).toMatchObject({ _tag: "TransactionClosed", transaction: "ended" })
    expect(await other.run(stored)).toEqual([1])
  })

  test("its statements share one connection; nobody outside sees their rows [F22.4]", async () => {
    await database.run(
      Effect.gen(function* () {
        const [wrote, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        const inside = yield* Effect.forkChild(
          Database.transaction(
            Effect.gen(function* () {
              const before = engine === "sqlite" ? 0 : yield* whoAmI
              yield* Effect.forEach([1, 2, 3], add, { concurrency: "unbounded" })
              if (engine !== "sqlite") expect(yield* whoAmI).toBe(before)
              yield* Deferred.succeed(wrote, undefined)
              yield* Deferred.await(gate)
              expect(yield* stored).toEqual([1, 2, 3])
              return yield* boom
            })
          ).pipe(Effect.flip)
        )
        yield* Deferred.await(wrote)
        const sibling = yield* Effect.forkChild(stored, { startImmediately: true })
        expect(yield* Effect.promise(() => other.run(stored))).toEqual([])
        yield* Deferred.succeed(gate, undefined)
        expect(yield* Fiber.join(sibling)).toEqual([])
        expect(yield* Fiber.join(inside)).toBe("boom")
      })
    )
  })

  test("a nested one is a savepoint: its rollback undoes its own rows only [F23.1]", async () => {
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(1)
          yield* Effect.flip(Database.transaction(Effect.andThen(add(2), boom)))
          expect(yield* stored).toEqual([1])
          yield* Database.transaction(add(3))
          yield* add(4)
        })
      )
    )
    expect(await other.run(stored)).toEqual([1, 3, 4])
  })

  test("ten levels deep, each level commits or rolls back by itself [F23.2]", async () => {
    const level = (depth: number): Effect.Effect<void, unknown, Database> =>
      depth > 10
        ? Effect.void
        : Effect.gen(function* () {
            yield* add(depth)
            // Levels 4, 7 and 10 fail after what is below them has ended.
            yield* Effect.ignore(Database.transaction(level(depth + 1)))
            yield* add(depth + 100)
            if (depth % 3 === 1 && depth > 1) return yield* boom
          })
    await database.run(Database.transaction(level(1)))
    expect(await other.run(stored)).toEqual([1, 2, 3, 101, 102, 103])
  })

  test("every mix of outcomes gives the rows of those that ended well [F23.2]", async () => {
    const level = (depth: number, mask: number): Effect.Effect<void, unknown, Database> =>
      depth > 3
        ? Effect.void
        : Effect.gen(function* () {
            yield* add(mask * 10 + depth)
            yield* Effect.ignore(Database.transaction(level(depth + 1, mask)))
            if ((mask >> depth) % 2 === 1) return yield* boom
          })
    const masks = Array.from({ length: 16 }, (_, mask) => mask)
    for (const mask of masks) await database.exit(Database.transaction(level(0, mask)))
    const expected = masks.flatMap((mask) => {
      const failing = [0, 1, 2, 3].find((depth) => (mask >> depth) % 2 === 1) ?? 4
      return Array.from({ length: failing }, (_, depth) => mask * 10 + depth)
    })
    expect(await other.run(stored)).toEqual(expected.toSorted((a, b) => a - b))
  })

  test("a broken rule in the inner block leaves the outer one usable [F23.3 F26.4]", async () => {
    const tags = await database.run(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(1)
          const first = yield* Effect.flip(Database.transaction(Effect.andThen(add(2), add(1))))
          const second = yield* Effect.flip(Database.transaction(add(1)))
          yield* add(3)
          expect(yield* Database.one(Query.from(notes).select(Fn.count()))).toBe(2)
          return [first._tag, second._tag]
        })
      )
    )
    expect(tags).toEqual(["UniqueViolation", "UniqueViolation"])
    expect(await other.run(stored)).toEqual([1, 3])
  })

  test("a sibling's statement never falls into another fiber's savepoint [F23.4]", async () => {
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          const inside = yield* Deferred.make<void>()
          const sibling = yield* Effect.forkChild(
            Effect.andThen(Deferred.await(inside), Effect.forEach([11, 12], add)),
            { startImmediately: true }
          )
          const failing = Effect.gen(function* () {
            yield* add(1)
            yield* Deferred.succeed(inside, undefined)
            yield* Effect.sleep(20)
            yield* add(2)
            return yield* boom
          })
          yield* Effect.flip(Database.transaction(failing))
          yield* Fiber.join(sibling)
        })
      )
    )
    expect(await other.run(stored)).toEqual([11, 12])
  })

  test("interruption of the inner block goes back to its savepoint only [F23.5]", async () => {
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(1)
          const reached = yield* Deferred.make<void>()
          const inner = yield* Effect.forkChild(
            Database.transaction(
              Effect.andThen(
                add(2),
                Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)
              )
            )
          )
          yield* Deferred.await(reached)
          yield* Fiber.interrupt(inner)
          yield* add(3)
        })
      )
    )
    expect(await other.run(stored)).toEqual([1, 3])
  })
})

describe("a transaction block on sqlite", () => {
  test("a refused BEGIN and a refused COMMIT are typed [F22.5]", async () => {
    const own = await place("sqlite")
    const database = program(own.url)
    const other = program(own.url)
    await database.run(Database.create(catalog))
    const hasty = Sqlite.layer({ file: own.url.slice("sqlite:".length), busyTimeout_ms: 20 })
    const begin = Effect.flip(Database.transaction(add(1)))
    const began = await database.run(
      Database.transaction(Effect.promise(() => other.run(Effect.provide(begin, hasty))))
    )
    expect(began).toMatchObject({ _tag: "Busy", operation: "begin", transaction: "ended" })
    const refused = await database.failure(
      Database.transaction(
        Database.script(
          "PRAGMA defer_foreign_keys = ON; " +
            "INSERT INTO posts (id, title, user_id) VALUES (1, 't', 99)"
        )
      )
    )
    expect(refused).toMatchObject({ _tag: "ForeignKeyViolation", operation: "commit" })
    expect(await other.run(Database.script("SELECT 1"))).toBe(undefined)
    await database.dispose()
    await other.dispose()
    await own.drop()
  })
})

describe.each(servers)("the bounds of a transaction on %s", (engine) => {
  test("a failing BEGIN, a failing COMMIT and a lost answer are typed [F22.5]", async () => {
    const own = await place(engine)
    const wire = await wireTo(own.url)
    const database = program(wire.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
    wire.state.cutAt = engine === "postgres" ? "BEGIN" : "START TRANSACTION"
    const begin = await database.failure(Database.transaction(add(1)))
    expect(begin).toMatchObject({ _tag: "ConnectionLost", operation: "begin", retryable: true })
    wire.state.cutAt = "COMMIT"
    const commit = await database.failure(Database.transaction(add(2)))
    expect(commit).toMatchObject({
      _tag: "CommitOutcomeUnknown",
      operation: "commit",
      retryable: false,
      transaction: "unknown"
    })
    wire.state.cutAt = ""
    const before = await database.failure(
      Database.transaction(
        Effect.andThen(add(3), Effect.andThen(Effect.sync(wire.cut), Effect.sleep(30)))
      )
    )
    expect(before).toMatchObject({ operation: "commit", transaction: "ended" })
    expect(await database.run(stored)).toEqual([])
    await database.dispose()
    wire.close()
    await own.drop()
  })
})
