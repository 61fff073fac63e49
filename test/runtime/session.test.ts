import { Database, Fn, Load, Query, Session } from "athanor"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "./databases.ts"
import { Account, Author, Book, bookGenres, catalog, Genre, Note, Part } from "./schema.ts"

const failureOf = <E>(exit: Exit.Exit<unknown, E>): E => {
  if (Exit.isSuccess(exit)) throw new Error("it succeeded")
  const reason = exit.cause.reasons.find((one) => one._tag === "Fail")
  if (reason === undefined) throw new Error(`no typed failure: ${Cause.pretty(exit.cause)}`)
  return reason.error
}

const written: ReadonlyArray<Query.From<string, unknown>> = [Genre, Book, Note, Author, Account]

describe.each(engines)("a session on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>

  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
  })
  afterAll(() => database.dispose())

  const addAda = Session.transact(
    Session.add(
      Author.make({
        email: "ada@x",
        name: "Ada",
        books: [{ title: "Notes" }, { title: "Letters", genres: [Genre.make({ name: "life" })] }],
        notes: [{ body: "alive" }]
      }),
      Author.make({ email: "bob@x" })
    )
  )

  beforeEach(async () => {
    await database.run(
      Database.transaction(
        Effect.gen(function* () {
          yield* Database.run(Query.deleteFrom(bookGenres).everyRow())
          for (const entity of written) {
            yield* Database.run(Query.deleteFrom(entity).everyRow())
          }
          yield* Database.run(Query.update(Part).set({ parentCode: null }).everyRow())
          yield* Database.run(Query.deleteFrom(Part).everyRow())
        })
      )
    )
    await database.run(addAda)
  })

  const ada = Session.one(Query.from(Author).match({ email: "ada@x" }))
  const countOf = (entity: Query.From<string, unknown>) => Database.count(Query.from(entity))

  test("a graph is added in one unit of work and loaded by a plan", async () => {
    const { value, count } = await database.counting(
      Session.transact(
        Session.all(Query.from(Author).orderBy(Author.c.email), {
          books: { genres: true, author: true },
          notes: true
        })
      )
    )
    expect(value.map((author) => author.label)).toEqual(["Ada <ada@x>", "null <bob@x>"])
    expect(value[0]!.books.map((book) => book.title)).toEqual(["Notes", "Letters"])
    expect(value[0]!.books[1]!.genres.map((genre) => genre.name)).toEqual(["life"])
    expect(value[0]!.books[0]!.author.email).toBe("ada@x")
    expect(value[0]!.notes.map((note) => note.body)).toEqual(["alive"])
    expect(value[1]!.books).toEqual([])
    expect(count("SELECT")).toBe(5)
  })

  test("Load gives the same trees and remembers nothing", async () => {
    const plan = { books: { genres: true } } as const
    const query = Query.from(Author).orderBy(Author.c.id)
    const loaded = await database.run(Load.all(query, plan))
    expect(loaded).toEqual(await database.run(Session.transact(Session.all(query, plan))))
    const first = await database.run(Load.first(query, plan))
    expect(Option.getOrThrow(first)).toEqual(loaded[0])
  })

  test("what was read once is not read again by key", async () => {
    const { count } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          expect(yield* Session.get(Author, one.id)).toEqual(one)
          yield* Session.update(one, { name: "Ada King" })
          expect((yield* Session.get(Author, one.id)).name).toBe("Ada King")
          expect(one.name).toBe("Ada")
        })
      )
    )
    expect(count("SELECT")).toBe(1)
    expect(count("UPDATE")).toBe(1)
  })

  test("a key nobody has is typed", async () => {
    const found = await database.run(Session.transact(Session.find(Author, 999_999)))
    expect(Option.isNone(found)).toBe(true)
    const exit = await database.run(Effect.exit(Session.transact(Session.get(Author, 999_999))))
    expect(failureOf(exit)).toMatchObject({ _tag: "NotFound", subject: "Author" })
  })

  test("one relation of one value is loaded by itself", async () => {
    const titles = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          const books = yield* Session.load(one, Author.books)
          const author = yield* Session.load(books[0]!, Book.author)
          return [author?.email, ...books.map((book) => book.title)]
        })
      )
    )
    expect(titles).toEqual(["ada@x", "Notes", "Letters"])
  })

  test("a hundred fibers modify one row: nothing is lost, one UPDATE", async () => {
    const { value, count } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          yield* Effect.forEach(
            Array.from({ length: 100 }),
            () => Session.modify(one, (now) => ({ balance: now.balance + 1 })),
            { concurrency: "unbounded" }
          )
          yield* Session.flush
          return yield* ada
        })
      )
    )
    expect(value.balance).toBe(100)
    expect(count("UPDATE")).toBe(1)
  })

  test("patches merge column by column; a patch back to the old value is no change", async () => {
    const { value, count } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          yield* Session.update(one, { name: "Countess" })
          yield* Session.update(one, { balance: 7 })
          yield* Session.update(one, { balance: one.balance, name: one.name })
          expect(one.updatedAt).toBe(null)
        })
      )
    )
    expect(value).toBe(undefined)
    expect(count("UPDATE")).toBe(0)
  })

  test("an update fills its on-update column, an insert its default, from the clock", async () => {
    const [before, after] = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          yield* Session.update(one, { balance: 3 })
          yield* Session.flush
          return [one, yield* Session.get(Author, one.id)] as const
        })
      )
    )
    expect(before.updatedAt).toBe(null)
    expect(after.updatedAt!.epochMilliseconds).toBeGreaterThanOrEqual(
      after.createdAt.epochMilliseconds
    )
  })

  test("deleting follows the rules of the relations", async () => {
    await database.run(Session.transact(Effect.flatMap(ada, (one) => Session.delete(one))))
    expect(await database.run(countOf(Author))).toBe(1)
    expect(await database.run(countOf(Book))).toBe(0)
    expect(await database.run(countOf(bookGenres))).toBe(0)
    expect(await database.run(countOf(Genre))).toBe(1)
    const notes = await database.run(Database.all(Query.from(Note)))
    expect(notes.map(({ authorId, body }) => ({ authorId, body }))).toEqual([
      { authorId: null, body: "alive" }
    ])
  })

  test("a tree goes with its root", async () => {
    await database.run(
      Session.transact(
        Session.add(
          Part.make({
            code: "root",
            children: [{ code: "a", children: [{ code: "aa" }] }, { code: "b" }]
          })
        )
      )
    )
    expect(await database.run(countOf(Part))).toBe(4)
    await database.run(Session.transact(Session.delete(Part.ref("root"))))
    expect(await database.run(countOf(Part))).toBe(0)
  })

  test("reads write what is pending first, where their tables meet", async () => {
    const { words } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Author.make({ email: "carol@x" }))
          yield* Session.all(Query.from(Genre))
          const seen = yield* Database.one(
            Query.from(Author).where(Author.c.email.eq("carol@x")).select(Fn.count())
          )
          expect(seen).toBe(1)
        })
      )
    )
    const told = words.filter((word) => word === "SELECT" || word === "INSERT")
    expect(told).toEqual(["SELECT", "INSERT", "SELECT"])
  })

  test("a value given up and taken in one flush is no violation", async () => {
    await database.run(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.delete(yield* ada)
          yield* Session.add(Author.make({ email: "ada@x", name: "The second" }))
        })
      )
    )
    const one = await database.run(Session.transact(ada))
    expect(one.name).toBe("The second")
  })

  test("L38: a refused flush leaves all as before, and the next one completes", async () => {
    const result = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          yield* Session.update(one, { balance: 42 })
          const clash = Author.make({ email: "bob@x" })
          yield* Session.add(Author.make({ email: "dan@x" }), clash)
          const refused = yield* Effect.exit(Session.flush)
          const error = failureOf(refused)
          const inside = yield* Effect.provideService(Effect.exit(Session.plan), Database.Tap, null)
          // What is pending is still pending, and still refused.
          expect(Exit.isSuccess(inside)).toBe(true)
          const bob = yield* Effect.flip(Session.flush)
          expect(bob._tag).toBe("UniqueViolation")
          yield* Session.delete(clash)
          yield* Session.flush
          return { error, one: yield* Session.get(Author, one.id) }
        })
      )
    )
    expect(result.error).toMatchObject({
      _tag: "UniqueViolation",
      constraint: "authors_email_key",
      columns: ["email"],
      transaction: "alive"
    })
    expect(result.one.balance).toBe(42)
    const emails = await database.run(
      Database.all(Query.from(Author).orderBy(Author.c.email).select(Author.c.email))
    )
    expect(emails).toEqual(["ada@x", "bob@x", "dan@x"])
  })

  test("a failed session changes nothing", async () => {
    const exit = await database.run(
      Effect.exit(
        Session.transact(
          Effect.gen(function* () {
            yield* Session.update(yield* ada, { balance: 1000 })
            yield* Session.flush
            yield* Session.add(Author.make({ email: "eve@x" }))
            return yield* Effect.fail("no" as const)
          })
        )
      )
    )
    expect(failureOf(exit)).toBe("no")
    const one = await database.run(Session.transact(ada))
    expect(one.balance).toBe(0)
    expect(await database.run(countOf(Author))).toBe(2)
  })

  test("an interrupted session changes nothing", async () => {
    await database.run(
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(
          Session.transact(
            Effect.gen(function* () {
              yield* Session.update(yield* ada, { balance: 1000 })
              yield* Session.flush
              yield* Deferred.succeed(reached, undefined)
              return yield* Effect.never
            })
          )
        )
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
      })
    )
    expect((await database.run(Session.transact(ada))).balance).toBe(0)
  })

  test("a nested failure takes back rows and state to where it began, and no further", async () => {
    const one = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          yield* Session.update(one, { balance: 5 })
          const draft = Author.make({ email: "fay@x" })
          const inner = yield* Effect.exit(
            Session.nested(
              Effect.gen(function* () {
                yield* Session.update(one, { balance: 9, name: "lost" })
                yield* Session.add(draft)
                yield* Session.flush
                return yield* Effect.fail("inner" as const)
              })
            )
          )
          expect(failureOf(inner)).toBe("inner")
          expect((yield* Session.get(Author, one.id)).balance).toBe(5)
          // The draft of the undone savepoint is new again.
          yield* Session.add(draft)
          return one
        })
      )
    )
    const after = await database.run(
      Database.all(
        Query.from(Author)
          .orderBy(Author.c.email)
          .select({ e: Author.c.email, b: Author.c.balance, n: Author.c.name })
      )
    )
    expect(after).toEqual([
      { e: "ada@x", b: 5, n: "Ada" },
      { e: "bob@x", b: 0, n: null },
      { e: "fay@x", b: 0, n: null }
    ])
    expect(one.balance).toBe(0)
  })

  test("a session inside a session is a savepoint of it", async () => {
    const { words } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.update(yield* ada, { balance: 1 })
          yield* Session.transact(Effect.flatMap(ada, (one) => Session.update(one, { balance: 2 })))
        })
      )
    )
    expect(words.filter((word) => word === "COMMIT")).toHaveLength(1)
    expect((await database.run(Session.transact(ada))).balance).toBe(2)
  })

  test("a fiber that outlives its session is told so", async () => {
    const exit = await database.run(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const leaked = yield* Session.transact(
          Effect.forkDetach(
            Effect.andThen(
              Deferred.await(gate),
              Effect.exit(Session.add(Author.make({ email: "late@x" })))
            )
          )
        )
        yield* Deferred.succeed(gate, undefined)
        return yield* Fiber.join(leaked)
      })
    )
    expect(failureOf(exit)._tag).toBe("TransactionClosed")
  })

  test("a savepoint that outlives the one it is in brings nothing back", async () => {
    const { value, count } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          const opened = yield* Deferred.make<void>()
          const gate = yield* Deferred.make<void>()
          const late = Session.nested(
            Effect.andThen(Deferred.succeed(opened, undefined), Deferred.await(gate))
          )
          const fibers: Array<Fiber.Fiber<void, unknown>> = []
          const outer = Effect.gen(function* () {
            yield* Session.update(one, { balance: 9 })
            fibers.push(yield* Effect.forkDetach(late))
            yield* Deferred.await(opened)
            return yield* Effect.fail("outer" as const)
          })
          expect(yield* Effect.flip(Session.nested(outer))).toBe("outer")
          yield* Deferred.succeed(gate, undefined)
          expect(Exit.isFailure(yield* Fiber.await(fibers[0]!))).toBe(true)
          return yield* Session.get(Author, one.id)
        })
      )
    )
    expect(value.balance).toBe(0)
    // What was pending is not the inner savepoint's: it was written before it, and taken back.
    expect(count("UPDATE")).toBe(1)
    expect((await database.run(Session.transact(ada))).balance).toBe(0)
  })

  test("a savepoint ends with a flush: what a row breaks stays in it", async () => {
    const taken = (email: string) => Session.add(Author.make({ email }))
    const helper = Session.transact(taken("bob@x")).pipe(
      Effect.catchTag("UniqueViolation", ({ columns }) => Effect.succeed(columns))
    )
    const work = Effect.gen(function* () {
      const one = yield* ada
      yield* Session.update(one, { balance: 3 })
      const violated = yield* Effect.flip(Session.nested(taken("ada@x")))
      const columns = yield* helper
      yield* Session.nested(taken("eve@x"))
      return { tag: violated._tag, columns }
    })
    expect(await database.run(Session.transact(work))).toEqual({
      tag: "UniqueViolation",
      columns: ["email"]
    })
    expect((await database.run(Session.transact(ada))).balance).toBe(3)
    expect(await database.run(countOf(Author))).toBe(3)
  })

  test("a value of an earlier session is as good as one of this", async () => {
    const before = await database.run(Session.transact(ada))
    const { count } = await database.counting(
      Session.transact(Session.update(before, { balance: 11 }))
    )
    expect(count("SELECT")).toBe(0)
    expect((await database.run(Session.transact(ada))).balance).toBe(11)
  })

  test("a patch may name a parent by value, reference or key", async () => {
    const titles = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const bob = yield* Session.one(Query.from(Author).match({ email: "bob@x" }))
          const book = yield* Session.one(Query.from(Book).match({ title: "Notes" }))
          yield* Session.update(book, { authorId: bob.id })
          return yield* Session.load(bob, Author.books)
        })
      )
    )
    expect(titles.map((book) => book.title)).toEqual(["Notes"])
  })

  test("of two sessions that update one version, one is stale", async () => {
    await database.run(Session.transact(Session.add(Account.make({ balance: 100 }))))
    const account = await database.run(Session.transact(Session.one(Query.from(Account))))
    expect(account.version).toBe(1)
    await database.run(Session.transact(Session.update(account, { balance: 90 })))
    const exit = await database.run(
      Effect.exit(Session.transact(Session.update(account, { balance: 80 })))
    )
    expect(failureOf(exit)).toMatchObject({ _tag: "StaleRow", table: "accounts" })
    const now = await database.run(Session.transact(Session.one(Query.from(Account))))
    expect({ balance: now.balance, version: now.version }).toEqual({ balance: 90, version: 2 })
  })

  test("a command past the session makes it forget that table", async () => {
    const balance = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* ada
          yield* Database.run(Query.update(Author).set({ balance: 77 }).everyRow())
          return (yield* Session.get(Author, one.id)).balance
        })
      )
    )
    expect(balance).toBe(77)
  })

  test("a command beside a flush of other tables is not forgotten by it", async () => {
    const name = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const genre = yield* Session.one(Query.from(Genre))
          const { id } = yield* Database.one(Query.from(Author).match({ email: "ada@x" }))
          yield* Session.delete(Author.ref(id))
          const command = Query.update(Genre).set({ name: "death" }).everyRow()
          yield* Effect.all([Session.flush, Database.run(command)], { concurrency: 2 })
          return (yield* Session.get(Genre, genre.id)).name
        })
      )
    )
    expect(name).toBe("death")
  })

  test.each([
    ["by key", (id: number) => Session.get(Author, id)],
    ["by a query", () => Session.all(Query.from(Author))],
    ["by a plan", () => Session.all(Query.from(Book), { author: true })]
  ] as const)("what is read %s while a command is on its way is not believed", async (_, read) => {
    const balance = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const { id } = yield* Database.one(Query.from(Author).match({ email: "ada@x" }))
          const command = Query.update(Author).set({ balance: 77 }).everyRow()
          yield* Effect.all([read(id), Database.run(command)], { concurrency: 2 })
          return (yield* Session.get(Author, id)).balance
        })
      )
    )
    expect(balance).toBe(77)
  })

  test("what a flush would do can be read before it does it", async () => {
    const steps = await database.run(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.delete(yield* ada)
          const plan = yield* Session.plan
          return plan.steps.map((step) => `${step.kind} ${step.table.name}`)
        })
      )
    )
    expect(steps).toContain("delete authors")
    expect(steps.indexOf("delete books")).toBeLessThan(steps.indexOf("delete authors"))
    expect(steps).toContain("update notes")
  })
})
