import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
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
