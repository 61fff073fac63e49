import { Database, Query, sql, Type } from "athanor"
import { layerSqlClient } from "athanor/sql-client"
import * as Effect from "effect/Effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines, place, type Program, program } from "./engine-support.ts"

const stored = Database.one(Query.select(sql(Type.count)`(select count(*) from kept)`))
const add = (id: number) => `insert into kept values (${id})`
const script = Database.script

/** A transaction that a text begins or ends is the text's own, or there is none. */
describe.each(engines)("transactions of scripts on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(script("create table kept (id integer primary key)"))
  })
  beforeEach(() => database.run(script("delete from kept")))
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const count = () => database.run(stored)

  test("one that is begun and left open is rolled back, and that is no success", async () => {
    for (const begin of engine === "sqlite" ? ["begin", "savepoint own"] : ["begin"])
      expect(await database.failure(script(`${begin}; ${add(1)}`))).toMatchObject({
        _tag: "TransactionDoomed",
        transaction: "ended",
        retryable: false
      })
    expect(await count()).toBe(0)
    await database.run(script(`begin; ${add(1)}; commit; ${add(2)}`))
    await database.run(script(`begin; ${add(3)}; rollback`))
    expect(await count()).toBe(2)
    const { used, waiting } = await database.run(Effect.map(Database, ({ pool }) => pool.stats()))
    expect([used, waiting]).toEqual([0, 0])
  })

  test("in autocommit one goes on from text to text, and ends with the session", async () => {
    const inTurn = (...texts: ReadonlyArray<string>) =>
      Effect.forEach(texts, script, { discard: true })
    if (engine === "sqlite") return // the one connection is the program's: each text is alone
    await database.run(Database.autocommit(inTurn("begin", add(1), "commit")))
    const left = Database.autocommit(inTurn("begin", add(2)))
    expect(await database.failure(left)).toMatchObject({ _tag: "TransactionDoomed" })
    expect(await count()).toBe(1)
  })

  test("inside a transaction none is begun or ended, however it is written", async () => {
    const refused = [
      "begin",
      "/* ; */ BEGIN; " + add(2),
      "-- first\n start  transaction",
      `${add(2)}; commit`,
      "commit and chain",
      "rollback",
      "rollback /* to */ and chain",
      ...(engine === "postgres" ? ["abort", "prepare transaction 'x'", "commit work"] : [])
    ]
    for (const text of refused) {
      const work = Effect.andThen(script(add(1)), Effect.flip(script(text)))
      const nested = Effect.andThen(script(add(3)), Database.transaction(work))
      for (const whole of [work, nested]) {
        const undone = Database.transaction(Effect.andThen(whole, Effect.fail("undo" as const)))
        expect(await database.failure(undone), text).toBe("undo")
        expect(await count(), text).toBe(0)
      }
      // Refused before anything was sent: the transaction goes on.
      const error = await database.run(Database.transaction(work))
      expect(error, text).toMatchObject({
        _tag: "Unsupported",
        capability: "transactionBounds",
        transaction: "alive"
      })
      expect(await count(), text).toBe(1)
      await database.run(script("delete from kept"))
    }
  })

  test("words that only look like it are run", async () => {
    const text =
      `savepoint own; ${add(1)}; rollback to savepoint own; -- commit;\n` +
      `/* ; begin; */ insert into kept select 2 where ';\nbegin' = ';\nbegin'; ` +
      "release savepoint own"
    await database.run(Database.transaction(script(text)))
    expect(await count()).toBe(1)
  })

  test("a statement of effect/sql is told the same", async () => {
    const ask = (text: string) =>
      Effect.flatMap(SqlClient.SqlClient, (client) => client.unsafe(text)).pipe(
        Effect.provide(layerSqlClient)
      )
    const alone = await database.run(Effect.flip(ask("begin")))
    expect(String(alone.cause ?? alone)).toMatch(/left open/)
    const inside = Database.transaction(Effect.andThen(script(add(1)), Effect.flip(ask("commit"))))
    const undone = Effect.andThen(inside, Effect.fail("undo" as const))
    expect(await database.failure(Database.transaction(undone))).toBe("undo")
    expect(await count()).toBe(0)
  })
})
