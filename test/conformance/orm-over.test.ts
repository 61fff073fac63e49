import {
  Along,
  Catalog,
  Column,
  Database,
  Entity,
  Fn,
  Load,
  Mapping,
  Query,
  Session,
  Table
} from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

const person = {
  id: Column.id(),
  name: Column.varchar(50),
  email: Column.varchar(50).nullable().unique(),
  visits: Column.integer().default(0),
  version: Column.integer().version()
}
const letter = {
  id: Column.id(),
  title: Column.varchar(50),
  personId: Column.integer()
}

class Person extends Entity<Person>()("people", person) {
  static readonly letters = this.hasMany(() => Letter, { children: "delete" })
  static readonly isKnown = this.hybrid((p) => p.visits.gt(0))
}
class Letter extends Entity<Letter>()("letters", letter) {
  static readonly person = this.belongsTo(() => Person)
}

const guests = Table.make("guests", person)
const cards = Table.make("cards", {
  ...letter,
  personId: Column.integer().references(() => guests.c.id)
})
class Guest extends Mapping.over<Guest>()(guests) {
  static readonly letters = this.hasMany(() => Card, { children: "delete" })
  static readonly isKnown = this.hybrid((p) => p.visits.gt(0))
}
class Card extends Mapping.over<Card>()(cards) {
  static readonly person = this.belongsTo(() => Guest)
}
/** The same rows by less. */
class Name extends Mapping.over<Name>()(guests, ["id", "name"]) {
  static readonly letters = this.hasMany(() => Card)
}

const totals = Query.from(cards)
  .join(guests, cards.c.personId.eq(guests.c.id))
  .groupBy(guests.c.id, guests.c.name)
  .having(Fn.count().gt(0))
  .select({ personId: guests.c.id, name: guests.c.name, letters: Fn.count() })
  .as("totals")
class Total extends Mapping.overQuery<Total>()(totals, { key: "personId" }) {
  static readonly person = this.belongsTo(() => Guest)
  static readonly all = this.hasMany(() => Card, { key: "personId" })
  get line() {
    return `${this.name}: ${this.letters}`
  }
}
const loud = Query.from(guests)
  .where(guests.c.visits.gte(0))
  .select({
    id: guests.c.id,
    name: guests.c.name,
    email: guests.c.email,
    visits: guests.c.visits,
    version: guests.c.version,
    loud: Fn.upper(guests.c.name)
  })
  .as("loud")
class Loud extends Mapping.overQuery<Loud>()(loud, { writes: guests }) {}

/** Nobody uses it: what is over the same tables goes on as if it were not there. */
class Unused extends Mapping.over<Unused>()(guests, ["id", "name"]) {}
expectTypeOf<Unused>().toHaveProperty("name")

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const caught = (make: () => unknown): string => {
  try {
    make()
    return "nothing"
  } catch (error) {
    return (error as Error).message
  }
}

describe("a class over what is there", () => {
  test("what it has not, and what is only read, is refused by name and by type", () => {
    // @ts-expect-error there is no such column
    expect(caught(() => Mapping.over<Name>()(guests, ["id", "age"]))).toBe(
      'a class over "guests": it has no column "age"'
    )
    expect(caught(() => Mapping.over<Name>()(guests, ["name"]))).toBe(
      'a class over "guests" needs "id" of its key'
    )
    // @ts-expect-error the rows have no such column
    expect(caught(() => Mapping.overQuery<Total>()(totals, { key: "id" }))).toBe(
      'a class over "totals": its rows have no "id", a part of their key'
    )
    expect(caught(() => Total.make({ person: 1 }))).toBe(
      "Total is only read: nothing says where its rows are kept"
    )
    // @ts-expect-error no command writes what is made from a query
    expect(caught(() => Query.insert(Total))).toBe("insert: only a base table can be written")
    // @ts-expect-error nothing of it changes
    const rename = (total: Total) => Session.update(total, { name: "Bob" })
    expect(typeof rename).toBe("function")
    expect(caught(() => Loud.make({ name: "Ann", loud: "ANN" } as never))).toBe(
      'Loud.make: "loud" is read, never written'
    )
    expect(Object.keys(Mapping.describe(Name).columns)).toEqual(["id", "name"])
    expect(Mapping.faults({ Guest, Card, Name, Total, Loud })).toEqual([])
    expectTypeOf<Total["letters"]>().toEqualTypeOf<number>()
    expectTypeOf<Name>().not.toHaveProperty("visits")
  })
})

describe.each(engines)("on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  const catalog = Catalog.make({ Person, Letter, Guest, Card, Name, Total })
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
  })
  beforeEach(async () => {
    for (const table of [cards, guests, Letter, Person] as const)
      await database.run(Database.run(Query.deleteFrom(table as typeof guests).everyRow()))
  })
  afterAll(() => database.dispose())

  const add = Session.transact(
    Session.add(
      Guest.make({ name: "Ann", email: "a@x", letters: [{ title: "one" }, { title: "two" }] }),
      Guest.make({ name: "Bob", visits: 3, letters: [{ title: "three" }] })
    )
  )

  test("its rows and writes are those of the declared form [F117.1]", async () => {
    const program = (P: typeof Person, L: typeof Letter) =>
      Effect.gen(function* () {
        const seen: Array<unknown> = []
        const see = (value: unknown) => seen.push(plain(value))
        yield* Session.transact(
          Effect.gen(function* () {
            const ann = P.make({ name: "Ann", email: "a@x", letters: [{ title: "one" }] })
            yield* Session.add(ann, L.make({ title: "two", person: P.make({ name: "Bob" }) }))
            yield* Session.flush
            const [first, second] = yield* Session.all(Query.from(P).orderBy(P.c.name))
            see(yield* Session.load(first!, P.letters))
            see(yield* Session.get(P, first!.id))
            see(yield* Session.update(first!, { email: null, visits: 2 }))
            see(yield* Session.modify(second!, ({ visits }) => ({ visits: visits + 1 })))
            see((yield* Session.plan).steps.length)
          })
        )
        const all = Query.from(P).orderBy(P.c.name)
        see(yield* Load.all(all, { letters: { person: true } }))
        see(yield* Load.all(all, { letters: Load.json() }))
        see(yield* Load.all(all, { letters: Load.joined() }))
        see(yield* Database.all(Query.from(P).where(P.isKnown).select({ person: P })))
        see(yield* Database.all(Query.from(P).match({ letters: { title: "two" } })))
        see(yield* Database.all(Query.from(P).where(Along.any(P, "letters", L.c.title.eq("one")))))
        see(yield* Database.all(Query.from(L).join(P, Along.on(L, "person")).select(P.c.name)))
        const other = Query.alias(P, "other")
        see(yield* Database.all(Query.from(other).where(other.c.name.eq("Bob"))))
        yield* Session.transact(
          Effect.gen(function* () {
            const ann = yield* Session.one(Query.from(P).where(P.c.name.eq("Ann")))
            yield* Session.delete(ann)
          })
        )
        see(yield* Database.count(Query.from(L)))
        const insert = Query.insert(P).values({ name: "Cid" }).returning()
        const [cid] = yield* Database.all(insert)
        see([cid instanceof P, cid!.name])
        see(yield* Database.run(Query.update(P).set({ visits: 9 }).where(P.c.name.eq("Cid"))))
        see(yield* Database.run(Query.deleteFrom(P).where(P.c.visits.eq(9))))
        return seen
      })
    const ids = (seen: ReadonlyArray<unknown>) =>
      JSON.parse(JSON.stringify(seen).replaceAll(/"(id|personId)":\d+/g, '"$1":0')) as unknown
    const declared = await database.run(program(Person, Letter))
    const over = await database.run(program(Guest as never, Card as never))
    expect(ids(over)).toEqual(ids(declared))
    expect(over).toHaveLength(17)
  })

  test("classes over one table are one row to a session", async () => {
    await database.run(add)
    const work = Effect.gen(function* () {
      const [ann] = yield* Session.all(Query.from(Guest).where(Guest.c.name.eq("Ann")))
      yield* Session.update(ann!, { name: "Anna" })
      const name = yield* Session.get(Name, ann!.id)
      yield* Session.update(name, { name: "Annette" })
      const again = yield* Session.get(Guest, ann!.id)
      const words = (yield* Session.plan).steps.length
      return { name: plain(name) as object, again: again.name, email: again.email, words }
    })
    const found = await database.run(Session.transact(work))
    expect(found).toMatchObject({ name: { name: "Anna" }, again: "Annette", email: "a@x" })
    expect(Object.keys(found.name)).toEqual(["id", "name"])
    expect(found.words).toBe(1)
    const names = await database.run(
      Load.all(Query.from(Name).orderBy(Name.c.name), { letters: true })
    )
    expect(names.map(({ letters, name }) => [name, letters.length])).toEqual([
      ["Annette", 2],
      ["Bob", 1]
    ])
  })

  test("over a query it is read with its relations, and refuses writes [F117.3]", async () => {
    await database.run(add)
    const all = Query.from(Total).orderBy(Total.c.name)
    const rows = await database.run(Load.all(all, { person: true, all: true }))
    expect(rows.map((row) => [row.line, row.person.email, row.all.length])).toEqual([
      ["Ann: 2", "a@x", 2],
      ["Bob: 1", null, 1]
    ])
    expect(rows[0]).toBeInstanceOf(Total)
    const json = await database.run(Load.all(all, { all: Load.json({ person: true }) }))
    expect(json.map((row) => row.all.map(({ person }) => person.name))).toEqual([
      ["Ann", "Ann"],
      ["Bob"]
    ])
    const busy = Query.from(Total)
      .where(Total.c.letters.gt(1))
      .match({ person: { name: "Ann" } })
    expect(await database.run(Database.count(busy))).toBe(1)
    const { personId } = rows[0]!
    const work = Effect.gen(function* () {
      const total = yield* Session.get(Total, personId, { person: true })
      yield* Session.add(Card.make({ title: "four", person: total.person }))
      const now = yield* Session.get(Total, personId)
      expect([total.letters, now.letters]).toEqual([2, 3])
      const refused = "Total is only read: nothing says where its rows are kept"
      const failures = [
        Session.update(total, {}),
        Session.delete(total),
        Session.delete(Total.ref(personId))
      ]
      for (const one of failures) {
        const exit = yield* Effect.exit(one)
        expect(String(exit)).toContain(refused)
      }
      return yield* Session.changes
    })
    const changes = await database.run(Session.transact(work))
    expect(changes).toEqual({ new: [], changed: [], deleted: [] })
  })

  test("it says where its writes go [F117.3]", async () => {
    await database.run(add)
    const work = Effect.gen(function* () {
      const ann = yield* Session.one(Query.from(Loud).where(Loud.c.loud.eq("ANN")))
      yield* Session.update(ann, { name: "Anna" })
      yield* Session.add(Loud.make({ name: "Cid" }))
      yield* Session.flush
      const seen = yield* Session.get(Loud, ann.id)
      yield* Session.delete(yield* Session.one(Query.from(Loud).where(Loud.c.name.eq("Cid"))))
      return [seen.name, seen.loud, (yield* Session.get(Guest, ann.id)).name]
    })
    expect(await database.run(Session.transact(work))).toEqual(["Anna", "ANNA", "Anna"])
    const left = await database.run(
      Database.all(Query.from(guests).orderBy(guests.c.name).select(guests.c.name))
    )
    expect(left).toEqual(["Anna", "Bob"])
  })
})
