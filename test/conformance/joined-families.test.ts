import { Catalog, Column, Database, Entity, Family, Load, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/** Works of a library: each has a page of its own kind, some say who is to be asked. */
class Shelf extends Entity<Shelf>()("shelves", { id: Column.id(), room: Column.varchar(20) }) {
  static readonly works = this.hasMany(() => Work, { children: "delete" })
  static readonly books = this.hasMany(() => Book, { key: "shelfId" })
}
const works = Family.joined(
  "works",
  "kind",
  {
    id: Column.id(),
    kind: Column.varchar(20),
    name: Column.varchar(50),
    shelfId: Column.integer(),
    edits: Column.integer().version()
  },
  {
    book: { pages: Column.integer(), size: Column.varchar(5).default("small") },
    film: {
      minutes: Column.integer(),
      size: Column.integer().default(35),
      afterId: Column.integer().nullable(),
      note: Column.varchar(20).nullable()
    }
  },
  { tables: { book: "books" } }
)
class Book extends Family.member<Book>()(works, "book") {
  static readonly shelf = this.belongsTo(() => Shelf)
  static readonly films = this.hasMany(() => Film, { key: "afterId" })
}
class Film extends Family.member<Film>()(works, "film") {
  static readonly shelf = this.belongsTo(() => Shelf)
  static readonly after = this.belongsTo(() => Book)
}
const Work = Family.of(works, { book: Book, film: Film })

/** Rooms are known by two columns. */
const rooms = Family.joined(
  "rooms",
  "kind",
  {
    house: Column.integer().primaryKey(),
    floorNo: Column.integer().primaryKey(),
    kind: Column.varchar(10)
  },
  { lab: { gas: Column.varchar(10) }, hall: {}, bigHall: { seats: Column.integer() } }
)
class Lab extends Family.member<Lab>()(rooms, "lab") {}
class Hall extends Family.member<Hall>()(rooms, "hall") {}
class BigHall extends Family.member<BigHall>()(rooms, "bigHall") {}
const Room = Family.of(rooms, { lab: Lab, hall: Hall, bigHall: BigHall })

const tables = Catalog.make({ Shelf, Work })

test("the tables of a joined family: one of all, one for each member", () => {
  expect(tables.tables.map(({ columns, name }) => [name, columns.map(({ key }) => key)])).toEqual([
    ["shelves", ["id", "room"]],
    ["works", ["id", "kind", "name", "shelfId", "edits"]],
    ["books", ["id", "pages", "size"]],
    ["works_film", ["id", "minutes", "size", "afterId", "note"]]
  ])
  const keys = tables.tables.flatMap((table) =>
    table.foreignKeys().map(({ columns, onDelete, target }) => [columns[0], target.name, onDelete])
  )
  expect(keys).toEqual([
    ["shelfId", "shelves", "no action"],
    ["id", "works", "cascade"],
    ["id", "works", "cascade"],
    ["afterId", "books", "no action"]
  ])
})

describe.each(engines)("on %s: a joined family", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Shelf, Work, Room })))
  })
  afterAll(() => database.dispose())
  beforeEach(async () => {
    for (const text of ["delete from works_film", "delete from works", "delete from shelves"])
      await database.run(Database.script(text))
    const shelf = Shelf.make({ room: "1" })
    const emma = Book.make({ name: "Emma", pages: 400, shelf })
    const film = Film.make({ name: "Emma again", minutes: 90, shelf, after: emma })
    await database.run(Session.transact(Session.add(film, emma)))
  })

  const everything = Query.from(Work).orderBy(Work.c.name)
  const stepsOf = (plan: Effect.Success<typeof Session.plan>) =>
    plan.steps.map(({ columns, kind, table }) => `${kind} ${table.name} ${columns.join()}`.trim())
  const pair = Effect.map(Session.all(everything), (all) => {
    const [book, film] = all
    return book?.kind === "book" && film?.kind === "film" ? ([book, film] as const) : null!
  })
  const raw = (text: string) => database.run(Database.script(text))

  test("each of its values is a row of two tables, read as one [F120.1]", async () => {
    const rows = await database.run(Database.all(everything))
    expect(rows.map((row) => Object.keys(row))).toEqual([
      ["id", "kind", "name", "shelfId", "edits", "pages", "size"],
      ["id", "kind", "name", "shelfId", "edits", "minutes", "size", "afterId", "note"]
    ])
    expect(rows.map(({ size }) => size)).toEqual(["small", 35])
    const large = Family.is(Work, Book, Book.c.size.eq("small"))
    expect(await database.run(Database.count(Query.from(Work).where(large)))).toBe(1)
    const small = Family.is(Work, Film, Film.c.size.lt(35))
    expect(await database.run(Database.count(Query.from(Work).where(small)))).toBe(0)
    expect(rows.map((row) => row.constructor)).toEqual([Book, Film])
    const [film] = await database.run(Database.all(Query.from(Film)))
    expect(film).toEqual(rows[1])
  })

  test("a new value is two rows; a change goes where it is kept [F120.1]", async () => {
    const shelf = Shelf.make({ room: "2" })
    const book = Book.make({ name: "Persuasion", pages: 249, shelf })
    const added = Effect.gen(function* () {
      yield* Session.add(Film.make({ name: "Still", minutes: 1, shelf, after: book }))
      const first = stepsOf(yield* Session.plan)
      yield* Session.flush
      const value = yield* Session.one(Query.from(Book).where(Book.c.name.eq("Persuasion")))
      yield* Session.update(value, { name: "P." })
      const name = stepsOf(yield* Session.plan)
      yield* Session.flush
      const again = yield* Session.update(value, { pages: 250 })
      const pages = stepsOf(yield* Session.plan)
      yield* Session.flush
      const same = yield* Session.update(value, { pages: 250 })
      const nothing = stepsOf(yield* Session.plan)
      const counted = yield* Session.get(Book, value.id)
      return {
        again: again.pages,
        counted: counted.edits,
        first,
        name,
        nothing,
        pages,
        same: same.pages
      }
    })
    const kept = "name,shelfId,edits"
    expect(await database.run(Session.transact(added))).toEqual({
      again: 250,
      counted: 3,
      first: [
        "insert shelves room",
        `insert works kind,${kept}`,
        "insert books id,pages,size",
        "insert works_film id,minutes,size,afterId,note"
      ],
      name: ["update works name,edits"],
      nothing: [],
      pages: ["update works kind,edits", "update books pages"],
      same: 250
    })
    expect(await database.run(Database.count(everything))).toBe(4)
  })

  test("a change of either row is a version; who is late is told [F120.1]", async () => {
    const late = Effect.gen(function* () {
      const [book] = yield* pair
      yield* Session.believe(book, { edits: 9 } as {})
      yield* Session.update(book, { pages: 401 })
    })
    const stale = await database.run(Effect.flip(Session.transact(late)))
    expect(stale).toMatchObject({ _tag: "StaleRow", table: "works" })
    const blind = Effect.gen(function* () {
      const [book] = yield* Database.all(Query.from(Book))
      yield* Session.update(Book.ref(book!.id), { pages: 402 })
      return stepsOf(yield* Session.plan)
    })
    expect(await database.run(Session.transact(blind))).toEqual([
      "update works kind,edits",
      "update books pages"
    ])
    const [book] = await database.run(Database.all(Query.from(Book)))
    expect(book).toMatchObject({ pages: 402, edits: 2 })
  })

  test("what fails takes both of its rows back [F120.1]", async () => {
    const wrong = Effect.gen(function* () {
      const [book, film] = yield* pair
      yield* Session.update(book, { name: "Emma!", pages: 1 })
      yield* Session.add(Film.make({ name: "Lost", minutes: 1, shelf: 9999 }))
      const failed = yield* Effect.flip(Session.flush)
      return { failed: failed._tag, pages: (yield* Session.get(Book, book.id)).pages, film }
    })
    const before = await database.run(Database.all(everything))
    const refused = Effect.gen(function* () {
      const told = yield* wrong
      return yield* Effect.fail(told)
    })
    const told = await database.run(Effect.flip(Session.transact(refused)))
    expect(told).toMatchObject({ failed: "ForeignKeyViolation", pages: 1 })
    expect(await database.run(Database.all(everything))).toEqual(before)
  })

  test("a value goes by one statement, in the order keys ask for [F120.1]", async () => {
    const go = Effect.gen(function* () {
      const [book, film] = yield* pair
      yield* Session.delete(book)
      yield* Session.delete(film)
      return stepsOf(yield* Session.plan)
    })
    expect(await database.run(Session.transact(go))).toEqual(["delete works"])
    expect(await database.run(Database.count(everything))).toBe(0)
    expect(await database.run(Database.count(Query.from(Shelf)))).toBe(1)
  })

  test("rows nobody has read go, and what refers to them lets go [F120.1]", async () => {
    const alone = Effect.gen(function* () {
      const [book] = yield* Database.all(Query.from(Book))
      yield* Session.delete(Work.ref(book!.id))
      yield* Session.flush
      return yield* Session.all(everything)
    })
    const [left, ...none] = await database.run(Session.transact(alone))
    expect([left, ...none]).toMatchObject([{ kind: "film", afterId: null, minutes: 90 }])
    const shelf = Effect.flatMap(Session.one(Query.from(Shelf)), (one) => Session.delete(one))
    await database.run(Session.transact(shelf))
    expect(await database.run(Database.count(everything))).toBe(0)
    for (const table of ["books", "works_film"])
      await raw(`insert into shelves (room) select 'none' from ${table}`)
    expect(await database.run(Database.count(Query.from(Shelf)))).toBe(0)
  })

  test("a shelf and what hangs on it go together, read or not [F120.1]", async () => {
    const shelf = Effect.flatMap(Session.one(Query.from(Shelf)), (one) => Session.delete(one))
    await database.run(Session.transact(shelf))
    expect(await database.run(Database.count(everything))).toBe(0)
  })

  test("what was added goes again; another takes its place under its key [F120.1]", async () => {
    const draft = Book.make({ name: "Sketch", pages: 1, shelf: Shelf.make({ room: "3" }) })
    const undone = Effect.gen(function* () {
      yield* Session.add(draft)
      yield* Session.delete(draft)
      return stepsOf(yield* Session.plan)
    })
    expect(await database.run(Session.transact(undone))).toEqual(["insert shelves room"])
  })

  test("children of a member come, go and are told [F120.1]", async () => {
    const work = Effect.gen(function* () {
      const [book, film] = yield* pair
      const more = Film.make({ name: "Emma, later", minutes: 5, shelf: film.shelfId })
      yield* Session.append(book, Book.films, more)
      yield* Session.flush
      const two = (yield* Session.load(book, Book.films)).map(({ name }) => name)
      yield* Session.remove(book, Book.films, film)
      const left = stepsOf(yield* Session.plan)
      yield* Session.flush
      const one = (yield* Session.load(book, Book.films)).map(({ name }) => name)
      yield* Session.replace(book, Book.films, [film])
      yield* Session.flush
      const other = (yield* Session.load(book, Book.films)).map(({ name }) => name)
      return { two: two.toSorted(), left, one, other }
    })
    expect(await database.run(Session.transact(work))).toEqual({
      two: ["Emma again", "Emma, later"],
      left: ["update works kind,edits", "update works_film afterId"],
      one: ["Emma, later"],
      other: ["Emma again"]
    })
  })

  test("what a session says of a value is of both of its rows [F120.1]", async () => {
    const work = Effect.gen(function* () {
      const [book] = yield* pair
      const first = yield* Session.stateOf(book)
      yield* Session.update(book, { pages: 5 })
      const now = yield* Session.stateOf(book)
      const { columns } = yield* Session.history(book)
      return { columns, first, now }
    })
    expect(await database.run(Session.transact(work))).toEqual({
      columns: { pages: { old: 400, new: 5 } },
      first: "known",
      now: "changed"
    })
  })

  test("a row without one in its member's table is told, however it is read [F120.1]", async () => {
    await raw("delete from works_film")
    const expected = 'a row in "works_film" for this "film" of "works"'
    const all = await database.run(Effect.flip(Database.all(everything)))
    expect(all).toMatchObject({ _tag: "DecodeFailed", path: "kind", expected })
    const apart = await database.run(Effect.flip(Load.all(everything, Load.apart())))
    expect(apart).toMatchObject({ _tag: "DecodeFailed", path: "kind", expected })
    for (const plan of [Load.selectIn(), Load.joined(), Load.json(), Load.apart()]) {
      const failed = await database.run(Effect.flip(Load.all(Query.from(Shelf), { works: plan })))
      expect(failed).toMatchObject({ _tag: "DecodeFailed", expected })
    }
    const count = Query.from(Work).select({ name: Work.c.name })
    expect(await database.run(Database.count(count))).toBe(2)
    const named = await database.run(
      Database.all(everything.select({ work: Work, is: Work.c.kind })).pipe(Effect.flip)
    )
    expect(named).toMatchObject({ _tag: "DecodeFailed", path: "work.kind", expected })
  })

  test("rows of several columns' keys, of members with and without columns [F120.1]", async () => {
    const work = Effect.gen(function* () {
      yield* Session.add(
        Lab.make({ house: 1, floorNo: 1, gas: "argon" }),
        Hall.make({ house: 1, floorNo: 2 }),
        BigHall.make({ house: 2, floorNo: 1, seats: 90 })
      )
      yield* Session.flush
      const lab = yield* Session.get(Lab, { house: 1, floorNo: 1 })
      yield* Session.update(lab, { gas: "neon" })
      yield* Session.delete(Room.ref({ house: 1, floorNo: 2 }))
    })
    await database.run(Session.transact(work))
    const all = Query.from(Room).orderBy(Room.c.house)
    const left = await database.run(Database.all(all))
    expect(left.map((room) => room.toJSON())).toEqual([
      { house: 1, floorNo: 1, kind: "lab", gas: "neon" },
      { house: 2, floorNo: 1, kind: "bigHall", seats: 90 }
    ])
    expect(await database.run(Load.all(all, Load.apart()))).toEqual(left)
    const go = Effect.flatMap(Session.all(all), (found) => Session.delete(...found))
    await database.run(Session.transact(go))
    expect(await database.run(Database.count(all))).toBe(0)
  })

  test("locks, refreshed values, and what the server computes of either row [F120.1]", async () => {
    const work = Effect.gen(function* () {
      const [book, film] = yield* pair
      const locked = yield* Session.with({ lock: "update" }, Session.get(Film, film.id))
      yield* Database.script("update books set pages = 7")
      const refreshed = yield* Session.refresh(book, { lock: "update" })
      const more = yield* Session.compute(book, { pages: Book.c.pages.add(1), name: "Emma!" })
      const longer = yield* Session.compute(book, { name: Book.c.name.concat("!") })
      return {
        locked: locked.minutes,
        refreshed: refreshed.pages,
        more: [more.pages, more.edits],
        longer: [longer.name, longer.pages, longer.edits]
      }
    })
    expect(await database.run(Session.transact(work))).toEqual({
      locked: 90,
      refreshed: 7,
      more: [8, 2],
      longer: ["Emma!!", 8, 3]
    })
    const twisted = Effect.flatMap(Session.one(Query.from(Book)), (book) =>
      Session.compute(book, { pages: Book.c.edits.add(1) })
    )
    const failed = await database.run(Effect.exit(Session.transact(twisted)))
    expect(String(failed)).toContain('"pages" of Book is not kept where its "edits" is')
  })
})
