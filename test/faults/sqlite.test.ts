import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import Driver from "better-sqlite3"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { Database } from "../../src/effects/Database.ts"
import { sqliteDriver } from "../../src/effects/drivers/sqlite.ts"
import type { SqliteOptions } from "../../src/effects/drivers/SqliteOptions.ts"
import { open } from "../../src/effects/open.ts"
import { handmade, sql } from "../effects/support/handmade.ts"

describe("faults of SQLite", () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "athanor-sqlite-"))
    file = join(folder, "data.db")
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const layer = (options: Partial<SqliteOptions> = {}) =>
    Layer.unwrap(
      Effect.sync(() =>
        Layer.orDie(Layer.effect(Database, open(sqliteDriver({ file, ...options }), {}, handmade)))
      )
    )
  const add = (id: number) => Database.run(sql("insert into notes values (?)", id))
  const stored = Effect.map(Database.all(sql("select id from notes order by id")), (rows) =>
    rows.map((row) => row[0])
  )
  const prepare = Database.run(sql("create table if not exists notes (id integer primary key)"))

  it.live("a file another connection writes to is waited for without blocking the program", () =>
    Effect.gen(function* () {
      yield* prepare
      const other = new Driver(file)
      other.exec("begin immediate")
      let ticks = 0
      const ticking = yield* Effect.forkChild(
        Effect.forever(
          Effect.andThen(
            Effect.sleep(5),
            Effect.sync(() => void ticks++)
          )
        )
      )
      const writing = yield* Effect.forkChild(Effect.all([add(1), Database.transaction(add(2))]), {
        startImmediately: true
      })
      // However slow the machine is: a program that stands still never gets there.
      yield* Effect.timeout(Effect.repeat(Effect.sleep(10), { until: () => ticks > 3 }), 3000)
      other.exec("commit")
      other.close()
      yield* Fiber.join(writing)
      yield* Fiber.interrupt(ticking)
      assert.deepStrictEqual(yield* stored, [1, 2])
    }).pipe(Effect.provide(layer()))
  )

  it.live("waiting for the file ends with a typed, retryable failure, and can be interrupted", () =>
    Effect.gen(function* () {
      yield* prepare
      const other = new Driver(file)
      other.exec("begin immediate")
      const error = yield* Effect.flip(add(1))
      assert.deepStrictEqual(
        [error._tag, error.retryable, error.transaction],
        ["Busy", true, "ended"]
      )
      const begin = yield* Effect.flip(Database.transaction(add(1)))
      assert.strictEqual(begin._tag, "Busy")
      assert.strictEqual(begin.operation, "begin")
      other.close()
      yield* add(2)
      assert.deepStrictEqual(yield* stored, [2])
    }).pipe(Effect.provide(layer({ busyTimeout_ms: 60 })))
  )

  it.live("a full disk ends the transaction: nothing of it is stored, nothing after it runs", () =>
    Effect.gen(function* () {
      yield* Database.script("create table blobs (body blob); pragma max_page_count = 20")
      const error = yield* Effect.flip(
        Database.transaction(
          Effect.gen(function* () {
            yield* Effect.exit(Database.run(sql("insert into blobs values (zeroblob(10))")))
            yield* Effect.exit(Database.run(sql("insert into blobs values (zeroblob(1000000))")))
            yield* Effect.exit(Database.run(sql("insert into blobs values (zeroblob(10))")))
          })
        )
      )
      assert.strictEqual(error._tag === "TransactionDoomed" && error.reason._tag, "StorageFull")
      assert.strictEqual((yield* Database.all(sql("select 1 from blobs"))).length, 0)
    }).pipe(Effect.provide(layer()))
  )

  it.live("a file for reading only refuses writes", () =>
    Effect.gen(function* () {
      yield* Effect.provide(prepare, layer())
      const error = yield* Effect.flip(Effect.provide(add(1), layer({ readOnly: true })))
      assert.strictEqual(error._tag, "ReadOnly")
    })
  )

  it.live("a file that is no database is typed", () =>
    Effect.gen(function* () {
      const { writeFileSync } = yield* Effect.promise(() => import("node:fs"))
      writeFileSync(file, "this is no database".repeat(100))
      const error = yield* Effect.flip(
        Effect.scoped(
          Effect.flatMap(open(sqliteDriver({ file }), {}, handmade), ({ first }) => first.known)
        )
      )
      assert.strictEqual(error._tag === "ConnectFailed" && error.reason, "file")
    })
  )

  it.live("statements beside a transaction wait for its end, in the order they came", () =>
    Effect.gen(function* () {
      yield* prepare
      const inside = yield* Deferred.make<void>()
      let over = false
      const transaction = yield* Effect.forkChild(
        Database.transaction(
          Effect.gen(function* () {
            yield* Deferred.succeed(inside, undefined)
            yield* Effect.sleep(20)
            yield* add(1)
            over = true
            return yield* Effect.fail("undo" as const)
          })
        )
      )
      yield* Deferred.await(inside)
      const [, seen] = yield* Effect.all([add(2), stored], { concurrency: "unbounded" })
      assert.isTrue(over)
      assert.deepStrictEqual(seen, [2])
      yield* Fiber.await(transaction)
      assert.deepStrictEqual(yield* stored, [2])
    }).pipe(Effect.provide(layer()))
  )

  it.live(
    "a string in double quotes is a name, never a text; foreign keys hold; LIKE tells cases apart",
    () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Database.all(sql(`select "no such name"`)))
        assert.strictEqual(error._tag, "SyntaxOrUndefined")
        assert.deepStrictEqual((yield* Database.one(sql("pragma foreign_keys")))[0], 1)
        assert.deepStrictEqual((yield* Database.one(sql("pragma trusted_schema")))[0], 0)
        assert.deepStrictEqual((yield* Database.one(sql("pragma journal_mode")))[0], "wal")
        assert.deepStrictEqual((yield* Database.one(sql("select 'A' like 'a'")))[0], 0)
      }).pipe(Effect.provide(layer()))
  )
})
