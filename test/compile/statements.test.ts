import * as BigDecimal from "effect/BigDecimal"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as Column from "../../src/algebra/schema/Column.ts"
import * as Query from "../../src/algebra/Query.ts"
import * as Table from "../../src/algebra/schema/Table.ts"
import { compile } from "../../src/compile/compileStatement.ts"
import type { Connection } from "../properties/support/Runner.ts"
import { expectations } from "./support/expectations.ts"
import { Post, User } from "./support/schema.ts"
import { seed } from "./support/seed.ts"
import { compiled, openServers, run, textsOf } from "./support/servers.ts"
import { statements } from "./support/statements.ts"

let servers: ReadonlyArray<Connection> = []

beforeAll(async () => {
  servers = await openServers()
  for (const server of servers) await seed(server)
})
afterAll(() => Promise.all(servers.map((server) => server.close())))

const plain = (value: unknown): unknown =>
  BigDecimal.isBigDecimal(value) ? BigDecimal.format(value) : value

const plainRow = (row: unknown): unknown =>
  Object.fromEntries(Object.entries(row as object).map(([key, value]) => [key, plain(value)]))

describe("each dialect's words, and one answer", () => {
  for (const [name, { rows, sql }] of Object.entries(expectations)) {
    test(name, async () => {
      expect(textsOf(statements[name]!)).toEqual(sql)
      for (const server of servers) {
        const given = await run(server, statements[name]!)
        expect(given.map(plainRow), server.dialect).toEqual(rows)
      }
    })
  }
})

test("an alias hides none of a query around it: servers compare them without case", () => {
  const [outer, inner] = [Query.alias(Post, "X"), Query.alias(Post, "x")]
  const same = Query.from(inner).correlate(outer).where(inner.c.id.gt(outer.c.id)).exists()
  expect(() => compile(Query.from(outer).where(same).select(outer.c.id), "sqlite")).toThrow(
    'the alias "x" hides "X" of an outer query: they are one name'
  )
})

describe("commands", () => {
  test("RETURNING is refused by MySQL, and gives rows elsewhere", async () => {
    const insert = statements["insert"]!
    expect(compile(insert, "mysql")).toMatchObject({
      _tag: "Refusal",
      capability: "insertReturning"
    })
    for (const server of servers) expect(await run(server, insert)).toEqual([{ id: 4 }, { id: 5 }])
  })

  test("assignments that read each other are computed first where each sees the last", () => {
    const swap = Query.update(Post)
      .set({ views: Post.c.authorId, authorId: Post.c.views })
      .everyRow()
    expect(compiled(swap, "mariadb").text).toBe(
      "UPDATE posts CROSS JOIN (SELECT posts.id AS c0, posts.author_id AS c1, posts.views AS c2 " +
        "FROM posts LIMIT 9223372036854775807 OFFSET 0) AS changed " +
        "SET posts.views = changed.c1, posts.author_id = changed.c2 WHERE changed.c0 = posts.id"
    )
    const pairs = Table.make("pairs", { a: Column.integer(), b: Column.integer() })
    const keyless = Query.update(pairs).set({ a: pairs.c.b, b: pairs.c.a }).everyRow()
    expect(compile(keyless, "mariadb")).toMatchObject({ capability: "simultaneousAssignment" })
    expect(compiled(swap, "sqlite").text).toBe(
      "UPDATE posts SET views = posts.author_id, author_id = posts.views"
    )
  })

  test("a column is read before it is written", () => {
    const shift = Query.update(Post).set({ views: 0, authorId: Post.c.views }).everyRow()
    expect(compiled(shift, "mariadb").text).toBe(
      "UPDATE posts SET author_id = posts.views, views = ?"
    )
  })

  test("what a statement reads and writes", () => {
    const query = Query.from(User)
      .join(Post, Post.c.authorId.eq(User.c.id))
      .select({ id: User.c.id })
    expect(compiled(query, "sqlite")).toMatchObject({ reads: ["users", "posts"], writes: [] })
    expect(compiled(statements["delete"]!, "sqlite")).toMatchObject({
      reads: ["posts"],
      writes: ["posts"]
    })
  })
})

test("pretty text has a clause a line", () => {
  expect(compiled(statements["derived"]!, "postgres", { pretty: true }).text)
    .toBe(`SELECT users.username AS name, counted.posts
FROM users
JOIN (
  SELECT posts.author_id AS "authorId", count(*) AS posts
  FROM posts
  GROUP BY posts.author_id
  HAVING count(*) > $1
) AS counted ON counted."authorId" = users.id`)
})
