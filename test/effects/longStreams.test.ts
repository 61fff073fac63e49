import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Database } from "../../src/effects/Database.ts"
import { longStream } from "./longStream.ts"
import { useDatabase } from "./support/databases.ts"
import { names, sql } from "./support/handmade.ts"

const endless = 100_000_000

describe.each(names)("long streams on %s", (name) => {
  const { layer } = useDatabase(name)

  it.live("an early end of what would never end is soon over [F28.2 F28.3]", () =>
    Effect.gen(function* () {
      const startedAt = performance.now()
      for (let round = 0; round < 5; round++) {
        const some = yield* Stream.runCollect(Stream.take(longStream(name, endless), 3))
        assert.deepStrictEqual([...some], [1, 2, 3])
      }
      assert.isBelow(performance.now() - startedAt, 5000)
      assert.strictEqual((yield* Database).pool.stats().used, 0)
    }).pipe(Effect.provide(layer({ pool: { size: 1 } })))
  )

  it.live("in a transaction too, which goes on as if nothing had been", () =>
    Effect.gen(function* () {
      yield* Database.script("drop table if exists beside")
      yield* Database.run(sql("create table beside (id integer primary key)"))
      const statement = (id: number) =>
        Effect.gen(function* () {
          const some = yield* Stream.runCollect(Stream.take(longStream(name, endless), 2))
          assert.deepStrictEqual([...some], [1, 2])
          yield* Database.run(sql("insert into beside values (?)", id))
        })
      yield* Database.transaction(
        Effect.forEach(
          Array.from({ length: 10 }, (_, at) => at),
          statement
        )
      )
      assert.lengthOf(yield* Database.all(sql("select id from beside")), 10)
    }).pipe(Effect.provide(layer({ pool: { size: 1 } })))
  )

  it.live(
    "interrupted on the way, it is over at once and the connection serves again [F28.5]",
    () =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(Stream.runDrain(longStream(name, endless)))
        yield* Effect.sleep(150)
        const startedAt = performance.now()
        yield* Fiber.interrupt(fiber)
        assert.isBelow(performance.now() - startedAt, 3000)
        assert.lengthOf(yield* Database.all(sql("select 1")), 1)
        assert.strictEqual((yield* Database).pool.stats().used, 0)
      }).pipe(Effect.provide(layer({ pool: { size: 1 } })))
  )
})
