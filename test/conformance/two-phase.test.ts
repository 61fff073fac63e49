import { Database, DatabaseError, Query, TwoPhase } from "athanor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { drivers } from "../runtime/databases.ts"
import { catalog, notes } from "./engine-schema.ts"
import { place, type Program, program, servers, wireTo } from "./engine-support.ts"

const add = (id: number) => Database.run(Query.insert(notes).values({ id }))
const stored = Database.all(Query.from(notes).orderBy(notes.c.id).select(notes.c.id))
const boom = Effect.fail("boom" as const)

let names = 0
/** MariaDB's names are the whole server's. */
const fresh = (words = "test") => `${words} ${process.pid}-${++names}`

describe.each(servers)("a prepared transaction on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  let other: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    other = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
  })
  beforeEach(() => database.run(Database.run(Query.deleteFrom(notes).everyRow())))
  afterAll(async () => {
    await database.dispose()
    await other.dispose()
    await own.drop()
  })

  test("its rows are seen when it is committed, from another connection [F24.1]", async () => {
    const name = fresh("o'clock \\ ☕")
    const prepared = await database.run(Database.prepare(name, Effect.andThen(add(1), add(2))))
    expect(prepared).toMatchObject({ id: name, value: 1 })
    expect(await database.run(stored)).toEqual([])
    expect(await other.run(Database.prepared)).toContain(name)
    expect(await database.run(Effect.map(Database, ({ pool }) => pool.stats().used))).toBe(0)
    await other.run(Database.commitPrepared(name))
    expect(await database.run(stored)).toEqual([1, 2])
    expect(await other.run(Database.prepared)).not.toContain(name)
    const again = await other.failure(Database.commitPrepared(name))
    expect(again).toMatchObject({ _tag: "NotFound", subject: name })
  })

  test("rolled back it leaves no row; its name may be used again [F24.2]", async () => {
    const name = fresh()
    await database.run(Database.prepare(name, add(1)))
    await other.run(Database.rollbackPrepared(name))
    expect(await database.run(stored)).toEqual([])
    expect(await other.failure(Database.rollbackPrepared(name))).toMatchObject({ _tag: "NotFound" })
    const prepared = await database.run(
      Database.prepare(name, add(2), { isolation: "serializable" })
    )
    await database.run(prepared.commit)
    expect(await database.run(stored)).toEqual([2])
  })

  test("what fails before is rolled back, and nothing is prepared [F24.2]", async () => {
    const name = fresh()
    expect(await database.failure(Database.prepare(name, Effect.andThen(add(1), boom)))).toBe(
      "boom"
    )
    const swallowed = Effect.andThen(add(1), Effect.exit(add(1)))
    const exit = await database.exit(Database.prepare(name, swallowed))
    // PostgreSQL dooms the transaction; MariaDB undoes the statement and goes on.
    expect(exit._tag).toBe(engine === "postgres" ? "Failure" : "Success")
    if (engine === "mariadb") await database.run(Database.rollbackPrepared(name))
    expect(await database.run(Database.prepared)).not.toContain(name)
    expect(await database.run(stored)).toEqual([])
  })

  test("savepoints, reading only, and a branch that wrote nothing [F24.1]", async () => {
    const nested = Effect.andThen(
      add(1),
      Effect.exit(Database.transaction(Effect.andThen(add(2), boom)))
    )
    await database.run(Effect.flatMap(Database.prepare(fresh(), nested), ({ commit }) => commit))
    expect(await database.run(stored)).toEqual([1])
    await database.run(
      Effect.flatMap(Database.prepare(fresh(), stored, { readOnly: true }), ({ commit }) => commit)
    )
    const refused = await database.failure(Database.prepare(fresh(), add(3), { readOnly: true }))
    expect(refused).toMatchObject({ _tag: "ReadOnly" })
    expect(await database.run(stored)).toEqual([1])
  })

  test("its actions wait for its end [F22.6]", async () => {
    const told: Array<string> = []
    const work = Effect.andThen(
      Database.afterCommit(Effect.sync(() => told.push("committed"))),
      Database.afterRollback(Effect.sync(() => told.push("rolled back")))
    )
    const one = await database.run(Database.prepare(fresh(), Effect.andThen(add(1), work)))
    const two = await database.run(Database.prepare(fresh(), Effect.andThen(add(2), work)))
    expect(told).toEqual([])
    await database.run(Effect.andThen(two.rollback, one.commit))
    expect(told).toEqual(["rolled back", "committed"])
  })

  test("a name in use, and one inside a transaction, are refused typed", async () => {
    const name = fresh()
    await database.run(Database.prepare(name, add(1)))
    const twice = await database.failure(Database.prepare(name, add(2)))
    expect(twice).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "duplicate" })
    const inside = await database.failure(Database.transaction(Database.prepare(fresh(), add(3))))
    expect(inside).toMatchObject({ _tag: "Unsupported", capability: "openTransaction" })
    await database.run(Database.rollbackPrepared(name))
    expect(await database.run(stored)).toEqual([])
  })

  test("a lost answer leaves the outcome unknown, and the list tells it [F24.3]", async () => {
    const wire = await wireTo(own.url)
    const far = program(wire.url, { pool: { size: 1 } })
    await far.run(stored)
    wire.state.cutAt = engine === "postgres" ? "PREPARE TRANSACTION" : "XA PREPARE"
    const name = fresh()
    const error = await far.failure(Database.prepare(name, add(1)))
    expect(error).toMatchObject({ _tag: "CommitOutcomeUnknown", operation: "prepare" })
    expect(await database.run(Database.prepared)).not.toContain(name)
    await far.dispose()
    wire.close()
    expect(await database.run(stored)).toEqual([])
  })
})

describe("a prepared transaction on sqlite", () => {
  test("there is none: refused typed [F24.1 F24.2 F24.3 F24.4]", async () => {
    const own = await place("sqlite")
    const database = program(own.url)
    const errors = [
      await database.failure(Database.prepare("a", Effect.void)),
      await database.failure(Database.prepared),
      await database.failure(Database.commitPrepared("a")),
      await database.failure(Database.rollbackPrepared("a"))
    ]
    for (const error of errors)
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "twoPhaseCommit" })
    await database.dispose()
    await own.drop()
  })
})

class Left extends Database.Service<Left>()("two-phase/Left") {}
class Right extends Database.Service<Right>()("two-phase/Right") {}
class Log extends Database.Service<Log>()("two-phase/Log") {}

const pairs = [
  ["postgres", "mariadb"],
  ["mariadb", "postgres"]
] as const

describe.each(pairs)("a coordinator over %s, which comes first, and %s", (first, second) => {
  const places: Array<Awaited<ReturnType<typeof place>>> = []
  let wires: ReadonlyArray<Awaited<ReturnType<typeof wireTo>>> = []
  let layer: Layer.Layer<Left | Right | Log>
  const insert = (id: number) => Query.insert(notes).values({ id })
  const all = Query.from(notes).orderBy(notes.c.id).select(notes.c.id)
  const both = TwoPhase.make({
    name: fresh("t").replace(/\W/g, ""),
    log: Log,
    databases: { left: Left, right: Right }
  })
  const run = <A, E>(effect: Effect.Effect<A, E, Left | Right | Log>) =>
    Effect.runPromise(Effect.provide(effect, layer))
  const failure = <A, E>(effect: Effect.Effect<A, E, Left | Right | Log>) =>
    run(Effect.flip(effect))
  const rows = Effect.all([Left.all(all), Right.all(all)])
  const waiting = Effect.all([
    Left.prepared,
    Right.prepared,
    Log.count(Query.from(TwoPhase.decisions))
  ])
  beforeAll(async () => {
    places.push(await place(first), await place(second), await place("sqlite"))
    wires = [await wireTo(places[0]!.url), await wireTo(places[1]!.url)]
    const settings = { drivers, pool: { size: 2 } }
    layer = Layer.orDie(
      Layer.mergeAll(
        Database.layerUrlOf(Left, wires[0]!.url, settings),
        Database.layerUrlOf(Right, wires[1]!.url, settings),
        Database.layerUrlOf(Log, places[2]!.url, settings)
      )
    )
    await run(Effect.all([Left.create(catalog), Right.create(catalog), both.create]))
  })
  beforeEach(() =>
    run(
      Effect.all([
        Left.run(Query.deleteFrom(notes).everyRow()),
        Right.run(Query.deleteFrom(notes).everyRow())
      ])
    )
  )
  afterAll(async () => {
    for (const wire of wires) wire.close()
    for (const own of places) await own.drop()
  })
  const cutAt = (at: 0 | 1, engine: "postgres" | "mariadb", what: "prepare" | "commit") => {
    const words = {
      postgres: { prepare: "PREPARE TRANSACTION", commit: "COMMIT PREPARED" },
      mariadb: { prepare: "XA PREPARE", commit: "XA COMMIT" }
    }
    wires[at]!.state.cutAt = words[engine][what]
  }
  const healed = () => {
    for (const wire of wires) wire.state.cutAt = ""
  }

  test("commits on both, and leaves nothing behind [F24.4]", async () => {
    const told: Array<string> = []
    const work = Effect.gen(function* () {
      yield* Left.run(insert(1))
      yield* Left.afterCommit(Effect.sync(() => told.push("committed")))
      yield* Right.run(insert(2))
      return "done" as const
    })
    expect(await run(both.transaction(work))).toBe("done")
    expect(await run(rows)).toEqual([[1], [2]])
    expect(await run(waiting)).toEqual([[], [], 0])
    expect(told).toEqual(["committed"])
  })

  test("neither keeps anything when the effect fails, dies or is interrupted [F24.4]", async () => {
    const work = Effect.andThen(Left.run(insert(1)), Right.run(insert(2)))
    expect(await failure(both.transaction(Effect.andThen(work, boom)))).toBe("boom")
    await run(Effect.exit(both.transaction(Effect.andThen(work, Effect.die("bug")))))
    await run(Effect.timeoutOption(both.transaction(Effect.andThen(work, Effect.never)), 100))
    expect(await run(rows)).toEqual([[], []])
    expect(await run(waiting)).toEqual([[], [], 0])
  })

  test("neither keeps anything when either prepare fails [F24.4]", async () => {
    const work = Effect.andThen(Left.run(insert(1)), Right.run(insert(2)))
    for (const [at, engine] of [[0, first] as const, [1, second] as const]) {
      cutAt(at, engine, "prepare")
      const error = await failure(both.transaction(work))
      expect(error).toMatchObject({ _tag: "CommitOutcomeUnknown", operation: "prepare" })
      healed()
      await run(both.recover({ olderThan_ms: 0 }))
      expect(await run(rows)).toEqual([[], []])
      expect(await run(waiting)).toEqual([[], [], 0])
    }
  })

  test("decided and not answered by one: said, and recovered [F24.3 F24.4]", async () => {
    const work = Effect.andThen(Left.run(insert(1)), Right.run(insert(2)))
    cutAt(1, second, "commit")
    const error = await failure(both.transaction(work))
    expect(error).toBeInstanceOf(DatabaseError.CommitPending)
    expect(error).toMatchObject({ databases: ["right"], retryable: false })
    healed()
    expect(await run(rows)).toEqual([[1], []])
    const report = await run(both.recover())
    expect(report).toMatchObject({ committed: [expect.any(String)], rolledBack: [], active: [] })
    expect(await run(rows)).toEqual([[1], [2]])
    expect(await run(waiting)).toEqual([[], [], 0])
  })

  test("a recovery leaves the young alone, and decides against the old", async () => {
    const left: Array<unknown> = []
    const work = Effect.gen(function* () {
      yield* Left.run(insert(1))
      left.push(yield* both.recover())
      left.push(yield* both.recover({ olderThan_ms: 0 }))
      yield* Right.run(insert(2))
    })
    const error = await failure(both.transaction(work))
    expect(error).toMatchObject({ _tag: "TransactionClosed", retryable: true })
    expect(left).toMatchObject([
      { active: [expect.any(String)], rolledBack: [] },
      { active: [], rolledBack: [expect.any(String)] }
    ])
    expect(await run(rows)).toEqual([[], []])
    expect(await run(waiting)).toEqual([[], [], 0])
  })
})

test.each(servers)("the log of %s may be one of the databases", async (engine) => {
  const own = await place(engine)
  const both = TwoPhase.make({
    name: fresh("l").replace(/\W/g, ""),
    log: Left,
    databases: { Left }
  })
  const layer = Layer.orDie(Database.layerUrlOf(Left, own.url, { drivers }))
  const program = Effect.gen(function* () {
    yield* Left.create(catalog)
    yield* both.create
    yield* both.transaction(Left.run(Query.insert(notes).values({ id: 1 })))
    return yield* Left.count(Query.from(notes))
  })
  expect(await Effect.runPromise(Effect.provide(program, layer))).toBe(1)
  await own.drop()
})
