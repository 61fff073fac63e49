import { Catalog, Database, Load, Query, Session, sql, Type } from "athanor"
import { Rollback } from "athanor/testing"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, eventually, place, type Program, program } from "../conformance/engine-support.ts"
import { interruptingAt } from "../effects/support/interruptingAt.ts"
import { amount, within } from "./support/amount.ts"
import { beside, coordinator, everything, forgotten, Point, probes } from "./support/probes.ts"
import { uncaught } from "./support/uncaught.ts"

/** Names of a value and of what it inherits, but for those every value of its kind has. */
const namesOf = (value: object, like: object): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (let at = value; at !== null && at !== Function.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  return [...names].filter((name) => !(name in like))
}

class Bare extends Context.Service<Bare, object>()("Bare") {}

/** All there is, by its public name. */
const surface: Readonly<Record<string, ReadonlyArray<string>>> = {
  Database: namesOf(Database, Bare),
  Session: namesOf(Session, Bare),
  Load: Object.keys(Load),
  TwoPhase: Object.keys(coordinator),
  Rollback: Object.keys(Rollback)
}

/** What runs nothing by itself. */
const still: Readonly<Record<string, string>> = {
  "Database.Service": "makes a class",
  "Database.Tap": "a reference",
  "Database.Telemetry": "a reference",
  "Database.Participant": "a reference",
  "Database.Progress": "a reference",
  "Database.layerMock": "sends nothing",
  "Database.layerUrl": "opens at the first statement, which the probes of statements are",
  "Database.layerUrlOf": "as layerUrl",
  "Database.layerConfig": "as layerUrl",
  "Database.pool": "as layerUrl",
  "Load.joined": "a value",
  "Load.nested": "a pure function",
  "Load.json": "a value",
  "Load.selectIn": "a value",
  "Session.hooks": "a value",
  "Load.plan": "a value",
  "Load.some": "a value",
  "Load.tree": "a value",
  "Load.apart": "a value",
  "Load.columns": "a value",
  "Load.also": "a value",
  "Load.with": "a value",
  "Session.appendAlong": "as append, over a record that is made of each member",
  "Load.setOf": "a pure function",
  "Load.mapBy": "sends nothing",
  "Load.DuplicateKey": "an error"
}

test("every public function has a program that is interrupted, or a reason why not", () => {
  const all = Object.entries(surface).flatMap(([of, names]) => names.map((name) => `${of}.${name}`))
  const probed = new Set(Object.keys(probes).map((what) => what.split(" ")[0]!))
  expect(all.length).toBeGreaterThan(60)
  expect(all.filter((name) => !probed.has(name) && !Object.hasOwn(still, name))).toEqual([])
  expect(Object.keys(still).filter((name) => !all.includes(name) || probed.has(name))).toEqual([])
})

const total = { points: 0 }
const aim = amount(3000, 50_000)
const budget_ms = 10 * 60 * 1000

describe.each(engines)("interruption at every operation of every verb on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(Catalog.make({ Point })))
    await database.run(Database.run(Query.insert(Point).rows([-1, -2, -3].map((id) => ({ id })))))
    await database.run(Effect.provide(coordinator.create, beside))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  const reset = Database.run(Query.deleteFrom(Point).where(Point.c.id.gt(0)))
  const open =
    engine === "postgres"
      ? sql(Type.count)`(select count(*) from pg_stat_activity where datname = current_database()
          and state like 'idle in%')`
      : engine === "mariadb"
        ? // Other tests have transactions on this server, in databases of their own.
          sql(Type.count)`(select count(*) from information_schema.innodb_trx
            join information_schema.processlist on id = trx_mysql_thread_id
            where db = database() and id <> connection_id())`
        : sql(Type.count)`0`

  test(
    "lends nothing for ever, leaves nothing open, and stores all or nothing",
    async () => {
      const services = await database.runtime.context()
      const { pool } = await database.run(Database)
      const night = within(budget_ms)
      const step = engine === "sqlite" || aim > 3000 ? 1 : 4
      let count = 0
      /** A second fault, in the middle of what the first one leads to. */
      const cutAll = (): void => {
        for (const { id } of pool.connections()) pool.retire(id, "now")
      }
      for (let round = 0; round === 0 || (count < aim / 3 && !night.isOver()); round++)
        for (const [what, { effect, stored }] of Object.entries(probes)) {
          // By day servers are asked at every fourth operation; SQLite, and all at night, at each.
          for (let k = 1; ; k += step) {
            const { fired, scheduler } = interruptingAt(k, round % 2 === 1 ? cutAll : undefined)
            const exit = await Effect.runPromiseExitWith(services)(effect, { scheduler })
            const where = `${what}, operation ${k} of round ${round}`
            expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause), where).toBe(false)
            const { used, waiting } = pool.stats()
            expect([used, waiting], where).toEqual([0, 0])
            if (/repare|TwoPhase/.test(what) && engine !== "sqlite") await database.run(forgotten)
            const found = (await database.run(Database.count(everything))) - 3
            expect(stored, where).toContain(found)
            if (found > 0) await database.run(reset)
            if (!fired()) break
            count++
          }
          const isNone = async () => (await database.run(Database.one(Query.select(open)))) === 0
          expect(await eventually(isNone), `${what}: none is in a transaction`).toBe(true)
        }
      total.points += count
      night.tell(`points of interruption on ${engine}`, count, Math.ceil(aim / 3))
      expect(uncaught).toEqual([])
    },
    budget_ms * 2
  )
})

test("points of interruption", () => {
  console.log(`points of interruption on all databases: ${total.points} of ${aim}`)
  expect(total.points).toBeGreaterThanOrEqual(Math.min(aim, 3000))
})
