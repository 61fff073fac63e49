import { Database, Query, Session } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines } from "../runtime/databases.ts"
import { Course, Enrolment, Letter, Log, Node, Person, Pet } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

describe.each(engines)("a session on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
  })
  beforeEach(async () => {
    await database.empty()
    await work(
      Session.add(
        Person.make({ email: "ann", points: 1, pets: [{ name: "rex" }, { name: "tom" }] }),
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

  test("a known entity is given without a statement, an unknown one by one [F138.1]", async () => {
    const { id } = await work(person("ann"))
    const { count } = await counted(
      Effect.gen(function* () {
        const first = yield* Session.get(Person, id)
        expect(yield* Session.get(Person, id)).toEqual(first)
        expect(Option.getOrThrow(yield* Session.find(Person, id))).toEqual(first)
      })
    )
    expect(count("SELECT")).toBe(1)
  })

  test("a composite key is a record; another entity's key does not compile [F138.2]", async () => {
    await work(
      Session.add(
        Enrolment.make({
          person: (await work(person("ann"))).id,
          course: Course.make({ title: "h" })
        })
      )
    )
    const [link] = await database.run(Database.all(Query.from(Enrolment)))
    const { courseId, personId } = link!
    expect(await work(Session.get(Enrolment, { courseId, personId }))).toEqual(link)
    const wrong = [
      // @ts-expect-error the key is a record of two
      () => Session.get(Enrolment, 1),
      // @ts-expect-error a text, not a number
      () => Session.get(Node, 1)
    ]
    expect(wrong).toHaveLength(2)
  })

  test("an absent key is none from find and NotFound from get [F138.3]", async () => {
    expect(await work(Session.find(Person, 999_999))).toEqual(Option.none())
    const absent = Session.get(Person, 999_999)
    const error = await database.run(Session.transact(Effect.flip(absent)))
    expect(error).toMatchObject({ _tag: "NotFound", subject: "Person", transaction: "alive" })
    // Who lets it end the transaction is told that it did.
    const outside = await database.failure(Session.transact(absent))
    expect(outside).toMatchObject({ _tag: "NotFound", transaction: "ended" })
    const gone = await work(
      Effect.gen(function* () {
        const pet = yield* Session.one(Query.from(Pet).match({ name: "rex" }))
        yield* Session.delete(pet)
        return yield* Session.find(Pet, pet.id)
      })
    )
    expect(gone).toEqual(Option.none())
  })

  test("whatever path loads one row, its content is the same [F141.1 F131.5]", async () => {
    await work(
      Effect.gen(function* () {
        const one = yield* person("ann")
        const [two] = yield* Session.all(Query.from(Person).orderBy(Person.c.email))
        const got = yield* Session.get(Person, one.id)
        const pets = yield* Session.all(Query.from(Pet), { person: true })
        const [pet] = yield* Session.load(one, Person.pets)
        const owner = yield* Session.load(pet!, Pet.person)
        const joined = yield* Session.all(
          Query.from(Pet)
            .join(Person, Person.c.id.eq(Pet.c.personId))
            .select({ pet: Pet, owner: Person })
        )
        const seen = [two!, got, pets[0]!.person!, owner!, ...joined.map((row) => row.owner)]
        for (const other of seen) expect(Equal.equals(one, other)).toBe(true)
        expect(joined).toHaveLength(2)
      })
    )
  })

  test("a rolled-back nested scope restores the map and the rows [F141.5 F144.1]", async () => {
    await work(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        yield* Session.update(ann, { points: 5 })
        const inner = Effect.gen(function* () {
          yield* Session.update(ann, { points: 6 })
          yield* Session.flush
          const bob = yield* person("bob")
          yield* Session.delete(bob)
          yield* Session.flush
          expect(yield* Session.find(Person, bob.id)).toEqual(Option.none())
          return yield* Effect.fail(bob)
        })
        const bob = yield* Effect.flip(Session.nested(inner))
        if (!(bob instanceof Person)) throw new Error("another failure")
        expect((yield* Session.get(Person, ann.id)).points).toBe(5)
        expect((yield* Session.get(Person, bob.id)).email).toBe("bob")
      })
    )
    expect(await database.run(points)).toEqual([5, 0])
  })

  test("an entity outlives its session, known by its key in the next [F140.2 F140.3]", async () => {
    const ann = await work(
      Effect.map(
        Session.all(Query.from(Person).match({ email: "ann" }), { pets: true }),
        ([one]) => one!
      )
    )
    expect(ann.pets.map(({ name }) => name)).toEqual(["rex", "tom"])
    expect(ann.label).toBe("nobody <ann>")
    const { count } = await counted(
      Effect.gen(function* () {
        const next = yield* Session.update(ann, { points: 9 })
        expect(next.pets).toEqual(ann.pets)
        expect((yield* Session.get(Person, ann.id)).points).toBe(9)
      })
    )
    expect(count("SELECT")).toBe(0)
    expect(await database.run(points)).toEqual([9, 0])
  })

  test("two fibers in one session never mix their states [F142.5]", async () => {
    const { count } = await counted(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        const worker = (at: number) =>
          Effect.gen(function* () {
            yield* Session.modify(ann, (now) => ({ points: now.points + 1 }))
            if (at % 3 === 0) yield* Session.flush
            yield* Session.add(Pet.make({ name: `pet ${at}`, person: ann }))
            if (at % 5 === 0) yield* Session.all(Query.from(Pet))
            yield* Session.modify(ann, (now) => ({ points: now.points + 1 }))
          })
        yield* Effect.forEach(
          Array.from({ length: 40 }, (_, at) => at),
          worker,
          {
            concurrency: "unbounded"
          }
        )
      })
    )
    expect(await database.run(points)).toEqual([81, 0])
    expect(await database.count(Pet)).toBe(42)
    expect(count("INSERT")).toBeLessThanOrEqual(40)
  })

  test("a read flushes first only where its tables meet the pending changes [F143.1]", async () => {
    const { words } = await counted(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        yield* Session.update(ann, { points: 2 })
        yield* Session.all(Query.from(Pet))
        yield* Session.all(Query.from(Person))
        yield* Session.all(Query.from(Person))
      })
    )
    const told = words.filter((word) => word === "SELECT" || word === "UPDATE")
    expect(told).toEqual(["SELECT", "SELECT", "UPDATE", "SELECT", "SELECT"])
  })

  test("nothing expires at commit; a new session sees the database [F143.2]", async () => {
    const ann = await work(person("ann"))
    await database.run(Database.run(Query.update(Person).set({ points: 50 }).everyRow()))
    expect(ann.points).toBe(1)
    expect((await work(Session.get(Person, ann.id))).points).toBe(50)
  })

  test("leaving without failure flushes and commits [F143.3]", async () => {
    await work(Effect.flatMap(person("ann"), (ann) => Session.update(ann, { points: 3 })))
    expect(await database.run(points)).toEqual([3, 0])
    await database.failure(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.update(yield* person("ann"), { points: 4 })
          return yield* Effect.fail("no" as const)
        })
      )
    )
    expect(await database.run(points)).toEqual([3, 0])
  })

  test("each read has the stated number of statements [F143.4]", async () => {
    const { id } = await work(person("ann"))
    const reads: ReadonlyArray<readonly [number, Effect.Effect<unknown, unknown, Session>]> = [
      [1, Session.all(Query.from(Person))],
      [2, Session.all(Query.from(Person), { pets: true })],
      [3, Session.all(Query.from(Person), { pets: { person: true } })],
      [3, Session.all(Query.from(Person), { pets: true, letters: true })],
      [1, Session.first(Query.from(Person))],
      [1, Session.get(Person, id)],
      [2, Session.get(Person, id, { pets: true })],
      [1, Session.all(Query.from(Course), { topics: true })]
    ]
    for (const [expected, read] of reads) {
      const { words } = await counted(read)
      expect(words.filter((word) => word === "SELECT")).toHaveLength(expected)
    }
  })

  test("a session joins an open transaction and leaves its fate to it [F144.2]", async () => {
    const { value, words } = await database.counting(
      Effect.flip(
        Database.transaction(
          Effect.gen(function* () {
            yield* Session.transact(
              Effect.flatMap(person("ann"), (ann) => Session.update(ann, { points: 8 }))
            )
            expect(yield* points).toEqual([8, 0])
            return yield* Effect.fail("outer" as const)
          })
        )
      )
    )
    expect(value).toBe("outer")
    expect(words.filter((word) => word === "COMMIT")).toEqual([])
    expect(await database.run(points)).toEqual([1, 0])
  })

  test("each fiber tree has its own session; a leaked one fails typed [F149.2]", async () => {
    const gate = Deferred.makeUnsafe<void>()
    const seen = await database.run(
      Effect.gen(function* () {
        const add = (email: string) =>
          Session.transact(
            Effect.gen(function* () {
              yield* Session.add(Person.make({ email }))
              return yield* Session
            })
          )
        const units = yield* Effect.forEach(["c", "d"], add, { concurrency: 2 })
        expect(units[0]).not.toBe(units[1])
        const leaked = yield* Session.transact(
          Effect.forkDetach(
            Effect.andThen(
              Deferred.await(gate),
              Effect.all([
                Effect.flip(Session.add(Person.make({ email: "late" }))),
                Effect.flip(Session.flush),
                Effect.flip(Session.all(Query.from(Person))),
                Effect.flip(Session.plan)
              ])
            )
          )
        )
        yield* Deferred.succeed(gate, undefined)
        return yield* Fiber.join(leaked)
      })
    )
    expect(seen.map(({ _tag }) => _tag)).toEqual(
      Array.from({ length: 4 }, () => "TransactionClosed")
    )
    expect(await database.count(Person)).toBe(4)
  })

  test("updates and deletes by criteria keep the session truthful [F137.2]", async () => {
    await work(
      Effect.gen(function* () {
        const [ann, bob] = [yield* person("ann"), yield* person("bob")]
        yield* Session.update(ann, { nick: "A" })
        yield* Database.run(Query.update(Person).set({ points: 7 }).everyRow())
        const now = yield* Session.get(Person, ann.id)
        expect([now.points, now.nick]).toEqual([7, "A"])
        yield* Database.run(Query.deleteFrom(Person).where(Person.c.email.eq("bob")))
        expect(yield* Session.find(Person, bob.id)).toEqual(Option.none())
        yield* Session.modify(ann, (one) => ({ points: one.points + 1 }))
      })
    )
    expect(await database.run(points)).toEqual([8])
  })

  test("what is written past it is not overwritten by what it knew [F137.2]", async () => {
    await work(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        const raise = Query.update(Person).set({ points: Person.c.points.add(10) })
        yield* Database.run(raise.everyRow())
        yield* Session.modify(ann, (now) => ({ points: now.points + 1 }))
        expect(yield* points).toEqual([12, 10])
        yield* Database.run(raise.everyRow())
        const back = yield* Session.update(ann, { points: ann.points })
        expect([back.points, back.email]).toEqual([1, "ann"])
        expect(yield* points).toEqual([1, 20])
        yield* Session.update(ann, { points: 2 })
        yield* Database.script("UPDATE people SET points = points + 1")
        expect((yield* Session.get(Person, ann.id)).points).toBe(3)
      })
    )
    expect(await database.run(points)).toEqual([3, 21])
  })

  test("a row the database removed by a cascade is not remembered [F137.2]", async () => {
    await work(Session.add(Person.make({ email: "eve", logs: [{ line: "made" }] })))
    const found = await work(
      Effect.gen(function* () {
        const log = yield* Session.one(Query.from(Log))
        yield* Database.run(Query.deleteFrom(Person).where(Person.c.email.eq("eve")))
        return yield* Session.find(Log, log.id)
      })
    )
    expect(found).toEqual(Option.none())
  })

  test("interrupted in the middle of a flush, nothing remains and nothing leaks", async () => {
    for (const at_ms of [0, 1, 2, 4]) {
      const many = Array.from({ length: 200 }, (_, at) =>
        Letter.make({ text: `${at}`, sender: Person.make({ email: `x${at}` }) })
      )
      await database.run(
        Effect.timeoutOption(
          Session.transact(
            Effect.gen(function* () {
              yield* Session.add(...many)
              yield* Session.flush
              return yield* Effect.never
            })
          ),
          at_ms
        )
      )
      expect(await database.count(Letter)).toBe(0)
      expect((await database.run(Effect.map(Database, ({ pool }) => pool.stats()))).used).toBe(0)
    }
  })
})
