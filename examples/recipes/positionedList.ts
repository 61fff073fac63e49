/** A list whose rows know their places: what is put in between moves the others along. */
import { Catalog, Column, Database, Entity, Query } from "athanor"
import * as Effect from "effect/Effect"

class Song extends Entity<Song>()("songs", {
  id: Column.integer().primaryKey(),
  title: Column.varchar(50),
  place: Column.integer()
}) {}
const { id, place, title } = Song.c

/** Makes room from a place on, or closes the gap a song leaves there. */
const shift = (from: number, by: 1 | -1) =>
  Database.run(
    Query.update(Song)
      .set({ place: place.add(by) })
      .where(place.gte(from))
  )

const insertAt = (at: number, song: { readonly id: number; readonly title: string }) =>
  Database.transaction(
    Effect.andThen(shift(at, 1), Database.run(Query.insert(Song).values({ ...song, place: at })))
  )

const move = (song: number, to: number) =>
  Database.transaction(
    Effect.gen(function* () {
      const from = yield* Database.one(Query.from(Song).where(id.eq(song)).select(place))
      yield* shift(from + 1, -1)
      yield* shift(to, 1)
      yield* Database.run(Query.update(Song).set({ place: to }).where(id.eq(song)))
    })
  )

const titles = Database.all(Query.from(Song).orderBy(place).select(title))

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ Song }))
  yield* insertAt(0, { id: 1, title: "first" })
  yield* insertAt(1, { id: 2, title: "last" })
  yield* insertAt(1, { id: 3, title: "between" })
  const inserted = yield* titles
  yield* move(2, 0)
  return { inserted, moved: yield* titles }
})

export const expected = {
  inserted: ["first", "between", "last"],
  moved: ["last", "first", "between"]
}
