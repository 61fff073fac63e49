import { Catalog, Column, Database, Entity, Fn, Load, Query, Session } from "athanor"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Writer extends Entity<Writer>()("writers", { id: Column.id(), name: Column.text() }) {
  static readonly books = this.hasMany(() => Book)
}
class Book extends Entity<Book>()("books", {
  id: Column.id(),
  title: Column.text(),
  pages: Column.integer(),
  writerId: Column.integer()
}) {
  static readonly writer = this.belongsTo(() => Writer)
}

describe.each(engines)("on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Writer, Book })))
    const ann = Writer.make({
      name: "ann",
      books: [
        { title: "a", pages: 1 },
        { title: "b", pages: 9 },
        { title: "c", pages: 9 }
      ]
    })
    const bob = Writer.make({
      name: "bob",
      books: [
        { title: "a", pages: 9 },
        { title: "d", pages: 2 }
      ]
    })
    await database.run(Session.transact(Session.add(ann, bob)))
  })
  afterAll(() => database.dispose())

  const all = Query.from(Writer).orderBy(Writer.c.name)
  const said = 'some: the alias "books" of a query within hides its rows\': alias it there'

  test("a part's condition may ask its own table within, under another name", async () => {
    const other = Query.alias(Book, "other")
    const twice = Query.from(other).groupBy(other.c.title).having(Fn.count().gt(1))
    const conditions = [
      [Book.c.title.in(twice.select(other.c.title)), [["a"], ["a"]]],
      [Book.c.pages.in(Query.from(other).select(Fn.max(other.c.pages))), [["b", "c"], ["a"]]]
    ] as const
    for (const via of [Load.selectIn, Load.joined, Load.json])
      for (const [where, expected] of conditions)
        for (const part of [
          Load.some(Book, { where }),
          Load.some(Book, { where, limit: 5 }),
          Load.some(Book, { where, load: { writer: via({ books: via() }) } })
        ]) {
          const [ann, bob] = await database.run(Load.all(all, { books: part }))
          const titles = [ann, bob].map((one) => one!.books.some.map(({ title }) => title))
          expect(titles).toEqual(expected)
        }
  })

  test("under its own name nobody could say whose column is meant: it is refused", () => {
    const twice = Query.from(Book).groupBy(Book.c.title).having(Fn.count().gt(1))
    const where = Book.c.title.in(twice.select(Book.c.title))
    expect(() => Load.some(Book, { where })).toThrow(said)
    expect(() => Load.some(Book, { where, limit: 1 })).toThrow(said)
    expect(() => Load.some(Book, { orderBy: Query.from(Book).exists().desc() })).toThrow(said)
  })
})
