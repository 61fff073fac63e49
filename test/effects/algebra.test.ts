import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Catalog, Column, Expr, Fn, Query, Table, Type, Unique } from "athanor"
import { Database } from "../../src/effects/Database.ts"
import { Mysql } from "../../src/mysql.ts"
import { Postgres } from "../../src/postgres.ts"
import { Sqlite } from "../../src/sqlite.ts"
import { useDatabase } from "./support/databases.ts"
import { names } from "./support/handmade.ts"

const users = Table.make(
  "users",
  {
    id: Column.id(),
    name: Column.varchar(50),
    email: Column.varchar(100),
    score: Column.bigint().nullable(),
    createdAt: Column.timestamp().default(Column.now)
  },
  (c) => [Unique.on(c.email)]
)
const posts = Table.make("posts", {
  id: Column.id(),
  title: Column.varchar(100),
  authorId: Column.integer().references(() => users.c.id)
})
const comments = Table.make("comments", {
  id: Column.id(),
  postId: Column.integer().references(() => posts.c.id),
  authorId: Column.integer().references(() => users.c.id),
  reviewerId: Column.integer()
    .nullable()
    .references(() => users.c.id)
})
const catalog = Catalog.make({ users, posts, comments })

describe.each(names)("the algebra through Database on %s", (name) => {
  const { url } = useDatabase(name)
  const layer = Layer.unwrap(
    Effect.sync(() =>
      Layer.orDie(
        Database.layerUrl(name === "sqlite" ? "sqlite::memory:" : url(), {
          drivers: [Sqlite, Postgres, Mysql]
        })
      )
    )
  )
  const on = <A, E>(body: Effect.Effect<A, E, Database>) =>
    Effect.gen(function* () {
      yield* Database.drop(catalog)
      yield* Database.create(catalog)
      return yield* body
    }).pipe(Effect.provide(layer))

  const alice = Query.insert(users).values({
    name: "Alice",
    email: "alice@example.org",
    score: 2n ** 60n
  })

  it.live("creates, inserts, reads back, counts, drops", () =>
    on(
      Effect.gen(function* () {
        const one = yield* Database.one(alice.returning())
        assert.strictEqual(one.name, "Alice")
        assert.strictEqual(one.score, 2n ** 60n)
        const back = yield* Database.all(Query.from(users))
        assert.deepStrictEqual(back, [one])
        assert.strictEqual(
          yield* Database.run(
            Query.insert(posts).rows([
              { title: "a", authorId: one.id },
              { title: "b", authorId: one.id }
            ])
          ),
          2
        )
        const titled = Query.from(posts).where(posts.c.title.eq(Expr.param("title", Type.text)))
        assert.strictEqual(yield* Database.count(Query.from(posts)), 2)
        assert.strictEqual(yield* Database.count(titled, { title: "a" }), 1)
        assert.isTrue(yield* Database.exists(titled, { title: "b" }))
        assert.isFalse(yield* Database.exists(titled, { title: "c" }))
        const report = Query.from(users)
          .join(posts, posts.c.authorId.eq(users.c.id))
          .groupBy(users.c.name)
          .select({ name: users.c.name, posts: Fn.count() })
        assert.deepStrictEqual(yield* Database.one(report), { name: "Alice", posts: 2 })
        const streamed = yield* Stream.runCollect(
          Database.stream(Query.from(posts).orderBy(posts.c.id.asc()))
        )
        assert.deepStrictEqual(
          [...streamed].map((post) => post.title),
          ["a", "b"]
        )
        assert.strictEqual(
          yield* Database.run(
            Query.update(posts).set({ title: "c" }).where(posts.c.authorId.eq(one.id))
          ),
          2
        )
      })
    )
  )

  it.live("a duplicate gives constraint and columns on every database", () =>
    on(
      Effect.gen(function* () {
        yield* Database.run(alice)
        const caught = yield* Database.run(alice).pipe(
          Effect.as(null),
          Effect.catchTag("UniqueViolation", ({ columns, constraint, table }) =>
            Effect.succeed({ columns, constraint, table })
          )
        )
        assert.isNotNull(caught)
        assert.deepStrictEqual(caught.columns, ["email"])
        assert.strictEqual(caught.table, "users")
        assert.isString(caught.constraint)
        const key = yield* Effect.flip(
          Database.run(Query.insert(posts).values({ title: "t", authorId: 99 }))
        )
        assert.strictEqual(key._tag === "ForeignKeyViolation" && key.direction, "child")
        assert.isString(key._tag === "ForeignKeyViolation" && key.constraint)
      })
    )
  )

  it.live(
    "a missing parameter and a value its column cannot hold are refused before anything is sent",
    () =>
      on(
        Effect.gen(function* () {
          const texts: Array<string> = []
          yield* Effect.gen(function* () {
            const named = Query.from(posts).where(posts.c.title.eq(Expr.param("title", Type.text)))
            const missing = yield* Effect.flip(Database.all(named, {} as never))
            assert.strictEqual(missing._tag === "ParameterMissing" && missing.name, "title")
            const inherited = yield* Effect.flip(
              Database.all(named, Object.create({ title: "x" }) as never)
            )
            assert.strictEqual(inherited._tag, "ParameterMissing")
            const wrong = yield* Effect.flip(
              Database.run(
                Query.insert(posts).values({ title: "canary-\ud800", authorId: Number.NaN })
              )
            )
            assert.strictEqual(wrong._tag, "EncodeFailed")
            assert.notInclude(wrong.message, "canary")
          }).pipe(Effect.provideService(Database.Tap, (event) => void texts.push(event.text)))
          assert.deepStrictEqual(texts, [])
        })
      )
  )

  it.live("first and oneOrNone give options", () =>
    on(
      Effect.gen(function* () {
        assert.isTrue(Option.isNone(yield* Database.first(Query.from(posts))))
        yield* Database.run(alice)
        assert.isTrue(Option.isSome(yield* Database.oneOrNone(Query.from(users))))
      })
    )
  )

  it.live("a missing row is told by the name of the key that refers to it", () =>
    on(
      Effect.gen(function* () {
        const author = yield* Database.one(alice.returning({ id: users.c.id }))
        const title = { title: "t", authorId: author.id }
        const post = yield* Database.one(Query.insert(posts).values(title).returning())
        const good = { postId: post.id, authorId: author.id }
        const comment = yield* Database.one(Query.insert(comments).values(good).returning())
        const constraintOf = (values: { postId: number; authorId: number; reviewerId?: number }) =>
          Effect.map(Effect.flip(Database.run(Query.insert(comments).values(values))), (error) =>
            error._tag === "ForeignKeyViolation" ? error.constraint : error._tag
          )
        const names = [
          yield* constraintOf({ ...good, authorId: 99 }),
          yield* constraintOf({ ...good, postId: 99 }),
          yield* constraintOf({ ...good, reviewerId: 99 })
        ]
        assert.strictEqual(new Set(names).size, 3)
        assert.match(String(names[0]), /author/)
        assert.match(String(names[1]), /post/)
        assert.match(String(names[2]), /reviewer/)
        const moved = yield* Effect.flip(
          Database.run(
            Query.update(comments).set({ authorId: 99 }).where(comments.c.id.eq(comment.id))
          )
        )
        assert.strictEqual(moved._tag === "ForeignKeyViolation" && moved.constraint, names[0])
      })
    )
  )
})
