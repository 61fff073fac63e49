import { Database, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type EngineName, engines } from "../runtime/databases.ts"
import {
  Account,
  Course,
  courseTopics,
  Link,
  Node,
  Person,
  Pet,
  Rigid,
  Topic
} from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

/** Changes what is inserted: SQLite only after it has been given back. */
const lowering: Record<EngineName, { readonly on: ReadonlyArray<string>; readonly off: string }> = {
  sqlite: {
    on: [
      "create trigger lower_pets after insert on pets begin " +
        "update pets set name = lower(new.name) where id = new.id; end"
    ],
    off: "drop trigger lower_pets"
  },
  postgres: {
    on: [
      "create function lower_pet() returns trigger as $$ begin " +
        "new.name = lower(new.name); return new; end $$ language plpgsql",
      "create trigger lower_pets before insert on pets for each row execute function lower_pet()"
    ],
    off: "drop trigger lower_pets on pets; drop function lower_pet"
  },
  mariadb: {
    on: [
      "create trigger lower_pets before insert on pets for each row set new.name = lower(new.name)"
    ],
    off: "drop trigger lower_pets"
  }
}

describe.each(engines)("a flush on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
  })
  beforeEach(() => database.empty())
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const counted = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.counting(Session.transact(effect))
  const slots = Database.all(
    Query.from(Node).orderBy(Node.c.code).select({ code: Node.c.code, slot: Node.c.slot })
  )
  const node = (code: string) => Session.get(Node, code)

  test("no change gives no statement, and a second flush is empty [F146.3 F147.3]", async () => {
    await work(Session.add(Node.make({ code: "a", rank: 1 }), Node.make({ code: "b", rank: 2 })))
    const { words } = await counted(
      Effect.gen(function* () {
        const [a, b] = yield* Session.all(Query.from(Node).orderBy(Node.c.code))
        yield* Session.flush
        yield* Session.update(a!, { rank: 1 })
        yield* Session.update(b!, { rank: 9 })
        yield* Session.update(b!, { rank: 2 })
        yield* Session.flush
        yield* Session.update(a!, { rank: 7 })
        yield* Session.flush
        yield* Session.flush
      })
    )
    expect(words.filter((word) => word === "UPDATE")).toHaveLength(1)
  })

  test("the order of the calls does not matter [F146.3]", async () => {
    const calls = ["c", "a", "b"].map((code, at) =>
      Session.add(Node.make({ code, rank: at, ...(code === "a" ? {} : { up: "a" }) }))
    )
    const stepsOf = (order: ReadonlyArray<number>) =>
      work(
        Effect.gen(function* () {
          for (const at of order) yield* calls[at]!
          const { steps } = yield* Session.plan
          const told = steps.map(({ kind, rows }) => [kind, rows.map(({ ref }) => ref.id)])
          yield* Session.delete(...["c", "b", "a"].map((code) => Node.ref(code)))
          return told
        })
      )
    const first = await stepsOf([0, 1, 2])
    expect(first.length).toBeGreaterThan(0)
    expect(await stepsOf([2, 1, 0])).toEqual(first)
    expect(await stepsOf([1, 0, 2])).toEqual(first)
  })

  test("a unique value given up is taken in one flush, in a ring too [F146.4]", async () => {
    const three = Session.all(Query.from(Node).orderBy(Node.c.code))
    await work(
      Session.add(...["a", "b", "c"].map((code, slot) => Node.make({ code, slot: slot + 1 })))
    )
    await work(
      Effect.gen(function* () {
        // Each read would write what is pending first: all are read before.
        const [a, b, c] = yield* three
        yield* Session.update(a!, { slot: 2 })
        yield* Session.update(b!, { slot: 3 })
        yield* Session.update(c!, { slot: 1 })
      })
    )
    expect((await database.run(slots)).map(({ slot }) => slot)).toEqual([2, 3, 1])
    await work(
      Effect.gen(function* () {
        const [a, b, c] = yield* three
        yield* Session.delete(a!)
        yield* Session.add(Node.make({ code: "d", slot: 2 }))
        yield* Session.update(b!, { slot: 1 })
        yield* Session.update(c!, { slot: 3 })
      })
    )
    expect(await database.run(slots)).toEqual([
      { code: "b", slot: 1 },
      { code: "c", slot: 3 },
      { code: "d", slot: 2 }
    ])
  })

  test("a ring nobody can break is Unbreakable, and the session goes on [F146.8]", async () => {
    await work(Session.add(Rigid.make({ id: 1, place: 1 }), Rigid.make({ id: 2, place: 2 })))
    const error = await work(
      Effect.gen(function* () {
        const [one, two] = yield* Session.all(Query.from(Rigid).orderBy(Rigid.c.id))
        yield* Session.update(one!, { place: 2 })
        yield* Session.update(two!, { place: 1 })
        const error = yield* Effect.flip(Session.flush)
        expect((yield* Effect.flip(Session.flush))._tag).toBe("Unbreakable")
        yield* Session.update(two!, { place: 3 })
        return error
      })
    )
    expect(error).toMatchObject({ _tag: "Unbreakable", tables: ["rigids"], transaction: "alive" })
    expect(error.message).toContain("rigids_place_key")
    const places = Query.from(Rigid).orderBy(Rigid.c.id).select(Rigid.c.place)
    expect(await database.run(Database.all(places))).toEqual([2, 3])
  })

  test("a delete and an insert of one key become one update [F146.5]", async () => {
    await work(Session.add(Node.make({ code: "a", rank: 1, slot: 5 })))
    const { words } = await counted(
      Effect.gen(function* () {
        yield* Session.delete(yield* node("a"))
        yield* Session.add(Node.make({ code: "a", rank: 2, slot: null, up: null, peer: null }))
      })
    )
    expect(words.filter((word) => word === "DELETE" || word === "INSERT")).toEqual([])
    expect(await database.run(Database.one(Query.from(Node).match({ code: "a" })))).toMatchObject({
      rank: 2,
      slot: null
    })
  })

  test("rows of one shape go as one statement [F146.6]", async () => {
    const people = Array.from({ length: 50 }, (_, at) => Person.make({ email: `${at}@x` }))
    const { words } = await counted(Session.add(...people))
    expect(words.filter((word) => word === "INSERT")).toHaveLength(1)
    const { words: gone } = await counted(
      Effect.flatMap(Session.all(Query.from(Person)), (all) => Session.delete(...all))
    )
    expect(gone.filter((word) => word === "DELETE")).toHaveLength(1)
  })

  test("new rows whose keys the server makes go as one statement, each with its key", async () => {
    const names = ["Rex", "Ada", "Rex", "Bo", "Ada"]
    const { value, words } = await counted(
      Effect.gen(function* () {
        const pets = names.map((name) => Pet.make({ name }))
        yield* Session.add(...pets)
        yield* Session.flush
        return yield* Effect.forEach(pets, (pet) => Session.refresh(pet))
      })
    )
    expect(words.filter((word) => word === "INSERT")).toHaveLength(1)
    const held = await database.run(Database.all(Query.from(Pet).orderBy(Pet.c.id)))
    expect(held.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
    expect(new Set(value.map(({ id }) => id)).size).toBe(names.length)
    for (const [at, pet] of value.entries()) {
      expect(pet.name).toBe(names[at])
      expect(held.find(({ id }) => id === pet.id)).toMatchObject({ name: names[at] })
    }
    // Of rows alike, the first has the first key.
    expect(value[0]!.id).toBeLessThan(value[2]!.id)
  })

  test("rows changed each to values of their own go as one list", async () => {
    await work(
      Session.add(...["a", "b", "c"].map((code, rank) => Node.make({ code, rank, slot: null })))
    )
    const { words } = await counted(
      Effect.flatMap(Session.all(Query.from(Node).orderBy(Node.c.code)), (nodes) =>
        Effect.forEach(nodes, (one) => Session.update(one, { rank: 10 - one.rank }))
      )
    )
    expect(words.filter((word) => word === "UPDATE")).toHaveLength(engine === "sqlite" ? 3 : 1)
    const ranks = Query.from(Node).orderBy(Node.c.code).select(Node.c.rank)
    expect(await database.run(Database.all(ranks))).toEqual([10, 9, 8])
  })

  test("a trigger that rewrites what was given does not keep rows from their keys", async () => {
    for (const text of lowering[engine].on) await database.run(Database.script(text))
    const pets = ["Rex", "Ada"].map((name) => Pet.make({ name }))
    const keys = await work(
      Effect.gen(function* () {
        yield* Session.add(...pets)
        yield* Session.flush
        return yield* Effect.forEach(pets, (pet) =>
          Effect.map(Session.refresh(pet), (now) => now.id)
        )
      })
    )
    await database.run(Database.script(lowering[engine].off))
    const held = await database.run(Database.all(Query.from(Pet).orderBy(Pet.c.id)))
    expect(held.map(({ id, name }) => [id, name])).toEqual([
      [keys[0], "rex"],
      [keys[1], "ada"]
    ])
  })

  test("where one of many rows to delete is gone, none goes", async () => {
    await work(Session.add(...["Rex", "Ada", "Bo"].map((name) => Pet.make({ name }))))
    const all = Query.from(Pet).orderBy(Pet.c.id)
    const pets = await database.run(Database.all(all))
    await work(Session.delete(pets[1]!))
    const attempt = Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.andThen(Session.delete(...pets), Session.flush))
      const left = yield* Session.with({ autoflush: false }, Database.count(Query.from(Pet)))
      yield* Session.forget(...pets)
      return { error, left }
    })
    const { error, left } = await work(attempt)
    expect(error).toMatchObject({ _tag: "StaleRow", table: "pets" })
    expect(left).toBe(2)
    expect(await database.count(Pet)).toBe(2)
  })

  test("a failure leaves the session as before, and a retry completes [F146.8]", async () => {
    for (let at = 1; at <= 4; at++) {
      await database.empty()
      await work(Session.add(Person.make({ email: "taken" })))
      const drafts = [1, 2, 3, 4].map((n) => Person.make({ email: n === at ? "taken" : `new${n}` }))
      const found = await work(
        Effect.gen(function* () {
          const old = yield* Session.one(Query.from(Person))
          yield* Session.update(old, { points: 5 })
          for (const draft of drafts) yield* Session.add(draft)
          yield* Session.add(Pet.make({ name: "rex", person: drafts[at - 1]! }))
          expect((yield* Effect.flip(Session.flush))._tag).toBe("UniqueViolation")
          expect((yield* Effect.flip(Session.flush))._tag).toBe("UniqueViolation")
          yield* Session.delete(drafts[at - 1]!)
          yield* Session.flush
          return yield* Database.all(Query.from(Person).orderBy(Person.c.email))
        })
      )
      const expected = [1, 2, 3, 4].flatMap((n) => (n === at ? [] : [`new${n}`]))
      expect(found.map(({ email }) => email)).toEqual([...expected, "taken"])
      expect(found.at(-1)!.points).toBe(5)
    }
  })

  test("a value its column cannot hold is typed, and nothing is sent", async () => {
    await work(Session.add(Person.make({ email: "ann" })))
    const errors = await work(
      Effect.gen(function* () {
        const ann = yield* Session.one(Query.from(Person))
        const errors: Array<{ readonly _tag: string }> = []
        for (const wrong of [
          { email: "x".repeat(101) },
          { points: Number.NaN },
          { points: 2 ** 40 }
        ]) {
          yield* Session.update(ann, wrong)
          errors.push(yield* Effect.flip(Session.flush))
          yield* Session.update(ann, { email: ann.email, points: ann.points })
        }
        return errors.map(({ _tag }) => _tag)
      })
    )
    expect(errors).toEqual(["EncodeFailed", "EncodeFailed", "EncodeFailed"])
  })

  test("a new row that is deleted was never there, its key given or promised", async () => {
    const { words } = await counted(
      Effect.gen(function* () {
        const drafts = [
          Node.make({ code: "n", downs: [{ code: "m" }] }),
          Person.make({ email: "p", letters: [{ text: "t" }] })
        ]
        yield* Session.add(...drafts)
        yield* Session.delete(...drafts)
        yield* Session.flush
      })
    )
    expect(words.filter((word) => /INSERT|DELETE|UPDATE/.test(word))).toEqual([])
  })

  test("a link named twice is one row", async () => {
    const heat = Topic.make({ name: "heat" })
    await work(Session.add(Course.make({ title: "one", topics: [heat, heat] })))
    expect(await database.count(courseTopics)).toBe(1)
  })

  test("of two sessions that update one version, one is told so [F121.1]", async () => {
    await work(Session.add(Account.make({ owner: "a", balance: 1 })))
    const [one] = await database.run(Database.all(Query.from(Account)))
    const write = (balance: number) => Session.transact(Session.update(one!, { balance }))
    await database.run(write(2))
    const error = await database.failure(write(3))
    expect(error).toMatchObject({ _tag: "StaleRow", table: "accounts", key: String(one!.id) })
    expect(await database.run(Database.one(Query.from(Account)))).toMatchObject({
      balance: 2,
      version: 2
    })
  })

  test("a delete checks the version too [F121.3]", async () => {
    await work(Session.add(Account.make({ owner: "a", balance: 1 })))
    const [one] = await database.run(Database.all(Query.from(Account)))
    await work(Session.update(one!, { balance: 2 }))
    expect(await database.failure(Session.transact(Session.delete(one!)))).toMatchObject({
      _tag: "StaleRow"
    })
    expect(await database.count(Account)).toBe(1)
    await work(Effect.flatMap(Session.one(Query.from(Account)), (now) => Session.delete(now)))
    expect(await database.count(Account)).toBe(0)
  })

  test("of versioned rows updated together each is proven [F121.4]", async () => {
    await work(Session.add(...["a", "b", "c"].map((owner) => Account.make({ owner, balance: 1 }))))
    const all = Query.from(Account).orderBy(Account.c.owner)
    const rows = await database.run(Database.all(all))
    await work(Session.update(rows[1]!, { balance: 5 }))
    const error = await database.failure(
      Session.transact(
        Effect.forEach(rows, (row) => Session.update(row, { balance: row.balance + 10 }))
      )
    )
    expect(error).toMatchObject({ _tag: "StaleRow", key: String(rows[1]!.id) })
    const now = await database.run(Database.all(all))
    expect(now.map(({ balance, version }) => [balance, version])).toEqual([
      [1, 1],
      [5, 2],
      [1, 1]
    ])
  })

  test("from any state to any other no constraint is broken on the way [F146.1]", async () => {
    const codes = ["a", "b", "c", "d"] as const
    const ref = fc.option(fc.constantFrom(...codes))
    const row = fc.record({ slot: fc.option(fc.integer({ min: 1, max: 3 })), up: ref, peer: ref })
    const state = fc
      .record(Object.fromEntries(codes.map((code) => [code, fc.option(row)])))
      .filter((nodes) => {
        const there = Object.values(nodes).filter((one) => one !== null)
        const taken = there.flatMap(({ slot }) => (slot === null ? [] : [slot]))
        const named = there.flatMap(({ peer, up }) => [peer, up].filter((one) => one !== null))
        return new Set(taken).size === taken.length && named.every((code) => nodes[code] !== null)
      })
    type State = typeof state extends fc.Arbitrary<infer A> ? A : never
    const reach = (to: State) =>
      Effect.gen(function* () {
        const known = new Map((yield* Session.all(Query.from(Link))).map((one) => [one.code, one]))
        for (const code of codes) {
          const next = to[code] ?? null
          const now = Option.fromUndefinedOr(known.get(code))
          if (next === null) {
            if (Option.isSome(now)) yield* Session.delete(now.value)
          } else if (Option.isSome(now)) {
            yield* Session.update(now.value, {
              slot: next.slot,
              upCode: next.up,
              peerCode: next.peer
            })
          } else
            yield* Session.add(Link.make({ code, slot: next.slot, up: next.up, peer: next.peer }))
        }
      })
    const stored = Effect.map(Database.all(Query.from(Link)), (rows) =>
      Object.fromEntries(
        rows.map(({ code, peerCode, slot, upCode }) => [code, { slot, up: upCode, peer: peerCode }])
      )
    )
    const present = (nodes: State) =>
      Object.fromEntries(Object.entries(nodes).filter(([, one]) => one !== null))
    await fc.assert(
      fc.asyncProperty(state, state, async (from, to) => {
        await database.empty()
        await work(reach(from))
        expect(await database.run(stored)).toEqual(present(from))
        await work(reach(to))
        expect(await database.run(stored)).toEqual(present(to))
      }),
      { numRuns: 60, seed: 11 }
    )
  })
})
