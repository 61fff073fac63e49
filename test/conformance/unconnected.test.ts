import { Catalog, Column, Database, type DatabaseError, Expr, Fn, Query, Table } from "athanor"
import { capabilities, compile, lint, StatementCache } from "athanor/compile"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program } from "./engine-support.ts"

const users = Table.make("users", { id: Column.integer().primaryKey(), name: Column.text() })
const posts = Table.make("posts", {
  id: Column.integer().primaryKey(),
  userId: Column.integer().nullable(),
  likes: Column.integer()
})
const { id, name } = users.c
const mine = posts.c.userId.eq(id)
const joined = Query.from(users).leftJoin(posts, mine)
const free = Query.from(users).join(posts, posts.c.likes.gt(3))
const third = Query.alias(users, "third")

const groups = (statement: Parameters<typeof lint>[0]) => lint(statement).map((one) => one.groups)

describe("sources that no condition connects", () => {
  test("are named, both of them [F10.1 @all]", () => {
    expect(groups(free)).toEqual([[["users"], ["posts"]]])
    expect(groups(Query.from(users).join(posts, Expr.and()))).toEqual([[["users"], ["posts"]]])
    expect(groups(Query.from(users).where(id.gt(1)))).toEqual([])
    expect(groups(joined)).toEqual([])
    expect(groups(joined.join(third, third.c.name.eq("x")))).toEqual([
      [["users", "posts"], ["third"]]
    ])
  })

  test("wherever they are joined", () => {
    const inside = Query.from(free.select({ id }).as("f"))
    expect(groups(inside)).toEqual([[["users"], ["posts"]]])
    expect(groups(Query.from(free.select({ id }).cte("f")))).toEqual([[["users"], ["posts"]]])
    const other = Query.alias(users, "other")
    expect(groups(Query.from(other).where(other.c.id.in(free.select({ id }))))).toHaveLength(1)
    expect(groups(free.select({ id }).union(free.select({ id })))).toHaveLength(2)
    expect(groups(free.groupBy(id).select(id))).toHaveLength(1)
    const updated = Query.update(users).from(posts, posts.c.likes.gt(3)).set({ name: "x" })
    expect(groups(updated)).toEqual([[["users"], ["posts"]]])
  })

  test("are meant in a cross join, harmless in one row and lateral [F10.2 @all]", () => {
    expect(groups(Query.from(users).crossJoin(posts))).toEqual([])
    const counted = Query.from(posts).select({ n: Fn.count() }).as("counted")
    expect(groups(Query.from(users).join(counted, Expr.and()))).toEqual([])
    const first = Query.from(posts).orderBy(posts.c.id).limit(1).as("first")
    expect(groups(Query.from(users).join(first, Expr.and()))).toEqual([])
    const two = Query.from(posts).orderBy(posts.c.id).limit(2).as("two")
    expect(groups(Query.from(users).join(two, Expr.and()))).toHaveLength(1)
    const theirs = Query.from(posts).correlate(users).where(mine).limit(2).as("theirs")
    expect(groups(Query.from(users).joinLateral(theirs))).toEqual([])
    const correlated = Query.from(posts).correlate(users).where(mine).exists()
    expect(groups(Query.from(users).where(correlated))).toEqual([])
    expect(groups(Query.insert(users).values({ id: 1, name: "a" }))).toEqual([])
  })

  test("are connected by WHERE and through a third source [F10.3 @all]", () => {
    expect(groups(free.where(mine))).toEqual([])
    const between = free.join(third, third.c.id.eq(id).and(third.c.id.eq(posts.c.userId)))
    expect(groups(between)).toEqual([])
    const inWhere = free
      .join(third, third.c.name.ne("x"))
      .where(mine.and(third.c.id.eq(posts.c.id)))
    expect(groups(inWhere)).toEqual([])
    expect(groups(joined.join(third, third.c.name.eq(name).or(id.eq(1))))).toEqual([])
  })

  test("are not connected by a column of what stands around them alone", () => {
    const theirs = Query.from(posts).correlate(users)
    const apart = theirs.join(third, third.c.id.gt(posts.c.likes).and(third.c.id.eq(id)))
    const around = theirs.join(third, third.c.id.eq(id))
    expect(groups(Query.from(users).where(apart.exists()))).toEqual([])
    expect(groups(Query.from(users).where(around.exists()))).toEqual([[["posts"], ["third"]]])
    expect(groups(Query.from(users).where(around.where(mine).exists()))).toEqual([])
  })

  test("are told by the shape alone where a text is shared", () => {
    const limited = (rows: number) =>
      Query.from(users).join(Query.from(posts).limit(rows).as("some"), Expr.and())
    const cache = StatementCache.make(capabilities("sqlite"))
    const warnings = [1, 2].map((rows) => {
      const found = cache.get(limited(rows).node)
      return found._tag === "Lookup" ? found.compiled.warnings : null
    })
    expect(cache.printed()).toBe(1)
    expect(warnings[0]).toHaveLength(1)
    expect(warnings[1]).toBe(warnings[0])
    expect(compile(joined, "sqlite")).toMatchObject({ warnings: [] })
  })
})

/** A logger that keeps its lines. */
const watch = () => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    lines.push(`${logLevel} ${String(message)}`)
  })
  const watched = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provide(effect, Logger.layer([logger]))
  return { lines, watched }
}

describe.each(engines)("sources that no condition connects on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(Database.create(Catalog.make({ users, posts })))
    await database.run(Database.run(Query.insert(users).values({ id: 1, name: "Ann" })))
    await database.run(Database.run(Query.insert(posts).values({ id: 1, userId: 1, likes: 9 })))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const liked = (least: number) =>
    Query.from(users).join(posts, posts.c.likes.gt(least)).select({ id })

  test("are told to the log once for each shape, or refused [F10.4]", async () => {
    const { lines, watched } = watch()
    for (const least of [1, 2, 3])
      expect(await database.run(watched(Database.all(liked(least))))).toEqual([{ id: 1 }])
    expect(lines).toEqual([
      "Warn athanor: no condition connects sources of one FROM, so each row of one meets each " +
        "row of the other: users | posts; crossJoin says that it is meant"
    ])
    await database.run(watched(Database.all(liked(1).where(id.gt(0)))))
    expect(lines).toHaveLength(2)
    const streamed = Database.stream(liked(1).orderBy(id)).pipe(Stream.runCollect)
    expect(await database.run(watched(streamed))).toHaveLength(1)
    expect(await database.run(watched(streamed))).toHaveLength(1)
    expect(lines).toHaveLength(3)
    // Its text is that of a limit of one row, which multiplies nothing.
    const some = (rows: number) =>
      Query.from(users).join(Query.from(posts).limit(rows).as("some"), Expr.and()).select({ id })
    await database.run(watched(Database.all(some(1))))
    expect(lines).toHaveLength(3)
    await database.run(watched(Database.all(some(2))))
    expect(lines).toHaveLength(4)
    await database.run(watched(Database.all(Query.from(users).crossJoin(posts))))
    expect(lines).toHaveLength(4)

    const strict = program(own.url, { statement: { unconnected: "refuse" } })
    const before = database.sent.length
    const refused: ReadonlyArray<Effect.Effect<unknown, DatabaseError.DatabaseError, Database>> = [
      Database.all(liked(1)),
      Database.stream(liked(1)).pipe(Stream.runCollect),
      Database.run(Query.update(users).from(posts, posts.c.likes.gt(3)).set({ name: "x" }))
    ]
    for (const failing of refused)
      expect(await strict.failure(watched(failing))).toMatchObject({
        _tag: "Unsupported",
        capability: "unconnected",
        construct: "users | posts",
        transaction: "alive"
      })
    expect(strict.sent).toEqual([])
    expect(await strict.run(Database.all(Query.from(users)))).toEqual([{ id: 1, name: "Ann" }])
    expect(await strict.run(Database.all(Query.from(users).crossJoin(posts)))).toHaveLength(1)
    await strict.dispose()
    expect(lines).toHaveLength(4)
    expect(database.sent).toHaveLength(before)
  })

  test("are nobody's business where they are allowed", async () => {
    const { lines, watched } = watch()
    const lenient = program(own.url, { statement: { unconnected: "allow" } })
    expect(await lenient.run(watched(Database.all(liked(1))))).toEqual([{ id: 1 }])
    expect(lines).toEqual([])
    await lenient.dispose()
  })
})
