/** Rows 3, 7, 12, 13, 14 and 17 of the faults: time, locks and who writes beside. */
import { Database, Query, sql, Table, Column, Type } from "athanor"
import BetterSqlite3 from "better-sqlite3"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import { expect } from "vitest"
import { engines, eventually, servers, sleeping, whoAmI } from "../conformance/engine-support.ts"
import { fault, kill, type Scene } from "./support/fault.ts"
import { failureOf } from "./support/r0.ts"
import { add, fileOf, type Trouble } from "./support/trouble.ts"

const cells = Table.make("cells", { id: Column.integer().primaryKey(), n: Column.integer() })
const create: Readonly<Record<Scene["engine"], string>> = {
  sqlite: "create table if not exists cells (id integer primary key, n integer not null)",
  postgres: "create table if not exists cells (id integer primary key, n integer not null)",
  mariadb:
    "create table if not exists cells (id integer primary key, n integer not null) engine=innodb"
}
const fill = "delete from cells; insert into cells values (1, 0), (2, 0)"
const touch = (id: number) =>
  Database.run(
    Query.update(cells)
      .set({ n: cells.c.n.add(1) })
      .where(cells.c.id.eq(id))
  )
const look = Database.all(Query.from(cells).orderBy(cells.c.id).select(cells.c.n))
const total = Effect.map(look, (all) => all.reduce((sum, n) => sum + n, 0))

const filled = async (one: Trouble, { engine }: Scene) => {
  await one.observer.execute(create[engine])
  for (const text of fill.split("; ")) await one.observer.execute(text)
}

/** Two fibers that wait for each other once. */
const meeting = Effect.gen(function* () {
  const met = [yield* Deferred.make<void>(), yield* Deferred.make<void>()] as const
  return (mine: 0 | 1) =>
    Effect.andThen(Deferred.succeed(met[mine], undefined), Deferred.await(met[(1 - mine) as 0 | 1]))
})

fault(
  3,
  servers,
  "cancelled and timed out by the server are told apart; the session lives",
  async (scene) => {
    const { engine, open, url } = scene
    const one = await open({ pool: { size: 1 } })
    const id = await one.database.run(whoAmI)
    for (const inside of [false, true]) {
      const cancels = Effect.promise(async () => {
        expect(await eventually(async () => (await one.observer.asked()).asleep > 0)).toBe(true)
        await kill(engine, url, id, "query")
      })
      const step = Effect.andThen(Effect.forkChild(cancels), sleeping(5))
      const error = inside ? await one.inside(step) : await one.fails(1, () => step)
      expect(error).toMatchObject({ _tag: "StatementCancelled", retryable: false })
      expect(await one.database.run(whoAmI)).toBe(id)
      const late = Database.with({ timeout_ms: 60 }, sleeping(5))
      const timeout = inside ? await one.inside(late) : await one.fails(1, () => late)
      expect(timeout).toMatchObject({ _tag: "StatementTimeout" })
      expect(await one.database.run(whoAmI)).toBe(id)
    }
  }
)

fault(
  3,
  ["sqlite"],
  "nothing stops a statement inside SQLite: the connection is given up",
  async (scene) => {
    const one = await scene.open({ threads: true, pool: { size: 1 } })
    await one.does(1, (group) => add(group, 0))
    const long = Query.select(
      sql(Type.count)`(with recursive n(i) as (select 1 union all select i + 1 from n
      where i < 700000) select count(*) from n)`
    )
    const error = await one.fails(1, (group) =>
      Effect.andThen(Database.with({ timeout_ms: 40 }, Database.all(long)), add(group, 0))
    )
    expect(error).toMatchObject({ _tag: "StatementTimeout" })
    expect((await one.inside(Database.with({ timeout_ms: 40 }, Database.all(long))))._tag).toBe(
      "StatementTimeout"
    )
  }
)

fault(7, servers, "a slow statement holds up nobody but its own connection", async (scene) => {
  const one = await scene.open({ pool: { size: 3 } })
  const slow = Array.from({ length: 2 }, () =>
    one.fails(1, (group) =>
      Effect.andThen(Database.with({ timeout_ms: 2000 }, sleeping(5)), add(group, 0))
    )
  )
  let ended = 0
  for (const one of slow) void one.then(() => ended++)
  for (let turn = 0; turn < 20; turn++) await one.does(1, (group) => add(group, 0))
  expect(ended).toBe(0)
  for (const error of await Promise.all(slow)) expect(error._tag).toBe("StatementTimeout")
})

fault(
  7,
  ["sqlite"],
  "a file that is held is waited for beside the program's other work",
  async (scene) => {
    const one = await scene.open({ busyTimeout_ms: 300 })
    await one.does(1, (group) => add(group, 0))
    const other = new BetterSqlite3(fileOf(scene.url), { timeout: 0 })
    other.exec("begin immediate")
    let ticks = 0
    const ticking = setInterval(() => ticks++, 5)
    const [error, begin] = await Promise.all([
      one.fails(1, (group) => add(group, 0)),
      one.fails(1, (group) => Database.transaction(add(group, 0)))
    ])
    clearInterval(ticking)
    expect(ticks).toBeGreaterThan(5)
    for (const busy of [error, begin])
      expect(busy).toMatchObject({ _tag: "Busy", retryable: true, transaction: "ended" })
    const waiting = one.does(1, (group) => Database.transaction(add(group, 0)))
    await pause(30)
    other.exec("commit")
    other.close()
    expect(Exit.isSuccess(await waiting)).toBe(true)
  }
)

fault(9, servers, "500 statements interrupted at random", async (scene) => {
  const one = await scene.open({ pool: { size: 5 } })
  const quick = sleeping(0.003)
  await one.database.run(
    Effect.forEach(
      Array.from({ length: 500 }, (_, at) => at),
      (at) =>
        Effect.exit(
          Effect.timeoutOption(
            at % 3 === 0 ? Database.transaction(Effect.andThen(add(-1, at), quick)) : quick,
            (at * 7) % 9
          )
        ),
      { concurrency: 20, discard: true }
    )
  )
})

fault(
  12,
  servers,
  "a deadlock: its victim says so, and the whole transaction runs again",
  async (scene) => {
    const one = await scene.open({ pool: { size: 2 } })
    await filled(one, scene)
    const isPostgres = scene.engine === "postgres"
    const worker = (mine: 0 | 1, meet: Effect.Effect<unknown>, retry: boolean) =>
      one.does(2, (group) =>
        Database.transaction(
          Effect.gen(function* () {
            yield* add(group, 0)
            yield* touch(mine + 1)
            yield* meet
            yield* retry
              ? touch(2 - mine)
              : // Swallowed: what comes after must not commit by itself.
                Effect.andThen(Effect.exit(touch(2 - mine)), Effect.exit(add(group, 1)))
            if (retry) yield* add(group, 1)
          }),
          retry ? { retry: Schedule.recurs(20) } : {}
        )
      )
    const meet = await one.database.run(meeting)
    const swallowed = await Promise.all([worker(0, meet(0), false), worker(1, meet(1), false)])
    const victims = swallowed.filter(Exit.isFailure)
    expect(victims).toHaveLength(1)
    expect(failureOf(victims[0]!)).toMatchObject({
      _tag: "TransactionDoomed",
      reason: { _tag: "Deadlock", transaction: isPostgres ? "doomed" : "ended", retryable: true }
    })
    expect(await one.database.run(total)).toBe(2)
    const again = await one.database.run(meeting)
    const retried = await Promise.all([worker(0, again(0), true), worker(1, again(1), true)])
    expect(retried.every(Exit.isSuccess)).toBe(true)
    expect(await one.database.run(total)).toBe(6)
  }
)

fault(
  12,
  ["sqlite"],
  "two who both read and then write: one is told Busy, and runs again",
  async (scene) => {
    const one = await scene.open({ busyTimeout_ms: 0 })
    const two = await scene.open({ busyTimeout_ms: 0 })
    await filled(one, scene)
    const meet = await one.database.run(meeting)
    let attempts = 0
    const worker = (who: Trouble, mine: 0 | 1) => {
      let meets = meet(mine) as Effect.Effect<unknown>
      return who.does(1, (group) =>
        Database.transaction(
          Effect.gen(function* () {
            attempts++
            yield* look
            yield* meets
            meets = Effect.void
            yield* touch(1)
            yield* add(group, 0)
          }),
          { begin: "deferred", retry: Schedule.upTo(Schedule.spaced(20), { times: 50 }) }
        )
      )
    }
    const exits = await Promise.all([worker(one, 0), worker(two, 1)])
    expect(exits.every(Exit.isSuccess)).toBe(true)
    expect(attempts).toBeGreaterThan(2)
    expect(await one.database.run(total)).toBe(2)
  }
)

fault(
  13,
  engines,
  "no serial order: typed, nothing kept, and whoever runs again sees the other",
  async (scene) => {
    const one = await scene.open({ pool: scene.engine === "sqlite" ? {} : { size: 2 } })
    const two = scene.engine === "sqlite" ? await scene.open({ busyTimeout_ms: 0 }) : one
    await filled(one, scene)
    const meet = await one.database.run(meeting)
    const worker = (who: Trouble, mine: 0 | 1) =>
      who.does(1, (group) =>
        Database.transaction(
          Effect.gen(function* () {
            const sum = yield* total
            yield* meet(mine)
            if (sum === 0) yield* touch(mine + 1)
            // SQLite's writers take turns: the second finds its view is old.
            if (scene.engine === "sqlite" && mine === 0) yield* Effect.sleep(20)
            yield* add(group, 0)
          }),
          scene.engine === "sqlite" ? { begin: "deferred" } : { isolation: "serializable" }
        )
      )
    const exits = await Promise.all([worker(one, 0), worker(two, 1)])
    const losers = exits.filter(Exit.isFailure).map(failureOf)
    expect(losers).toHaveLength(1)
    const names = { sqlite: "Busy", postgres: "SerializationFailure", mariadb: "Deadlock" }
    expect(losers[0]).toMatchObject({ _tag: names[scene.engine], retryable: true })
    expect(await one.database.run(total)).toBe(1)
  }
)

fault(
  14,
  engines,
  "a lock that does not come free: the same failure, and the truth of what lives",
  async (scene) => {
    const { engine } = scene
    const one = await scene.open(
      engine === "sqlite" ? { busyTimeout_ms: 30 } : { pool: { size: 2 } }
    )
    await filled(one, scene)
    const holder = await scene.open({ pool: engine === "sqlite" ? {} : { size: 1 } })
    const limit = {
      sqlite: Effect.void,
      postgres: Database.script("set local lock_timeout = '50ms'"),
      mariadb: Database.script("set innodb_lock_wait_timeout = 1")
    }[engine]
    let release = () => {}
    const released = new Promise<void>((next) => (release = next))
    let taken = () => {}
    const isTaken = new Promise<void>((next) => (taken = next))
    const held = holder.does(1, (group) =>
      Database.transaction(
        Effect.gen(function* () {
          yield* touch(1)
          yield* add(group, 0)
          yield* Effect.sync(() => taken())
          yield* Effect.promise(() => released)
        })
      )
    )
    await isTaken
    if (engine === "sqlite") {
      const error = await one.fails(1, (group) => Database.transaction(add(group, 0)))
      expect(error).toMatchObject({ _tag: "Busy", operation: "begin", transaction: "ended" })
    } else {
      const error = await one.inside(Effect.andThen(limit, touch(1)))
      expect(error).toMatchObject({
        _tag: "LockTimeout",
        retryable: true,
        transaction: engine === "postgres" ? "doomed" : "alive"
      })
      // A savepoint around the statement keeps the rest, on every database.
      const saved = await one.inside(Database.transaction(Effect.andThen(limit, touch(1))))
      expect(saved).toMatchObject({ _tag: "LockTimeout", transaction: "alive" })
    }
    release()
    expect(Exit.isSuccess(await held)).toBe(true)
  }
)

fault(
  17,
  engines,
  "many who write the same row wait for each other, and no write is lost",
  async (scene) => {
    const programs = [await scene.open(), await scene.open()]
    await filled(programs[0]!, scene)
    const write = (who: Trouble, at: number) =>
      who.does(1, (group) =>
        at % 2 === 0
          ? add(group, 0)
          : Database.transaction(
              Effect.andThen(Effect.andThen(touch(1), Effect.sleep(1)), add(group, 0))
            )
      )
    let ticks = 0
    const ticking = setInterval(() => ticks++, 1)
    const exits = await Promise.all(
      Array.from({ length: 60 }, (_, at) => write(programs[at % 2]!, at >> 1))
    )
    clearInterval(ticking)
    expect(exits.map(String)).toEqual(exits.map(() => String(Exit.succeed(1))))
    expect(await programs[0]!.database.run(total)).toBe(30)
    expect(ticks).toBeGreaterThan(1)
  }
)

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms))
