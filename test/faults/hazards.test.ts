/** What may go wrong between fibers and transactions, on every database. */
import { Database, Load, Query, sql, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { expect } from "vitest"
import { engines, servers, sleeping, whoAmI } from "../conformance/engine-support.ts"
import { Author, Book, catalog } from "../runtime/schema.ts"
import { hazard } from "./support/fault.ts"
import { failureOf } from "./support/r0.ts"
import { add, type Trouble } from "./support/trouble.ts"

const boom = Effect.fail("boom" as const)
const inside = <A, E, R>(work: Effect.Effect<A, E, R>) => Database.transaction(work)
const only = (engine: string, size: number) => (engine === "sqlite" ? {} : { pool: { size } })

/** The row count of a group, as this program's database sees it. */
const seen = (grp: number) =>
  Database.one(Query.select(sql(Type.count)`(select count(*) from kept where grp = ${grp})`))

hazard("a fiber leaks out of its transaction", engines, async ({ open }) => {
  const one = await open()
  const late: Array<Exit.Exit<unknown, unknown>> = []
  const over = await one.database.run(Deferred.make<void>())
  await one.does(1, (group) =>
    Effect.gen(function* () {
      const leaked = yield* inside(
        Effect.andThen(
          add(group, 0),
          Effect.forkDetach(
            Effect.andThen(Deferred.await(over), Effect.exit(add(group, 1))).pipe(
              Effect.tap((exit) => Effect.sync(() => late.push(exit)))
            )
          )
        )
      )
      yield* Deferred.succeed(over, undefined)
      yield* Fiber.join(leaked)
    })
  )
  expect(failureOf(late[0]!)._tag).toBe("TransactionClosed")
})

hazard("a sibling's statement inside a foreign savepoint", engines, async ({ engine, open }) => {
  const one = await open(only(engine, 1))
  // Two rows: the sibling's is not undone with the savepoint it did not ask for.
  await one.does(2, (group) =>
    inside(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const savepoint = inside(
          Effect.gen(function* () {
            yield* add(group, 9)
            yield* Deferred.succeed(begun, undefined)
            yield* Effect.sleep(10)
            return yield* boom
          })
        )
        const sibling = Effect.andThen(Deferred.await(begun), add(group, 1))
        yield* add(group, 0)
        yield* Effect.all([Effect.exit(savepoint), sibling], { concurrency: 2 })
      })
    )
  )
})

hazard("savepoints of siblings share a name", engines, async ({ engine, open }) => {
  const one = await open(only(engine, 1))
  await one.does(10, (group) =>
    inside(
      Effect.forEach(
        Array.from({ length: 20 }, (_, at) => at),
        (at) =>
          Effect.exit(
            inside(
              Effect.andThen(
                Effect.andThen(add(group, at), Effect.sleep(at % 3)),
                at % 2 === 0 ? Effect.void : boom
              )
            )
          ),
        { concurrency: "unbounded" }
      )
    )
  )
})

hazard("BEGIN or SAVEPOINT fails: no ROLLBACK follows", servers, async ({ open, wire }) => {
  const line = await wire()
  const one = await open({ deadlines: { control_ms: 100 }, pool: { size: 1 } }, line.url)
  const hush = Effect.sync(() => void (line.state.isSilent = true))
  const texts: Array<string> = []
  const heard = (work: Effect.Effect<unknown, unknown, Database>) =>
    Effect.provideService(work, Database.Tap, ({ text }) => void texts.push(text))
  const begin = await one.fails(1, (group) => Effect.andThen(hush, heard(inside(add(group, 0)))))
  expect(begin).toMatchObject({ _tag: "ConnectionLost", retryable: true, operation: "begin" })
  expect(texts.splice(0)).toHaveLength(1)
  line.heal()
  const savepoint = await one.fails(1, (group) =>
    heard(inside(Effect.andThen(hush, inside(add(group, 0)))))
  )
  expect(savepoint).toMatchObject({ _tag: "ConnectionLost", operation: "savepoint" })
  expect(texts.filter((text) => text.startsWith("ROLLBACK"))).toEqual([])
  line.heal()
})

hazard("COMMIT is refused", ["sqlite", "postgres"], async ({ engine, open }) => {
  const one = await open(only(engine, 1))
  await one.observer.execute("create table if not exists parents (id integer primary key)")
  await one.observer.execute(
    "create table if not exists children (id integer primary key, parent integer " +
      "references parents (id) deferrable initially deferred)"
  )
  const error = await one.fails(1, (group) =>
    inside(Effect.andThen(add(group, 0), Database.script("insert into children values (1, 99)")))
  )
  expect(error).toMatchObject({ _tag: "ForeignKeyViolation", transaction: "ended" })
})

hazard("ROLLBACK fails: the first failure stays, the connection goes", servers, async (scene) => {
  const line = await scene.wire()
  const deadlines = { control_ms: 100 }
  const one = await scene.open({ deadlines, pool: { size: 1 } }, line.url)
  const me = await one.database.run(whoAmI)
  const exit = await one.database.exit(
    inside(
      Effect.andThen(
        add(-1, 0),
        Effect.andThen(
          Effect.sync(() => void (line.state.isSilent = true)),
          boom
        )
      )
    )
  )
  line.heal()
  expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toBe("boom")
  expect(await one.database.run(whoAmI)).not.toBe(me)
  expect((await one.observer.kept()).has(-1)).toBe(false)
})

hazard("interrupted while it waits for a connection", engines, async ({ engine, open }) => {
  const one = await open(only(engine, 1))
  let release = () => {}
  const released = new Promise<void>((next) => (release = next))
  let taken = () => {}
  const isTaken = new Promise<void>((next) => (taken = next))
  const held = one.does(1, (group) =>
    inside(
      Effect.andThen(
        add(group, 0),
        Effect.promise(() => (taken(), released))
      )
    )
  )
  await isTaken
  const left = await one.database.run(
    Effect.forEach(Array.from({ length: 50 }), () => Effect.timeoutOption(add(-2, 0), 5), {
      concurrency: "unbounded"
    })
  )
  expect(left.every((result) => result._tag === "None")).toBe(true)
  expect(await one.database.run(Effect.map(Database, ({ pool }) => pool.stats().waiting))).toBe(0)
  release()
  await held
  expect((await one.observer.kept()).has(-2)).toBe(false)
})

hazard("interrupted during a query: stopped on the server, and kept", servers, async (scene) => {
  const one = await scene.open({ pool: { size: 1 } })
  const me = await one.database.run(whoAmI)
  for (const work of [sleeping(10), inside(sleeping(10))]) {
    const gone = await one.database.run(Effect.timeoutOption(work, 60))
    expect(gone._tag).toBe("None")
    expect((await one.observer.asked()).atWork).toBe(0)
  }
  expect(await one.database.run(whoAmI)).toBe(me)
  // In a savepoint, the transaction around it goes on.
  await one.does(2, (group) =>
    inside(
      Effect.gen(function* () {
        yield* add(group, 0)
        yield* Effect.timeoutOption(inside(Effect.andThen(add(group, 9), sleeping(10))), 60)
        yield* add(group, 1)
      })
    )
  )
})

hazard(
  "interrupted during COMMIT: it completes, and is known",
  engines,
  async ({ engine, open }) => {
    const one = await open(only(engine, 1))
    const outcomes: Array<string> = []
    let committing: () => void = () => {}
    const told = await one.does(1, (group) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(
          Effect.provideService(inside(add(group, 0)), Database.Participant, {
            snapshot: () => (outcome) => void outcomes.push(outcome)
          }).pipe(
            Effect.provideService(Database.Tap, ({ operation }) => {
              if (operation === "insert") setImmediate(() => committing())
            })
          )
        )
        yield* Effect.sync(() => {
          committing = () => fiber.interruptUnsafe()
        })
        yield* Fiber.await(fiber)
      })
    )
    expect(Exit.isSuccess(told)).toBe(true)
    expect(outcomes).toEqual(["committed"])
  }
)

hazard("two databases in one program", engines, async ({ open }) => {
  const one = await open()
  class Second extends Database.Service<Second>()("Second") {}
  const second = Sqlite.layerOf(Second, { file: ":memory:" })
  await one.does(1, (group) =>
    Effect.provide(
      Effect.gen(function* () {
        yield* Second.script("create table t (a integer)")
        // The one's rollback takes nothing of the other's.
        yield* Effect.exit(inside(Effect.andThen(Second.script("insert into t values (1)"), boom)))
        yield* inside(
          Effect.andThen(
            add(group, 0),
            Effect.exit(Second.transaction(Effect.andThen(Second.script("delete from t"), boom)))
          )
        )
        const left = yield* Second.one(Query.select(sql(Type.count)`(select count(*) from t)`))
        expect(left).toBe(1)
      }),
      second
    )
  )
})

const loaded = async (one: Trouble) => {
  await one.database.run(Effect.andThen(Database.drop(catalog), Database.create(catalog)))
  await one.database.run(Database.run(Query.insert(Author).values({ email: "a@x" })))
  const [author] = await one.database.run(Database.all(Query.from(Author)))
  const write = Database.run(Query.insert(Book).values({ title: "one", authorId: author!.id }))
  const load = Load.all(Query.from(Author), { books: true })
  return { write, load }
}

hazard("a load beside a transaction and one inside it share nothing", engines, async (scene) => {
  const two = await scene.open(scene.engine === "sqlite" ? { readers: 1 } : { pool: { size: 2 } })
  const { load, write } = await loaded(two)
  const exit = await two.database.exit(
    Effect.gen(function* () {
      const written = yield* Deferred.make<void>()
      const done = yield* Deferred.make<void>()
      const within = inside(
        Effect.gen(function* () {
          yield* write
          yield* Deferred.succeed(written, undefined)
          const found = yield* load
          yield* Deferred.await(done)
          return yield* Effect.fail(found[0]!.books.length)
        })
      )
      const beside = Effect.gen(function* () {
        yield* Deferred.await(written)
        const found = yield* load
        yield* Deferred.succeed(done, undefined)
        return found[0]!.books.length
      })
      return yield* Effect.all([Effect.flip(within), beside], { concurrency: 2 })
    })
  )
  expect(exit).toEqual(Exit.succeed([1, 0]))
})

hazard("one of two who load the same is interrupted", engines, async (scene) => {
  const one = await scene.open(only(scene.engine, 2))
  const { load, write } = await loaded(one)
  await one.database.run(write)
  const found = await one.database.run(
    Effect.gen(function* () {
      const first = yield* Effect.forkChild(load, { startImmediately: true })
      const second = yield* Effect.forkChild(load, { startImmediately: true })
      yield* Fiber.interrupt(first)
      return yield* Fiber.join(second)
    })
  )
  expect(found[0]!.books).toHaveLength(1)
})

hazard("a pool of one and work inside work", engines, async ({ engine, open }) => {
  const one = await open(engine === "sqlite" ? {} : { pool: { size: 1, borrow_ms: 500 } })
  await one.does(3, (group) =>
    inside(
      Effect.gen(function* () {
        yield* add(group, 0)
        yield* inside(Effect.andThen(add(group, 1), inside(add(group, 2))))
        expect(yield* seen(group)).toBe(3)
      })
    )
  )
})
