import { Catalog, Column, Database, NamedType, Query, StatementError, Table, Type } from "athanor"
import { createScript, dropScript } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { dialects, useDatabase } from "./support.ts"

const mood = NamedType.enumeration("Mood's", ["sad", "it's ok", "happy"])
const people = Table.make("people", {
  id: Column.integer().primaryKey(),
  mood: Column.make(mood)
})
const pets = Table.make("pets", {
  id: Column.integer().primaryKey(),
  mood: Column.make(mood).nullable()
})
const year = NamedType.domain("model_year", Type.integer, {
  check: (value) => value.between(1900, 2100),
  default: 1999
})
const cars = Table.make("cars", {
  id: Column.integer().primaryKey(),
  made: Column.make(year).nullable()
})

describe("named types on postgres", () => {
  const { all, failure, run, sentBy } = useDatabase("postgres", {})
  const enums = async () => (await run(Database.reflect())).enums

  test("an enum is created before its tables, dropped after, if missing [F93.1]", async () => {
    const catalog = Catalog.make({ people })
    const sent = (await sentBy(Database.create(catalog))).filter((text) =>
      text.startsWith("CREATE")
    )
    expect(sent[0]).toBe(`CREATE TYPE "Mood's" AS ENUM ('sad', 'it''s ok', 'happy')`)
    expect(sent[1]).toContain(`mood "Mood's" NOT NULL`)
    expect(await enums()).toEqual([
      { schema: null, name: "Mood's", values: ["sad", "it's ok", "happy"] }
    ])
    const again = await sentBy(Database.create(catalog, { ifMissing: true }))
    expect(again.filter((text) => text.startsWith("CREATE"))).toEqual([])

    const rows = [
      { id: 1, mood: "happy" },
      { id: 2, mood: "sad" },
      { id: 3, mood: "it's ok" }
    ] as const
    await run(Database.run(Query.insert(people).rows([...rows])))
    const { c } = people
    expect(await all(Query.from(people).orderBy(c.mood).select(c.id))).toEqual([2, 3, 1])
    expect(await all(Query.from(people).where(c.mood.eq("it's ok")).select(c.id))).toEqual([3])
    expect(
      await all(
        Query.from(people)
          .where(c.mood.in(["sad", "happy"]))
          .select(c.id)
      )
    ).toEqual([1, 2])
    expect(await run(Database.run(Query.update(people).set({ mood: "sad" }).everyRow()))).toBe(3)
    expect(await all(Query.from(people).select({ mood: c.mood }).limit(1))).toEqual([
      { mood: "sad" }
    ])

    // A type of that name with other values is another.
    const other = NamedType.enumeration("Mood's", ["sad"])
    const others = Table.make("others", { id: Column.id(), mood: Column.make(other) })
    expect(await failure(Database.create(Catalog.make({ others })))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "duplicate"
    })
    const dropped = await sentBy(Database.drop(catalog))
    expect(dropped.filter((text) => text.startsWith("DROP"))).toEqual([
      "DROP TABLE IF EXISTS people",
      `DROP TYPE IF EXISTS "Mood's"`
    ])
    expect(await enums()).toEqual([])
  })

  test("two tables share one enum; dropping one table keeps it [F93.3]", async () => {
    await run(Database.create(Catalog.make({ people })))
    await run(Database.create(Catalog.make({ pets })))
    await run(Database.drop(Catalog.make({ people })))
    expect(await enums()).toHaveLength(1)
    await run(Database.run(Query.insert(pets).values({ id: 1, mood: "sad" })))
    await run(Database.drop(Catalog.make({ pets })))
    expect(await enums()).toEqual([])
    // Alone, as a member.
    await run(Database.create(Catalog.make({ mood })))
    expect(await enums()).toHaveLength(1)
    await run(Database.drop(Catalog.make({ mood })))
    expect(await enums()).toEqual([])
  })

  test("a domain holds its check and its default; what it refuses names it [F93.2]", async () => {
    await run(Database.create(Catalog.make({ cars })))
    await run(Database.run(Query.insert(cars).rows([{ id: 1 }, { id: 2, made: 2024 }])))
    expect(await all(Query.from(cars).orderBy(cars.c.id).select(cars.c.made))).toEqual([1999, 2024])
    expect(
      await all(Query.from(cars).where(cars.c.made.add(1).eq(2000)).select(cars.c.id))
    ).toEqual([1])
    const wrong = Query.insert(cars).values({ id: 3, made: 1800 })
    expect(await failure(Database.run(wrong))).toMatchObject({
      _tag: "CheckViolation",
      constraint: "model_year_check"
    })
    expect((await run(Database.reflect())).tables[0]!.columns[1]).toMatchObject({
      type: "model_year"
    })
    await run(Database.drop(Catalog.make({ cars })))
    await run(Database.create(Catalog.make({ cars })))
    await run(Database.drop(Catalog.make({ cars })))
  })
})

describe("named types, as data", () => {
  test("their text, where there are any", () => {
    const catalog = Catalog.make({ cars, people })
    const script = createScript(catalog, "postgres")
    expect(typeof script === "string" ? script.split(";\n\n").slice(0, 2) : []).toEqual([
      "CREATE DOMAIN model_year AS integer DEFAULT 1999 " +
        'CONSTRAINT model_year_check CHECK ("value" BETWEEN 1900 AND 2100)',
      `CREATE TYPE "Mood's" AS ENUM ('sad', 'it''s ok', 'happy')`
    ])
    expect(dropScript(Catalog.make({ cars }), "postgres", { ifExists: false })).toBe(
      "DROP TABLE cars;\n\nDROP DOMAIN model_year;\n"
    )
    for (const dialect of dialects.filter((one) => one !== "postgres"))
      for (const one of [{ mood }, { people }, { cars }])
        expect(createScript(Catalog.make(one), dialect)).toMatchObject({ capability: "namedTypes" })
  })

  test("what is no type of the kind is refused", () => {
    const wrong = [
      () => NamedType.enumeration("", ["a"]),
      () => NamedType.enumeration("m", []),
      () => NamedType.domain("d", year),
      () => Catalog.make({ text: Type.text })
    ]
    for (const [at, one] of wrong.entries()) expect(one, String(at)).toThrow(StatementError)
  })
})
