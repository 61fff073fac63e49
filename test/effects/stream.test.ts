import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Database } from "../../src/effects/Database.ts"
import { useDatabase } from "./support/databases.ts"
import { names, sql } from "./support/handmade.ts"

describe.each(names)("streams on %s", (name) => {
  const { layer } = useDatabase(name)
  const count = 1234
  const prepare = Effect.gen(function* () {
    yield* Database.script("drop table if exists counted")
    yield* Database.run(sql("create table counted (id integer primary key)"))
    const marks = Array.from({ length: count }, () => "(?)").join(", ")
    yield* Database.run(
      sql(`insert into counted values ${marks}`, ...Array.from({ length: count }, (_, at) => at))
    )
  })
  const rows = Stream.map(Database.stream(sql("select id from counted order by id")), (row) =>
    Number(row[0])
  )
  const on = <A, E>(body: Effect.Effect<A, E, Database>) =>
    Effect.gen(function* () {
      yield* prepare
      const value = yield* body
      assert.strictEqual((yield* Database).pool.stats().used, 0)
      return value
    }).pipe(Effect.provide(layer({ pool: { size: 2 } })))
  const expected = Array.from({ length: count }, (_, at) => at)

  it.live("give every row in order", () =>
    on(
      Effect.gen(function* () {
        assert.deepStrictEqual([...(yield* Stream.runCollect(rows))], expected)
      })
    )
  )

  it.live("abandoned early give the connection back", () =>
    on(
      Effect.gen(function* () {
        for (let round = 0; round < 5; round++) {
          const some = yield* Stream.runCollect(Stream.take(rows, 3))
          assert.deepStrictEqual([...some], [0, 1, 2])
        }
        const failed = yield* Effect.flip(Stream.runForEach(rows, () => Effect.fail("enough")))
        assert.strictEqual(failed, "enough")
      })
    )
  )

  it.live("run inside a transaction, beside its other statements", () =>
    on(
      Effect.gen(function* () {
        const seen = yield* Database.transaction(
          Effect.gen(function* () {
            yield* Database.run(sql("delete from counted where id >= ?", 600))
            const ids: Array<number> = []
            yield* Stream.runForEach(rows, (id) =>
              Effect.gen(function* () {
                ids.push(id)
                if (id % 100 === 0) {
                  yield* Database.run(sql("insert into counted values (?)", 10_000 + id))
                }
              })
            )
            return ids
          })
        )
        assert.deepStrictEqual(seen, expected.slice(0, 600))
        const all = yield* Stream.runCollect(rows)
        assert.strictEqual([...all].length, 606)
      })
    )
  )
})
