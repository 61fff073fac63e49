import { Catalog, Column, Database, Entity, Load, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Author extends Entity<Author>()("authors", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly posts = this.hasMany(() => Post)
  static readonly stars = this.relatesToMany(
    () => Post,
    (own, target) => own.id.lte(target.authorId)
  )
}
class Post extends Entity<Post>()("posts", {
  id: Column.id(),
  authorId: Column.integer(),
  stars: Column.integer().nullable(),
  title: Column.varchar(20)
}) {
  static readonly author = this.belongsTo(() => Author)
  static readonly tags = this.manyToMany(() => Tag, { through: () => postTags })
}
class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.varchar(20) }) {}
const postTags = Table.make("post_tags", {
  postId: Column.integer().references(() => Post.c.id),
  tagId: Column.integer().references(() => Tag.c.id)
})

const authors = Query.from(Author).orderBy(Author.c.id)
const posts = Query.from(Post).orderBy(Post.c.id)
const rows = Array.from({ length: 24 }, (_, at) => ({
  authorId: 1 + (at % 3),
  stars: at % 7 === 0 ? null : (at * 5) % 9,
  title: `post ${at}`
}))

describe.each(engines)("parts of relations on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ Author, Post, Tag, postTags }))
        const names = ["ann", "bob", "cleo", "none"].map((name) => ({ name }))
        yield* Database.run(Query.insert(Author).rows(names))
        yield* Database.run(Query.insert(Post).rows(rows))
        yield* Database.run(Query.insert(Tag).rows(["a", "b", "c"].map((name) => ({ name }))))
        const links = [1, 2, 3, 4].flatMap((postId) =>
          [1, 2, 3].filter((tagId) => tagId !== postId).map((tagId) => ({ postId, tagId }))
        )
        yield* Database.run(Query.insert(postTags).rows(links))
      })
    )
  })
  afterAll(() => connected.dispose())

  test("so many for each parent, of a condition, in an order, by one query [F132.7]", async () => {
    const best = Load.some(Post, {
      where: Post.c.stars.gt(1),
      orderBy: [Post.c.stars.desc(), Post.c.title],
      limit: 2
    })
    const { value, words } = await connected.counting(Load.all(authors, { posts: best }))
    expect(words).toEqual(["SELECT", "SELECT"])
    const each = await connected.run(
      Effect.forEach([1, 2, 3, 4], (id) =>
        Database.all(
          Query.from(Post)
            .where(Post.c.authorId.eq(id))
            .where(Post.c.stars.gt(1))
            .orderBy(Post.c.stars.desc(), Post.c.title, Post.c.id)
            .limit(2)
        )
      )
    )
    expect(value.map((author) => author.posts.some)).toEqual(each)
    expect(each.map((list) => list.length)).toEqual([2, 2, 2, 0])
  })

  test("a condition alone, an order alone, none of them", async () => {
    const load = (options: Load.SomeOptions<typeof Post, {}>) =>
      connected.run(
        Effect.map(Load.all(authors, { posts: Load.some(Post, options) }), (found) =>
          found.map((author) => author.posts.some.map(({ id }) => id))
        )
      )
    const all = await load({})
    expect(all.map((list) => list.length)).toEqual([8, 8, 8, 0])
    expect(await load({ limit: 0 })).toEqual([[], [], [], []])
    const down = await load({ orderBy: Post.c.id.desc() })
    expect(down).toEqual(all.map((list) => list.toReversed()))
    const none = await load({ where: Post.c.stars.isNull() })
    expect(none.flat().length).toBe(rows.filter(({ stars }) => stars === null).length)
  })

  test("by way of a link table, by a condition over both, and with more below", async () => {
    const first = Load.some(Tag, { orderBy: Tag.c.name.desc(), limit: 1 })
    const tagged = await connected.run(Load.all(posts.limit(4), { tags: first }))
    expect(tagged.map(({ tags }) => tags.some.map(({ name }) => name))).toEqual([
      ["c"],
      ["c"],
      ["b"],
      ["c"]
    ])
    const later = Load.some(Post, { orderBy: Post.c.id.desc(), limit: 3, load: { author: true } })
    const far = await connected.run(Load.all(authors, { stars: later }))
    expect(far.map(({ stars }) => stars.some.map(({ author, id }) => [id, author.name]))).toEqual([
      [
        [24, "cleo"],
        [23, "bob"],
        [22, "ann"]
      ],
      [
        [24, "cleo"],
        [23, "bob"],
        [21, "cleo"]
      ],
      [
        [24, "cleo"],
        [21, "cleo"],
        [18, "cleo"]
      ],
      []
    ])
  })

  test("in a session what is not in the part is not taken for gone", async () => {
    const one = Load.some(Post, { where: Post.c.stars.isNull(), limit: 1 })
    const left = await connected.run(
      Effect.gen(function* () {
        yield* Session.transact(
          Effect.gen(function* () {
            const ann = Option.getOrThrow(yield* Session.find(Author, 1, { posts: one }))
            expect(ann.posts.some).toHaveLength(1)
            yield* Session.update(ann, { name: "anna" })
          })
        )
        return yield* Database.count(Query.from(Post))
      })
    )
    expect(left).toBe(24)
  })
})

test("a part of one row, of another entity, of no whole number is refused", () => {
  expect(() => Load.some(Post, { limit: -1 })).toThrow("some: a limit of -1 is no number of rows")
  expect(() => Load.plan(Post, { author: Load.some(Author, {}) as never })).toThrow(
    "plan: Post.author leads to one row, of which there is no part"
  )
  expect(() => Load.plan(Author, { posts: Load.some(Tag, {}) as never })).toThrow(
    "plan: Author.posts leads to Post, not to Tag"
  )
})
