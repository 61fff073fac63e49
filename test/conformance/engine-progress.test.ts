import { Catalog, Column, Database, Query, Table } from "athanor"
import { Postgres } from "athanor/postgres"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program } from "./engine-support.ts"

const readings = Table.make("readings", {
  id: Column.integer().primaryKey(),
  value: Column.integer().unique()
})

type Event = Parameters<
  NonNullable<(typeof Database.Progress)["defaultValue"] extends () => infer L ? L : never>
>[0]

describe.each(engines)("progress of long work on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(Catalog.make({ readings })))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const rowsOf = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: at + 1, value: at + 1 }))
  const watched = async (work: Effect.Effect<unknown, unknown, Database>) => {
    const events: Array<Event> = []
    await database.exit(
      Effect.provideService(work, Database.Progress, (event) => void events.push(event))
    )
    const last = events.pop()!
    expect(last.isOver).toBe(true)
    expect(events.every(({ isOver }) => !isOver)).toBe(true)
    // It goes on, and never back.
    for (const [at, { done }] of events.entries())
      expect(done).toBeGreaterThan(at === 0 ? 0 : events[at - 1]!.done)
    expect(last.done).toBe(events.at(-1)?.done ?? 0)
    return { events, last }
  }
  const empty = Database.run(Query.deleteFrom(readings).everyRow())

  test("an insert of many rows tells rows done and all there are", async () => {
    await database.run(empty)
    const { events, last } = await watched(
      Database.run(Query.insert(readings).rows(rowsOf(12_500)))
    )
    expect(last).toEqual({
      operation: "insert",
      table: "readings",
      done: 12_500,
      total: 12_500,
      isOver: true
    })
    expect(events.length).toBeGreaterThan(1)
    const twice = [...rowsOf(12_000), { id: 12_001, value: 1 }]
    await database.run(empty)
    const failed = await watched(Database.run(Query.insert(readings).rows(twice)))
    expect(failed.last.done).toBeLessThan(12_001)
    expect(await database.run(Database.count(Query.from(readings)))).toBe(0)
  })

  test("a stream tells of each chunk, and of its end wherever it comes", async () => {
    await database.run(
      Effect.andThen(empty, Database.run(Query.insert(readings).rows(rowsOf(1200))))
    )
    const stream = Database.with({ fetchSize: 500 }, Database.stream(Query.from(readings)))
    const whole = await watched(Stream.runDrain(stream))
    expect(whole.events.map(({ done }) => done)).toEqual([500, 1000, 1200])
    expect(whole.last).toMatchObject({ operation: "stream", table: "readings", total: null })
    const left = await watched(Stream.runDrain(Stream.take(stream, 3)))
    expect(left.last.done).toBe(500)
    const inside = await watched(Database.transaction(Stream.runDrain(stream)))
    expect(inside.last.done).toBe(1200)
  })

  test("COPY tells of each chunk, in and out", async () => {
    await database.run(empty)
    const copied = Postgres.copyIn(Query.insert(readings), Stream.fromIterable(rowsOf(2500)))
    const read = Stream.runDrain(Postgres.copyOut(Query.from(readings)))
    if (engine !== "postgres") {
      expect(await database.failure(copied)).toMatchObject({ _tag: "Unsupported" })
      return
    }
    const put = await watched(copied)
    expect(put.events.map(({ done }) => done)).toEqual([1000, 2000, 2500])
    expect(put.last).toMatchObject({ operation: "copyIn", table: "readings", done: 2500 })
    const taken = await watched(read)
    expect(taken.last).toMatchObject({ operation: "copyOut", table: "readings", done: 2500 })
    expect(taken.events).toHaveLength(5)
  })

  test("nobody listening, nothing is told; a listener changes nothing", async () => {
    await database.run(empty)
    const all = Effect.andThen(
      Database.run(Query.insert(readings).rows(rowsOf(3000))),
      Stream.runCount(Database.stream(Query.from(readings)))
    )
    expect(await database.run(all)).toBe(3000)
    await database.run(empty)
    const heard: Array<Event> = []
    const listening = Effect.provideService(all, Database.Progress, (event) => {
      heard.push(event)
    })
    expect(await database.run(listening)).toBe(3000)
    expect(new Set(heard.map(({ operation }) => operation))).toEqual(new Set(["insert", "stream"]))
  })
})
