import { Database, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines } from "../runtime/databases.ts"
import { Account, Letter, Node, Person, Pet } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

type Listener = NonNullable<Parameters<typeof Session.options>[0]["listeners"]>[number]

describe.each(engines)("hooks of a session on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
  })
  beforeEach(() => database.empty())
  afterAll(() => database.dispose())
  const seen: Array<string> = []
  const people = Session.hooks(Person, {
    beforeInsert: ({ email = "", points = 0 }) => {
      seen.push(`insert ${email}`)
      return { email: email.toLowerCase(), points: points + 1 }
    },
    beforeUpdate: ({ points }, before) => {
      seen.push(`update ${before.email}`)
      return points === undefined ? {} : { points: Math.min(points, 10) }
    },
    beforeDelete: ({ points = 0 }) => (points > 5 ? { nick: "gone" } : null)
  })
  const letters = Session.hooks(Letter, { beforeDelete: () => ({ text: "kept" }) })
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(
      Effect.provide(
        Session.transact(effect),
        Layer.provideMerge(
          Session.options({ hooks: [letters] }),
          Session.options({ hooks: [people] })
        )
      )
    )
  const all = Query.from(Person).orderBy(Person.c.email)

  test("inserts, updates and deletes are rewritten before the plan [F129.3]", async () => {
    seen.length = 0
    await work(
      Effect.gen(function* () {
        yield* Session.add(
          Person.make({ email: "ANN", points: 8, pets: [{ name: "rex" }] }),
          Person.make({ email: "Bob" })
        )
        const planned = yield* Session.plan
        const inserts = planned.changes.changes.filter(({ ref }) => ref.table.name === "people")
        expect(inserts.map((one) => one._tag === "Insert" && one.row["email"])).toEqual([
          "ann",
          "bob"
        ])
        yield* Session.flush
        const [ann, bob] = yield* Session.all(all)
        expect([ann!.email, ann!.points, bob!.points]).toEqual(["ann", 9, 1])
        yield* Session.update(ann!, { points: 50 })
        yield* Session.flush
        // What the session believes is what was written.
        expect((yield* Session.get(Person, ann!.id)).points).toBe(10)
        yield* Session.delete(ann!, bob!)
        yield* Session.flush
        expect(yield* Session.stateOf(bob!)).toBe("unknown")
        expect((yield* Session.get(Person, ann!.id)).nick).toBe("gone")
      })
    )
    expect([...new Set(seen)]).toEqual(["insert ANN", "insert Bob", "update ann"])
    const left = await database.run(Database.all(all))
    expect(left.map(({ email, nick, points }) => [email, nick, points])).toEqual([
      ["ann", "gone", 10]
    ])
    // The dog stays with who was not deleted.
    const [pet] = await database.run(Database.all(Query.from(Pet)))
    expect(pet!.personId).toBe(left[0]!.id)
  })

  test("what rules entail is rewritten too; other entities are left alone [F129.3]", async () => {
    await database.run(
      Session.transact(
        Effect.gen(function* () {
          const bob = Person.make({ email: "bob" })
          yield* Session.add(bob, Account.make({ owner: "x", balance: 1 }))
          yield* Session.add(Letter.make({ text: "a", sender: bob }))
        })
      )
    )
    const refused = await database.run(
      Effect.exit(
        Effect.provide(
          Session.transact(Effect.flatMap(Session.one(all), (bob) => Session.delete(bob))),
          Session.options({ hooks: [letters] })
        )
      )
    )
    // The letter is kept, so that its sender cannot go: the database says so.
    expect(String(refused)).toContain("ForeignKeyViolation")
    expect(await database.count(Letter)).toBe(1)
    await work(
      Effect.flatMap(Session.one(Query.from(Account)), (one) =>
        Session.update(one, { balance: 99 })
      )
    )
    const [account] = await database.run(Database.all(Query.from(Account)))
    expect([account!.balance, account!.version]).toEqual([99, 2])
  })

  test("a hook that gives no column, or a key, is refused by name", async () => {
    const wrong = Session.hooks(Person, { beforeInsert: () => ({ wrong: 1 }) as never })
    const key = Session.hooks(Person, { beforeUpdate: () => ({ id: 7 }) as never })
    await database.run(Session.transact(Session.add(Person.make({ email: "ann" }))))
    const exits = [
      Effect.provide(
        Session.transact(Session.add(Person.make({ email: "eve" }))),
        Session.options({ hooks: [wrong] })
      ),
      Effect.provide(
        Session.transact(Effect.flatMap(Session.one(all), (one) => Session.touch(one, "points"))),
        Session.options({ hooks: [key] })
      )
    ]
    const said = await database.run(Effect.forEach(exits, (one) => Effect.exit(one)))
    expect(String(said[0])).toContain('gives "wrong", which is no column')
    expect(String(said[1])).toContain('changes "id" of its key')
    expect(await database.count(Person)).toBe(1)
  })

  test("states are told when asked, and each change of one once [F140.1]", async () => {
    const plainly = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
      database.run(Session.transact(effect))
    await plainly(Session.add(Person.make({ email: "ann" }), Person.make({ email: "bob" })))
    const heard: Array<string> = []
    const last = new Map<string, string>()
    const told = () => heard.splice(0)
    const listeners = [
      ({ from, key, table, to }: Parameters<Listener>[0]) => {
        heard.push(`${from} > ${to}`)
        if (key === null) return
        const id = `${table} ${JSON.stringify(key)}`
        // Nothing is told twice, and nothing is left out between.
        expect([from, from]).toEqual([last.get(id) ?? from, last.get(id) ?? from])
        last.set(id, to)
      },
      () => {
        throw new Error("a listener's own")
      }
    ]
    const program = Effect.gen(function* () {
      const [ann, bob] = yield* Session.all(all)
      expect(told()).toEqual(["unknown > known", "unknown > known"])
      yield* Session.all(all)
      yield* Session.get(Person, ann!.id)
      expect(told()).toEqual([])
      yield* Session.update(ann!, { points: 5 })
      yield* Session.update(ann!, { points: 6 })
      expect([told(), yield* Session.stateOf(ann!)]).toEqual([["known > changed"], "changed"])
      yield* Session.update(ann!, { points: 0 })
      expect(told()).toEqual(["changed > known"])
      yield* Session.modify(ann!, () => ({ points: 7 }))
      yield* Session.flush
      yield* Session.flush
      expect(told()).toEqual(["known > changed", "changed > known"])
      const eve = Person.make({ email: "eve" })
      expect(yield* Session.stateOf(eve)).toBe("unknown")
      yield* Session.add(eve)
      yield* Session.add(eve)
      expect([told(), yield* Session.stateOf(eve)]).toEqual([["unknown > new"], "new"])
      yield* Session.flush
      expect([told(), yield* Session.stateOf(eve)]).toEqual([["new > known"], "known"])
      yield* Session.delete(eve)
      expect([told(), yield* Session.stateOf(eve)]).toEqual([["known > deleted"], "deleted"])
      yield* Session.flush
      expect([told(), yield* Session.stateOf(eve)]).toEqual([["deleted > unknown"], "unknown"])
      const lost = Person.make({ email: "lost" })
      yield* Session.add(lost)
      yield* Session.delete(lost)
      expect(told()).toEqual(["unknown > new", "new > unknown"])
      const inner = Effect.gen(function* () {
        yield* Session.add(Person.make({ email: "undone" }))
        yield* Session.update(bob!, { points: 9 })
        yield* Session.flush
        return yield* Effect.fail("no")
      })
      yield* Effect.flip(Session.nested(inner))
      // What came and went is unknown again; what was changed is what it was.
      expect(new Set(told())).toEqual(
        new Set([
          "unknown > new",
          "known > changed",
          "new > known",
          "changed > known",
          "known > unknown"
        ])
      )
      expect(yield* Session.stateOf(bob!)).toBe("known")
      yield* Session.forget(bob!)
      expect(told()).toEqual(["known > unknown"])
      yield* Session.find(Person, bob!.id)
      expect(told()).toEqual(["unknown > known"])
      yield* Database.script("UPDATE people SET points = 1")
      expect(told()).toEqual(["known > unknown", "known > unknown"])
      yield* Session.refresh(ann!)
      expect(told()).toEqual(["unknown > known"])
      yield* Session.insert(Node, [{ code: "a" }])
      yield* Session.merge(Node, { code: "a", rank: 3 })
      expect(told()).toEqual(["unknown > known", "known > changed", "changed > known"])
    })
    const layer = Session.options({ listeners })
    await database.run(Effect.provide(Session.transact(program), layer))
    expect(heard).toEqual([])
    await plainly(Session.all(all))
    expect(heard).toEqual([])
  })
})
