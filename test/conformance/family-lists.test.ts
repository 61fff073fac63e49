import { Along, Catalog, Database, Family, Load, Mapping, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import {
  Car,
  CarBadge,
  Clerk,
  Cook,
  Driver,
  Fleet,
  Haul,
  Home,
  Letter,
  Meal,
  Note,
  Pen,
  Staff,
  Trip,
  Truck,
  TruckBadge,
  carDrivers,
  truckDrivers
} from "./family-lists-schema.ts"

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
    const some = () => Load.all(everything, { escorts: true, mixed: true })
    type Some<K> = Extract<Effect.Success<ReturnType<typeof some>>[number], { readonly kind: K }>
    expectTypeOf<Some<"truck">["escorts"]>().toEqualTypeOf<ReadonlyArray<Driver>>()
    expectTypeOf<Some<"truck">["mixed"]>().toEqualTypeOf<TruckBadge | null>()
    expectTypeOf<Some<"car">["mixed"]>().toEqualTypeOf<ReadonlyArray<Note>>()
    expectTypeOf<Some<"car">>().not.toHaveProperty("escorts")
    const named = () =>
      Load.all(everything, { ...Load.columns(Fleet, ["name"]), escorts: true, notes: true })
    type Named = Effect.Success<ReturnType<typeof named>>[number]
    expectTypeOf<Named["escorts"]>().toEqualTypeOf<ReadonlyArray<Driver> | undefined>()
    expectTypeOf<Named["notes"]>().toEqualTypeOf<ReadonlyArray<Note>>()
    const { relations } = Mapping.describe(Fleet)
    expect([relations.trips.target, relations.notes.kind]).toEqual(["Trip or Haul", "hasMany"])
  })

  test("is refused where it cannot be loaded, by its name", () => {
    // @ts-expect-error no member has such a relation
    expect(caught(() => Load.plan(Fleet, { escort: true }))).toBe(
      'plan: fleet has no relation "escort": did you mean "escorts"?'
    )
    // @ts-expect-error of one row there is no part
    expect(caught(() => Load.plan(Fleet, { mixed: Load.some(Note, { limit: 1 }) }))).toBe(
      "plan: Truck.mixed leads to one row, of which there is no part"
    )
    // @ts-expect-error a driver has no goal
    expect(caught(() => Query.from(Fleet).match({ escorts: { goal: "Ulm" } }))).toBe(
      'match: "drivers" has no column "goal"'
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
    const several = 'the members of fleet have "trips" of several classes:'
    expect(caught(() => Along.of(Fleet, "trips", []))).toBe(`of: ${several} ask it of each`)
    expect(caught(() => Along.on(Fleet, "trips"))).toBe(`on: ${several} join it from each of them`)
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

  test("what only some have is loaded for those, and no other has it [F120.2]", async () => {
    for (const [, way] of ways) {
      const plan = { escorts: way(), mixed: way() }
      const rows = await database.run(Load.all(everything, plan))
      expect(
        rows.map((one) =>
          one.kind === "car"
            ? [Object.hasOwn(one, "escorts"), one.mixed.map(({ text }) => text)]
            : [one.escorts.map(({ name }) => name), one.mixed?.size ?? null]
        )
      ).toEqual([
        [false, ["first"]],
        [["Ann", "Bob"], null],
        [false, []],
        [["Bob"], 9]
      ])
      const some = { ...Load.columns(Fleet, ["name"]), escorts: way() }
      const named = await database.run(Load.all(everything, some))
      expect(named.map(({ escorts, name }) => [name, escorts?.length])).toEqual([
        ["Audi", undefined],
        ["Bonn", 2],
        ["Cooper", undefined],
        ["Daf", 1]
      ])
    }
    const cars = everything.where(Fleet.c.kind.eq("car"))
    const none = await database.counting(Load.all(cars, { escorts: true }))
    expect(none.count("SELECT")).toBe(1)
    const work = Effect.gen(function* () {
      const rows = yield* Session.all(everything)
      const before = database.sentSoFar()
      const full = yield* Session.populate(rows, Load.plan(Fleet, { escorts: true, trips: true }))
      const [, bonn] = full
      if (bonn?.kind !== "truck") return yield* Effect.die("other")
      const sent = database.sentSoFar() - before
      const again = yield* Session.refresh(bonn)
      return [sent, full.map((one) => "escorts" in one), again.escorts.length]
    })
    expect(await database.run(Session.transact(work))).toEqual([3, [false, true, false, true], 2])
  })

  test("a record, a join and a query go along it, each row by its member [F127.1]", async () => {
    const found = async (query: typeof everything) =>
      (await database.run(Database.all(query))).map(({ name }) => name)
    expect(await found(everything.match({ notes: { text: "second" } }))).toEqual(["Bonn"])
    expect(await found(everything.match({ trips: {} }))).toEqual(["Audi", "Bonn", "Cooper"])
    expect(await found(everything.match({ alike: { goal: "Bonn" } }))).toEqual(["Bonn"])
    expect(await found(everything.match({ drivers: { name: "Ann" } }))).toEqual(["Audi", "Bonn"])
    expect(await found(everything.match({ escorts: { name: "Ann" } }))).toEqual(["Bonn"])
    expect(await found(everything.match({ home: { city: "Ulm" } }))).toEqual(["Audi", "Daf"])
    expect(await found(everything.where(Along.any(Fleet, "escorts")))).toEqual(["Bonn", "Daf"])
    expect(await found(everything.where(Along.none(Fleet, "escorts")))).toEqual(["Audi", "Cooper"])
    expect(await found(everything.where(Along.is(Fleet, "home", 1)))).toEqual(["Audi", "Daf"])
    const beyond = Query.from(Home).match({ all: { notes: { text: "second" } } })
    expect((await database.run(Database.all(beyond))).map(({ city }) => city)).toEqual(["Bonn"])
    const joined = Query.from(Fleet)
      .join(Note, Along.on(Fleet, "notes"))
      .orderBy(Note.c.text)
      .select({ name: Fleet.c.name, text: Note.c.text })
    expect(await database.run(Database.all(joined))).toEqual([
      { name: "Audi", text: "first" },
      { name: "Bonn", text: "second" },
      { name: "Daf", text: "third" }
    ])
    const driven = Query.from(Fleet)
      .leftJoin(Driver, Along.on(Fleet, "escorts"))
      .orderBy(Fleet.c.name, Driver.c.name)
      .select({ name: Fleet.c.name, driver: Driver.c.name })
    expect(
      (await database.run(Database.all(driven))).map(({ driver, name }) => [name, driver])
    ).toEqual([
      ["Audi", null],
      ["Bonn", "Ann"],
      ["Bonn", "Bob"],
      ["Cooper", null],
      ["Daf", "Bob"]
    ])
    const rows = await database.run(Database.all(everything))
    const texts = async (parents: Parameters<typeof Along.of<typeof Fleet, "notes">>[2]) =>
      (
        await database.run(Database.all(Along.of(Fleet, "notes", parents).orderBy(Note.c.text)))
      ).map(({ text }) => text)
    expect(await texts(rows)).toEqual(["first", "second", "third"])
    expect(await texts(rows.filter(({ kind }) => kind === "truck"))).toEqual(["second", "third"])
    expect(await texts([{ kind: "car", id: 1 }])).toEqual(["first"])
    expect(await texts([Truck.ref(1)])).toEqual(["second"])
    expect(await texts([])).toEqual([])
    const drivers = Along.of(Fleet, "drivers", rows.slice(0, 1)).orderBy(Driver.c.name)
    expect((await database.run(Database.all(drivers))).map(({ name }) => name)).toEqual(["Ann"])
    const letters = Query.from(Staff).match({ mail: { words: 3 } })
    expect((await database.run(Database.all(letters))).map(({ name }) => name)).toEqual(["Carl"])
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
