import { Catalog, Column, Database, Entity, Expr, Load, Query, Session, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines } from "../runtime/databases.ts"
import { Person, Pet } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void
/** What is reachable: references are held until a turn of the event loop is over. */
const heap_bytes = async (): Promise<number> => {
  await new Promise((next) => setTimeout(next, 5))
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

/** The same rows as values of a class, and as plain objects. */
const columns = {
  id: Column.integer().primaryKey(),
  account: Column.integer(),
  name: Column.varchar(50),
  email: Column.varchar(100),
  active: Column.boolean(),
  points: Column.integer()
}
class Member extends Entity<Member>()("members", columns) {}
const members = Table.make("members", columns)

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at)

describe.each(engines)("the verbs of a session on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
    await database.run(Database.create(Catalog.make({ Member })))
  })
  beforeEach(async () => {
    await database.empty()
    await database.run(Database.run(Query.deleteFrom(Member).everyRow()))
  })
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const counted = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.counting(Session.transact(effect))
  const byEmail = Query.from(Person).orderBy(Person.c.email)
  const stored = Database.all(byEmail.select([Person.c.email, Person.c.points]))
  const memberOf = (id: number) => ({
    id,
    account: id * 3,
    name: `member ${id}`,
    email: `m${id}@example.org`,
    active: id % 2 === 0,
    points: 0
  })

  test("each verb on one and on many [F142.1]", async () => {
    await work(
      Effect.gen(function* () {
        const [ann, bob, eve] = ["ann", "bob", "eve"].map((email) => Person.make({ email }))
        yield* Session.add(ann!)
        yield* Session.add(bob!, eve!)
        yield* Session.flush
        // Nothing is pending: nothing is sent.
        const before = database.sentSoFar()
        yield* Session.flush
        expect(database.sentSoFar()).toBe(before)
        const [one, ...others] = yield* Session.all(byEmail)
        expect(others.map(({ email }) => email)).toEqual(["bob", "eve"])
        const got = yield* Session.get(Person, one!.id)
        const found = yield* Effect.forEach(others, ({ id }) => Session.find(Person, id))
        expect([got, ...found.map(Option.getOrThrow)]).toEqual([one, ...others])
        const changed = yield* Session.update(one!, { points: 1 })
        expect([one!.points, changed.points]).toEqual([0, 1])
        yield* Effect.forEach(others, (each) => Session.update(each, { points: 2 }))
        yield* Effect.forEach([one!, ...others], (each) =>
          Session.modify(each, ({ points }) => ({ points: points + 10 }))
        )
        yield* Session.add(
          Pet.make({ name: "rex", person: one! }),
          Pet.make({ name: "tom", person: others[0]! })
        )
        expect((yield* Session.load(one!, Person.pets)).map(({ name }) => name)).toEqual(["rex"])
        const plan = Load.plan(Person, { pets: true })
        const loaded = yield* Session.populate([one!, ...others], plan)
        expect(loaded.map(({ pets }) => pets.map(({ name }) => name))).toEqual([
          ["rex"],
          ["tom"],
          []
        ])
        yield* Database.script("UPDATE people SET points = points + 100")
        expect((yield* Session.refresh(one!)).points).toBe(111)
        expect((yield* Session.refresh(others)).map(({ points }) => points)).toEqual([112, 112])
        yield* Session.forget(one!)
        yield* Session.forget(...others)
        expect(yield* Session.known(Person)).toEqual([])
        const [rex, tom] = yield* Session.all(Query.from(Pet).orderBy(Pet.c.name))
        yield* Session.delete(rex!)
        yield* Session.delete(tom!, others[1]!)
      })
    )
    expect(await database.run(stored)).toEqual([
      ["ann", 111],
      ["bob", 112]
    ])
    expect(await database.count(Pet)).toBe(0)
  })

  test("updates of many by key are few statements, each its own values [F137.3]", async () => {
    await database.run(Database.run(Query.insert(Member).rows(upTo(250).map(memberOf))))
    const { value, words } = await counted(
      Effect.gen(function* () {
        const change = (id: number) =>
          Session.update(Member.ref(id), { points: id * 2, name: `x${id}` })
        yield* Effect.forEach(upTo(250), change)
        yield* Session.update(Member.ref(3), { points: 1 })
        const plan = yield* Session.plan
        yield* Session.flush
        const now = yield* Session.refresh(Member.ref(7) as never)
        return { plan, now: now as Member }
      })
    )
    // SQLite's go by hundreds and tens.
    const few = engine === "sqlite" ? 2 + 4 + 9 + 1 : 2
    const updates = words.filter((word) => word === "UPDATE")
    expect(updates.length).toBeLessThanOrEqual(few)
    expect(value.plan.texts).toHaveLength(updates.length)
    expect(value.now.points).toBe(14)
    const rows = await database.run(Database.all(Query.from(Member).orderBy(Member.c.id)))
    expect(rows.map(({ account, name, points }) => [account, name, points])).toEqual(
      upTo(250).map((id) => [id * 3, `x${id}`, id === 3 ? 1 : id * 2])
    )
    // The row that is not there is named, and nothing of the others is written.
    const stale = await database.failure(
      Session.transact(
        Effect.forEach([5, 999, 6], (id) => Session.update(Member.ref(id), { points: -1 }))
      )
    )
    expect(stale).toMatchObject({ _tag: "StaleRow", table: "members", key: "999" })
    const left = Query.from(Member).where(Member.c.points.lt(0))
    expect(await database.run(Database.count(left))).toBe(0)
  })

  test("plain records go without bookkeeping, in few statements [F148.1]", async () => {
    const rows = upTo(1500).map(memberOf)
    const plain = await database.counting(Database.run(Query.insert(members).rows(rows)))
    await database.run(Database.run(Query.deleteFrom(Member).everyRow()))
    const { value, words } = await counted(
      Effect.gen(function* () {
        const inserted = yield* Database.run(Query.insert(Member).rows(rows))
        const points = Expr.param("points", Type.integer)
        const byKey = Query.update(Member)
          .set({ points })
          .where(Member.c.id.eq(Expr.param("id", Type.integer)))
        const changes = upTo(1500).map((id) => ({ id, points: id + 1 }))
        const updated = yield* Database.runEach(byKey, changes)
        expect(yield* Session.known(Member)).toEqual([])
        return [inserted, updated]
      })
    )
    expect(value).toEqual([1500, 1500])
    const inserts = words.filter((word) => word === "INSERT").length
    expect(inserts).toBe(plain.count("INSERT"))
    const updates = words.filter((word) => word === "UPDATE").length
    expect(updates).toBeLessThanOrEqual(engine === "sqlite" ? 15 : 1)
    const sum = Query.from(Member).where(Member.c.points.eq(Member.c.id.add(1)))
    expect(await database.run(Database.count(sum))).toBe(1500)
  })

  test("the map goes with its session, and costs less than its rows again [F141.4]", async () => {
    await database.run(Database.run(Query.insert(Member).rows(upTo(5000).map(memberOf))))
    const plainly = () => database.run(Database.all(Query.from(members)))
    // The first ones pay for what is compiled.
    await plainly()
    await work(Session.all(Query.from(Member)))
    let map: WeakRef<object> | null = null
    let value: WeakRef<object> | null = null
    const session = Effect.gen(function* () {
      const start = yield* Effect.promise(heap_bytes)
      const values = yield* Session.all(Query.from(Member))
      const held = (yield* Effect.promise(heap_bytes)) - start
      map = new WeakRef((yield* Session).state.rows)
      value = new WeakRef(values[17]!)
      expect(values).toHaveLength(5000)
      return held
    })
    const ratio = async (): Promise<number> => {
      const before = await heap_bytes()
      const objects = await plainly()
      const plain = (await heap_bytes()) - before
      expect(objects).toHaveLength(5000)
      return (await work(session)) / plain
    }
    // Others work in this process: what they hold meanwhile is not the session's.
    let told = 0
    for (let turn = 0; turn < 4 && (told < 0.7 || told > 2); turn++) told = await ratio()
    expect(told).toBeLessThan(2)
    expect(told).toBeGreaterThan(0.7)
    await heap_bytes()
    expect([map!.deref(), value!.deref()]).toEqual([undefined, undefined])
  })
})
