import { Database, DatabaseError, FlushPlan, type Intercept, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { engines, place, type Program, program, wireTo } from "../conformance/engine-support.ts"
import { Account, Author, Book, bookGenres, catalog, Genre, Note, Part } from "./schema.ts"

/**
 * L38 on three databases: a flush fails at each of its statements in turn. After a refused one the
 * session is as before the flush, and the next one completes it; a lost connection ends the unit,
 * and the database is as it was.
 */

const seed = Session.transact(
  Effect.gen(function* () {
    const [old, lost] = [Genre.make({ name: "old" }), Genre.make({ name: "lost" })]
    yield* Session.add(
      Author.make({
        email: "ann@x",
        books: [{ title: "One", genres: [old, lost] }, { title: "Two" }],
        notes: [{ body: "hers" }, { body: "his" }]
      }),
      Part.make({ code: "root", children: [{ code: "leaf" }] }),
      Account.make({ balance: 1 })
    )
  })
)

/** Rows that come, change, move and go, in every table. */
const change = Effect.gen(function* () {
  const ann = yield* Session.one(Query.from(Author))
  const [one] = yield* Session.all(Query.from(Book).match({ title: "One" }))
  const his = yield* Session.one(Query.from(Note).match({ body: "his" }))
  const account = yield* Session.one(Query.from(Account))
  const books = [{ title: "Three" }, { title: "Four" }]
  const bob = Author.make({ email: "bob@x", books, notes: [his] })
  yield* Session.add(bob, Part.make({ code: "twig", parent: "leaf" }))
  yield* Session.update(ann, { name: "Ann" })
  yield* Session.update(account, { balance: 2 })
  yield* Session.delete(one!)
})

/** What is stored, without the keys and times of this very run. */
const stored = Effect.all([
  Database.all(Query.from(Author).orderBy(Author.c.email).select([Author.c.email, Author.c.name])),
  Database.all(
    Query.from(Book)
      .join(Author, Author.c.id.eq(Book.c.authorId))
      .orderBy(Book.c.title)
      .select([Book.c.title, Author.c.email])
  ),
  Database.all(
    Query.from(Note)
      .leftJoin(Author, Author.c.id.eq(Note.c.authorId))
      .orderBy(Note.c.body)
      .select([Note.c.body, Author.c.email])
  ),
  Database.count(Query.from(bookGenres)),
  Database.all(Query.from(Part).orderBy(Part.c.code).select([Part.c.code, Part.c.parentCode])),
  Database.all(Query.from(Account).select([Account.c.balance, Account.c.version]))
])

const emptied = Effect.forEach([bookGenres, Book, Note, Author, Genre, Account], (table) =>
  Database.run(Query.deleteFrom(table as typeof Book).everyRow())
).pipe(
  Effect.andThen(Database.run(Query.update(Part).set({ parentCode: null }).everyRow())),
  Effect.andThen(Database.run(Query.deleteFrom(Part).everyRow()))
)

const refused = new DatabaseError.UniqueViolation({
  message: "refused by the test",
  dialect: "sqlite",
  operation: "flush",
  retryable: false,
  transaction: "alive",
  constraint: null,
  table: null,
  columns: []
})

describe.each(engines)("L38: a flush fails at every statement on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let wire: Awaited<ReturnType<typeof wireTo>> | null = null
  let database: Program
  /** What befalls the flush's writes, by their number; they are counted from 1. */
  let fate: { at: number; how: "before" | "after" | "cut" } = { at: 0, how: "before" }
  let written = 0
  const intercept: Intercept = ({ writes }, next, { origin }) => {
    if (origin !== "flush" || writes.length === 0 || ++written !== fate.at) return next
    if (fate.how === "before") return Effect.fail(refused)
    if (fate.how === "after") return Effect.andThen(next, Effect.fail(refused))
    wire!.cut()
    return Effect.andThen(Effect.sleep(20), next)
  }
  const failing = (at: number, how: typeof fate.how) => {
    fate = { at, how }
    written = 0
  }
  beforeAll(async () => {
    own = await place(engine)
    if (engine !== "sqlite") wire = await wireTo(own.url)
    database = program(wire?.url ?? own.url, { pool: { size: 2 }, intercept })
    await database.run(Database.create(catalog))
  })
  beforeEach(() => database.run(Effect.andThen(emptied, seed)))
  afterAll(async () => {
    wire?.close()
    await database.dispose()
    await own.drop()
  })
  /** How many writes the change is, and what it leaves. */
  const undisturbed = async () => {
    failing(0, "before")
    await database.run(Session.transact(change))
    const expected = await database.run(stored)
    return { count: written, expected }
  }
  const again = () => database.run(Effect.andThen(emptied, seed))

  test.each(["before", "after"] as const)(
    "refused %s it ran: the session is as before, and the next flush completes",
    async (how) => {
      const { count, expected } = await undisturbed()
      expect(count).toBeGreaterThan(7)
      for (let at = 1; at <= count; at++) {
        failing(0, how)
        await again()
        const { after, before, error } = await database.run(
          Session.transact(
            Effect.gen(function* () {
              yield* change
              const before = FlushPlan.format(yield* Session.plan)
              failing(at, how)
              const error = yield* Effect.flip(Session.flush)
              const after = FlushPlan.format(yield* Session.plan)
              return { after, before, error }
            })
          )
        )
        expect(error._tag, `statement ${at}`).toBe("UniqueViolation")
        expect(after).toBe(before)
        expect(await database.run(stored), `statement ${at}`).toEqual(expected)
      }
    }
  )

  // SQLite has no connection that could be lost.
  if (engine !== "sqlite")
    test("the connection lost at it: the unit ends, and the database is as it was", async () => {
      const { count } = await undisturbed()
      await again()
      const before = await database.run(stored)
      for (let at = 1; at <= count; at++) {
        failing(at, "cut")
        const error = await database.failure(
          Session.transact(Effect.andThen(change, Session.flush))
        )
        expect(error, `statement ${at}`).toMatchObject({ transaction: "ended" })
        failing(0, "before")
        expect(await database.run(stored), `statement ${at}`).toEqual(before)
      }
      await database.run(Session.transact(change))
    })
})
