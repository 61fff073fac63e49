import { Catalog, Column, Database, Entity, Family, Mapping, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import { familyKinds, worldOf } from "./families.ts"

const guests = Table.make("guests", {
  id: Column.id(),
  name: Column.varchar(50),
  visits: Column.integer().default(0),
  edits: Column.integer().version()
})
const cards = Table.make("cards", {
  id: Column.id(),
  title: Column.varchar(50),
  guestId: Column.integer().references(() => guests.c.id),
  readerId: Column.integer()
    .nullable()
    .references(() => guests.c.id)
})
class Guest extends Mapping.over<Guest>()(guests) {
  static readonly cards = this.hasMany(() => Card, { key: "guestId", children: "delete" })
}
class Card extends Mapping.over<Card>()(cards) {
  static readonly guest = this.belongsTo(() => Guest)
  static readonly reader = this.belongsTo(() => Name)
}
/** The same rows by less. */
class Name extends Mapping.over<Name>()(guests, ["id", "name"]) {}

class Depot extends Entity<Depot>()("depots", { id: Column.id(), city: Column.varchar(50) }) {
  static readonly cars = this.hasMany(() => Car, { children: "delete" })
}
const fleet = Family.concrete(
  "fleet",
  "kind",
  { id: Column.id(), name: Column.varchar(50), depotId: Column.integer() },
  { car: { doors: Column.integer().default(4) }, boat: {} }
)
class Car extends Family.member<Car>()(fleet, "car") {
  static readonly depot = this.belongsTo(() => Depot)
}
class Boat extends Family.member<Boat>()(fleet, "boat") {
  static readonly depot = this.belongsTo(() => Depot)
}
const Fleet = Family.of(fleet, { car: Car, boat: Boat })

const cases = engines.flatMap((engine) => familyKinds.map((kind) => [kind, engine] as const))

/** What is merged into families is what would be made by hand, row by row. */
describe.each(cases)("merging a %s family on %s", (kind, engine) => {
  const { Company, Desk, Employee, Engineer, Manager } = worldOf(kind)
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(Database.create(Catalog.make({ Company, Employee, Desk })))
  })
  afterAll(() => connected.dispose())
  beforeEach(() =>
    connected.run(
      Effect.gen(function* () {
        yield* Database.run(Query.deleteFrom(Desk).everyRow())
        yield* Session.transact(
          Effect.gen(function* () {
            for (const one of yield* Session.all(Query.from(Company))) yield* Session.delete(one)
          })
        )
      })
    )
  )
  const staff = Database.all(Query.from(Employee).orderBy(Employee.c.name)).pipe(
    Effect.map((all) =>
      all.map((one) =>
        one.kind === "manager" ? `${one.name} ${one.reports}` : `${one.name} ${one.language}`
      )
    )
  )
  const merged = <A, E>(work: Effect.Effect<A, E, Session | Database>) =>
    connected.run(Session.transact(work))

  test("a graph makes its members, each in all of its tables [F142.2]", async () => {
    const company = await merged(
      Session.merge(Company, {
        name: "Acme",
        staff: [
          { kind: "manager", name: "Mia", reports: 4 },
          { kind: "engineer", name: "Eva", language: "ada" },
          { kind: "manager", name: "Max" }
        ]
      })
    )
    expect(await connected.run(staff)).toEqual(["Eva ada", "Max 0", "Mia 4"])
    // The whole list: who is left out goes, from every table; who differs is changed.
    const [eva] = await connected.run(Database.all(Query.from(Engineer)))
    const [mia] = await connected.run(
      Database.all(Query.from(Manager).where(Manager.c.name.eq("Mia")))
    )
    await merged(
      Session.merge(Company, {
        id: company.id,
        staff: [
          { kind: "engineer", id: eva!.id, name: "Eve", language: "c" },
          { kind: "manager", id: mia!.id, reports: 5 },
          { kind: "engineer", name: "Ali", language: "lisp" }
        ]
      })
    )
    expect(await connected.run(staff)).toEqual(["Ali lisp", "Eve c", "Mia 5"])
    expect(
      await connected.run(Database.all(Query.from(Engineer).orderBy(Engineer.c.name)))
    ).toEqual([
      expect.objectContaining({ name: "Ali", language: "lisp" }),
      expect.objectContaining({ name: "Eve", language: "c", id: eva!.id })
    ])
  })

  test("a member is merged as itself, and gives its value [F142.2]", async () => {
    const value = await merged(
      Effect.gen(function* () {
        const company = yield* Session.merge(Company, { name: "Acme" })
        const made = yield* Session.merge(Engineer, { name: "Eva", language: "c", company })
        const again = yield* Session.merge(Engineer, { id: made.id, language: "ada" })
        expect(again).toBeInstanceOf(Engineer)
        return again
      })
    )
    expect([value.kind, value.name, value.language]).toEqual(["engineer", "Eva", "ada"])
    const owner = { kind: "engineer", id: value.id, name: "Eve" } as const
    const desk = await merged(Session.merge(Desk, { room: "a1", owner }))
    expect(desk.ownerId).toBe(value.id)
    expect(await connected.run(staff)).toEqual(["Eve ada"])
  })

  test("a list of one member leaves the others alone [F142.2]", async () => {
    const company = await merged(
      Session.merge(Company, {
        name: "Acme",
        staff: [
          { kind: "manager", name: "Mia" },
          { kind: "engineer", name: "Eva", language: "ada" }
        ]
      })
    )
    await merged(Session.merge(Company, { id: company.id, managers: [{ name: "Max" }] }))
    expect(await connected.run(staff)).toEqual(["Eva ada", "Max 0"])
  })

  test("rows of a member are inserted at once, each in all of its tables", async () => {
    const { id: companyId } = await merged(Session.merge(Company, { name: "Acme" }))
    const names = ["Ada", "Bo", "Cy"]
    const made = await merged(
      Session.insert(
        Manager,
        names.map((name) => ({ name, companyId }))
      )
    )
    expect(made.map((one) => [one.kind, one.name, one.reports])).toEqual(
      names.map((name) => ["manager", name, 0])
    )
    expect(made.every((one) => one instanceof Manager)).toBe(true)
    expect(await connected.run(staff)).toEqual(["Ada 0", "Bo 0", "Cy 0"])
    const again = Session.insert(Engineer, [
      { name: "Di", language: "c", companyId },
      { name: "Ed", language: "c", companyId: companyId + 1 }
    ])
    const failed = await merged(Effect.flip(again))
    expect(failed).toMatchObject({ _tag: "ForeignKeyViolation" })
    expect(await connected.run(staff)).toEqual(["Ada 0", "Bo 0", "Cy 0"])
  })

  test("a row of another class is not there, and a tag is what its class says", async () => {
    const failed = await connected.run(
      Session.transact(
        Effect.gen(function* () {
          const company = yield* Session.merge(Company, { name: "Acme" })
          const { id } = yield* Session.merge(Manager, { name: "Mia", company })
          return yield* Effect.flip(Session.merge(Engineer, { id, language: "c" }))
        })
      )
    )
    expect(failed).toMatchObject({ _tag: "NotFound" })
    expect(failed.message).toMatch(/there is no engineer with this key/i)
    const wrong = { kind: "manager", name: "Eva", language: "c" } as never
    await expect(merged(Session.merge(Engineer, wrong))).rejects.toThrow("is what its class says")
    const untold = Session.merge(Company, { name: "Acme", staff: [{ name: "Mia" }] })
    await expect(merged(untold)).rejects.toThrow('its "kind" says')
  })
})

describe.each(engines)("merging into tables that are there on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(Database.create(Catalog.make({ guests, cards, Depot, Car, Boat })))
  })
  afterAll(() => connected.dispose())

  test("classes over a table are merged as entities are [F142.2]", async () => {
    const merge = Session.transact(
      Effect.gen(function* () {
        const ann = yield* Session.merge(Guest, {
          name: "Ann",
          cards: [{ title: "one" }, { title: "two" }]
        })
        const [first] = yield* Session.all(Query.from(Card).orderBy(Card.c.id))
        yield* Session.merge(Guest, {
          id: ann.id,
          visits: 3,
          cards: [{ id: first!.id, title: "uno" }, { title: "three" }]
        })
        yield* Session.merge(Name, { id: ann.id, name: "Anna" })
        return yield* Session.get(Guest, ann.id)
      })
    )
    const ann = await connected.run(merge)
    expect([ann.name, ann.visits]).toEqual(["Anna", 3])
    const titles = Database.all(Query.from(cards).orderBy(cards.c.id).select(cards.c.title))
    expect(await connected.run(titles)).toEqual(["uno", "three"])
    const stale = Session.merge(Guest, { id: ann.id, name: "x", edits: ann.edits - 1 })
    const failed = await connected.run(Session.transact(Effect.flip(stale)))
    expect(failed).toMatchObject({ _tag: "StaleRow", table: "guests" })
  })

  test("rows of a family of tables are merged each into its own [F142.2]", async () => {
    const merge = Session.transact(
      Effect.gen(function* () {
        const depot = yield* Session.merge(Depot, {
          city: "Ulm",
          cars: [{ name: "a" }, { name: "b", doors: 2 }]
        })
        const boat = yield* Session.merge(Fleet, { kind: "boat", name: "c", depotId: depot.id })
        const [car] = yield* Session.all(Query.from(Car).orderBy(Car.c.id))
        yield* Session.merge(Depot, { id: depot.id, cars: [{ id: car!.id, name: "A" }] })
        // The key of a car is one of a boat, too.
        return yield* Session.merge(Fleet, [
          { kind: "boat", id: boat.id, name: "C" },
          { kind: "car", id: car!.id, doors: 5 }
        ])
      })
    )
    const [boat, car] = await connected.run(merge)
    expect(boat).toBeInstanceOf(Boat)
    expect(car).toBeInstanceOf(Car)
    const all = await connected.run(Database.all(Query.from(Fleet).orderBy(Fleet.c.name)))
    const told = all.map((one) => `${one.kind} ${one.name}${one.kind === "car" ? one.doors : ""}`)
    expect(told).toEqual(expect.arrayContaining(["car A5", "boat C"]))
    expect(told).toHaveLength(2)
  })

  test("one row is said as one of its classes", async () => {
    const bob = await connected.run(Session.transact(Session.merge(Name, { name: "Bob" })))
    const row = { id: bob.id, name: "Rob" }
    const twice = Session.merge(Card, { title: "x", guest: row, reader: { ...row } })
    await expect(connected.run(Session.transact(twice))).rejects.toThrow(
      "a row is a Guest and a Name: say it as one of them"
    )
    const once = Session.merge(Card, { title: "x", guest: row, reader: Name.ref(bob.id) })
    await connected.run(Session.transact(once))
    const names = Database.all(Query.from(guests).orderBy(guests.c.id).select(guests.c.name))
    expect(await connected.run(names)).toEqual(["Anna", "Rob"])
  })
})
