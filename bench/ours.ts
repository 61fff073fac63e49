import { Database, Expr, Query, Session, Type } from "athanor"
import * as Effect from "effect/Effect"
import type { Note } from "./raw/Raw.ts"
import { catalog, notes, people, peopleWithDate, Person, readings } from "./tables.ts"
import { peopleCount, personOf, readingOf } from "./rows.ts"

/** Our side of each workload: one fiber, written as a program would write it. */

const idParameter = Expr.param("id", Type.integer)
const prepared = Query.from(people).where(people.c.id.eq(idParameter))
const preparedWithDate = Query.from(peopleWithDate).where(peopleWithDate.c.id.eq(idParameter))

/** The query is made once; each call gives its id as a named parameter. */
export const reused = (next: () => number, count: number) =>
  Effect.gen(function* () {
    for (let call = 1; call < count; call++) yield* Database.one(prepared, { id: next() })
    return yield* Database.one(prepared, { id: next() })
  })

export const reusedWithDate = (next: () => number, count: number) =>
  Effect.gen(function* () {
    for (let call = 1; call < count; call++) yield* Database.one(preparedWithDate, { id: next() })
    return yield* Database.one(preparedWithDate, { id: next() })
  })

/** All at once, as many requests of a server would be. */
export const together = <A, E, R>(fibers: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(fibers, { concurrency: "unbounded" })

const personQuery = (id: number) => Query.from(people).where(people.c.id.eq(id))

/** The query is made anew for each call, its id a value in it. */
export const rebuilt = (next: () => number, count: number) =>
  Effect.gen(function* () {
    for (let call = 1; call < count; call++) yield* Database.one(personQuery(next()))
    return yield* Database.one(personQuery(next()))
  })

/** Entities through the identity map of one unit of work. */
export const session = (next: () => number, count: number) =>
  Session.transact(
    Effect.gen(function* () {
      for (let call = 1; call < count; call++) yield* Session.get(Person, next())
      return yield* Session.get(Person, next())
    })
  )

const allReadings = Query.from(readings).orderBy(readings.c.id.asc())

export const table = Database.all(allReadings)

const key = { id: notes.c.id }

/** Each insert is a transaction of its own: on every server one statement is. */
export const inserts = (note: (at: number) => Note, count: number) =>
  Effect.gen(function* () {
    let last = 0
    for (let at = 0; at < count; at++) {
      last = (yield* Database.one(Query.insert(notes).values(note(at)).returning(key))).id
    }
    return last
  })

const insertPrepared = Query.insert(notes)
  .values({
    authorId: Expr.param("authorId", Type.integer),
    title: Expr.param("title", Type.varchar(100)),
    body: Expr.param("body", Type.varchar(500)),
    views: Expr.param("views", Type.integer)
  })
  .returning(key)

export const insertsReused = (note: (at: number) => Note, count: number) =>
  Effect.gen(function* () {
    let last = 0
    for (let at = 0; at < count; at++)
      last = (yield* Database.one(insertPrepared, { ...note(at) })).id
    return last
  })

export const updates = (note: (at: number) => Note, count: number) =>
  Database.transaction(
    Effect.gen(function* () {
      for (let at = 0; at < count; at++) {
        const { title, views } = note(at)
        yield* Database.run(
          Query.update(notes)
            .set({ title, views })
            .where(notes.c.id.eq(at + 1))
        )
      }
    })
  )

const updatePrepared = Query.update(notes)
  .set({
    title: Expr.param("title", Type.varchar(100)),
    views: Expr.param("views", Type.integer)
  })
  .where(notes.c.id.eq(idParameter))

export const updatesReused = (note: (at: number) => Note, count: number) =>
  Database.transaction(
    Effect.gen(function* () {
      for (let at = 0; at < count; at++) {
        const { title, views } = note(at)
        yield* Database.run(updatePrepared, { title, views, id: at + 1 })
      }
    })
  )

export const script = (text: string) => Database.script(text)

const chunk = 500

const inChunks = <A>(count: number, make: (at: number) => A): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: count / chunk }, (_, part) =>
    Array.from({ length: chunk }, (_, at) => make(part * chunk + at + 1))
  )

/** Tables and rows, made by us once and read by both. */
export const seed = Effect.gen(function* () {
  yield* Database.create(catalog)
  for (const rows of inChunks(peopleCount, personOf)) {
    yield* Database.run(Query.insert(people).rows(rows))
  }
  for (const rows of inChunks(1_000, readingOf)) {
    yield* Database.run(Query.insert(readings).rows(rows))
  }
})
