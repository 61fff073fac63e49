/** What only PostgreSQL has: maps of texts, words to be searched, paths in documents, domains. */
import { Catalog, Column, Database, Expr, Fn, NamedType, Query, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import { Schema } from "effect"
import { beforeAll, describe, expect, test } from "vitest"
import { refusalOf, useDatabase } from "./support.ts"

const things = Table.make("things", {
  id: Column.id(),
  facts: Column.make(Type.hstore).nullable()
})
const pages = Table.make("pages", {
  id: Column.id(),
  body: Column.text(),
  words: Column.make(Type.tsvector).nullable(),
  asked: Column.make(Type.tsquery).nullable()
})
const { facts, id } = things.c

describe("maps of texts on postgres", () => {
  const { run } = useDatabase("postgres", {})
  beforeAll(() =>
    run(
      Effect.andThen(
        Database.script("CREATE EXTENSION hstore"),
        Effect.andThen(
          Database.create(Catalog.make({ things })),
          Database.run(
            Query.insert(things).rows([
              { facts: { colour: "red", size: null } },
              { facts: { 'it\'s "odd" \\ => ,': "NULL", colour: "NULL" } },
              { facts: {} },
              { facts: null }
            ])
          )
        )
      )
    )
  )
  const each = <A>(value: Expr.Expr<A, "things">) =>
    run(Database.all(Query.from(things).orderBy(id).select(value)))

  test("a value, its absence and NULL are what they were [F107.4]", async () => {
    expect(await each(facts)).toEqual([
      { colour: "red", size: null },
      { 'it\'s "odd" \\ => ,': "NULL", colour: "NULL" },
      {},
      null
    ])
    expect(await each(Fn.hstoreGet(facts, "colour"))).toEqual(["red", "NULL", null, null])
    expect(await each(Fn.hstoreGet(facts, "size"))).toEqual([null, null, null, null])
    expect(await each(Fn.hstoreHas(facts, "size"))).toEqual([true, false, false, null])
    expect(await each(Fn.hstoreHas(facts, 'it\'s "odd" \\ => ,'))).toEqual([
      false,
      true,
      false,
      null
    ])
  })

  test("its operators ask and make as the server's do [F107.4]", async () => {
    expect(await each(Fn.hstoreHasKeys(facts, ["colour", "size"]))).toEqual([
      true,
      false,
      false,
      null
    ])
    expect(await each(Fn.hstoreHasKeys(facts, []))).toEqual([true, true, true, null])
    expect(await each(Fn.hstoreHasAnyKey(facts, ["colour", "none"]))).toEqual([
      true,
      true,
      false,
      null
    ])
    expect(await each(Fn.hstoreContains(facts, { size: null }))).toEqual([true, false, false, null])
    expect(await each(Fn.hstoreContains(Expr.value({ a: "1" }, Type.hstore), facts))).toEqual([
      false,
      false,
      true,
      null
    ])
    expect(await each(Fn.hstoreConcat(facts, { colour: null, new: "1" }))).toEqual([
      { colour: null, size: null, new: "1" },
      { 'it\'s "odd" \\ => ,': "NULL", colour: null, new: "1" },
      { colour: null, new: "1" },
      null
    ])
    expect(await each(Fn.hstoreWithout(facts, ["colour", "none"]))).toEqual([
      { size: null },
      { 'it\'s "odd" \\ => ,': "NULL" },
      {},
      null
    ])
    const [keys, , none] = await each(Fn.hstoreKeys(facts))
    const [values] = await each(Fn.hstoreValues(facts))
    expect(none).toEqual([])
    expect(Object.fromEntries(keys!.map((key, at) => [key, values![at]]))).toEqual({
      colour: "red",
      size: null
    })
    const red = Query.from(things).where(Fn.hstoreGet(facts, "colour").eq("red")).select(id)
    expect(await run(Database.all(red))).toEqual([1])
  })

  test("what is no hstore is refused when it is built, another database by name", () => {
    expect(() => Fn.hstoreGet(id as never, "a")).toThrow("hstoreGet: integer is no hstore")
    expect(() => Fn.hstoreHasKeys(facts, "ab" as never)).toThrow("the keys are no list")
    const asked = Query.from(things).select(Fn.hstoreGet(facts, "a"))
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(asked, dialect).capability).toMatch(/hstore/)
  })
})

describe("words that are searched on postgres", () => {
  const { run } = useDatabase("postgres", { pages })
  const { asked, body, words } = pages.c

  test("vectors and queries are built, kept, matched, ranked and shown [F108.4]", async () => {
    const texts = ["Red wines, and red cheese", "A wine that is red", "white bread", "Wine? wine!"]
    await run(
      Database.run(
        Query.insert(pages).rows(
          texts.map((text) => ({
            body: text,
            words: Fn.searchVector(Expr.value(text, Type.text), "english"),
            asked: Fn.searchQuery("red wine", { config: "english", mode: "phrase" })
          }))
        )
      )
    )
    const [kept] = await run(
      Database.all(Query.from(pages).orderBy(pages.c.id).select({ words, asked }))
    )
    expect(kept).toEqual({ words: "'chees':5 'red':1,4 'wine':2", asked: "'red' <-> 'wine'" })
    const found = (query: Expr.Expr<string, never>) =>
      run(
        Database.all(
          Query.from(pages)
            .where(Fn.searchMatches(words, query))
            .orderBy(Fn.searchRank(words, query).desc(), pages.c.id)
            .select(pages.c.id)
        )
      )
    const english = { config: "english" } as const
    expect(await found(Fn.searchQuery("wines red", english))).toEqual([1, 2])
    expect(await found(Fn.searchQuery("wines", english))).toEqual([4, 1, 2])
    expect(await found(Fn.searchQuery("wine -red", { ...english, mode: "web" }))).toEqual([4])
    expect(await found(Fn.searchQuery("wines", { config: "simple" }))).toEqual([])
    const ownQuery = Query.from(pages).where(Fn.searchMatches(words, asked)).select(pages.c.id)
    expect(await run(Database.all(ownQuery))).toEqual([1])
    const query = Fn.searchQuery("wine", english)
    const near = Fn.searchRank(words, Fn.searchQuery("red wine", english), { near: true })
    const [first] = await run(
      Database.all(
        Query.from(pages)
          .orderBy(pages.c.id)
          .select({ shown: Fn.searchHeadline(body, query, "english"), near })
      )
    )
    expect(first!.shown).toBe("Red <b>wines</b>, and red cheese")
    expect(first!.near).toBeGreaterThan(0)
  })

  test("a wrong operand, mode or configuration is refused when it is built", () => {
    expect(() => Fn.searchVector(body, "english'; --")).toThrow("not a name in small letters")
    expect(() => Fn.searchQuery("a", { mode: "odd" as never })).toThrow('there is no mode "odd"')
    expect(() => Fn.searchMatches(body, Fn.searchQuery("a"))).toThrow(
      "searchMatches: text where exact tsvector is expected"
    )
    const query = Query.from(pages).select(Fn.searchVector(body))
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(query, dialect).capability).toBe("searchTypes")
  })
})

const high = NamedType.domain("high", Type.integer, { check: (value) => value.gt(5) })
const tagged = NamedType.domain("tagged", Type.array(Type.text))
const priced = NamedType.domain("priced", Type.numeric(8, 2), {
  check: (value) => value.gte(Expr.value(0, Type.integer).cast(Type.numeric(8, 2)))
})
const kept = Table.make("kept", {
  id: Column.id(),
  path: Column.make(Type.jsonpath),
  document: Column.make(Type.json(Schema.Unknown)),
  high: Column.make(high),
  tags: Column.make(tagged),
  price: Column.make(priced).nullable()
})

describe("paths in documents, and domains, on postgres", () => {
  const { failure, run } = useDatabase("postgres", { kept })

  test("a path and a domain are columns, and what a value is cast to [F108.5]", async () => {
    const row = { path: '$."a"[*]', document: { a: [1, 2] }, high: 7, tags: ["x", "it's"] }
    await run(Database.run(Query.insert(kept).values(row)))
    const { document, high: column, path, tags } = kept.c
    const read = Query.from(kept).select({
      path,
      column,
      tags,
      more: column.add(1),
      cast: Expr.value("8", Type.text).cast(high),
      text: Expr.value("$.b", Type.text).cast(Type.jsonpath)
    })
    expect(await run(Database.all(read))).toEqual([
      { path: '$."a"[*]', column: 7, tags: ["x", "it's"], more: 8, cast: 8, text: '$."b"' }
    ])
    const found = Query.from(kept).select(Fn.jsonPathQuery(document, '$."a"[*]'))
    expect(await run(Database.all(found))).toEqual([[1, 2]])
    const low = Query.insert(kept).values({ ...row, high: 5 })
    expect(await failure(Database.run(low))).toMatchObject({
      _tag: "CheckViolation",
      constraint: "high_check"
    })
    const cast = Query.select(Expr.value("3", Type.text).cast(high))
    expect(await failure(Database.one(cast))).toMatchObject({ _tag: "CheckViolation" })
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(cast, dialect).capability).toBe("namedTypes")
  })
})
