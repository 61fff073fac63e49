import { Database, DatabaseError, Query, Session } from "athanor"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines } from "../runtime/databases.ts"
import { Node, Person, Pet } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

const deadlocked = Effect.fail(
  new DatabaseError.Deadlock({
    message: "two transactions wait for each other",
    dialect: "postgres",
    operation: "query",
    retryable: true,
    transaction: "ended"
  })
)

describe.each(engines)("how a session reads and is opened on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
  })
  beforeEach(async () => {
    await database.empty()
    await work(
      Session.add(
        Person.make({ email: "ann", points: 1, pets: [{ name: "rex" }] }),
        Person.make({ email: "bob" })
      )
    )
  })
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const counted = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.counting(Session.transact(effect))
  const person = (email: string) => Session.one(Query.from(Person).match({ email }))
  const points = Database.all(Query.from(Person).orderBy(Person.c.email).select(Person.c.points))

  test("get takes a plan and a row lock, and then asks though it knows [F138.4]", async () => {
    const { count, value } = await counted(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        const read = Session.get(Person, ann.id, { pets: true })
        const locked = yield* Session.with({ lock: "update" }, read)
        expect(locked.pets.map(({ name }) => name)).toEqual(["rex"])
        const shared = Session.with({ lock: "share" }, Session.find(Person, ann.id))
        expect(Option.getOrThrow(yield* shared).points).toBe(1)
        const none = Session.with({ lock: "update" }, Session.find(Person, 999_999))
        expect(yield* none).toEqual(Option.none())
        if (engine === "sqlite") return null
        const other = Query.from(Person).match({ id: ann.id }).lock("update", { wait: "nowait" })
        return yield* Effect.flip(Database.autocommit(Database.transaction(Database.all(other))))
      })
    )
    if (engine !== "sqlite") expect(value).toMatchObject({ _tag: "LockTimeout" })
    expect(count("SELECT")).toBe(engine === "sqlite" ? 5 : 6)
  })

  test("what is known is replaced by what the database holds [F136.1]", async () => {
    await work(
      Effect.gen(function* () {
        const [ann, bob] = [yield* person("ann"), yield* person("bob")]
        const raise = "UPDATE people SET points = points + 10"
        yield* Session.believe(bob, { points: 77 })
        yield* Session.update(bob, { nick: "B" })
        const now = yield* Session.with({ fresh: true }, Session.get(Person, bob.id))
        expect([now.points, now.nick]).toEqual([0, "B"])
        expect((yield* Session.get(Person, bob.id)).points).toBe(0)
        yield* Session.believe(ann, { points: 99 })
        expect((yield* Session.get(Person, ann.id)).points).toBe(99)
        const all = yield* Session.all(Query.from(Person).orderBy(Person.c.email))
        expect(all.map((one) => one.points)).toEqual([1, 0])
        expect((yield* Session.get(Person, ann.id)).points).toBe(1)
        yield* Database.script(raise)
        const gone = Session.with({ fresh: true }, Session.find(Person, 999_999))
        expect(yield* gone).toEqual(Option.none())
      })
    )
  })

  test("one read without a flush: what is pending stays, and lies on top [F136.2]", async () => {
    const { words } = await counted(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        const before = database.sentSoFar()
        yield* Session.update(ann, { points: 5 })
        yield* Session.add(Person.make({ email: "eve" }))
        const quiet = { autoflush: false }
        const all = Query.from(Person).orderBy(Person.c.email)
        const seen = yield* Session.with(quiet, Session.all(all))
        expect(seen.map((one) => [one.email, one.points])).toEqual([
          ["ann", 5],
          ["bob", 0]
        ])
        const joined = Query.from(Pet)
          .join(Person, Person.c.id.eq(Pet.c.personId))
          .select({ owner: Person, points: Person.c.points })
        const [row] = yield* Session.with(quiet, Session.all(joined))
        expect([row!.owner.points, row!.points]).toEqual([5, 1])
        const streamed = Session.with(quiet, Session.stream(all)).pipe(Stream.runCollect)
        expect((yield* streamed).map((one) => one.points)).toEqual([5, 0])
        expect(yield* Session.with(quiet, points)).toEqual([1, 0])
        expect(yield* Session.with(quiet, Session.find(Person, 999_999))).toEqual(Option.none())
        expect((yield* Session.changes).changed).toHaveLength(1)
        expect(database.sentSoFar() - before).toBe(5)
        // The next read flushes.
        expect(yield* points).toEqual([5, 0, 0])
      })
    )
    expect(words.filter((word) => word === "INSERT" || word === "UPDATE")).toHaveLength(2)
  })

  test("a read aside takes nothing from memory and adds nothing to it [F136.3]", async () => {
    await work(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        const aside = { aside: true, autoflush: false }
        yield* Session.update(ann, { points: 5 })
        expect((yield* Session.with(aside, Session.get(Person, ann.id))).points).toBe(1)
        const all = Query.from(Person).orderBy(Person.c.email)
        const seen = yield* Session.with(aside, Session.all(all, { pets: true }))
        expect(seen.map((one) => [one.points, one.pets.length])).toEqual([
          [1, 1],
          [0, 0]
        ])
        yield* Session.with(aside, Session.load(ann, Person.pets))
        expect(yield* Session.known(Pet)).toEqual([])
        expect((yield* Session.known(Person)).map((one) => one.points)).toEqual([5])
        expect((yield* Session.get(Person, ann.id)).points).toBe(5)
      })
    )
  })

  test("read in chunks aside, a session holds no more than a chunk [F136.4]", async () => {
    await database.run(
      Database.run(
        Query.insert(Node).rows(Array.from({ length: 3000 }, (_, at) => ({ code: `n${at}` })))
      )
    )
    await work(
      Effect.gen(function* () {
        const all = Database.with({ fetchSize: 100 }, Session.stream(Query.from(Node)))
        let [count, most] = [0, 0]
        const each = Stream.runForEachArray(Session.with({ aside: true }, all), (chunk) =>
          Effect.map(Session.known(Node), (known) => {
            count += chunk.length
            most = Math.max(most, chunk.length, known.length)
          })
        )
        yield* each
        expect(count).toBe(3000)
        expect(most).toBeLessThanOrEqual(100)
        yield* Stream.runDrain(all)
        expect(yield* Session.known(Node)).toHaveLength(3000)
      })
    )
  })

  test("options are a layer's, and each session opened below has them [F149.1]", async () => {
    const add = Session.add(Person.make({ email: "eve" }))
    const seen = Session.transact(
      Effect.andThen(
        add,
        Effect.map(Session.all(Query.from(Person)), (found) => found.length)
      )
    )
    const quiet = Session.options({ autoflush: false })
    const twice = Effect.all([seen, Effect.flip(seen)])
    // The first is committed; the second is refused by the database alone.
    const [first, second] = await database.run(Effect.provide(twice, quiet))
    expect(first).toBe(2)
    expect(second).toMatchObject({ _tag: "UniqueViolation" })
    expect(await database.run(points)).toHaveLength(3)
    const readOnly = Session.options({ transaction: { readOnly: true } })
    const both = Layer.provideMerge(readOnly, quiet)
    const refused = await database.run(
      Effect.provide(Effect.flip(Session.transact(Session.add(Person.make({ email: "x" })))), both)
    )
    expect(refused).toMatchObject({ _tag: "ReadOnly" })
    const inner = Session.transact(
      Effect.andThen(
        Session.add(Person.make({ email: "fay" })),
        Session.with({ autoflush: true }, Session.all(Query.from(Person)))
      )
    )
    expect(await database.run(Effect.provide(inner, quiet))).toHaveLength(4)
  })

  test("isolation, reading alone and running again are a session's too [F144.5]", async () => {
    const write = Session.add(Person.make({ email: "eve" }))
    const alone = Session.transact(write, { readOnly: true })
    expect(await database.failure(alone)).toMatchObject({ _tag: "ReadOnly" })
    expect(await database.run(Session.transact(points, { readOnly: true }))).toEqual([1, 0])
    let attempts = 0
    const again = Session.transact(
      Effect.gen(function* () {
        attempts++
        expect(yield* Session.changes).toEqual({ new: [], changed: [], deleted: [] })
        expect(yield* Session.known(Person)).toEqual([])
        const eve = Person.make({ email: "eve" })
        yield* Session.add(eve)
        yield* Session.flush
        if (attempts < 3) return yield* deadlocked
        return yield* Effect.map(Session.refresh(eve), ({ email }) => email)
      }),
      { isolation: "serializable", retry: Schedule.recurs(5) }
    )
    expect(await database.run(again)).toBe("eve")
    expect(attempts).toBe(3)
    expect(await database.run(points)).toHaveLength(3)
    const unlike = Session.transact(
      Session.transact(Effect.void, { isolation: "serializable" }),
      engine === "sqlite" ? {} : { isolation: "read committed" }
    )
    const exit = await database.run(Effect.exit(unlike))
    if (engine !== "sqlite") {
      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : null
      expect(error).toMatchObject({ _tag: "Unsupported" })
    }
  })

  test("a request's session ends with it, given up or not [F149.3]", async () => {
    const services = await database.run(Effect.context<Database>())
    const entered = Deferred.makeUnsafe<void>()
    const route = (wait: boolean) =>
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Person.make({ email: wait ? "slow" : "quick" }))
          yield* Session.flush
          yield* Deferred.succeed(entered, undefined)
          if (wait) yield* Effect.never
          return yield* HttpServerResponse.json({ known: (yield* Session.known(Person)).length })
        })
      ).pipe(Effect.orDie)
    const routes = HttpRouter.addAll([
      HttpRouter.route("GET", "/quick", Effect.provideContext(route(false), services)),
      HttpRouter.route("GET", "/slow", Effect.provideContext(route(true), services))
    ])
    const whole = Layer.provide(routes, HttpServer.layerServices)
    const { dispose, handler } = HttpRouter.toWebHandler(whole, { disableLogger: true })
    const quick = await handler(new Request("http://localhost/quick"), Context.empty())
    expect([quick.status, await quick.json()]).toEqual([200, { known: 1 }])
    const stop = new AbortController()
    const slow = handler(
      new Request("http://localhost/slow", { signal: stop.signal }),
      Context.empty()
    )
    await Effect.runPromise(Deferred.await(entered))
    const settled = slow.then(
      ({ status }) => status,
      () => 499
    )
    stop.abort()
    expect(await settled).not.toBe(200)
    await dispose()
    const emails = Query.from(Person).orderBy(Person.c.email).select(Person.c.email)
    expect(await database.run(Database.all(emails))).toEqual(["ann", "bob", "quick"])
    const stats = await database.run(Effect.map(Database, ({ pool }) => pool.stats()))
    expect([stats.used, stats.waiting]).toEqual([0, 0])
  })
})
