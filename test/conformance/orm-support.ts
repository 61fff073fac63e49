import { Database, Query } from "athanor"
import * as Effect from "effect/Effect"
import { connect, type EngineName } from "../runtime/databases.ts"
import {
  Account,
  Badge,
  catalog,
  Country,
  Course,
  courseTopics,
  Enrolment,
  Letter,
  Link,
  Log,
  Mark,
  Node,
  Person,
  Pet,
  Port,
  Rigid,
  Topic,
  Town
} from "./orm-schema.ts"

type Any = Query.From<string, unknown>

/** Children before parents. */
const all: ReadonlyArray<Any> = [
  Mark,
  Enrolment,
  courseTopics,
  Topic,
  Course,
  Log,
  Badge,
  Pet,
  Letter,
  Person,
  Port,
  Town,
  Country,
  Rigid,
  Account
]

const erase = Effect.gen(function* () {
  for (const one of all) yield* Database.run(Query.deleteFrom(one).everyRow())
  yield* Database.run(Query.update(Node).set({ upCode: null, peerCode: null }).everyRow())
  yield* Database.run(Query.deleteFrom(Node).everyRow())
  yield* Database.run(Query.update(Link).set({ upCode: null, peerCode: null }).everyRow())
  yield* Database.run(Query.deleteFrom(Link).everyRow())
})

/** A database with the tables of the entities, and a way to empty them. */
export const entities = async (engine: EngineName) => {
  const database = await connect(engine)
  await database.run(Database.create(catalog))
  const empty = () => database.run(Database.transaction(erase))
  const count = (one: Any) => database.run(Database.count(Query.from(one)))
  const failure = <A, E>(effect: Effect.Effect<A, E, Database>) => database.run(Effect.flip(effect))
  return { ...database, empty, count, failure }
}

export type Entities = Awaited<ReturnType<typeof entities>>
