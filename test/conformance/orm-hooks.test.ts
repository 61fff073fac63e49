import { Database, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines } from "../runtime/databases.ts"
import { Account, Letter, Person, Pet } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

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
})
