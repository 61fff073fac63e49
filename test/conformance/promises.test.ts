/** A program of plain promises, with one runtime: what a web server without Effect is. */
import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { drivers, engines, place } from "./engine-support.ts"

class Person extends Entity<Person>()("promised", {
  id: Column.id(),
  name: Column.varchar(40).unique()
}) {}

const byName = Query.from(Person).orderBy(Person.c.name)

describe.each(engines)("plain promises on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  const open = (url: string) => ManagedRuntime.make(Database.layerUrl(url, { drivers }))
  let runtime: ReturnType<typeof open>
  beforeAll(async () => {
    own = await place(engine)
    runtime = open(own.url)
    await runtime.runPromise(Database.create(Catalog.make({ Person })))
  })
  afterAll(() => own.drop())

  test("verbs, streams and sessions run, fail and are stopped through one [F154.3]", async () => {
    const added = await Promise.all(
      ["b", "a", "c"].map((name) =>
        runtime.runPromise(Database.run(Query.insert(Person).values({ name })))
      )
    )
    expect(added).toEqual([1, 1, 1])
    const names: Array<string> = []
    const rows = Stream.toAsyncIterableWith(Database.stream(byName), await runtime.context())
    for await (const { name } of rows) names.push(name)
    expect(names).toEqual(["a", "b", "c"])
    // One that is left early gives its connection back.
    const left = Stream.toAsyncIterableWith(Database.stream(byName), await runtime.context())
    for await (const { name } of left) {
      expect(name).toBe("a")
      break
    }
    const renamed = Session.transact(
      Effect.gen(function* () {
        const person = yield* Session.one(Query.from(Person).where(Person.c.name.eq("c")))
        return yield* Session.update(person, { name: "d" })
      })
    )
    expect(await runtime.runPromise(renamed)).toMatchObject({ name: "d" })
    await expect(
      runtime.runPromise(Database.run(Query.insert(Person).values({ name: "a" })))
    ).rejects.toMatchObject({ _tag: "UniqueViolation", columns: ["name"] })
    // The signal of a client that has gone.
    const gone = new AbortController()
    const held = Database.transaction(
      Effect.andThen(Database.run(Query.deleteFrom(Person).everyRow()), Effect.never)
    )
    const stopped = runtime.runPromise(held, { signal: gone.signal }).then(
      () => "answered",
      () => "stopped"
    )
    setTimeout(() => gone.abort(), 50)
    expect(await stopped).toBe("stopped")
    expect(await runtime.runPromise(Database.count(byName))).toBe(3)
    const { pool } = await runtime.runPromise(Database)
    expect(pool.stats()).toMatchObject({ used: 0, waiting: 0 })
    await runtime.dispose()
    expect(pool.stats().open).toBe(0)
  })
})
