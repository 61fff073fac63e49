import { Catalog, Column, Database, Policy, Query, sql, Table, Type } from "athanor"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program } from "../conformance/engine-support.ts"
import { interruptingAt } from "../effects/support/interruptingAt.ts"

const points = Table.make("points", {
  id: Column.integer().primaryKey(),
  body: Column.varchar(20).default("")
})
const other = Table.make("other", { id: Column.integer().primaryKey() })
const catalog = Catalog.make({ points })
const others = Catalog.make({ other })

const add = (id: number) => Database.run(Query.insert(points).values({ id }))
const everything = Query.from(points).orderBy(points.c.id)
const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id: id + 10 }))
const both = Effect.andThen(add(1), add(2))
const stream = Database.stream(everything)
const byOne = Database.with({ fetchSize: 1 }, stream)

interface Probed {
  readonly effect: Effect.Effect<unknown, unknown, Database>
  /** How many rows may be stored afterwards, beside the three that were there. */
  readonly stored: ReadonlyArray<number>
}

const reads = (effect: Probed["effect"]): Probed => ({ effect, stored: [0] })
const writes = (effect: Probed["effect"], ...stored: ReadonlyArray<number>): Probed => ({
  effect,
  stored: [0, ...stored]
})
const pair = (effect: Probed["effect"]): Probed => writes(effect, 2)
const inside = <A, E>(effect: Effect.Effect<A, E, Database>) => Database.transaction(effect)

/** Every verb by itself, and what is made of several. */
const probes: Readonly<Record<string, Probed>> = {
  all: reads(Database.all(everything)),
  one: reads(Database.one(everything.where(points.c.id.eq(-1)))),
  oneOrNone: reads(Database.oneOrNone(everything.where(points.c.id.eq(7)))),
  first: reads(Database.first(everything)),
  count: reads(Database.count(everything)),
  exists: reads(Database.exists(everything)),
  describe: reads(Database.describe(everything)),
  stream: reads(Stream.runDrain(stream)),
  "an early end of a stream": reads(Stream.runDrain(Stream.take(stream, 1))),
  "a stream in small chunks": reads(Stream.runDrain(byOne)),
  "a stream in a transaction": reads(inside(Stream.runDrain(stream))),
  "two streams side by side": reads(inside(Stream.runDrain(Stream.zip(byOne, byOne)))),
  "a stream whose consumer writes": writes(
    inside(Stream.runForEach(byOne, ({ id }) => add(id + 100))),
    3
  ),
  run: writes(add(1), 1),
  "rows by the thousand": writes(Database.run(Query.insert(points).rows(rows(2500))), 2500),
  "rows by the thousand in a savepoint": writes(
    inside(Database.run(Query.insert(points).rows(rows(2500)))),
    2500
  ),
  script: writes(Database.script("insert into points (id, body) values (1, '')"), 1),
  "create and drop": reads(
    Effect.andThen(
      Database.drop(others),
      Effect.andThen(Database.create(others), Database.drop(others))
    )
  ),
  "a transaction": pair(inside(both)),
  "a savepoint": pair(inside(Effect.andThen(add(1), inside(add(2))))),
  "ten savepoints": pair(
    Array.from({ length: 10 }).reduce<Effect.Effect<unknown, unknown, Database>>(
      (effect) => inside(effect),
      both
    )
  ),
  "a failing savepoint": writes(
    inside(Effect.andThen(add(1), Effect.exit(inside(Effect.andThen(add(2), add(-1)))))),
    1
  ),
  "a failing transaction": reads(inside(Effect.andThen(both, Effect.fail("no")))),
  "a read-only transaction": reads(
    Database.transaction(Database.all(everything), { readOnly: true })
  ),
  "two fibers of one transaction": pair(
    inside(Effect.all([add(1), add(2)], { concurrency: "unbounded" }))
  ),
  "a savepoint beside a statement": pair(
    inside(Effect.all([inside(add(1)), add(2)], { concurrency: "unbounded" }))
  ),
  policed: writes(Database.policed([Policy.tenant("tenantId", 1)], add(1)), 1),
  "what the server waits for": reads(
    Effect.ignore(Database.all(Query.select({ one: sql(Type.integer)`1` })))
  )
}

describe.each(engines)("interruption at every operation of every verb on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(catalog))
    await database.run(Database.run(Query.insert(points).rows([-1, -2, -3].map((id) => ({ id })))))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  const reset = Database.run(Query.deleteFrom(points).where(points.c.id.gt(0)))
  const open =
    engine === "postgres"
      ? sql(Type.count)`(select count(*) from pg_stat_activity where datname = current_database()
          and state like 'idle in%')`
      : engine === "mariadb"
        ? sql(Type.count)`(select count(*) from information_schema.innodb_trx
            where trx_mysql_thread_id <> connection_id())`
        : sql(Type.count)`0`

  test("lends nothing for ever, leaves nothing open, and stores all or nothing", async () => {
    const services = await database.runtime.context()
    const again = process.env["ATHANOR_NIGHTLY"] === "1" ? 15 : 1
    let count = 0
    for (let round = 0; round < again; round++)
      for (const [what, { effect, stored }] of Object.entries(probes)) {
        for (let k = 1; ; k++) {
          const { fired, scheduler } = interruptingAt(k)
          const exit = await Effect.runPromiseExitWith(services)(effect, { scheduler })
          const where = `${what}, operation ${k}`
          expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause), where).toBe(false)
          const { used, waiting } = await database.run(
            Effect.map(Database, ({ pool }) => pool.stats())
          )
          expect([used, waiting], where).toEqual([0, 0])
          const found = (await database.run(Database.count(everything))) - 3
          expect(stored, where).toContain(found)
          if (found > 0) await database.run(reset)
          if (!fired()) break
          count++
        }
        expect(await database.run(Database.one(Query.select(open))), what).toBe(0)
      }
    expect(count).toBeGreaterThan(1000)
  }, 300_000)
})
