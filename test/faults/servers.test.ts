import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { Database } from "../../src/effects/Database.ts"
import type { DatabaseError } from "../../src/effects/DatabaseError.ts"
import type { OpenSettings } from "../../src/effects/open.ts"
import { type OwnServer, ownServer } from "../support/databases.ts"
import { layerFor, sql } from "../effects/support/handmade.ts"
import * as Layer from "effect/Layer"

const uncaught: Array<unknown> = []
process.on("uncaughtException", (error) => uncaught.push(error))
process.on("unhandledRejection", (error) => uncaught.push(error))

/** What the server itself says is going on. */
const texts = {
  postgres: {
    running:
      "select count(*) from pg_stat_activity " +
      "where query like '%pg_sleep(10)%' and state = 'active' and pid <> pg_backend_pid()",
    atWork:
      "select count(*) from pg_stat_activity where state like 'idle in transaction%' or " +
      "(state = 'active' and pid <> pg_backend_pid() and backend_type = 'client backend')"
  },
  mariadb: {
    running:
      "select count(*) from information_schema.processlist " +
      "where info like '%sleep(10)%' and id <> connection_id()",
    atWork: "select count(*) from information_schema.innodb_trx"
  }
} as const

const failureOf = <A, E>(exit: Exit.Exit<A, E>): DatabaseError => {
  assert.isTrue(Exit.isFailure(exit) && !Exit.hasDies(exit), "a typed failure, no defect")
  return (exit as Exit.Failure<A, E>).cause.reasons.find(Cause.isFailReason)!.error as DatabaseError
}

describe.each(["postgres", "mariadb"] as const)("faults of %s", (name) => {
  let server: OwnServer
  beforeAll(async () => {
    server = await ownServer(name)
  })
  afterAll(() => server?.remove())

  // A stopped process may finish what it has begun.
  const frozen = Effect.suspend(() => Effect.promise(() => server.freeze())).pipe(
    Effect.andThen(Effect.sleep(30))
  )
  const isPostgres = name === "postgres"
  const innodb = isPostgres ? "" : " engine=innodb"
  const whoAmI = Effect.map(
    Database.one(sql(isPostgres ? "select pg_backend_pid()" : "select connection_id()")),
    (row) => Number(row[0])
  )
  const kill = (id: number) =>
    Database.script(isPostgres ? `select pg_terminate_backend(${id})` : `kill ${id}`)
  const sleeping = Database.all(sql(isPostgres ? "select pg_sleep(10)" : "select sleep(10)"))
  const running = Effect.map(Database.one(sql(texts[name].running)), (row) => Number(row[0]))
  const url = () => {
    const address = new URL(server.url)
    if (!isPostgres) address.pathname = "/faults"
    return address.href
  }
  const layer = (settings: OpenSettings = {}) =>
    Layer.unwrap(Effect.sync(() => Layer.orDie(layerFor(name, url(), settings))))
  const on = <A, E>(body: Effect.Effect<A, E, Database>, settings: OpenSettings = {}) =>
    Effect.gen(function* () {
      const value = yield* body
      const { pool } = yield* Database
      assert.deepStrictEqual(
        [pool.stats().used, pool.stats().waiting],
        [0, 0],
        "the ledger balances"
      )
      assert.deepStrictEqual(uncaught, [])
      return value
    }).pipe(Effect.provide(layer(settings)))

  const prepare = Effect.gen(function* () {
    yield* Database.script("drop table if exists notes")
    yield* Database.run(
      sql(`create table notes (id integer primary key, body varchar(20))${innodb}`)
    )
  })
  const add = (id: number) => Database.run(sql("insert into notes values (?, ?)", id, "x"))
  const stored = Effect.map(Database.all(sql("select id from notes order by id")), (rows) =>
    rows.map((row) => Number(row[0]))
  )
  beforeAll(async () => {
    if (isPostgres) return
    await Effect.runPromise(
      Effect.provide(
        Database.script("create database if not exists faults"),
        Layer.orDie(layerFor(name, server.url))
      )
    )
  })

  it.live("a backend killed between two statements is replaced", () =>
    on(
      Effect.gen(function* () {
        const first = yield* whoAmI
        yield* Effect.scoped(Effect.provide(kill(first), layer()))
        yield* Effect.sleep(50)
        const second = yield* whoAmI
        assert.notStrictEqual(second, first)
      })
    )
  )

  it.live("a backend killed in flight is a typed loss, and the pool recovers", () =>
    on(
      Effect.gen(function* () {
        for (let round = 0; round < 3; round++) {
          const victim = yield* whoAmI
          const fiber = yield* Effect.forkChild(Effect.exit(sleeping), { startImmediately: true })
          yield* Effect.sleep(50)
          yield* Effect.provide(kill(victim), layer())
          const error = failureOf(yield* Fiber.join(fiber))
          assert.strictEqual(error._tag, "ConnectionLost")
          assert.isTrue(error.retryable)
        }
        assert.isNumber(yield* whoAmI)
      }),
      { pool: { size: 1 } }
    )
  )

  it.live("a backend killed inside a transaction dooms it; nothing of it is stored", () =>
    on(
      Effect.gen(function* () {
        yield* prepare
        const exit = yield* Effect.exit(
          Database.transaction(
            Effect.gen(function* () {
              yield* add(1)
              const victim = yield* whoAmI
              yield* Effect.provide(kill(victim), layer())
              yield* Effect.sleep(50)
              yield* Effect.exit(add(2))
              yield* add(3)
            })
          )
        )
        const error = failureOf(exit)
        assert.strictEqual(error._tag, "TransactionDoomed")
        assert.strictEqual(
          error._tag === "TransactionDoomed" && error.reason._tag,
          "ConnectionLost"
        )
        assert.isTrue(error.retryable)
        assert.deepStrictEqual(yield* stored, [])
      })
    )
  )

  it.live("an interrupted statement is stopped on the server and the connection is kept", () =>
    on(
      Effect.gen(function* () {
        const before = yield* whoAmI
        const startedAt = performance.now()
        const result = yield* Effect.timeoutOption(sleeping, 150)
        assert.strictEqual(result._tag, "None")
        assert.isBelow(performance.now() - startedAt, 350)
        assert.strictEqual(yield* running, 0)
        assert.strictEqual(yield* whoAmI, before)
      }),
      { pool: { size: 1 } }
    )
  )

  it.live("a statement interrupted inside a savepoint leaves the transaction usable", () =>
    on(
      Effect.gen(function* () {
        yield* prepare
        yield* Database.transaction(
          Effect.gen(function* () {
            yield* add(1)
            const result = yield* Effect.timeoutOption(
              Database.transaction(Effect.andThen(add(2), sleeping)),
              100
            )
            assert.strictEqual(result._tag, "None")
            yield* add(3)
          })
        )
        assert.deepStrictEqual(yield* stored, [1, 3])
      })
    )
  )

  it.live("a deadlock is broken, typed, and a retried transaction succeeds", () =>
    on(
      Effect.gen(function* () {
        yield* prepare
        yield* add(1)
        yield* add(2)
        const met = [yield* Deferred.make<void>(), yield* Deferred.make<void>()] as const
        const seen: Array<DatabaseError> = []
        const touch = (id: number) =>
          Database.run(sql("update notes set body = ? where id = ?", "y", id))
        const worker = (mine: 0 | 1) =>
          Database.transaction(
            Effect.gen(function* () {
              yield* touch(mine + 1)
              yield* Deferred.succeed(met[mine], undefined)
              yield* Deferred.await(met[(1 - mine) as 0 | 1])
              yield* Effect.tapError(touch(2 - mine), (error) =>
                Effect.sync(() => void seen.push(error))
              )
            }),
            { retry: Schedule.recurs(20) }
          )
        yield* Effect.all([worker(0), worker(1)], { concurrency: 2 })
        // One at least; who begins again may meet the other once more.
        assert.isAbove(seen.length, 0)
        for (const error of seen) {
          assert.strictEqual(error._tag, "Deadlock")
          assert.strictEqual(error.transaction, isPostgres ? "doomed" : "ended")
        }
      })
    )
  )

  it.live("after a deadlock swallowed by the body nothing commits by itself", () =>
    on(
      Effect.gen(function* () {
        yield* prepare
        yield* add(1)
        yield* add(2)
        const met = [yield* Deferred.make<void>(), yield* Deferred.make<void>()] as const
        const touch = (id: number) =>
          Database.run(sql("update notes set body = ? where id = ?", "y", id))
        const worker = (mine: 0 | 1) =>
          Effect.exit(
            Database.transaction(
              Effect.gen(function* () {
                yield* add(10 + mine)
                yield* touch(mine + 1)
                yield* Deferred.succeed(met[mine], undefined)
                yield* Deferred.await(met[(1 - mine) as 0 | 1])
                yield* Effect.exit(touch(2 - mine))
                yield* Effect.exit(add(20 + mine))
              })
            )
          )
        const exits = yield* Effect.all([worker(0), worker(1)], { concurrency: 2 })
        assert.strictEqual(exits.filter(Exit.isFailure).length, 1)
        const winner = Exit.isSuccess(exits[0]) ? 0 : 1
        assert.deepStrictEqual(yield* stored, [1, 2, 10 + winner, 20 + winner])
        assert.strictEqual(failureOf(exits[1 - winner]!)._tag, "TransactionDoomed")
      })
    )
  )

  it.live(
    "a lock that does not come free undoes the statement, and says what of the transaction",
    () =>
      on(
        Effect.gen(function* () {
          yield* prepare
          yield* add(1)
          const held = yield* Deferred.make<void>()
          const holder = yield* Effect.forkChild(
            Database.transaction(
              Effect.gen(function* () {
                yield* Database.run(sql("update notes set body = ? where id = ?", "held", 1))
                yield* Deferred.succeed(held, undefined)
                yield* Effect.never
              })
            )
          )
          yield* Deferred.await(held)
          const error = yield* Effect.flip(
            Database.transaction(
              Effect.gen(function* () {
                yield* Database.script(
                  isPostgres
                    ? "set local lock_timeout = '50ms'"
                    : "set innodb_lock_wait_timeout = 1"
                )
                return yield* Database.run(
                  sql("update notes set body = ? where id = ?", "wanted", 1)
                )
              })
            )
          )
          assert.strictEqual(error._tag, "LockTimeout")
          assert.strictEqual(error.transaction, isPostgres ? "doomed" : "alive")
          yield* Fiber.interrupt(holder)
        })
      )
  )

  it.live(
    "a frozen server: the caller's deadline holds at a statement, at BEGIN and in the body",
    () =>
      on(
        Effect.gen(function* () {
          yield* prepare
          const timed = <A, E>(body: Effect.Effect<A, E, Database>) =>
            Effect.gen(function* () {
              const startedAt = performance.now()
              const result = yield* Effect.timeoutOption(body, 300)
              assert.strictEqual(result._tag, "None")
              assert.isBelow(performance.now() - startedAt, 550)
            })
          yield* whoAmI
          yield* frozen
          yield* timed(add(1))
          yield* Effect.promise(() => server.thaw())
          yield* whoAmI
          yield* frozen
          yield* timed(Database.transaction(add(2)))
          yield* Effect.promise(() => server.thaw())
          yield* timed(
            Database.transaction(
              Effect.gen(function* () {
                yield* add(3)
                yield* frozen
                yield* add(4)
              })
            )
          )
          yield* Effect.promise(() => server.thaw())
          yield* Effect.sleep(100)
          assert.notInclude(yield* stored, 3)
        }).pipe(Effect.ensuring(Effect.promise(() => server.thaw()))),
        { pool: { size: 2, pingAfter_ms: 60_000 } }
      )
  )

  it.live("BEGIN that gets no answer: the original error, retryable, after its own deadline", () =>
    on(
      Effect.gen(function* () {
        yield* whoAmI
        yield* frozen
        const texts: Array<string> = []
        const error = yield* Effect.flip(Database.transaction(add(1))).pipe(
          Effect.provideService(Database.Tap, (event) => void texts.push(event.text))
        )
        yield* Effect.promise(() => server.thaw())
        assert.strictEqual("_tag" in error && error._tag, "ConnectionLost")
        assert.isTrue("retryable" in error && error.retryable)
        assert.strictEqual(texts.length, 1, "no ROLLBACK was sent")
      }).pipe(Effect.ensuring(Effect.promise(() => server.thaw()))),
      { pool: { pingAfter_ms: 60_000 }, deadlines: { control_ms: 200 } }
    )
  )

  it.live("COMMIT that gets no answer is an unknown outcome, never retried", () =>
    on(
      Effect.gen(function* () {
        yield* prepare
        let runs = 0
        const outcomes: Array<string> = []
        const error = yield* Effect.flip(
          Database.transaction(
            Effect.gen(function* () {
              runs++
              yield* add(1)
              yield* frozen
            }),
            { retry: Schedule.recurs(3) }
          )
        ).pipe(
          Effect.provideService(Database.Participant, {
            snapshot: () => (outcome) => void outcomes.push(outcome)
          })
        )
        yield* Effect.promise(() => server.thaw())
        assert.strictEqual("_tag" in error && error._tag, "CommitOutcomeUnknown")
        assert.strictEqual(runs, 1)
        assert.deepStrictEqual(outcomes, ["unknown"])
      }).pipe(Effect.ensuring(Effect.promise(() => server.thaw()))),
      { deadlines: { commit_ms: 200 } }
    )
  )

  it.live(
    "a restarted server is back at the first borrow",
    () =>
      on(
        Effect.gen(function* () {
          yield* prepare
          yield* Effect.all(
            Array.from({ length: 4 }, () => whoAmI),
            { concurrency: 4 }
          )
          yield* Effect.promise(() => server.stop("fast"))
          const down = yield* Effect.flip(whoAmI)
          assert.include(["ConnectFailed", "ConnectionLost"], down._tag)
          assert.isTrue(down.retryable)
          yield* Effect.promise(() => server.start())
          const startedAt = performance.now()
          yield* add(1)
          assert.isBelow(performance.now() - startedAt, 1000)
        })
      ),
    60_000
  )

  it.live(
    "a killed server: a typed loss for who is in a transaction, then service again",
    () =>
      on(
        Effect.gen(function* () {
          yield* prepare
          // Test servers acknowledge before they write: what kill -9 may not take is written here.
          if (isPostgres) yield* Database.script("checkpoint")
          const exit = yield* Effect.exit(
            Database.transaction(
              Effect.gen(function* () {
                yield* add(1)
                yield* Effect.promise(() => server.kill())
                yield* add(2)
              })
            )
          )
          assert.isTrue(Exit.isFailure(exit) && !Exit.hasDies(exit))
          yield* Effect.promise(() => server.start())
          assert.deepStrictEqual(yield* stored, [])
        })
      ),
    60_000
  )

  it.live(
    "500 statements interrupted at random leave no connection lost and nothing running",
    () =>
      on(
        Effect.gen(function* () {
          yield* prepare
          const quick = Database.all(
            sql(isPostgres ? "select pg_sleep(0.003)" : "select sleep(0.003)")
          )
          yield* Effect.forEach(
            Array.from({ length: 500 }, (_, at) => at),
            (at) =>
              Effect.exit(
                Effect.timeoutOption(
                  at % 3 === 0 ? Database.transaction(Effect.andThen(add(at), quick)) : quick,
                  (at * 7) % 9
                )
              ),
            { concurrency: 20, discard: true }
          )
          const { pool } = yield* Database
          const stats = pool.stats()
          assert.strictEqual(stats.open, stats.idle)
          // A backend whose connection was cut learns of it at its next word. InnoDB shows its
          // transactions as they were at the last look until 100 ms pass without one.
          const atWork = Effect.map(Database.one(sql(texts[name].atWork)), (row) => Number(row[0]))
          let open = yield* atWork
          for (let turn = 0; turn < 40 && open > 0; turn++) {
            yield* Effect.sleep(150)
            open = yield* atWork
          }
          assert.strictEqual(open, 0)
        }),
        { pool: { size: 5 } }
      ),
    60_000
  )
})
