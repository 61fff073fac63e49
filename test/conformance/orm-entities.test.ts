import { Catalog, Column, Database, Entity, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import { Left } from "./orm-cycle-left.ts"
import { Right } from "./orm-cycle-right.ts"
import { catalog, Course, Letter, Node, Person, stamps } from "./orm-schema.ts"

/** A class over some columns of a table that another class describes whole. */
class Nickname extends Entity<Nickname>()("people", {
  id: Column.id(),
  nick: Column.varchar(50).nullable()
}) {}

const plainCourses = Table.make("courses", {
  id: Column.id(),
  title: Column.varchar(50),
  seats: Column.integer().default(10)
})

describe("an entity as a declaration", () => {
  test("its columns say what a row, an insert and a patch are [F115.1 @all]", () => {
    type Row = { readonly [K in "id" | "title" | "seats"]: Course[K] }
    expectTypeOf<Row>().toEqualTypeOf<{
      readonly id: number
      readonly title: string
      readonly seats: number
    }>()
    expectTypeOf<Person["nick"]>().toEqualTypeOf<string | null>()
    const minimal = Course.make({ title: "Heat" })
    expectTypeOf(minimal).toEqualTypeOf<Entity.Draft<typeof Course>>()
    const refused = [
      // @ts-expect-error the key is made by the server
      () => Course.make({ id: 1, title: "Heat" }),
      // @ts-expect-error null where no null may be
      () => Course.make({ title: null }),
      // @ts-expect-error no such value
      () => Query.update(Course).set({ seats: "many" }),
      // @ts-expect-error written once
      () => Query.update(Person).set({ createdAt: null })
    ]
    expect(refused.slice(0, 2).map((make) => caught(make))).toEqual([
      "StatementError",
      "StatementError"
    ])
  })

  test("columns of a shared record are columns of each entity, typed [F115.2 @all]", () => {
    class Memo extends Entity<Memo>()("memos", { id: Column.id(), ...stamps }) {}
    expectTypeOf<Memo["updatedAt"]>().toEqualTypeOf<Person["updatedAt"]>()
    expectTypeOf<Memo["createdAt"]>().toEqualTypeOf<Person["createdAt"]>()
    expect(Object.keys(Memo.c)).toEqual(["id", "createdAt", "updatedAt"])
    expect(Object.keys(Person.c).slice(-2)).toEqual(["createdAt", "updatedAt"])
  })

  test("getters and methods are no columns, in the type and at run time [F115.4 @all]", () => {
    expect(Object.keys(Person.c)).not.toContain("label")
    // @ts-expect-error not a column
    expect(Person.c.label).toBe(undefined)
    // @ts-expect-error not a column
    expect(Person.c.greet).toBe(undefined)
    const refused = [
      // @ts-expect-error not writable
      () => Person.make({ email: "a", label: "x" }),
      // @ts-expect-error not writable
      () => Query.update(Person).set({ label: "x" }),
      // @ts-expect-error not filterable
      () => Query.from(Person).match({ label: "x" })
    ]
    expect(refused.map(caught)).toEqual(refused.map(() => "StatementError"))
  })

  test("make refuses what is missing, unknown or of a wrong type [F116.2 @all]", () => {
    // @ts-expect-error email is missing
    expect(caught(() => Person.make({ points: 1 }))).toBe("StatementError")
    // @ts-expect-error there is no such column
    expect(caught(() => Person.make({ email: "a", age: 1 }))).toBe("StatementError")
    // @ts-expect-error a number is no text
    const wrong = () => Person.make({ email: 1 })
    // @ts-expect-error the sender is missing
    expect(caught(() => Letter.make({ text: "x" }))).toBe("StatementError")
    expect(wrong).toBeTypeOf("function")
  })

  test("entities of modules that import each other resolve at first use [F130.1 @all]", () => {
    const draft = Left.make({ rights: [{ name: "r" }] })
    expect(draft).toBeDefined()
    expect(Catalog.make({ Right, Left }).tables.map(({ name }) => name)).toEqual([
      "rights",
      "lefts"
    ])
  })

  test("what a plan does not load is not in the type and not in the value [F132.5 @all]", () => {
    const read = (person: Person) => {
      // @ts-expect-error letters were not loaded
      return person.letters as unknown
    }
    expect(read({} as Person)).toBe(undefined)
    const unknown = () => {
      // @ts-expect-error there is no such relation
      return Session.all(Query.from(Person), { friends: true })
    }
    expect(unknown).toBeTypeOf("function")
  })
})

const caught = (make: () => unknown): string => {
  try {
    make()
    return "nothing"
  } catch (error) {
    return (error as Error).name
  }
}

describe.each(engines)("an entity on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
  })
  beforeEach(() =>
    database.run(
      Effect.forEach(
        [Letter, Person, Course, Node] as ReadonlyArray<Query.From<string, unknown>>,
        (one) => Database.run(Query.deleteFrom(one).everyRow())
      )
    )
  )
  afterAll(() => database.dispose())

  test("it is created, written and read as its class [F115.6]", async () => {
    await database.run(Session.transact(Session.add(Person.make({ email: "a@x", nick: "Ada" }))))
    const [person] = await database.run(Database.all(Query.from(Person)))
    expect(person).toBeInstanceOf(Person)
    expect(person!.label).toBe("Ada <a@x>")
    expect(person!.greet("bob")).toBe("a@x greets bob")
    expect(Object.isFrozen(person)).toBe(true)
    expect(person!.points).toBe(0)
  })

  test("a parent is a value, a draft, a reference or a key [F116.4]", async () => {
    await database.run(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Person.make({ email: "v" }))
          const value = yield* Session.one(Query.from(Person))
          const draft = Person.make({ email: "d" })
          yield* Session.add(
            Letter.make({ text: "by value", sender: value, receiver: draft }),
            Letter.make({ text: "by draft", sender: draft, receiver: null }),
            Letter.make({ text: "by reference", sender: Person.ref(value.id) }),
            Letter.make({ text: "by key", sender: value.id, receiver: value })
          )
        })
      )
    )
    const letters = await database.run(
      Session.transact(
        Session.all(Query.from(Letter).orderBy(Letter.c.text), { sender: true, receiver: true })
      )
    )
    expect(letters.map((one) => [one.text, one.sender.email, one.receiver?.email ?? null])).toEqual(
      [
        ["by draft", "d", null],
        ["by key", "v", "v"],
        ["by reference", "v", null],
        ["by value", "v", "d"]
      ]
    )
  })

  test("two classes on one table each write only their own columns [F117.2]", async () => {
    await database.run(Session.transact(Session.add(Person.make({ email: "a", points: 5 }))))
    const { words } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          const nick = yield* Session.one(Query.from(Nickname))
          expect(Object.keys(nick)).toEqual(["id", "nick"])
          yield* Session.update(nick, { nick: "Ada" })
        })
      )
    )
    expect(words).toContain("UPDATE")
    const person = await database.run(Database.one(Query.from(Person)))
    expect(person).toMatchObject({ email: "a", nick: "Ada", points: 5, updatedAt: null })
    await database.run(Session.transact(Session.update(person, { points: 6 })))
    expect(await database.run(Database.one(Query.from(Nickname)))).toMatchObject({ nick: "Ada" })
  })

  test("what the server made is there after the flush, without a read [F118.6]", async () => {
    const { value, count } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Course.make({ title: "one" }), Person.make({ email: "p" }))
          yield* Session.flush
          const plan = yield* Session.plan
          return plan.steps.length
        })
      )
    )
    expect(value).toBe(0)
    expect(count("SELECT")).toBe(0)
    const person = await database.run(Database.one(Query.from(Person)))
    const { value: same, count: reads } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Person.make({ email: "q" }))
          yield* Session.flush
          // The next key: known, whole, and with the server's default.
          return yield* Session.find(Person, person.id + 1)
        })
      )
    )
    expect(same).toMatchObject({ value: { email: "q", role: "reader", points: 0 } })
    expect(reads("SELECT")).toBe(0)
  })

  test("an entity and a plain table of one name give the same rows", async () => {
    await database.run(Database.run(Query.insert(plainCourses).values({ title: "plain" })))
    await database.run(Session.transact(Session.add(Course.make({ title: "mapped" }))))
    const plain = Query.from(plainCourses).orderBy(plainCourses.c.title)
    const mapped = Query.from(Course).orderBy(Course.c.title)
    const rows = (await database.run(Database.all(mapped))).map((one) => ({ ...one.toJSON() }))
    expect(rows).toEqual(await database.run(Database.all(plain)))
  })
})
