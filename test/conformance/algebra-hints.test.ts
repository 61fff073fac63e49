import { Catalog, Column, Database, Fn, Query, StatementError, Table, unsafeSql } from "athanor"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runs } from "../properties/support/law.ts"
import { dialects, engines, expectSql, textOf, useDatabase } from "./support.ts"

const users = Table.make("users", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20)
})
const posts = Table.make("posts", { id: Column.integer().primaryKey(), by: Column.integer() })
const members = { users, posts }
const { id, name } = users.c
const ids = Query.from(users).select(id)
const words = Query.literal`SQL_SMALL_RESULT`

test("a table hint is for its dialect only", () => {
  const query = Query.from(users)
    .join(posts, posts.c.by.eq(id))
    .pipe(Query.indexHint(posts, "ignore", ["by x", "PRIMARY"]))
    .select(id)
  const text = (hint: string) =>
    `SELECT users.id AS c0 FROM users JOIN posts${hint} ON posts."by" = users.id`
  const mysql = text(" IGNORE INDEX (`by x`, `PRIMARY`)").replace('"by"', "`by`")
  expectSql(query, { sqlite: text(""), postgres: text(""), mysql, mariadb: mysql })
  expect(() => ids.pipe(Query.indexHint(posts, "use", ["a"]) as never)).toThrow(StatementError)
  expect(() => Query.indexHint(users, "use", [])).toThrow(StatementError)
})

test("a table alone, and hints and words where each server reads them", () => {
  const one = Query.from(Query.only(users)).where(id.eq(1)).select(id)
  const text = (table: string, one: string) =>
    `SELECT users.id AS c0 FROM ${table} WHERE users.id = ${one}`
  expectSql(one, {
    sqlite: text("users", "?"),
    postgres: text("ONLY users", "$1"),
    mysql: text("users", "?"),
    mariadb: text("users", "?")
  })
  const told = ids
    .distinct()
    .pipe(
      Query.comment("GET /users"),
      Query.optimizer({
        mysql: Query.literal`MAX_EXECUTION_TIME(1000)`,
        postgres: Query.literal`SeqScan(users)`
      }),
      Query.prefix({ mysql: words, mariadb: words, sqlite: Query.literal`ALL` }),
      Query.suffix({ mariadb: Query.literal`ROWS EXAMINED 1000` })
    )
    .where(id.gt(0))
  expect(textOf(told, "postgres")).toContain("/* GET /users */ /*+ SeqScan(users) */ SELECT ")
  expect(textOf(told, "mysql")).toContain(
    "/* GET /users */ SELECT /*+ MAX_EXECUTION_TIME(1000) */ SQL_SMALL_RESULT "
  )
  expect(textOf(told, "mariadb")).toMatch(/ SQL_SMALL_RESULT .* ROWS EXAMINED 1000$/)
  expect(textOf(told, "sqlite")).toMatch(/^\/\* GET \/users \*\/ SELECT ALL /)
  const both = ids.union(ids).pipe(Query.comment("both"))
  for (const dialect of dialects) expect(textOf(both, dialect)).toMatch(/^\/\* both \*\/ SELECT /)
})

test("a prefix and a suffix are branded literals", () => {
  const forged = ["SQL_SMALL_RESULT", { text: "SQL_SMALL_RESULT" }, null]
  for (const one of forged) {
    expect(() => Query.prefix({ mysql: one as never })).toThrow(StatementError)
    expect(() => Query.suffix({ mysql: one as never })).toThrow(StatementError)
    expect(() => Query.optimizer({ mysql: one as never })).toThrow(StatementError)
  }
  const held = (text: string) => () => Query.literal([text] as never)
  expect(held("A")).toThrow(/template tag/)
})

/** A template tag's argument of any text: what a program's source may hold. */
const partsOf = unsafeSql

/** What a server makes of a comment: PostgreSQL counts those inside, the others do not. */
const withoutComments = (text: string, nested: boolean): string => {
  let out = ""
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const two = text.slice(i, i + 2)
    if (two === "/*" && (depth === 0 || nested)) {
      depth++
      i++
    } else if (two === "*/" && depth > 0) {
      depth--
      i++
    } else if (depth === 0) out += text[i]
  }
  return depth === 0 ? out : "open"
}

test("a hint's text ends no comment and begins no clause [F76.4 @all]", () => {
  const signs = fc.constantFrom("*", "/", "/*", "*/", "!", "+", "-", "--", "\n", ";", "'", '"')
  const texts = fc
    .array(fc.oneof(signs, fc.constantFrom("a", "SELECT", "1", " ", "(", ")", "#"), fc.string()))
    .map((parts) => parts.join(""))
  fc.assert(
    fc.property(texts, (text) => {
      const built = (make: () => { readonly node: typeof ids.node }) => {
        try {
          return make()
        } catch (error) {
          expect(error).toBeInstanceOf(StatementError)
          return null
        }
      }
      const commented = built(() => ids.pipe(Query.comment(text)))
      const hinted = built(() => {
        const one = Query.literal(partsOf(text))
        return ids.pipe(Query.optimizer({ mysql: one, mariadb: one, postgres: one }))
      })
      const prefixed = built(() => ids.pipe(Query.prefix({ sqlite: Query.literal(partsOf(text)) })))
      for (const dialect of dialects) {
        const bare = textOf(ids, dialect)
        const squeeze = (said: string) => said.replace(/\s+/g, " ").trim()
        for (const told of [commented, hinted]) {
          if (told === null) continue
          const said = textOf(told, dialect)
          expect(said).not.toMatch(/\/\*M?!/)
          for (const nested of [true, false])
            expect(squeeze(withoutComments(said, nested))).toBe(bare)
        }
      }
      if (prefixed !== null)
        expect(textOf(prefixed, "sqlite")).toBe(
          textOf(ids, "sqlite").replace("SELECT ", `SELECT ${text} `)
        )
      if (prefixed !== null)
        expect(text).not.toMatch(/['"`;#\n\\]|--|\/\*|\bselect\b|\bunion\b|\bfrom\b/i)
    }),
    { numRuns: runs(2000), seed: 7 }
  )
})

describe.each(engines)("hints on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, run, sentBy } = database

  test("a table hint changes no row [F76.1]", async () => {
    await database.fill(
      "users",
      [1, 2, 3].map((one) => ({ id: one, name: `n${one}` }))
    )
    await database.fill("posts", [{ id: 1, by: 2 }])
    const query = Query.from(users).orderBy(id)
    const hinted = query.pipe(Query.indexHint(users, "ignore", ["PRIMARY"]))
    expect(await agrees(hinted)).toEqual(await agrees(query))
    const said = await sentBy(Database.all(hinted))
    expect(said.join().includes("IGNORE INDEX")).toBe(engine === "mariadb")
    expect(await agrees(Query.from(Query.only(users)).select(Fn.count()))).toEqual([3])
  })

  test("a statement hint and a comment are read as such [F76.2]", async () => {
    const told = ids
      .orderBy(id)
      .pipe(
        Query.comment("it's -- $1 ? :x ; é"),
        Query.optimizer({ mysql: Query.literal`NO_BNL()`, postgres: Query.literal`SeqScan(users)` })
      )
    expect(await agrees(told)).toEqual([1, 2, 3])
    const [text] = await sentBy(Database.all(told.where(name.eq("n2"))))
    expect(text).toMatch(/^\/\* it's -- \$1 \? :x ; é \*\/ /)
    expect(await agrees(told.where(name.eq("n2")))).toEqual([2])
    const inner = told.limit(2).as("inner")
    expect(await agrees(Query.from(inner).select(Fn.count()))).toEqual([2])
    const twice = ids.pipe(Query.comment("a")).unionAll(Query.from(posts).select(posts.c.id))
    expect((await agrees(twice)).toSorted((a, b) => a - b)).toEqual([1, 1, 2, 3])
  })

  test("a prefix and a suffix stand in their place [F76.3]", async () => {
    const told = ids.pipe(
      Query.prefix({ sqlite: Query.literal`ALL`, postgres: Query.literal`ALL`, mariadb: words }),
      Query.suffix({
        sqlite: Query.literal`COLLATE NOCASE`,
        postgres: Query.literal`NULLS FIRST`,
        mariadb: Query.literal`ROWS EXAMINED 1000`
      })
    )
    const sorted = engine === "mariadb" ? told.limit(3) : told.orderBy(id)
    const rows = await all(sorted)
    expect(rows.toSorted((a, b) => a - b)).toEqual([1, 2, 3])
    const [text] = await sentBy(Database.all(sorted))
    const ends = {
      sqlite: "COLLATE NOCASE",
      postgres: "NULLS FIRST",
      mariadb: "ROWS EXAMINED 1000"
    }
    expect(text!.endsWith(ends[engine])).toBe(true)
  })

  if (engine === "postgres") {
    test("on postgres a query can be of a table without its children [F76.5]", async () => {
      await run(Database.script("CREATE TABLE more_users () INHERITS (users)"))
      const more = Table.make("more_users", { id: Column.integer(), name: Column.varchar(20) })
      expect(Catalog.make({ more }).tables).toHaveLength(1)
      await run(Database.run(Query.insert(more).values({ id: 9, name: "child" })))
      expect(await all(Query.from(users).select(Fn.count()))).toEqual([4])
      expect(await all(Query.from(Query.only(users)).select(Fn.count()))).toEqual([3])
      const a = Query.only(Query.alias(users, "a"))
      expect(await all(Query.from(a).where(a.c.id.gt(0)).select(Fn.count()))).toEqual([3])
    })
  }
})
