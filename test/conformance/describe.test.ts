import { Catalog, Column, Database, Expr, Fn, Query, sql, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { drawn } from "../properties/support/draw.ts"
import { runs, upheldOn } from "../properties/support/law.ts"
import { queryCase } from "../properties/support/statements.ts"
import { alpha, beta, gamma } from "../properties/support/tables.ts"
import { connect, engines } from "../runtime/databases.ts"
import { statements } from "./statements.ts"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.varchar(50),
  born: Column.date().nullable()
})
const posts = Table.make("posts", {
  id: Column.id(),
  title: Column.text(),
  likes: Column.integer().default(0),
  price: Column.numeric(8, 2).nullable(),
  authorId: Column.integer()
})
const kinds = Table.make("kinds", {
  id: Column.id(),
  small: Column.smallint(),
  whole: Column.integer(),
  big: Column.bigint(),
  ratio: Column.double(),
  price: Column.numeric(10, 2),
  wide: Column.numeric(30, 5),
  label: Column.varchar(20),
  body: Column.text(),
  yes: Column.boolean(),
  blob: Column.bytes(),
  key: Column.uuid(),
  day: Column.date(),
  at: Column.timestamp(),
  kind: Column.enum(["a", "b"])
})
const catalog = Catalog.make({ users, posts, kinds, alpha, beta, gamma })

/** What the program believes of a table that is otherwise. */
const believed = Table.make("old", {
  id: Column.id(),
  count: Column.integer(),
  name: Column.text(),
  note: Column.text()
})
const old = {
  sqlite:
    "create table old (id integer primary key, count text not null, name text, note text not null)",
  postgres:
    "create table old (id int primary key, count text not null, name text, note text not null)",
  mariadb:
    "create table old (id int primary key, count text not null, name text, note text not null)"
}

type AnyQuery = Query.Select<unknown, never, never>

describe.each(engines)("describe on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
    await database.run(Database.script(old[engine]))
  })
  afterAll(() => database.dispose())
  const asked = (statement: object) => Database.describe(statement as AnyQuery)
  const of = (statement: object) => database.run(asked(statement))

  test("every type of column agrees with the table made of it", async () => {
    const found = await of(Query.from(kinds))
    expect(found.mismatches).toEqual([])
    expect(found.columns.map(({ path }) => path)).toEqual([...Object.keys(kinds.c)])
    expect(found.columns.map(({ nullable }) => nullable)).toEqual(found.columns.map(() => false))
  })

  test("statements of every kind agree with their own schema; none is run", async () => {
    for (const [name, statement] of Object.entries(statements())) {
      const found = await database.run(Effect.result(asked(statement)))
      if (found._tag === "Failure") expect(found.failure).toMatchObject({ _tag: "Unsupported" })
      else expect([name, found.success.mismatches]).toEqual([name, []])
    }
    expect(await database.run(Database.count(Query.from(users)))).toBe(0)
  })

  test("whatever query is drawn agrees with its own schema", async () => {
    let described = 0
    await upheldOn(
      drawn((draw) => queryCase(draw, ["Raw", "CustomScalar", "CustomRelation"])),
      async ({ query }) => {
        const found = await database.run(Effect.result(asked({ node: query })))
        if (found._tag === "Failure") return found.failure._tag === "Unsupported"
        described++
        expect(found.success.mismatches).toEqual([])
        return true
      },
      200
    )
    expect(described).toBeGreaterThan(runs(200) / 2)
  })

  test("a type that is another, and a NULL that may come, are listed by column", async () => {
    const found = await of(Query.from(believed))
    expect(found.mismatches.map(({ _tag, column }) => [_tag, column])).toEqual([
      ["Type", "count"],
      ["Nullability", "name"]
    ])
    expect(found.mismatches[0]!.message).toContain('"count" is declared')
    const twice = Query.from(users).leftJoin(believed, believed.c.id.eq(users.c.id))
    expect((await of(twice.select({ id: users.c.id, name: believed.c.name }))).mismatches).toEqual(
      []
    )
  })

  test("decimals of other places than the file says are listed", async () => {
    if (engine !== "sqlite") return
    const finer = Table.make("kinds", { price: Column.numeric(10, 3), wide: Column.numeric(30, 4) })
    expect((await of(Query.from(finer))).mismatches).toMatchObject([
      { _tag: "Type", column: "price", message: expect.stringMatching(/10, 3.*10, 2/) as string },
      { _tag: "Type", column: "wide" }
    ])
  })

  test("a table or a column that is not there is named by the server", async () => {
    const gone = Table.make("gone_table", { id: Column.id() })
    const without = Table.make("users", { id: Column.id(), goneColumn: Column.text() })
    for (const [table, name] of [
      [gone, "gone_table"],
      [without, "gone_column"]
    ] as const) {
      const error = await database.run(Effect.flip(asked(Query.from(table as typeof gone))))
      expect(error).toMatchObject({ _tag: "SyntaxOrUndefined" })
      expect(error.message).toContain(name)
    }
    const wrong = sql(Type.integer, { tables: [users] })`no_such_function(${users.c.id})`
    const error = await database.run(
      Effect.flip(Database.describe(Query.from(users).select(wrong)))
    )
    expect(error.message).toContain("no_such_function")
  })

  test("SQL by hand gives the columns it declares", async () => {
    const columns = { id: Type.integer, name: Type.text }
    const right = Query.raw(columns)`select id, name from users`
    const missing = Query.raw(columns)`select id from users`
    const swapped = Query.raw(columns)`select name, id from users`
    const extra = Query.raw(columns)`select id, name, born from users`
    const names = async (query: object) =>
      (await of(query)).mismatches.map(({ _tag, column }) => [_tag, column])
    expect(await names(right)).toEqual([])
    expect(await names(missing)).toEqual([["Missing", "name"]])
    expect(await names(extra)).toEqual([["Extra", "born"]])
    expect((await names(swapped)).filter(([tag]) => tag === "Missing")).toEqual([
      ["Missing", "id"],
      ["Missing", "name"]
    ])
    const claimed = Query.from(users).select(sql(Type.integer)`concat(${users.c.name}, '')`)
    expect((await of(claimed)).mismatches.map(({ _tag }) => _tag)).toEqual(
      // SQLite types no expressions.
      engine === "sqlite" ? [] : ["Type"]
    )
  })

  test("parameters need no values; their types are the server's", async () => {
    const query = Query.from(users).where(users.c.id.eq(Expr.param("id", Type.integer)))
    const found = await of(query.select(Fn.count()))
    expect(found.parameters).toEqual({ sqlite: [], postgres: ["integer"], mariadb: [null] }[engine])
  })

  test("in a transaction it sees the schema of the transaction and ends nothing", async () => {
    const inside = Effect.gen(function* () {
      yield* Database.run(Query.insert(users).values({ name: "Ann" }))
      const found = yield* Database.describe(Query.from(users))
      return [found.mismatches.length, yield* Database.count(Query.from(users))]
    })
    expect(await database.run(Database.transaction(inside))).toEqual([0, 1])
    await database.run(Database.run(Query.deleteFrom(users).everyRow()))
  })
})
