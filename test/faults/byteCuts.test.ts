import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { isFailure } from "../../src/effects/Failure.ts"
import { place, type Program, program, servers } from "../conformance/engine-support.ts"
import { type Direction, wireTo } from "../support/wire.ts"
import { amount, within } from "./support/amount.ts"

const groups = Table.make("groups", {
  id: Column.integer().primaryKey(),
  of: Column.integer(),
  body: Column.varchar(20).default("")
})

interface Scenario {
  readonly rows: number
  /** At about how many places a round cuts it, each way. */
  readonly cuts?: number
  readonly run: (of: number) => Effect.Effect<unknown, unknown, Database>
}

const row = (of: number, at: number) => ({ id: of * 10_000 + at, of, body: `row ${at}` })
const add = (of: number, at: number) => Database.run(Query.insert(groups).values(row(of, at)))
const all = (of: number, count: number) => Array.from({ length: count }, (_, at) => row(of, at))

const scenarios: Readonly<Record<string, Scenario>> = {
  "one statement": { rows: 1, run: (of) => add(of, 0) },
  "keys given back": {
    rows: 3,
    run: (of) => Database.all(Query.insert(groups).rows(all(of, 3)).returning({ id: groups.c.id }))
  },
  // MariaDB is sent three batches, each but the first made before it can be sent.
  "rows in batches": {
    rows: 2_100,
    cuts: 20,
    run: (of) => Database.run(Query.insert(groups).rows(all(of, 2_100)))
  },
  "a transaction": {
    rows: 2,
    run: (of) => Database.transaction(Effect.andThen(add(of, 0), add(of, 1)))
  },
  "a savepoint": {
    rows: 2,
    run: (of) => Database.transaction(Effect.andThen(add(of, 0), Database.transaction(add(of, 1))))
  },
  "a stream beside writes": {
    rows: 4,
    run: (of) =>
      Database.transaction(
        Effect.andThen(
          Database.run(Query.insert(groups).rows(all(of, 3))),
          Stream.runForEach(
            Database.with(
              { fetchSize: 2 },
              Database.stream(Query.from(groups).where(groups.c.of.eq(of)).select(groups.c.id))
            ),
            (id) => (id % 10_000 === 0 ? add(of, 3) : Effect.void)
          )
        )
      )
  }
}

const aim = amount(2000, 100_000)
const budget_ms = 15 * 60 * 1000

/** How far apart the places of one round are: in the end every byte is one. */
const stepOf = (bytes: number, { cuts = 110 }: Scenario): number =>
  Math.max(1, Math.floor(bytes / cuts))

describe.each(servers)("a wire cut in the middle of messages on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let direct: Program
  let wire: Awaited<ReturnType<typeof wireTo>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    direct = program(own.url, { pool: { size: 1 } })
    await direct.run(Database.create(Catalog.make({ groups })))
    wire = await wireTo(own.url)
    database = program(wire.url, { pool: { size: 1 } })
  })
  afterAll(async () => {
    await database.dispose()
    await direct.dispose()
    wire.close()
    await own.drop()
  })

  test(
    "what was acknowledged is there, what was refused is not, nothing by half",
    async () => {
      let schedules = 0
      let of = 0
      const alive = Database.run(Query.deleteFrom(groups).where(groups.c.id.lt(0)))
      const expected = new Map<number, { readonly fate: string; readonly rows: number }>()
      const fates = new Map<string, number>()
      const cutAfter = async (scenario: Scenario, direction: Direction, left: number) => {
        // On a connection of its own, that nothing was prepared on.
        await database.run(Effect.map(Database, ({ pool }) => pool.invalidate()))
        await database.run(alive)
        Object.assign(wire.state, { direction, left, seen: 0 })
        const exit = await database.runtime.runPromiseExit(scenario.run(++of))
        wire.state.left = Infinity
        expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(false)
        const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : null
        expect(error === null || isFailure(error)).toBe(true)
        const fate = isFailure(error) ? error.transaction : "acknowledged"
        expected.set(of, { fate, rows: scenario.rows })
        fates.set(fate, (fates.get(fate) ?? 0) + 1)
        const { used, waiting } = await database.run(
          Effect.map(Database, ({ pool }) => pool.stats())
        )
        expect([used, waiting]).toEqual([0, 0])
        return wire.state.seen
      }
      const night = within(budget_ms)
      const isEnough = () => schedules >= aim / servers.length || night.isOver()
      const round = async (at: number) => {
        for (const scenario of Object.values(scenarios)) {
          for (const direction of ["to the server", "to the client"] as const) {
            const bytes = await cutAfter(scenario, direction, Infinity)
            const step = stepOf(bytes, scenario)
            for (let left = 1 + (at % step); left <= bytes; left += step, schedules++)
              await cutAfter(scenario, direction, left)
          }
        }
      }
      try {
        for (let at = 0; at === 0 || !isEnough(); at++) await round(at)
      } finally {
        // Told of a night that failed, too.
        night.tell(`byte-cut schedules on ${engine}`, schedules, Math.ceil(aim / servers.length))
      }
      expect(schedules).toBeGreaterThanOrEqual(Math.min(aim, 2000) / servers.length)
      const counts = await direct.run(
        Database.all(
          Query.from(groups).groupBy(groups.c.of).select({ of: groups.c.of, rows: Fn.count() })
        )
      )
      const stored = new Map(counts.map((group) => [group.of, group.rows]))
      for (const [group, { fate, rows }] of expected) {
        const found = stored.get(group) ?? 0
        const allowed =
          fate === "acknowledged"
            ? [rows]
            : fate === "unknown"
              ? [0, rows]
              : fate === "ended"
                ? [0]
                : []
        expect(allowed, `${group}: ${fate}, ${found} of ${rows} rows`).toContain(found)
      }
      // Every answer was given at least once: the schedules reached what they are for.
      expect([...fates.keys()].toSorted()).toEqual(["acknowledged", "ended", "unknown"])
    },
    budget_ms * 2
  )
})
