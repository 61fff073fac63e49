import {
  Along,
  Catalog,
  Column,
  Database,
  Entity,
  Family,
  Load,
  Mapping,
  Query,
  Session,
  Table
} from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/**
 * What each member of a family leads to in its own way, loaded with the family: cars make trips,
 * trucks make hauls, and notes of one table are about a row of any of them.
 */

const fleet = Family.concrete(
  "fleet",
  "kind",
  { id: Column.id(), name: Column.varchar(20) },
  { car: { doors: Column.integer() }, truck: { homeId: Column.integer() } },
  { tables: { car: "cars", truck: "trucks" } }
)
class Car extends Family.member<Car>()(fleet, "car") {
  static readonly trips = this.hasMany(() => Trip, { orderBy: (trip) => trip.goal.desc() })
  static readonly notes = this.hasMany(() => Note, { key: "carId" })
  static readonly drivers = this.manyToMany(() => Driver, { through: () => carDrivers })
  static readonly badge = this.hasOne(() => CarBadge)
  static readonly home = this.belongsTo(() => Home, { key: "doors" })
  static readonly alike = this.relatesToMany(
    () => Trip,
    (car, trip) => trip.goal.eq(car.name)
  )
  static readonly mixed = this.hasMany(() => Note, { key: "carId" })
}
class Truck extends Family.member<Truck>()(fleet, "truck") {
  static readonly trips = this.hasMany(() => Haul)
  static readonly notes = this.hasMany(() => Note, { key: "truckId" })
  static readonly drivers = this.manyToMany(() => Driver, { through: () => truckDrivers })
  static readonly badge = this.hasOne(() => TruckBadge)
  static readonly home = this.belongsTo(() => Home)
  static readonly alike = this.relatesToMany(
    () => Trip,
    (truck, trip) => trip.goal.eq(truck.name).and(truck.homeId.gt(0))
  )
  static readonly mixed = this.hasOne(() => TruckBadge)
}
const Fleet = Family.of(fleet, { car: Car, truck: Truck })

class Trip extends Entity<Trip>()("trips", {
  id: Column.id(),
  goal: Column.varchar(20),
  carId: Column.integer()
}) {
  static readonly car = this.belongsTo(() => Car)
}
class Haul extends Entity<Haul>()("hauls", {
  id: Column.id(),
  tons: Column.integer(),
  truckId: Column.integer()
}) {
  static readonly truck = this.belongsTo(() => Truck)
}
class Note extends Entity<Note>()("notes", {
  id: Column.id(),
  text: Column.varchar(20),
  carId: Column.integer().nullable(),
  truckId: Column.integer().nullable()
}) {
  static readonly car = this.belongsTo(() => Car)
  static readonly truck = this.belongsTo(() => Truck)
}
class Driver extends Entity<Driver>()("drivers", { id: Column.id(), name: Column.varchar(20) }) {}
class Home extends Entity<Home>()("homes", { id: Column.id(), city: Column.varchar(20) }) {
  static readonly all = this.relatesToMany(
    () => Fleet,
    (home, one) => one.name.eq(home.city)
  )
}
class CarBadge extends Entity<CarBadge>()("car_badges", {
  id: Column.id(),
  carId: Column.integer().unique(),
  colour: Column.varchar(9)
}) {
  static readonly car = this.belongsTo(() => Car)
}
class TruckBadge extends Entity<TruckBadge>()("truck_badges", {
  id: Column.id(),
  truckId: Column.integer().unique(),
  size: Column.integer()
}) {
  static readonly truck = this.belongsTo(() => Truck)
}
const linkOf = (name: string, to: () => { readonly id: unknown }) =>
  Table.make(name, {
    fleetId: Column.integer()
      .primaryKey()
      .references(to as never),
    driverId: Column.integer()
      .primaryKey()
      .references(() => Driver.c.id)
  })
const carDrivers = linkOf("car_drivers", () => Car.c.id as never)
const truckDrivers = linkOf("truck_drivers", () => Truck.c.id as never)

/** Staff of one table, whose members lead to different things by one name. */
const staff = Family.single(
  "staff",
  "kind",
  { id: Column.id(), kind: Column.varchar(10), name: Column.varchar(20) },
  { clerk: {}, cook: {} }
)
class Clerk extends Family.member<Clerk>()(staff, "clerk") {
  static readonly works = this.hasMany(() => Letter)
  static readonly pens = this.hasMany(() => Pen, { orderBy: (pen) => pen.ink })
}
class Cook extends Family.member<Cook>()(staff, "cook") {
  static readonly works = this.hasMany(() => Meal)
  static readonly pens = this.hasMany(() => Pen, { orderBy: (pen) => pen.ink })
}
const Staff = Family.of(staff, { clerk: Clerk, cook: Cook })
class Letter extends Entity<Letter>()("letters", {
  id: Column.id(),
  words: Column.integer(),
  clerkId: Column.integer()
}) {
  static readonly clerk = this.belongsTo(() => Clerk)
}
class Meal extends Entity<Meal>()("meals", {
  id: Column.id(),
  dish: Column.varchar(20),
  cookId: Column.integer()
}) {
  static readonly cook = this.belongsTo(() => Cook)
}
class Pen extends Entity<Pen>()("pens", {
  id: Column.id(),
  ink: Column.varchar(20),
  staffId: Column.integer()
}) {
  static readonly staff = this.belongsTo(() => Staff)
}

const caught = (make: () => unknown): string => {
  try {
    make()
    return "nothing"
  } catch (error) {
    return (error as Error).message
  }
}

const everything = Query.from(Fleet).orderBy(Fleet.c.name)

describe("what each member leads to", () => {
  test("is typed by the member", () => {
    const rows = () => Load.all(everything, { trips: true, badge: true, notes: true })
    type Row = Effect.Success<ReturnType<typeof rows>>[number]
    type Of<K> = Extract<Row, { readonly kind: K }>
    expectTypeOf<Of<"car">["trips"]>().toEqualTypeOf<ReadonlyArray<Trip>>()
    expectTypeOf<Of<"truck">["trips"]>().toEqualTypeOf<ReadonlyArray<Haul>>()
    expectTypeOf<Of<"truck">["badge"]>().toEqualTypeOf<TruckBadge | null>()
    expectTypeOf<Row["notes"]>().toEqualTypeOf<ReadonlyArray<Note>>()
    const all = { Fleet, Car, Truck, Trip, Haul, Note, Driver, Home, CarBadge, TruckBadge }
    expect(Mapping.faults(all)).toEqual([])
    const { relations } = Mapping.describe(Fleet)
    expect([relations.trips.target, relations.notes.kind]).toEqual(["Trip or Haul", "hasMany"])
  })

  test("is refused where it cannot be loaded, by its name", () => {
    // @ts-expect-error a list of one is no row of the other
    expect(caught(() => Load.plan(Fleet, { mixed: true }))).toMatch(
      'plan: fleet has no relation "mixed": it has'
    )
    // @ts-expect-error hauls lead to trucks alone
    expect(caught(() => Load.plan(Fleet, { trips: { truck: true } }))).toMatch(
      'plan: Trip has no relation "truck"'
    )
    const far = Load.some(Trip, { limit: 1 })
    // @ts-expect-error trips are no hauls
    expect(caught(() => Load.plan(Fleet, { trips: far }))).toBe(
      "plan: Truck.trips leads to Haul, not to Trip"
    )
    expect(caught(() => Along.any(Fleet, "trips", Trip.c.goal.eq("Ulm")))).toBe(
      'any: the members of fleet have "trips" of several classes: ask with a condition of each, ' +
        "by Family.is"
    )
    expect(caught(() => Along.of(Fleet, "notes", []))).toBe(
      'of: each member of fleet has "notes" of its own: ask it of the members'
    )
  })
})

describe.each(engines)("on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  const tables = Catalog.make({
    Fleet,
    Trip,
    Haul,
    Note,
    Driver,
    Home,
    CarBadge,
    TruckBadge,
    carDrivers,
    truckDrivers,
    Staff,
    Letter,
    Meal,
    Pen
  })
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(tables))
    const add = Effect.gen(function* () {
      const [ulm, bonn] = [Home.make({ city: "Ulm" }), Home.make({ city: "Bonn" })]
      yield* Session.add(ulm, bonn)
      yield* Session.flush
      // Keys of cars and trucks coincide: 1 and 2.
      const audi = Car.make({ name: "Audi", home: 1, trips: [{ goal: "Bonn" }, { goal: "Ulm" }] })
      yield* Session.add(audi)
      yield* Session.flush
      yield* Session.add(Car.make({ name: "Cooper", home: 2, trips: [{ goal: "Cooper" }] }))
      yield* Session.flush
      yield* Session.add(Truck.make({ name: "Bonn", home: 2, trips: [{ tons: 7 }] }))
      yield* Session.flush
      yield* Session.add(Truck.make({ name: "Daf", home: 1 }))
      yield* Session.flush
      yield* Session.add(CarBadge.make({ car: 1, colour: "red" }))
      yield* Session.add(TruckBadge.make({ truck: 2, size: 9 }))
      yield* Session.add(
        Note.make({ text: "first", car: 1 }),
        Note.make({ text: "second", truck: 1 }),
        Note.make({ text: "third", truck: 2 })
      )
      yield* Session.add(Driver.make({ name: "Ann" }))
      yield* Session.flush
      yield* Session.add(Driver.make({ name: "Bob" }))
      yield* Session.flush
      const links = (pairs: ReadonlyArray<readonly [number, number]>) =>
        pairs.map(([fleetId, driverId]) => ({ fleetId, driverId }))
      yield* Database.run(Query.insert(carDrivers).rows(links([[1, 1]])))
      yield* Database.run(
        Query.insert(truckDrivers).rows(
          links([
            [1, 1],
            [1, 2],
            [2, 2]
          ])
        )
      )
      const clerk = Clerk.make({ name: "Carl", works: [{ words: 3 }], pens: [{ ink: "red" }] })
      const cook = Cook.make({ name: "Dora", works: [{ dish: "soup" }, { dish: "cake" }] })
      yield* Session.add(clerk)
      yield* Session.flush
      yield* Session.add(cook)
    })
    await database.run(Session.transact(add))
  })
  afterAll(() => database.dispose())

  const ways = [
    ["selectIn", Load.selectIn],
    ["joined", Load.joined],
    ["json", Load.json]
  ] as const

  test.each(ways)("is loaded with the family: %s [F120.2] [F132.1]", async (name, way) => {
    const plan = {
      trips: way(),
      notes: way(),
      drivers: way(),
      badge: way(),
      home: way(),
      alike: way()
    }
    const { count, value } = await database.counting(Load.all(everything, plan))
    expect(
      value.map((one) => [
        one.constructor.name,
        one.name,
        one.trips.map((trip) => ("goal" in trip ? trip.goal : trip.tons)),
        one.notes.map(({ text }) => text),
        one.drivers.map((driver) => driver.name),
        one.kind === "car" ? one.badge?.colour : one.badge?.size,
        one.home?.city,
        one.alike.map(({ goal }) => goal)
      ])
    ).toEqual([
      ["Car", "Audi", ["Ulm", "Bonn"], ["first"], ["Ann"], "red", "Ulm", []],
      ["Truck", "Bonn", [7], ["second"], ["Ann", "Bob"], undefined, "Bonn", ["Bonn"]],
      ["Car", "Cooper", ["Cooper"], [], [], undefined, "Bonn", ["Cooper"]],
      ["Truck", "Daf", [], ["third"], ["Bob"], 9, "Ulm", []]
    ])
    // One for the rows; of a statement of its own, one a relation and member.
    expect(count("SELECT")).toBe(name === "selectIn" ? 13 : 1)
    const equal = await database.run(Load.all(everything, { trips: true, notes: true }))
    expect(value.map((one) => [one.trips, one.notes])).toEqual(
      equal.map((one) => [one.trips, one.notes])
    )
  })

  test("only members that are there are asked for [F132.1]", async () => {
    const cars = everything.where(Fleet.c.kind.eq("car"))
    const { count, value } = await database.counting(Load.all(cars, { trips: true }))
    expect(value.map((one) => one.trips.length)).toEqual([2, 1])
    expect(count("SELECT")).toBe(2)
  })

  test("a part of each, and what is below, is loaded as of any relation [F132.1]", async () => {
    for (const [, way] of ways) {
      const some = Load.some(Note, { where: Note.c.text.ne("third"), limit: 1 })
      const rows = await database.run(
        Load.all(everything, { notes: some, drivers: way(), trips: way() })
      )
      expect(rows.map(({ notes }) => notes.some.map(({ text }) => text))).toEqual([
        ["first"],
        ["second"],
        [],
        []
      ])
    }
    const homes = await database.run(
      Load.all(Query.from(Home).orderBy(Home.c.city), {
        all: { notes: { car: true, truck: true } }
      })
    )
    expect(homes.map((home) => home.all.map(({ notes }) => notes[0]?.truck?.name))).toEqual([
      ["Bonn"],
      []
    ])
    for (const [, way] of ways) {
      const below = await database.run(
        Load.all(Query.from(Home).orderBy(Home.c.city), { all: way({ notes: way() }) })
      )
      expect(below.map((home) => home.all.map(({ notes }) => notes[0]?.text))).toEqual([
        ["second"],
        []
      ])
    }
  })

  test("rows of some columns know whose they are [F133.1]", async () => {
    for (const [, way] of ways) {
      const plan = { ...Load.columns(Fleet, ["name"]), notes: way(), alike: way() }
      const rows = await database.run(Load.all(everything, plan))
      expect(rows.map(({ alike, name, notes }) => [name, notes[0]?.text, alike.length])).toEqual([
        ["Audi", "first", 0],
        ["Bonn", "second", 1],
        ["Cooper", undefined, 1],
        ["Daf", "third", 0]
      ])
    }
  })

  test("a session loads it with rows, at hand, and one by one [F132.1]", async () => {
    const work = Effect.gen(function* () {
      const planned = yield* Session.all(everything, { trips: true })
      const rows = yield* Session.all(everything)
      const before = database.sentSoFar()
      const later = yield* Session.populate(rows, Load.plan(Fleet, { trips: true, notes: true }))
      const sent = database.sentSoFar() - before
      const from = database.sentSoFar()
      const texts: Array<number> = []
      for (const one of rows) texts.push((yield* Session.load(one, Fleet.notes)).length)
      const each = database.sentSoFar() - from
      const [audi] = later
      if (audi?.kind !== "car") return yield* Effect.die("other")
      const refreshed = yield* Session.refresh(audi)
      return {
        equal: planned.map((one) => one.trips.length),
        later: later.map(({ notes, trips }) => [trips.length, notes.length]),
        texts,
        sent,
        each,
        refreshed: refreshed.trips.map(({ goal }) => goal)
      }
    })
    expect(await database.run(Session.transact(work))).toEqual({
      equal: [2, 1, 1, 0],
      later: [
        [2, 1],
        [1, 1],
        [1, 0],
        [0, 1]
      ],
      texts: [1, 1, 0, 1],
      // One a relation and member.
      sent: 4,
      each: 2,
      refreshed: ["Ulm", "Bonn"]
    })
  })

  test("a condition along it is that of each member [F127.1]", async () => {
    const found = async (condition: ReturnType<typeof Along.any<typeof Fleet, "notes">>) =>
      (await database.run(Database.all(everything.where(condition)))).map(({ name }) => name)
    expect(await found(Along.any(Fleet, "notes"))).toEqual(["Audi", "Bonn", "Daf"])
    expect(await found(Along.none(Fleet, "notes"))).toEqual(["Cooper"])
    expect(await found(Along.any(Fleet, "notes", Note.c.text.eq("second")))).toEqual(["Bonn"])
    expect(await found(Along.any(Fleet, "trips") as never)).toEqual(["Audi", "Bonn", "Cooper"])
    const far = Family.is(Fleet, Car, Along.any(Car, "trips", Trip.c.goal.eq("Ulm")))
    expect(await found(far as never)).toEqual(["Audi"])
  })

  test("members of one table that lead to several classes [F120.2]", async () => {
    const query = Query.from(Staff).orderBy(Staff.c.name)
    for (const [name, way] of ways) {
      const { count, value } = await database.counting(
        Load.all(query, { works: way(), pens: way() })
      )
      expect(
        value.map((one) =>
          one.kind === "clerk"
            ? one.works.map(({ words }) => words)
            : one.works.map(({ dish }) => dish)
        )
      ).toEqual([[3], ["soup", "cake"]])
      expect(value.map(({ pens }) => pens.length)).toEqual([1, 0])
      // What all say alike is asked for once.
      expect(count("SELECT")).toBe(name === "selectIn" ? 4 : 1)
    }
  })
})
