import { Catalog, Column, Database, Query, StatementError, Table } from "athanor"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const tens = Table.make("tens", {
  id: Column.integer().identity({ always: true, start: 100, increment: 10 }).primaryKey(),
  name: Column.text()
})
const down = Table.make("down", {
  id: Column.bigint()
    .identity({ start: 3, increment: -1, minimum: 2, maximum: 3, cycle: true })
    .primaryKey(),
  name: Column.text()
})
const plain = Table.make("plain", {
  id: Column.integer().identity().primaryKey(),
  name: Column.text()
})

describe.each(engines)("identity columns on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { plain })

  test("without options one counts, and takes a value where one is given", async () => {
    const add = (id?: number) =>
      Database.one(Query.insert(plain).values({ id, name: "x" }).returning(plain.c.id))
    expect(await run(add())).toBe(1)
    expect(await run(add(50))).toBe(50)
    expect(await run(add())).toBeGreaterThan(1)
  })

  if (engine === "postgres") {
    test("counts by its options, always or where nothing is given [F88.4]", async () => {
      await run(Database.create(Catalog.make({ tens, down })))
      const ten = Database.one(Query.insert(tens).values({ name: "x" }).returning(tens.c.id))
      expect(await run(Effect.all([ten, ten, ten]))).toEqual([100, 110, 120])
      const given = Database.script("INSERT INTO tens (id, name) VALUES (1, 'x')")
      expect(await failure(given)).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "other" })
      const next = Database.one(Query.insert(down).values({ name: "x" }).returning(down.c.id))
      expect(await run(next)).toBe(3n)
      expect(await run(next)).toBe(2n)
      // It begins again, where there is a row already.
      expect(await failure(next)).toMatchObject({ _tag: "UniqueViolation" })
      const own = Query.insert(down).values({ id: 77n, name: "x" }).returning(down.c.id)
      expect(await run(Database.one(own))).toBe(77n)
      const { tables } = await run(Database.reflect())
      const found = tables.find(({ name }) => name === "tens")!.columns[0]!
      expect(found).toMatchObject({ identity: "always", counter: { start: 100n, increment: 10n } })
    })
  } else {
    test("options of one are refused [F88.4]", async () => {
      for (const table of [tens, down]) {
        const error = await failure(Database.create(Catalog.make({ table })))
        expect(error).toMatchObject({ _tag: "Unsupported", capability: "identityColumns" })
      }
    })
  }
})

test("numbers of a counter are whole, and it goes on", () => {
  for (const wrong of [{ start: 0.5 }, { increment: 0 }, { cache: 0 }, { maximum: Infinity }])
    expect(() => Column.integer().identity(wrong)).toThrow(StatementError)
})
