/** Rows spread over databases by their key: one is asked for one key, all of them for the rest. */
import { Catalog, Column, Database, Query, Table } from "athanor"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"

const users = Table.make("users", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(50)
})

/** The chooser is a function of the key; where the shards change, so does what stands where. */
export const sharded = (shards: ReadonlyArray<Context.Context<Database>>) => {
  const of = (id: number) => shards[id % shards.length]!
  const on =
    (id: number) =>
    <A, E>(work: Effect.Effect<A, E, Database>) =>
      Effect.provide(work, of(id))
  const everywhere = <A, E>(work: Effect.Effect<A, E, Database>) =>
    Effect.forEach(shards, (shard) => Effect.provide(work, shard), { concurrency: "unbounded" })
  return { everywhere, on }
}

/** Each shard gives its first ones in order: the first of all are among them. */
const firstByName = (count: number) =>
  Query.from(users).orderBy(users.c.name).limit(count).select(users.c.name)

export const recipe = Effect.fn(function* (shards: ReadonlyArray<Context.Context<Database>>) {
  const { everywhere, on } = sharded(shards)
  yield* everywhere(Database.create(Catalog.make({ users })))
  for (const [i, name] of ["dan", "ann", "cleo", "bob"].entries())
    yield* on(i)(Database.run(Query.insert(users).values({ id: i, name })))
  const byKey = (id: number) => Query.from(users).where(users.c.id.eq(id)).select(users.c.name)
  const merged = (yield* everywhere(Database.all(firstByName(3)))).flat().toSorted().slice(0, 3)
  return {
    one: yield* on(2)(Database.one(byKey(2))),
    counts: yield* everywhere(Database.count(Query.from(users))),
    merged
  }
})

export const expected = { one: "cleo", counts: [2, 2], merged: ["ann", "bob", "cleo"] }
