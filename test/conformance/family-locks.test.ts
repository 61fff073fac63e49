import { Catalog, Column, Database, Entity, Family, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/** No version: who changes a member's own column writes its own table alone. */
const works = Family.joined(
  "works",
  "kind",
  { id: Column.id(), kind: Column.varchar(10), name: Column.varchar(20) },
  { book: { pages: Column.integer() }, film: { minutes: Column.integer() } },
  { tables: { book: "books", film: "films" } }
)
class Book extends Family.member<Book>()(works, "book") {}
class Film extends Family.member<Film>()(works, "film") {}
const Work = Family.of(works, { book: Book, film: Film })
class Shelf extends Entity<Shelf>()("shelves", { id: Column.id(), name: Column.varchar(20) }) {}

describe.each(engines)("locked rows of a joined family on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Work, Shelf })))
    const add = Effect.andThen(
      Effect.andThen(Session.add(Book.make({ name: "Emma", pages: 1 })), Session.flush),
      Session.add(Film.make({ name: "Clueless", minutes: 97 }), Shelf.make({ name: "Emma" }))
    )
    await database.run(Session.transact(add))
  })
  afterAll(() => database.dispose())

  /** Tables of which another transaction cannot have the row of this key. */
  const heldNow = (id: number) =>
    Effect.promise(async () => {
      const held: Array<string> = []
      for (const table of ["works", "books", "films"]) {
        const ask = Database.script(`select * from ${table} where id = ${id} for update nowait`)
        const said = await database.run(
          Effect.match(ask, { onFailure: String, onSuccess: () => "" })
        )
        if (said.includes("LockTimeout")) held.push(table)
        else expect(said).toBe("")
      }
      return held
    })

  const ways = [
    ["get of a member", Session.with({ lock: "update" }, Session.get(Film, 2))],
    ["get of the family", Session.with({ lock: "update" }, Session.get(Work, 2))],
    ["find of the family", Session.with({ lock: "update" }, Session.find(Work, 2))],
    [
      "refresh of a value",
      Effect.flatMap(Session.get(Work, 2), (one) => Session.refresh(one, { lock: "update" }))
    ],
    [
      "refresh by a reference",
      Effect.suspend(() => Session.refresh(Film.ref(2) as never, { lock: "update" }))
    ]
  ] as const

  test.skipIf(engine === "sqlite").each(ways)(
    "%s holds every part of a row [F138.4]",
    async (_, way) => {
      const seen = await database.run(
        Session.transact(
          Effect.gen(function* () {
            yield* way as Effect.Effect<unknown, never, Session>
            return { held: yield* heldNow(2), others: yield* heldNow(1) }
          })
        )
      )
      expect(seen).toEqual({ held: ["works", "films"], others: [] })
    }
  )

  test("a query of it says that it locks nothing", async () => {
    const caught = (make: () => unknown): string => {
      try {
        make()
        return "nothing"
      } catch (error) {
        return (error as Error).message
      }
    }
    const says =
      "lock: the query joins no table, and rows inside a derived one stay free: of a class over " +
      "tables get, find and refresh lock them"
    expect(caught(() => Query.from(Work).lock())).toBe(says)
    expect(caught(() => Query.from(Film).lock())).toBe(says)
    const beside = Query.from(Shelf)
      .join(Book, Book.c.name.eq(Shelf.c.name))
      .select({ shelf: Shelf, book: Book })
      .lock()
    const seen = Effect.gen(function* () {
      const [row] = yield* Database.all(beside)
      return { pages: row?.book.pages, held: engine === "sqlite" ? [] : yield* heldNow(1) }
    })
    expect(await database.run(Database.transaction(seen))).toEqual({ pages: 1, held: [] })
  })
})
