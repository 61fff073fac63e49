/** 200 fibers, a pool of ten, a fault each second: 20 seconds here, half an hour each night. */
import { readdirSync } from "node:fs"
import BetterSqlite3 from "better-sqlite3"
import { Catalog, Column, Database, Fn, Query, sql, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  connections,
  type EngineName,
  engines,
  eventually,
  openFiles,
  place,
  type Program,
  program,
  wireTo
} from "../conformance/engine-support.ts"
import { share } from "../support/night.ts"
import { amount } from "./support/amount.ts"
import { observerOf } from "./support/observer.ts"
import { heap_bytes, makeQuiet } from "./support/quiet.ts"
import { uncaught } from "./support/uncaught.ts"

/** Half an hour in a whole night; in any night long enough for the heap to say something. */
const length_ms = amount(20_000, Math.max(6, 30 * share) * 60 * 1000)
const isLong = length_ms > 5 * 60 * 1000

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

const quiet = makeQuiet()

let before = 0
beforeAll(() => {
  before = descriptors()
})
afterAll(async () => {
  const now = () => `${descriptors()} descriptors, ${before} before`
  expect(await eventually(async () => descriptors() <= before), now()).toBe(true)
})

/** Pairs that were acknowledged: one bit each, so that the ledger itself does not grow. */
const makeMarks = () => {
  const bits = new Uint8Array(4 * 1024 * 1024)
  return {
    add: (at: number): void => void (bits[at >> 3]! |= 1 << (at & 7)),
    has: (at: number): boolean => (bits[at >> 3]! & (1 << (at & 7))) !== 0
  }
}

const soaking = (database: Program, endsAt: number) => {
  const acknowledged = makeMarks()
  const counts = { done: 0, failed: 0, defects: 0 }
  let pair = 0
  const half = (of: number, number: number) =>
    Database.run(Query.insert(pairs).values({ pair: of, half: number }))
  const write = Effect.suspend(() => {
    const mine = ++pair
    return Effect.tap(
      Database.transaction(Effect.andThen(half(mine, 1), Database.transaction(half(mine, 2)))),
      () => Effect.sync(() => acknowledged.add(mine))
    )
  })
  const read = Database.all(Query.from(pairs).where(pairs.c.id.eq(7)).select(pairs.c.half))
  const undone = Database.transaction(
    Effect.andThen(
      Effect.suspend(() => half(0, 1)),
      Effect.fail("undo")
    )
  )
  const steps = [read, write, read, undone, Effect.timeoutOption(write, 5), read]
  const worker = (seed: number) =>
    Effect.gen(function* () {
      quiet.enter()
      for (let turn = seed; performance.now() < endsAt; turn++) {
        const exit = yield* Effect.exit<unknown, unknown, Database>(steps[turn % steps.length]!)
        if (exit._tag === "Success") counts.done++
        else if (exit.cause.reasons.some(({ _tag }) => _tag === "Die")) counts.defects++
        else counts.failed++
        yield* Effect.promise(quiet.pause)
        yield* Effect.sleep(10 + ((turn * 7919) % 40))
      }
      quiet.leave()
    })
  const work = Effect.gen(function* () {
    const fibers = yield* Effect.forEach(Array.from({ length: 200 }), (_, seed) =>
      Effect.forkChild(worker(seed))
    )
    yield* Effect.forEach(fibers, Fiber.join)
  })
  // Not as `run` does, which keeps every text that was sent.
  return { acknowledged, counts, done: database.runtime.runPromise(work), pairs: () => pair }
}

/** What the server says of the pairs: those that are not whole, and how many of them there are. */
const judged = async (observer: Program, has: (pair: number) => boolean) => {
  const byPair = Query.from(pairs).groupBy(pairs.c.pair)
  const partial = await observer.run(
    Database.all(byPair.having(Fn.count().ne(2)).select({ pair: pairs.c.pair }))
  )
  let acknowledged = 0
  let stored = 0
  const each = Stream.runForEach(
    Database.stream(byPair.select({ pair: pairs.c.pair })),
    ({ pair }) =>
      Effect.sync(() => {
        stored++
        if (has(pair)) acknowledged++
      })
  )
  await observer.runtime.runPromise(each)
  return { acknowledged, partial, stored }
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
      const endsAt = performance.now() + length_ms
      const soaked = soaking(database, endsAt)
      let faults = 0
      const troubles = (async () => {
        while (performance.now() < endsAt - 500) {
          await pause(1000)
          await trouble.fault()
          faults++
        }
      })()
      await soaked.done
      await troubles
      const { acknowledged, counts } = soaked
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
      await trouble.end()
      // Those that were cut learn of it at their next word.
      const asking = await observerOf(engine, own.url)
      const isIdle = async () => (await asking.asked()).atWork === 0
      expect(await eventually(isIdle), "none is in a transaction").toBe(true)
      const found = await judged(observer, acknowledged.has)
      expect(found.partial).toEqual([])
      let told = 0
      for (let at = 1; at <= soaked.pairs(); at++) if (acknowledged.has(at)) told++
      expect(found.acknowledged).toBe(told)
      await database.dispose()
      if (engine !== "sqlite")
        expect(await eventually(async () => (await observer.run(connections)) === 1)).toBe(true)
      await observer.dispose()
      if (engine === "sqlite") expect(openFiles(own.url)).toBe(0)
      await own.drop()
      expect(uncaught).toEqual([])
      const told_s = Math.round(length_ms / 1000)
      console.log(
        `soaked on ${engine} for ${told_s} s: ${faults} faults, ${counts.done} done, ` +
          `${counts.failed} failed typed, ${told} pairs acknowledged and ${found.stored} stored, ` +
          `${stats.created} connections opened, ${stats.closed} closed, ${stats.open} open`
      )
    },
    length_ms + 120_000
  )
})

describe.concurrent("soaked on all", () => {
  test.runIf(isLong)(
    "the heap after three collections grows less than 1 %",
    async () => {
      const looks = 6
      const heaps: Array<number> = []
      const startedAt = performance.now()
      // The first look is when all is warm, the last before the workers end.
      for (let look = 1; look <= looks; look++) {
        await pause(startedAt + (length_ms - 15_000) * (look / looks) - performance.now())
        heaps.push(await quiet.quietly(heap_bytes))
      }
      const mib = heaps.map((bytes) => (bytes / 1024 / 1024).toFixed(2))
      console.log(`heap after three collections, MiB: ${mib.join(", ")}`)
      expect(heaps.at(-1)! / heaps[0]!).toBeLessThan(1.01)
    },
    length_ms + 120_000
  )
})
