import {
  Alter,
  Catalog,
  Check,
  Column,
  Database,
  ForeignKey,
  Index,
  PrimaryKey,
  Table
} from "athanor"
import { Unique } from "athanor"
import { describe, expect, test } from "vitest"
import { createScript } from "athanor/compile"
import { engines, useDatabase } from "./support.ts"

const hostile = [
  'it\'s "so" and `so`',
  "two\nlines\r\nand\ta tab",
  "back\\slash, \\' and at the end \\",
  "-- */ /* ; ? $1 %s :name",
  "日本語 ☃ é"
] as const

const keptBy = { postgres: "statements", mysql: "inline", mariadb: "inline" } as const

/** Comments where every server that keeps any keeps them. */
const remarked = (text: string, name = "remarked") =>
  Table.make(
    name,
    {
      id: Column.id(),
      code: Column.varchar(20).comment(text),
      size: Column.integer().nullable().serverDefault(1).comment(`${text}!`)
    },
    (c) => [
      Unique.with({ name: `${name}_code`, comment: `unique ${text}` }, c.code),
      Index.with({ name: `${name}_size`, comment: `index ${text}` }, c.size)
    ],
    { comment: `table ${text}` }
  )

const parents = Table.make("commented_parents", {
  a: Column.integer().primaryKey(),
  b: Column.integer().primaryKey()
})
/** Comments on each kind of constraint. */
const ruled = Table.make("ruled", { a: Column.integer(), b: Column.integer() }, (c) => [
  PrimaryKey.with({ comment: "the key" }, c.a, c.b),
  Check.with({ name: "ruled_a", comment: "the check" }, c.a.gt(0)),
  Unique.with({ name: "ruled_b", comment: "the unique" }, c.b),
  ForeignKey.on([c.a, c.b], () => [parents.c.a, parents.c.b], {
    name: "ruled_parents",
    comment: "the reference"
  })
])

describe.each(engines)("comments on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { parents })
  const found = async (name: string) => {
    const { tables } = await run(Database.reflect())
    return tables.find((one) => one.name === name)!
  }

  if (engine === "sqlite") {
    test("are refused, for nothing would keep them [F90.1] [F90.3]", async () => {
      for (const table of [
        Table.make("t", { id: Column.id() }, undefined, { comment: "" }),
        Table.make("t", { id: Column.id().comment("x") }),
        remarked("x")
      ]) {
        const error = await failure(Database.create(Catalog.make({ table })))
        expect(error).toMatchObject({ _tag: "Unsupported", capability: "comments" })
      }
      const later = await failure(Database.alter(Alter.comment("commented_parents", "x", "a")))
      expect(later).toMatchObject({ _tag: "Unsupported", capability: "comments" })
      const ofKey = Alter.commentRule("commented_parents", "commented_parents_pkey", "x")
      expect(await failure(Database.alter(ofKey))).toMatchObject({
        _tag: "Unsupported",
        capability: "comments"
      })
    })
    test("of constraints are refused [F90.2]", async () => {
      const table = Table.make("t", { a: Column.integer() }, (c) => [
        Check.with({ comment: "x" }, c.a.gt(0))
      ])
      const error = await failure(Database.create(Catalog.make({ table })))
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "comments" })
    })
    return
  }

  test.each(hostile)("%j comes back as it was given [F90.3]", async (text) => {
    const table = remarked(text)
    const catalog = Catalog.make({ table })
    await run(Database.create(catalog))
    const back = await found("remarked")
    expect(back.comment).toBe(`table ${text}`)
    expect(back.columns.map(({ comment }) => comment)).toEqual([null, text, `${text}!`])
    const rules = [...back.uniques, ...back.indexes].map(({ comment, name }) => [name, comment])
    expect(Object.fromEntries(rules)).toEqual({
      remarked_code: `unique ${text}`,
      remarked_size: `index ${text}`
    })
    await run(Database.drop(catalog))
  })

  test("are written, changed, taken away and reflected; all else stays [F90.1]", async () => {
    const table = Table.make(
      "told",
      {
        id: Column.id().comment("the key"),
        name: Column.varchar(20).serverDefault("x").comment("first"),
        size: Column.integer().nullable().comment("how large")
      },
      undefined,
      { comment: "all" }
    )
    await run(Database.create(Catalog.make({ table })))
    const before = await found("told")
    const said = (one: typeof before) => [one.comment, ...one.columns.map(({ comment }) => comment)]
    expect(said(before)).toEqual(["all", "the key", "first", "how large"])
    await run(
      Database.alter(
        Alter.comment("told", "it's all"),
        Alter.comment("told", "the key of all", "id"),
        Alter.comment("told", "then", "name"),
        Alter.comment("told", null, "size")
      )
    )
    const after = await found("told")
    expect(said(after)).toEqual(["it's all", "the key of all", "then", null])
    const bare = (one: typeof before) => ({
      ...one,
      comment: null,
      columns: one.columns.map((column) => ({ ...column, comment: null }))
    })
    expect(bare(after)).toEqual(bare(before))
    // A column that becomes another one keeps what is said of it.
    const wide = Table.make("told", { name: Column.varchar(40) })
    await run(Database.alter(Alter.alterColumn(wide, "name"), Alter.comment("told", null)))
    expect(said(await found("told"))).toEqual([null, "the key of all", "then", null])
    expect(() => Alter.comment("told", "x", "")).toThrow()
    await run(Database.drop(Catalog.make({ table })))
  })

  test.each(hostile)("%j is said of rules that are there, and taken away", async (text) => {
    const table = remarked("first", "later")
    await run(Database.create(Catalog.make({ table })))
    const before = await found("later")
    const key = engine === "mariadb" ? "PRIMARY" : "later_pkey"
    const rules = [key, "later_code", "later_size"]
    const said = async () => {
      const { indexes, primaryKey, uniques } = await found("later")
      return [primaryKey!, ...uniques, ...indexes].map(({ comment }) => comment)
    }
    const all = (words: string | null) =>
      run(Database.alter(...rules.map((rule) => Alter.commentRule("later", rule, words))))
    await all(text)
    expect(await said()).toEqual([text, text, text])
    await all(null)
    expect(await said()).toEqual([null, null, null])
    await run(
      Database.alter(
        Alter.commentRule("later", "later_code", "unique first"),
        Alter.commentRule("later", "later_size", "index first")
      )
    )
    expect(await found("later")).toEqual(before)
    expect(await failure(Database.alter(Alter.commentRule("later", "nothing", "x")))).toMatchObject(
      { _tag: "SyntaxOrUndefined", message: 'alter: "later" has no rule "nothing"' }
    )
    await run(Database.drop(Catalog.make({ table })))
  })

  if (engine === "postgres") {
    test("of each kind of constraint are written and reflected [F90.2]", async () => {
      await run(Database.create(Catalog.make({ ruled })))
      const back = await found("ruled")
      expect(back.primaryKey?.comment).toBe("the key")
      expect(back.checks).toMatchObject([{ name: "ruled_a", comment: "the check" }])
      expect(back.uniques).toMatchObject([{ name: "ruled_b", comment: "the unique" }])
      expect(back.foreignKeys).toMatchObject([{ name: "ruled_parents", comment: "the reference" }])
      await run(
        Database.alter(
          Alter.commentRule("ruled", "ruled_a", "another"),
          Alter.commentRule("ruled", "ruled_parents", null)
        )
      )
      const after = await found("ruled")
      expect(after.checks).toMatchObject([{ name: "ruled_a", comment: "another" }])
      expect(after.foreignKeys).toMatchObject([{ name: "ruled_parents", comment: null }])
    })
  } else {
    test("of a constraint that is no index are refused [F90.2]", async () => {
      const error = await failure(Database.create(Catalog.make({ ruled })))
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "constraintComments" })
      const plain = Table.make("plain", { a: Column.integer() }, (c) => [
        Check.that(c.a.gt(0), "plain_a")
      ])
      await run(Database.create(Catalog.make({ plain })))
      const later = await failure(Database.alter(Alter.commentRule("plain", "plain_a", "x")))
      expect(later).toMatchObject({ _tag: "Unsupported", capability: "constraintComments" })
      await run(Database.drop(Catalog.make({ plain })))
    })
  }
})

describe("the text of comments", () => {
  test.each(["postgres", "mysql", "mariadb"] as const)("on %s", (dialect) => {
    const script = createScript(Catalog.make({ t: remarked("it's") }), dialect) as string
    const said = {
      statements: [
        "COMMENT ON TABLE remarked IS 'table it''s'",
        "COMMENT ON COLUMN remarked.code IS 'it''s'",
        "COMMENT ON CONSTRAINT remarked_code ON remarked IS 'unique it''s'",
        "COMMENT ON INDEX remarked_size IS 'index it''s'"
      ],
      inline: [
        "code varchar(20) NOT NULL COMMENT 'it''s'",
        "UNIQUE (code) COMMENT 'unique it''s'",
        " COMMENT 'table it''s';",
        "ON remarked (size) COMMENT 'index it''s'"
      ]
    }
    for (const text of said[keptBy[dialect]]) expect(script).toContain(text)
  })
})
