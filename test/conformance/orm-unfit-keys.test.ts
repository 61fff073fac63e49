import { Catalog, Column, Database, Entity, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Airport extends Entity<Airport>()("airports", {
  code: Column.varchar(3).primaryKey(),
  city: Column.varchar(20)
}) {}
const long = "BERLIN"

describe.each(engines)("on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Airport })))
  })
  afterAll(() => database.dispose())

  test("a key its column cannot hold fails as any value does, wherever it is given", async () => {
    const row = { code: long, city: "Berlin" }
    const verbs = {
      add: Session.add(Airport.make(row)),
      find: Effect.asVoid(Session.find(Airport, long)),
      findPast: Effect.asVoid(Session.with({ lock: "update" }, Session.find(Airport, long))),
      insert: Effect.asVoid(Session.insert(Airport, [row])),
      merge: Effect.asVoid(Session.merge(Airport, row)),
      afterOthers: Effect.andThen(
        Session.add(Airport.make({ code: "BER", city: "Berlin" })),
        Effect.asVoid(Session.find(Airport, long))
      )
    }
    for (const [name, verb] of Object.entries(verbs)) {
      const failed = await database.run(
        Effect.flip(Session.transact<void, unknown, Session | Database>(verb))
      )
      expect([name, failed]).toMatchObject([
        name,
        { _tag: "EncodeFailed", expected: "well-formed text of at most 3 characters" }
      ])
    }
    expect(await database.run(Session.transact(Session.find(Airport, "BER")))).toMatchObject({
      _tag: "None"
    })
    // A reference is made by a call of its own, which can say so.
    expect(() => Airport.ref(long)).toThrow("a value does not fit varchar(3)")
  })
})
