import { Database, Query } from "athanor"
import { Rollback } from "athanor/testing"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, notes } from "../conformance/engine-schema.ts"
import { engines, place, type Program, program } from "../conformance/engine-support.ts"

const add = (id: number) => Database.run(Query.insert(notes).values({ id }))
const stored = Database.all(Query.from(notes).orderBy(notes.c.id).select(notes.c.id))

describe.each(engines)("a test that is rolled back on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
    await database.run(add(100))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  const tried = <A, E>(effect: Effect.Effect<A, E, Database>) =>
    database.run(Effect.provide(effect, Rollback.layer))

  test("what it wrote is gone, also what it committed [F159.2]", async () => {
    const work = Effect.andThen(add(1), Database.transaction(add(2), { isolation: "serializable" }))
    expect(await tried(Effect.andThen(work, stored))).toEqual([1, 2, 100])
    expect(await database.run(stored)).toEqual([100])
    await database.failure(Effect.provide(Effect.andThen(work, Effect.fail("no")), Rollback.layer))
    expect(await database.run(stored)).toEqual([100])
    expect(await database.run(Effect.map(Database, ({ pool }) => pool.stats().used))).toBe(0)
  })

  test("which statements a test's work sends, and how many, is heard [F159.3]", async () => {
    const heard: Array<string> = []
    const counted = Effect.provideService(
      Effect.andThen(Database.transaction(Effect.andThen(add(1), add(2))), stored),
      Database.Tap,
      ({ operation, table }) =>
        void heard.push(table === null ? operation : `${operation} ${table}`)
    )
    expect(await tried(counted)).toEqual([1, 2, 100])
    expect(heard.filter((one) => one.endsWith("notes"))).toEqual([
      "insert notes",
      "insert notes",
      "query notes"
    ])
    // Of the test's transaction and of the tested one.
    expect(heard.filter((one) => !one.endsWith("notes")).length).toBeGreaterThan(1)
  })

  test("a statement that fails undoes itself only, as it would alone", async () => {
    const rows = await tried(
      Effect.gen(function* () {
        yield* add(1)
        for (let turn = 0; turn < 3; turn++) {
          const error = yield* Effect.flip(add(1))
          expect(error._tag).toBe("UniqueViolation")
          yield* add(2 + turn)
        }
        yield* Effect.flip(Database.transaction(Effect.andThen(add(5), add(1))))
        yield* Effect.flip(add(1))
        yield* Database.transaction(add(6))
        return yield* stored
      })
    )
    expect(rows).toEqual([1, 2, 3, 4, 6, 100])
    expect(await database.run(stored)).toEqual([100])
  })

  test("what is tested sees its own transactions: attempt, actions, their end", async () => {
    const told: Array<unknown> = []
    const tell = (what: unknown) => Effect.sync(() => void told.push(what))
    await tried(
      Effect.gen(function* () {
        told.push(yield* Database.attempt)
        yield* Database.afterCommit(tell("at once"))
        yield* Database.transaction(
          Effect.gen(function* () {
            told.push(yield* Database.attempt)
            yield* Database.afterCommit(tell("committed"))
            yield* tell("inside")
          })
        )
        yield* Effect.ignore(
          Database.transaction(
            Effect.andThen(Database.afterRollback(tell("rolled back")), Effect.fail("no"))
          )
        )
        yield* Database.autocommit(add(3))
      })
    )
    expect(told).toEqual([0, "at once", 1, "inside", "committed", "rolled back"])
    expect(await database.run(stored)).toEqual([100])
  })

  test("fibers beside each other take turns", async () => {
    const ids = [1, 2, 3, 4, 5, 6, 7, 8]
    const each = (id: number) => (id % 2 === 0 ? add(id) : Database.transaction(add(id)))
    const work = Effect.forEach(ids, each, { concurrency: "unbounded" })
    expect(await tried(Effect.andThen(work, stored))).toEqual([...ids, 100])
  })
})
