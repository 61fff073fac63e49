import { Database, Query, Session } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines } from "../runtime/databases.ts"
import { Person } from "./orm-schema.ts"
import { entities, type Entities } from "./orm-support.ts"

describe.each(engines)("fibers of one session on %s", (engine) => {
  let database: Entities
  beforeAll(async () => {
    database = await entities(engine)
  })
  beforeEach(() => database.empty())
  afterAll(() => database.dispose())
  const emails = Database.all(Query.from(Person).orderBy(Person.c.email).select(Person.c.email))
  const people = Session.all(Query.from(Person))
  const add = (email: string) => Session.add(Person.make({ email }))

  /** A nested scope that adds a row, works on and ends; meanwhile another fiber does something. */
  const beside = async <A, E>(
    end: "fails" | "succeeds",
    inner: Effect.Effect<unknown, unknown, Session>,
    side: Effect.Effect<A, E, Session>
  ) => {
    const begun = Deferred.makeUnsafe<void>()
    const nested = Effect.gen(function* () {
      yield* add("inner")
      yield* Deferred.succeed(begun, undefined)
      yield* Effect.sleep(10)
      yield* inner
      yield* Effect.sleep(10)
      if (end === "fails") return yield* Effect.fail("no" as const)
    })
    const both = [
      Effect.exit(Session.nested(nested)),
      Effect.andThen(Deferred.await(begun), side)
    ] as const
    const startedAt = performance.now()
    const [, seen] = await database.run(Session.transact(Effect.all(both, { concurrency: 2 })))
    expect(performance.now() - startedAt).toBeLessThan(2000)
    return { seen, stored: await database.run(emails) }
  }

  test("what one adds beside a nested scope that fails is kept [F142.5]", async () => {
    expect((await beside("fails", Effect.void, add("side"))).stored).toEqual(["side"])
    await database.empty()
    expect((await beside("succeeds", Effect.void, add("side"))).stored).toEqual(["inner", "side"])
  })

  test("a flush beside a nested scope that fails writes nothing of it [F142.5]", async () => {
    expect((await beside("fails", Effect.void, Session.flush)).stored).toEqual([])
    expect((await beside("fails", Session.flush, Session.flush)).stored).toEqual([])
  })

  test("a read beside a nested scope waits for its end [F142.5]", async () => {
    const failed = await beside("fails", Session.flush, people)
    expect([failed.seen, failed.stored]).toEqual([[], []])
    const ended = await beside("succeeds", add("more"), people)
    expect(ended.seen.map(({ email }) => email).toSorted()).toEqual(["inner", "more"])
  })

  test("many nested scopes at once: those that end well are stored, and no other", async () => {
    const scope = (at: number) =>
      Session.nested(
        Effect.gen(function* () {
          yield* add(`p${at}`)
          yield* Effect.sleep(at % 3)
          yield* people
          if (at % 2 === 0) return yield* Effect.fail(at)
        })
      )
    await database.run(
      Session.transact(
        Effect.forEach([1, 2, 3, 4, 5, 6, 7], (at) => Effect.exit(scope(at)), {
          concurrency: "unbounded"
        })
      )
    )
    expect(await database.run(emails)).toEqual(["p1", "p3", "p5", "p7"])
  })
})
