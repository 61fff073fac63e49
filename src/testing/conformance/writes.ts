import * as Effect from "effect/Effect"
import * as Column from "../../algebra/schema/Column.ts"
import * as Expr from "../../algebra/Expr.ts"
import * as Query from "../../algebra/Query.ts"
import * as Table from "../../algebra/schema/Table.ts"
import * as Type from "../../algebra/types.ts"
import { Database } from "../../effects/Database.ts"
import { conforms } from "./Case.ts"

const notes = Table.make("cf_notes", {
  id: Column.id(),
  text: Column.varchar(50).nullable(),
  stars: Column.integer().serverDefault(3)
})
const copies = Table.make("cf_copies", { id: Column.id(), text: Column.varchar(50).nullable() })
const keyed = Table.make("cf_keyed", {
  id: Column.integer().primaryKey(),
  data: Column.varchar(50)
})

const { id, stars, text } = notes.c
const rows = [{ text: "a" }, { text: "b" }, { text: null }]
const allTexts = Database.all(Query.from(notes).orderBy(id).select(text))

export const writes = [
  conforms(
    "writes.key",
    "The key the server made comes back.",
    { notes },
    ({ same }) =>
      Effect.gen(function* () {
        const one = Query.insert(notes).values({ text: "some data" }).returning(id)
        yield* same(yield* Database.one(one), 1)
        yield* same(yield* Database.one(one), 2)
        const found = Query.from(notes).where(id.eq(2)).select({ id, text, stars })
        yield* same(yield* Database.one(found), { id: 2, text: "some data", stars: 3 })
      }),
    "insertReturning"
  ),
  conforms(
    "writes.keys-in-order",
    "Keys of many rows come back in the order of the rows.",
    { notes },
    ({ same }) =>
      Effect.gen(function* () {
        const many = Array.from({ length: 500 }, (_, at) => ({ text: `row ${at}` }))
        const back = yield* Database.all(Query.insert(notes).rows(many).returning([id, text]))
        yield* same(
          back.map(([, of]) => of),
          many.map(({ text: of }) => of),
          "the texts"
        )
        yield* same(new Set(back.map(([key]) => key)).size, 500, "the number of keys")
      }),
    "insertReturning"
  ),
  conforms(
    "writes.defaults",
    "Columns left out have their defaults; a row may be of defaults alone, and no rows are none.",
    { notes },
    ({ same }) =>
      Effect.gen(function* () {
        yield* Database.run(Query.insert(notes).values({}))
        yield* Database.run(Query.insert(notes).values({ stars: Expr.byDefault() }))
        const all = Query.from(notes).orderBy(id).select([text, stars])
        yield* same(yield* Database.all(all), [
          [null, 3],
          [null, 3]
        ])
      })
  ),
  conforms("writes.from-query", "Rows of a query are inserted.", { notes, copies }, ({ same }) =>
    Effect.gen(function* () {
      yield* Database.run(Query.insert(notes).rows(rows))
      const longer = Query.from(notes)
        .where(text.isNotNull())
        .orderBy(id)
        .select({ text: text.concat("!") })
      yield* Database.run(Query.insert(copies).fromSelect(longer))
      const copied = Query.from(copies).orderBy(copies.c.id).select(copies.c.text)
      yield* same(yield* Database.all(copied), ["a!", "b!"])
      const own = Query.from(notes).select({ text })
      yield* Database.run(Query.insert(notes).fromSelect(own))
      yield* same(yield* Database.count(Query.from(notes)), 6, "rows of the table itself")
    })
  ),
  conforms("writes.update", "An update changes the rows it finds.", { notes }, ({ same }) =>
    Effect.gen(function* () {
      yield* Database.run(Query.insert(notes).rows(rows))
      const told = yield* Database.run(Query.update(notes).set({ text: "c" }).where(id.eq(2)))
      yield* same(told, 1, "the count")
      yield* same(yield* allTexts, ["a", "c", null])
      const same3 = yield* Database.run(Query.update(notes).set({ text: "c" }).where(id.eq(2)))
      yield* same(same3, 1, "the count of rows that were so before")
    })
  ),
  conforms("writes.delete", "A delete removes the rows it finds.", { notes }, ({ same }) =>
    Effect.gen(function* () {
      yield* Database.run(Query.insert(notes).rows(rows))
      yield* same(yield* Database.run(Query.deleteFrom(notes).where(id.gt(1))), 2, "the count")
      yield* same(yield* allTexts, ["a"])
      yield* same(yield* Database.run(Query.deleteFrom(notes).where(id.gt(1))), 0, "the count")
    })
  ),
  conforms(
    "writes.insert-returning",
    "An insert gives back columns and expressions.",
    { notes },
    ({ same }) =>
      Effect.gen(function* () {
        const one = Query.insert(notes)
          .values({ text: "a" })
          .returning({ id, twice: stars.mul(2), text })
        yield* same(yield* Database.all(one), [{ id: 1, twice: 6, text: "a" }])
      }),
    "insertReturning"
  ),
  conforms(
    "writes.update-returning",
    "An update gives back the rows as they are then.",
    { notes },
    ({ same }) =>
      Effect.gen(function* () {
        yield* Database.run(Query.insert(notes).rows(rows))
        const changed = Query.update(notes)
          .set({ stars: stars.add(1) })
          .where(id.eq(1))
        yield* same(yield* Database.all(changed.returning([id, stars])), [[1, 4]])
      }),
    "updateReturning"
  ),
  conforms(
    "writes.delete-returning",
    "A delete gives back the rows it removed.",
    { notes },
    ({ same }) =>
      Effect.gen(function* () {
        yield* Database.run(Query.insert(notes).rows(rows))
        const gone = Query.deleteFrom(notes).where(id.eq(1)).returning([id, text])
        yield* same(yield* Database.all(gone), [[1, "a"]])
        yield* same(yield* allTexts, ["b", null])
      }),
    "deleteReturning"
  ),
  conforms(
    "writes.upsert",
    "A row whose key is there is left, or changed with what was proposed.",
    { keyed },
    ({ same }) =>
      Effect.gen(function* () {
        const proposed = Query.excluded(keyed)
        const insert = Query.insert(keyed).rows([
          { id: 1, data: "a" },
          { id: 2, data: "b" }
        ])
        const all = Database.all(
          Query.from(keyed).orderBy(keyed.c.id).select([keyed.c.id, keyed.c.data])
        )
        yield* Database.run(insert)
        yield* Database.run(insert.onConflict().doNothing())
        yield* same(yield* all, [
          [1, "a"],
          [2, "b"]
        ])
        const again = Query.insert(keyed).rows([
          { id: 2, data: "c" },
          { id: 3, data: "d" }
        ])
        yield* Database.run(again.onConflict(keyed.c.id).doUpdate({ data: proposed.c.data }))
        yield* same(yield* all, [
          [1, "a"],
          [2, "c"],
          [3, "d"]
        ])
      })
  ),
  conforms("writes.values", "A value may be any expression.", { notes }, ({ same }) =>
    Effect.gen(function* () {
      const made = Expr.value("x", Type.text).concat("y")
      yield* Database.run(Query.insert(notes).values({ text: made }))
      yield* same(yield* allTexts, ["xy"])
    })
  )
]
