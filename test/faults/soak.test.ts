/** 200 fibers, a pool of ten, a fault each second: 20 seconds here, half an hour each night. */
import { readdirSync } from "node:fs"
import BetterSqlite3 from "better-sqlite3"
import { Catalog, Column, Database, Query, sql, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, test } from "vitest"
import {
  connections,
  type EngineName,
  engines,
  eventually,
  place,
  program,
  wireTo
} from "../conformance/engine-support.ts"

const isNightly = process.env["ATHANOR_NIGHTLY"] === "1"
const length_ms = isNightly ? 30 * 60 * 1000 : 20_000

const uncaught: Array<unknown> = []
process.on("uncaughtException", (error) => uncaught.push(error))
process.on("unhandledRejection", (error) => uncaught.push(error))

const pairs = Table.make("pairs", {
  id: Column.id(),
  pair: Column.integer(),
  half: Column.integer()
})

const alive = Query.select(sql(Type.integer)`1`)

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms))
const descriptors = () => readdirSync("/proc/self/fd").length

/** What goes wrong each second, and the address the program is to use. */
const troubled = async (engine: EngineName, url: string) => {
  if (engine === "sqlite") {
    const file = url.replace(/^sqlite:/, "")
    // Another connection holds the file for a while, as another process would.
    const fault = async () => {
      const other = new BetterSqlite3(file, { timeout: 0 })
      try {
        other.exec("begin immediate")
        await pause(150)
        other.exec("rollback")
      } catch {
        // Somebody of ours is writing: that is trouble enough.
      }
      other.close()
    }
    return { url, fault, end: async () => {} }
  }
  const wire = await wireTo(url)
  let count = 0
  const killer = program(url, { pool: { size: 1 } })
  const kills = Effect.flatMap(Database, ({ dialect }) =>
    dialect === "postgres"
      ? Database.script(
          "select pg_terminate_backend(pid) from pg_stat_activity " +
            "where datname = current_database() and pid <> pg_backend_pid() limit 2"
        )
      : Effect.flatMap(
          Database.all(
            Query.select(
              sql(Type.count)`(select min(id) from information_schema.processlist
                where db = database() and id <> connection_id())`
            )
          ),
          ([id]) => (id === null || id === undefined ? Effect.void : Database.script(`kill ${id}`))
        )
  )
  const fault = async () => {
    const kind = count++ % 3
    if (kind === 0) wire.cut()
    else if (kind === 1) await killer.exit(kills)
    else {
      // Connects take their time for a moment, and what is open goes.
      wire.state.slow_ms = 120
      wire.cut()
      await pause(300)
      wire.state.slow_ms = 0
    }
  }
  const end = async () => {
    wire.close()
    await killer.dispose()
  }
  return { url: wire.url, fault, end }
}

describe.concurrent.each(engines)("soaked on %s", (engine) => {
  test(
    "nothing leaks, no acknowledged row is lost, no pair is half",
    async () => {
      const own = await place(engine)
      const observer = program(own.url, { pool: { size: 1 } })
      await observer.run(Database.create(Catalog.make({ pairs })))
      const trouble = await troubled(engine, own.url)
      const database = program(trouble.url, {
        pool: { size: 10, overflow: 2, borrow_ms: 2000, pingAfter_ms: 200 }
      })
      await database.run(Database.server)
      const before = descriptors()
      const acknowledged: Array<number> = []
      const counts = { done: 0, failed: 0, defects: 0 }
      const endsAt = performance.now() + length_ms
      let pair = 0
      const half = (of: number, number: number) =>
        Database.run(Query.insert(pairs).values({ pair: of, half: number }))
      const write = Effect.suspend(() => {
        const mine = ++pair
        return Effect.tap(
          Database.transaction(Effect.andThen(half(mine, 1), Database.transaction(half(mine, 2)))),
          () => Effect.sync(() => acknowledged.push(mine))
        )
      })
      const read = Database.all(Query.from(pairs).where(pairs.c.id.eq(7)).select(pairs.c.half))
      const undone = Database.transaction(
        Effect.andThen(
          Effect.suspend(() => half(-1, 1)),
          Effect.fail("undo")
        )
      )
      const steps = [read, write, read, undone, Effect.timeoutOption(write, 5), read]
      const worker = (seed: number) =>
        Effect.gen(function* () {
          for (let turn = seed; performance.now() < endsAt; turn++) {
            const exit = yield* Effect.exit<unknown, unknown, Database>(steps[turn % steps.length]!)
            if (exit._tag === "Success") counts.done++
            else if (exit.cause.reasons.some(({ _tag }) => _tag === "Die")) counts.defects++
            else counts.failed++
            yield* Effect.sleep(10 + ((turn * 7919) % 40))
          }
        })
      const faults = (async () => {
        while (performance.now() < endsAt - 500) {
          await pause(1000)
          await trouble.fault()
        }
      })()
      await database.run(
        Effect.gen(function* () {
          const fibers = yield* Effect.forEach(Array.from({ length: 200 }), (_, seed) =>
            Effect.forkChild(worker(seed))
          )
          yield* Effect.forEach(fibers, Fiber.join)
        })
      )
      await faults
      expect(await database.run(Database.all(alive))).toEqual([1])
      const { stats, open } = await database.run(
        Effect.map(Database, ({ pool }) => ({ stats: pool.stats(), open: pool.connections() }))
      )
      expect(counts.defects).toBe(0)
      expect(counts.done).toBeGreaterThan(500)
      expect(stats).toMatchObject({ used: 0, waiting: 0 })
      expect(stats.created).toBe(stats.open + stats.closed + stats.detached)
      expect(open.length).toBe(stats.open)
      if (engine !== "sqlite") expect(stats.closed).toBeGreaterThan(5)
      const rows = await observer.run(
        Database.all(Query.from(pairs).select({ pair: pairs.c.pair, half: pairs.c.half }))
      )
      const halves = new Map<number, number>()
      for (const row of rows) halves.set(row.pair, (halves.get(row.pair) ?? 0) + 1)
      expect([...halves.values()].every((count) => count === 2)).toBe(true)
      expect(halves.has(-1)).toBe(false)
      expect(acknowledged.filter((mine) => !halves.has(mine))).toEqual([])
      await database.dispose()
      await trouble.end()
      if (engine !== "sqlite")
        expect(await eventually(async () => (await observer.run(connections)) === 1)).toBe(true)
      expect(await eventually(async () => descriptors() <= before + 5)).toBe(true)
      await observer.dispose()
      await own.drop()
      expect(uncaught).toEqual([])
    },
    length_ms + 60_000
  )
})
