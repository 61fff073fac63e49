import { Column, Database, Entity, Load, Mapping, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { ClassId } from "../../src/mapping/EntityClass.ts"
import { engines } from "../runtime/databases.ts"
import {
  Badge,
  Country,
  Course,
  courseTopics,
  Enrolment,
  Letter,
  Log,
  Mark,
  Node,
  Person,
  Pet,
  Port,
  Topic,
  Town
} from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

describe.each(engines)("relations on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
  })
  beforeEach(() => database.empty())
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const codes = Database.all(Query.from(Node).orderBy(Node.c.code).select(Node.c.code))

  test("several relations between two tables load and flush right [F122.2]", async () => {
    const [ann, bob] = ["ann", "bob"].map((email) => Person.make({ email }))
    await work(
      Session.add(
        Letter.make({ text: "1", sender: ann!, receiver: bob! }),
        Letter.make({ text: "2", sender: ann!, receiver: ann! }),
        Letter.make({ text: "3", sender: bob!, receiver: null })
      )
    )
    const people = await database.run(
      Load.all(Query.from(Person).orderBy(Person.c.email), {
        letters: { receiver: true },
        inbox: { sender: true }
      })
    )
    expect(
      people.map((one) => ({
        sent: one.letters.map((letter) => `${letter.text} to ${letter.receiver?.email}`),
        got: one.inbox.map((letter) => `${letter.text} by ${letter.sender.email}`)
      }))
    ).toEqual([
      { sent: ["1 to bob", "2 to ann"], got: ["2 by ann"] },
      { sent: ["3 to undefined"], got: ["1 by ann"] }
    ])
  })

  test("a tree of itself and a key of two columns load and flush right [F122.2]", async () => {
    await work(
      Session.add(
        Node.make({ code: "a", downs: [{ code: "b", downs: [{ code: "c" }] }, { code: "d" }] }),
        Person.make({
          email: "ann",
          enrolments: [
            { course: Course.make({ title: "heat" }), marks: [{ value: 1 }, { value: 2 }] }
          ]
        })
      )
    )
    const [root] = await database.run(
      Load.all(Query.from(Node).match({ code: "a" }), { downs: { downs: { up: true } } })
    )
    expect(root!.downs.map((one) => [one.code, one.downs.map((two) => two.up?.code)])).toEqual([
      ["b", ["b"]],
      ["d", []]
    ])
    const [enrolment] = await database.run(
      Load.all(Query.from(Enrolment), { marks: { enrolment: { course: true } } })
    )
    expect(enrolment!.marks.map((mark) => [mark.value, mark.enrolment.course.title])).toEqual([
      [1, "heat"],
      [2, "heat"]
    ])
    await work(
      Effect.flatMap(
        Session.get(Enrolment, { personId: enrolment!.personId, courseId: enrolment!.courseId }),
        (one) => Session.update(one, { grade: 3 })
      )
    )
    expect(await database.run(Database.one(Query.from(Enrolment).select(Enrolment.c.grade)))).toBe(
      3
    )
    await work(Session.delete(enrolment!))
    expect(await database.count(Mark)).toBe(0)
  })

  test("two relations that write one column are refused, nothing is sent [F122.8]", async () => {
    class Clash extends Entity<Clash>()("clashes", {
      id: Column.id(),
      personId: Column.integer()
    }) {
      static readonly person = this.belongsTo(() => Person)
      static readonly editor = this.belongsTo(() => Person, { key: "personId" as never })
    }
    const message = 'Clash.person and editor both write "personId"'
    expect(Mapping.faults({ Clash }).map(({ says }) => says)).toContain(message)
    const before = database.sentSoFar()
    expect(() => Clash.make({ person: Person.ref(1) })).toThrow(message)
    const found = Effect.suspend(() => Load.all(Query.from(Clash), { person: true }))
    await expect(database.run(found)).rejects.toThrow(message)
    expect(database.sentSoFar()).toBe(before)
  })

  test("both sides of a link are views of one fact [F122.4]", async () => {
    const [sql, effect] = ["sql", "effect"].map((name) => Topic.make({ name }))
    await work(
      Session.add(
        Course.make({ title: "one", topics: [sql!, effect!] }),
        Course.make({ title: "two", topics: [sql!] })
      )
    )
    await work(
      Effect.gen(function* () {
        const two = yield* Session.one(Query.from(Course).match({ title: "two" }))
        yield* Session.add(Topic.make({ name: "news", courses: [two] }))
        const seen = yield* Session.load(two, Course.topics)
        expect(seen.map(({ name }) => name)).toEqual(["sql", "news"])
      })
    )
    const topics = await database.run(
      Load.all(Query.from(Topic).orderBy(Topic.c.name), { courses: { topics: true } })
    )
    expect(topics.map((one) => [one.name, one.courses.map((course) => course.title)])).toEqual([
      ["effect", ["one"]],
      ["news", ["two"]],
      ["sql", ["one", "two"]]
    ])
  })

  test("links go with either side, in one flush too [F122.4]", async () => {
    const sql = Topic.make({ name: "sql" })
    await work(
      Session.add(
        Course.make({ title: "one", topics: [sql] }),
        Course.make({ title: "two", topics: [sql] })
      )
    )
    await work(
      Effect.flatMap(Session.one(Query.from(Course).match({ title: "one" })), (one) =>
        Session.delete(one)
      )
    )
    expect(await database.count(courseTopics)).toBe(1)
    await work(
      Effect.gen(function* () {
        yield* Session.delete(yield* Session.one(Query.from(Topic)))
        yield* Session.delete(yield* Session.one(Query.from(Course)))
      })
    )
    expect([await database.count(courseTopics), await database.count(Topic)]).toEqual([0, 0])
  })

  test("rows that refer to each other are inserted and deleted by fix-ups [F122.6]", async () => {
    const { count } = await database.counting(
      Session.transact(
        Session.add(
          Node.make({ code: "a", peer: "b" }),
          Node.make({ code: "b", peer: "c" }),
          Node.make({ code: "c", peer: "a" }),
          Node.make({ code: "s", peer: "s" })
        )
      )
    )
    expect(count("UPDATE")).toBeGreaterThan(0)
    const peers = Query.from(Node).orderBy(Node.c.code).select(Node.c.peerCode)
    expect(await database.run(Database.all(peers))).toEqual(["b", "c", "a", "s"])
    await work(Session.delete(...["a", "b", "c", "s"].map((code) => Node.ref(code))))
    expect(await database.run(codes)).toEqual([])
  })

  test("a key the database carries on is carried on in what is known [F122.7]", async () => {
    await work(Session.add(Country.make({ code: "aa" }), Town.make({ countryCode: "aa" })))
    const town = await work(
      Effect.gen(function* () {
        const town = yield* Session.one(Query.from(Town))
        yield* Session.update(yield* Session.one(Query.from(Country)), { code: "bb" })
        yield* Session.flush
        return yield* Session.get(Town, town.id)
      })
    )
    expect(town.countryCode).toBe("bb")
    expect(await database.run(Database.one(Query.from(Town)))).toEqual(town)
  })

  test.each(["known", "not known"])(
    "a key that is changed reaches rows that are %s by the plan [F122.7]",
    async (how) => {
      await work(
        Session.add(
          Country.make({ code: "aa", ports: [{ name: "one" }, { name: "two" }] }),
          Country.make({ code: "zz", ports: [{ name: "other" }] })
        )
      )
      const ports = Query.from(Port).orderBy(Port.c.id)
      const seen = await work(
        Effect.gen(function* () {
          if (how === "known") yield* Session.all(ports)
          const [aa] = yield* Session.all(Query.from(Country).match({ code: "aa" }))
          yield* Session.update(aa!, { code: "bb" })
          yield* Session.flush
          const [first] = yield* Session.all(ports, { country: true })
          return [first!.countryCode, first!.country?.code]
        })
      )
      expect(seen).toEqual(["bb", "bb"])
      const codes = Database.all(ports.select(Port.c.countryCode))
      expect(await database.run(codes)).toEqual(["bb", "bb", "zz"])
    }
  )

  test("a new row of promised keys goes with its new children", async () => {
    await work(
      Effect.gen(function* () {
        const enrolment = Enrolment.make({
          person: Person.make({ email: "ann" }),
          course: Course.make({ title: "heat" }),
          marks: [{ value: 1 }]
        })
        yield* Session.add(enrolment)
        yield* Session.delete(enrolment)
      })
    )
    const counts = [await database.count(Enrolment), await database.count(Mark)]
    expect([...counts, await database.count(Person)]).toEqual([0, 0, 1])
  })

  test("a known child of a new parent is never read with a key that is not made yet", async () => {
    await work(Session.add(Pet.make({ name: "stray" })))
    const [pet, person] = await work(
      Effect.gen(function* () {
        const stray = yield* Session.one(Query.from(Pet))
        yield* Session.add(Person.make({ email: "ann", pets: [stray] }))
        return [yield* Session.get(Pet, stray.id), yield* Session.one(Query.from(Person))] as const
      })
    )
    expect(pet.personId).toBe(person.id)
  })

  test("adding a parent adds its children and their links [F123.1]", async () => {
    await work(
      Session.add(
        Person.make({
          email: "ann",
          pets: [{ name: "rex" }],
          letters: [{ text: "hi", receiver: Person.make({ email: "bob" }) }],
          enrolments: [
            { course: Course.make({ title: "heat", topics: [Topic.make({ name: "fire" })] }) }
          ]
        })
      )
    )
    const counts = [Person, Pet, Letter, Course, Topic, courseTopics, Enrolment] as const
    const found = []
    for (const one of counts) found.push(await database.count(one))
    expect(found).toEqual([2, 1, 1, 1, 1, 1, 1])
  })

  const family = (email: string) =>
    Person.make({
      email,
      pets: [{ name: "rex" }],
      letters: [{ text: "mine" }],
      logs: [{ line: "made" }, { line: "seen" }]
    })

  test.each(["loaded", "not loaded"])(
    "deleting a parent whose children are %s follows each rule [F123.2]",
    async (how) => {
      await work(Session.add(family("ann")))
      await work(
        Effect.gen(function* () {
          const [ann] =
            how === "loaded"
              ? yield* Session.all(Query.from(Person), { pets: true, letters: true, logs: true })
              : yield* Session.all(Query.from(Person))
          yield* Session.delete(ann!)
        })
      )
      expect(await database.count(Person)).toBe(0)
      expect(await database.count(Letter)).toBe(0)
      expect(await database.count(Log)).toBe(0)
      expect(await database.run(Database.all(Query.from(Pet).select(Pet.c.personId)))).toEqual([
        null
      ])
      await work(Session.add(Person.make({ email: "bob", badges: [{}] })))
      const restricted = await database.failure(
        Session.transact(
          Effect.flatMap(Session.one(Query.from(Person)), (bob) => Session.delete(bob))
        )
      )
      expect(restricted).toMatchObject({ _tag: "ForeignKeyViolation", direction: "parent" })
      expect([await database.count(Person), await database.count(Badge)]).toEqual([1, 1])
    }
  )

  test("a child taken from its parent goes, one moved to another stays [F123.3]", async () => {
    const downs = ["b", "c", "d"].map((code) => ({ code }))
    await work(Session.add(Node.make({ code: "a", downs }), Node.make({ code: "z" })))
    await work(
      Effect.gen(function* () {
        const [b, c] = yield* Session.all(
          Query.from(Node).where(Node.c.upCode.isNotNull()).orderBy(Node.c.code)
        )
        yield* Session.update(b!, { upCode: null })
        yield* Session.update(c!, { upCode: "z" })
      })
    )
    expect(await database.run(codes)).toEqual(["a", "c", "d", "z"])
  })

  test.each(["loaded", "not loaded"])(
    "`children: database` leaves children that are %s to ON DELETE CASCADE [F123.5]",
    async (how) => {
      const [log] = [...Log[ClassId].source.foreignKeys()]
      expect(log!.onDelete).toBe("cascade")
      await work(Session.add(family("ann"), family("bob")))
      const { texts, value } = await traced(
        Session.transact(
          Effect.gen(function* () {
            const logs = yield* Session.all(Query.from(Log).orderBy(Log.c.id))
            const [ann] = yield* Session.all(
              Query.from(Person).match({ email: "ann" }),
              how === "loaded" ? { logs: true } : {}
            )
            if (how === "not loaded") yield* Session.forget(...logs)
            else yield* Session.update(logs[0]!, { line: "changed meanwhile" })
            yield* Session.delete(ann!)
            const { changes } = yield* Session.plan
            yield* Session.flush
            return {
              taken: changes.changes.filter((one) => one._tag === "Delete" && "takenBy" in one),
              known: (yield* Session.known(Log)).length,
              left: (yield* Session.find(Log, logs[0]!.id))._tag,
              others: (yield* Session.get(Log, logs[2]!.id)).line
            }
          })
        )
      )
      expect(texts.filter((text) => /^(DELETE FROM|UPDATE) \S*logs/.test(text))).toEqual([])
      const isLoaded = how === "loaded"
      expect([value.taken.length, value.known]).toEqual(isLoaded ? [2, 2] : [0, 0])
      expect([value.left, value.others]).toEqual(["None", "made"])
      expect(await database.count(Log)).toBe(2)
    }
  )

  test("children of a new parent are deleted by name where it never was [F123.5]", async () => {
    await work(Session.add(family("ann")))
    await work(
      Effect.gen(function* () {
        const [log] = yield* Session.all(Query.from(Log).orderBy(Log.c.id))
        const bob = Person.make({ email: "bob", logs: [log!] })
        yield* Session.add(bob)
        yield* Session.delete(bob)
      })
    )
    expect([await database.count(Log), await database.count(Person)]).toEqual([1, 1])
  })

  const traced = async <A, E>(effect: Effect.Effect<A, E, Database>) => {
    const texts: Array<string> = []
    const value = await database.run(
      Effect.provideService(effect, Database.Tap, ({ text }) => {
        texts.push(text)
      })
    )
    return { value, texts }
  }

  test("refreshing and forgetting follow each relation as declared [F123.4]", async () => {
    await work(Session.add(family("ann")))
    const found = await work(
      Effect.gen(function* () {
        const [ann] = yield* Session.all(Query.from(Person), { pets: true, letters: true })
        yield* Database.run(Query.update(Pet).set({ name: "max" }).everyRow())
        yield* Database.run(Query.update(Letter).set({ text: "yours" }).everyRow())
        const again = yield* Session.refresh(ann!)
        const [pet, letter] = [again.pets[0]!, again.letters[0]!]
        yield* Session.update(pet, { name: "changed" })
        yield* Session.update(letter, { text: "lost" })
        yield* Session.update(again, { nick: "lost too" })
        // Letters are deleted with their sender, and so forgotten; pets stay.
        yield* Session.forget(again)
        const states = yield* Effect.forEach([again, pet, letter], (one) => Session.stateOf(one))
        return { refreshed: [pet.name, letter.text], states }
      })
    )
    expect(found.refreshed).toEqual(["max", "yours"])
    expect(found.states).toEqual(["unknown", "changed", "unknown"])
    const one = Query.from(Letter)
      .join(Person, Person.c.id.eq(Letter.c.senderId))
      .select({ text: Letter.c.text, nick: Person.c.nick })
    expect(await database.run(Database.one(one))).toEqual({ text: "yours", nick: null })
    expect(await database.run(Database.one(Query.from(Pet).select(Pet.c.name)))).toBe("changed")
  })

  test("what is modified reaches children as their relation says [F123.4]", async () => {
    const downs = ["b", "c"].map((code) => ({ code }))
    await work(Session.add(Node.make({ code: "a", downs, peers: [{ code: "p" }] })))
    await work(
      Effect.gen(function* () {
        const [a] = yield* Session.all(Query.from(Node).match({ code: "a" }), {
          downs: true,
          peers: true
        })
        // Without its parent, a child that is deleted with it goes; one that is detached stays.
        yield* Session.modify(a!.downs[0]!, ({ code }) => ({ upCode: code === "b" ? null : code }))
        yield* Session.modify(a!.peers[0]!, () => ({ peerCode: null }))
        yield* Session.flush
        const again = yield* Session.refresh(a!)
        expect(again.downs.map(({ code }) => code)).toEqual(["c"])
        expect(again.peers).toEqual([])
      })
    )
    expect(await database.run(codes)).toEqual(["a", "c", "p"])
  })

  test("a link entity with columns of its own is written and read with both [F126.1]", async () => {
    const [heat, air] = ["heat", "air"].map((title) => Course.make({ title }))
    await work(
      Session.add(
        Person.make({
          email: "ann",
          enrolments: [
            { course: heat!, grade: 1 },
            { course: air!, grade: null }
          ]
        }),
        Person.make({ email: "bob", enrolments: [{ course: heat!, grade: 2 }] })
      )
    )
    const courses = await database.run(
      Load.all(Query.from(Course).orderBy(Course.c.title), { enrolments: { person: true } })
    )
    expect(
      courses.map((one) => [
        one.title,
        one.enrolments.map((link) => [link.person.email, link.grade])
      ])
    ).toEqual([
      ["air", [["ann", null]]],
      [
        "heat",
        [
          ["ann", 1],
          ["bob", 2]
        ]
      ]
    ])
  })

  test("more parents than one batch holds are loaded in further batches [F132.4]", async () => {
    const course = Course.make({ title: "heat" })
    const people = Array.from({ length: 300 }, (_, at) =>
      Person.make({ email: `${at}`, enrolments: [{ course, marks: [{ value: at }] }] })
    )
    await work(Session.add(...people))
    const { value, count } = await database.counting(
      Load.all(Query.from(Enrolment).orderBy(Enrolment.c.personId), { marks: true })
    )
    expect(value).toHaveLength(300)
    expect(value.every((one, at) => one.marks.length === 1 && one.marks[0]!.value === at)).toBe(
      true
    )
    expect(count("SELECT")).toBe(1 + Math.ceil(300 / 128))
  })
})
