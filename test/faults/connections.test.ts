/** Rows 1, 2, 4, 5, 6 and 8 of the faults: what happens to connections and to who waits for one. */
import { Database } from "athanor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { copyFileSync, writeFileSync } from "node:fs"
import { expect } from "vitest"
import {
  engines,
  eventually,
  program,
  servers,
  sleeping,
  whoAmI
} from "../conformance/engine-support.ts"
import { timed } from "../support/stalls.ts"
import { fault, kill } from "./support/fault.ts"
import { failureOf } from "./support/r0.ts"
import { add, fileOf, type Trouble } from "./support/trouble.ts"

/** Until the server sleeps as it was told to. */
const asleep = async ({ observer }: Trouble): Promise<void> => {
  expect(await eventually(async () => (await observer.asked()).asleep > 0)).toBe(true)
}

/** Given up by its caller. */
const within = <A, E>(ms: number, work: Effect.Effect<A, E, Database>) =>
  Effect.flatMap(
    Effect.timeoutOption(work, ms),
    Option.match({ onNone: () => Effect.interrupt, onSome: Effect.succeed })
  )

const mark = (entered: Array<number>, at: number) => Effect.sync(() => void entered.push(at))

/** A busy machine's; how late a deadline is deadlines.test.ts looks at more closely. */
const late_ms = 300

/** Who each of four connections is that are lent at the same time. */
const meetAll = Effect.gen(function* () {
  const all = yield* Latch.make()
  let here = 0
  const one = Database.transaction(
    Effect.gen(function* () {
      const id = yield* whoAmI
      if (++here === 4) yield* all.open
      yield* all.await
      return id
    })
  )
  return yield* Effect.all([one, one, one, one], { concurrency: 4 })
})

fault(
  1,
  servers,
  "restarted: nobody is told of an idle connection, nor waits 1 s [F17.2]",
  async (scene) => {
    const one = await scene.open({ pool: { size: 4, pingAfter_ms: 60_000 } })
    for (const mode of ["fast", "immediate"] as const) {
      const before = await one.database.run(meetAll)
      expect(new Set(before).size).toBe(4)
      const { closed } = await one.database.run(Effect.map(Database, ({ pool }) => pool.stats()))
      await scene.server.stop(mode)
      await scene.server.start()
      const { took_ms, value } = await timed(() => one.database.run(meetAll))
      expect(took_ms).toBeLessThan(1000)
      expect(new Set(value).size).toBe(4)
      const after = await one.database.run(Effect.map(Database, ({ pool }) => pool.stats()))
      expect([after.closed - closed, after.open]).toEqual([4, 4])
    }
  }
)

for (const mode of ["fast", "immediate"] as const) {
  fault(1, servers, `restarted in a transaction, ${mode}`, async ({ open, server }) => {
    const one = await open({ pool: { size: 4, pingAfter_ms: 60_000 } })
    await one.does(1, (group) => add(group, 0))
    await one.database.run(meetAll)
    const restart = Effect.promise(async () => {
      await server.stop(mode)
      await server.start()
    })
    const error = await one.inside(Effect.andThen(restart, whoAmI))
    expect(error).toMatchObject({ _tag: "ConnectionLost", retryable: true, transaction: "ended" })
    // The idle ones went with it: nobody is told of each of them.
    for (let turn = 0; turn < 4; turn++) await one.database.run(whoAmI)
  })
}

fault(1, servers, "down: each borrow fails typed, the first after is served", async (scene) => {
  const one = await scene.open()
  await one.does(1, (group) => add(group, 0))
  await scene.server.kill()
  for (let turn = 0; turn < 5; turn++) {
    const error = await one.fails(1, (group) => Effect.andThen(whoAmI, add(group, 0)))
    expect(["ConnectFailed", "ConnectionLost"]).toContain(error._tag)
    expect(error.retryable).toBe(true)
  }
  await scene.server.start()
})

fault(1, ["sqlite"], "another process holds the file, or put another there", async (scene) => {
  const { default: BetterSqlite3 } = await import("better-sqlite3")
  const file = fileOf(scene.url)
  const one = await scene.open({ busyTimeout_ms: 40 })
  await one.does(1, (group) => add(group, 0))
  const other = new BetterSqlite3(file, { timeout: 0 })
  other.exec("begin immediate")
  const error = await one.fails(1, (group) => add(group, 0))
  expect(error).toMatchObject({ _tag: "Busy", retryable: true, transaction: "ended" })
  other.exec("rollback")
  other.close()
  const broken = `${file}.broken`
  copyFileSync(file, broken)
  writeFileSync(broken, "this is no database".repeat(500))
  const opening = program(`sqlite:${broken}`)
  const refused = failureOf(await opening.runtime.runPromiseExit(Database.script("select 1")))
  expect(refused).toMatchObject({ _tag: "ConnectFailed", reason: "file" })
  await opening.dispose()
})

fault(
  2,
  servers,
  "its session is ended in flight, between statements and while idle",
  async (scene) => {
    const { engine, open, url } = scene
    const one = await open({ pool: { size: 1 } })
    await one.does(1, (group) => add(group, 0))
    // In flight.
    const victim = await one.database.run(whoAmI)
    const flying = one.fails(1, (group) => Effect.andThen(sleeping(10), add(group, 0)))
    await asleep(one)
    await kill(engine, url, victim)
    expect(await flying).toMatchObject({ _tag: "ConnectionLost", retryable: true })
    // Between two statements of a transaction, and in the middle of one.
    const between = await one.inside(
      Effect.flatMap(whoAmI, (id) => Effect.promise(() => kill(engine, url, id))).pipe(
        Effect.andThen(Effect.sleep(20)),
        Effect.andThen(whoAmI)
      )
    )
    expect(between).toMatchObject({ _tag: "ConnectionLost", transaction: "ended" })
    const within = await one.inside(
      Effect.flatMap(whoAmI, (id) =>
        Effect.andThen(
          Effect.forkChild(
            Effect.delay(
              Effect.promise(() => kill(engine, url, id)),
              30
            )
          ),
          sleeping(10)
        )
      )
    )
    expect(within).toMatchObject({ _tag: "ConnectionLost", transaction: "ended" })
    // What the server said is kept, whatever ROLLBACK then met.
    expect(within.driverError).toBeDefined()
    // Idle: nobody learns of it.
    await kill(engine, url, await one.database.run(whoAmI))
    await one.database.run(Effect.sleep(20))
    await one.does(1, (group) => add(group, 0))
  }
)

fault(
  4,
  servers,
  "the network is cut in a statement, in a transaction and in COMMIT",
  async (scene) => {
    const wire = await scene.wire()
    const one = await scene.open({ pool: { size: 2 } }, wire.url)
    await one.does(1, (group) => add(group, 0))
    // A server that nobody listens to learns of it when it answers.
    const flying = one.fails(1, (group) => Effect.andThen(sleeping(0.5), add(group, 0)))
    await asleep(one)
    wire.cut()
    expect(await flying).toMatchObject({ _tag: "ConnectionLost", retryable: true })
    const cut = Effect.andThen(Effect.sync(wire.cut), whoAmI)
    expect(await one.inside(cut)).toMatchObject({ _tag: "ConnectionLost", transaction: "ended" })
    // A write by itself: who reads that it was lost must not believe it was not done.
    wire.state.cutAt = "kept"
    const written = await one.fails(1, (group) => add(group, 0))
    expect(written).toMatchObject({
      _tag: "ConnectionLost",
      transaction: "unknown",
      retryable: false
    })
    wire.heal()
    wire.state.cutAt = "COMMIT"
    const heard: Array<string> = []
    let attempts = 0
    const lost = await one.fails(2, (group) =>
      Database.transaction(
        Effect.gen(function* () {
          attempts++
          yield* Database.afterCommit(Effect.sync(() => heard.push("committed")))
          yield* Database.afterRollback(Effect.sync(() => heard.push("rolled back")))
          yield* add(group, 0)
          yield* add(group, 1)
        }),
        { retry: Schedule.recurs(3) }
      )
    )
    expect(lost).toMatchObject({
      _tag: "CommitOutcomeUnknown",
      transaction: "unknown",
      retryable: false
    })
    expect([attempts, heard]).toEqual([1, []])
    wire.heal()
  }
)

fault(5, servers, "half open: who waits is told in time, at every step", async (scene) => {
  const wire = await scene.wire()
  const deadlines = { control_ms: 200, commit_ms: 200, ping_ms: 100 }
  const one = await scene.open({ deadlines, pool: { size: 2, pingAfter_ms: 60_000 } }, wire.url)
  const hush = Effect.sync(() => void (wire.state.isSilent = true))
  const told = async (
    deadline_ms: number,
    work: (group: number) => Effect.Effect<unknown, unknown, Database>
  ) => {
    await one.does(1, (group) => add(group, 0))
    const { took_ms, value } = await timed(() => one.does(1, work))
    wire.heal()
    expect(took_ms).toBeLessThan(deadline_ms + late_ms)
    return value
  }
  // The caller's own deadline, where he may have one.
  const cut = [
    (group: number) => Effect.andThen(hush, add(group, 0)),
    (group: number) => Effect.andThen(hush, Database.transaction(add(group, 0))),
    (group: number) => Database.transaction(Effect.andThen(hush, add(group, 0)))
  ]
  for (const work of cut)
    expect(Exit.hasInterrupts(await told(90, (group) => within(90, work(group))))).toBe(true)
  // Ours, where the caller has none.
  const begin = await told(200, (group) =>
    Effect.andThen(hush, Database.transaction(add(group, 0)))
  )
  expect(failureOf(begin)).toMatchObject({ _tag: "ConnectionLost", transaction: "ended" })
  const commit = await told(200, (group) =>
    Database.transaction(Effect.andThen(add(group, 0), hush))
  )
  expect(failureOf(commit)).toMatchObject({ _tag: "CommitOutcomeUnknown", transaction: "unknown" })
  const savepoint = await told(200, (group) =>
    Database.transaction(Effect.andThen(hush, Database.transaction(add(group, 0))))
  )
  expect(failureOf(savepoint)).toMatchObject({ _tag: "ConnectionLost", transaction: "ended" })
  const rollback = await told(0, (group) =>
    Database.transaction(Effect.andThen(Effect.andThen(add(group, 0), hush), Effect.interrupt))
  )
  expect(Exit.hasInterrupts(rollback)).toBe(true)
})

fault(
  5,
  servers,
  "half open: a ping tells, and takes with it all that were opened before",
  async (scene) => {
    const wire = await scene.wire()
    const deadlines = { ping_ms: 100 }
    const pool = { size: 4, pingAfter_ms: 0 }
    const one = await scene.open({ deadlines, pool }, wire.url)
    await one.database.run(meetAll)
    wire.state.isSilent = true
    await one.database.run(Effect.sleep(5))
    const waiting = timed(() => one.does(1, (group) => add(group, 0)))
    // What was silent stays so; what is opened now is not.
    await one.database.run(Effect.sleep(20))
    wire.heal()
    expect((await waiting).took_ms).toBeLessThan(100 + late_ms)
    const { closed } = await one.database.run(Effect.map(Database, (engine) => engine.pool.stats()))
    expect(closed).toBe(4)
  }
)

fault(
  6,
  servers,
  "a connect into nowhere fails in time; its late success is closed",
  async (scene) => {
    const wire = await scene.wire()
    const one = await scene.open({ deadlines: { connect_ms: 200 }, pool: { size: 2 } }, wire.url)
    const held = one.does(1, (group) => Effect.andThen(sleeping(0.3), add(group, 0)))
    await asleep(one)
    wire.state.slow_ms = 500
    const { took_ms, value } = await timed(() => one.does(1, (group) => add(group, 0)))
    expect(failureOf(value)).toMatchObject({ _tag: "ConnectFailed", reason: "timeout" })
    expect(failureOf(value).retryable).toBe(true)
    expect(took_ms).toBeLessThan(200 + late_ms)
    // Who has a connection is not held up by who has none.
    expect(Exit.isSuccess(await held)).toBe(true)
    await one.database.run(Effect.sleep(400))
    wire.heal()
  }
)

fault(6, ["sqlite"], "the folder is not there", async ({ open, url }) => {
  await open()
  const { value } = await timed(() =>
    program(`${url}.folder/none.db`).runtime.runPromiseExit(Database.script("select 1"))
  )
  expect(failureOf(value)).toMatchObject({ _tag: "ConnectFailed", reason: "file" })
})

fault(8, engines, "exhausted: who waits is told in his own time and in order", async (scene) => {
  const pool = { size: 1, borrow_ms: 200, queueLimit: 20 }
  const one = await scene.open({ pool })
  const entered: Array<number> = []
  let release = () => {}
  const released = new Promise<void>((next) => (release = next))
  const held = one.does(1, (group) =>
    Database.transaction(
      Effect.andThen(
        add(group, 0),
        Effect.promise(() => released)
      )
    )
  )
  await one.database.run(Effect.sleep(20))
  const waits = Array.from({ length: 20 }, (_, at) =>
    timed(() => one.does(1, (group) => Effect.andThen(add(group, 0), mark(entered, at))))
  )
  const refused = await one.fails(1, (group) => add(group, 0))
  expect(refused).toMatchObject({ _tag: "PoolQueueFull", waiting: 20, retryable: true })
  for (const { took_ms, value } of await Promise.all(waits)) {
    const error = failureOf(value)
    expect(error).toMatchObject({ _tag: "PoolTimeout", reason: "deadline", retryable: true })
    if (error._tag !== "PoolTimeout") continue
    expect(error.inUse).toBe(1)
    expect(error.waited_ms).toBeGreaterThanOrEqual(199)
    expect(took_ms).toBeLessThan(200 + late_ms)
  }
  const later = Array.from({ length: 10 }, (_, at) =>
    one.does(1, (group) => Effect.andThen(add(group, 0), mark(entered, at)))
  )
  release()
  expect(Exit.isSuccess(await held)).toBe(true)
  expect((await Promise.all(later)).every(Exit.isSuccess)).toBe(true)
  expect(entered).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

fault(
  8,
  engines,
  "thousands who wait are served in order, and nobody is forgotten",
  async (scene) => {
    const pool = { size: 1, borrow_ms: 60_000, queueLimit: 2000 }
    const one = await scene.open({ pool })
    const entered: Array<number> = []
    const many = Array.from({ length: 1500 }, (_, at) => at)
    const all = (work: (at: number) => Effect.Effect<unknown, unknown, Database>) =>
      Effect.andThen(
        Effect.sync(() => void entered.splice(0)),
        Effect.forEach(many, (at) => Effect.andThen(work(at), mark(entered, at)), {
          concurrency: "unbounded",
          discard: true
        })
      )
    const held = <A, E>(work: Effect.Effect<A, E, Database>) =>
      Effect.gen(function* () {
        const holder = yield* Effect.forkChild(Database.transaction(Effect.sleep(20)), {
          startImmediately: true
        })
        yield* work
        yield* Fiber.join(holder)
      })
    await one.does(1500, (group) => held(all((at) => add(group, at))))
    expect(entered).toEqual(many)
    // In a transaction they wait for the savepoint of one of them.
    await one.does(1500, (group) => Database.transaction(held(all((at) => add(group, at)))))
    expect(entered).toEqual(many)
  }
)

fault(
  6,
  servers,
  "an address that swallows everything is told of by the first statement",
  async (scene) => {
    await scene.open()
    const wire = await scene.wire()
    wire.state.isSilent = true
    const opening = program(wire.url, { deadlines: { connect_ms: 200 } })
    const { took_ms, value } = await timed(() => opening.runtime.runPromiseExit(Database.server))
    expect(failureOf(value)).toMatchObject({
      _tag: "ConnectFailed",
      reason: "timeout",
      retryable: true
    })
    expect(took_ms).toBeLessThan(200 + late_ms)
    await opening.dispose()
  }
)
