import { Database, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
  Bill,
  Book,
  Film,
  Flat,
  Guest,
  House,
  Room,
  Tag,
  town,
  Work
} from "../properties/support/town.ts"
import { emptied, settledIn } from "../properties/support/townRows.ts"
import { connect, engines } from "./databases.ts"

/** What programs over a town met (L35), each as small as the law made it. */

const house = House.make({ id: 1, code: "a", name: "x" })
const rename = Session.update(House.ref(1), { code: "b" })

describe.each(engines)("a town on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(town))
  })
  beforeEach(() => database.run(emptied))
  afterAll(() => database.dispose())

  test("a pending child follows a key that changes before it is written [F122.4]", async () => {
    const work = Effect.gen(function* () {
      yield* Session.add(
        house,
        Flat.make({ id: 1, no: 1, house } as never),
        Bill.make({ id: 1, sum: 1, house })
      )
      yield* Session.add(Guest.make({ id: 1, flatCode: "a", flatNo: 1, days: 1 }))
      yield* rename
      const known = yield* Session.get(Flat, 1)
      yield* Session.flush
      const guest = yield* Session.one(Query.from(Guest))
      return [known.houseCode, guest.flatCode, (yield* Session.one(Query.from(Bill))).houseCode]
    })
    expect(await database.run(Session.transact(work))).toEqual(["b", "b", "b"])
  })

  test("what is known of a key's children follows it at once, and so do theirs", async () => {
    const work = Effect.gen(function* () {
      yield* Session.add(house, Flat.make({ id: 1, no: 1, house } as never))
      yield* Session.flush
      yield* Session.update(yield* Session.get(House, 1), { code: "b" })
      const flat = yield* Session.get(Flat, 1)
      yield* Session.add(Guest.make({ id: 1, days: 1, flat } as never))
      return flat.houseCode
    })
    expect(await database.run(Session.transact(work))).toBe("b")
    expect((await database.run(Database.one(Query.from(Guest)))).flatCode).toBe("b")
  })

  test("a query of what follows a key that was changed writes the change before", async () => {
    const setUp = Session.add(house, Bill.make({ id: 1, sum: 1, house }))
    await database.run(Session.transact(setUp))
    const work = Effect.andThen(rename, Session.one(Query.from(Bill)))
    expect((await database.run(Session.transact(work))).houseCode).toBe("b")
  })

  test("a row whose key is its parent's in part is found by it before it is written", async () => {
    const work = Effect.gen(function* () {
      yield* Session.add(house, Room.make({ no: 1, house }))
      yield* Session.delete(Room.ref({ houseId: 1, no: 1 }))
      yield* Session.add(Room.make({ no: 1, house, label: "new" }))
      return yield* Session.find(Room, { houseId: 1, no: 1 })
    })
    const found = await database.run(Session.transact(work))
    expect(Option.getOrThrow(found).label).toBe("new")
    expect(await database.run(Database.count(Query.from(Room)))).toBe(1)
  })

  test("a row of a key of two columns is changed beside a key that changes", async () => {
    const work = Effect.gen(function* () {
      yield* Session.add(house, Room.make({ no: 1, house }))
      yield* Session.flush
      yield* Session.update(Room.ref({ houseId: 1, no: 1 }), { label: "new" })
      yield* rename
    })
    await database.run(Session.transact(work))
    expect((await database.run(Database.one(Query.from(Room)))).label).toBe("new")
  })

  test("a child of a family of tables goes from all of them, by its parent or alone", async () => {
    const book = Book.make({ id: 1, title: "b", pages: 1 })
    const film = (id: number) => Film.make({ id, title: "f", minutes: 1, book: 1 })
    const work = Effect.gen(function* () {
      yield* Session.add(book, film(2), film(3))
      yield* Session.flush
      yield* Session.update(Film.ref(2), { book: null })
      yield* Session.flush
      const left = yield* Session.all(Query.from(Work).select(Work.c.id))
      yield* Session.delete(Book.ref(1))
      return left
    })
    expect(await database.run(Session.transact(work))).toEqual([1, 3])
    expect(await database.run(Database.count(Query.from(Work)))).toBe(0)
  })

  /** Of a town that others have settled in. */
  const settled = <A>(work: Effect.Effect<A, unknown, Session | Database>): Promise<A> =>
    database.run(Effect.andThen(settledIn, Session.transact(work)))

  test("a row that was nobody's child, and that nobody has read, stays where it is", async () => {
    await settled(Session.update(Tag.ref(1), { up: null }))
    expect(await database.run(Database.count(Query.from(Tag)))).toBe(3)
  })

  test("a new child that is nobody's before it is written goes as any", async () => {
    const work = Effect.gen(function* () {
      yield* Session.add(Film.make({ id: 3, title: "f", minutes: 1, book: 1 }))
      yield* Session.update(Film.ref(3), { book: null })
      yield* Session.update(Film.ref(2), { house: 1 })
      yield* Session.update(Film.ref(2), { house: null })
      yield* Session.flush
      return yield* Session.all(Query.from(Work).select(Work.c.id))
    })
    expect(await settled(work)).toEqual([1])
  })

  test("a row comes under the key of one that goes along in several tables", async () => {
    const work = Effect.gen(function* () {
      yield* Session.delete(Book.ref(1))
      yield* Session.add(Book.make({ id: 2, title: "new", pages: 3 }))
      return (yield* Session.get(Book, 2)).title
    })
    expect(await settled(work)).toBe("new")
    const same = Effect.gen(function* () {
      yield* Session.delete(Book.ref(1))
      yield* Session.add(Film.make({ id: 2, title: "new", minutes: 3 }))
      return (yield* Session.get(Film, 2)).title
    })
    expect(await settled(same)).toBe("new")
  })

  test("who goes by way of a row that nobody has read is not found, and is free", async () => {
    const work = Effect.gen(function* () {
      yield* Session.get(Film, 2)
      yield* Session.delete(House.ref(1))
      return yield* Session.find(Film, 2)
    })
    expect(Option.isNone(await settled(work))).toBe(true)
    const again = Effect.gen(function* () {
      yield* Session.get(Film, 2)
      yield* Session.delete(House.ref(1))
      yield* Session.add(Book.make({ id: 2, title: "new", pages: 3 }))
    })
    await settled(again)
    expect((await database.run(Database.one(Query.from(Work)))).title).toBe("new")
  })

  test("what follows a key by way of a row that nobody has read is known to", async () => {
    const work = Effect.gen(function* () {
      yield* Session.get(Guest, 2)
      yield* Session.update(yield* Session.get(House, 2), { code: "c" })
      const pending = yield* Session.get(Guest, 2)
      yield* Session.flush
      return [pending.flatCode, (yield* Session.get(Guest, 2)).flatCode]
    })
    expect(await settled(work)).toEqual(["c", "c"])
  })

  test("a new row refers to a key that changes in a row nobody has read", async () => {
    const guest = { id: 3, days: 1, flatCode: "b", flatNo: 1 } as never
    const work = Effect.gen(function* () {
      yield* Session.add(Guest.make(guest))
      yield* Session.update(Flat.ref(2), { no: 7 })
    })
    await settled(work)
    const nos = Query.from(Guest).where(Guest.c.id.eq(3)).select(Guest.c.flatNo)
    expect(await database.run(Database.one(nos))).toBe(7)
  })

  test("who leaves a row whose key changes is known by where it went", async () => {
    const work = Effect.gen(function* () {
      yield* Session.update(yield* Session.get(Guest, 2), { flatCode: "a" })
      yield* Session.update(yield* Session.get(Flat, 2), { no: 7 })
      yield* Session.flush
      const { flatCode, flatNo } = yield* Session.get(Guest, 2)
      yield* Session.delete(House.ref(1))
      return [flatCode, flatNo]
    })
    expect(await settled(work)).toEqual(["a", 1])
    expect(await database.run(Database.count(Query.from(Guest)))).toBe(0)
  })

  test("all members of one class of a family are given: those of others stay", async () => {
    const work = Effect.gen(function* () {
      const two = yield* Session.get(House, 2)
      yield* Session.replace(two, House.managers, [])
      const tag = yield* Session.get(Tag, 2)
      yield* Session.replace(tag, Tag.books, [])
      yield* Session.merge(Tag, { id: 2, books: [] })
      const clerks = yield* Session.load(two, House.people)
      const films = yield* Session.load(tag, Tag.works)
      return [clerks.map(({ id }) => id), films.map(({ id }) => id)]
    })
    expect(await settled(work)).toEqual([[2], [2]])
  })

  test("a member comes under the key of one that leaves in the same list", async () => {
    const work = Effect.gen(function* () {
      const two = yield* Session.get(House, 2)
      yield* Session.replace(two, House.flats, [Flat.ref(1) as never])
      yield* Session.flush
      return yield* Session.all(Query.from(Flat).select(Flat.c.id))
    })
    expect(await settled(work)).toEqual([1])
  })

  test("a graph leaves out who may be without, as a list does", async () => {
    await settled(Session.merge(House, { id: 2, bills: [] }))
    const bills = await database.run(Database.all(Query.from(Bill).select(Bill.c.houseCode)))
    expect(bills).toEqual([null, null])
  })

  test("one of a family that was let go as any of it comes anew as another", async () => {
    const work = Effect.gen(function* () {
      yield* Session.replace(yield* Session.get(House, 1), House.works, [])
      yield* Session.add(Book.make({ id: 1, title: "new", pages: 1 }))
      yield* Session.flush
      yield* Session.delete(Work.ref(1))
      yield* Session.add(Film.make({ id: 1, title: "newer", minutes: 1 }))
      yield* Session.flush
      return yield* Session.all(Query.from(Work).select(Work.c.title))
    })
    expect(await settled(work)).toEqual(["newer"])
  })

  test("one of several tables that is known comes anew when it goes along", async () => {
    const work = Effect.gen(function* () {
      yield* Session.all(Query.from(Work))
      yield* Session.delete(Book.ref(1))
      yield* Session.add(Film.make({ id: 2, title: "new", minutes: 1 }))
      yield* Session.flush
      return yield* Session.all(Query.from(Work).select(Work.c.title))
    })
    expect(await settled(work)).toEqual(["new"])
  })

  test("a parent that was read before its key changed is referred to by its new one", async () => {
    const work = Effect.gen(function* () {
      const flat = yield* Session.get(Flat, 2)
      const house = yield* Session.get(House, 2)
      yield* Session.update(house, { code: "c" })
      yield* Session.flush
      yield* Session.add(Guest.make({ id: 3, days: 1, flat } as never))
      yield* Session.add(Bill.make({ id: 3, sum: 1, house }))
      yield* Session.flush
      return [(yield* Session.get(Guest, 3)).flatCode, (yield* Session.get(Bill, 3)).houseCode]
    })
    expect(await settled(work)).toEqual(["c", "c"])
  })
})
