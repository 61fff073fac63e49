import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

class Item extends Entity<Item>()("items", {
  id: Column.id(),
  name: Column.varchar(20),
  note: Column.text().nullable(),
  total: Column.integer()
}) {}

const items = Query.from(Item).orderBy(Item.c.id)
const count = 137

/** Nobody listens: texts that are known are run without the nodes of their values. */
describe("lists that were said before", () => {
  const runtime = ManagedRuntime.make(Sqlite.layer())
  beforeAll(() => runtime.runPromise(Database.create(Catalog.make({ Item }))))
  afterAll(() => runtime.dispose())

  const noteOf = (id: number, round: number): string | null =>
    (id + round) % 3 === 0 ? null : `${round} of ${id}`

  const add = (round: number) =>
    Effect.forEach(Array.from({ length: count }), (_, at) =>
      Session.add(Item.make({ name: `new ${at}`, note: noteOf(at, round), total: at }))
    )

  const change = (round: number) =>
    Effect.flatMap(Session.all(items), (all) =>
      Effect.forEach(all, (item) => {
        const { id } = item
        return Session.update(item, { name: `${round}-${id}`, note: noteOf(id, round), total: -id })
      })
    )

  test("write and give what they are given, however often", async () => {
    for (let round = 0; round < 3; round++) {
      await runtime.runPromise(Session.transact(add(round)))
      const before = await runtime.runPromise(Database.all(items))
      const fresh = before.slice(round * count)
      expect(fresh.map(({ name, note, total }) => [name, note, total])).toEqual(
        Array.from({ length: count }, (_, at) => [`new ${at}`, noteOf(at, round), at])
      )
      await runtime.runPromise(Session.transact(change(round)))
      const after = await runtime.runPromise(Database.all(items))
      expect(after.map(({ name, note, total }) => [name, note, total])).toEqual(
        before.map(({ id }) => [`${round}-${id}`, noteOf(id, round), -id])
      )
    }
  })

  test("tell a value that no column holds", async () => {
    const before = await runtime.runPromise(Database.all(items))
    const unfit = Effect.flatMap(Session.all(items), (all) =>
      Effect.forEach(all, (item, at) => Session.update(item, { total: at === 99 ? 0.5 : 1 }))
    )
    const exit = await runtime.runPromise(Effect.exit(Session.transact(unfit)))
    const failure = Exit.isFailure(exit) ? Cause.squash(exit.cause) : null
    expect(failure).toMatchObject({ _tag: "EncodeFailed" })
    expect(await runtime.runPromise(Database.all(items))).toEqual(before)
  })
})
