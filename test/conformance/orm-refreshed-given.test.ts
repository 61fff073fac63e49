import { Catalog, Column, Database, Entity, Load, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Writer extends Entity<Writer>()("writers", {
  id: Column.id(),
  name: Column.text(),
  age: Column.integer()
}) {
  static readonly books = this.hasMany(() => Book)
}
class Book extends Entity<Book>()("books", {
  id: Column.id(),
  pages: Column.integer(),
  writerId: Column.integer()
}) {
  static readonly writer = this.belongsTo(() => Writer)
}
const writers = Query.from(Writer).orderBy(Writer.c.id)
const books = Query.from(Book).orderBy(Book.c.id)

describe.each(engines)("on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Writer, Book })))
    const add = Effect.gen(function* () {
      yield* Session.add(Writer.make({ name: "ann", age: 7, books: [{ pages: 1 }] }))
      yield* Session.flush
      yield* Session.add(
        Writer.make({ name: "bob", age: 8 }),
        Writer.make({ name: "cleo", age: 9 })
      )
    })
    await database.run(Session.transact(add))
  })
  afterAll(() => database.dispose())

  test("a refreshed value has what its plan gave it as it is now, and below it too", async () => {
    const long = Load.with(Writer, { age2: (w) => w.age.mul(2), plus: (w) => w.age.add(1) })
    const doubled = Load.with(Book, { twice: (b) => b.pages.mul(2) }, { writer: long })
    const seen = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const [ann, bob] = yield* Session.all(writers, long)
          const [book] = yield* Session.all(books, doubled)
          const bare = yield* Session.get(Writer, 3)
          const renamed = yield* Session.update(bob!, { name: "robert" })
          yield* Session.flush
          yield* Database.run(Query.update(Writer).set({ age: 50 }).where(Writer.c.id.gt(0)))
          yield* Database.run(Query.update(Book).set({ pages: 70 }).where(Book.c.id.gt(0)))
          const [one, two, three] = yield* Session.refresh([ann!, renamed, bare])
          const again = yield* Session.refresh(book!)
          const twice = yield* Session.refresh(again)
          const all = [one, two, three, again, twice].map((each) =>
            Object.fromEntries(Object.entries(each!))
          )
          return yield* Effect.fail({ _tag: "Undone" as const, all, old: ann!.age2 })
        })
      ).pipe(Effect.catch((error) => ("all" in error ? Effect.succeed(error) : Effect.die(error))))
    )
    expect(seen.old).toBe(14)
    expect(seen.all).toMatchObject([
      { age: 50, age2: 100, plus: 51 },
      { name: "robert", age: 50, age2: 100, plus: 51 },
      { age: 50 },
      { pages: 70, twice: 140, writer: { age2: 100, plus: 51 } },
      { pages: 70, twice: 140, writer: { age2: 100, plus: 51 } }
    ])
    expect(seen.all[2]).not.toHaveProperty("age2")
  })
})
