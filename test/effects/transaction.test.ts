import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { Database } from "../../src/effects/Database.ts"
import { Deadlock } from "../../src/effects/DatabaseError.ts"
import {
  type Outcome,
  TransactionParticipant
} from "../../src/effects/transactions/TransactionParticipant.ts"
import { open } from "../../src/effects/open.ts"
import { useDatabase } from "./support/databases.ts"
import { driverFor, handmade, names, sql } from "./support/handmade.ts"

class Other extends Database.Service<Other>()("test/Other") {}

describe.each(names)("transactions on %s", (name) => {
  const { layer, url } = useDatabase(name)

  const prepare = Effect.gen(function* () {
    yield* Database.script("drop table if exists notes")
    yield* Database.run(
      sql(
        `create table notes (id integer primary key)${name === "mariadb" ? " engine=innodb" : ""}`
      )
    )
  })
  const add = (id: number) => Database.run(sql("insert into notes values (?)", id))
  const stored = Effect.map(Database.all(sql("select id from notes order by id")), (rows) =>
    rows.map((row) => Number(row[0]))
  )
  const boom = Effect.fail("boom" as const)

  const on = <A, E>(body: Effect.Effect<A, E, Database>) =>
    Effect.provide(Effect.andThen(prepare, body), layer({ pool: { size: 3 } }))

  it.live("commits what succeeds and undoes what fails", () =>
    on(
      Effect.gen(function* () {
        yield* Database.transaction(Effect.andThen(add(1), add(2)))
        assert.strictEqual(
          yield* Effect.flip(Database.transaction(Effect.andThen(add(3), boom))),
          "boom"
        )
        assert.deepStrictEqual(yield* stored, [1, 2])
        const died = yield* Effect.exit(
          Database.transaction(Effect.andThen(add(4), Effect.die("bug")))
        )
        assert.isTrue(Exit.hasDies(died))
        assert.deepStrictEqual(yield* stored, [1, 2])
        yield* add(5).pipe(Database.transaction())
        yield* add(6).pipe(Database.transaction({ isolation: "serializable" }))
        assert.deepStrictEqual(yield* stored, [1, 2, 5, 6])
      })
    )
  )

  it.live("a nested transaction is a savepoint", () =>
    on(
      Effect.gen(function* () {
        yield* Database.transaction(
          Effect.gen(function* () {
            yield* add(1)
            yield* Effect.flip(Database.transaction(Effect.andThen(add(2), boom)))
            yield* Database.transaction(
              Effect.gen(function* () {
                yield* add(3)
                yield* Effect.flip(Database.transaction(Effect.andThen(add(4), boom)))
              })
            )
          })
        )
        assert.deepStrictEqual(yield* stored, [1, 3])
      })
    )
  )

  it.live("a violation inside a savepoint leaves the transaction alive on every database", () =>
    on(
      Effect.gen(function* () {
        yield* Database.transaction(
          Effect.gen(function* () {
            yield* add(1)
            const error = yield* Effect.flip(Database.transaction(add(1)))
            assert.strictEqual(error._tag, "UniqueViolation")
            yield* add(2)
          })
        )
        assert.deepStrictEqual(yield* stored, [1, 2])
      })
    )
  )

  it.live("interruption rolls back", () =>
    on(
      Effect.gen(function* () {
        const added = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(
          Database.transaction(
            Effect.andThen(add(1), Effect.andThen(Deferred.succeed(added, undefined), Effect.never))
          )
        )
        yield* Deferred.await(added)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* stored, [])
        assert.strictEqual((yield* Database).pool.stats().used, 0)
      })
    )
  )

  it.live("a fiber that outlives its transaction is refused, never committed by itself", () =>
    on(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const leaked = yield* Database.transaction(
          Effect.andThen(
            add(1),
            Effect.forkDetach(Effect.andThen(Deferred.await(gate), add(2)), {
              startImmediately: true
            })
          )
        )
        yield* Deferred.succeed(gate, undefined)
        const exit = yield* Fiber.await(leaked)
        assert.strictEqual(
          Exit.isFailure(exit) &&
            Cause.findErrorOption(exit.cause).pipe((o) => (o._tag === "Some" ? o.value._tag : "")),
          "TransactionClosed"
        )
        assert.deepStrictEqual(yield* stored, [1])
      })
    )
  )

  it.live("a leaked savepoint is refused too, and takes nothing with it", () =>
    on(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const inside = yield* Deferred.make<void>()
        const leaked = yield* Database.transaction(
          Effect.gen(function* () {
            const fiber = yield* Effect.forkDetach(
              Database.transaction(
                Effect.gen(function* () {
                  yield* Deferred.succeed(inside, undefined)
                  yield* Deferred.await(gate)
                  yield* add(2)
                })
              ),
              { startImmediately: true }
            )
            yield* Deferred.await(inside)
            return fiber
          })
        )
        yield* Deferred.succeed(gate, undefined)
        const exit = yield* Fiber.await(leaked)
        assert.isTrue(Exit.isFailure(exit))
        assert.deepStrictEqual(yield* stored, [])
        yield* add(3)
        assert.deepStrictEqual(yield* stored, [3])
      })
    )
  )

  it.live("a sibling's statement never falls into another fiber's savepoint", () =>
    on(
      Effect.gen(function* () {
        yield* Database.transaction(
          Effect.gen(function* () {
            const inside = yield* Deferred.make<void>()
            const sibling = yield* Effect.forkChild(
              Effect.andThen(Deferred.await(inside), add(11)),
              { startImmediately: true }
            )
            yield* Effect.flip(
              Database.transaction(
                Effect.gen(function* () {
                  yield* add(1)
                  yield* Deferred.succeed(inside, undefined)
                  yield* Effect.sleep(20)
                  yield* add(2)
                  return yield* boom
                })
              )
            )
            yield* Fiber.join(sibling)
          })
        )
        assert.deepStrictEqual(yield* stored, [11])
      })
    )
  )

  it.live("sibling savepoints take turns", () =>
    on(
      Effect.gen(function* () {
        yield* Database.transaction(
          Effect.forEach(
            [1, 2, 3, 4, 5, 6],
            (id) =>
              Effect.exit(
                Database.transaction(
                  Effect.gen(function* () {
                    yield* add(id)
                    yield* Effect.sleep(id % 3)
                    if (id % 2 === 0) return yield* boom
                  })
                )
              ),
            { concurrency: "unbounded" }
          )
        )
        assert.deepStrictEqual(yield* stored, [1, 3, 5])
      })
    )
  )

  it.live("parallel statements of one transaction all run in it", () =>
    on(
      Effect.gen(function* () {
        const ids = Array.from({ length: 50 }, (_, at) => at)
        yield* Effect.flip(
          Database.transaction(
            Effect.andThen(Effect.forEach(ids, add, { concurrency: "unbounded" }), boom)
          )
        )
        assert.deepStrictEqual(yield* stored, [])
        yield* Database.transaction(Effect.forEach(ids, add, { concurrency: "unbounded" }))
        assert.strictEqual((yield* stored).length, 50)
      })
    )
  )

  it.live("statements outside the transaction do not see it until it commits", () =>
    on(
      Effect.gen(function* () {
        if (name === "sqlite") return
        const engine = yield* Database
        yield* Database.transaction(
          Effect.gen(function* () {
            yield* add(1)
            const outside = yield* Effect.provideService(stored, engine.current, null)
            assert.deepStrictEqual(outside, [])
          })
        )
      })
    )
  )

  it.live("two databases never capture each other's transaction", () =>
    on(
      Effect.gen(function* () {
        const other = yield* open(driverFor(name, url()), { pool: { size: 1 } }, handmade)
        yield* Effect.gen(function* () {
          yield* Other.script("drop table if exists others")
          yield* Other.run(sql("create table others (id integer)"))
          yield* Effect.flip(
            Database.transaction(
              Effect.gen(function* () {
                yield* add(1)
                yield* Other.run(sql("insert into others values (?)", 1))
                return yield* boom
              })
            )
          )
          assert.strictEqual((yield* Other.all(sql("select id from others"))).length, 1)
          assert.deepStrictEqual(yield* stored, [])
        }).pipe(Effect.provideService(Other, other))
      }).pipe(Effect.scoped)
    )
  )

  it.live("participants are told of every level, inner ends first", () =>
    on(
      Effect.gen(function* () {
        const told: Array<string> = []
        let count = 0
        const participant = {
          snapshot: () => {
            const at = ++count
            told.push(`begin ${at}`)
            return (outcome: Outcome) => void told.push(`${outcome} ${at}`)
          }
        }
        yield* Database.transaction(
          Effect.gen(function* () {
            yield* Database.transaction(add(1))
            yield* Effect.flip(Database.transaction(boom))
          })
        ).pipe(Effect.provideService(TransactionParticipant, participant))
        yield* Effect.flip(Database.transaction(boom)).pipe(
          Effect.provideService(TransactionParticipant, participant)
        )
        assert.deepStrictEqual(told, [
          "begin 1",
          "begin 2",
          "released 2",
          "begin 3",
          "rolledBack 3",
          "committed 1",
          "begin 4",
          "rolledBack 4"
        ])
      })
    )
  )

  it.live(
    "retry runs the whole transaction again, at depth 0 only, and only what may be retried",
    () =>
      on(
        Effect.gen(function* () {
          let runs = 0
          const deadlock = new Deadlock({
            message: "made up",
            dialect: name,
            operation: "update",
            retryable: true,
            transaction: "ended"
          })
          yield* Database.transaction(
            Effect.gen(function* () {
              yield* add(++runs)
              yield* Effect.exit(
                Database.transaction(Effect.fail(deadlock), { retry: Schedule.recurs(5) })
              )
              if (runs < 3) return yield* Effect.fail(deadlock)
            }),
            { retry: Schedule.recurs(5) }
          )
          assert.strictEqual(runs, 3)
          assert.deepStrictEqual(yield* stored, [3])
          let others = 0
          yield* Effect.flip(
            Database.transaction(
              Effect.suspend(() => {
                others++
                return boom
              }),
              { retry: Schedule.recurs(5) }
            )
          )
          assert.strictEqual(others, 1)
        })
      )
  )

  it.live("an error that was caught still dooms what the server will not commit", () =>
    on(
      Effect.gen(function* () {
        if (name !== "postgres") return
        const error = yield* Effect.flip(
          Database.transaction(
            Effect.gen(function* () {
              yield* add(1)
              yield* Effect.exit(add(1))
              assert.strictEqual(
                (yield* Effect.orDie(Effect.flip(add(2))))._tag,
                "TransactionDoomed"
              )
            })
          )
        )
        assert.strictEqual(error._tag, "TransactionDoomed")
        assert.deepStrictEqual(yield* stored, [])
      })
    )
  )

  it.live("a script does not end the transaction it runs in: it is refused before", () =>
    on(
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Database.transaction(
            Effect.gen(function* () {
              yield* add(1)
              yield* Database.script("commit")
              yield* add(2)
            })
          )
        )
        assert.strictEqual(error._tag, "Unsupported")
        assert.deepStrictEqual(yield* stored, [])
      })
    )
  )

  it.live("one that ends it all the same stops what follows", () =>
    on(
      Effect.gen(function* () {
        if (name === "mariadb") return // there END is no statement
        const error = yield* Effect.flip(
          Database.transaction(
            Effect.gen(function* () {
              yield* add(1)
              yield* Database.script("end")
              yield* add(2)
            })
          )
        )
        assert.strictEqual(error._tag, "TransactionDoomed")
        assert.deepStrictEqual(yield* stored, [1])
      })
    )
  )

  it.live("a COMMIT that the server refuses is typed and leaves nothing", () =>
    on(
      Effect.gen(function* () {
        if (name === "mariadb") return // no deferred constraints
        yield* Database.script("drop table if exists kids")
        yield* Database.run(
          sql(
            "create table kids (id integer primary key, note_id integer references notes (id) " +
              "deferrable initially deferred)"
          )
        )
        const error = yield* Effect.flip(
          Database.transaction(
            Effect.andThen(add(1), Database.run(sql("insert into kids values (?, ?)", 1, 99)))
          )
        )
        assert.strictEqual(error._tag, "ForeignKeyViolation")
        assert.strictEqual("operation" in error && error.operation, "commit")
        assert.strictEqual("transaction" in error && error.transaction, "ended")
        assert.deepStrictEqual(yield* stored, [])
        yield* Database.transaction(add(2))
        assert.deepStrictEqual(yield* stored, [2])
        yield* Database.run(sql("drop table kids"))
      })
    )
  )

  it.live("DDL that would commit the transaction is refused", () =>
    on(
      Effect.gen(function* () {
        const exit = yield* Effect.exit(
          Database.transaction(
            Effect.andThen(add(1), Database.run(sql("create table ddl_inside (id integer)")))
          )
        )
        assert.strictEqual(Exit.isFailure(exit), name === "mariadb")
        assert.deepStrictEqual(yield* stored, name === "mariadb" ? [] : [1])
        yield* Database.script("drop table if exists ddl_inside")
      })
    )
  )

  it.live("Database.ReadOnly refuses commands", () =>
    on(
      Effect.gen(function* () {
        const { ReadOnly } = Database
        const rows = yield* Effect.provide(
          ReadOnly.all(sql("select id from notes")),
          ReadOnly.layer
        )
        assert.deepStrictEqual(rows, [])
        const error = yield* Effect.flip(
          Effect.provide(ReadOnly.all(sql("insert into notes values (?)", 1)), ReadOnly.layer)
        )
        assert.strictEqual(error._tag, "ReadOnly")
      })
    )
  )

  it.live("the tap hears statements, BEGIN and COMMIT, with their times and without values", () =>
    on(
      Effect.gen(function* () {
        const heard: Array<string> = []
        yield* Database.transaction(Database.transaction(add(77))).pipe(
          Effect.provideService(Database.Tap, (event) => {
            assert.isAtLeast(event.duration_ms, 0)
            heard.push(event.text)
          })
        )
        assert.strictEqual(heard.length, 5)
        assert.match(heard[0]!, /^(BEGIN|START TRANSACTION)/)
        assert.match(heard[1]!, /^SAVEPOINT/)
        assert.match(heard[2]!, /^insert/)
        assert.match(heard[3]!, /^RELEASE/)
        assert.strictEqual(heard[4], "COMMIT")
        assert.notInclude(heard.join(), "77")
      })
    )
  )
})
