import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const words = Table.make("words", { id: Column.id(), text: Column.text().nullable() })
const { id, text } = words.c
const from = Query.from(words)
const names = { sqlite: "NOCASE", postgres: "und-x-icu", mariadb: "utf8mb4_general_ci" }
const letters = Table.make("letters", {
  id: Column.id(),
  folded: Column.make(Type.collated(names)),
  plain: Column.text()
})

const texts = ["Ann 31", "bob", "Bob 17", "a.b", "line\nLine two", "x1y22z333", "C:\\dir", "", null]

/** What JavaScript says, which agrees with every server on the common subset. */
const patterns = [
  "^[A-Z][a-z]+ [0-9]{2}$",
  "bob|ann",
  "[^a-z]",
  "^(a|b).b$",
  "a\\.b",
  "\\d+\\w*",
  "\\s",
  "o{1}b?",
  "^$"
]

describe.each(engines)("regular expressions on %s", (engine) => {
  const { all, failure, fill, run } = useDatabase(engine, { words, letters })
  const found = (condition: Expr.Expr<boolean | null, "words" | Expr.Uses<"words">>) =>
    all(from.where(condition).select(text).orderBy(id))

  test("a match finds the same rows on every database [F46.1]", async () => {
    await fill(
      "words",
      texts.map((text) => ({ text }))
    )
    for (const pattern of patterns) {
      const expected = texts.filter((one) => one !== null && new RegExp(pattern, "u").test(one))
      expect(await found(Fn.matches(text, pattern)), pattern).toEqual(expected)
    }
    const nulls = await all(from.where(text.isNull()).select(Fn.matches(text, "a")))
    expect(nulls).toEqual([null])
    expect(await all(Query.select(Fn.matches(Expr.value("it's", Type.text), "t's$")))).toEqual([
      true
    ])
    const column = Fn.matches(Expr.value("bob", Type.text), text.concat("$"))
    expect(await found(column)).toEqual(["bob", ""])
    const nested = Fn.matches(text.concat("!"), "b!$").and(Fn.matches(text, "^B").isNotTrue())
    expect(await found(nested)).toEqual(["bob", "a.b"])
  })

  test("without case, by lines and over lines [F46.2]", async () => {
    expect(await found(Fn.matches(text, "^BOB", { ignoreCase: true }))).toEqual(["bob", "Bob 17"])
    expect(await found(Fn.matches(text, "^Line"))).toEqual([])
    expect(await found(Fn.matches(text, "^Line", { multiline: true }))).toEqual(["line\nLine two"])
    expect(await found(Fn.matches(text, "line$", { multiline: true }))).toEqual(["line\nLine two"])
    expect(await found(Fn.matches(text, "line.Line"))).toEqual([])
    const dotAll = { dotAll: true }
    expect(await found(Fn.matches(text, "line.Line", dotAll))).toEqual(["line\nLine two"])
    expect(await found(Fn.matches(text, "^Line", dotAll))).toEqual([])
    const every = { dotAll: true, multiline: true, ignoreCase: true }
    expect(await found(Fn.matches(text, "E.^lINE TWO$", every))).toEqual(["line\nLine two"])
  })

  test("the first match is replaced, or all are [F46.3]", async () => {
    const replaced = (pattern: string, by: string, options = {}) =>
      all(from.where(text.eq("x1y22z333")).select(Fn.regexReplace(text, pattern, by, options)))
    expect(await replaced("[0-9]+", "#")).toEqual(["x#y22z333"])
    expect(await replaced("[0-9]+", "#", { all: true })).toEqual(["x#y#z#"])
    expect(await replaced("([xyz])([0-9])", "$1\\1\\\\&$&", { all: true })).toEqual([
      "$1\\1\\\\&$&$1\\1\\\\&$&2$1\\1\\\\&$&33"
    ])
    expect(await replaced("[XZ]", "", { all: true, ignoreCase: true })).toEqual(["1y22333"])
    expect(await replaced("none", "#")).toEqual(["x1y22z333"])
    const lines = from.where(Fn.matches(text, "Line")).select(Fn.regexReplace(text, "Line", "x"))
    expect(await all(lines)).toEqual(["line\nx two"])
    const nulls = from.where(text.isNull()).select(Fn.regexReplace(text, "a", "b"))
    expect(await all(nulls)).toEqual([null])
  })

  test("an invalid pattern is a typed error, and the connection goes on [F46.4]", async () => {
    for (const pattern of ["(", "[a", "*a"]) {
      const asked = Database.all(from.where(Fn.matches(text, pattern)))
      expect(await failure(asked)).toMatchObject({ _tag: "InvalidText" })
      expect(await run(Database.count(from))).toBe(texts.length)
    }
  })

  test("a collation on an operand or a column decides comparison and order [F50.3]", async () => {
    const before = Expr.collate(text, names).lt(Expr.collate(Expr.value("Bz", Type.text), names))
    // By code points "bob" and "a.b" come after "Bz", and by letters before it.
    expect(await found(before)).toEqual(expect.arrayContaining(["bob", "a.b", "Ann 31"]))
    expect(await found(text.lt("Bz"))).not.toContain("bob")
    const sorted = from
      .where(Fn.matches(text, "^[A-Za-z]"))
      .select(text)
      .orderBy(Expr.collate(text, names), id)
    const given = await all(sorted)
    expect(given.indexOf("a.b")).toBeLessThan(given.indexOf("Bob 17"))
    const rows = ["b", "A", "C", "a"].map((folded) => ({ folded, plain: folded }))
    await run(Database.run(Query.insert(letters).rows(rows)))
    const { folded, plain } = letters.c
    const order = await all(Query.from(letters).select(folded).orderBy(folded, plain.desc()))
    expect(order.map((one) => one.toLowerCase())).toEqual(["a", "a", "b", "c"])
    expect(await all(Query.from(letters).select(plain).orderBy(plain))).toEqual([
      "A",
      "C",
      "a",
      "b"
    ])
    const smaller = Query.from(letters).where(folded.lt("b")).select(plain).orderBy(plain)
    expect(await all(smaller)).toEqual(["A", "a"])
  })
})

describe("full-text search on postgres", () => {
  const { all, fill } = useDatabase("postgres", { words })

  test("stemmed words in plain, phrase and web form [F47.1 F47.4]", async () => {
    await fill("words", [
      { text: "The quick foxes were jumping" },
      { text: "A fox jumps over red wine" },
      { text: "wine that is red" },
      { text: null }
    ])
    const found = (asked: string, mode: "plain" | "phrase" | "web", config = "english") =>
      all(
        from
          .where(Fn.search(text, asked, { mode, config }))
          .select(id)
          .orderBy(id)
      )
    expect(await found("jump fox", "plain")).toEqual([1, 2])
    expect(await found("jump fox", "plain", "simple")).toEqual([])
    expect(await found("red wine", "phrase")).toEqual([2])
    expect(await found("wine -fox", "web")).toEqual([3])
    expect(await found('"red wine" or quick', "web")).toEqual([1, 2])
    for (const asked of ["'; drop table words --", "a & | ! (", "\\", "''", '"'])
      for (const mode of ["plain", "phrase", "web"] as const)
        expect(await found(asked, mode)).toEqual([])
    expect(() => Fn.search(text, "a", { config: "english'; --" })).toThrow("not a name")
  })
})

describe("full-text search on mariadb", () => {
  const { all, fill, run } = useDatabase("mariadb", { words })

  test("natural, boolean and expanded, of an indexed column [F47.2 F47.4]", async () => {
    await fill("words", [
      { text: "database systems of the old days" },
      { text: "database tuning for beginners" },
      { text: "beginners learn gardening" },
      { text: "tuning a piano" },
      { text: "nothing of it" }
    ])
    await run(Database.script("ALTER TABLE words ADD FULLTEXT INDEX words_text (text)"))
    const found = (asked: string, mode: "plain" | "boolean" | "expansion") =>
      all(
        from
          .where(Fn.search(text, asked, { mode }))
          .select(id)
          .orderBy(id)
      )
    expect(await found("database", "plain")).toEqual([1, 2])
    expect(await found("+database -tuning", "boolean")).toEqual([1])
    expect((await found("database", "expansion")).length).toBeGreaterThan(2)
    for (const asked of ["'; drop table words; --", "\\", "''"])
      expect(await found(asked, "plain")).toEqual([])
  })
})

describe("full-text search on sqlite", () => {
  const { all, run } = useDatabase("sqlite", { words })
  const pages = Table.exact("pages", { body: Column.text(), rank: Column.double() })

  test("MATCH on an FTS5 table, with its rank [F47.3 F47.4]", async () => {
    await run(
      Database.script(`CREATE VIRTUAL TABLE pages USING fts5(body);
        INSERT INTO pages (body) VALUES ('red wine and wine'), ('white wine'), ('red brick')`)
    )
    const of = Query.from(pages)
    const found = (asked: string, mode: "boolean" | "phrase") =>
      all(of.where(Fn.search(pages.c.body, asked, { mode })).select(pages.c.body))
    expect(new Set(await found("wine NOT white", "boolean"))).toEqual(
      new Set(["red wine and wine"])
    )
    expect(await found("red wine", "phrase")).toEqual(["red wine and wine"])
    expect(await found('wine" OR "brick', "phrase")).toEqual([])
    const { body, rank } = pages.c
    const ranked = await all(
      of
        .where(Fn.search(body, "wine", { mode: "phrase" }))
        .select({ body, rank })
        .orderBy(rank)
    )
    expect(ranked.map((row) => row.body)).toEqual(["red wine and wine", "white wine"])
    expect(ranked[0]!.rank).toBeLessThan(ranked[1]!.rank)
  })
})

describe("regular expressions and search as printed for mysql", () => {
  test("matches and replacements [F46.1 F46.2 F46.3]", () => {
    expectSql(from.where(Fn.matches(text, "a", { ignoreCase: true, dotAll: true })).select(id), {
      sqlite: "SELECT words.id AS c0 FROM words WHERE athanor_matches(words.text, ?, 'uis')",
      postgres: "SELECT words.id AS c0 FROM words WHERE words.text ~ ('(?si)' || $1::text)",
      mysql:
        "SELECT words.id AS c0 FROM words WHERE regexp_like(words.text, CAST(? AS CHAR), 'in')",
      mariadb:
        "SELECT words.id AS c0 FROM words WHERE words.text REGEXP concat('(?i)(?s)', CAST(? AS " +
        "CHAR))"
    })
    const replaced = Fn.regexReplace(text, "a", "b")
    expect(textOf(from.select({ x: replaced }), "mysql")).toContain(
      "'\\', '\\\\'), '$', '\\$'), 1, 1, 'c')"
    )
  })

  test("search modes, said or refused [F47.2]", () => {
    expect(textOf(from.where(Fn.search(text, "a", { mode: "boolean" })), "mysql")).toContain(
      "MATCH (words.text) AGAINST (CAST(? AS CHAR) IN BOOLEAN MODE)"
    )
    for (const [mode, dialect] of [
      ["web", "mysql"],
      ["web", "sqlite"],
      ["expansion", "postgres"],
      ["plain", "sqlite"]
    ] as const)
      expect(refusalOf(from.where(Fn.search(text, "a", { mode })), dialect)).toMatchObject({
        capability: `search ${mode}`
      })
  })

  test("a collation is written in quotes, whatever its name [F50.4 @all]", () => {
    const odd = from.select({ x: Expr.collate(text, 'a"b`; --') })
    const ansi = 'SELECT words.text COLLATE "a""b`; --" AS x FROM words'
    const mysql = 'SELECT words.text COLLATE `a"b``; --` AS x FROM words'
    expectSql(odd, { sqlite: ansi, postgres: ansi, mysql, mariadb: mysql })
    const one = from.select(Expr.collate(text, { postgres: "C" }))
    expect(refusalOf(one, "sqlite")).toMatchObject({ capability: "collate" })
    expect(() => Expr.collate(text, "")).toThrow("empty")
  })
})
