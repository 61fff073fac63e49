import { Catalog, Column, Database, Entity, FlushPlan, Query, Session, TwoPhase } from "athanor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schedule from "effect/Schedule"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { drivers, engines } from "../runtime/databases.ts"
import { place, type Program, program } from "./engine-support.ts"
import { Country, Letter, Node, Person, Rigid, Town } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

class Kind extends Entity<Kind>()("plan_kinds", {
  id: Column.id(),
  code: Column.varchar(10).unique(),
  label: Column.varchar(20)
}) {}
describe.each(engines)("what a flush would do and does on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
  })
  beforeEach(() => database.empty())
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const counted = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.counting(Session.transact(effect))
  const person = (email: string) => Session.one(Query.from(Person).match({ email }))

  test("a plan is listed, printed and dry-run with its loads [F146.2]", async () => {
    await work(
      Session.add(
        Person.make({
          email: "ann",
          letters: [{ text: "one" }, { text: "two" }],
          pets: [{ name: "rex" }]
        })
      )
    )
    const sent: Array<string> = []
    const { id } = await work(person("ann"))
    const told = await database.run(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.delete(Person.ref(id))
          yield* Session.add(
            Person.make({ email: "eve", letters: [{ text: "secret" }] }),
            Node.make({ code: "n" })
          )
          const plan = yield* Session.plan
          const again = yield* Session.plan
          expect(again.texts).toEqual(plan.texts)
          expect(sent.filter((text) => !/^(BEGIN|START|SELECT)/.test(text))).toEqual([])
          sent.length = 0
          yield* Session.flush
          return { plan, sent: [...sent] }
        })
      ).pipe(Effect.provideService(Database.Tap, ({ text }) => void sent.push(text)))
    )
    expect(told.plan.loads.map(({ table }) => table).toSorted()).toEqual([
      "enrolments",
      "letters",
      "letters",
      "people",
      "pets"
    ])
    const written = told.sent.filter((text) => /^(INSERT|UPDATE|DELETE)/.test(text))
    expect(told.plan.texts).toEqual(written)
    expect(FlushPlan.print(told.plan)).toBe(written.map((text) => `${text};`).join("\n"))
    const listed = FlushPlan.format(told.plan)
    expect(listed).toContain("read letters by (senderId): 1 key")
    expect(listed).toContain("insert people")
    expect(listed).toContain(`delete people: people(${id})`)
    expect(listed).not.toContain("secret")
    expect(told.plan.steps.map(({ kind, table }) => [kind, table.name])).toContainEqual([
      "delete",
      "letters"
    ])
    const none = await work(Effect.map(Session.plan, FlushPlan.format))
    expect(none).toBe("nothing to do")
    expect(await database.count(Letter)).toBe(1)
  })

  test("a plan that cannot be says so, and nothing is sent [F146.2]", async () => {
    await work(Session.add(Rigid.make({ id: 1, place: 1 }), Rigid.make({ id: 2, place: 2 })))
    const error = await work(
      Effect.gen(function* () {
        const [one, two] = yield* Session.all(Query.from(Rigid).orderBy(Rigid.c.id))
        yield* Session.update(one!, { place: 2 })
        yield* Session.update(two!, { place: 1 })
        const before = database.sentSoFar()
        const refused = yield* Effect.flip(Session.plan)
        expect(database.sentSoFar()).toBe(before)
        yield* Session.forget(one!, two!)
        return refused
      })
    )
    expect(error).toMatchObject({ _tag: "Unbreakable", tables: ["rigids"] })
  })

  test("a changed key reaches who refers to it by the database", async () => {
    await work(Session.add(Country.make({ code: "de" })))
    await work(
      Effect.flatMap(Session.all(Query.from(Country)), () =>
        Session.add(Town.make({ countryCode: "de" }))
      )
    )
    const carried = await counted(
      Effect.gen(function* () {
        const [country] = yield* Session.all(Query.from(Country))
        const [town] = yield* Session.all(Query.from(Town))
        yield* Session.update(country!, { code: "at" })
        yield* Session.flush
        expect((yield* Session.get(Town, town!.id)).countryCode).toBe("at")
      })
    )
    // ON UPDATE CASCADE: one statement.
    expect(carried.words.filter((word) => word === "UPDATE")).toHaveLength(1)
    const towns = await database.run(Database.all(Query.from(Town).select(Town.c.countryCode)))
    expect(towns).toEqual(["at"])
  })
})

describe.each(engines)("a session whose connection goes on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(Catalog.make({ Kind })))
  })
  beforeEach(() => database.run(Database.run(Query.deleteFrom(Kind).everyRow())))
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const labels = Database.all(Query.from(Kind).orderBy(Kind.c.code).select(Kind.c.label))
  const lost = Effect.flatMap(Database, ({ pool }) =>
    Effect.sync(() => {
      for (const { id } of pool.connections()) pool.retire(id, "now")
    })
  )

  test("nothing is left of it, and the next is whole [F144.3 F150.1 F150.2]", async () => {
    await database.run(Session.transact(Session.add(Kind.make({ code: "a", label: "one" }))))
    const seen: Array<string> = []
    const error = await database.failure(
      Session.transact(
        Effect.gen(function* () {
          const [kind] = yield* Session.all(Query.from(Kind))
          yield* Session.update(kind!, { label: "two" })
          yield* Session.add(Kind.make({ code: "b", label: "new" }))
          yield* Session.flush
          yield* lost
          seen.push((yield* Effect.flip(Session.all(Query.from(Kind))))._tag)
          yield* Session.add(Kind.make({ code: "c", label: "late" }))
          seen.push((yield* Effect.flip(Session.flush))._tag)
        })
      )
    )
    expect(["ConnectionLost", "TransactionDoomed"]).toContain(seen[0])
    expect(seen[1]).toBe("TransactionDoomed")
    expect(error).toMatchObject({ transaction: "ended", retryable: true })
    expect(await database.run(labels)).toEqual(["one"])
    const next = Effect.gen(function* () {
      expect(yield* Session.known(Kind)).toEqual([])
      expect(yield* Session.changes).toEqual({ new: [], changed: [], deleted: [] })
      yield* Session.add(Kind.make({ code: "d", label: "next" }))
    })
    await database.run(Session.transact(next))
    expect(await database.run(labels)).toEqual(["one", "next"])
  })

  test("run again whole, each row is there once [F150.3]", async () => {
    let runs = 0
    const unit = Session.transact(
      Effect.gen(function* () {
        yield* Session.add(
          Kind.make({ code: "a", label: "a" }),
          Kind.make({ code: "b", label: "b" })
        )
        yield* Session.flush
        if (++runs < 3) yield* lost
      }),
      { retry: Schedule.recurs(5) }
    )
    await database.run(unit)
    expect(runs).toBe(3)
    expect(await database.run(labels)).toEqual(["a", "b"])
  })
})

class Left extends Database.Service<Left>()("orm-left") {}
class Right extends Database.Service<Right>()("orm-right") {}

describe.each(engines)("a session and a second database on %s", (engine) => {
  test("commit together by two phases, or are refused typed [F144.4]", async () => {
    const places = [await place(engine), await place(engine)]
    const layer = Layer.mergeAll(
      Database.layerUrlOf(Left, places[0]!.url, { drivers }),
      Database.layerUrlOf(Right, places[1]!.url, { drivers })
    )
    const runtime = ManagedRuntime.make(layer)
    const coordinator = TwoPhase.make({
      name: `orm ${process.pid} ${engine}`,
      log: Left,
      databases: { left: Left, right: Right }
    })
    const asDatabase = <A, E>(effect: Effect.Effect<A, E, Database>) =>
      Effect.flatMap(Left, (left) => Effect.provideService(effect, Database, left))
    await runtime.runPromise(Left.create(Catalog.make({ Kind })))
    await runtime.runPromise(Right.create(Catalog.make({ Kind })))
    await runtime.runPromise(coordinator.create)
    const write = (fails: boolean) =>
      coordinator.transaction(
        Effect.gen(function* () {
          const add = Session.add(Kind.make({ code: "k", label: "one" }))
          yield* asDatabase(Session.transact(add))
          yield* Right.run(Query.insert(Kind).values({ code: "l", label: "other" }))
          if (fails) return yield* Effect.fail("no" as const)
        })
      )
    const labels = Query.from(Kind).select(Kind.c.label)
    const both = () => runtime.runPromise(Effect.all([Left.all(labels), Right.all(labels)]))
    const failed = await runtime.runPromise(Effect.flip(write(true)))
    if (engine === "sqlite") {
      expect(failed).toMatchObject({ _tag: "Unsupported", capability: "twoPhaseCommit" })
      expect(await both()).toEqual([[], []])
    } else {
      expect(failed).toBe("no")
      expect(await both()).toEqual([[], []])
      await runtime.runPromise(write(false))
      expect(await both()).toEqual([["one"], ["other"]])
    }
    await runtime.dispose()
    for (const one of places) await one.drop()
  })
})
