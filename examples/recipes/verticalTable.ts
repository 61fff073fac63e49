/** Properties nobody knew of when the table was made: rows, turned into columns for a report. */
import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
import * as Effect from "effect/Effect"

const properties = Table.make("properties", {
  animal: Column.varchar(20).primaryKey(),
  name: Column.varchar(20).primaryKey(),
  value: Column.text()
})

/** One property as a column: of each group the one value it has, or NULL. */
const property = (name: string) => Fn.max(properties.c.value).filter(properties.c.name.eq(name))

const turned = Query.from(properties)
  .groupBy(properties.c.animal)
  .orderBy(properties.c.animal)
  .select({ animal: properties.c.animal, legs: property("legs"), says: property("says") })

const set = (animal: string, name: string, value: string) =>
  Database.run(
    Query.insert(properties)
      .values({ animal, name, value })
      .onConflict(properties.c.animal, properties.c.name)
      .doUpdate({ value })
  )

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ properties }))
  yield* set("cow", "legs", "3")
  yield* set("cow", "legs", "4")
  yield* set("cow", "says", "moo")
  yield* set("snake", "says", "hiss")
  return yield* Database.all(turned)
})

export const expected = [
  { animal: "cow", legs: "4", says: "moo" },
  { animal: "snake", legs: null, says: "hiss" }
]
