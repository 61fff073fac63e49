import { Column, Database, Fn, Query, StatementError, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import * as BigDecimal from "effect/BigDecimal"
import * as Instant from "../../src/algebra/values/Instant.ts"
import { engines, textOf, useDatabase } from "./support.ts"

const authors = Table.make("authors", { id: Column.id(), name: Column.text().nullable() })
const posts = Table.make("posts", {
  id: Column.id(),
  authorId: Column.integer().nullable(),
  likes: Column.integer().nullable(),
  at: Column.make(Type.timestamp(6)),
  price: Column.numeric(8, 2)
})
const members = { authors, posts }
const { authorId, id, likes } = posts.c

test("a page is a condition on the sort keys, and cursors are checked", () => {
  const pages = Query.keyset(Query.from(posts).orderBy(likes.desc(), id).select(id))
  const cursor = pages.cursor({ at: { k0: 5, k1: 7 } as never })
  expect(textOf(pages.page(2), "sqlite")).toBe(
    'SELECT posts.id AS "row", posts.likes AS k0 FROM posts ' +
      "ORDER BY posts.likes DESC, posts.id LIMIT ?"
  )
  expect(textOf(pages.page(2, cursor), "postgres")).toContain(
    "WHERE posts.likes < $1 OR posts.likes IS NULL OR posts.likes = $2 AND posts.id > $3"
  )
  expect(pages.read(cursor)).toBe(cursor)
  const other = Query.keyset(Query.from(posts).orderBy(likes, id).select(id))
  expect(other.read(cursor)).toBeNull()
  expect(() => other.page(2, cursor)).toThrow(StatementError)
  for (let i = 0; i < cursor.length; i++) {
    const changed = cursor.slice(0, i) + (cursor[i] === "A" ? "B" : "A") + cursor.slice(i + 1)
    if (Buffer.from(changed, "base64url").equals(Buffer.from(cursor, "base64url"))) continue
    expect(pages.read(changed)).toBeNull()
  }
  for (const text of ["", "x", "%%%", "e30", cursor.slice(1), cursor + cursor])
    expect(pages.read(text)).toBeNull()
})

test("a query that compares with other values takes the same cursor", () => {
  const by = (author: number) =>
    Query.keyset(Query.from(posts).where(authorId.eq(author)).orderBy(likes, id))
  const cursor = by(1).cursor({ at: { k0: null, k1: 7 } as never })
  expect(by(2).read(cursor)).toBe(cursor)
})

test("an order that is not total is refused", () => {
  const both = Query.from(posts).join(authors, authors.c.id.eq(authorId))
  const free = Query.from(posts).join(authors, authors.c.id.gt(authorId))
  const counted = Query.from(posts).groupBy(authorId).select({ authorId, n: Fn.count() })
  const d = counted.as("d")
  const refused = [
    () => Query.keyset(Query.from(posts)),
    () => Query.keyset(Query.from(posts).orderBy(likes)),
    () => Query.keyset(Query.from(posts).orderBy(id).limit(5)),
    () => Query.keyset(free.orderBy(id)),
    () => Query.keyset(counted.orderBy(Fn.count())),
    () =>
      Query.keyset(
        Query.from(posts)
          .select({ likes })
          .unionAll(Query.from(posts).select({ likes }))
          .orderBy(likes)
      ),
    () => Query.keyset(Query.from(d).orderBy(d.c.n)),
    () => Query.keyset(both.orderBy(authors.c.id))
  ]
  for (const one of refused) expect(one).toThrow(StatementError)
  expect(refused[1]!).toThrow(/which row of "posts" comes first/)
  Query.keyset(both.orderBy(id))
  Query.keyset(free.orderBy(id, authors.c.id))
  Query.keyset(counted.orderBy(Fn.count(), authorId))
  Query.keyset(Query.from(d).orderBy(d.c.authorId))
  Query.keyset(Query.from(posts).select({ likes }).distinct().orderBy(likes))
})

describe.each(engines)("keyset pagination on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { all } = database

  const walk = async <Row, S extends string>(query: Query.Select<Row, never, S>, size: number) => {
    const pages = Query.keyset(query)
    const found: Array<unknown> = []
    let cursor: Query.Cursor<S> | null = null
    for (let turn = 0; turn < 50; turn++) {
      const rows: ReadonlyArray<Query.Keyed<unknown>> = await all(pages.page(size, cursor) as never)
      found.push(...rows.map(({ row }) => row))
      const last = rows.at(-1)
      if (last === undefined || rows.length < size) break
      cursor = pages.read(pages.cursor(last))
      expect(cursor).not.toBeNull()
    }
    return found
  }

  test("pages are the query's rows whatever the directions and the values", async () => {
    await database.run(
      Database.run(Query.insert(authors).rows([{ name: "Ada" }, { name: null }, { name: "Bob" }]))
    )
    const moment = (i: number) => Instant.make(1_700_000_000_000_000n + BigInt(i % 7))
    await database.run(
      Database.run(
        Query.insert(posts).rows(
          Array.from({ length: 12 }, (_, i) => ({
            authorId: i % 4 === 0 ? null : i % 4,
            likes: i % 3 === 0 ? null : i % 5,
            at: moment(i),
            price: BigDecimal.make(BigInt(100 + (i % 3)), 2)
          }))
        )
      )
    )
    const { at, price } = posts.c
    const { name } = authors.c
    const joined = Query.from(posts).leftJoin(authors, authors.c.id.eq(authorId))
    const counted = Query.from(posts).groupBy(authorId).select({ authorId, n: Fn.count() })
    const walked = [
      joined.orderBy(name.desc().nullsLast(), likes, id.desc()).select({ id, name }),
      joined.orderBy(likes.desc().nullsFirst(), name.asc().nullsLast(), id).select(id),
      Query.from(posts).orderBy(price.desc(), at, id).select(id),
      Query.from(posts).select({ likes, authorId }).distinct().orderBy(authorId.desc(), likes),
      counted.orderBy(Fn.count().desc(), authorId.asc().nullsLast())
    ]
    for (const query of walked) {
      const whole = await all(query as never)
      expect(whole.length).toBeGreaterThan(3)
      for (const size of [1, 2, 5, 100]) expect(await walk(query as never, size)).toEqual(whole)
    }
  })

  test("rows that come before the cursor move nothing", async () => {
    const pages = Query.keyset(Query.from(posts).orderBy(id.desc()).select(id))
    const first = await all(pages.page(2))
    const after = pages.cursor(first[1]!)
    const next = await all(pages.page(2, after))
    await database.run(
      Database.run(
        Query.insert(posts).values({
          at: Instant.make(0n),
          price: BigDecimal.make(1n, 0),
          likes: 1,
          authorId: 1
        })
      )
    )
    expect(await all(pages.page(2, after))).toEqual(next)
  })
})
