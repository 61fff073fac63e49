import { Database, Query, sql, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import { engines, place, type Program, program, servers } from "./engine-support.ts"

const add = (id: number) => Database.run(Query.insert(notes).values({ id }))
const stored = Database.all(Query.from(notes).orderBy(notes.c.id).select(notes.c.id))

/** What the server itself says of the transaction of this connection. */
const fateByServer = Effect.flatMap(Database, ({ dialect }) =>
  dialect === "postgres"
    ? Database.one(Query.select(sql(Type.boolean)`pg_current_xact_id_if_assigned() is not null`))
    : Database.one(
        Query.select(
          sql(Type.boolean)`(select count(*) from information_schema.innodb_trx
            where trx_mysql_thread_id = connection_id())`
        )
      )
)

describe.each(engines)("the fate of a transaction on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  let other: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    other = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
    if (engine === "sqlite") {
      await database.run(
        Database.script(
          "CREATE TRIGGER fatal BEFORE INSERT ON notes WHEN NEW.id = 666 " +
            "BEGIN SELECT RAISE(ROLLBACK, 'no'); END"
        )
      )
    }
  })
  beforeEach(() => database.run(Database.run(Query.deleteFrom(notes).everyRow())))
  afterAll(async () => {
    await database.dispose()
    await other.dispose()
    await own.drop()
  })

  /** A failure after which the server will not go on with the transaction. */
  const fatal =
    engine === "postgres"
      ? add(1)
      : engine === "sqlite"
        ? add(666)
        : Effect.flatMap(Database.one(Query.select(sql(Type.count)`connection_id()`)), (id) =>
            Effect.andThen(
              Effect.promise(() => other.run(Database.script(`KILL ${id}`))),
              Effect.andThen(Effect.sleep(30), add(5))
            )
          )

  test("after a fatal error all statements fail typed, COMMIT too [F26.1 F26.2]", async () => {
    const inside: Array<unknown> = []
    const outside = await database.failure(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(1)
          const reason = yield* Effect.flip(fatal)
          expect(["doomed", "ended"]).toContain(reason.transaction)
          for (const id of [2, 3]) inside.push((yield* Effect.flip(add(id)))._tag)
          inside.push((yield* Effect.flip(stored))._tag)
          inside.push((yield* Effect.flip(Database.transaction(add(4))))._tag)
        })
      )
    )
    expect(inside).toEqual(Array(4).fill("TransactionDoomed"))
    expect(outside).toMatchObject({ _tag: "TransactionDoomed", operation: "commit" })
    expect(await other.run(stored)).toEqual([])
    // The connection is as good as new.
    await database.run(Database.transaction(add(9)))
    expect(await other.run(stored)).toEqual([9])
  })

  test("an error says whether the transaction lives, and it is so [F26.3]", async () => {
    const alone = await database.failure(Effect.andThen(add(1), add(1)))
    expect(alone).toMatchObject({ _tag: "UniqueViolation", transaction: "ended" })
    const lives = engine !== "postgres"
    const said = await database.exit(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(2)
          const error = yield* Effect.flip(add(2))
          expect(error).toMatchObject({
            _tag: "UniqueViolation",
            transaction: lives ? "alive" : "doomed"
          })
          if (engine === "mariadb") expect(yield* fateByServer).toBe(true)
          yield* add(3)
        })
      )
    )
    expect(said._tag).toBe(lives ? "Success" : "Failure")
    expect(await other.run(stored)).toEqual(lives ? [1, 2, 3] : [1])
  })

  test("rolled back to the savepoint before the failure, it works again [F26.4]", async () => {
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(1)
          yield* Effect.flip(Database.transaction(Effect.andThen(Effect.flip(add(1)), add(1))))
          yield* add(2)
        })
      )
    )
    expect(await other.run(stored)).toEqual([1, 2])
  })
})

describe.each(servers)("isolation on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(catalog))
    await database.run(Database.run(Query.insert(notes).rows([1, 2].map((id) => ({ id })))))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  const level =
    engine === "postgres"
      ? Database.one(Query.select(sql(Type.text)`current_setting('transaction_isolation')`))
      : Effect.andThen(
          Database.run(Query.update(notes).set({ body: "seen" }).where(notes.c.id.eq(1))),
          Database.one(
            Query.select(
              sql(Type.text)`(select lower(trx_isolation_level) from information_schema.innodb_trx
                where trx_mysql_thread_id = connection_id())`
            )
          )
        )
  const levels = ["read uncommitted", "read committed", "repeatable read", "serializable"] as const

  test("each level holds for its transaction, as the server says [F25.1]", async () => {
    for (const isolation of levels) {
      // The server's list of transactions is made anew every tenth of a second.
      if (engine === "mariadb") await new Promise((next) => setTimeout(next, 110))
      expect(await database.run(Database.transaction(level, { isolation }))).toBe(isolation)
    }
  })

  test("the next borrower of the connection has the level of the server [F25.2]", async () => {
    const single = program(own.url, { pool: { size: 1 } })
    const wait = Effect.sleep(engine === "mariadb" ? 110 : 0)
    await single.run(wait)
    const usual = await single.run(Database.transaction(level))
    const next = await single.run(
      Effect.gen(function* () {
        yield* wait
        yield* Database.transaction(level, { isolation: "serializable" })
        yield* wait
        return yield* Database.transaction(level)
      })
    )
    expect(next).toBe(usual)
    expect(usual).not.toBe("serializable")
    await single.dispose()
  })

  test("two that conflict: one typed and retryable, and the retry succeeds [F25.5]", async () => {
    const met = [Deferred.makeUnsafe<void>(), Deferred.makeUnsafe<void>()] as const
    const seen: Array<{ readonly _tag: string; readonly retryable: boolean }> = []
    const body = (mine: 0 | 1) =>
      Effect.gen(function* () {
        yield* Database.all(Query.from(notes))
        yield* Deferred.succeed(met[mine], undefined)
        yield* Deferred.await(met[mine === 0 ? 1 : 0])
        yield* Database.run(
          Query.update(notes)
            .set({ body: `by ${mine}` })
            .where(notes.c.id.eq(mine + 1))
        )
      })
    const worker = (mine: 0 | 1) => {
      const once = Effect.tapError(body(mine), (error) => Effect.sync(() => void seen.push(error)))
      return Database.transaction(once, { isolation: "serializable", retry: Schedule.recurs(3) })
    }
    const { counting } = database
    const { texts } = await counting(Effect.all([worker(0), worker(1)], { concurrency: 2 }))
    const began = texts.filter((text) => /^(BEGIN|START)/.test(text))
    expect(began).toHaveLength(3)
    for (const error of seen) {
      expect(error).toMatchObject({
        _tag: engine === "postgres" ? "SerializationFailure" : "Deadlock",
        retryable: true
      })
    }
    const bodies = await database.run(
      Database.all(Query.from(notes).orderBy(notes.c.id).select(notes.c.body))
    )
    expect(bodies).toEqual(["by 0", "by 1"])
  })
})

describe("isolation on sqlite", () => {
  test("two that conflict: one typed and retryable, and the retry succeeds [F25.5]", async () => {
    const own = await place("sqlite")
    const [one, two] = [program(own.url), program(own.url)]
    await one.run(Database.create(catalog))
    const gate = Deferred.makeUnsafe<void>()
    const holding = one.run(Database.transaction(Effect.andThen(add(1), Deferred.await(gate))))
    const hasty = Sqlite.layer({ file: own.url.slice("sqlite:".length), busyTimeout_ms: 20 })
    const error = await two.run(Effect.provide(Effect.flip(Database.transaction(add(2))), hasty))
    expect(error).toMatchObject({ _tag: "Busy", operation: "begin", retryable: true })
    const retry = Schedule.spaced("20 millis")
    const waiting = two.run(
      Effect.provide(Database.transaction(add(2), { isolation: "serializable", retry }), hasty)
    )
    await new Promise((next) => setTimeout(next, 60))
    await two.run(Deferred.succeed(gate, undefined))
    await holding
    await waiting
    expect(await one.run(stored)).toEqual([1, 2])
    await one.dispose()
    await two.dispose()
    await own.drop()
  })
})

describe.each(engines)("reading only on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("a write in a transaction for reading is refused typed [F25.4]", async () => {
    const error = await database.failure(Database.transaction(add(1), { readOnly: true }))
    expect(error).toMatchObject({ _tag: "ReadOnly" })
    await database.run(Database.transaction(add(2)))
    expect(await database.run(stored)).toEqual([2])
  })
})
