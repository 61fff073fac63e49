/** SQLite in threads of its own: a long statement blocks nobody. */
import { Catalog, Column, Database, Query, sql, Table, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { place } from "./engine-support.ts"

const notes = Table.make("notes", {
  id: Column.integer().primaryKey(),
  name: Column.text().unique(),
  bytes: Column.bytes(),
  big: Column.bigint()
})
const long = (steps: number) =>
  Query.select(
    sql(Type.integer)`(with recursive n(i) as (select 1 union all select i + 1 from n
      where i < ${steps}) select count(*) from n)`
  )
const one = Query.select(sql(Type.integer)`40 + ${2}`)
const row = (id: number) => ({
  id,
  name: `n${id}`,
  bytes: new Uint8Array([0, 255, id]),
  big: 2n ** 60n + BigInt(id)
})

describe("in threads of its own on sqlite", () => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place("sqlite")
  })
  afterAll(() => own.drop())
  const on = <A, E>(body: Effect.Effect<A, E, Database>, size = 1) => {
    const file = own.url.replace(/^sqlite:/, "")
    const layer = Sqlite.layer({ file, threads: true, pool: { size } })
    const fresh = Effect.andThen(
      Effect.ignore(Database.drop(Catalog.make({ notes }))),
      Effect.andThen(Database.create(Catalog.make({ notes })), body)
    )
    return Effect.runPromise(Effect.provide(fresh, layer))
  }

  test("values, errors, transactions and streams are as without", () =>
    on(
      Effect.gen(function* () {
        expect(yield* Database.one(one)).toBe(42)
        expect(yield* Database.run(Query.insert(notes).rows([row(1), row(2), row(3)]))).toBe(3)
        expect(yield* Database.one(Query.from(notes).where(notes.c.id.eq(2)))).toEqual(row(2))
        const again = yield* Effect.flip(Database.run(Query.insert(notes).values(row(1))))
        expect(again).toMatchObject({ _tag: "UniqueViolation", table: "notes" })
        yield* Effect.ignore(
          Database.transaction(
            Effect.gen(function* () {
              yield* Database.run(Query.deleteFrom(notes).everyRow())
              yield* Effect.ignore(Database.transaction(Effect.fail("inner")))
              return yield* Effect.fail("undo")
            })
          )
        )
        expect(yield* Database.count(Query.from(notes))).toBe(3)
        const ids = Database.stream(Query.from(notes).orderBy(notes.c.id).select(notes.c.id))
        const two = Stream.runCollect(Database.with({ fetchSize: 2 }, ids))
        expect(Array.from(yield* two)).toEqual([1, 2, 3])
        const first = yield* Stream.runHead(ids)
        expect(first).toMatchObject({ value: 1 })
        yield* Database.run(Query.deleteFrom(notes).everyRow())
        expect((yield* Database).pool.stats()).toMatchObject({ used: 0, open: 1, closed: 0 })
      })
    ))

  test("a long statement blocks neither the program nor another connection [F154.4]", () =>
    on(
      Effect.gen(function* () {
        let ticks = 0
        const ticking = setInterval(() => ticks++, 5)
        const running = yield* Effect.forkChild(Database.one(long(15_000_000)), {
          startImmediately: true
        })
        // The program's own clock goes on, and so does another connection, while it runs.
        yield* Effect.repeat(Effect.sleep(1), { until: () => ticks >= 3 })
        expect(yield* Database.one(one)).toBe(42)
        expect(running.pollUnsafe()).toBeUndefined()
        expect(yield* Fiber.join(running)).toBe(15_000_000)
        clearInterval(ticking)
      }),
      2
    ))

  test("who interrupts it goes on at once; the pool has another connection [F154.2 F154.4]", () =>
    on(
      Effect.gen(function* () {
        const startedAt = performance.now()
        const given = yield* Effect.timeoutOption(Database.one(long(20_000_000)), 50)
        expect(given._tag).toBe("None")
        expect(performance.now() - startedAt).toBeLessThan(1500)
        expect(yield* Database.one(one)).toBe(42)
        expect((yield* Database).pool.stats()).toMatchObject({ used: 0, closed: 1, open: 1 })
      })
    ))

  test("a transaction whose statement is interrupted leaves nothing", () =>
    on(
      Effect.gen(function* () {
        const work = Database.transaction(
          Effect.andThen(
            Database.run(Query.insert(notes).values(row(9))),
            Database.one(long(3_000_000))
          )
        )
        expect((yield* Effect.timeoutOption(work, 60))._tag).toBe("None")
        // Its thread ends with the statement, and with it the lock.
        yield* Effect.retry(Database.run(Query.insert(notes).values(row(10))), { times: 5 })
        expect(yield* Database.all(Query.from(notes).select(notes.c.id))).toEqual([10])
      })
    ))

  test("a file that is none, and memory, are refused typed", async () => {
    const failing = (file: string) =>
      Effect.runPromise(
        Effect.flip(Effect.provide(Database.server, Sqlite.layer({ file, threads: true })))
      )
    expect(await failing("/nowhere/at/all.db")).toMatchObject({
      _tag: "ConnectFailed",
      reason: "file"
    })
    expect(await failing(":memory:")).toMatchObject({ _tag: "ConfigInvalid", culprit: "threads" })
  })
})
