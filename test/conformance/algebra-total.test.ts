import { Column, Database, Expr, Fn, Query, Table } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, expectSql, textOf, useDatabase } from "./support.ts"

const users = Table.make("users", { id: Column.integer().primaryKey(), name: Column.text() })
const posts = Table.make("posts", {
  id: Column.integer().primaryKey(),
  userId: Column.integer().nullable(),
  likes: Column.integer()
})
const members = { users, posts }
const { id, name } = users.c
const mine = posts.c.userId.eq(id)
const joined = Query.from(users).leftJoin(posts, mine)

test("a plain query is counted where it stands, without its order", () => {
  const text = (one: string) =>
    "SELECT count(*) AS c0 FROM users LEFT JOIN posts ON posts.user_id = users.id " +
    `WHERE users.id > ${one}`
  expectSql(joined.where(id.gt(1)).orderBy(name).select({ name }).pipe(Query.total), {
    sqlite: text("?"),
    postgres: text("$1"),
    mysql: text("?"),
    mariadb: text("?")
  })
  expect(textOf(Query.total(Query.from(users).orderBy(id).limit(2)), "sqlite")).toContain(
    "ORDER BY users.id LIMIT ?"
  )
  const locked = Query.total(Query.from(users).lock().pipe(Query.comment("x")))
  expect(textOf(locked, "postgres")).toBe("/* x */ SELECT count(*) AS c0 FROM users")
})

describe.each(engines)("the total of a query on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, run } = database

  test("is how many rows the query gives, its own limit kept", async () => {
    await database.fill(
      "users",
      [1, 2, 3].map((one) => ({ id: one, name: `n${one % 2}` }))
    )
    await database.fill("posts", [
      { id: 1, userId: 1, likes: 5 },
      { id: 2, userId: 1, likes: 5 },
      { id: 3, userId: null, likes: 1 }
    ])
    const queries = [
      joined.orderBy(name),
      joined.select({ one: Expr.and() }),
      Query.from(users).orderBy(id).limit(2),
      Query.from(users).orderBy(id).offset(1),
      Query.from(users).where(id.gt(7)),
      Query.from(users).groupBy(name).select({ name, n: Fn.count() }),
      Query.from(users)
        .where(id.gt(7))
        .select({ n: Fn.max(id) }),
      Query.from(users).select({ name }).distinct().orderBy(name),
      Query.from(users)
        .select({ id })
        .unionAll(Query.from(posts).select({ id: posts.c.id })),
      Query.from(Query.from(posts).as("p")),
      Query.from(users).where(Query.from(posts).correlate(users).where(mine).exists())
    ]
    for (const query of queries as ReadonlyArray<unknown> as ReadonlyArray<
      Query.Select<unknown, never, never>
    >) {
      const rows = await all(query)
      expect(await agrees(Query.total(query))).toEqual([rows.length])
      expect(await run(Database.count(query))).toBe(rows.length)
    }
  })
})
