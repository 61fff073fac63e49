import { Catalog, Column, Database, Fn, Index, Query, Table } from "athanor"
import { capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { createIndex } from "../../src/algebra/Ddl.ts"
import { FromId } from "../../src/algebra/From.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import { dialects, engines, refusalOf, textOf, useDatabase } from "./support.ts"

const columns = {
  id: Column.integer().primaryKey(),
  email: Column.varchar(40),
  visits: Column.integer(),
  gone: Column.boolean()
}
const plain = Table.make("plain", columns, (c) => [
  Index.on(c.visits),
  Index.with({ name: "by_visits_down" }, c.visits.desc(), c.email.asc()),
  Index.with({ unique: true }, c.email, c.gone)
])
const lowered = Table.make("lowered", columns, (c) => [
  Index.with({ unique: true, name: "one_email" }, Fn.lower(c.email))
])
const partly = Table.make("partly", columns, (c) => [
  Index.with({ unique: true, name: "one_here", where: c.gone.not() }, c.email)
])
const tableOf = (table: typeof plain | typeof lowered | typeof partly): TableSource =>
  table[FromId].source as TableSource

describe.each(engines)("indexes on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { plain })

  test("plain, unique, of several columns and both directions, reflected [F87.1]", async () => {
    const { tables } = await run(Database.reflect())
    const found = tables.find(({ name }) => name === "plain")!
    const down = found.indexes.find(({ name }) => name === "by_visits_down")!
    expect(down.parts).toMatchObject([
      { column: "visits", expression: null, descending: true },
      { column: "email", expression: null, descending: false }
    ])
    expect(found.indexes.map(({ name }) => name)).toContain("plain_visits_idx")
    // MySQL and MariaDB know no difference between the two.
    const unique = [...found.uniques, ...found.indexes.filter((one) => one.unique)]
    expect(unique.map(({ name }) => name)).toEqual(["plain_email_gone_idx"])
    const row = { email: "a@x", visits: 1, gone: false }
    await run(Database.run(Query.insert(plain).values({ id: 1, ...row })))
    expect(
      await failure(Database.run(Query.insert(plain).values({ id: 2, ...row })))
    ).toMatchObject({ _tag: "UniqueViolation", constraint: "plain_email_gone_idx" })
    await run(Database.run(Query.insert(plain).values({ id: 2, ...row, gone: true })))
  })
})

describe.each(["sqlite", "postgres"] as const)("indexes of expressions on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { lowered, partly })
  const row = { visits: 1, gone: false }

  test("an expression's index is used by an equal filter [F87.2]", async () => {
    const add = (id: number, email: string) =>
      Database.run(Query.insert(lowered).values({ id, email, ...row }))
    await run(add(1, "Ann@x"))
    expect(await failure(add(2, "ann@X"))).toMatchObject({ _tag: "UniqueViolation" })
    const rows = Array.from({ length: 2000 }, (_, at) => ({
      id: at + 10,
      email: `u${at}@x`,
      ...row
    }))
    await run(Database.run(Query.insert(lowered).rows(rows)))
    if (engine === "postgres") await run(Database.script("analyze lowered"))
    const plan = await run(
      Database.explain(Query.from(lowered).where(Fn.lower(lowered.c.email).eq("u7@x")))
    )
    expect(JSON.stringify(plan)).toContain("one_email")
  })

  test("a partial one binds the rows of its condition and no others [F87.3]", async () => {
    const add = (id: number, gone: boolean) =>
      Database.run(Query.insert(partly).values({ id, email: "b@x", visits: 1, gone }))
    await run(add(1, true))
    await run(add(2, true))
    await run(add(3, false))
    expect(await failure(add(4, false))).toMatchObject({ _tag: "UniqueViolation" })
    // It is no key of all rows.
    const one = Query.insert(partly).values({ id: 5, email: "c@x", visits: 1, gone: true })
    expect(() => one.onConflict(partly.c.email).doNothing()).toThrow('email is no key of "partly"')
    const here = Query.insert(partly).values({ id: 6, email: "b@x", visits: 9, gone: false })
    await run(
      Database.run(
        here.onConflict(partly.c.email).where(partly.c.gone.not()).doUpdate({ visits: 9 })
      )
    )
    const visits = Query.from(partly).where(partly.c.gone.not()).select(partly.c.visits)
    expect(await run(Database.all(visits))).toEqual([9])
  })
})

describe("indexes that are refused on mariadb", () => {
  const expression = createIndex(tableOf(lowered), tableOf(lowered).indexes()[0]!)
  const partial = createIndex(tableOf(partly), tableOf(partly).indexes()[0]!)

  test("of an expression [F87.2]", () => {
    expect(refusalOf({ node: expression }, "mariadb").capability).toBe("expressionIndexes")
    const older = capabilities("mysql", [8, 0, 12])
    expect(refusalOf({ node: expression }, older).capability).toBe("expressionIndexes")
    expect(textOf({ node: expression }, "mysql")).toBe(
      "CREATE UNIQUE INDEX one_email ON lowered ((lower(email)))"
    )
  })

  test("of some rows, as on mysql [F87.3]", () => {
    for (const dialect of ["mysql", "mariadb"] as const)
      expect(refusalOf({ node: partial }, dialect).capability).toBe("partialIndexes")
  })
})

test("what each dialect says", () => {
  const node = createIndex(tableOf(plain), tableOf(plain).indexes()[1]!)
  for (const dialect of dialects)
    expect(textOf({ node }, dialect)).toBe(
      "CREATE INDEX by_visits_down ON plain (visits DESC, email)"
    )
})

const words = Table.make(
  "words",
  { id: Column.integer().primaryKey(), word: Column.varchar(40), long: Column.text() },
  (c) => [
    Index.with(
      {
        name: "words_start",
        postgres: {
          using: "btree",
          operatorClasses: ["varchar_pattern_ops"],
          with: { fillfactor: 70, deduplicate_items: false },
          tablespace: "pg_default",
          concurrently: true
        },
        mysql: { using: "btree", lengths: [10] },
        mariadb: { using: "btree", lengths: [10] }
      },
      c.word
    ),
    Index.with({ name: "words_hash", postgres: { using: "hash" } }, c.word),
    Index.with({ name: "words_beside", include: [c.word] }, c.id),
    Index.with({ name: "words_one", unique: true, postgres: { using: "btree" } }, c.id, c.word)
  ]
)
const texts = Table.make(
  "texts",
  { id: Column.integer().primaryKey(), long: Column.text() },
  (c) => [
    Index.with(
      {
        name: "texts_found",
        mysql: { kind: "fulltext", parser: "ngram" },
        mariadb: { kind: "fulltext" }
      },
      c.long
    )
  ]
)

describe("what one dialect alone takes of an index", () => {
  const said = (table: typeof words | typeof texts, dialect: (typeof dialects)[number]) => {
    const source = table[FromId].source as TableSource
    return source.indexes().map((index) => textOf({ node: createIndex(source, index) }, dialect))
  }

  test("is written there and left out elsewhere, and stays in the value [F87.6 @all]", () => {
    expect(said(words, "postgres")).toEqual([
      "CREATE INDEX CONCURRENTLY words_start ON words USING btree (word varchar_pattern_ops) " +
        "WITH (fillfactor = 70, deduplicate_items = false) TABLESPACE pg_default",
      "CREATE INDEX words_hash ON words USING hash (word)",
      "CREATE INDEX words_beside ON words (id) INCLUDE (word)",
      "CREATE UNIQUE INDEX words_one ON words USING btree (id, word)"
    ])
    for (const dialect of ["mysql", "mariadb"] as const)
      expect(said(words, dialect)).toEqual([
        "CREATE INDEX words_start USING BTREE ON words (word(10))",
        "CREATE INDEX words_hash ON words (word)",
        "CREATE INDEX words_beside ON words (id)",
        "CREATE UNIQUE INDEX words_one ON words (id, word)"
      ])
    expect(said(words, "sqlite")).toEqual([
      "CREATE INDEX words_start ON words (word)",
      "CREATE INDEX words_hash ON words (word)",
      "CREATE INDEX words_beside ON words (id)",
      "CREATE UNIQUE INDEX words_one ON words (id, word)"
    ])
    expect((words[FromId].source as TableSource).indexes()[0]!.storage).toMatchObject({
      postgres: { using: "btree" },
      mysql: { lengths: [10] }
    })
  })

  test("kind and parser as mysql says them [F87.5]", () => {
    expect(said(texts, "mysql")).toEqual([
      "CREATE FULLTEXT INDEX texts_found ON texts (`long`) WITH PARSER ngram"
    ])
  })

  describe.each(["postgres", "mariadb"] as const)("on %s", (engine) => {
    const { run } = useDatabase(engine, {})
    const mark = engine === "postgres" ? "[F87.4]" : "[F87.5]"
    test(`is as it was given, on the server ${mark}`, async () => {
      const members = engine === "mariadb" ? { words, texts } : { words }
      await run(Database.create(Catalog.make(members as { readonly words: typeof words })))
      const { tables } = await run(Database.reflect())
      const indexes = tables.flatMap((table) => table.indexes)
      const found = (name: string) => indexes.find((index) => index.name === name)
      if (engine === "postgres") {
        expect(found("words_start")).toMatchObject({
          method: "btree",
          parts: [{ column: "word", operatorClass: "varchar_pattern_ops" }],
          options: { fillfactor: "70", deduplicate_items: "false" }
        })
        expect(found("words_hash")).toMatchObject({ method: "hash" })
        expect(found("words_beside")).toMatchObject({
          parts: [{ column: "id" }],
          include: ["word"]
        })
      } else {
        expect(found("words_start")).toMatchObject({ parts: [{ column: "word", length: 10 }] })
        expect(found("texts_found")).toMatchObject({ method: "fulltext" })
      }
    })
  })
})
