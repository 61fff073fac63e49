import { Along, Catalog, Column, Database, Entity, Load, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly posts = this.hasMany(() => Post, { children: "delete" })
  get shout() {
    return `${this.name}!`
  }
}
class Post extends Entity<Post>()("posts", {
  id: Column.id(),
  userId: Column.integer(),
  stars: Column.integer()
}) {
  static readonly user = this.belongsTo(() => User)
  static readonly tags = this.manyToMany(() => Tag, { through: () => postTags })
}
class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.varchar(20) }) {}
const postTags = Table.make("post_tags", {
  postId: Column.integer()
    .primaryKey()
    .references(() => Post.c.id),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id)
})

const good = Query.alias(Post, "good")
const joined = Query.from(User)
  .leftJoin(Post, Along.on(User, "posts"))
  .leftJoin(Tag, Along.on(Post, "tags"))
  .orderBy(User.c.id, Post.c.id, Tag.c.id)
  .select({ user: User, post: Post, tag: Tag })

describe.each(engines)("relations from a written join on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ User, Post, Tag, postTags }))
        const names = ["ann", "bob", "cleo"].map((name) => ({ name }))
        yield* Database.run(Query.insert(User).rows(names))
        const rows = [1, 1, 3, 1].map((userId, stars) => ({ userId, stars }))
        yield* Database.run(Query.insert(Post).rows(rows))
        yield* Database.run(Query.insert(Tag).rows([{ name: "a" }, { name: "b" }]))
        const links = [
          { postId: 1, tagId: 1 },
          { postId: 1, tagId: 2 },
          { postId: 3, tagId: 2 }
        ]
        yield* Database.run(Query.insert(postTags).rows(links))
      })
    )
  })
  afterAll(() => connected.dispose())

  test("a join fills them, aliased and filtered ones too [F134.1]", async () => {
    const query = Query.from(User)
      .join(good, Along.on(User, "posts", { target: good }))
      .where(good.c.stars.gt(0))
      .orderBy(good.c.stars.desc())
      .select({ user: User, good })
    const { count, value } = await connected.counting(Database.all(query))
    const users = Load.nested(value, User, "user", { posts: "good" })
    expect(users.map((one) => [one.shout, one.posts.some.map(({ stars }) => stars)])).toEqual([
      ["ann!", [3, 1]],
      ["cleo!", [2]]
    ])
    expect(count("SELECT")).toBe(1)
    const authors = await connected.run(
      Database.all(
        Query.from(Post)
          .leftJoin(User, Along.on(Post, "user").and(User.c.name.ne("ann")))
          .orderBy(Post.c.id)
          .select({ post: Post, user: User })
      )
    )
    const posts = Load.nested(authors, Post, "post", { user: "user" })
    expect(posts.map(({ user }) => user?.name ?? null)).toEqual([null, null, "cleo", null])
  })

  test("two levels of one join are the tree of separate loads [F134.3]", async () => {
    const rows = await connected.run(Database.all(joined))
    const users = Load.nested(rows, User, "user", { posts: ["post", { tags: "tag" }] })
    const loaded = await connected.run(
      Load.all(Query.from(User).orderBy(User.c.id), { posts: { tags: true } })
    )
    expect(
      users.map(({ name, posts }) => [name, posts.some.map(({ id, tags }) => [id, tags.some])])
    ).toEqual(loaded.map(({ name, posts }) => [name, posts.map(({ id, tags }) => [id, tags])]))
  })

  test("what a join left out is never taken for removed [F134.2]", async () => {
    const { value, words } = await connected.counting(
      Session.transact(
        Effect.gen(function* () {
          const query = Query.from(User)
            .join(Post, Along.on(User, "posts"))
            .where(Post.c.stars.eq(0))
            .select({ user: User, post: Post })
          const [ann] = Load.nested(yield* Session.all(query), User, "user", { posts: "post" })
          const renamed = yield* Session.update(ann!, { name: "anna" })
          yield* Session.update(renamed.posts.some[0]!, { stars: 10 })
          yield* Session.flush
          return [renamed.posts.some.length, (yield* Session.load(renamed, User.posts)).length]
        })
      )
    )
    expect(value).toEqual([1, 3])
    expect(words.filter((word) => word === "DELETE")).toEqual([])
    expect(await connected.run(Database.count(Query.from(Post)))).toBe(4)
  })

  test("what does not fit is refused with words", async () => {
    const rows = await connected.run(Database.all(joined))
    const nested = Load.nested as unknown as (...given: ReadonlyArray<unknown>) => unknown
    expect(() => nested(rows, User, "user", { friends: "post" })).toThrow(
      'nested: User has no relation "friends"'
    )
    expect(() => nested(rows, User, "user", { posts: "tag" })).toThrow('"tag" of a row is no Post')
    expect(() => nested(rows, Tag, "tag", { posts: 1 })).toThrow('Tag has no relation "posts"')
  })
})
