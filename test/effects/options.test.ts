import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Database } from "../../src/effects/Database.ts"
import type { OpenError } from "../../src/effects/DatabaseError.ts"
import { defaultDeadlines } from "../../src/effects/Driver.ts"
import { poolTable } from "../../src/effects/pool/PoolSettings.ts"
import { Mysql } from "../../src/mysql.ts"
import { Postgres } from "../../src/postgres.ts"
import { Sqlite } from "../../src/sqlite.ts"

const failing = (layer: Layer.Layer<Database, OpenError>): Effect.Effect<OpenError> =>
  Effect.orDie(Effect.flip(Effect.scoped(Layer.build(layer))))

const canary = "s3cret-canary"
const account = { database: "blog", user: "blog" }

/** Options as a program without types would give them, and which of them is named. */
const wrong: ReadonlyArray<readonly [object, string]> = [
  [{ pool: { sise: 5 } }, "pool.sise"],
  [{ pool: { size: -1 } }, "pool.size"],
  [{ pool: { size: 2.5 } }, "pool.size"],
  [{ pool: { size: canary } }, "pool.size"],
  [{ pool: { size: Number.NaN } }, "pool.size"],
  [{ pool: { order: canary } }, "pool.order"],
  [{ pool: { lifetimeJitter: 2 } }, "pool.lifetimeJitter"],
  [{ pool: { overload: { target_ms: 0, interval_ms: 1 } } }, "pool.overload.target_ms"],
  [{ pool: { listener: canary } }, "pool.listener"],
  [{ pool: 3 }, "pool"],
  [{ deadlines: { connect: 5 } }, "deadlines.connect"],
  [{ deadlines: { connect_ms: 0 } }, "deadlines.connect_ms"],
  [{ statement: { timeout: 1 } }, "statement.timeout"],
  [{ statement: { tags: canary } }, "statement.tags"],
  [{ intercept: canary }, "intercept"],
  [{ onConnect: canary }, "onConnect"],
  [{ readOnly: canary }, "readOnly"],
  [{ nonsense: canary }, "nonsense"],
  [JSON.parse(`{ "__proto__": { "size": 1 } }`) as object, "__proto__"]
]

const ofServers: ReadonlyArray<readonly [object, string]> = [
  [{ port: 0 }, "port"],
  [{ port: "5432" }, "port"],
  [{ host: 1 }, "host"],
  [{ password: canary }, "password"],
  [{ tls: canary }, "tls"],
  [{ statements: -1 }, "statements"],
  [{ credentials: null }, "credentials"]
]

const ofSqlite: ReadonlyArray<readonly [object, string]> = [
  [{ file: 1 }, "file"],
  [{ durability: canary }, "durability"],
  [{ busyTimeout_ms: -1 }, "busyTimeout_ms"],
  [{ host: "x" }, "host"]
]

describe("options", () => {
  it.live("each is checked by name and type; the wrong one is named, not shown [F2.2 @all]", () =>
    Effect.gen(function* () {
      const layers: ReadonlyArray<readonly [Layer.Layer<Database, OpenError>, string]> = [
        ...[...wrong, ...ofServers].flatMap(([options, name]) =>
          [Postgres, Mysql].map(
            (driver) => [driver.layer({ ...account, ...options }), name] as const
          )
        ),
        ...[...wrong, ...ofSqlite].map(([options, name]) => [Sqlite.layer(options), name] as const),
        ...wrong.map(
          ([options, name]) =>
            [Database.layerUrl("sqlite::memory:", { drivers: [Sqlite], ...options }), name] as const
        )
      ]
      for (const [layer, name] of layers) {
        const error = yield* failing(layer)
        assert.strictEqual(error._tag, "ConfigInvalid", name)
        assert.strictEqual(error._tag === "ConfigInvalid" && error.culprit, name)
        assert.include(error.message, name)
        assert.notInclude(JSON.stringify(error), canary)
        assert.notInclude(error.message, "\n")
      }
    })
  )

  it.live("an option left undefined is its default", () =>
    Effect.scoped(Layer.build(Sqlite.layer({ pool: { size: undefined } } as unknown as object)))
  )
})

describe("the table of a pool's options", () => {
  it("gives each of them as it is: default, unit, minimum", () => {
    const page = readFileSync(new URL("../../docs/how-to/pools.md", import.meta.url), "utf8")
    const section = page.slice(page.indexOf("## Options"), page.indexOf("## Kinds"))
    const rows = [...section.matchAll(/^\| `(\w+)` \| *(\S*) *\| *(\S*) *\| *(\S*) *\|/gm)].map(
      ([, name, byDefault, unit, minimum]) => [name, byDefault, unit, minimum]
    )
    const expected = Object.entries(poolTable).map(([name, kind]) =>
      kind._tag === "number"
        ? [name, String(kind.byDefault), kind.unit, String(kind.minimum)]
        : [name, kind._tag === "choice" ? kind.byDefault : "", "", ""]
    )
    assert.deepStrictEqual(rows, expected)
  })

  it("gives each deadline as it is", () => {
    const page = readFileSync(new URL("../../docs/how-to/connecting.md", import.meta.url), "utf8")
    const rows = [...page.matchAll(/^\| `(\w+_ms)` \| (\d+) \|/gm)].map(([, name, ms]) => [
      name,
      Number(ms)
    ])
    assert.deepStrictEqual(rows, Object.entries(defaultDeadlines))
  })
})
