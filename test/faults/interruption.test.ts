import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { Database } from "../../src/effects/Database.ts"
import { type FreshDatabase, freshDatabase } from "../support/databases.ts"
import { layerFor, names, sql } from "../effects/support/handmade.ts"
import { interruptingAt } from "../effects/support/interruptingAt.ts"

describe.each(names)("interruption at every operation on %s", (name) => {
  let fresh: FreshDatabase | null = null
  beforeAll(async () => {
    fresh = name === "sqlite" ? null : await freshDatabase(name)
  })
  afterAll(() => fresh?.drop())

  const innodb = name === "mariadb" ? " engine=innodb" : ""
  const add = (id: number) => Database.run(sql("insert into points values (?)", id))
  const programs: Readonly<Record<string, Effect.Effect<unknown, unknown, Database>>> = {
    "one statement": add(1),
    "a transaction": Database.transaction(Effect.andThen(add(1), add(2))),
    "a savepoint": Database.transaction(Effect.andThen(add(1), Database.transaction(add(2)))),
    "a failing savepoint": Database.transaction(
      Effect.andThen(add(1), Effect.exit(Database.transaction(add(1))))
    )
  }

  it.live(
    "leaves no connection lent, no transaction open, and all or nothing stored",
    () =>
      Effect.gen(function* () {
        const { pool } = yield* Database
        yield* Database.run(sql(`create table points (id integer primary key)${innodb}`))
        let points = 0
        for (const [what, program] of Object.entries(programs)) {
          for (let k = 1; ; k++) {
            yield* Database.run(sql("delete from points"))
            const { fired, scheduler } = interruptingAt(k)
            const services = yield* Effect.context<Database>()
            const exit = yield* Effect.promise(() =>
              Effect.runPromiseExitWith(services)(program, { scheduler })
            )
            if (!fired()) {
              assert.isTrue(Exit.isSuccess(exit), what)
              break
            }
            points++
            assert.isFalse(Exit.hasDies(exit), `${what}, operation ${k}`)
            const stats = pool.stats()
            assert.deepStrictEqual([stats.used, stats.waiting], [0, 0], `${what}, operation ${k}`)
            const rows = (yield* Database.all(sql("select id from points"))).length
            if (what === "a transaction" || what === "a savepoint")
              assert.include([0, 2], rows, `${what}, operation ${k}`)
            if (Exit.isSuccess(exit)) assert.isAbove(rows, 0)
          }
        }
        assert.isAbove(points, 40)
        if (name === "postgres") {
          const open = yield* Database.one(
            sql(
              "select count(*) from pg_stat_activity " +
                "where state like 'idle in%' and datname = current_database()"
            )
          )
          assert.strictEqual(Number(open[0]), 0)
        }
      }).pipe(
        Effect.provide(
          Layer.unwrap(
            Effect.sync(() =>
              Layer.orDie(layerFor(name, fresh?.url ?? ":memory:", { pool: { size: 2 } }))
            )
          )
        )
      ),
    60_000
  )
})
