import {
  Catalog,
  Column,
  Database,
  type DatabaseError,
  Databases,
  Entity,
  Fn,
  Query,
  Session
} from "athanor"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/** Spread by the key: even ones here, odd ones there. */
class User extends Entity<User>()("users", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20)
}) {
  static readonly reports = this.relatesToMany(
    () => Report,
    (own, report) => report["userId"].eq(own["id"])
  )
  static readonly notes = this.hasMany(() => Note, { key: "userId", children: "detach" })
  static readonly orders = this.hasMany(() => Order, { key: "userId" })
}
/** Stands with its user. */
class Order extends Entity<Order>()("orders", {
  id: Column.integer().primaryKey(),
  userId: Column.integer(),
  total: Column.integer()
}) {
  static readonly user = this.belongsTo(() => User)
}
/** Stands in a database of its own; nothing there checks the key. */
class Note extends Entity<Note>()("notes", {
  id: Column.integer().primaryKey(),
  userId: Column.integer().nullable(),
  text: Column.varchar(20)
}) {
  static readonly user = this.belongsTo(() => User)
}
class Report extends Entity<Report>()("reports", {
  id: Column.id(),
  userId: Column.integer(),
  title: Column.varchar(20)
}) {}
/** Spread by what is no key: one key may stand in both. */
class Place extends Entity<Place>()("places", {
  id: Column.integer().primaryKey(),
  side: Column.varchar(5),
  name: Column.varchar(20)
}) {}

const parityOf = (id: number | null | undefined) =>
  id === undefined || id === null ? null : id % 2 === 0 ? "even" : "odd"
const bindings = [
  Databases.shard(User, ["even", "odd"], ({ id }) => parityOf(id)),
  Databases.shard(Order, ["even", "odd"], ({ userId }) => parityOf(userId)),
  Databases.shard(Place, ["even", "odd"], ({ side }) =>
    side === "left" ? "even" : side === "right" ? "odd" : null
  ),
  Databases.bind(Report, "own"),
  Databases.bind(Note, "own")
]

class Even extends Database.Service<Even>()("test/even") {}
class Odd extends Database.Service<Odd>()("test/odd") {}
class Own extends Database.Service<Own>()("test/own") {}

const spread = Catalog.make({ User, Order, Place })
const users = [
  [1, "ann"],
  [2, "bob"],
  [3, "cleo"],
  [4, "dan"]
] as const

describe.each(engines)("several databases on %s", (engine) => {
  let opened: ReadonlyArray<Awaited<ReturnType<typeof connect>>>
  let layer: Layer.Layer<Databases | Even | Odd | Own>
  beforeAll(async () => {
    opened = [await connect(engine), await connect(engine), await connect(engine)]
    const [even, odd, own] = await Promise.all(
      opened.map(({ run }) => run(Effect.flatMap(Database, (db) => Effect.succeed(db))))
    )
    const services = Layer.succeedContext(
      Context.make(Even, even!).pipe(Context.add(Odd, odd!), Context.add(Own, own!))
    )
    layer = Layer.provideMerge(
      Databases.layer({ even: Even, odd: Odd, own: Own }, bindings),
      services
    )
    await run(Effect.andThen(Even.create(spread), Odd.create(spread)))
    await run(Own.create(Catalog.make({ Report })))
    await run(
      Own.script("create table notes (id integer primary key, user_id integer, text varchar(20))")
    )
  })
  beforeEach(async () => {
    for (const each of [Even, Odd])
      for (const table of [Order, User, Place])
        await run(each.run(Query.deleteFrom(table as typeof User).everyRow()))
    await run(Own.run(Query.deleteFrom(Report).everyRow()))
    await run(Own.run(Query.deleteFrom(Note).everyRow()))
    await work(
      Databases.add(
        ...users.map(([id, name]) => User.make({ id, name, orders: [{ id: id * 10, total: id }] })),
        Report.make({ userId: 2, title: "june" }),
        Report.make({ userId: 3, title: "july" }),
        Note.make({ id: 1, user: 2, text: "of bob" }),
        Note.make({ id: 2, user: 3, text: "of cleo" })
      )
    )
  })
  afterAll(async () => {
    for (const one of opened) await one.dispose()
  })
  const sent: Array<string> = []
  const run = <A, E>(effect: Effect.Effect<A, E, Databases | Even | Odd | Own>): Promise<A> =>
    Effect.runPromise(
      Effect.provideService(Effect.provide(effect, layer), Database.Tap, ({ text }) => {
        sent.push(text)
      })
    )
  const reads = async (effect: Parameters<typeof work>[0]) => {
    const before = sent.length
    await work(effect)
    return sent.slice(before).filter((text) => text.startsWith("SELECT")).length
  }
  const work = <A, E>(effect: Effect.Effect<A, E, Effect.Services<typeof someUser>>) =>
    run(Databases.transact(effect))
  const someUser = Databases.get(User, 1)
  const names = (of: typeof Even | typeof Odd | typeof Own) =>
    run(of.all(Query.from(User).orderBy(User.c.id).select(User.c.name)))

  test("entities stand where they are bound, by entity or by a function [F145.1]", async () => {
    expect([await names(Even), await names(Odd)]).toEqual([
      ["bob", "dan"],
      ["ann", "cleo"]
    ])
    const titles = Query.from(Report).orderBy(Report.c.title).select(Report.c.title)
    expect(await run(Own.all(titles))).toEqual(["july", "june"])
    expect(await work(Databases.all(titles))).toEqual(["july", "june"])
    // All that is done is undone together.
    const failed = Effect.gen(function* () {
      yield* Databases.add(
        User.make({ id: 5, name: "eve" }),
        Report.make({ userId: 5, title: "x" })
      )
      yield* Databases.delete(User.ref(1), yield* Databases.get(User, 2))
      return yield* Effect.fail("no" as const)
    })
    await run(Effect.flip(Databases.transact(failed)))
    expect([await names(Even), await names(Odd)]).toEqual([
      ["bob", "dan"],
      ["ann", "cleo"]
    ])
    // Interrupted before it ends, nothing of it is anywhere.
    const endless = Effect.gen(function* () {
      yield* Databases.add(User.make({ id: 7, name: "x" }), User.make({ id: 8, name: "y" }))
      yield* Databases.all(Query.from(User))
      return yield* Effect.never
    })
    await run(Effect.timeoutOption(Databases.transact(endless), 30))
    expect([await names(Even), await names(Odd)]).toEqual([
      ["bob", "dan"],
      ["ann", "cleo"]
    ])
    const twice = Databases.layer({ own: Own }, [
      Databases.bind(Report, "own"),
      Databases.bind(Report, "own")
    ])
    const exit = await run(Effect.exit(Effect.provide(Databases, twice)))
    expect(String(exit)).toContain('"reports" is bound twice')
    const graph = User.make({ id: 6, name: "x", notes: [{ id: 9, text: "apart" }] })
    const refused = await run(Effect.exit(Databases.transact(Databases.add(graph))))
    expect(String(refused)).toContain("a Note of another database than the User")
  })

  test("a chooser sends reads and writes to the shard; all are asked [F145.2]", async () => {
    expect(await reads(Databases.get(User, 2))).toBe(1)
    expect(await reads(Databases.find(Place, 2))).toBe(2)
    expect(await reads(Databases.all(Query.from(User)))).toBe(2)
    expect(await reads(Databases.all(Query.from(Report)))).toBe(1)
    await work(
      Effect.gen(function* () {
        const bob = yield* Databases.get(User, 2)
        const next = yield* Databases.update(bob, { name: "Bob" })
        yield* Databases.update(next, { name: "BOB" })
        const [order] = yield* Databases.load(bob, User.orders)
        expect(order!.total).toBe(2)
        yield* Databases.delete(order!)
      })
    )
    expect([await names(Even), await names(Odd)]).toEqual([
      ["BOB", "dan"],
      ["ann", "cleo"]
    ])
    const all = await work(Databases.all(Query.from(User)))
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set([1, 2, 3, 4]))
    const first = Query.from(User).orderBy(User.c.name.desc()).limit(2).select(User.c.name)
    const merge = (lists: ReadonlyArray<ReadonlyArray<string>>) =>
      lists.flat().toSorted().toReversed().slice(0, 2)
    expect(await work(Databases.all(first, { merge }))).toEqual(["dan", "cleo"])
    const count = Query.from(User).select(Fn.count())
    const sum = (lists: ReadonlyArray<ReadonlyArray<number>>) => [
      lists.flat().reduce((a, b) => a + b, 0)
    ]
    expect(await work(Databases.all(count, { merge: sum }))).toEqual([4])
    for (const query of [first, count]) {
      const exit = await run(Effect.exit(Databases.transact(Databases.all<string | number>(query))))
      expect(String(exit)).toContain("need a merge")
    }
    const absent = await run(Effect.flip(Databases.transact(Databases.get(User, 77))))
    expect(absent).toMatchObject({ _tag: "NotFound", subject: "User" })
    const nowhere = Place.make({ id: 1, side: "none", name: "x" })
    const untold = await run(Effect.exit(Databases.transact(Databases.add(nowhere))))
    expect(String(untold)).toContain("nothing tells which of them this Place stands in")
  })

  test("one key in two databases is two entities [F145.3]", async () => {
    await work(
      Databases.add(
        Place.make({ id: 1, side: "left", name: "here" }),
        Place.make({ id: 1, side: "right", name: "there" })
      )
    )
    await work(
      Effect.gen(function* () {
        const places = yield* Databases.all(Query.from(Place))
        expect(places.map(({ name }) => name)).toEqual(["here", "there"])
        const [here, there] = places
        yield* Databases.update(there!, { name: "THERE" })
        const left = yield* Databases.on("even", Session.get(Place, 1))
        const right = yield* Databases.on("odd", Session.get(Place, 1))
        expect([left.name, right.name]).toEqual(["here", "THERE"])
        yield* Databases.update(left, { name: "HERE" })
        // Which of the two is meant, the key does not tell.
        const both = yield* Effect.flip(Databases.get(Place, 1))
        expect(both).toMatchObject({ _tag: "RowCount", actual: 2 })
        const moved = yield* Effect.exit(Databases.update(here!, { side: "right" }))
        expect(String(moved)).toContain('this Place would stand in "odd" then')
      })
    )
    const stored = [Even, Odd].map((each) => run(each.all(Query.from(Place).select(Place.c.name))))
    expect(await Promise.all(stored)).toEqual([["HERE"], ["THERE"]])
  })

  test("relations across load by themselves, joins are refused [F145.4]", async () => {
    // Users of two databases, their orders beside them, their notes of a third for each of the two.
    const plan = { notes: true, orders: true } as const
    expect(await reads(Databases.all(Query.from(User), { load: plan }))).toBeLessThanOrEqual(6)
    await work(
      Effect.gen(function* () {
        const list = yield* Databases.all(Query.from(User), {
          load: { notes: true, orders: true }
        })
        const told = list.map(({ name, notes, orders }) => [
          name,
          notes.map(({ text }) => text),
          orders.map(({ total }) => total)
        ])
        expect(new Set(told)).toEqual(
          new Set([
            ["ann", [], [1]],
            ["bob", ["of bob"], [2]],
            ["cleo", ["of cleo"], [3]],
            ["dan", [], [4]]
          ])
        )
        const notes = yield* Databases.all(Query.from(Note), { load: { user: { orders: true } } })
        const owners = notes.map(({ user }) => [user?.name, user?.orders.length])
        expect(owners).toEqual([
          ["bob", 1],
          ["cleo", 1]
        ])
        const [note] = yield* Databases.load(yield* Databases.get(User, 3), User.notes)
        expect((yield* Databases.load(note!, Note.user))?.name).toBe("cleo")
        const one = yield* Databases.get(User, 2, { notes: true })
        expect(one.notes).toHaveLength(1)
      })
    )
    const across: DatabaseError.DatabaseError["_tag"] = "Unsupported"
    const joined = Query.from(User)
      .join(Note, Note.c.userId.eq(User.c.id))
      .select({ name: User.c.name, text: Note.c.text })
    const reports = Effect.flatMap(Databases.get(User, 2), (bob) =>
      Databases.load(bob, User.reports)
    )
    const tried = Effect.gen(function* () {
      const join = yield* Effect.flip(Databases.all(joined))
      expect(join).toMatchObject({
        _tag: across,
        capability: "joinAcrossDatabases",
        construct: 'a query of "users", "notes"'
      })
      const relation = yield* Effect.flip(reports)
      expect(relation).toMatchObject({
        _tag: across,
        construct: 'the relation "reports" of User'
      })
      return Databases.on("none", Session.flush)
    })
    const strange = await work(tried)
    const exit = await run(Effect.exit(Databases.transact(strange)))
    expect(String(exit)).toContain('there is none called "none"')
  })
})
