/** A tree as intervals: a branch is a range of an index; a new node moves what is beside it. */
import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

const animals = Table.make("animals", {
  name: Column.varchar(50).primaryKey(),
  low: Column.integer(),
  high: Column.integer()
})

const highOf = (name: string) =>
  Database.one(Query.from(animals).where(animals.c.name.eq(name)).select(animals.c.high))

const shifted = Effect.fn(function* (from: number) {
  const { high, low } = animals.c
  yield* Database.run(
    Query.update(animals)
      .set({ high: high.add(2) })
      .where(high.gte(from))
  )
  yield* Database.run(
    Query.update(animals)
      .set({ low: low.add(2) })
      .where(low.gte(from))
  )
})

/** Puts one last below its parent. Two at once would number alike: they are done one by one. */
const add = (name: string, parent: string | null) =>
  Database.transaction(
    Effect.gen(function* () {
      const low = parent === null ? 1 : yield* highOf(parent)
      yield* shifted(low)
      yield* Database.run(Query.insert(animals).values({ name, low, high: low + 1 }))
    }),
    { isolation: "serializable", retry: Schedule.recurs(5) }
  )

const inside = Query.alias(animals, "inside")
const depths = Query.from(animals)
  .join(inside, inside.c.low.between(animals.c.low, animals.c.high))
  .groupBy(inside.c.name, inside.c.low)
  .orderBy(inside.c.low)
  .select({ name: inside.c.name, depth: Fn.count() })

const top = Query.alias(animals, "top")
const below = (name: string) =>
  Query.from(animals)
    .join(top, animals.c.low.gt(top.c.low).and(animals.c.low.lt(top.c.high)))
    .where(top.c.name.eq(name))
    .orderBy(animals.c.low)
    .select(animals.c.name)

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ animals }))
  yield* add("animals", null)
  yield* add("birds", "animals")
  yield* add("fish", "animals")
  yield* add("crows", "birds")
  return { below: yield* Database.all(below("birds")), depths: yield* Database.all(depths) }
})

export const expected = {
  below: ["crows"],
  depths: [
    { name: "animals", depth: 1 },
    { name: "birds", depth: 2 },
    { name: "crows", depth: 3 },
    { name: "fish", depth: 2 }
  ]
}
