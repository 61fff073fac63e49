import { Database, DatabaseError, Query, sql, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import { engines, place, type Program, program, servers, wireTo } from "./engine-support.ts"

const add = (id: number) => Database.run(Query.insert(notes).values({ id }))
const stored = Database.all(Query.from(notes).orderBy(notes.c.id).select(notes.c.id))

describe.each(engines)("the options of a transaction on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(catalog))
  })
  beforeEach(() => database.run(Database.run(Query.deleteFrom(notes).everyRow())))
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("what the database lacks is refused before anything is sent [F25.3]", async () => {
    const lacking = {
      sqlite: [
        { isolation: "read committed" },
        { isolation: "repeatable read" },
        { deferrable: true }
      ],
      postgres: [
        { begin: "immediate" },
        { deferrable: true, isolation: "read committed" },
        { deferrable: true, readOnly: false }
      ],
      mariadb: [{ deferrable: true }, { begin: "exclusive" }]
    } as const
    for (const options of lacking[engine]) {
      const before = database.sent.length
      const error = await database.failure(Database.transaction(add(1), options))
      expect(error).toMatchObject({ _tag: "Unsupported", operation: "begin" })
      expect(database.sent.slice(before)).toEqual([])
    }
    expect(await database.run(stored)).toEqual([])
  })

  test("asked for inside a transaction that is not so: refused, nothing sent [F25.3]", async () => {
    const asked = [{ isolation: "serializable" }, { readOnly: true }] as const
    for (const options of asked) {
      const { texts } = await database.counting(
        Database.transaction(
          Effect.gen(function* () {
            const error = yield* Effect.flip(Database.transaction(add(1), options))
            expect(error).toMatchObject({ _tag: "Unsupported", capability: "openTransaction" })
          })
        )
      )
      expect(texts).toHaveLength(2)
    }
    // What holds of the open one already is only a savepoint more.
    const same = { isolation: "serializable" } as const
    await database.run(Database.transaction(Database.transaction(add(1), same), same))
    expect(await database.run(stored)).toEqual([1])
  })

  test("the attempt is seen, and each begins from nothing [F25.5]", async () => {
    const seen: Array<number> = []
    const { count } = await database.counting(
      Database.transaction(
        Effect.gen(function* () {
          const attempt = yield* Database.attempt
          seen.push(attempt, yield* Database.transaction(Database.attempt))
          yield* add(attempt)
          if (attempt < 3) return yield* Effect.flip(add(attempt)).pipe(Effect.andThen(deadlocked))
        }),
        { retry: Schedule.recurs(5) }
      )
    )
    expect(seen).toEqual([1, 1, 2, 2, 3, 3])
    expect(await database.run(stored)).toEqual([3])
    expect(count("COMMIT")).toBe(1)
    expect(count("ROLLBACK")).toBe(2)
    expect(await database.run(Database.attempt)).toBe(0)
  })

  test("a schedule that ends gives the last failure; others are not repeated [F25.5]", async () => {
    let runs = 0
    const failing = Effect.suspend(() => {
      runs++
      return deadlocked
    })
    const { failure } = database
    const retry = Schedule.recurs(2)
    expect(await failure(Database.transaction(failing, { retry }))).toMatchObject({
      _tag: "Deadlock"
    })
    expect(runs).toBe(3)
    const twice = Effect.andThen(
      add(1),
      Effect.andThen(
        Effect.sync(() => runs++),
        add(1)
      )
    )
    expect(await failure(Database.transaction(twice, { retry }))).toMatchObject({
      _tag: "UniqueViolation"
    })
    expect(runs).toBe(4)
  })

  test("what a fiber left in its savepoint is undone by COMMIT and by RELEASE", async () => {
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          yield* add(1)
          yield* Database.transaction(Effect.andThen(add(2), leaked(3)))
          yield* add(4)
          yield* leaked(5)
        })
      )
    )
    expect(await database.run(stored)).toEqual([1, 2, 4])
  })

  test("autocommit keeps what it wrote, whatever the transaction around does", async () => {
    const work = Effect.gen(function* () {
      yield* Effect.exit(Effect.andThen(add(1), Effect.fail("no")))
      yield* Effect.flip(Database.transaction(Effect.andThen(add(2), Effect.fail("no"))))
      yield* Database.transaction(add(3))
    })
    await database.run(Database.autocommit(Database.autocommit(work)))
    expect(await database.run(stored)).toEqual([1, 3])
    const inside = Database.transaction(
      Effect.andThen(Database.autocommit(add(4)), Effect.fail("undo" as const))
    )
    const failure = await database.failure(inside)
    if (engine !== "sqlite") expect(failure).toBe("undo")
    else expect(failure).toMatchObject({ _tag: "Unsupported", capability: "connections" })
    expect(await database.run(stored)).toEqual(engine === "sqlite" ? [1, 3] : [1, 3, 4])
  })
})

/** A savepoint that a fiber leaves open: it outlives whoever began it. */
const leaked = (id: number) =>
  Effect.gen(function* () {
    const written = yield* Deferred.make<void>()
    yield* Effect.forkDetach(
      Database.transaction(
        Effect.andThen(add(id), Effect.andThen(Deferred.succeed(written, undefined), Effect.never))
      ),
      { startImmediately: true }
    )
    yield* Deferred.await(written)
  })

const deadlocked = Effect.suspend(() =>
  Effect.fail(
    new DatabaseError.Deadlock({
      message: "made up",
      dialect: null,
      operation: "update",
      retryable: true,
      transaction: "ended"
    })
  )
)

describe.each(servers)("one connection without a transaction on %s", (engine) => {
  test("what was set in its session ends with it", async () => {
    const own = await place(engine)
    const database = program(own.url, { pool: { size: 1 } })
    const isThere = Effect.match(
      Database.one(Query.select(sql(Type.integer)`(select count(*) from scratch)`)),
      { onSuccess: () => true, onFailure: () => false }
    )
    const held = Database.autocommit(
      Effect.gen(function* () {
        yield* Database.script("create temporary table scratch (id integer)")
        return yield* Effect.all([isThere, isThere], { concurrency: 2 })
      })
    )
    expect(await database.run(held)).toEqual([true, true])
    expect(await database.run(isThere)).toBe(false)
    await database.dispose()
    await own.drop()
  })

  test("an unknown outcome is never repeated [F25.5]", async () => {
    const own = await place(engine)
    const wire = await wireTo(own.url)
    const database = program(wire.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
    wire.state.cutAt = "COMMIT"
    let runs = 0
    const once = Effect.andThen(
      Effect.sync(() => runs++),
      add(1)
    )
    const error = await database.failure(Database.transaction(once, { retry: Schedule.recurs(3) }))
    expect(error).toMatchObject({ _tag: "CommitOutcomeUnknown", transaction: "unknown" })
    expect(runs).toBe(1)
    await database.dispose()
    wire.close()
    await own.drop()
  })
})

describe("a deferrable transaction on postgres", () => {
  test("the server says that it is, and refuses writes [F25.4]", async () => {
    const own = await place("postgres")
    const database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(catalog))
    const said = (name: string) =>
      Database.one(Query.select(sql(Type.text)`current_setting(${name})`))
    const settings = ["isolation", "read_only", "deferrable"].map((word) =>
      said(`transaction_${word}`)
    )
    const open = Database.transaction(Effect.all(settings), { deferrable: true })
    expect(await database.run(open)).toEqual(["serializable", "on", "on"])
    const writing = await database.failure(Database.transaction(add(1), { deferrable: true }))
    expect(writing).toMatchObject({ _tag: "ReadOnly" })
    await database.dispose()
    await own.drop()
  })
})

describe("how a transaction begins on sqlite", () => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  let other: Program
  beforeAll(async () => {
    own = await place("sqlite")
    database = program(own.url)
    other = program(own.url)
    await database.run(Database.create(catalog))
  })
  afterAll(async () => {
    await database.dispose()
    await other.dispose()
    await own.drop()
  })

  const hasty = () => Sqlite.layer({ file: own.url.slice("sqlite:".length), busyTimeout_ms: 20 })
  /** What another connection may do while a transaction is open that has done nothing yet. */
  const meanwhile = (begin: "deferred" | "immediate" | "exclusive") =>
    database.run(
      Database.transaction(
        Effect.promise(() =>
          other.run(Effect.provide(Effect.exit(Database.transaction(add(7))), hasty()))
        ),
        { begin }
      )
    )

  test("immediate and exclusive keep other writers out, deferred does not [F25.6]", async () => {
    const tags: Array<string> = []
    for (const begin of ["immediate", "exclusive", "deferred"] as const)
      tags.push((await meanwhile(begin))._tag)
    expect(tags).toEqual(["Failure", "Failure", "Success"])
    const { texts } = await database.counting(
      Database.transaction(Effect.void, { begin: "exclusive" })
    )
    expect(texts).toEqual(["BEGIN EXCLUSIVE", "COMMIT"])
  })

  const dirty = Database.one(
    Query.select(sql(Type.integer)`(select * from pragma_read_uncommitted)`)
  )

  test("a level is set for its transaction and taken back [F25.1 F25.2 F25.6]", async () => {
    const level = (isolation: "read uncommitted" | "serializable") =>
      Database.transaction(dirty, { isolation })
    expect(await database.run(level("read uncommitted"))).toBe(1)
    expect(await database.run(dirty)).toBe(0)
    expect(await database.run(level("serializable"))).toBe(0)
    const failing = Database.transaction(Effect.fail("no"), { isolation: "read uncommitted" })
    await database.failure(failing)
    expect(await database.run(dirty)).toBe(0)
  })
})

describe("levels on mariadb", () => {
  test("one that was asked for and not begun is not the next borrower's [F25.2]", async () => {
    const own = await place("mariadb")
    const database = program(own.url, { pool: { size: 1 } })
    const id = Database.one(Query.select(sql(Type.count)`connection_id()`))
    const before = await database.run(id)
    const fiber = await database.run(
      Effect.gen(function* () {
        const asked = yield* Deferred.make<void>()
        const fork = yield* Effect.forkDetach(
          Effect.provideService(
            Database.transaction(Effect.void, { isolation: "serializable" }),
            Database.Tap,
            ({ text }) => {
              if (text.startsWith("SET TRANSACTION")) Deferred.doneUnsafe(asked, Effect.void)
            }
          )
        )
        yield* Deferred.await(asked)
        fork.interruptUnsafe()
        return fork
      })
    )
    await Effect.runPromise(Fiber.await(fiber))
    expect(await database.run(id)).not.toBe(before)
    await database.dispose()
    await own.drop()
  })
})
