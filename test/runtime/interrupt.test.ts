import { Database, Query, Session } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { interruptingAt } from "../effects/support/interruptingAt.ts"
import { connect, engines } from "./databases.ts"
import { Author, Book, catalog, Note, Part } from "./schema.ts"

/**
 * L38 by interruption: a flush is cut at each of its operations in turn. The session is as before
 * it
 * or as after it, and the next flush completes what is left, once; or the interruption has cost the
 * connection, the session says that it is doomed, and nothing is stored.
 */
const tagOf = <E>(exit: Exit.Exit<unknown, E>): unknown => {
  const error = Exit.isFailure(exit)
    ? exit.cause.reasons.find((one) => one._tag === "Fail")?.error
    : undefined
  return (error as { readonly _tag?: string } | undefined)?._tag
}

describe.each(engines)("L38: a flush interrupted at every operation on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
  })
  afterAll(() => database.dispose())

  const graphs = {
    "one row": () => Session.add(Part.make({ code: "alone" })),
    "parents and children": () =>
      Session.add(Author.make({ email: "a@x", books: [{ title: "One" }, { title: "Two" }] }))
  }
  const counts = Effect.all([
    Database.count(Query.from(Part)),
    Database.count(Query.from(Author)),
    Database.count(Query.from(Book))
  ])

  const cutAt = (k: number, add: Effect.Effect<void, unknown, Session>) =>
    Effect.gen(function* () {
      const { fired, scheduler } = interruptingAt(k)
      const ended = yield* Effect.exit(
        Session.transact(
          Effect.gen(function* () {
            yield* add
            const services = yield* Effect.context<Session | Database>()
            const exit = yield* Effect.promise(() =>
              Effect.runPromiseExitWith(services)(Session.flush, { scheduler })
            )
            expect(Exit.hasDies(exit), `operation ${k}`).toBe(false)
            yield* Session.flush
          })
        )
      )
      const found = yield* counts
      yield* Database.run(Query.deleteFrom(Book).everyRow())
      yield* Database.run(Query.deleteFrom(Author).everyRow())
      yield* Database.run(Query.deleteFrom(Part).everyRow())
      return { ended, fired: fired(), found }
    })

  test.each([
    ["one row", [1, 0, 0]],
    ["parents and children", [0, 1, 2]]
  ] as const)(
    "%s",
    async (name, expected) => {
      let cuts = 0
      let completed = 0
      for (let k = 1; ; k++) {
        const { ended, fired, found } = await database.run(cutAt(k, graphs[name]()))
        if (Exit.isSuccess(ended)) completed++
        else expect(tagOf(ended), `operation ${k}`).toBe("TransactionDoomed")
        expect(found, `operation ${k}`).toEqual(Exit.isSuccess(ended) ? expected : [0, 0, 0])
        if (!fired) break
        cuts++
      }
      expect(cuts).toBeGreaterThan(5)
      expect(completed).toBeGreaterThan(engine === "sqlite" ? cuts : 5)
    },
    60_000
  )
})

test("asking which rows a flush did not find can be interrupted", async () => {
  let asked = 0
  const layer = Sqlite.layer({
    intercept: [
      ({ kind }, next, { origin }) => {
        if (origin !== "flush" || kind !== "query") return next
        asked++
        return Effect.never
      }
    ]
  })
  const program = Effect.gen(function* () {
    yield* Database.create(catalog)
    const notes = [1, 2, 3].map((at) => Note.make({ body: `note ${at}` }))
    yield* Session.transact(Session.add(...notes))
    const known = yield* Database.all(Query.from(Note))
    yield* Database.run(Query.deleteFrom(Note).where(Note.c.id.eq(known[0]!.id)))
    return yield* Effect.timeoutOption(Session.transact(Session.delete(...known)), 300)
  })
  expect(await Effect.runPromise(Effect.provide(program, layer))).toEqual(Option.none())
  expect(asked).toBe(1)
})
