import { Catalog, Column, Database, Fn, Query, StatementError, Table } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines, place, type Program, program, servers } from "./engine-support.ts"
import { expectSql, refusalOf, textOf } from "./support.ts"

const jobs = Table.make("jobs", { id: Column.integer().primaryKey(), state: Column.varchar(10) })
const tries = Table.make("tries", {
  id: Column.integer().primaryKey(),
  jobId: Column.integer()
    .nullable()
    .references(() => jobs.c.id)
})
const catalog = Catalog.make({ jobs, tries })

const { id, state } = jobs.c
const first = Query.from(jobs).where(id.eq(1))
const both = Query.from(tries).join(jobs, tries.c.jobId.eq(id))

test("a lock follows the whole query, in each server's words", () => {
  const next = first.orderBy(id).lock("update", { wait: "skip locked" }).limit(1).select(state)
  const text = (one: string, two: string) =>
    `SELECT jobs.state AS c0 FROM jobs WHERE jobs.id = ${one} ORDER BY jobs.id LIMIT ${two}`
  expect(textOf(next, "postgres")).toBe(`${text("$1", "$2")} FOR UPDATE SKIP LOCKED`)
  expect(textOf(next, "mysql")).toBe(`${text("?", "?")} FOR UPDATE SKIP LOCKED`)
  expect(textOf(next, "mariadb")).toBe(`${text("?", "?")} FOR UPDATE SKIP LOCKED`)
  expect(refusalOf(next, "sqlite")).toMatchObject({ capability: "rowLocks" })
  expectSql(first.lock("share").select(id), {
    sqlite: "SELECT jobs.id AS c0 FROM jobs WHERE jobs.id = ?",
    postgres: "SELECT jobs.id AS c0 FROM jobs WHERE jobs.id = $1 FOR SHARE",
    mysql: "SELECT jobs.id AS c0 FROM jobs WHERE jobs.id = ? FOR SHARE",
    mariadb: "SELECT jobs.id AS c0 FROM jobs WHERE jobs.id = ? LOCK IN SHARE MODE"
  })
  for (const strength of ["no key update", "key share"] as const) {
    expect(textOf(first.lock(strength), "postgres")).toContain(`FOR ${strength.toUpperCase()}`)
    expect(refusalOf(first.lock(strength), "mysql").capability).toBe("keyLocks")
    expect(refusalOf(first.lock(strength), "mariadb").capability).toBe("keyLocks")
    expect(refusalOf(first.lock(strength), "sqlite").capability).toBe("rowLocks")
  }
  const of = both.lock("update", { of: [jobs], wait: "nowait" })
  expect(textOf(of, "postgres")).toContain(" FOR UPDATE OF jobs NOWAIT")
  expect(textOf(of, "mysql")).toContain(" FOR UPDATE OF jobs NOWAIT")
  expect(refusalOf(of, "mariadb").capability).toBe("lockOf")
  expect(refusalOf(of, "sqlite").capability).toBe("rowLocks")
})

test("a lock of what has no rows of a table means nothing", () => {
  const derived = Query.from(first.as("d"))
  const refused = [
    () => first.groupBy(id).select(id).lock(),
    () => first.lock().groupBy(id),
    () => first.select(Fn.count()).lock(),
    () => first.distinct().lock(),
    () => first.lock().distinct(),
    () => first.union(first).lock(),
    () => first.lock().union(first),
    () => first.union(first.lock()),
    () => first.limit(1).lock().where(id.gt(0)),
    () => derived.lock(),
    () => first.lock("update", { of: [tries as never] })
  ]
  for (const one of refused) expect(one).toThrow(StatementError)
})

test("PostgreSQL locks tables only, and no side that may be absent", () => {
  const d = first.as("d")
  const joined = Query.from(tries).join(d, d.c.id.eq(tries.c.jobId)).select(tries.c.id).lock()
  expect(textOf(joined, "postgres")).toMatch(/FOR UPDATE OF tries$/)
  expect(textOf(joined, "mariadb")).toMatch(/FOR UPDATE$/)
  const outer = Query.from(tries).leftJoin(jobs, id.eq(tries.c.jobId))
  expect(refusalOf(outer.lock(), "postgres").capability).toBe("lockAbsent")
  expect(textOf(outer.lock("update", { of: [tries] }), "postgres")).toMatch(/FOR UPDATE OF tries$/)
  expect(textOf(outer.lock(), "mysql")).toMatch(/FOR UPDATE$/)
})

const seed = Effect.gen(function* () {
  yield* Database.run(Query.deleteFrom(tries).everyRow())
  yield* Database.run(Query.deleteFrom(jobs).everyRow())
  yield* Database.run(Query.insert(jobs).rows([1, 2, 3].map((one) => ({ id: one, state: "open" }))))
  yield* Database.run(Query.insert(tries).values({ id: 1, jobId: 1 }))
})

const change = (job: number) =>
  Database.run(Query.update(jobs).set({ state: "done" }).where(id.eq(job)))

/** Runs `meanwhile` on another connection while a transaction holds the rows of a locked query. */
const holding = async <A, E, B, F>(
  one: Program,
  two: Program,
  lock: Effect.Effect<A, E, Database>,
  meanwhile: Effect.Effect<B, F, Database>
) =>
  one.run(
    Effect.gen(function* () {
      const held = yield* Deferred.make<void>()
      const free = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        Database.transaction(
          Effect.andThen(
            lock,
            Effect.andThen(Deferred.succeed(held, undefined), Deferred.await(free))
          )
        )
      )
      yield* Deferred.await(held)
      const result = yield* Effect.promise(() => two.exit(meanwhile))
      yield* Deferred.succeed(free, undefined)
      yield* Fiber.join(fiber)
      return result
    })
  )

/** Whether an effect is still waiting after a while. */
const waits = <A, E>(effect: Effect.Effect<A, E, Database>) =>
  Effect.map(
    Effect.timeoutOption(Database.transaction(effect), "300 millis"),
    (done) => done._tag === "None"
  )

const nowait = { wait: "nowait" } as const

describe.each(servers)("row locks on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let one: Program
  let two: Program
  beforeAll(async () => {
    own = await place(engine)
    one = program(own.url)
    two = program(own.url)
    await one.run(Database.create(catalog))
  })
  beforeEach(() => one.run(seed))
  afterAll(async () => {
    await one.dispose()
    await two.dispose()
    await own.drop()
  })
  const value = async <A>(exit: Promise<{ readonly _tag: string }>): Promise<A> => {
    const done = await exit
    expect(done._tag).toBe("Success")
    return (done as unknown as { readonly value: A }).value
  }

  test("FOR UPDATE holds the rows until the end [F75.1]", async () => {
    const locked = Database.all(first.lock())
    expect(await value(holding(one, two, locked, waits(Database.all(first.lock()))))).toBe(true)
    expect(await value(holding(one, two, locked, waits(change(1))))).toBe(true)
    expect(await value(holding(one, two, locked, waits(change(2))))).toBe(false)
    expect(await value(holding(one, two, locked, Database.all(first)))).toHaveLength(1)
    expect(await two.run(change(1))).toBe(1)
  })

  test("a share lock lets share locks in and keeps writers out [F75.2]", async () => {
    const shared = Database.all(first.lock("share"))
    expect(await value(holding(one, two, shared, waits(shared)))).toBe(false)
    expect(await value(holding(one, two, shared, waits(change(1))))).toBe(true)
  })

  test("nowait fails at once with a typed lock error [F75.3]", async () => {
    const locked = Database.all(first.lock())
    const before = Date.now()
    const exit = await holding(
      one,
      two,
      locked,
      Effect.flip(Database.all(first.lock("update", nowait)))
    )
    expect(await value(Promise.resolve(exit))).toMatchObject({ _tag: "LockTimeout" })
    expect(Date.now() - before).toBeLessThan(5_000)
    expect(await two.run(Database.all(first.lock("update", nowait)))).toHaveLength(1)
  })

  test("skip locked gives only the free rows [F75.4]", async () => {
    const open = Query.from(jobs).orderBy(id).select(id).lock("update", { wait: "skip locked" })
    const taken = Database.all(Query.from(jobs).where(id.eq(2)).lock())
    expect(await value(holding(one, two, taken, Database.all(open)))).toEqual([1, 3])
    expect(await value(holding(one, two, taken, Database.all(open.limit(2))))).toEqual([1, 3])
    expect(await two.run(Database.all(open))).toEqual([1, 2, 3])
  })

  test("a queue: what is taken in a common table expression is changed", async () => {
    const next = Query.from(jobs)
      .where(state.eq("open"))
      .orderBy(id)
      .limit(1)
      .select({ id })
      .lock("update", { wait: "skip locked" })
      .cte("next")
    const take = Query.update(jobs)
      .set({ state: "taken" })
      .where(id.in(Query.from(next)))
    expect(await two.run(Database.run(take))).toBe(1)
    expect(
      await two.run(Database.all(Query.from(jobs).where(state.eq("taken")).select(id)))
    ).toEqual([1])
  })

  if (engine === "postgres") {
    test("on postgres a lock of chosen sources leaves the others free [F75.5]", async () => {
      const chosen = Database.all(both.lock("update", { of: [tries] }))
      expect(await value(holding(one, two, chosen, waits(change(1))))).toBe(false)
      const touch = Database.run(Query.update(tries).set({ jobId: null }).where(tries.c.id.eq(1)))
      await one.run(seed)
      expect(await value(holding(one, two, chosen, waits(touch)))).toBe(true)
    })

    test("on postgres the weaker strengths let a foreign key be checked [F75.6]", async () => {
      const refer = (n: number) => Database.run(Query.insert(tries).values({ id: n, jobId: 1 }))
      const weak = Database.all(first.lock("no key update"))
      expect(await value(holding(one, two, weak, waits(refer(10))))).toBe(false)
      const strong = Database.all(first.lock())
      expect(await value(holding(one, two, strong, waits(refer(11))))).toBe(true)
      const weakest = Database.all(first.lock("key share"))
      expect(await value(holding(one, two, weakest, waits(change(1))))).toBe(false)
    })
  }
})

describe.each(engines)("locked queries on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let one: Program
  beforeAll(async () => {
    own = await place(engine)
    one = program(own.url)
    await one.run(Effect.andThen(Database.create(catalog), seed))
  })
  afterAll(async () => {
    await one.dispose()
    await own.drop()
  })

  test("a lock changes no row", async () => {
    const rows = Query.from(jobs).orderBy(id.desc()).limit(2)
    expect(await one.run(Database.all(rows.lock()))).toEqual(await one.run(Database.all(rows)))
    expect(await one.run(Database.all(both.lock("share").select(state)))).toEqual(["open"])
    const inside = Query.from(first.lock().as("inside"))
    expect(await one.run(Database.all(inside))).toEqual([{ id: 1, state: "open" }])
    const asked = Query.from(tries).where(
      Query.from(jobs).correlate(tries).where(id.eq(tries.c.jobId)).lock().exists()
    )
    expect(await one.run(Database.count(asked))).toBe(1)
  })

  if (engine === "sqlite") {
    test("a plain lock on sqlite says nothing [F75.7]", async () => {
      const said = await one.counting(Database.all(first.lock()))
      expect(said.value).toEqual([{ id: 1, state: "open" }])
      expect(said.texts).toEqual([textOf(first, "sqlite")])
    })
  }
})
