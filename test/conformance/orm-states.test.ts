import { Catalog, Column, Database, Entity, Query, Session, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import { Account, Course, Enrolment, Letter, Node, Person, Pet, Topic } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

describe.each(engines)("what a session knows on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
  })
  beforeEach(async () => {
    await database.empty()
    await work(
      Session.add(
        Person.make({ email: "ann", points: 1, pets: [{ name: "rex" }, { name: "tom" }] }),
        Person.make({ email: "bob" }),
        Account.make({ owner: "ann", balance: 5 })
      )
    )
  })
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const counted = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.counting(Session.transact(effect))
  const person = (email: string) => Session.one(Query.from(Person).match({ email }))
  const pet = (name: string) => Session.one(Query.from(Pet).match({ name }))

  test("every state is told, and what is patched back is known again [F157.2]", async () => {
    await work(
      Effect.gen(function* () {
        const draft = Person.make({ email: "eve" })
        const at = (one: Parameters<typeof Session.stateOf>[0]) => Session.stateOf(one)
        expect(yield* at(draft)).toBe("unknown")
        yield* Session.add(draft)
        expect(yield* at(draft)).toBe("new")
        yield* Session.flush
        expect(yield* at(draft)).toBe("known")
        const ann = yield* person("ann")
        expect(yield* at(ann)).toBe("known")
        expect(yield* at(Person.ref(ann.id))).toBe("known")
        expect(yield* at(Person.ref(999_999))).toBe("unknown")
        yield* Session.update(ann, { points: 9 })
        expect(yield* at(ann)).toBe("changed")
        yield* Session.update(ann, { points: 1 })
        expect(yield* at(ann)).toBe("known")
        yield* Session.delete(ann)
        expect(yield* at(ann)).toBe("deleted")
        yield* Session.flush
        expect(yield* at(ann)).toBe("unknown")
        const lost = Person.make({ email: "lost" })
        yield* Session.add(lost)
        yield* Session.delete(lost)
        expect(yield* at(lost)).toBe("unknown")
        const inner = Effect.andThen(Session.add(lost), Effect.fail("no"))
        yield* Effect.flip(Session.nested(inner))
        expect(yield* at(lost)).toBe("unknown")
      })
    )
  })

  test("a key that is there is refused typed, nothing half done [F140.4]", async () => {
    await work(Session.add(Node.make({ code: "a" })))
    const { words } = await counted(
      Effect.gen(function* () {
        yield* Session.get(Node, "a")
        const both = Session.add(Node.make({ code: "b" }), Node.make({ code: "a", rank: 4 }))
        const error = yield* Effect.flip(both)
        expect(error).toMatchObject({
          _tag: "UniqueViolation",
          table: "nodes",
          columns: ["code"],
          transaction: "alive"
        })
        expect(yield* Session.changes).toEqual({ new: [], changed: [], deleted: [] })
        const c = Node.make({ code: "c" })
        yield* Session.add(c)
        yield* Session.add(c)
        expect(yield* Effect.flip(Session.add(Node.make({ code: "c" })))).toMatchObject({
          _tag: "UniqueViolation"
        })
      })
    )
    expect(words.filter((word) => word === "INSERT")).toHaveLength(1)
    expect(await database.count(Node)).toBe(2)
  })

  test("what was deleted here is changed no more; a new one is never sent [F140.4]", async () => {
    const { words } = await counted(
      Effect.gen(function* () {
        const tom = yield* pet("tom")
        yield* Session.delete(tom)
        yield* Session.delete(tom)
        const late = [
          Session.update(tom, { name: "x" }),
          Session.modify(tom, () => ({ name: "x" })),
          Session.touch(tom, "name")
        ]
        for (const one of late)
          expect(yield* Effect.flip(one)).toMatchObject({ _tag: "StaleRow", table: "pets" })
        const never = Person.make({ email: "never", letters: [{ text: "none" }] })
        yield* Session.add(never)
        yield* Session.delete(never)
      })
    )
    expect(words.filter((word) => word === "INSERT")).toEqual([])
    expect(await database.count(Pet)).toBe(1)
    expect(await database.count(Person)).toBe(2)
    // One that was deleted is added anew.
    await work(
      Effect.gen(function* () {
        const eve = Person.make({ email: "eve" })
        yield* Session.add(eve)
        yield* Session.delete(eve)
        yield* Session.add(eve)
        const a = Node.make({ code: "a" })
        yield* Session.add(a)
        yield* Session.delete(a)
        yield* Session.add(a)
        expect(yield* Session.stateOf(a)).toBe("new")
      })
    )
    expect([await database.count(Person), await database.count(Node)]).toEqual([3, 1])
  })

  test("every read after an update or a refresh gives the new value [F141.2]", async () => {
    await work(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        const paths = (wanted: { readonly points: number; readonly nick: string | null }) =>
          Effect.gen(function* () {
            const rex = yield* Session.one(Query.from(Pet).match({ name: "rex" }))
            const seen = [
              yield* Session.get(Person, ann.id),
              Option.getOrThrow(yield* Session.find(Person, ann.id)),
              yield* person("ann"),
              (yield* Session.load(rex, Pet.person))!,
              (yield* Session.all(Query.from(Pet).match({ name: "rex" }), { person: true }))[0]!
                .person!,
              yield* Session.modify(ann, () => ({}))
            ]
            for (const one of seen) expect(one).toMatchObject({ ...wanted, email: "ann" })
          })
        yield* Session.update(ann, { points: 2 })
        yield* Session.update(ann, { nick: "A" })
        yield* paths({ points: 2, nick: "A" })
        yield* Database.script("UPDATE people SET points = 7 WHERE email = 'ann'")
        yield* Session.refresh(ann)
        yield* paths({ points: 7, nick: "A" })
        // The value from before is what it was.
        expect(ann).toMatchObject({ points: 1, nick: null })
      })
    )
  })

  test("refresh reads one or many again, with what they loaded [F142.3]", async () => {
    const { value, count } = await counted(
      Effect.gen(function* () {
        const people = yield* Session.all(Query.from(Person).orderBy(Person.c.email), {
          pets: true
        })
        yield* Database.script(
          "UPDATE people SET points = points + 10; DELETE FROM pets WHERE name = 'tom'"
        )
        const [ann, bob] = yield* Session.refresh(people)
        return { ann: ann!, bob: bob! }
      })
    )
    expect([value.ann.points, value.bob.points]).toEqual([11, 10])
    expect(value.ann.pets.map(({ name }) => name)).toEqual(["rex"])
    expect(value.bob.pets).toEqual([])
    expect(count("SELECT")).toBe(4)
    const made = await work(
      Effect.gen(function* () {
        const draft = Person.make({ email: "eve" })
        yield* Session.add(draft)
        const eve = yield* Session.refresh(draft)
        expect(eve).toBeInstanceOf(Person)
        expect(eve.role).toBe("reader")
        yield* Session.update(eve, { points: 3 })
        // What is pending is written before it is read.
        return yield* Session.refresh(eve)
      })
    )
    expect(made.points).toBe(3)
    const gone = Effect.gen(function* () {
      const bob = yield* person("bob")
      yield* Database.script("DELETE FROM people WHERE email = 'bob'")
      const error = yield* Effect.flip(Session.refresh(bob))
      expect(yield* Session.stateOf(bob)).toBe("unknown")
      return error
    })
    expect(await work(gone)).toMatchObject({ _tag: "NotFound", subject: "Person" })
    const many = await work(
      Effect.gen(function* () {
        const link = yield* Effect.map(
          Session.add(
            Enrolment.make({ person: value.ann, course: Course.make({ title: "h" }), grade: 2 })
          ),
          () => Query.from(Enrolment)
        )
        const links = yield* Session.all(link)
        yield* Database.script("UPDATE enrolments SET grade = 5")
        return yield* Session.refresh(links)
      })
    )
    expect(many.map(({ grade }) => grade)).toEqual([5])
  })

  test("refresh takes chosen columns and a row lock [F142.3]", async () => {
    await work(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        yield* Database.script("UPDATE people SET points = 8, nick = 'N' WHERE email = 'ann'")
        yield* Session.believe(ann, { nick: "old" })
        const now = yield* Session.refresh(ann, { columns: ["points"] })
        expect([now.points, now.nick]).toEqual([8, "old"])
        // @ts-expect-error no column of people
        const wrong = Effect.exit(Session.refresh(ann, { columns: ["wrong"] }))
        expect((yield* wrong)._tag).toBe("Failure")
      })
    )
    const locked = work(
      Effect.flatMap(person("ann"), (ann) => Session.refresh(ann, { lock: "update" }))
    )
    expect((await locked).points).toBe(8)
    // On SQLite whoever writes has all rows. Elsewhere no other transaction has this one meanwhile.
    if (engine === "sqlite") return
    const busy = await work(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        yield* Session.refresh(ann, { lock: "update" })
        const other = Query.from(Person).match({ id: ann.id }).lock("update", { wait: "nowait" })
        const apart = Database.all(other)
        return yield* Effect.flip(Database.autocommit(Database.transaction(apart)))
      })
    )
    expect(busy).toMatchObject({ _tag: "LockTimeout" })
  })

  test("what is forgotten is neither written nor known, nor what it owns [F142.4]", async () => {
    const { words } = await counted(
      Effect.gen(function* () {
        const ann = yield* person("ann")
        const [rex, tom] = [yield* pet("rex"), yield* pet("tom")]
        yield* Session.update(ann, { points: 99 })
        yield* Session.delete(rex)
        yield* Session.update(tom, { name: "kept" })
        const eve = Person.make({ email: "eve", letters: [{ text: "hi" }] })
        yield* Session.add(eve)
        yield* Session.forget(ann, rex, eve)
        expect(yield* Session.stateOf(ann)).toBe("unknown")
        expect(yield* Session.stateOf(eve)).toBe("unknown")
        expect(yield* Session.changes).toMatchObject({ new: [], deleted: [] })
        expect((yield* Session.changes).changed).toHaveLength(1)
        const course = Course.make({ title: "h", topics: [{ name: "t" }] })
        yield* Session.add(course)
        yield* Session.forget(course)
        expect((yield* Session.changes).new.map(({ table }) => table)).toEqual(["topics"])
        const owner = Person.make({ email: "owner" })
        yield* Session.add(Pet.make({ name: "p", person: owner }))
        const exit = yield* Effect.exit(Session.forget(owner))
        expect(String(exit)).toContain("refers to one that is forgotten")
        expect(yield* Session.stateOf(owner)).toBe("new")
      })
    )
    expect(words.filter((word) => word === "UPDATE")).toHaveLength(1)
    expect(words.filter((word) => word === "DELETE")).toEqual([])
    expect((await database.run(Database.all(Query.from(Person)))).map((one) => one.points)).toEqual(
      expect.arrayContaining([1, 0, 0])
    )
    expect(await database.count(Letter)).toBe(0)
  })

  test("new, changed, deleted and known are listed without a statement [F142.4]", async () => {
    await work(
      Effect.gen(function* () {
        const [ann, bob] = yield* Session.all(Query.from(Person).orderBy(Person.c.email))
        const before = database.sentSoFar()
        yield* Session.update(ann!, { points: 4, nick: "A" })
        yield* Session.delete(bob!)
        yield* Session.add(Node.make({ code: "n", rank: 2 }), Course.make({ title: "h" }))
        const listed = yield* Session.changes
        expect(listed.changed).toEqual([
          {
            table: "people",
            key: { id: ann!.id },
            columns: { points: { old: 1, new: 4 }, nick: { old: null, new: "A" } }
          }
        ])
        expect(listed.deleted.map(({ columns, key }) => [key, columns["email"]])).toEqual([
          [{ id: bob!.id }, { old: "bob", new: undefined }]
        ])
        expect(listed.new.map(({ key, table }) => [table, key])).toEqual([
          ["courses", null],
          ["nodes", { code: "n" }]
        ])
        expect((yield* Session.known(Person)).map(({ points }) => points)).toEqual([4])
        expect(yield* Session.known(Pet)).toEqual([])
        expect(database.sentSoFar()).toBe(before)
      })
    )
  })

  test("columns and relations tell what became of them [F147.1 F147.2]", async () => {
    await work(
      Effect.gen(function* () {
        const [ann, bob] = yield* Session.all(Query.from(Person).orderBy(Person.c.email))
        const [rex, tom] = [yield* pet("rex"), yield* pet("tom")]
        expect(yield* Session.history(ann!)).toEqual({
          state: "known",
          columns: {},
          relations: {}
        })
        yield* Session.update(ann!, { points: 2 })
        yield* Session.update(ann!, { points: 3 })
        yield* Session.update(rex, { personId: bob!.id })
        yield* Session.delete(tom)
        const kit = Pet.make({ name: "kit", person: ann! })
        yield* Session.add(kit)
        const told = yield* Session.history(ann!)
        const points: number | undefined = told.columns.points?.new
        expect([told.state, points]).toEqual(["changed", 3])
        expect(told.columns).toEqual({ points: { old: 1, new: 3 } })
        expect(told.relations["pets"]!.added).toEqual([kit])
        expect(told.relations["pets"]!.removed.map((one) => (one as Pet).name).toSorted()).toEqual([
          "rex",
          "tom"
        ])
        const ofBob = yield* Session.history(bob!)
        expect(ofBob.relations["pets"]!.added.map((one) => (one as Pet).name)).toEqual(["rex"])
        const ofRex = yield* Session.history(rex)
        expect(ofRex.columns.personId).toEqual({ old: ann!.id, new: bob!.id })
        expect(ofRex.relations["person"]).toMatchObject({
          added: [{ email: "bob" }],
          removed: [{ email: "ann", points: 3 }]
        })
        expect(yield* Session.history(Pet.make({ name: "unmet" }))).toMatchObject({
          state: "unknown",
          columns: {}
        })
      })
    )
    await work(
      Effect.gen(function* () {
        const topic = Topic.make({ name: "t" })
        yield* Session.add(Course.make({ title: "h", topics: [topic] }))
        const h = yield* Session.one(Query.from(Course))
        const [t] = yield* Session.load(h, Course.topics)
        const more = Course.make({ title: "i", topics: [t!, { name: "u" }] })
        yield* Session.add(more)
        const told = yield* Session.history(more)
        expect(told.relations["topics"]!.added).toHaveLength(2)
        expect(told.relations["topics"]!.added).toContainEqual(t)
      })
    )
  })

  test("a column is written as it is; what is believed is no change [F147.4]", async () => {
    const { words } = await counted(
      Effect.gen(function* () {
        const account = yield* Session.one(Query.from(Account))
        yield* Session.believe(account, { balance: 50 })
        expect((yield* Session.get(Account, account.id)).balance).toBe(50)
        expect(yield* Session.changes).toMatchObject({ changed: [] })
        yield* Session.flush
        yield* Session.touch(account, "owner")
        expect((yield* Session.changes).changed).toHaveLength(1)
        const ann = yield* person("ann")
        expect(ann.updatedAt).toBeNull()
        yield* Session.touch(ann, "points")
        const wrong = yield* Effect.exit(Session.touch(ann, "wrong" as never))
        expect(String(wrong)).toContain('Person has no column "wrong"')
      })
    )
    expect(words.filter((word) => word === "UPDATE")).toHaveLength(2)
    const [account] = await database.run(Database.all(Query.from(Account)))
    expect(account).toMatchObject({ balance: 5, version: 2 })
    const ann = await work(person("ann"))
    expect([ann.points, ann.updatedAt === null]).toEqual([1, false])
  })
})

/** Written as it was given, and one key to everybody. */
const fold = (text: string) => text.toLowerCase()
const folded = Type.mapped(Type.varchar(20), { name: "Folded", from: fold, to: fold })

class Ware extends Entity<Ware>()("wares", {
  code: Column.make(folded).primaryKey(),
  stock: Column.integer()
}) {}
class Big extends Entity<Big>()("bigs", {
  whole: Column.bigint().primaryKey(),
  part: Column.integer().primaryKey(),
  stock: Column.integer()
}) {}

describe.each(engines)("one row under one key on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Ware, Big })))
  })
  afterAll(() => database.dispose())

  test("equal by decoded value: 1 and 1n, folded text, several columns [F141.3]", async () => {
    const { count } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(
            Ware.make({ code: "Screw", stock: 1 }),
            Big.make({ whole: 1n, part: 2, stock: 1 })
          )
          yield* Session.flush
          yield* Session.update(yield* Session.get(Ware, "SCREW"), { stock: 2 })
          expect((yield* Session.get(Ware, "screw")).stock).toBe(2)
          const loose = 1 as unknown as bigint
          yield* Session.update(yield* Session.get(Big, { part: 2, whole: loose }), { stock: 2 })
          expect((yield* Session.get(Big, { whole: 1n, part: 2 })).stock).toBe(2)
          yield* Session.delete(Big.ref({ whole: loose, part: 2 }))
          expect(Option.isNone(yield* Session.find(Big, { whole: 1n, part: 2 }))).toBe(true)
        })
      )
    )
    expect([count("SELECT"), count("UPDATE"), count("DELETE")]).toEqual([0, 1, 1])
    expect(await database.run(Database.all(Query.from(Ware)))).toMatchObject([{ stock: 2 }])
    expect(await database.run(Database.count(Query.from(Big)))).toBe(0)
  })
})
