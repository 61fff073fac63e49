import { Column, Database, Expr, Fn, Query, StatementError, Table, Type } from "athanor"
import { beforeEach, describe, expect, test } from "vitest"
import { engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const users = Table.make("users", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20),
  vip: Column.boolean()
})
const posts = Table.make("posts", {
  id: Column.integer().primaryKey(),
  authorId: Column.integer(),
  author: Column.varchar(20).nullable(),
  likes: Column.integer(),
  rank: Column.integer().nullable()
})
const likes = Table.make("likes", { postId: Column.integer(), n: Column.integer().nullable() })
const pairs = Table.make("pairs", {
  a: Column.integer().primaryKey(),
  b: Column.integer().primaryKey(),
  n: Column.integer()
})
const jobs = Table.make("jobs", {
  id: Column.id(),
  name: Column.varchar(20),
  state: Column.varchar(10).serverDefault("new"),
  tries: Column.integer().default(3),
  at: Column.timestamp().default(Column.now),
  note: Column.varchar(20).nullable()
})
const tokens = Table.make("tokens", {
  id: Column.uuid().primaryKey().default(Column.uuid4),
  name: Column.varchar(20)
})
const members = { users, posts, likes, pairs, jobs, tokens }

const byAuthor = users.c.id.eq(posts.c.authorId)
const named = Query.update(posts).from(users, byAuthor).set({ author: users.c.name })
const perPost = Query.from(likes)
  .groupBy(likes.c.postId)
  .select({ postId: likes.c.postId, total: Fn.count() })
  .as("per_post")
const liked = Query.update(posts)
  .from(likes, likes.c.postId.eq(posts.c.id))
  .set({ rank: likes.c.n, likes: likes.c.n.coalesce(-1) })
const byUser = Query.deleteFrom(posts).using(users, byAuthor).where(users.c.vip.eq(true))
const first = Query.update(posts)
  .set({ rank: 1 })
  .everyRow()
  .limit(2, posts.c.likes.desc(), posts.c.id)
const both = Query.update(users)
  .from(posts, byAuthor)
  .set({ name: "x" })
  .also(posts, { author: "x" })
  .where(posts.c.id.eq(1))
const gone = Query.deleteFrom(users).using(posts, byAuthor).also(posts).where(users.c.id.eq(1))
const best = Query.from(users)
  .correlate(posts)
  .where(byAuthor)
  .select({ author: users.c.name, rank: users.c.id })
const rows = Query.update(posts).setRow(best).where(posts.c.id.lt(4))

describe.each(engines)("commands and other sources on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, members)
  const stored = () => all(Query.from(posts).orderBy(posts.c.id))

  beforeEach(async () => {
    for (const table of [users, posts, likes, pairs, jobs, tokens])
      await run(Database.run(Query.deleteFrom(table as typeof users).everyRow()))
    await run(
      Database.run(
        Query.insert(users).rows([
          { id: 1, name: "Ann", vip: true },
          { id: 2, name: "Bob", vip: false }
        ])
      )
    )
    await run(
      Database.run(
        Query.insert(posts).rows(
          [1, 2, 3, 4].map((id) => ({ id, authorId: [1, 1, 2, 9][id - 1]!, likes: id * 10 }))
        )
      )
    )
    await run(
      Database.run(
        Query.insert(likes).rows([
          { postId: 1, n: 7 },
          { postId: 1, n: 5 },
          { postId: 2, n: 4 },
          { postId: 2, n: null }
        ])
      )
    )
  })

  test("one row, many, and rows of different columns", async () => {
    const add = Query.insert(jobs).rows([
      { name: "a" },
      { name: "b", state: "old", note: "!" },
      { name: "c", tries: 0, state: Expr.byDefault() }
    ])
    expect(await run(Database.run(add))).toBe(3)
    const { name, note, state, tries } = jobs.c
    expect(
      await all(Query.from(jobs).orderBy(jobs.c.id).select({ name, state, tries, note }))
    ).toEqual([
      { name: "a", state: "new", tries: 3, note: null },
      { name: "b", state: "old", tries: 3, note: "!" },
      { name: "c", state: "new", tries: 0, note: null }
    ])
    await run(Database.run(Query.insert(likes).rows([{ postId: 9 }, { postId: 8, n: 1 }])))
    expect(
      await all(Query.from(likes).where(likes.c.postId.gt(7)).orderBy(likes.c.postId))
    ).toEqual([
      { postId: 8, n: 1 },
      { postId: 9, n: null }
    ])
  })

  test("rows of defaults, one or many, alone and among others [F77.1]", async () => {
    const counters = Table.make("counters", {
      id: Column.id(),
      n: Column.integer().serverDefault(5)
    })
    const text = { sqlite: "integer primary key autoincrement", postgres: "serial primary key" }
    const key = engine === "mariadb" ? "int auto_increment primary key" : text[engine]
    await run(Database.script(`create table counters (id ${key}, n integer not null default 5)`))
    expect(await run(Database.run(Query.insert(counters).values({})))).toBe(1)
    expect(await run(Database.run(Query.insert(counters).rows([{}, { n: 6 }, {}])))).toBe(3)
    expect(await run(Database.run(Query.insert(counters).rows([{}, {}])))).toBe(2)
    expect(await all(Query.from(counters).orderBy(counters.c.id).select(counters.c.n))).toEqual([
      5, 5, 6, 5, 5, 5
    ])
    await run(Database.script("drop table counters"))
  })

  test("rows come back in the order of the input when asked [F77.5]", async () => {
    const names = Array.from({ length: 300 }, (_, i) => `n${(i * 7919) % 1009}`)
    const add = Query.insert(jobs).rows(names.map((name) => ({ name })))
    const back = add.returning({ id: jobs.c.id, name: jobs.c.name }).inOrder()
    const given = await run(Database.all(back))
    expect(given.map((row) => row.name)).toEqual(names)
    expect(given.map(({ id }) => id)).toEqual(given.map(({ id }) => id).toSorted((x, y) => x - y))
    const alone = Query.insert(jobs).values({ name: "x" }).returning(jobs.c.name).inOrder()
    expect(await run(Database.all(alone))).toEqual(["x"])
    const keyed = Query.insert(users).rows([{ id: 8, name: "a", vip: true }])
    expect(() => keyed.returning().inOrder()).toThrow(StatementError)
    expect(() =>
      Query.insert(jobs)
        .fromSelect(Query.from(jobs).select({ name: jobs.c.name }))
        .inOrder()
    ).toThrow(StatementError)
  })

  test("insert from select adds the client's defaults [F77.2]", async () => {
    const from = Query.from(users).select({ name: users.c.name, note: Fn.upper(users.c.name) })
    expect(await run(Database.run(Query.insert(jobs).fromSelect(from)))).toBe(2)
    const found = await all(Query.from(jobs).orderBy(jobs.c.name))
    expect(found).toMatchObject([
      { name: "Ann", state: "new", tries: 3, note: "ANN" },
      { name: "Bob", state: "new", tries: 3, note: "BOB" }
    ])
    expect(found[0]!.at).toEqual(found[1]!.at)
    const sorted = Query.from(users)
      .orderBy(users.c.id.desc())
      .limit(1)
      .select({ name: users.c.name })
    const back = Query.insert(jobs)
      .fromSelect(sorted)
      .returning({ name: jobs.c.name, tries: jobs.c.tries })
    expect(await run(Database.all(back))).toEqual([{ name: "Bob", tries: 3 }])
    const named = Query.from(users).select({ name: users.c.name })
    const union = named.union(Query.select({ name: Expr.value("Cid", Type.text) }))
    expect(await run(Database.run(Query.insert(jobs).fromSelect(union)))).toBe(3)
    expect(() => Query.insert(tokens).fromSelect(named)).toThrow(StatementError)
    const both = { id: Expr.value("7d1f1f0e-0000-4000-8000-000000000001", Type.uuid) }
    const made = Query.select({ ...both, name: Expr.value("x", Type.text) })
    expect(await run(Database.run(Query.insert(tokens).fromSelect(made)))).toBe(1)
    const parameter = Query.from(users)
      .where(users.c.id.eq(Expr.param("id", Type.integer)))
      .select({ name: users.c.name })
    expect(await run(Database.run(Query.insert(jobs).fromSelect(parameter), { id: 1 }))).toBe(1)
  })

  test("a table is copied into itself", async () => {
    const more = Query.from(posts).select({ ...posts.c, id: posts.c.id.add(10) })
    expect(await run(Database.run(Query.insert(posts).fromSelect(more)))).toBe(4)
    expect(await stored()).toHaveLength(8)
  })

  test("update from a source changes each row once [F79.3]", async () => {
    expect(await run(Database.run(named))).toBe(3)
    expect((await stored()).map(({ author }) => author)).toEqual(["Ann", "Ann", "Bob", null])
    expect(await run(Database.run(named.where(users.c.vip.eq(true))))).toBe(2)
    const total = Query.update(posts)
      .from(perPost, perPost.c.postId.eq(posts.c.id))
      .set({ likes: posts.c.likes.add(perPost.c.total) })
    expect(await run(Database.run(total))).toBe(2)
    expect((await stored()).map((row) => row.likes)).toEqual([12, 22, 30, 40])
    // Several likes of one post: the least pair of (rank, likes), NULL the least.
    expect(await run(Database.run(liked))).toBe(2)
    expect((await stored()).map((row) => [row.rank, row.likes])).toEqual([
      [5, 5],
      [null, -1],
      [null, 30],
      [null, 40]
    ])
    const deep = Query.update(posts)
      .from(likes, likes.c.postId.eq(posts.c.id))
      .from(users, byAuthor)
      .set({ author: users.c.name.concat("!") })
    expect(await run(Database.run(deep.where(likes.c.n.gt(4))))).toBe(1)
    expect((await stored())[0]!.author).toBe("Ann!")
  })

  test("several columns from one row of a query [F79.5]", async () => {
    expect(await run(Database.run(rows))).toBe(3)
    expect((await stored()).map((row) => [row.author, row.rank])).toEqual([
      ["Ann", 1],
      ["Ann", 1],
      ["Bob", 2],
      [null, null]
    ])
    await run(Database.run(Query.update(posts).setRow(best).everyRow()))
    expect((await stored())[3]).toMatchObject({ author: null, rank: null })
    // Of rows that tie both columns come from one.
    const top = Query.from(users).orderBy(users.c.vip.isNull()).limit(1)
    const one = top.select({ author: users.c.name, rank: users.c.id })
    await run(Database.run(Query.update(posts).setRow(one).everyRow()))
    for (const { author, rank } of await stored()) expect(rank).toBe(author === "Ann" ? 1 : 2)
  })

  test("an update of the first rows by an order [F79.7]", async () => {
    expect(await run(Database.run(first))).toBe(2)
    expect((await stored()).map((row) => row.rank)).toEqual([null, null, 1, 1])
    await run(Database.run(Query.insert(pairs).rows([1, 2, 3].map((b) => ({ a: 1, b, n: 0 })))))
    const some = Query.update(pairs).set({ n: 1 }).where(pairs.c.b.gt(1)).limit(1, pairs.c.b)
    expect(await run(Database.run(some))).toBe(1)
    expect(await all(Query.from(pairs).orderBy(pairs.c.b).select(pairs.c.n))).toEqual([0, 1, 0])
    const swapped = Query.update(posts)
      .set({ likes: posts.c.authorId, authorId: posts.c.likes })
      .everyRow()
      .limit(1, posts.c.id)
    expect(await run(Database.run(swapped))).toBe(1)
    expect((await stored()).map((row) => [row.likes, row.authorId]).slice(0, 2)).toEqual([
      [1, 10],
      [20, 1]
    ])
  })

  test("delete using a source removes each row once [F80.2]", async () => {
    expect(await run(Database.run(byUser))).toBe(2)
    expect((await stored()).map((row) => row.id)).toEqual([3, 4])
    const ofLiked = Query.deleteFrom(likes).using(posts, posts.c.id.ne(likes.c.postId))
    expect(await run(Database.run(ofLiked))).toBe(4)
    const back = Query.deleteFrom(posts).using(users, byAuthor).returning(posts.c.id)
    expect(await run(Database.all(back))).toEqual([3])
  })

  test("a delete of the first rows by an order [F80.3]", async () => {
    const worst = Query.deleteFrom(posts).where(posts.c.id.gt(1)).limit(2, posts.c.likes)
    expect(
      (await run(Database.all(worst.returning(posts.c.id)))).toSorted((x, y) => x - y)
    ).toEqual([2, 3])
    expect((await stored()).map((row) => row.id)).toEqual([1, 4])
    const none = Query.deleteFrom(posts).everyRow()
    expect(() => none.limit(-1, posts.c.id)).toThrow(StatementError)
    expect(() => none.limit(1)).toThrow(StatementError)
    expect(() => byUser.limit(1, posts.c.id)).toThrow(StatementError)
  })

  if (engine === "mariadb") {
    test("one update sets columns of two tables [F79.4]", async () => {
      expect(await run(Database.run(both))).toBe(2)
      expect(await all(Query.from(users).where(users.c.id.eq(1)).select(users.c.name))).toEqual([
        "x"
      ])
      expect((await stored()).map(({ author }) => author)).toEqual(["x", null, null, null])
      const unsure = Query.update(users).from(posts, byAuthor).set({ name: "y" })
      const other = unsure.also(posts, { rank: users.c.id })
      expect(await run(Database.run(other))).toBe(5)
    })
    test("a value that several rows could give is refused in an update of two tables", async () => {
      const unsure = Query.update(posts)
        .from(likes, likes.c.postId.eq(posts.c.id))
        .set({ rank: likes.c.n })
        .also(likes, { n: 0 })
      expect(await failure(Database.run(unsure))).toMatchObject({ capability: "ambiguousUpdate" })
    })
    test("two tables of which one is asked for in a query are refused", async () => {
      const other = Query.alias(likes, "other")
      const asked = Query.deleteFrom(posts)
        .using(likes, likes.c.postId.eq(posts.c.id))
        .also(likes)
        .where(posts.c.id.in(Query.from(other).select(other.c.postId)))
      expect(await failure(Database.run(asked))).toMatchObject({ capability: "readsWrittenTable" })
    })
    test("one delete removes from two tables [F80.5]", async () => {
      expect(await run(Database.run(gone))).toBe(3)
      expect((await stored()).map((row) => row.id)).toEqual([3, 4])
      expect(await all(Query.from(users).select(users.c.id))).toEqual([2])
    })
  } else {
    test("two tables in one update or delete are refused [F79.4 F80.5]", async () => {
      for (const [one, capability] of [
        [both, "multiTableUpdate"],
        [gone, "multiTableDelete"]
      ] as const) {
        expect(await failure(Database.run(one))).toMatchObject({ _tag: "Unsupported", capability })
        expect(await sentBy(Database.run(one))).toEqual([])
      }
    })
  }

  test("a source of no condition, or none of it, is refused when it is built", () => {
    const from = Query.update(posts)
    expect(() => from.from(users, undefined as never)).toThrow(StatementError)
    expect(() => from.from(users, Expr.and() as never)).toThrow(StatementError)
    expect(() => Query.deleteFrom(posts).using(users, Expr.and() as never)).toThrow(StatementError)
    expect(() => named.also(likes as never, { n: 1 } as never)).toThrow(StatementError)
  })
})

const pairless = Query.deleteFrom(pairs).everyRow().limit(2, pairs.c.n)
const copy = Query.insert(tokens).fromSelect(
  Query.from(users).select({ id: Expr.value("a", Type.uuid), name: users.c.name })
)
const filledIn = Query.insert(likes).fromSelect(Query.from(posts).select({ postId: posts.c.id }))
const tries = Table.make("tries", {
  id: Column.id(),
  name: Column.varchar(20),
  state: Column.varchar(10).serverDefault("new"),
  n: Column.integer().default(3)
})
const mixed = Query.insert(tries).rows([{ name: "a" }, { name: "b", state: "old" }])

describe("commands and other sources printed for mysql", () => {
  test("rows with different columns, and rows of a query [F77.1 F77.2]", () => {
    expectSql(mixed, {
      sqlite: "INSERT INTO tries (name, state, n) VALUES (?, 'new', ?), (?, ?, ?)",
      postgres: "INSERT INTO tries (name, state, n) VALUES ($1, DEFAULT, $2), ($3, $4, $5)",
      mysql: "INSERT INTO tries (name, state, n) VALUES (?, DEFAULT, ?), (?, ?, ?)",
      mariadb: "INSERT INTO tries (name, state, n) VALUES (?, DEFAULT, ?), (?, ?, ?)"
    })
    expectSql(copy, {
      sqlite: "INSERT INTO tokens (id, name) SELECT ? AS id, users.name FROM users",
      postgres: "INSERT INTO tokens (id, name) SELECT $1::uuid AS id, users.name FROM users",
      mysql: "INSERT INTO tokens (id, name) SELECT CAST(? AS CHAR) AS id, users.name FROM users",
      mariadb: "INSERT INTO tokens (id, name) SELECT CAST(? AS CHAR) AS id, users.name FROM users"
    })
    const q = 'FROM (SELECT posts.id AS "postId" FROM posts) AS selected'
    expectSql(filledIn, {
      // Whatever a derived table gives is asked whether the column holds it.
      sqlite:
        "INSERT INTO likes (post_id, n) SELECT CASE WHEN " +
        'selected."postId" NOT BETWEEN -2147483648 AND 2147483647 ' +
        `THEN abs(-9223372036854775808) ELSE selected."postId" END AS "postId", ? AS n ${q}`,
      postgres: `INSERT INTO likes (post_id, n) SELECT selected."postId", $1::integer AS n ${q}`,
      mysql:
        "INSERT INTO likes (post_id, n) SELECT selected.`postId`, CAST(? AS SIGNED) AS n " +
        "FROM (SELECT posts.id AS `postId` FROM posts) AS selected",
      mariadb:
        "INSERT INTO likes (post_id, n) SELECT selected.`postId`, CAST(? AS SIGNED) AS n " +
        "FROM (SELECT posts.id AS `postId` FROM posts) AS selected"
    })
  })

  test("update from a source whose key is matched, and from any other [F79.3]", () => {
    const joined =
      "UPDATE posts CROSS JOIN users SET posts.author = users.name WHERE users.id = posts.author_id"
    expectSql(named, {
      sqlite: "UPDATE posts SET author = users.name FROM users WHERE users.id = posts.author_id",
      postgres: "UPDATE posts SET author = users.name FROM users WHERE users.id = posts.author_id",
      mysql: joined,
      mariadb: joined
    })
    const least = Query.update(posts)
      .from(likes, likes.c.postId.eq(posts.c.id))
      .set({ likes: likes.c.n.coalesce(0) })
    const where = "WHERE EXISTS (SELECT 1 FROM likes WHERE likes.post_id = posts.id)"
    const value = (zero: string, order: string): string =>
      `UPDATE posts SET likes = (SELECT coalesce(likes.n, ${zero}) AS c0 FROM likes ` +
      `WHERE likes.post_id = posts.id ORDER BY ${order} LIMIT 1) ${where}`
    const cast = value("CAST(? AS SIGNED)", "c0")
    expectSql(least, {
      sqlite: value("?", "c0"),
      postgres: value("$1::integer", "c0 NULLS FIRST"),
      mysql: cast,
      mariadb: cast
    })
  })

  test("what is drawn by name is drawn once, or refused", () => {
    const drawn = Query.select({ r: Fn.random() }).cte("drawn")
    const half = Query.from(drawn).select(drawn.c.r).scalar()
    const remove = Query.deleteFrom(posts).where(half.lt(0.5))
    expect(textOf(remove, "postgres")).toBe(
      "WITH drawn AS MATERIALIZED (SELECT random() AS r) DELETE FROM posts " +
        "WHERE (SELECT drawn.r AS c0 FROM drawn) < $1"
    )
    for (const dialect of ["mysql", "mariadb"] as const)
      expect(refusalOf(remove, dialect).capability).toBe("withCommands")
  })

  test("two tables in one statement [F79.4 F80.5]", () => {
    const update =
      "UPDATE users CROSS JOIN posts SET users.name = ?, posts.author = ? " +
      "WHERE users.id = posts.author_id AND posts.id = ?"
    const remove =
      "DELETE users, posts FROM users CROSS JOIN posts " +
      "WHERE users.id = posts.author_id AND users.id = ?"
    for (const dialect of ["mysql", "mariadb"] as const) {
      expect(textOf(both, dialect)).toBe(update)
      expect(textOf(gone, dialect)).toBe(remove)
    }
  })

  test("one row of a query [F79.5]", () => {
    const from = "FROM users WHERE users.id = posts.author_id)"
    const one =
      `UPDATE posts SET (author, "rank") = (SELECT users.name AS author, users.id AS ` +
      `"rank" ${from} WHERE posts.id < `
    const each =
      `UPDATE posts SET author = (SELECT users.name AS c0 ${from}, ` +
      `\`rank\` = (SELECT users.id AS c0 ${from} WHERE posts.id < ?`
    expectSql(rows, { sqlite: `${one}?`, postgres: `${one}$1`, mysql: each, mariadb: each })
  })

  test("delete using a source [F80.2]", () => {
    const joined =
      "DELETE posts FROM posts CROSS JOIN users WHERE users.id = posts.author_id AND users.vip = ?"
    expectSql(byUser, {
      sqlite:
        "DELETE FROM posts WHERE EXISTS (SELECT 1 FROM users WHERE users.id = " +
        "posts.author_id AND users.vip = ?)",
      postgres: "DELETE FROM posts USING users WHERE users.id = posts.author_id AND users.vip = $1",
      mysql: joined,
      mariadb: joined
    })
  })

  test("the first rows by an order [F79.7 F80.3]", () => {
    const chosen = (n: string): string =>
      `WHERE posts.id IN (SELECT posts.id AS c0 FROM posts ORDER BY posts.likes ` +
      `DESC, posts.id LIMIT ${n})`
    const native = "UPDATE posts SET `rank` = ? ORDER BY posts.likes DESC, posts.id LIMIT ?"
    expectSql(first, {
      sqlite: `UPDATE posts SET "rank" = ? ${chosen("?")}`,
      postgres: `UPDATE posts SET "rank" = $1 ${chosen("$2")}`,
      mysql: native,
      mariadb: native
    })
    const keys = (n: string): string =>
      "DELETE FROM pairs WHERE EXISTS (SELECT 1 FROM " +
      "(SELECT pairs.a AS c0, pairs.b AS c1 FROM pairs " +
      `ORDER BY pairs.n LIMIT ${n}) AS changed WHERE changed.c0 = pairs.a AND changed.c1 = pairs.b)`
    expectSql(pairless, {
      sqlite: keys("?"),
      postgres: keys("$1"),
      mysql: "DELETE FROM pairs ORDER BY pairs.n LIMIT ?",
      mariadb: "DELETE FROM pairs ORDER BY pairs.n LIMIT ?"
    })
  })
})
