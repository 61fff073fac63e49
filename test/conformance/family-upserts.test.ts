import { Catalog, Column, Database, Entity, Family, Mapping, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/** Upserts of classes whose rows stand in one table, which others share with them. */

const staff = Family.single(
  "staff",
  "kind",
  {
    code: Column.varchar(10).primaryKey(),
    kind: Column.varchar(10),
    name: Column.varchar(20),
    edits: Column.integer().version()
  },
  {
    boss: { team: Column.integer(), car: Column.varchar(20).default("none") },
    cook: { dish: Column.varchar(20).nullable() }
  }
)
class Boss extends Family.member<Boss>()(staff, "boss") {}
class Cook extends Family.member<Cook>()(staff, "cook") {}
const Staff = Family.of(staff, { boss: Boss, cook: Cook })

const fleet = Family.concrete(
  "fleet",
  "kind",
  { id: Column.id(), plate: Column.varchar(10).unique(), name: Column.varchar(20) },
  { car: { doors: Column.integer().default(4) }, boat: {} }
)
class Car extends Family.member<Car>()(fleet, "car") {}
class Boat extends Family.member<Boat>()(fleet, "boat") {}
const Fleet = Family.of(fleet, { car: Car, boat: Boat })

const works = Family.joined(
  "works",
  "kind",
  { id: Column.id(), kind: Column.varchar(10) },
  { book: { pages: Column.integer() } }
)
class Book extends Family.member<Book>()(works, "book") {}
const Work = Family.of(works, { book: Book })

const goods = Table.make("goods", {
  id: Column.id(),
  sku: Column.varchar(10).unique(),
  name: Column.varchar(20),
  price: Column.integer().default(1)
})
class Listing extends Mapping.over<Listing>()(goods, ["id", "sku", "name"]) {}
class Good extends Entity<Good>()("plain_goods", { id: Column.id(), name: Column.varchar(20) }) {}

describe.each(engines)("on %s: upserts", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Staff, Fleet, Work, goods, Good })))
  })
  afterAll(() => database.dispose())
  const told = (effect: Effect.Effect<unknown, unknown, Session | Database>) =>
    database.run(Effect.map(Effect.exit(Session.transact(effect)), String))
  const json = (values: ReadonlyArray<{ readonly toJSON: () => unknown }>) =>
    values.map((one) => one.toJSON())

  test("a member of a family of one table comes with its tag, or is changed [F137.1]", async () => {
    const work = Effect.gen(function* () {
      const first = yield* Session.upsert(Boss, [{ code: "a", name: "Ann", team: 3 }])
      const rows = [
        { code: "b", name: "Bob", team: 1, car: "red" },
        { code: "a", name: "Anna", team: 4 }
      ]
      const next = yield* Session.upsert(Boss, rows)
      const before = database.sentSoFar()
      const known = yield* Session.get(Boss, "a")
      const asked = database.sentSoFar() - before
      const left = yield* Session.upsert(Boss, [{ code: "a", name: "X", team: 9 }], { set: [] })
      const some = yield* Session.upsert(Boss, [{ code: "a", name: "X", team: 9 }], {
        set: ["team"]
      })
      return {
        first: json(first),
        next: json(next),
        known: known.name,
        asked,
        left: json(left),
        some: json(some),
        isBoss: next.every((one) => one instanceof Boss)
      }
    })
    const boss = { kind: "boss", car: "none" }
    expect(await database.run(Session.transact(work))).toEqual({
      first: [{ ...boss, code: "a", name: "Ann", team: 3, edits: 1 }],
      next: [
        { ...boss, code: "b", name: "Bob", team: 1, car: "red", edits: 1 },
        { ...boss, code: "a", name: "Anna", team: 4, edits: 2 }
      ],
      known: "Anna",
      asked: 0,
      left: [{ ...boss, code: "a", name: "Anna", team: 4, edits: 2 }],
      some: [{ ...boss, code: "a", name: "Anna", team: 9, edits: 3 }],
      isBoss: true
    })
  })

  test("a row of another member is not made this one, nothing is written [F137.1]", async () => {
    await database.run(Session.transact(Session.upsert(Cook, [{ code: "c", name: "Cid" }])))
    const wrong = Effect.gen(function* () {
      const rows = [
        { code: "n", name: "New", team: 1 },
        { code: "c", name: "Taken", team: 1 }
      ]
      const failed = yield* Effect.flip(Session.upsert(Boss, rows))
      const none = yield* Effect.flip(Session.upsert(Boss, [rows[1]!], { set: [] }))
      const all = yield* Session.all(Query.from(Staff).where(Staff.c.code.in(["n", "c"])))
      return { failed, none: none._tag, all: json(all) }
    })
    const said = await database.run(Session.transact(wrong))
    expect(said.failed).toMatchObject({
      _tag: "UniqueViolation",
      message: '"staff" has a row of this code that is no Boss',
      table: "staff",
      columns: ["code"],
      transaction: "alive"
    })
    expect(said.none).toBe("UniqueViolation")
    expect(said.all).toEqual([{ code: "c", kind: "cook", name: "Cid", edits: 1, dish: null }])
  })

  test("rows are checked as drafts are, hooks of their class see them [F137.4]", async () => {
    expect(await told(Session.upsert(Boss, [{ code: "z", name: "Zoe" } as never]))).toContain(
      'Boss.make: "team" is missing'
    )
    expect(await told(Session.upsert(Staff, [] as never))).toContain(
      "upsert: staff is a family: name the class of its rows"
    )
    expect(await told(Session.upsert(Book, [{ id: 1, pages: 2 } as never]))).toContain(
      "upsert: Book is kept in several tables: merge its rows"
    )
    const shout = Session.hooks(Boss, { beforeInsert: ({ name }) => ({ name: `${name}!` }) })
    const quiet = Session.hooks(Cook, { beforeInsert: () => ({ name: "nobody" }) })
    const options = Session.options({ hooks: [shout, quiet] })
    const work = Session.upsert(Boss, [{ code: "h", name: "Hal", team: 1 }])
    const [hal] = await database.run(Effect.provide(Session.transact(work), options))
    expect(hal?.name).toBe("Hal!")
  })

  test("a member with a table of its own, and a class over a table [F137.1]", async () => {
    const other = engine === "mariadb" ? "Unsupported" : null
    const work = Effect.gen(function* () {
      yield* Session.upsert(Car, [{ plate: "1", name: "Audi", doors: 2 }], { on: ["plate"] })
      const cars = yield* Session.upsert(
        Car,
        [
          { plate: "1", name: "Audi TT" },
          { plate: "2", name: "Beetle" }
        ],
        { on: ["plate"] }
      )
      yield* Session.upsert(Listing, [{ sku: "x", name: "Box" }], { on: ["sku"] })
      const goodsNow = yield* Session.upsert(Listing, [{ sku: "x", name: "Crate" }], {
        on: ["sku"]
      })
      const [row] = yield* Database.all(Query.from(goods))
      return {
        cars: cars.map(({ doors, kind, name, plate }) => [kind, plate, name, doors]),
        goods: goodsNow.map(({ name, sku }) => [sku, name]),
        price: row!.price
      }
    })
    const done = await database.run(
      Session.transact(work).pipe(Effect.catchTag("Unsupported", (error) => Effect.succeed(error)))
    )
    if ("_tag" in done) expect([done._tag, done.capability]).toEqual([other, "conflictTarget"])
    else
      expect(done).toEqual({
        cars: [
          ["car", "1", "Audi TT", 2],
          ["car", "2", "Beetle", 4]
        ],
        goods: [["x", "Crate"]],
        price: 1
      })
  })
})
