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
  Type
} from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import { textOf } from "./support.ts"

class Depot extends Entity<Depot>()("depots", { id: Column.id(), city: Column.varchar(50) }) {
  static readonly cars = this.hasMany(() => Car, { children: "delete" })
  static readonly all = this.relatesToMany(
    () => Fleet,
    (depot, one) => one.depotId.eq(depot.id)
  )
}
const version = Column.integer().version()
const folded = Type.collated({ sqlite: "NOCASE", postgres: "C", mariadb: "utf8mb4_bin" })
const fleet = Family.concrete(
  "fleet",
  "kind",
  { id: Column.id(), name: Column.varchar(50), depotId: Column.integer() },
  {
    car: { doors: Column.integer().default(4), size: Column.integer().nullable() },
    truck: { load: Column.bigint(), size: Column.varchar(10), boughtOn: Column.date().nullable() },
    boat: {}
  },
  { tables: { car: "cars", truck: "trucks" } }
)
class Car extends Family.member<Car>()(fleet, "car") {
  static readonly depot = this.belongsTo(() => Depot)
  static readonly trips = this.hasMany(() => Trip, { children: "delete" })
  static readonly isFast = this.hybrid((c) => c.doors.lt(4))
  get title() {
    return `${this.name} of ${this.doors} doors`
  }
}
class Truck extends Family.member<Truck>()(fleet, "truck") {
  static readonly depot = this.belongsTo(() => Depot)
  get title() {
    return `${this.name} for ${this.load} (${this.size})`
  }
}
class Boat extends Family.member<Boat>()(fleet, "boat") {
  static readonly depot = this.belongsTo(() => Depot)
  get title() {
    return `${this.name} afloat`
  }
}
const Fleet = Family.of(fleet, { car: Car, truck: Truck, boat: Boat })
type Fleet = (typeof Fleet)["prototype"]

const stock = Family.concrete(
  "stock",
  "kind",
  { id: Column.id(), name: Column.make(folded), rev: version },
  {
    part: {
      own: Column.make(folded),
      raw: Column.bytes(),
      isNew: Column.boolean(),
      price: Column.numeric(12, 2),
      code: Column.uuid(),
      few: Column.smallint(),
      made: Column.timestamp(),
      doc: Column.make(Type.json(Schema.Struct({ a: Schema.Number })))
    },
    fluid: { litres: Column.double(), notes: Column.text().deferred() }
  }
)
class Part extends Family.member<Part>()(stock, "part") {}
class Fluid extends Family.member<Fluid>()(stock, "fluid") {}
const Stock = Family.of(stock, { part: Part, fluid: Fluid })

class Trip extends Entity<Trip>()("trips", {
  id: Column.id(),
  goal: Column.varchar(20),
  carId: Column.integer()
}) {
  static readonly car = this.belongsTo(() => Car)
}

const caught = (make: () => unknown): string => {
  try {
    make()
    return "nothing"
  } catch (error) {
    return (error as Error).message
  }
}

describe("a family of tables", () => {
  test("its values are a discriminated union; a key names the member", () => {
    const say = (one: Fleet): unknown => {
      switch (one.kind) {
        case "car":
          return one.doors
        case "truck":
          // @ts-expect-error a truck has no doors
          return one.doors ?? one.load
        case "boat":
          return one.name
      }
    }
    expect(typeof say).toBe("function")
    expectTypeOf<Car["kind"]>().toEqualTypeOf<"car">()
    expectTypeOf<Fleet["kind"]>().toEqualTypeOf<"car" | "truck" | "boat">()
    expectTypeOf<keyof typeof Fleet.c>().toEqualTypeOf<"id" | "kind" | "name" | "depotId">()
    expectTypeOf<Parameters<typeof Fleet.ref>[0]>().toEqualTypeOf<{
      readonly kind: "car" | "truck" | "boat"
      readonly id: number
    }>()
    expect(Fleet.ref({ kind: "car", id: 1 })).toEqual(Car.ref(1))
    expect(Fleet.ref({ kind: "car", id: 1 }).id).not.toBe(Fleet.ref({ kind: "truck", id: 1 }).id)
    // @ts-expect-error a number is the key of a row of each member
    expect(caught(() => Fleet.ref(1))).toBe("a key of fleet is a record of kind, id")
    // @ts-expect-error there is no member of this name
    expect(caught(() => Fleet.ref({ kind: "bus", id: 1 }))).toBe(
      'a key of fleet: there is no member "bus"'
    )
    // @ts-expect-error its class says what it is
    expect(caught(() => Car.make({ kind: "truck", name: "A", depot: 1 }))).toBe(
      'Car.make: "kind" is what its class says'
    )
    // @ts-expect-error every member has a class
    expect(caught(() => Family.of(fleet, { car: Car, truck: Truck }))).toBe(
      'family "fleet": nothing is not its member "boat"'
    )
    expect(caught(() => Family.of(fleet, { car: Car, truck: Car, boat: Boat }))).toBe(
      'family "fleet": Car is not its member "truck"'
    )
    expect(Mapping.faults({ Depot, Car, Truck, Boat, Fleet, Trip })).toEqual([])
    const { tables } = Catalog.make({ Fleet })
    expect(tables.map(({ name, columns }) => [name, columns.map(({ key }) => key)])).toEqual([
      ["cars", ["id", "name", "depotId", "doors", "size"]],
      ["trucks", ["id", "name", "depotId", "load", "size", "boughtOn"]],
      ["fleet_boat", ["id", "name", "depotId"]]
    ])
  })

  test("what cannot be right is refused with a sentence", () => {
    const shared = { id: Column.id(), name: Column.text() }
    expect(
      caught(() => Family.concrete("things", "kind", shared, { a: { name: Column.text() } }))
    ).toBe('family "things": "name" of a is there already: every member has it')
    expect(caught(() => Family.concrete("things", "name", shared, { a: {} }))).toBe(
      'family "things": no table keeps "name", leave it out'
    )
    const own = { a: { code: Column.text().primaryKey() } }
    expect(caught(() => Family.concrete("things", "kind", { n: Column.text() }, own))).toBe(
      'family "things": "code" of a is a part of its key: put it among the shared ones'
    )
    class Owner extends Entity<Owner>()("owners", { id: Column.id() }) {
      static readonly fleet = this.hasMany(() => Fleet, { key: "depotId" })
    }
    class Ticket extends Entity<Ticket>()("tickets", {
      id: Column.id(),
      fleetId: Column.integer()
    }) {
      static readonly fleet = this.belongsTo(() => Fleet, { key: "fleetId" as never })
    }
    const says =
      "each member of fleet has keys of its own: relate to the members, or by a condition"
    expect(Mapping.faults({ Owner, Ticket, Fleet, Depot, Car, Truck, Boat, Trip })).toEqual([
      { entity: "Owner", member: "fleet", says: `Owner.fleet: ${says}` },
      { entity: "Ticket", member: "fleet", says: `Ticket.fleet: ${says}` }
    ])
    // @ts-expect-error no member leads anywhere by this name
    expect(caught(() => Load.plan(Fleet, { harbour: true }))).toMatch(
      'plan: fleet has no relation "harbour": it has'
    )
    expect(caught(() => Query.from(Fleet).lock())).toContain("lock: the query joins no table")
    expect(caught(() => Family.is(Fleet, Depot))).toBe("is: Depot is no member of fleet")
    // @ts-expect-error what a truck has is nothing of a car
    expect(typeof Family.is(Fleet, Car, Truck.c.load.gt(1n))).toBe("object")
  })

  test("all are read by one UNION ALL, with NULL for what a member has not", () => {
    const query = Query.from(Fleet).where(Fleet.c.kind.eq("car"))
    const own = `fleet.kind, fleet.id, fleet.name, fleet."depotId", fleet.doors, fleet.c5`
    const shared = (table: string) => `${table}.id, ${table}.name, ${table}.depot_id AS "depotId"`
    const nulls = ["integer AS doors", "integer AS c5", 'bigint AS "load"', "text AS c7"]
    const none = [...nulls, 'date AS "boughtOn"'].map((one) => `NULL::${one}`)
    expect(textOf(query, "postgres")).toBe(
      `SELECT ${own}, fleet."load", fleet.c7, fleet."boughtOn" FROM (` +
        `SELECT $1::text AS kind, ${shared("cars")}, cars.doors, cars.size AS c5, ` +
        `${none.slice(2).join(", ")} FROM cars UNION ALL ` +
        `SELECT $2::text AS kind, ${shared("trucks")}, ${none.slice(0, 2).join(", ")}, ` +
        `trucks."load", trucks.size AS c7, trucks.bought_on AS "boughtOn" FROM trucks UNION ALL ` +
        `SELECT $3::text AS kind, ${shared("fleet_boat")}, ${none.join(", ")} FROM fleet_boat` +
        ") AS fleet WHERE fleet.kind = $4"
    )
  })
})

describe.each(engines)("on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Depot, Fleet, Trip, Stock })))
    // What may be known by keys that coincide: rows of a car, a truck and a boat.
    const add = Effect.gen(function* () {
      const [bonn, kiel] = [Depot.make({ city: "Bonn" }), Depot.make({ city: "Kiel" })]
      const audi = Car.make({ name: "Audi", depot: bonn, size: 90, trips: [{ goal: "Ulm" }] })
      yield* Session.add(audi)
      yield* Session.flush
      yield* Session.add(Car.make({ name: "Cooper", depot: kiel, doors: 3 }))
      yield* Session.add(Truck.make({ name: "Daf", depot: bonn, load: 40n, size: "large" }))
      yield* Session.flush
      yield* Session.add(Truck.make({ name: "Efa", depot: kiel, load: 7n, size: "small" }))
      yield* Session.add(Boat.make({ name: "Bora", depot: kiel }))
    })
    await database.run(Session.transact(add))
  })
  afterAll(() => database.dispose())

  const everything = Query.from(Fleet).orderBy(Fleet.c.name)
  const words = (rows: ReadonlyArray<Fleet>) =>
    rows.map((one) => [one.constructor.name, one.id, one.title])
  const cells = (one: object) => Object.fromEntries(Object.entries(one))
  const five = [
    ["Car", 1, "Audi of 4 doors"],
    ["Boat", 1, "Bora afloat"],
    ["Car", 2, "Cooper of 3 doors"],
    ["Truck", 1, "Daf for 40 (large)"],
    ["Truck", 2, "Efa for 7 (small)"]
  ]
  /** What a test writes is not there for the next one. */
  const undone = async <A, E>(work: Effect.Effect<A, E, Session | Database>): Promise<A> => {
    let seen: A | undefined
    const all = Effect.flatMap(work, (value) => {
      seen = value
      return Effect.fail("undone" as const)
    })
    expect(await database.run(Effect.flip(Session.transact(all)))).toBe("undone")
    return seen!
  }

  test("the family gives each row as its own member [F120.1] [F120.2]", async () => {
    const rows = await database.run(Database.all(everything))
    expect(words(rows)).toEqual(five)
    expect(rows.map(cells)).toEqual([
      { kind: "car", id: 1, name: "Audi", depotId: 1, doors: 4, size: 90 },
      { kind: "boat", id: 1, name: "Bora", depotId: 2 },
      { kind: "car", id: 2, name: "Cooper", depotId: 2, doors: 3, size: null },
      { kind: "truck", id: 1, name: "Daf", depotId: 1, load: 40n, size: "large", boughtOn: null },
      { kind: "truck", id: 2, name: "Efa", depotId: 2, load: 7n, size: "small", boughtOn: null }
    ])
    const found = async (query: typeof everything) =>
      (await database.run(Database.all(query))).map(({ name }) => name)
    expect(await found(everything.where(Fleet.c.kind.in(["car", "boat"])))).toEqual([
      "Audi",
      "Bora",
      "Cooper"
    ])
    expect(await found(everything.offset(2).limit(2))).toEqual(["Cooper", "Daf"])
    const byKind = Query.from(Fleet).orderBy(Fleet.c.kind.desc(), Fleet.c.id)
    expect(await found(byKind)).toEqual(["Daf", "Efa", "Audi", "Cooper", "Bora"])
    expect(await found(everything.where(Family.is(Fleet, Car, Car.c.size.gt(1))))).toEqual(["Audi"])
    expect(
      await found(everything.where(Family.is(Fleet, Truck, Truck.c.size.eq("small"))))
    ).toEqual(["Efa"])
    expect(await found(Query.from(Fleet).match({ kind: "truck", id: 1 }))).toEqual(["Daf"])
    expect(await database.run(Database.count(Query.from(Fleet)))).toBe(5)
    const beside = Query.from(Depot)
      .leftJoin(Fleet, Fleet.c.depotId.eq(Depot.c.id).and(Fleet.c.name.eq("Daf")))
      .orderBy(Depot.c.city)
      .select({ city: Depot.c.city, one: Fleet })
    expect(
      (await database.run(Database.all(beside))).map(({ city, one }) => [city, one?.title ?? null])
    ).toEqual([
      ["Bonn", "Daf for 40 (large)"],
      ["Kiel", null]
    ])
  })

  test("columns of any type, deferred and counted ones come through the union", async () => {
    const made = DateTime.makeUnsafe("2020-01-02T03:04:05Z")
    const bolt = {
      name: "b",
      own: "x",
      raw: new Uint8Array([1]),
      isNew: true,
      price: BigDecimal.fromStringUnsafe("1.5"),
      code: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
      few: 3,
      made,
      doc: { a: 1 }
    }
    const seen = await undone(
      Effect.gen(function* () {
        yield* Session.add(Part.make(bolt), Fluid.make({ name: "A", litres: 1.5, notes: "mild" }))
        yield* Session.flush
        const byName = Query.from(Stock).orderBy(Stock.c.name)
        const rows = yield* Session.all(byName)
        const mild = yield* Session.all(
          byName.where(Family.is(Stock, Fluid, Fluid.c.notes.eq("mild")))
        )
        const own = yield* Session.all(byName.where(Family.is(Stock, Part, Part.c.own.eq("x"))))
        const [oil] = mild
        if (oil?.kind !== "fluid") return yield* Effect.die("other")
        yield* Session.update(oil, { litres: 3 })
        yield* Session.flush
        const now = yield* Session.get(Stock, { kind: "fluid", id: 1 })
        const [noted] = yield* Session.all(Query.from(Fluid), Load.also(Fluid, ["notes"]))
        return { rows: rows.map(cells), own: own.length, rev: now.rev, notes: noted!.notes }
      })
    )
    const { price, ...others } = bolt
    expect(seen).toMatchObject({
      rows: [
        { kind: "fluid", id: 1, name: "A", rev: 1, litres: 1.5 },
        { kind: "part", id: 1, rev: 1, ...others }
      ],
      own: 1,
      rev: 2,
      notes: "mild"
    })
    expect(seen.rows[0]).not.toHaveProperty("notes")
    expect(BigDecimal.equals(seen.rows[1]!["price"] as typeof price, price)).toBe(true)
  })

  test("a member gives its rows alone [F120.3]", async () => {
    const fast = Query.from(Car).where(Car.isFast)
    const [cooper] = await database.run(Database.all(fast))
    expect(cooper?.title).toBe("Cooper of 3 doors")
    expect(cooper?.kind).toBe("car")
    expect(await database.run(Database.count(Query.from(Truck)))).toBe(2)
    expectTypeOf<"load">().not.toExtend<keyof typeof Car.c>()
    const all = await database.run(Database.all(everything))
    expect(all.filter((one) => one.kind === "car").map(cells)).toEqual(
      (await database.run(Database.all(Query.from(Car).orderBy(Car.c.name)))).map(cells)
    )
  })

  test("a session keeps rows of one key apart, and knows each by both its classes", async () => {
    const seen = await undone(
      Effect.gen(function* () {
        const rows = yield* Session.all(everything)
        const car = yield* Session.get(Fleet, { kind: "car", id: 1 })
        const truck = yield* Session.get(Fleet, { kind: "truck", id: 1 })
        const none = yield* Session.find(Fleet, { kind: "boat", id: 2 })
        yield* Session.update(car, { name: "Alfa" })
        const [audi] = rows
        if (audi?.kind !== "car") return yield* Effect.die("other")
        yield* Session.modify(audi, ({ doors }) => ({ doors: doors + 1 }))
        const steps = (yield* Session.plan).steps.map(({ table }) => table.name)
        const one = yield* Session.get(Car, 1)
        const same = yield* Session.get(Fleet, { kind: "car", id: 1 })
        const again = yield* Session.get(Truck, 1)
        const before = yield* Session.all(everything.limit(1))
        const known = (yield* Session.known(Fleet)).map(({ name }) => name).toSorted()
        yield* Session.delete(Fleet.ref({ kind: "truck", id: 1 }))
        yield* Session.delete(again)
        const gone = yield* Effect.flip(Session.get(Fleet, { kind: "truck", id: 1 }))
        const refreshed = yield* Session.refresh(audi)
        const past = yield* Session.with(
          { lock: "update" },
          Session.get(Fleet, { kind: "car", id: 2 })
        )
        const left = words(yield* Session.all(everything))
        return {
          titles: [car.title, truck.title, one.title, same.title, again.title, before[0]!.title],
          none: none._tag,
          steps,
          known,
          gone: [gone._tag, gone.message],
          refreshed: refreshed.title,
          past: past.title,
          left
        }
      })
    )
    expect(seen).toEqual({
      titles: [
        "Audi of 4 doors",
        "Daf for 40 (large)",
        "Alfa of 5 doors",
        "Alfa of 5 doors",
        "Daf for 40 (large)",
        "Alfa of 5 doors"
      ],
      none: "None",
      steps: ["cars"],
      known: ["Alfa", "Bora", "Cooper", "Daf", "Efa"],
      gone: ["NotFound", "there is no fleet with this key"],
      refreshed: "Alfa of 5 doors",
      past: "Cooper of 3 doors",
      left: [["Car", 1, "Alfa of 5 doors"], five[1], five[2], five[4]]
    })
  })

  test("a key of it that was never read is looked up in its member's table alone", async () => {
    const { count, value } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          const first = yield* Session.get(Fleet, { kind: "truck", id: 2 })
          const again = yield* Session.get(Truck, 2)
          const other = yield* Session.find(Fleet, { kind: "car", id: 2 })
          return [first.title, again.title, other._tag]
        })
      )
    )
    expect(value).toEqual(["Efa for 7 (small)", "Efa for 7 (small)", "Some"])
    expect(count("SELECT")).toBe(2)
  })

  test("what all belong to is loaded with the family, the rest by its member", async () => {
    const plans = [
      Load.all(everything, { depot: true }),
      Load.all(everything, { depot: Load.joined() }),
      Load.all(everything, { depot: Load.json() })
    ]
    for (const plan of plans) {
      const rows = await database.run(plan)
      expect(rows.map(({ constructor, depot }) => [constructor.name, depot.city])).toEqual([
        ["Car", "Bonn"],
        ["Boat", "Kiel"],
        ["Car", "Kiel"],
        ["Truck", "Bonn"],
        ["Truck", "Kiel"]
      ])
    }
    const seen = await undone(
      Effect.gen(function* () {
        const rows = yield* Session.all(everything, { depot: true })
        const [audi] = rows
        if (audi?.kind !== "car") return yield* Effect.die("other")
        const trips = yield* Session.load(audi, Car.trips)
        const bora = rows[1]
        if (bora?.kind !== "boat") return yield* Effect.die("other")
        const depot = yield* Session.load(bora, Boat.depot)
        const [bonn] = yield* Session.all(Query.from(Depot).orderBy(Depot.c.city), {
          cars: { trips: true }
        })
        return {
          trips: trips.map(({ goal }) => goal),
          depot: depot?.city,
          cars: bonn!.cars.map(({ title, trips: own }) => [title, own.length])
        }
      })
    )
    expect(seen).toEqual({ trips: ["Ulm"], depot: "Kiel", cars: [["Audi of 4 doors", 1]] })
    const along = Query.from(Fleet)
      .join(Depot, Along.on(Fleet, "depot"))
      .where(Depot.c.city.eq("Kiel"))
      .orderBy(Fleet.c.name)
      .select(Fleet.c.name)
    expect(await database.run(Database.all(along))).toEqual(["Bora", "Cooper", "Efa"])
  })

  test("a relation by a condition leads to it, and tells rows of one key apart", async () => {
    for (const all of [Load.selectIn(), Load.joined(), Load.json()]) {
      const depots = await database.run(Load.all(Query.from(Depot).orderBy(Depot.c.city), { all }))
      expect(
        depots.map((depot) => depot.all.map(({ kind, name }) => `${kind} ${name}`).toSorted())
      ).toEqual([
        ["car Audi", "truck Daf"],
        ["boat Bora", "car Cooper", "truck Efa"]
      ])
    }
  })
})
