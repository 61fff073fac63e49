/** SQL by hand whose columns stand in another order than their types. */
import {
  Alter,
  Catalog,
  Column,
  Database,
  Expr,
  Query,
  sql,
  Table,
  Type,
  unsafeSql,
  View
} from "athanor"
import { compile } from "athanor/compile"
import { Postgres } from "athanor/postgres"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { place, program } from "./engine-support.ts"
import { engines, textOf, useDatabase } from "./support.ts"

const words = Table.make("words", {
  id: Column.id(),
  a: Column.varchar(9).nullable(),
  b: Column.varchar(9).nullable()
})
const text = Type.varchar(9)
const ab = { a: text, b: text }
const from = Query.from(words)

const named = (names: ReadonlyArray<string>): string =>
  `SELECT ${names.map((name, at) => `${at + 1} AS ${name}`).join(", ")}`

/** A text the test puts together. */
const byHand = (columns: Readonly<Record<string, typeof Type.integer>>, said: string) =>
  Query.raw(columns)(unsafeSql(said))

/** All lists of so many of some. */
const lists = (length: number, some: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> =>
  length === 0 ? [[]] : lists(length - 1, some).flatMap((list) => some.map((one) => [...list, one]))

const keys = ["a", "b", "c"]

/** Each field whose column the text gives is read from a column of that name. */
const isRight = (names: ReadonlyArray<string>): boolean =>
  keys.every((key, at) => !names.includes(key) || names[at] === key)

describe.each(engines)("columns of SQL by hand on %s", (engine) => {
  const { all, failure, fill, run } = useDatabase(engine, { words })

  test("a text is read by position where no field's column stands at another's", async () => {
    const types = { a: Type.integer, b: Type.integer, c: Type.integer }
    let refused = 0
    for (const names of lists(3, ["a", "b", "c", "x"])) {
      const query = byHand(types, named(names))
      if (isRight(names)) expect([names, await all(query)]).toEqual([names, [{ a: 1, b: 2, c: 3 }]])
      else {
        refused++
        const error = await failure(Database.all(query))
        expect([names, error._tag]).toEqual([names, "DecodeFailed"])
        const at = names.findIndex((name, i) => name !== keys[i] && keys.includes(name))
        expect(error.message).toContain("it was not run")
        // One of those that are elsewhere, and where it is.
        expect(names.slice(at).some((name) => error.message.includes(`"${name}"`))).toBe(true)
      }
    }
    expect(refused).toBe(lists(3, ["a", "b", "c", "x"]).filter((one) => !isRight(one)).length)
  })

  test("both names are told, whatever reads the rows, and nothing has run", async () => {
    await fill("words", [{ a: "A", b: "B" }])
    const swapped = Query.raw(ab)`select b, a from words`
    const wanted = {
      _tag: "DecodeFailed",
      path: "a",
      expected: `"a" as column 1`,
      message: `the SQL by hand gives "b" as column 1, where "a" is declared: it was not run`
    }
    expect(await failure(Database.all(swapped))).toMatchObject(wanted)
    // Asked for once more it is refused once more.
    expect(await failure(Database.all(swapped))).toMatchObject(wanted)
    expect(await failure(Database.one(swapped))).toMatchObject(wanted)
    expect(await failure(Database.first(swapped))).toMatchObject(wanted)
    expect(await failure(Database.run(swapped))).toMatchObject(wanted)
    expect(await failure(Stream.runCollect(Database.stream(swapped)))).toMatchObject(wanted)
    expect(await failure(Database.transaction(Database.all(swapped)))).toMatchObject(wanted)
    const inside = Database.transaction(Stream.runCollect(Database.stream(swapped)))
    expect(await failure(inside)).toMatchObject(wanted)
    const written = Query.raw(ab)`insert into words (a, b) values ('C', 'D') returning b, a`
    // MariaDB does not tell what RETURNING gives before it ran: there the text is refused as it is.
    const untold = { ...wanted, path: "", expected: "a statement that gives rows" }
    expect(await failure(Database.all(written))).toMatchObject(
      engine === "mariadb"
        ? {
            ...untold,
            message: expect.stringMatching(/^the SQL by hand gives rows by RETURNING, .* not run$/)
          }
        : wanted
    )
    if (engine === "postgres")
      expect(await failure(Stream.runCollect(Postgres.copyOut(swapped)))).toMatchObject(wanted)
    expect(await all(Query.raw(ab)`select a, b from words`)).toEqual([{ a: "A", b: "B" }])
  })

  test("what an interceptor sends in a query's place is asked too", async () => {
    const own = await place(engine)
    const swapped = Query.raw(ab)`select 'B' as b, 'A' as a`
    const right = Query.raw(ab)`select 'A' as a, 'B' as b`
    const database = program(own.url, {
      intercept: (_, __, { instead }) => instead(swapped),
      // A stream's query is asked for on the stream's own connection.
      pool: { size: 1 },
      deadlines: { borrow_ms: 500 }
    })
    const message = `gives "b" as column 1, where "a" is declared: it was not run`
    for (const asked of [Database.all(right), Stream.runCollect(Database.stream(right))])
      expect((await database.failure(asked)).message).toContain(message)
    await database.dispose()
    await own.drop()
  })

  test("more or fewer columns than declared are refused", async () => {
    const more = Query.raw(ab)`select 'A' as a, 'B' as b, 'C' as c`
    expect(await failure(Database.all(more))).toMatchObject({
      _tag: "DecodeFailed",
      expected: "2 columns",
      message: "the SQL by hand gives 3 columns, where 2 are declared: it was not run"
    })
    const fewer = Query.raw(ab)`select 'A' as a`
    expect(await failure(Database.all(fewer))).toMatchObject({
      message: "the SQL by hand gives 1 column, where 2 are declared: it was not run"
    })
  })

  test("a field is also known by its key in snake_case, and whatever the case", async () => {
    const two = { authorId: Type.integer, postId: Type.integer }
    const right = [{ authorId: 1, postId: 2 }]
    expect(await all(Query.raw(two)`select 1 as author_id, 2 as post_id`)).toEqual(right)
    expect(await all(Query.raw(two)`select 1 as AUTHORID, 2 as postid`)).toEqual(right)
    expect(await all(Query.raw(two)`select 1 as id, 2 as id`)).toEqual(right)
    const message = `gives "post_id" as column 1, where "authorId" is declared`
    const swapped = Query.raw(two)`select 2 as post_id, 1 as author_id`
    expect((await failure(Database.all(swapped))).message).toContain(message)
    const folded = Query.raw(two)`select 2 as POSTID, 1 as AUTHORID`
    expect((await failure(Database.all(folded)))._tag).toBe("DecodeFailed")
    // Fields that differ by case alone are told by it.
    const cased = { n: Type.integer, N: Type.integer }
    expect(
      (
        await failure(
          Database.all(
            byHand(
              cased,
              "select 2 as `N`, 1 as `n`".replaceAll("`", engine === "mariadb" ? "`" : '"')
            )
          )
        )
      )._tag
    ).toBe("DecodeFailed")
    expect(await all(Query.raw(cased)`select 1 as n, 2 as n`)).toEqual([{ n: 1, N: 2 }])
  })

  test("as a source its columns go by their names, whatever their order", async () => {
    const swapped = Query.raw(ab)`select 'B' as b, 'A' as a`
    const right = [{ a: "A", b: "B" }]
    expect(await all(Query.from(swapped.as("x")))).toEqual(right)
    expect(await all(Query.from(swapped.cte("x")))).toEqual(right)
    expect(await all(swapped.limit(1))).toEqual(right)
    expect(await run(Database.count(swapped))).toBe(1)
    // Names that look like those athanor gives are names like others.
    const odd = { c1: text, c0: text }
    const said = Query.raw(odd)`select 'one' as c1, 'zero' as c0`
    expect(await all(said)).toEqual([{ c1: "one", c0: "zero" }])
    expect(await all(Query.from(said.as("x")))).toEqual([{ c1: "one", c0: "zero" }])
  })

  test("a text that goes by its names gives none of them twice", async () => {
    const twice = Query.raw(ab)`select 'A' as a, 'B' as b, 'C' as a`
    const within = from.where(Query.from(twice.as("x")).exists()).select(words.c.id)
    const asked = [
      Database.all(Query.from(twice.as("x"))),
      Database.all(Query.from(twice.cte("x"))),
      Database.all(within),
      Stream.runCollect(Database.stream(within)),
      Database.run(Query.deleteFrom(words).where(Query.from(twice.as("x")).exists()))
    ]
    for (const one of asked) {
      const error = await failure<unknown, { readonly _tag: string }>(one)
      if (engine === "sqlite")
        expect(error).toMatchObject({
          _tag: "DecodeFailed",
          path: "a",
          message: 'the SQL by hand gives two columns "a", and one is declared: it was not run'
        })
      else expect(error._tag).toBe("SyntaxOrUndefined")
    }
    // One that speaks of columns around it cannot be asked by itself, and is read as it was.
    const around = Query.raw({ a: text })`select ${words.c.a} as a`
    const inside = from.where(words.c.a.in(around)).select(words.c.a)
    expect(await all(inside)).toEqual(
      await all(from.where(words.c.a.isNotNull()).select(words.c.a))
    )
    // What nobody asks for may come twice where the server lets it.
    const other = Query.raw({ a: text })`select 'A' as a, 'B' as b, 'C' as b`
    if (engine !== "mariadb") expect(await all(Query.from(other.as("x")))).toEqual([{ a: "A" }])
  })

  test("a view of a text takes its columns by position", async () => {
    const swapped = Query.raw(ab)`select 'B' as b, 'A' as a`
    const wanted = {
      _tag: "DecodeFailed",
      message: `the SQL by hand gives "b" as column 1, where "a" is declared: it was not run`
    }
    const view = View.make("seen", swapped)
    const kept = Table.as("kept", swapped)
    const created = (...made: ReadonlyArray<typeof view | typeof kept>) =>
      Database.create(Catalog.make(Object.fromEntries(made.map((one, at) => [`m${at}`, one]))))
    expect(await failure(created(view))).toMatchObject(wanted)
    expect(await failure(created(kept))).toMatchObject(wanted)
    expect(await failure(Database.alter(Alter.addView(view)))).toMatchObject(wanted)
    expect((await run(Database.reflect())).views).toEqual([])
    // Its values stand in it as literals: nothing tells the type of a parameter.
    const right = View.make("seen", Query.raw(ab)`select ${"A"} as a, 'B'`)
    const first = Table.make("first", { a: Column.varchar(9) })
    const after = View.make("after", Query.raw({ a: text })`select a from first`)
    await run(Database.create(Catalog.make({ after, first, right })))
    expect(await all(Query.from(right))).toEqual([{ a: "A", b: "B" }])
    expect(await failure(Database.alter(Alter.alterView(view)))).toMatchObject(wanted)
    expect(await all(Query.from(right))).toEqual([{ a: "A", b: "B" }])
  })

  test("a view whose author named its columns is made again as it is", async () => {
    const said = "select 'B' as a, coalesce('A', '(,') as b -- in other places"
    await run(Database.script(`create view named (b, a) as ${said}\n`))
    const [read] = (await run(Database.reflect({ tables: ["named"] }))).views
    await run(Database.script("drop view named"))
    const types = Object.fromEntries(read!.columns.map(({ name }) => [name, text]))
    const again = View.make("named", Query.raw(types)(unsafeSql(read!.definition)))
    await run(Database.create(Catalog.make({ again })))
    expect(await all(Query.from(again))).toEqual([{ a: "A", b: "B" }])
    await run(Database.drop(Catalog.make({ again })))
  })

  test("combined, compared or written its columns go by their names too", async () => {
    await run(Database.run(Query.deleteFrom(words).everyRow()))
    await fill("words", [{ a: "A", b: "B" }])
    const swapped = Query.raw(ab)`select b, a from words`
    const rows = from.select({ a: words.c.a, b: words.c.b })
    expect(await all(rows.union(swapped))).toEqual([{ a: "A", b: "B" }])
    expect(await all(swapped.unionAll(swapped).distinct())).toEqual([{ a: "A", b: "B" }])
    expect(await all(rows.except(swapped))).toEqual([])
    const pair = Expr.tuple(words.c.a, words.c.b)
    expect(await all(from.where(pair.in(swapped)).select(words.c.a))).toEqual(["A"])
    const copied = Query.insert(words).fromSelect(swapped)
    expect(await failure(Database.run(copied))).toMatchObject({
      _tag: "DecodeFailed",
      message: `the SQL by hand gives "b" as column 1, where "a" is declared: it was not run`
    })
    const right = Query.insert(words).fromSelect(Query.raw(ab)`select a, b from words`)
    expect(await run(Database.run(right))).toBe(1)
    // What has no name of its own is taken by position.
    const nameless = Query.insert(words).fromSelect(Query.raw(ab)`select 'A', 'B'`)
    expect(await run(Database.run(nameless))).toBe(1)
    expect(await all(rows)).toEqual(Array.from({ length: 3 }, () => ({ a: "A", b: "B" })))
  })

  test("what stands around a query gives its columns in their order", async () => {
    const turned = Query.custom("turned", {
      default: (query) => sql(text)`SELECT q.b, q.a FROM (${query}) AS q`
    })
    const rows = from.select({ a: words.c.a, b: words.c.b })
    expect(await failure(Database.all(turned(rows)))).toMatchObject({
      message: `the SQL by hand gives "b" as column 1, where "a" is declared: it was not run`
    })
    const found = await run(Database.describe(turned(rows)))
    expect(found.mismatches.map(({ column }) => column)).toEqual(["a", "b"])
    const kept = Query.custom("kept", {
      default: (query) => sql(text)`SELECT q.* FROM (${query}) AS q`
    })
    expect(await all(kept(rows))).toEqual(await all(rows))
  })

  test("describe tells of it before anything runs", async () => {
    const swapped = Query.raw(ab)`select b, a from words`
    const found = await run(Database.describe(swapped))
    expect(found.mismatches).toMatchObject([
      {
        _tag: "Missing",
        column: "a",
        message: `"a" is column 1 of the declaration, where the text gives "b"`
      },
      {
        _tag: "Missing",
        column: "b",
        message: `"b" is column 2 of the declaration, where the text gives "a"`
      }
    ])
    const copied = Query.insert(words).fromSelect(swapped)
    expect((await run(Database.describe(copied))).mismatches).toEqual(found.mismatches)
    const right = Query.insert(words).fromSelect(Query.raw(ab)`select a, b from words`)
    expect((await run(Database.describe(right))).mismatches).toEqual([])
  })
})

test("a text is asked what it gives once for each of its forms", async () => {
  const asked: Array<string> = []
  const layer = Database.layerMock({
    dialect: "postgres",
    answer: (said) => {
      asked.push(said.text)
      return [["A", "B"]]
    }
  })
  // A function knows nothing of columns: it is believed.
  const rows = Database.all(Query.raw(ab)`select a, b from words`)
  const program = Effect.provide(Effect.all([rows, rows]), layer)
  expect(await Effect.runPromise(program)).toEqual([[{ a: "A", b: "B" }], [{ a: "A", b: "B" }]])
  expect(asked).toHaveLength(2)
})

test("only a text by hand has columns to be asked for", () => {
  const compiled = (statement: Parameters<typeof compile>[0]) => {
    const one = compile(statement, "postgres")
    return one._tag === "Compiled" ? one.byHand : one
  }
  expect(compiled(from)).toBe(null)
  expect(
    compiled(Query.insert(words).fromSelect(from.select({ a: words.c.a, b: words.c.b })))
  ).toBe(null)
  expect(compiled(Query.raw(ab)`select a, b`)).toEqual(["a", "b"])
  const united = Query.raw(ab)`select a, b`.unionAll(Query.raw(ab)`select b, a`)
  expect(textOf(united, "postgres")).toBe(textOf(united, "mariadb"))
})
