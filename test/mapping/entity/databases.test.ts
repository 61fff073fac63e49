import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { Query } from "athanor"
import { capabilities, currentVersions } from "../../../src/compile/capabilities.ts"
import { Database } from "../../../src/effects/Database.ts"
import { Mysql } from "../../../src/mysql.ts"
import { Postgres } from "../../../src/postgres.ts"
import { Sqlite } from "../../../src/sqlite.ts"
import { freshDatabase, sqliteMemory } from "../../support/databases.ts"
import { catalog, Comment, Flight, Post, postTags, Seat, Tag, User } from "./blog.ts"
import { loader } from "./load.ts"

const user = (username: string) => ({ username, email: `${username}@x` })

const fill = Effect.gen(function* () {
  const [alice, bob] = [
    yield* Database.one(Query.insert(User).values(user("alice")).returning()),
    yield* Database.one(Query.insert(User).values(user("bob")).returning())
  ]
  yield* Database.one(Query.insert(User).values(user("carol")).returning())
  const post = (title: string, authorId: number) =>
    Database.one(Query.insert(Post).values({ title, authorId }).returning())
  const [first, second] = [yield* post("one", alice.id), yield* post("two", bob.id)]
  yield* post("three", alice.id)
  const tag = (name: string) => Database.one(Query.insert(Tag).values({ name }).returning())
  const [sql, news] = [yield* tag("sql"), yield* tag("news")]
  for (const [postId, tagId] of [
    [first.id, sql.id],
    [first.id, news.id],
    [second.id, sql.id]
  ] as const) {
    yield* Database.run(Query.insert(postTags).values({ postId, tagId }))
  }
  const comment = (body: string, parentId: number | null) =>
    Database.one(
      Query.insert(Comment)
        .values({ body, postId: first.id, writerId: bob.id, parentId })
        .returning()
    )
  const question = yield* comment("?", null)
  yield* comment("!", question.id)
  for (const number of [1, 2]) {
    yield* Database.run(Query.insert(Flight).values({ airline: "ATH", number }))
    yield* Database.run(
      Query.insert(Seat).values({ row: number, flightAirline: "ATH", flightNumber: number })
    )
  }
})

describe.each(["sqlite", "postgres", "mariadb"] as const)("entities on %s", (dialect) => {
  let url = `sqlite:${sqliteMemory}`
  let drop = async (): Promise<void> => {}
  beforeAll(async () => {
    if (dialect === "sqlite") return
    const fresh = await freshDatabase(dialect)
    url = fresh.url
    drop = fresh.drop
  })
  afterAll(() => drop())

  const on = <A, E>(body: Effect.Effect<A, E, Database>): Promise<A> =>
    Effect.runPromise(
      Effect.gen(function* () {
        yield* Database.drop(catalog)
        yield* Database.create(catalog)
        yield* fill
        return yield* body
      }).pipe(
        Effect.provide(Layer.orDie(Database.layerUrl(url, { drivers: [Sqlite, Postgres, Mysql] })))
      )
    )
  const limits = capabilities(dialect, currentVersions[dialect])
  const load = loader(limits, (query) => Database.all(query))

  it("rows are values of their class", () =>
    on(
      Effect.gen(function* () {
        const alice = yield* Database.one(Query.from(User).match({ username: "alice" }))
        assert.instanceOf(alice, User)
        assert.isTrue(Object.isFrozen(alice))
        assert.strictEqual(alice.label, "alice <alice@x>")
        const u = Query.alias(User, "u")
        const row = yield* Database.one(
          Query.from(Post)
            .join(u, u.c.id.eq(Post.c.authorId))
            .where(Post.c.title.eq("two"))
            .select({ post: Post, u })
        )
        assert.instanceOf(row.u, User)
        assert.instanceOf(row.post, Post)
        const gone = Query.deleteFrom(Post).where(Post.c.title.eq("three")).returning()
        const back = dialect === "mariadb" ? [] : yield* Database.all(gone)
        for (const one of back) assert.instanceOf(one, Post)
      })
    ))

  it("a plan loads the tree in one query a relation and level", () =>
    on(
      Effect.gen(function* () {
        let queries = 0
        const counted = loader(limits, (query) => (queries++, Database.all(query)))
        const users = yield* Database.all(Query.from(User).orderBy(User.c.id))
        const loaded = yield* counted(User, users, { posts: { tags: true, author: true } })
        assert.strictEqual(queries, 3)
        const shown = loaded.map(({ posts, username }) => [
          username,
          posts.map(({ author, tags, title }) => [title, author.label, tags.map((tag) => tag.name)])
        ])
        assert.deepStrictEqual(shown, [
          [
            "alice",
            [
              ["one", "alice <alice@x>", ["sql", "news"]],
              ["three", "alice <alice@x>", []]
            ]
          ],
          ["bob", [["two", "bob <bob@x>", ["sql"]]]],
          ["carol", []]
        ])
      })
    ))

  it("a self-reference loads as deep as its plan", () =>
    on(
      Effect.gen(function* () {
        const comments = yield* Database.all(Query.from(Comment).orderBy(Comment.c.id))
        const loaded = yield* load(Comment, comments, { parent: true, replies: { replies: true } })
        const shown = loaded.map(({ body, parent, replies }) => [
          body,
          parent?.body ?? null,
          replies.map((reply) => [reply.body, reply.replies.length])
        ])
        assert.deepStrictEqual(shown, [
          ["?", null, [["!", 0]]],
          ["!", "?", []]
        ])
      })
    ))

  it("keys of several columns link rows", () =>
    on(
      Effect.gen(function* () {
        const flights = yield* Database.all(Query.from(Flight).orderBy(Flight.c.number))
        const loaded = yield* load(Flight, flights, { seats: { flight: true } })
        assert.deepStrictEqual(
          loaded.map(({ number, seats }) => [number, seats.map((seat) => seat.flight.number)]),
          [
            [1, [1]],
            [2, [2]]
          ]
        )
      })
    ))

  it("match follows relations", () =>
    on(
      Effect.gen(function* () {
        const found = yield* Database.all(
          Query.from(Post).match({ author: { username: "alice" }, tags: { name: "sql" } })
        )
        assert.deepStrictEqual(
          found.map((post) => post.title),
          ["one"]
        )
      })
    ))
})
