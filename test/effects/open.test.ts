import { createServer } from "node:net"
import { once } from "node:events"
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Database } from "../../src/effects/Database.ts"
import type { ConnectionError, OpenError } from "../../src/effects/DatabaseError.ts"
import { loadPackage } from "../../src/effects/drivers/loadPackage.ts"
import type { OpenSettings } from "../../src/effects/open.ts"
import { Mysql } from "../../src/mysql.ts"
import { Postgres } from "../../src/postgres.ts"
import { Sqlite } from "../../src/sqlite.ts"
import { serverUrl } from "../support/databases.ts"

const drivers = [Sqlite, Postgres, Mysql]
const canary = "s3cret-canary"

const failing = (
  url: string,
  settings: OpenSettings = {}
): Effect.Effect<OpenError | ConnectionError> =>
  Effect.flip(
    Effect.provide(Database.server, Database.layerUrl(url, { ...settings, drivers }))
  ).pipe(Effect.orDie)

const shown = (error: unknown): string =>
  [
    String(error),
    JSON.stringify(error),
    inspect(error, { depth: 9 }),
    Cause.pretty(Cause.fail(error)),
    (error as Error).stack
  ].join()

describe("opening a database", () => {
  it.live("an unknown scheme is named, the address is not", () =>
    Effect.gen(function* () {
      const error = yield* failing(`oracle://scott:${canary}@host/db`)
      assert.strictEqual(error._tag === "ConfigInvalid" && error.culprit, "oracle")
      assert.include(error.message, "oracle")
      assert.notInclude(shown(error), canary)
    })
  )

  it.live("an address that cannot be read is refused without being shown", () =>
    Effect.gen(function* () {
      for (const url of [
        `postgres://u:${canary}@host:99999/db`,
        `postgres://u:${canary}@/db`,
        `mysql://u:%ZZ${canary}@host/db`,
        canary,
        `postgres://u:${canary}@host/db?sslmode=sometimes`,
        `postgres://u:${canary}@host/db?password=${canary}`
      ]) {
        const error = yield* failing(url)
        assert.strictEqual(error._tag, "ConfigInvalid", url)
        assert.notInclude(shown(error), canary)
        assert.notInclude(error.message, "\n")
      }
    })
  )

  it.live("a missing package is named", () =>
    Effect.gen(function* () {
      const name: string = "no-such-driver"
      const error = yield* Effect.flip(loadPackage("postgres", "pg", () => import(name)))
      assert.strictEqual(error._tag, "DriverMissing")
      assert.strictEqual(error.package, "pg")
    })
  )

  it.live("a SQLite file that cannot be opened is typed", () =>
    Effect.gen(function* () {
      const error = yield* failing("sqlite:/nowhere/at/all.db")
      assert.strictEqual(error._tag === "ConnectFailed" && error.reason, "file")
    })
  )

  it.live("the address comes from the configuration, as a secret", () =>
    Effect.gen(function* () {
      const layer = Database.layerConfig(Config.Redacted("DATABASE_URL"), { drivers })
      const provider = ConfigProvider.layer(
        ConfigProvider.fromUnknown({ DATABASE_URL: "sqlite::memory:" })
      )
      const dialect = yield* Effect.map(Database, (engine) => engine.dialect).pipe(
        Effect.provide(layer),
        Effect.provide(provider)
      )
      assert.strictEqual(dialect, "sqlite")
    })
  )

  it.live(
    "an unanswered port refuses, a silent one times out, within the deadline",
    () =>
      Effect.gen(function* () {
        const listener = createServer(() => {}).listen(0, "127.0.0.1")
        yield* Effect.promise(() => once(listener, "listening"))
        const { port } = listener.address() as { readonly port: number }
        for (const scheme of ["postgres", "mariadb"]) {
          const startedAt = performance.now()
          const silent = yield* failing(`${scheme}://u:${canary}@127.0.0.1:${port}/db`, {
            deadlines: { connect_ms: 200 }
          })
          assert.strictEqual(silent._tag === "ConnectFailed" && silent.reason, "timeout", scheme)
          assert.isBelow(performance.now() - startedAt, 2000)
          assert.notInclude(shown(silent), canary)
          const refused = yield* failing(`${scheme}://u:${canary}@127.0.0.1:1/db`)
          assert.strictEqual(refused._tag === "ConnectFailed" && refused.reason, "refused", scheme)
          assert.isTrue(refused.retryable)
          const nowhere = yield* failing(`${scheme}://u:${canary}@no-such-host.invalid/db`)
          assert.strictEqual(
            nowhere._tag === "ConnectFailed" && nowhere.reason,
            "unreachable",
            scheme
          )
          assert.notInclude(shown(refused) + shown(nowhere), canary)
        }
        listener.close()
      }),
    30_000
  )

  it.live(
    "a wrong password and an unknown database say so, and nothing secret",
    () =>
      Effect.gen(function* () {
        for (const engine of ["postgres", "mariadb"] as const) {
          const url = new URL(yield* Effect.promise(() => serverUrl(engine)))
          url.password = canary
          if (engine === "mariadb") url.username = "nobody-of-that-name"
          const wrong = yield* failing(url.href)
          assert.strictEqual(
            wrong._tag === "ConnectFailed" && wrong.reason,
            "authentication",
            engine
          )
          assert.isFalse(wrong.retryable)
          assert.notInclude(shown(wrong), canary)
          const other = new URL(yield* Effect.promise(() => serverUrl(engine)))
          other.pathname = "/no_such_database"
          const unknown = yield* failing(other.href)
          assert.strictEqual(
            unknown._tag === "ConnectFailed" && unknown.reason,
            "unknownDatabase",
            engine
          )
        }
      }),
    60_000
  )

  it.live(
    "an open database shows no password",
    () =>
      Effect.gen(function* () {
        for (const engine of ["postgres", "mariadb"] as const) {
          const url = new URL(yield* Effect.promise(() => serverUrl(engine)))
          const layer = Layer.orDie(Database.layerUrl(url.href, { drivers }))
          const text = yield* Effect.map(
            Database,
            (open) => inspect(open, { depth: 12, showHidden: false }) + JSON.stringify(open.driver)
          ).pipe(Effect.provide(layer))
          if (url.password.length > 0) assert.notInclude(text, `"${url.password}"`)
          assert.notInclude(text, "password: ")
        }
      }),
    60_000
  )
})

void Exit
void Redacted
