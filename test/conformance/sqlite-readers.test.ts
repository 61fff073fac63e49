/** One connection that writes and others that read meanwhile. */
import { Catalog, Column, Database, Query, Table, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { place } from "./engine-support.ts"

const notes = Table.make("notes", { id: Column.integer().primaryKey(), body: Column.text() })
const all = Query.from(notes).orderBy(notes.c.id).select(notes.c.id)
const add = (id: number) => Database.run(Query.insert(notes).values({ id, body: "x" }))

describe("readers beside a writer on sqlite", () => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place("sqlite")
  })
  afterAll(() => own.drop())
  const on = <A, E>(body: Effect.Effect<A, E, Database>, readers = 4) => {
    const layer = Sqlite.layer({ file: own.url.replace(/^sqlite:/, ""), readers })
    const fresh = Effect.andThen(
      Effect.ignore(Database.drop(Catalog.make({ notes }))),
      Effect.andThen(Database.create(Catalog.make({ notes })), body)
    )
    return Effect.runPromise(Effect.provide(fresh, layer))
  }
  /** A transaction that has written and stays open. */
  const writing = Effect.gen(function* () {
    const [begun, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
    const fiber = yield* Effect.forkChild(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(100)
          yield* Deferred.succeed(begun, undefined)
          yield* Deferred.await(gate)
          return yield* Database.all(all)
        })
      )
    )
    yield* Deferred.await(begun)
    return { end: Effect.andThen(Deferred.succeed(gate, undefined), Fiber.join(fiber)) }
  })

  test("they go on while a write transaction is open, and see what is committed [F14.4]", () =>
    on(
      Effect.gen(function* () {
        yield* add(1)
        const { end } = yield* writing
        const startedAt = performance.now()
        const during = yield* Effect.forEach(Array.from({ length: 20 }), () => Database.all(all), {
          concurrency: 20
        })
        expect(performance.now() - startedAt).toBeLessThan(3000)
        expect(during).toEqual(Array.from({ length: 20 }, () => [1]))
        expect(yield* end).toEqual([1, 100])
        expect(yield* Database.all(all)).toEqual([1, 100])
        const { pool, readers } = yield* Database
        expect(pool.stats()).toMatchObject({ open: 1, used: 0 })
        expect(readers?.stats()).toMatchObject({ used: 0, waiting: 0 })
        expect(readers?.stats().open).toBeGreaterThan(0)
      })
    ))

  test("a transaction for reading keeps its view while others write", () =>
    on(
      Effect.gen(function* () {
        yield* add(1)
        const { end } = yield* writing
        const read = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const reading = yield* Effect.forkChild(
          Database.transaction(
            Effect.gen(function* () {
              const before = yield* Database.all(all)
              yield* Deferred.succeed(read, undefined)
              yield* Deferred.await(go)
              const refused = yield* Effect.flip(add(7))
              return { before, after: yield* Database.all(all), refused: refused._tag }
            }),
            { readOnly: true }
          )
        )
        yield* Deferred.await(read)
        yield* end
        yield* add(101)
        yield* Deferred.succeed(go, undefined)
        expect(yield* Fiber.join(reading)).toEqual({ before: [1], after: [1], refused: "ReadOnly" })
        expect(yield* Database.all(all)).toEqual([1, 100, 101])
      })
    ))

  test("what a fiber wrote it reads, on whichever connection", () =>
    on(
      Effect.gen(function* () {
        yield* Effect.forEach(
          Array.from({ length: 40 }, (_, id) => id),
          (id) =>
            Effect.gen(function* () {
              if (id % 4 === 0)
                yield* Database.transaction(Effect.andThen(Effect.sleep(3), add(id)))
              else yield* add(id)
              const mine = Query.from(notes).where(notes.c.id.eq(id))
              expect(yield* Database.exists(mine)).toBe(true)
            }),
          { concurrency: 10 }
        )
      })
    ))

  test("raw SQL that writes after all waits for the one that writes", () =>
    on(
      Effect.gen(function* () {
        yield* add(1)
        const { end } = yield* writing
        const sneaky = yield* Effect.forkChild(
          Database.all(Query.raw({ id: Type.integer })`delete from notes where id = 1 returning id`)
        )
        yield* Effect.sleep(30)
        yield* end
        expect(yield* Fiber.join(sneaky)).toEqual([{ id: 1 }])
        expect(yield* Database.all(all)).toEqual([100])
      })
    ))

  test("with none, reads wait for the writer, as they always did", () =>
    on(
      Effect.gen(function* () {
        const { end } = yield* writing
        const waits = yield* Effect.forkChild(Database.all(all), { startImmediately: true })
        yield* Effect.sleep(20)
        expect(waits.pollUnsafe()).toBeUndefined()
        yield* end
        expect(yield* Fiber.join(waits)).toEqual([100])
      }),
      0
    ))

  test("memory has none, and says so", async () => {
    const build = Effect.scoped(Layer.build(Sqlite.layer({ readers: 2 })))
    const error = await Effect.runPromise(Effect.flip(build))
    expect(error).toMatchObject({ _tag: "ConfigInvalid", culprit: "readers" })
  })
})
