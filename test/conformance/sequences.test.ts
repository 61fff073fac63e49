import { Catalog, Column, Database, Query, Sequence, StatementError, Table } from "athanor"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const tens = Sequence.make("tens", { start: 100, increment: 10, cache: 1 })
const round = Sequence.make('it\'s `a` "ring"', {
  start: 3,
  minimum: 1,
  maximum: 3,
  increment: -2,
  cycle: true,
  cache: 1
})
const bills = Table.make("bills", {
  id: Column.id(),
  number: Column.bigint().serverDefault(Sequence.next(tens))
})
const catalog = Catalog.make({ bills, tens, round })

describe.each(engines)("sequences on %s", (engine) => {
  const { failure, run } = useDatabase(engine, {})

  if (engine === "sqlite") {
    test("are refused, to create and to ask [F88.5] [F88.6]", async () => {
      const refused = { _tag: "Unsupported", capability: "sequences" }
      const alone = Catalog.make({ tens })
      expect(await failure(Database.create(alone))).toMatchObject(refused)
      expect(await failure(Database.drop(alone))).toMatchObject(refused)
      const asked = Database.one(Query.select(Sequence.next(tens)))
      expect(await failure(asked)).toMatchObject(refused)
    })
    return
  }

  test("count by their options, in a statement and as a default [F88.5]", async () => {
    await run(Database.create(catalog))
    await run(Database.create(catalog, { ifMissing: true }))
    const next = (sequence: Sequence.Sequence) =>
      Database.one(Query.select(Sequence.next(sequence)))
    expect(await run(Effect.all([next(tens), next(tens)]))).toEqual([100n, 110n])
    expect(await run(Effect.all([next(round), next(round), next(round)]))).toEqual([3n, 1n, 3n])
    const add = Query.insert(bills).values({}).returning(bills.c.number)
    expect(await run(Effect.all([Database.one(add), Database.one(add)]))).toEqual([120n, 130n])
  })

  test("give the number of an insert back to its caller [F88.6]", async () => {
    const add = Query.insert(bills)
      .rows([{ number: Sequence.next(tens) }, { number: Sequence.next(tens) }])
      .returning(bills.c.number)
    expect((await run(Database.all(add))).toSorted((a, b) => Number(a - b))).toEqual([140n, 150n])
    // A number is not given again, even where its transaction is undone.
    const one = Query.insert(bills)
      .values({ number: Sequence.next(tens) })
      .returning(bills.c.number)
    const undone = Database.transaction(Effect.andThen(Database.one(one), Effect.fail("no")))
    await run(Effect.exit(undone))
    expect(await run(Database.one(one))).toBe(170n)
    if (engine === "postgres") {
      const { sequences } = await run(Database.reflect())
      expect(sequences.find(({ name }) => name === "tens")).toMatchObject({
        start: 100n,
        increment: 10n,
        minimum: 1n,
        cycle: false
      })
    }
    await run(Database.drop(catalog))
    expect(await failure(Database.one(Query.select(Sequence.next(tens))))).toMatchObject({
      _tag: "SyntaxOrUndefined"
    })
  })
})

test("a name that would be cut, and numbers that are not whole, are refused", () => {
  for (const make of [
    () => Sequence.make("x".repeat(64)),
    () => Sequence.make("é".repeat(32)),
    () => Sequence.make(""),
    () => Sequence.make("a\u0000"),
    () => Sequence.make("a", { increment: 0 }),
    () => Sequence.make("a", { start: 1.5 })
  ])
    expect(make).toThrow(StatementError)
})
