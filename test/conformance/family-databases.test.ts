import { Catalog, Column, Database, Databases, Entity, Family, Query, Session } from "athanor"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/** Families over several databases: their tables stand together, whatever keeps a member's part. */
const works = Family.joined(
  "works",
  "kind",
  {
    id: Column.integer().primaryKey(),
    kind: Column.varchar(10),
    name: Column.varchar(20),
    edits: Column.integer().version()
  },
  {
    book: { pages: Column.integer() },
    film: { minutes: Column.integer(), afterId: Column.integer().nullable() }
  },
  { tables: { book: "books", film: "films" } }
)
class Book extends Family.member<Book>()(works, "book") {
  static readonly notes = this.hasMany(() => Note, { key: "bookId" })
  static readonly films = this.hasMany(() => Film, { key: "afterId" })
}
class Film extends Family.member<Film>()(works, "film") {
  static readonly notes = this.hasMany(() => Note, { key: "filmId", children: "database" })
  static readonly after = this.belongsTo(() => Book)
}
const Work = Family.of(works, { book: Book, film: Film })
/** In a database of its own; nothing there checks the keys. */
class Note extends Entity<Note>()("notes", {
  id: Column.integer().primaryKey(),
  text: Column.varchar(20),
  bookId: Column.integer().nullable(),
  filmId: Column.integer().nullable()
}) {
  static readonly book = this.belongsTo(() => Book)
  static readonly film = this.belongsTo(() => Film)
}

const fleet = Family.concrete(
  "fleet",
  "kind",
  { id: Column.integer().primaryKey(), name: Column.varchar(20) },
  { car: { doors: Column.integer() }, boat: {} },
  { tables: { car: "cars", boat: "boats" } }
)
class Car extends Family.member<Car>()(fleet, "car") {
  static readonly trips = this.hasMany(() => Trip, { children: "delete" })
}
class Boat extends Family.member<Boat>()(fleet, "boat") {
  static readonly trips = this.relatesToMany(
    () => Boat,
    (one, other) => one.id.eq(other.id)
  )
}
const Fleet = Family.of(fleet, { car: Car, boat: Boat })
class Trip extends Entity<Trip>()("trips", {
  id: Column.integer().primaryKey(),
  goal: Column.varchar(20),
  carId: Column.integer()
}) {
  static readonly car = this.belongsTo(() => Car)
}
const places = Family.single(
  "places",
  "kind",
  { id: Column.integer().primaryKey(), kind: Column.varchar(10) },
  { town: { people: Column.integer() } }
)
class Town extends Family.member<Town>()(places, "town") {}
const Place = Family.of(places, { town: Town })

const parityOf = (id: number | null | undefined) =>
  id === undefined || id === null ? null : id % 2 === 0 ? "even" : "odd"
const bindings = [
  Databases.shard(Work, ["even", "odd"], ({ id }) => parityOf(id)),
  Databases.shard(Fleet, ["even", "odd"], ({ id }) => parityOf(id)),
  Databases.shard(Trip, ["even", "odd"], ({ carId }) => parityOf(carId)),
  Databases.bind(Note, "own"),
  Databases.bind(Town, "own")
]
class Even extends Database.Service<Even>()("families/even") {}
class Odd extends Database.Service<Odd>()("families/odd") {}
class Own extends Database.Service<Own>()("families/own") {}

describe.each(engines)("families over several databases on %s", (engine) => {
  let opened: ReadonlyArray<Awaited<ReturnType<typeof connect>>>
  let layer: Layer.Layer<Databases | Even | Odd | Own>
  beforeAll(async () => {
    opened = [await connect(engine), await connect(engine), await connect(engine)]
    const [even, odd, own] = await Promise.all(opened.map(({ run }) => run(Database)))
    const services = Layer.succeedContext(
      Context.make(Even, even!).pipe(Context.add(Odd, odd!), Context.add(Own, own!))
    )
    const three = { even: Even, odd: Odd, own: Own }
    layer = Layer.provideMerge(Databases.layer(three, bindings), services)
    const spread = Catalog.make({ Work, Fleet, Trip })
    await run(Effect.andThen(Even.create(spread), Odd.create(spread)))
    await run(Own.create(Catalog.make({ Place })))
    const notes = "id integer primary key, text varchar(20), book_id integer, film_id integer"
    await run(Own.script(`create table notes (${notes})`))
  })
  afterAll(async () => {
    for (const one of opened) await one.dispose()
  })
  beforeEach(async () => {
    const tables = ["trips", "cars", "boats", "films", "works"]
    for (const each of [Even, Odd])
      for (const table of tables) await run(each.script(`delete from ${table}`))
    await run(Own.script("delete from notes"))
    await work(
      Databases.add(
        Book.make({ id: 1, name: "Emma", pages: 400 }),
        Book.make({
          id: 2,
          name: "Sanditon",
          pages: 90,
          films: [{ id: 4, name: "S.", minutes: 5 }]
        }),
        Film.make({ id: 3, name: "Clueless", minutes: 97, after: 1 }),
        Note.make({ id: 1, text: "of Emma", book: 1 }),
        Note.make({ id: 2, text: "of Clueless", film: 3 }),
        Car.make({ id: 1, name: "Audi", doors: 3, trips: [{ id: 1, goal: "Ulm" }] }),
        Boat.make({ id: 1, name: "Bora" }),
        Boat.make({ id: 2, name: "Cora" })
      )
    )
  })
  const run = <A, E>(effect: Effect.Effect<A, E, Databases | Even | Odd | Own>): Promise<A> =>
    Effect.runPromise(Effect.provide(effect, layer))
  const someBook = Databases.get(Book, 1)
  const work = <A, E>(effect: Effect.Effect<A, E, Effect.Services<typeof someBook>>) =>
    run(Databases.transact(effect))
  const names = (rows: ReadonlyArray<{ readonly name: string }>) =>
    rows.map(({ name }) => name).toSorted()

  test("each row stands where its family says, in all of its tables [F145.1]", async () => {
    expect(names(await run(Even.all(Query.from(Work))))).toEqual(["S.", "Sanditon"])
    expect(names(await run(Odd.all(Query.from(Work))))).toEqual(["Clueless", "Emma"])
    expect(names(await run(Odd.all(Query.from(Fleet))))).toEqual(["Audi", "Bora"])
    await work(Databases.add(Town.make({ id: 1, people: 3 })))
    expect(await run(Own.count(Query.from(Place)))).toBe(1)
  })

  test("all of it is read, by key and whole, with what each member leads to [F145.2]", async () => {
    const seen = await work(
      Effect.gen(function* () {
        const all = yield* Databases.all(Query.from(Work), { load: { notes: true } })
        const fleetNow = yield* Databases.all(Query.from(Fleet), { load: { trips: true } })
        const film = yield* Databases.get(Work, 3)
        const truck = yield* Databases.find(Fleet, { kind: "car", id: 1 })
        const boat = yield* Databases.get(Fleet, { kind: "boat", id: 1 })
        const books = yield* Databases.all(Query.from(Book), { load: { films: true } })
        const [emma] = books.filter(({ id }) => id === 1)
        const own = yield* Databases.load(emma!, Book.notes)
        return {
          all: all.map((one) => [one.name, one.kind, one.notes.map(({ text }) => text)] as const),
          fleet: fleetNow.map((one) => [one.name, one.kind, one.trips.length] as const),
          film: film.kind === "film" ? film.minutes : null,
          truck: truck._tag,
          boat: boat.name,
          books: books.map((one) => [one.name, one.films.map(({ name }) => name)]),
          own: own.map(({ text }) => text)
        }
      })
    )
    const byName = <A extends readonly [string, ...ReadonlyArray<unknown>]>(
      rows: ReadonlyArray<A>
    ) => rows.toSorted(([one], [other]) => one.localeCompare(other))
    expect({ ...seen, all: byName(seen.all), fleet: byName(seen.fleet) }).toEqual({
      all: [
        ["Clueless", "film", ["of Clueless"]],
        ["Emma", "book", ["of Emma"]],
        ["S.", "film", []],
        ["Sanditon", "book", []]
      ],
      fleet: [
        ["Audi", "car", 1],
        ["Bora", "boat", 1],
        ["Cora", "boat", 1]
      ],
      film: 97,
      truck: "Some",
      boat: "Bora",
      books: [
        ["Sanditon", ["S."]],
        ["Emma", ["Clueless"]]
      ],
      own: ["of Emma"]
    })
  })

  test("it is changed, refreshed and deleted where it stands [F145.1]", async () => {
    const seen = await work(
      Effect.gen(function* () {
        const emma = yield* Databases.get(Book, 1)
        const two = yield* Databases.get(Work, 2)
        yield* Databases.update(emma, { pages: 401 })
        yield* Databases.update(two, { name: "S." })
        yield* Databases.on("odd", Session.flush)
        const again = yield* Databases.on("odd", Session.refresh(emma))
        const past = yield* Databases.on(
          "odd",
          Session.with({ lock: "update" }, Session.get(Work, 1))
        )
        const film = yield* Databases.get(Film, 3)
        yield* Databases.delete(film, yield* Databases.get(Car, 1))
        return [again.pages, again.edits, past.name]
      })
    )
    expect(seen).toEqual([401, 2, "Emma"])
    expect(names(await run(Odd.all(Query.from(Work))))).toEqual(["Emma"])
    expect(names(await run(Even.all(Query.from(Work))))).toEqual(["S.", "S."])
    expect(names(await run(Odd.all(Query.from(Fleet))))).toEqual(["Bora"])
  })

  test("what goes with a row elsewhere goes, or is left to the program [F145.2]", async () => {
    await work(Effect.flatMap(Databases.get(Book, 1), (one) => Databases.delete(one)))
    expect(names(await run(Odd.all(Query.from(Work))))).toEqual(["Clueless"])
    expect((await run(Odd.one(Query.from(Film)))).afterId).toBe(null)
    await work(Effect.flatMap(Databases.get(Film, 3), (one) => Databases.delete(one)))
    expect(names(await run(Odd.all(Query.from(Work))))).toEqual([])
    const notes = await run(Own.all(Query.from(Note).orderBy(Note.c.id)))
    expect(notes.map(({ bookId, filmId }) => [bookId, filmId])).toEqual([
      [null, null],
      [null, 3]
    ])
  })
})
