import { Catalog, Column, Database, Entity, Expr, Load, Query, Session, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines } from "../runtime/databases.ts"
import { Account, Course, Node, Person, Pet, Topic } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void
/** What is reachable: references are held until a turn of the event loop is over. */
const heap_bytes = async (): Promise<number> => {
  await new Promise((next) => setTimeout(next, 5))
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

/** The same rows as values of a class, and as plain objects. */
const columns = {
  id: Column.integer().primaryKey(),
  account: Column.integer(),
  name: Column.varchar(50),
  email: Column.varchar(100),
  active: Column.boolean(),
  points: Column.integer()
}
class Member extends Entity<Member>()("members", columns) {}
const members = Table.make("members", columns)

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at)

describe.each(engines)("the verbs of a session on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
    await database.run(Database.create(Catalog.make({ Member })))
  })
  beforeEach(async () => {
    await database.empty()
    await database.run(Database.run(Query.deleteFrom(Member).everyRow()))
  })
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const counted = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.counting(Session.transact(effect))
  const byEmail = Query.from(Person).orderBy(Person.c.email)
  const stored = Database.all(byEmail.select([Person.c.email, Person.c.points]))
  const memberOf = (id: number) => ({
    id,
    account: id * 3,
    name: `member ${id}`,
    email: `m${id}@example.org`,
    active: id % 2 === 0,
    points: 0
  })

  test("each verb on one and on many [F142.1]", async () => {
    await work(
      Effect.gen(function* () {
        const [ann, bob, eve] = ["ann", "bob", "eve"].map((email) => Person.make({ email }))
        yield* Session.add(ann!)
        yield* Session.add(bob!, eve!)
        yield* Session.flush
        // Nothing is pending: nothing is sent.
        const before = database.sentSoFar()
        yield* Session.flush
        expect(database.sentSoFar()).toBe(before)
        const [one, ...others] = yield* Session.all(byEmail)
        expect(others.map(({ email }) => email)).toEqual(["bob", "eve"])
        const got = yield* Session.get(Person, one!.id)
        const found = yield* Effect.forEach(others, ({ id }) => Session.find(Person, id))
        expect([got, ...found.map(Option.getOrThrow)]).toEqual([one, ...others])
        const changed = yield* Session.update(one!, { points: 1 })
        expect([one!.points, changed.points]).toEqual([0, 1])
        yield* Effect.forEach(others, (each) => Session.update(each, { points: 2 }))
        yield* Effect.forEach([one!, ...others], (each) =>
          Session.modify(each, ({ points }) => ({ points: points + 10 }))
        )
        yield* Session.add(
          Pet.make({ name: "rex", person: one! }),
          Pet.make({ name: "tom", person: others[0]! })
        )
        expect((yield* Session.load(one!, Person.pets)).map(({ name }) => name)).toEqual(["rex"])
        const plan = Load.plan(Person, { pets: true })
        const loaded = yield* Session.populate([one!, ...others], plan)
        expect(loaded.map(({ pets }) => pets.map(({ name }) => name))).toEqual([
          ["rex"],
          ["tom"],
          []
        ])
        yield* Database.script("UPDATE people SET points = points + 100")
        expect((yield* Session.refresh(one!)).points).toBe(111)
        expect((yield* Session.refresh(others)).map(({ points }) => points)).toEqual([112, 112])
        yield* Session.forget(one!)
        yield* Session.forget(...others)
        expect(yield* Session.known(Person)).toEqual([])
        const [rex, tom] = yield* Session.all(Query.from(Pet).orderBy(Pet.c.name))
        yield* Session.delete(rex!)
        yield* Session.delete(tom!, others[1]!)
      })
    )
    expect(await database.run(stored)).toEqual([
      ["ann", 111],
      ["bob", 112]
    ])
    expect(await database.count(Pet)).toBe(0)
  })

  test("updates of many by key are few statements, each its own values [F137.3]", async () => {
    await database.run(Database.run(Query.insert(Member).rows(upTo(250).map(memberOf))))
    const { value, words } = await counted(
      Effect.gen(function* () {
        const change = (id: number) =>
          Session.update(Member.ref(id), { points: id * 2, name: `x${id}` })
        yield* Effect.forEach(upTo(250), change)
        yield* Session.update(Member.ref(3), { points: 1 })
        const plan = yield* Session.plan
        yield* Session.flush
        const now = yield* Session.refresh(Member.ref(7) as never)
        return { plan, now: now as Member }
      })
    )
    // SQLite's go by hundreds and tens.
    const few = engine === "sqlite" ? 2 + 4 + 9 + 1 : 2
    const updates = words.filter((word) => word === "UPDATE")
    expect(updates.length).toBeLessThanOrEqual(few)
    expect(value.plan.texts).toHaveLength(updates.length)
    expect(value.now.points).toBe(14)
    const rows = await database.run(Database.all(Query.from(Member).orderBy(Member.c.id)))
    expect(rows.map(({ account, name, points }) => [account, name, points])).toEqual(
      upTo(250).map((id) => [id * 3, `x${id}`, id === 3 ? 1 : id * 2])
    )
    // The row that is not there is named, and nothing of the others is written.
    const stale = await database.failure(
      Session.transact(
        Effect.forEach([5, 999, 6], (id) => Session.update(Member.ref(id), { points: -1 }))
      )
    )
    expect(stale).toMatchObject({ _tag: "StaleRow", table: "members", key: "999" })
    const left = Query.from(Member).where(Member.c.points.lt(0))
    expect(await database.run(Database.count(left))).toBe(0)
  })

  test("plain records go without bookkeeping, in few statements [F148.1]", async () => {
    const rows = upTo(1500).map(memberOf)
    const plain = await database.counting(Database.run(Query.insert(members).rows(rows)))
    await database.run(Database.run(Query.deleteFrom(Member).everyRow()))
    const { value, words } = await counted(
      Effect.gen(function* () {
        const inserted = yield* Database.run(Query.insert(Member).rows(rows))
        const points = Expr.param("points", Type.integer)
        const byKey = Query.update(Member)
          .set({ points })
          .where(Member.c.id.eq(Expr.param("id", Type.integer)))
        const changes = upTo(1500).map((id) => ({ id, points: id + 1 }))
        const updated = yield* Database.runEach(byKey, changes)
        expect(yield* Session.known(Member)).toEqual([])
        return [inserted, updated]
      })
    )
    expect(value).toEqual([1500, 1500])
    const inserts = words.filter((word) => word === "INSERT").length
    expect(inserts).toBe(plain.count("INSERT"))
    const updates = words.filter((word) => word === "UPDATE").length
    expect(updates).toBeLessThanOrEqual(engine === "sqlite" ? 15 : 1)
    const sum = Query.from(Member).where(Member.c.points.eq(Member.c.id.add(1)))
    expect(await database.run(Database.count(sum))).toBe(1500)
  })

  test("inserted rows come back in order, upserted ones as they stand [F137.1]", async () => {
    const { words } = await counted(
      Effect.gen(function* () {
        const emails = upTo(40).map((at) => `p${(at * 7) % 40}`)
        const people = yield* Session.insert(
          Person,
          emails.map((email, points) => ({ email, points }))
        )
        expect(people.map(({ email, points }) => [email, points])).toEqual(
          emails.map((email, points) => [email, points])
        )
        expect(people[3]).toBeInstanceOf(Person)
        expect(people[3]!.role).toBe("reader")
        const nodes = yield* Session.insert(Node, [{ code: "b", rank: 2 }, { code: "a" }])
        expect(nodes.map(({ code, rank }) => [code, rank])).toEqual([
          ["b", 2],
          ["a", 0]
        ])
        const before = database.sentSoFar()
        expect(yield* Session.get(Person, people[5]!.id)).toEqual(people[5])
        expect(yield* Session.stateOf(nodes[1]!)).toBe("known")
        expect(yield* Session.insert(Node, [])).toEqual([])
        expect(database.sentSoFar()).toBe(before)
        const rows = [
          { owner: "ann", balance: 1 },
          { owner: "eve", balance: 2 }
        ]
        const [ann, eve] = yield* Session.insert(Account, rows)
        yield* Session.update(eve!, { balance: 7 })
        const on = ["owner"] as const
        const stands = (accounts: ReadonlyArray<Account>) =>
          accounts.map(({ balance, owner, version }) => [owner, balance, version])
        const upserted = yield* Session.upsert(
          Account,
          [
            { owner: "bob", balance: 9 },
            { owner: "ann", balance: 5 }
          ],
          { on }
        )
        expect(stands(upserted)).toEqual([
          ["bob", 9, 1],
          ["ann", 5, 2]
        ])
        // What was pending was written before, and what is known is what stands there now.
        const sent = database.sentSoFar()
        expect(yield* Session.get(Account, ann!.id)).toEqual(upserted[1])
        expect(database.sentSoFar()).toBe(sent)
        expect((yield* Session.get(Account, eve!.id)).balance).toBe(7)
        const same = yield* Session.upsert(
          Account,
          [
            { owner: "ann", balance: 100 },
            { owner: "new", balance: 3 }
          ],
          { on, set: [] }
        )
        expect(stands(same)).toEqual([
          ["ann", 5, 2],
          ["new", 3, 1]
        ])
        yield* Session.update(same[0]!, { balance: 6 })
      })
    )
    expect(words.filter((word) => word === "INSERT")).toHaveLength(5)
    expect(await database.count(Person)).toBe(40)
    const twice = Session.upsert(Node, [{ code: "x" }, { code: "x" }])
    const bare = Session.upsert(Account, [{ balance: 1 } as never], { on: ["owner"] })
    const said = await database.run(
      Effect.forEach([twice, Effect.asVoid(bare)], (one) =>
        Effect.exit(
          Session.transact(Effect.asVoid(one as Effect.Effect<unknown, unknown, Session>))
        )
      )
    )
    expect(String(said[0])).toContain("two rows of Node have one code")
    expect(String(said[1])).toContain('without "owner"')
    expect(await database.count(Node)).toBe(2)
  })

  test("bulk writes are filled, checked and counted as single ones are [F137.4]", async () => {
    const people = Session.hooks(Person, {
      beforeInsert: ({ email = "" }) => ({ email: email.toLowerCase() })
    })
    const strict = Session.hooks(Account, { beforeUpdate: () => ({ balance: 0 }) })
    const hooked = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
      database.run(
        Effect.provide(Session.transact(effect), Session.options({ hooks: [people, strict] }))
      )
    const [one, other] = await hooked(
      Effect.gen(function* () {
        const draft = Person.make({ email: "ONE" })
        yield* Session.add(draft)
        const single = yield* Session.refresh(draft)
        const [many] = yield* Session.insert(Person, [{ email: "OTHER" }, { email: "third" }])
        return [single, many!]
      })
    )
    const columnsOf = ({ id: _, createdAt, email, ...rest }: Person) => [
      createdAt.epochMilliseconds > 1e12,
      email === email.toLowerCase(),
      rest
    ]
    expect(columnsOf(other)).toEqual(columnsOf(one))
    const upsert = Session.upsert(Account, [{ owner: "a", balance: 1 }], { on: ["owner"] })
    const refused = await database.run(
      Effect.exit(Effect.provide(Session.transact(upsert), Session.options({ hooks: [strict] })))
    )
    expect(String(refused)).toContain("a hook of Account rewrites what changes")
    const failures: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Session>, object]> = [
      [
        Session.insert(Course, [
          { title: "fits", seats: 1 },
          { title: "none", seats: -1 }
        ]),
        { _tag: "CheckViolation" }
      ],
      [
        Session.insert(Node, [{ code: "fits" }, { code: "x".repeat(21) }]),
        { _tag: "EncodeFailed" }
      ],
      [
        Session.upsert(Account, [{ owner: "x".repeat(21), balance: 1 }], { on: ["owner"] }),
        { _tag: "EncodeFailed" }
      ],
      [Session.insert(Person, [{ email: "a" }, { email: "one" }]), { _tag: "UniqueViolation" }]
    ]
    for (const [effect, expected] of failures)
      expect(
        await database.failure(Session.transact(effect as Effect.Effect<unknown, object, Session>))
      ).toMatchObject(expected)
    expect([await database.count(Course), await database.count(Node)]).toEqual([0, 0])
    await work(
      Effect.gen(function* () {
        const all = yield* Session.all(byEmail)
        yield* Effect.forEach(all, (each, at) => Session.update(each, { points: at + 1 }))
        yield* Session.flush
        const accounts = yield* Session.insert(
          Account,
          upTo(3).map((at) => ({ owner: `o${at}`, balance: 0 }))
        )
        yield* Effect.forEach(accounts, (each, at) => Session.update(each, { balance: at + 1 }))
        yield* Session.flush
        yield* Database.script("UPDATE accounts SET version = 9 WHERE owner = 'o1'")
        yield* Effect.forEach(accounts, ({ id }) => Session.refresh(Account.ref(id) as never))
        expect((yield* Session.get(Account, accounts[1]!.id)).version).toBe(9)
      })
    )
    const now = await database.run(Database.all(byEmail))
    expect(now.map(({ updatedAt }) => updatedAt !== null)).toEqual([true, true, true])
    const versions = Query.from(Account).orderBy(Account.c.owner).select(Account.c.version)
    expect(await database.run(Database.all(versions))).toEqual([2, 9, 2])
    const stale = Session.transact(
      Effect.gen(function* () {
        const all = yield* Session.all(Query.from(Account).orderBy(Account.c.owner))
        yield* Database.script("UPDATE accounts SET version = 10 WHERE owner = 'o1'")
        yield* Effect.forEach(all, (each) => Session.believe(each, { balance: each.balance }))
        yield* Effect.forEach(all, (each) => Session.update(each, { balance: 50 }))
      })
    )
    const id = (await database.run(Database.all(Query.from(Account).match({ owner: "o1" }))))[0]!.id
    expect(await database.failure(stale)).toMatchObject({ _tag: "StaleRow", key: String(id) })
  })

  test("a graph from outside is inserted, changed and relinked by key [F142.2]", async () => {
    const made = await work(
      Session.merge(Person, {
        email: "ann",
        pets: [{ name: "rex" }, { name: "tom" }],
        letters: [{ text: "to bob", receiver: { email: "bob", pets: [] } }]
      })
    )
    expect(made).toBeInstanceOf(Person)
    expect([made.email, made.role]).toEqual(["ann", "reader"])
    const plan = { letters: { receiver: true }, pets: true } as const
    const [ann, bob] = await database.run(Load.all(byEmail, plan))
    expect(ann!.letters.map(({ receiver, text }) => [text, receiver?.email])).toEqual([
      ["to bob", "bob"]
    ])
    const [rex, tom] = ann!.pets
    const { count, value, words } = await counted(
      Session.merge(Person, [
        {
          id: ann!.id,
          points: 5,
          // Tom is left out here, and stands there; who is new is made.
          pets: [{ id: rex!.id, name: "REX" }, { name: "kit" }],
          letters: []
        },
        { id: bob!.id, pets: [{ id: tom!.id }] },
        { email: "eve", points: 9 }
      ])
    )
    expect(value.map(({ email, points }) => [email, points])).toEqual([
      ["ann", 5],
      ["bob", 0],
      ["eve", 9]
    ])
    // People, pets; the members of pets and of letters.
    expect(count("SELECT")).toBe(4)
    expect(words.filter((word) => word === "INSERT")).toHaveLength(2)
    const after = await database.run(Load.all(byEmail, plan))
    expect(
      after.map(({ letters, pets }) => [pets.map(({ name }) => name), letters.length])
    ).toEqual([
      [["REX", "kit"], 0],
      [["tom"], 0],
      [[], 0]
    ])
    // A value of another session is a graph too: nothing differs, nothing is written.
    const quiet = await counted(Session.merge(Person, after))
    expect(quiet.value.map(({ id }) => id)).toEqual(after.map(({ id }) => id))
    const writes = ["INSERT", "UPDATE", "DELETE"]
    expect(quiet.words.filter((word) => writes.includes(word))).toEqual([])
    // What a relation detaches has no owner then; a key may stand for the parent.
    await work(Session.merge(Person, { id: ann!.id, pets: [] }))
    const pets = await database.run(Database.all(Query.from(Pet).orderBy(Pet.c.name)))
    expect(pets.map(({ name, personId }) => [name, personId])).toEqual([
      ["REX", null],
      ["kit", null],
      ["tom", bob!.id]
    ])
    await work(
      Session.merge(
        Pet,
        pets.map(({ id }) => ({ id, person: ann!.id }))
      )
    )
    await work(Session.merge(Pet, { id: pets[0]!.id, person: null }))
    const owners = await database.run(
      Database.all(Query.from(Pet).orderBy(Pet.c.name).select(Pet.c.personId))
    )
    expect(owners).toEqual([null, ann!.id, ann!.id])
  })

  test("links, keys of one's own, versions, and what cannot be merged [F142.2]", async () => {
    const topics = async () => {
      const [course] = await database.run(Load.all(Query.from(Course), { topics: true }))
      return course!.topics.map(({ name }) => name).toSorted()
    }
    const course = await work(
      Session.merge(Course, { title: "h", topics: [{ name: "a" }, { name: "b" }] })
    )
    expect(await topics()).toEqual(["a", "b"])
    const [a] = await database.run(Database.all(Query.from(Topic).orderBy(Topic.c.name)))
    const again = { id: a!.id, name: "A" }
    await work(Session.merge(Course, { id: course.id, topics: [again, again, { name: "c" }] }))
    expect(await topics()).toEqual(["A", "c"])
    expect(await database.count(Topic)).toBe(3)
    const node = await work(
      Session.merge(Node, { code: "x", rank: 1, downs: [{ code: "y", downs: [{ code: "z" }] }] })
    )
    expect(node).toMatchObject({ code: "x", rank: 1, upCode: null })
    await work(Session.merge(Node, { code: "x", downs: [{ code: "z", rank: 3 }, { code: "w" }] }))
    // Who was left out is deleted, but for the one who is told to stand elsewhere.
    const left = Query.from(Node).orderBy(Node.c.code)
    expect(
      (await database.run(Database.all(left))).map(({ code, rank, upCode }) => [code, rank, upCode])
    ).toEqual([
      ["w", 0, "x"],
      ["x", 1, null],
      ["z", 3, "x"]
    ])
    const [account] = await work(Session.insert(Account, [{ owner: "ann", balance: 1 }]))
    const back = Object.assign({}, account!, { balance: 2 })
    await work(Session.merge(Account, back))
    const stale = await database.failure(Session.transact(Session.merge(Account, back)))
    expect(stale).toMatchObject({ _tag: "StaleRow", table: "accounts" })
    const person = await work(
      Session.merge(Person, { email: "ann", badges: [{}], pets: [{ name: "rex" }] })
    )
    const kept = Effect.gen(function* () {
      const bare = { id: person.id, points: 9, badges: [] }
      expect(yield* Effect.flip(Session.merge(Person, bare))).toMatchObject({
        _tag: "NotNullViolation",
        table: "badges",
        column: "personId"
      })
      const gone = Session.merge(Person, { id: 999_999, points: 1 })
      expect(yield* Effect.flip(gone)).toMatchObject({ _tag: "NotFound", subject: "Person" })
      const second = { id: person.id, points: 8, pets: [{ name: "x", personId: 999_999 }] }
      expect(String(yield* Effect.exit(Session.merge(Person, second)))).toContain("two rows")
      const bob = { email: "bob", pets: [{ name: "p" }] }
      const taken = Session.merge(Person, [bob, { email: "ann" }])
      expect(yield* Effect.flip(taken)).toMatchObject({ _tag: "UniqueViolation" })
      // Nothing of them is pending.
      expect(yield* Session.changes).toEqual({ new: [], changed: [], deleted: [] })
    })
    await work(kept)
    expect(await database.run(stored)).toEqual([["ann", 0]])
    const wrong = [
      // @ts-expect-error no column and no relation
      Session.merge(Person, { emial: "x" }),
      // @ts-expect-error a text
      Session.merge(Person, { email: 5 }),
      // @ts-expect-error the whole list
      Session.merge(Person, { pets: { name: "x" } })
    ]
    const said = await database.run(
      Effect.forEach(wrong, (one) => Effect.exit(Session.transact(one)))
    )
    expect(said.map(({ _tag }) => _tag)).toEqual(["Failure", "Failure", "Failure"])
    expect(String(said[0])).toContain('"emial" of Person is neither a column nor a relation')
  })

  test("the map goes with its session, and costs less than its rows again [F141.4]", async () => {
    await database.run(Database.run(Query.insert(Member).rows(upTo(5000).map(memberOf))))
    const plainly = () => database.run(Database.all(Query.from(members)))
    // The first ones pay for what is compiled.
    await plainly()
    await work(Session.all(Query.from(Member)))
    let map: WeakRef<object> | null = null
    let value: WeakRef<object> | null = null
    const session = Effect.gen(function* () {
      const start = yield* Effect.promise(heap_bytes)
      const values = yield* Session.all(Query.from(Member))
      const held = (yield* Effect.promise(heap_bytes)) - start
      map = new WeakRef((yield* Session).state.rows)
      value = new WeakRef(values[17]!)
      expect(values).toHaveLength(5000)
      return held
    })
    const ratio = async (): Promise<number> => {
      const before = await heap_bytes()
      const objects = await plainly()
      const plain = (await heap_bytes()) - before
      expect(objects).toHaveLength(5000)
      return (await work(session)) / plain
    }
    // Others work in this process: what they hold meanwhile is not the session's.
    let told = 0
    for (let turn = 0; turn < 4 && (told < 0.7 || told > 2); turn++) told = await ratio()
    expect(told).toBeLessThan(2)
    expect(told).toBeGreaterThan(0.7)
    await heap_bytes()
    expect([map!.deref(), value!.deref()]).toEqual([undefined, undefined])
  })
})
