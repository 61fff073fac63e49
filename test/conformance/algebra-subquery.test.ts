import { Column, Database, Expr, Fn, Query, StatementError, Table, Type } from "athanor"
import { capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { dialects, engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const authors = Table.make("authors", { id: Column.id(), name: Column.text() })
const posts = Table.make("posts", {
  id: Column.id(),
  authorId: Column.integer().nullable(),
  title: Column.text(),
  likes: Column.integer()
})
const bag = Table.make("bag", { n: Column.integer().nullable(), s: Column.text().nullable() })
const other = Table.make("other", { n: Column.integer().nullable(), s: Column.text().nullable() })
const scratch = Table.make("scratch", { id: Column.integer().primaryKey(), n: Column.integer() })
const members = { authors, posts, bag, other, scratch }

const nulls = [
  { n: 1, s: "a" },
  { n: 1, s: "a" },
  { n: null, s: "a" },
  { n: null, s: null },
  { n: null, s: null },
  { n: 2, s: null }
]
const more = [
  { n: 1, s: "a" },
  { n: null, s: null },
  { n: 3, s: "c" },
  { n: 3, s: "c" }
]

describe.each(engines)("queries in queries on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, failure, run, sentBy } = database
  const mine = posts.c.authorId.eq(authors.c.id)
  /** The posts of the author outside. */
  const theirs = Query.from(posts).correlate(authors).where(mine)

  test("a select or a compound as a table offers its columns alone [F70.1]", async () => {
    await database.fill(
      "authors",
      ["Ada", "Bob", "Cid"].map((name) => ({ name }))
    )
    await database.fill("posts", [
      { authorId: 1, title: "a", likes: 5 },
      { authorId: 1, title: "b", likes: 1 },
      { authorId: 2, title: "c", likes: 5 },
      { authorId: null, title: "d", likes: 9 }
    ])
    const counts = Query.from(posts)
      .groupBy(posts.c.authorId)
      .select({ author: posts.c.authorId, of: { posts: Fn.count(), likes: Fn.sum(posts.c.likes) } })
      .as("counts")
    expect(Object.keys(counts.c)).toEqual(["author", "of"])
    expect(Object.keys(counts.c.of)).toEqual(["posts", "likes"])
    const found = Query.from(counts)
      .join(authors, authors.c.id.eq(counts.c.author))
      .where(counts.c.of.posts.gt(1))
      .select({ name: authors.c.name, counts })
    expect(await agrees(found)).toEqual([
      { name: "Ada", counts: { author: 1, of: { posts: 2, likes: 6 } } }
    ])
    const ids = Query.from(authors).select({ id: authors.c.id })
    const both = ids.unionAll(Query.from(posts).select({ id: posts.c.id })).as("both")
    expect(Object.keys(both.c)).toEqual(["id"])
    expect(await agrees(Query.from(both).where(both.c.id.lte(2)))).toHaveLength(4)
  })

  test("a table beside itself keeps the two apart [F70.2]", async () => {
    const p = Query.alias(posts, "p")
    const query = Query.from(posts)
      .join(p, p.c.likes.eq(posts.c.likes).and(p.c.id.gt(posts.c.id)))
      .select({ one: posts.c.title, two: p.c.title })
    expect(await agrees(query)).toEqual([{ one: "a", two: "c" }])
    const left = Query.from(p).leftJoin(posts, posts.c.id.eq(p.c.likes)).select({ p, posts })
    await agrees(left)
    expect(() => Query.from(posts).join(Query.alias(authors, "posts"), Expr.and())).toThrow(
      StatementError
    )
    expect(() => query.join(Query.alias(posts, "p"), Expr.and())).toThrow(/alias "p" is used twice/)
  })

  test("exists and its negation part the outer rows and never repeat one [F71.2]", async () => {
    const names = Query.from(authors).orderBy(authors.c.id).select(authors.c.name)
    expect(await agrees(names.where(theirs.exists()))).toEqual(["Ada", "Bob"])
    expect(await agrees(names.where(theirs.exists().not()))).toEqual(["Cid"])
    const flagged = Query.from(authors).orderBy(authors.c.id).select({ has: theirs.exists() })
    expect(await agrees(flagged)).toEqual([{ has: true }, { has: true }, { has: false }])
  })

  test("an open query does not run [F71.3]", async () => {
    const closed = Query.from(posts)
    const open = Database.all(theirs as unknown as typeof closed)
    expect(await sentBy(open)).toEqual([])
    await expect(run(open)).rejects.toThrow(/authors/)
    const forgotten = Query.from(posts).where(mine as unknown as Expr.Expr<boolean, "posts">)
    await expect(run(Database.all(forgotten))).rejects.toThrow(StatementError)
    expect(await agrees(Query.from(authors).where(theirs.exists()))).toHaveLength(2)
  })

  test("correlated in projection, where, having and order [F71.4]", async () => {
    const { id, name } = authors.c
    const count = theirs.select(Fn.count()).scalar()
    const top = theirs.select(Fn.max(posts.c.likes)).scalar()
    expect(await agrees(Query.from(authors).orderBy(id).select({ name, count, top }))).toEqual([
      { name: "Ada", count: 2, top: 5 },
      { name: "Bob", count: 1, top: 5 },
      { name: "Cid", count: 0, top: null }
    ])
    expect(await agrees(Query.from(authors).where(count.gt(1)).select(name))).toEqual(["Ada"])
    expect(await agrees(Query.from(authors).orderBy(count.desc(), id.desc()).select(name))).toEqual(
      ["Ada", "Bob", "Cid"]
    )
    expect(await agrees(Query.from(authors).orderBy(top.asc(), id.desc()).select(name))).toEqual([
      "Cid",
      "Bob",
      "Ada"
    ])
    const grouped = Query.from(authors)
      .groupBy(id)
      .having(count.lt(2).and(Fn.count().eq(1)))
      .select(id)
    expect(await agrees(grouped.orderBy(id))).toEqual([2, 3])
    const inner = theirs.select({ likes: posts.c.likes }).distinct().as("inner")
    const derived = Query.from(inner).correlate(authors).select(Fn.count()).scalar()
    const query = Query.from(authors).orderBy(id).select(derived)
    if (engine === "mariadb") {
      const error = await failure(Database.all(query))
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "correlatedDerived" })
    } else expect(await agrees(query)).toEqual([2, 1, 0])
  })

  test("an outer alias used again inside is not captured [F71.5]", async () => {
    const all = Query.from(posts).select(Fn.count()).scalar()
    const counted = Query.from(posts).where(posts.c.likes.eq(5)).select({ all })
    const inner = Query.alias(posts, "inner")
    const renamed = Query.from(inner).where(inner.c.likes.eq(5)).select(Fn.count()).scalar()
    expect(await agrees(Query.from(posts).where(posts.c.id.eq(1)).select({ n: renamed }))).toEqual([
      { n: 2 }
    ])
    await expect(run(Database.all(counted))).rejects.toThrow(StatementError)
    await expect(run(Database.all(counted))).rejects.toThrow(/"posts"/)
  })

  test("a CTE used twice gives what its inlining gives [F72.1]", async () => {
    const liked = Query.from(posts)
      .where(posts.c.likes.gte(5))
      .select({ id: posts.c.id, by: posts.c.authorId })
    const ask = (a: ReturnType<typeof liked.as<"a">>, b: ReturnType<typeof liked.as<"b">>) =>
      Query.from(a).leftJoin(b, b.c.by.eq(a.c.id)).select({ a: a.c.id, b: b.c.id })
    const cte = liked.cte("liked")
    const rows = await agrees(ask(Query.alias(cte, "a"), Query.alias(cte, "b")))
    expect(rows).toHaveLength(3)
    const sorted = (list: typeof rows) => list.toSorted((x, y) => x.a - y.a)
    expect(sorted(rows)).toEqual(sorted(await agrees(ask(liked.as("a"), liked.as("b")))))
  })

  test("a CTE is nested, aliased, and stands before commands [F72.4]", async () => {
    const liked = Query.from(posts)
      .where(posts.c.likes.gte(5))
      .select({ id: posts.c.id })
      .cte("liked")
    const some = Query.from(liked).where(liked.c.id.lt(4)).cte("some")
    const s = Query.alias(some, "s")
    expect(await agrees(Query.from(s).orderBy(s.c.id))).toEqual([{ id: 1 }, { id: 3 }])
    const least = Query.from(some).select(Fn.min(some.c.id)).scalar()
    await run(
      Database.run(
        Query.insert(scratch).rows([
          { id: 1, n: 0 },
          { id: 2, n: 0 },
          { id: 3, n: 0 }
        ])
      )
    )
    await run(Database.run(Query.insert(scratch).values({ id: 9, n: least.coalesce(0) })))
    const { id, n } = scratch.c
    const ids = Query.from(some)
    expect(
      await run(
        Database.run(
          Query.update(scratch)
            .set({ n: n.add(1) })
            .where(id.in(ids))
        )
      )
    ).toBe(2)
    expect(await run(Database.run(Query.deleteFrom(scratch).where(id.in(ids).and(id.gt(1)))))).toBe(
      1
    )
    expect(await all(Query.from(scratch).orderBy(id))).toEqual([
      { id: 1, n: 1 },
      { id: 2, n: 0 },
      { id: 9, n: 1 }
    ])
  })

  test("union, intersect and except hold nulls equal [F73.1]", async () => {
    await database.fill("bag", nulls)
    await database.fill("other", more)
    const [a, b] = [Query.from(bag), Query.from(other)]
    expect(await agrees(a.union(b))).toHaveLength(5)
    expect(await agrees(a.intersect(b))).toHaveLength(2)
    expect(await agrees(a.except(b))).toHaveLength(2)
    expect(await agrees(b.except(a))).toEqual([{ n: 3, s: "c" }])
    await agrees(a.select({ n: bag.c.n }).intersect(b.select({ n: other.c.n })))
  })

  test("union all keeps every row, in any nesting [F73.2]", async () => {
    const [a, b] = [Query.from(bag), Query.from(other)]
    expect(await agrees(a.unionAll(b))).toHaveLength(10)
    expect(await agrees(a.unionAll(b).unionAll(a))).toHaveLength(16)
    expect(await agrees(a.unionAll(b.unionAll(a.unionAll(b))))).toHaveLength(20)
    expect(await agrees(a.union(b).unionAll(b.unionAll(a)))).toHaveLength(15)
    expect(await agrees(a.unionAll(b).union(b))).toHaveLength(5)
  })

  test("intersect all and except all match the counts of equal rows [F73.3]", async () => {
    const [a, b] = [Query.from(bag), Query.from(other)]
    const twice = a.unionAll(a)
    expect(await agrees(twice.intersectAll(a))).toHaveLength(6)
    expect(await agrees(twice.exceptAll(a))).toHaveLength(6)
    expect(await agrees(a.intersectAll(b.unionAll(b)))).toHaveLength(4)
    expect(await agrees(a.exceptAll(b))).toHaveLength(4)
    expect(await agrees(b.exceptAll(a))).toEqual([
      { n: 3, s: "c" },
      { n: 3, s: "c" }
    ])
    await agrees(a.exceptAll(b).exceptAll(b))
    await agrees(a.exceptAll(b.exceptAll(a)).intersectAll(twice).union(b))
    await agrees(twice.intersectAll(a).distinct().orderBy(bag.c.n, bag.c.s).limit(2))
    const counted = twice.exceptAll(b).as("counted")
    await agrees(Query.from(counted).groupBy(counted.c.n).select({ n: Fn.count() }))
  })

  test("a part whose record may be absent makes it absent in the other", async () => {
    const whole = Query.from(posts).join(authors, mine).select({ by: authors, t: posts.c.title })
    const maybe = Query.from(posts)
      .leftJoin(authors, mine)
      .select({ by: authors, t: posts.c.title })
    expect(await agrees(whole.unionAll(maybe))).toHaveLength(7)
    expect(await agrees(maybe.union(whole))).toHaveLength(4)
    expect(await agrees(whole.union(whole).union(maybe))).toHaveLength(4)
    const numbers = Query.from(posts)
      .select({ v: posts.c.likes })
      .unionAll(Query.select({ v: Expr.value<number>(0.5, Type.double) }))
    expect(await agrees(numbers)).toContainEqual({ v: 0.5 })
  })

  test("nested set operations keep what their parentheses mean [F73.4]", async () => {
    const [a, b] = [Query.from(bag), Query.from(other)]
    const one = Query.from(bag).where(bag.c.n.eq(1))
    const nested = [
      a.except(b.union(one)),
      a.except(b).union(one),
      a.union(b.intersect(one)),
      a.union(b).intersect(one),
      a.except(b.except(one)),
      a.except(b).except(one),
      a.intersect(b.union(one)),
      a.unionAll(b.except(a)),
      a.union(b.unionAll(one)),
      a.unionAll(b.union(one))
    ]
    for (const query of nested) await agrees(query)
    await agrees(b.except(a.unionAll(one)).union(b.intersect(a)))
    expect(await agrees(a.except(b.except(one)))).not.toEqual(await agrees(a.except(b).except(one)))
  })

  test("order and limit are of the whole or of a member, as written [F73.5]", async () => {
    const a = Query.from(posts).select({ v: posts.c.likes })
    const b = Query.from(authors).select({ v: authors.c.id })
    const whole = a.unionAll(b).orderBy(posts.c.likes.desc())
    expect(await agrees(whole.limit(3))).toEqual([{ v: 9 }, { v: 5 }, { v: 5 }])
    expect(await agrees(whole.limit(2).offset(1))).toEqual([{ v: 5 }])
    const member = a.orderBy(posts.c.likes.desc()).limit(1)
    expect(await agrees(member.unionAll(b))).toHaveLength(4)
    expect(await agrees(b.unionAll(member))).toHaveLength(4)
    const all = b.union(member).orderBy(authors.c.id.desc()).limit(2)
    expect(await agrees(all)).toEqual([{ v: 9 }, { v: 3 }])
    expect(await agrees(member.unionAll(b.orderBy(authors.c.id).offset(2)))).toHaveLength(2)
  })

  test("a scalar subquery is null without a row, a typed error with two [F71.1]", async () => {
    const title = theirs.select(posts.c.title).scalar()
    const of = (id: number) => Query.from(authors).where(authors.c.id.eq(id)).select({ title })
    const rows: ReadonlyArray<{ title: string | null }> = await agrees(of(3))
    expect(rows).toEqual([{ title: null }])
    expect(await agrees(of(2))).toEqual([{ title: "c" }])
    const error = await failure(Database.all(of(1)))
    expect(error).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "other" })
  })
})

test("two CTEs of one name in one statement are refused [F72.7 @all]", () => {
  const one = Query.from(authors).cte("same")
  const two = Query.from(posts).cte("same")
  const both = Query.from(one).join(Query.alias(two, "two"), Expr.and()).select({ a: one.c.id })
  for (const dialect of dialects) {
    expect(() => textOf(both, dialect)).toThrow(StatementError)
    expect(() => textOf(both, dialect)).toThrow(/two common table expressions are named "same"/)
  }
})

test("members of unlike columns are refused, of like ones widen [F73.6 @all]", () => {
  const ids = Query.from(authors).select({ id: authors.c.id })
  // What the types refuse, and the builder refuses to who goes round them.
  for (const wrong of [
    Query.from(posts).select({ other: posts.c.id }),
    Query.from(posts).select({ id: posts.c.id, title: posts.c.title }),
    Query.from(posts).select(posts.c.id)
  ]) {
    expect(() => ids.union(wrong as never)).toThrow(StatementError)
    expect(() => ids.exceptAll(wrong as never)).toThrow(/select/)
  }
  const widened = ids.union(Query.from(posts).select({ id: posts.c.authorId }))
  const either = Query.from(posts).select({ id: posts.c.authorId }).union(ids)
  type Row<Q> = Q extends Query.Statement<infer A> ? A : never
  const none: Row<typeof widened> = { id: null }
  const some: Row<typeof either> = none
  expect(some.id).toBeNull()
})

test("counted set operations as each dialect says them", () => {
  const [a, b] = [Query.from(bag).select(bag.c.n), Query.from(other).select(other.c.n)]
  const native = (word: string) =>
    `SELECT bag.n AS c0 FROM bag ${word} ALL SELECT other.n AS c0 FROM other`
  const numbered = (word: string) =>
    "SELECT q3.c0 FROM (SELECT q1.c0, row_number() OVER (PARTITION BY q1.c0) AS c1 FROM " +
    `(SELECT bag.n AS c0 FROM bag) AS q1 ${word} SELECT q2.c0, row_number() OVER ` +
    "(PARTITION BY q2.c0) AS c1 FROM (SELECT other.n AS c0 FROM other) AS q2) AS q3"
  for (const [query, word] of [
    [a.intersectAll(b), "INTERSECT"],
    [a.exceptAll(b), "EXCEPT"]
  ] as const) {
    const said = native(word)
    expectSql(query, { sqlite: numbered(word), postgres: said, mysql: said, mariadb: said })
  }
  const old = capabilities("mysql", [8, 0, 30])
  expect(refusalOf(a.exceptAll(b), old).capability).toBe("intersectExcept")
})
