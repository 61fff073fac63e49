import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { classify, isCancelled } from "../../src/effects/classify/postgres.ts"
import { Database } from "../../src/effects/Database.ts"
import type { Connection, Done, Driver } from "../../src/effects/Driver.ts"
import type { Intercept } from "../../src/effects/Engine.ts"
import { open, type OpenSettings } from "../../src/effects/open.ts"
import { RollbackFailed } from "../../src/effects/transactions/boundary.ts"
import { makeLedger, type Ledger } from "./support/fakeConnection.ts"
import { handmade, sql } from "./support/handmade.ts"

/** What the server answers to a text: null is fine, else its error. */
type Script = (text: string) => { readonly code: string } | null

const serverError = (code: string): object => ({ code, severity: "ERROR", message: "scripted" })

/** A PostgreSQL that answers by script, and all it was sent. */
const scripted = (ledger: Ledger, sent: Array<string>, script: Script): Driver => ({
  dialect: "postgres",
  host: "a double",
  connect: Effect.sync((): Connection => {
    const fake = ledger.make()
    let state: "none" | "open" | "failed" = "none"
    let hanging: Done | null = null
    const cancel = (): void => {
      const done = hanging
      hanging = null
      if (script("cancel") === null) done?.(null, { rows: [], affected: 0, tag: "" })
      else done?.(serverError("57014"), null)
    }
    const answer: Connection["send"] = ({ text }, done) => {
      sent.push(text)
      const refused = script(text)
      if (refused !== null) {
        if (state === "open") state = "failed"
        return done(serverError(refused.code), null)
      }
      if (text === "select never") return void (hanging = done)
      if (text === "select poison") state = "failed"
      const ended = text === "COMMIT" && state === "failed"
      if (text.startsWith("BEGIN")) state = "open"
      if (text === "COMMIT" || text === "ROLLBACK") state = "none"
      done(null, { rows: [], affected: 1, tag: ended ? "ROLLBACK" : text })
    }
    return {
      ...fake,
      cancel,
      send: answer,
      isIdle: () => state === "none",
      transaction: () => state
    }
  }),
  classify,
  isCancelled,
  ping: null,
  maxConnections: null,
  busyTimeout_ms: 0,
  location: { address: null, port: null, namespace: null }
})

const on = <A, E>(
  script: Script,
  body: (sent: Array<string>, ledger: Ledger) => Effect.Effect<A, E, Database>,
  settings: OpenSettings = {}
) => {
  const ledger = makeLedger()
  const sent: Array<string> = []
  const driver = Effect.succeed(scripted(ledger, sent, script))
  const layer = Layer.orDie(Layer.effect(Database, open(driver, settings, handmade)))
  return Effect.provide(body(sent, ledger), layer)
}

const failing =
  (text: string, code: string): Script =>
  (asked) =>
    asked.startsWith(text) ? { code } : null

describe("a transaction on a server that answers by script", () => {
  it.live("a failing BEGIN is reported as it is, and no ROLLBACK follows", () =>
    on(failing("BEGIN", "53300"), (sent) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Database.transaction(Database.run(sql("insert into t"))))
        assert.strictEqual(error._tag, "UnexpectedDriverError")
        assert.deepStrictEqual(sent, ["BEGIN"])
        assert.strictEqual((yield* Database).pool.stats().used, 0)
      })
    )
  )

  it.live("a failing SAVEPOINT is reported as it is", () =>
    on(failing("SAVEPOINT", "40001"), (sent) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Database.transaction(Database.transaction(Effect.void)))
        assert.strictEqual(error._tag, "SerializationFailure")
        assert.deepStrictEqual(sent, ["BEGIN", "SAVEPOINT athanor_1", "ROLLBACK"])
      })
    )
  )

  it.live("a failing ROLLBACK is attached, never put in place, and costs the connection", () =>
    on(failing("ROLLBACK", "XX000"), (_sent, ledger) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(Database.transaction(Effect.fail("original" as const)))
        assert.isTrue(Exit.isFailure(exit))
        if (!Exit.isFailure(exit)) return
        assert.deepStrictEqual(
          Cause.findErrorOption(exit.cause),
          Cause.findErrorOption(Cause.fail("original"))
        )
        const attached = Context.getOrUndefined(Cause.annotations(exit.cause), RollbackFailed)
        assert.strictEqual(attached?._tag, "UnexpectedDriverError")
        assert.strictEqual(ledger.open(), 0)
      })
    )
  )

  it.live("a savepoint that cannot be undone dooms the transaction", () =>
    on(failing("ROLLBACK TO", "XX000"), (sent) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Database.transaction(
            Effect.gen(function* () {
              yield* Effect.exit(Database.transaction(Effect.fail("inner")))
              yield* Effect.exit(Database.run(sql("insert into t")))
            })
          )
        )
        assert.strictEqual(error._tag, "TransactionDoomed")
        assert.notInclude(sent, "insert into t")
        assert.notInclude(sent, "COMMIT")
      })
    )
  )

  it.live("a COMMIT refused for lack of a serial order is typed and may be retried", () =>
    on(failing("COMMIT", "40001"), (sent) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Database.transaction(Effect.void))
        assert.strictEqual(error._tag, "SerializationFailure")
        assert.isTrue(error.retryable)
        assert.deepStrictEqual([error.operation, error.transaction], ["commit", "ended"])
        assert.deepStrictEqual(sent, ["BEGIN", "COMMIT", "ROLLBACK"])
      })
    )
  )

  it.live("what a statement's error dooms is never committed, although the body caught it", () =>
    on(failing("insert", "23505"), (sent) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Database.transaction(Effect.exit(Database.run(sql("insert into t"))))
        )
        assert.strictEqual(
          error._tag === "TransactionDoomed" && error.reason._tag,
          "UniqueViolation"
        )
        assert.deepStrictEqual(sent, ["BEGIN", "insert into t", "ROLLBACK"])
      })
    )
  )

  it.live("intercept wraps every statement and may answer itself", () => {
    const seen: Array<string> = []
    const intercept: Intercept = (compiled, next) => {
      seen.push(compiled.text)
      return compiled.text.includes("two")
        ? Effect.succeed({ rows: [], affected: 2, tag: "" })
        : next
    }
    return on(
      () => null,
      (sent) =>
        Effect.gen(function* () {
          assert.strictEqual(yield* Database.run(sql("insert into one")), 1)
          assert.strictEqual(yield* Database.run(sql("insert into two")), 2)
          assert.deepStrictEqual(seen, ["insert into one", "insert into two"])
          assert.deepStrictEqual(sent, ["insert into one"])
        }),
      { intercept }
    )
  })

  it.live("a COMMIT that the server answers with ROLLBACK is a failure", () =>
    on(
      () => null,
      () =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(Database.transaction(Database.all(sql("select poison"))))
          assert.strictEqual(error._tag, "TransactionDoomed")
        })
    )
  )

  it.live("a savepoint that cannot be released dooms the transaction", () =>
    on(failing("RELEASE", "XX000"), (sent) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Database.transaction(
            Effect.gen(function* () {
              yield* Effect.exit(Database.transaction(Effect.void))
              yield* Effect.exit(Database.run(sql("insert into t")))
            })
          )
        )
        assert.strictEqual(error._tag, "TransactionDoomed")
        assert.notInclude(sent, "insert into t")
      })
    )
  )

  it.live("an interrupted statement keeps its connection only if the server said it stopped", () =>
    Effect.gen(function* () {
      const interrupted = Effect.timeoutOption(Database.all(sql("select never")), 5)
      yield* on(failing("cancel", "57014"), (_sent, ledger) =>
        Effect.gen(function* () {
          yield* interrupted
          assert.deepStrictEqual([ledger.open(), ledger.all.length], [1, 1])
        })
      )
      yield* on(
        () => null,
        (_sent, ledger) =>
          Effect.gen(function* () {
            yield* interrupted
            assert.deepStrictEqual([ledger.open(), ledger.all.length], [0, 1])
          })
      )
    })
  )
})
