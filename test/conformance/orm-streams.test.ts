import { Database, Load, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines } from "../runtime/databases.ts"
import { catalog, Letter, Person, Pet } from "./orm-schema.ts"
import { place, type Program, program } from "./engine-support.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const people = 230

describe.each(engines)("streams of entities on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 3 } })
    await database.run(
      Effect.gen(function* () {
        yield* Database.create(catalog)
        const given = Array.from({ length: people }, (_, at) => ({ email: `${at}@x` }))
        const ids = yield* Database.all(
          Query.insert(Person).rows(given).returning(Person.c.id).inOrder()
        )
        yield* Database.run(
          Query.insert(Pet).rows(
            ids.flatMap((personId, at) =>
              Array.from({ length: at % 4 }, (_, n) => ({ name: `pet ${n}`, personId }))
            )
          )
        )
        const letters = ids.map((senderId, at) => ({
          text: `to ${at}`,
          senderId,
          receiverId: ids[at % 3]!
        }))
        yield* Database.run(Query.insert(Letter).rows(letters))
      })
    )
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const everybody = Query.from(Person).orderBy(Person.c.id)
  const plan = { pets: true, letters: { receiver: true } } as const
  const chunked = <A, E, R>(size: number, stream: Stream.Stream<A, E, R>) =>
    Database.with({ fetchSize: size }, stream)

  test("their to-many relations are loaded per chunk, as all at once [F29.2]", async () => {
    const whole = await database.run(Load.all(everybody, plan))
    expect(whole.reduce((sum, { pets }) => sum + pets.length, 0)).toBeGreaterThan(300)
    for (const size of [1000, 100, 37]) {
      const stream = chunked(size, Load.stream(everybody, plan))
      const { count, value } = await database.counting(Stream.runCollect(stream))
      expect(value).toEqual(whole)
      // The rows themselves, and each chunk's three relations.
      expect(count("SELECT")).toBe(1 + 3 * Math.ceil(people / size))
      const inside = Database.transaction(Stream.runCollect(stream))
      expect(await database.run(inside)).toEqual(whole)
    }
    const few = chunked(50, Load.stream(everybody, plan)).pipe(Stream.take(20), Stream.runCollect)
    const { count, value } = await database.counting(few)
    expect(value).toEqual(whole.slice(0, 20))
    expect(count("SELECT")).toBe(4)
    const stats = await database.run(Effect.map(Database, ({ pool }) => pool.stats()))
    expect(stats.used).toBe(0)
  })

  test("nothing is held beyond the chunk, unless it is asked for [F29.3]", async () => {
    const receivers = new Set<object>()
    const seen: Array<WeakRef<object>> = []
    const alive = () => seen.filter((one) => one.deref() !== undefined).length
    let most = 0
    await database.run(
      Stream.runForEachArray(
        chunked(20, Load.stream(Query.from(Letter).orderBy(Letter.c.id), { receiver: true })),
        (letters) =>
          Effect.gen(function* () {
            for (const letter of letters) {
              seen.push(new WeakRef(letter))
              // One row of three, in every chunk; each chunk has a value of its own.
              if (letter.receiverId === letters[0].receiverId && letter.receiver !== null)
                receivers.add(letter.receiver)
            }
            // References are held until a turn of the event loop is over.
            yield* Effect.sleep(1)
            collect()
            most = Math.max(most, alive())
          })
      )
    )
    expect(seen).toHaveLength(people)
    expect(most).toBeLessThanOrEqual(60)
    expect(receivers.size).toBeGreaterThanOrEqual(Math.ceil(people / 20))
    // Asked for, a session remembers what it was given: by key, and what was changed in it.
    const remembered = Session.transact(
      Effect.gen(function* () {
        const values = yield* Stream.runCollect(
          chunked(50, Session.stream(everybody, { pets: true }))
        )
        yield* Session.update(values[3]!, { nick: "three" })
        const before = values.length
        const again = yield* Stream.runCollect(chunked(100, Session.stream(everybody)))
        return [before, again[3]!.nick, values[3]!.pets.length, again.length]
      })
    )
    expect(await database.run(remembered)).toEqual([people, "three", 3, people])
    const { count } = await database.counting(
      Session.transact(
        Effect.gen(function* () {
          yield* Stream.runDrain(Session.stream(everybody))
          const first = yield* Database.one(everybody.limit(1).select(Person.c.id))
          return yield* Effect.forEach([0, 1, 2], (at) =>
            Session.get(Person, (first + at) as never)
          )
        })
      )
    )
    // The stream, and the key of the first; no value is read again.
    expect(count("SELECT")).toBe(2)
  })

  test("a write in between is not lost on what the stream gives later", async () => {
    const renamed = Session.transact(
      Effect.gen(function* () {
        const nicks: Array<string | null> = []
        yield* Stream.runForEach(
          chunked(40, Session.stream(Query.from(Person).orderBy(Person.c.id))),
          (person) =>
            Effect.gen(function* () {
              nicks.push(person.nick)
              yield* Session.update(person, { nick: `n${nicks.length}` })
            })
        )
        return nicks.length
      })
    )
    expect(await database.run(renamed)).toBe(people)
    const nicks = await database.run(Database.all(everybody.select(Person.c.nick)))
    expect(nicks).toEqual(Array.from({ length: people }, (_, at) => `n${at + 1}`))
  })
})
