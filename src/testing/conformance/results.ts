import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Column from "../../algebra/schema/Column.ts"
import * as Query from "../../algebra/Query.ts"
import * as Table from "../../algebra/schema/Table.ts"
import { Database } from "../../effects/Database.ts"
import { conforms } from "./Case.ts"

const items = Table.make("cf_items", {
  id: Column.integer().primaryKey(),
  data: Column.varchar(50)
})
const percents = Table.exact("cf_per%cent", {
  id: Column.id(),
  "per%cent": Column.integer(),
  "%(oneofthese)s": Column.integer()
})
const { data, id } = items.c
const filled = (count: number) => {
  const rows = Array.from({ length: count }, (_, at) => ({ id: at, data: `data ${at}` }))
  return Database.run(Query.insert(items).rows(rows))
}

export const results = [
  conforms(
    "results.rows",
    "Rows are records or tuples, as they are selected; one value is itself.",
    { items },
    ({ fails, same }) =>
      Effect.gen(function* () {
        yield* filled(3)
        const ordered = Query.from(items).orderBy(id)
        yield* same(yield* Database.all(ordered.select({ id, of: { data } })), [
          { id: 0, of: { data: "data 0" } },
          { id: 1, of: { data: "data 1" } },
          { id: 2, of: { data: "data 2" } }
        ])
        yield* same(yield* Database.first(ordered.select([id, data])), Option.some([0, "data 0"]))
        yield* same(yield* Database.one(Query.from(items).where(id.eq(2)).select(data)), "data 2")
        yield* fails(Database.one(Query.from(items).where(id.eq(9)).select(data)), "NotFound")
        yield* fails(Database.one(Query.from(items).select(data)), "RowCount")
      })
  ),
  conforms(
    "results.same-names",
    "Columns of one name in two tables stay apart.",
    { items },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled(2)
        const other = Query.alias(items, "other")
        const pairs = Query.from(items)
          .join(other, other.c.id.eq(id.add(1)))
          .select({ one: { id, data }, two: { id: other.c.id, data: other.c.data } })
        yield* same(yield* Database.all(pairs), [
          { one: { id: 0, data: "data 0" }, two: { id: 1, data: "data 1" } }
        ])
      })
  ),
  conforms(
    "results.percent-names",
    "Names with percent signs are written, filtered by and read.",
    { percents },
    ({ same }) =>
      Effect.gen(function* () {
        const { "%(oneofthese)s": one, "per%cent": percent } = percents.c
        yield* Database.run(
          Query.insert(percents).rows([
            { "per%cent": 5, "%(oneofthese)s": 4 },
            { "per%cent": 7, "%(oneofthese)s": 6 }
          ])
        )
        const found = Query.from(percents)
          .where(percent.in([5, 6, 7]))
          .orderBy(percent)
        yield* same(yield* Database.all(found.select([percent, one])), [
          [5, 4],
          [7, 6]
        ])
        yield* Database.run(Query.update(percents).set({ "%(oneofthese)s": 15 }).everyRow())
        yield* same(yield* Database.all(found.select(one)), [15, 15])
      })
  ),
  conforms(
    "results.streams",
    "A stream gives every row in order, and may end early.",
    { items },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled(250)
        const rows = Database.stream(Query.from(items).orderBy(id).select(id))
        yield* same(
          yield* Stream.runCollect(rows),
          Array.from({ length: 250 }, (_, at) => at)
        )
        yield* same(yield* Stream.runCollect(Stream.take(rows, 3)), [0, 1, 2])
        yield* same(yield* Database.count(Query.from(items)), 250, "the count after it")
      })
  ),
  conforms(
    "results.counts",
    "A write says how many rows it touched; a query can be counted.",
    { items },
    ({ same }) =>
      Effect.gen(function* () {
        yield* same(yield* filled(9), 9, "the count of an insert")
        const some = id.lt(4)
        const update = Query.update(items).set({ data: "x" }).where(some)
        yield* same(yield* Database.run(update), 4, "the count of an update")
        yield* same(yield* Database.run(update), 4, "the count of the same update")
        yield* same(yield* Database.count(Query.from(items).where(some)), 4)
        yield* same(yield* Database.exists(Query.from(items).where(id.eq(99))), false)
        yield* same(yield* Database.run(Query.deleteFrom(items).where(some)), 4, "of a delete")
      })
  )
]
