/** What the application has and goes on using beside us; settings that are no connection at all. */
import BetterSqlite3 from "better-sqlite3"
import { Column, Database, Query, sql, Table, Type } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { createPool } from "mysql2/promise"
import { describe, expect, test } from "vitest"
import { engines, place, program } from "./engine-support.ts"

const one = Query.select(sql(Type.integer)`40 + ${2}`)
const kept = Table.make("kept", { id: Column.integer().primaryKey() })
const ids = Query.from(kept).orderBy(kept.c.id).select(kept.c.id)
const add = (id: number) => Database.run(Query.insert(kept).values({ id }))

test("a transaction the application has open on its handle stays its own", async () => {
  const handle = new BetterSqlite3(":memory:")
  handle.exec("create table kept (id integer primary key)")
  const theirs = (id: number) => handle.exec(`insert into kept (id) values (${id})`)
  const work = Effect.gen(function* () {
    yield* add(1)
    handle.exec("begin")
    theirs(2)
    yield* add(3)
    yield* Database.script("insert into kept values (4)")
    expect(handle.inTransaction).toBe(true)
    handle.exec("rollback")
    expect(yield* Database.all(ids)).toEqual([1])

    // Ours waits for theirs to end, as for another process.
    handle.exec("begin")
    theirs(5)
    yield* add(6)
    const waits = yield* Effect.forkChild(Database.transaction(add(7)), { startImmediately: true })
    yield* Effect.sleep(20)
    handle.exec("commit")
    yield* Fiber.join(waits)
    expect(handle.inTransaction).toBe(false)

    const left = yield* Effect.flip(Database.script("begin; insert into kept values (8)"))
    expect(left._tag).toBe("TransactionDoomed")
    handle.exec("begin")
    theirs(9)
    return yield* Database.all(ids)
  })
  const seen = await Effect.runPromise(Effect.provide(work, Sqlite.fromHandle.layer(handle)))
  expect(seen).toEqual([1, 5, 6, 7, 9])
  // The end of ours is not the end of theirs.
  expect(handle.inTransaction).toBe(true)
  const first = Effect.flip(Effect.provide(Database.all(ids), Sqlite.fromHandle.layer(handle)))
  expect(await Effect.runPromise(first)).toMatchObject({
    _tag: "ConnectFailed",
    message: expect.stringContaining("a transaction of the application's")
  })
  handle.close()
})

test("a pool of mysql2/promise is one of mysql2", async () => {
  const own = await place("mariadb")
  const pool = createPool(own.url)
  const asked = Effect.provide(Database.one(one), Mysql.fromPool.layer(pool))
  expect(await Effect.runPromise(asked)).toBe(42)
  const [rows] = await pool.query("select 1 as n")
  expect(rows).toEqual([{ n: 1 }])
  await pool.end()
  await own.drop()
})

test("sizes that are no pool are told at once", async () => {
  const asked = (pool: object) => {
    const layer = Postgres.layer({ database: "x", user: "x", pool })
    return Effect.runPromise(Effect.flip(Effect.provide(Database.one(one), layer)))
  }
  expect(await asked({ size: 0 })).toMatchObject({ _tag: "ConfigInvalid", culprit: "pool.size" })
  const wrong = { _tag: "ConfigInvalid", culprit: "pool.minimum" }
  expect(await asked({ size: 1, minimum: 2 })).toMatchObject(wrong)
  expect(await asked({ minimum: 20 })).toMatchObject(wrong)
})

describe.each(engines)("what a program does beside statements on %s", (engine) => {
  test("onConnect that leaves a transaction open gives no connection", async () => {
    const own = await place(engine)
    const database = program(own.url, {
      onConnect: (session) => session.script("create table begun (id integer); begin")
    })
    const error = await database.failure(Database.one(one))
    expect(error).toMatchObject({
      _tag: "ConnectFailed",
      reason: "onConnect",
      message: expect.stringContaining("left open")
    })
    await database.dispose()
    await own.drop()
  })

  test("an interceptor that gives no answer is told so", async () => {
    const own = await place(engine)
    const database = program(own.url, { intercept: () => Effect.succeed(undefined as never) })
    const exit = await database.exit(Database.one(one))
    expect(String(exit)).toContain("an interceptor gives what the server answered")
    await database.dispose()
    await own.drop()
  })
})
