import {
  Along,
  Catalog,
  Column,
  Database,
  Entity,
  Expr,
  Load,
  Query,
  Session,
  Table,
  Type
} from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Relation } from "../../src/algebra/Relation.ts"
import type { Statement } from "../../src/algebra/Statement.ts"
import { connect, engines } from "../runtime/databases.ts"

class User extends Entity<User>()("users", {
  id: Column.id(),
  name: Column.varchar(20),
  bossId: Column.integer().nullable()
}) {
  static readonly boss = this.belongsTo(() => User)
  static readonly staff = this.hasMany(() => User, { key: "bossId" })
  static readonly posts = this.hasMany(() => Post)
  static readonly later = this.relatesToMany(
    () => Post,
    (own, target) => own.id.lt(target.userId)
  )
}
class Post extends Entity<Post>()("posts", {
  id: Column.id(),
  userId: Column.integer(),
  stars: Column.integer().nullable()
}) {
  static readonly user = this.belongsTo(() => User)
  static readonly tags = this.manyToMany(() => Tag, { through: () => postTags })
}
class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly posts = this.manyToMany(() => Post, { through: () => postTags })
}
const postTags = Table.make("post_tags", {
  postId: Column.integer()
    .primaryKey()
    .references(() => Post.c.id),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id)
})

const users = Query.from(User).orderBy(User.c.id)
const posts = Query.from(Post).orderBy(Post.c.id)
const bosses = Query.alias(User, "bosses")

describe.each(engines)("along relations on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ User, Post, Tag, postTags }))
        yield* Database.run(
          Query.insert(User).rows([
            { name: "ann", bossId: null },
            { name: "bob", bossId: 1 },
            { name: "cleo", bossId: 2 },
            { name: "dan", bossId: 2 }
          ])
        )
        const rows = [
          { userId: 1, stars: 1 },
          { userId: 2, stars: 5 },
          { userId: 2, stars: null },
          { userId: 3, stars: 2 }
        ]
        yield* Database.run(Query.insert(Post).rows(rows))
        yield* Database.run(Query.insert(Tag).rows([{ name: "a" }, { name: "b" }]))
        const links = [
          { postId: 1, tagId: 1 },
          { postId: 2, tagId: 1 },
          { postId: 2, tagId: 2 }
        ]
        yield* Database.run(Query.insert(postTags).rows(links))
      })
    )
  })
  afterAll(() => connected.dispose())
  const ids = async (
    query: Statement<{ readonly id: number }, never> & { readonly node: Relation }
  ): Promise<ReadonlyArray<number>> =>
    (await connected.run(Database.all(query))).map(({ id }) => id)

  test("any and none are the EXISTS written by hand [F127.1]", async () => {
    const byHand = Query.from(Post)
      .correlate(User)
      .where(Post.c.userId.eq(User.c.id))
      .where(Post.c.stars.gt(1))
    const liked = Along.any(User, "posts", Post.c.stars.gt(1))
    expect(await ids(users.where(liked))).toEqual([2, 3])
    expect(await ids(users.where(liked))).toEqual(await ids(users.where(byHand.exists())))
    const none = Along.none(User, "posts", Post.c.stars.gt(1))
    expect(await ids(users.where(none))).toEqual([1, 4])
    expect(await ids(users.where(none))).toEqual(await ids(users.where(byHand.exists().not())))
    expect(await ids(users.where(Along.none(User, "posts")))).toEqual([4])
    const tagged = Along.any(Post, "tags", Tag.c.name.eq("b"))
    expect(await ids(posts.where(tagged))).toEqual([2])
    expect(await ids(users.where(Along.any(User, "posts", tagged)))).toEqual([2])
    expect(await ids(posts.where(Along.any(Post, "user", User.c.name.like("c%"))))).toEqual([4])
    expect(await ids(users.where(Along.any(User, "later", Post.c.stars.gt(1))))).toEqual([1, 2])
    const both = Expr.and(liked, Along.any(User, "boss", User.c.name.eq("ann")))
    expect(await ids(users.where(both))).toEqual([2])
    const grand = Along.any(User, "boss", Along.any(User, "boss", User.c.name.eq("ann")))
    expect(await ids(users.where(grand))).toEqual([3, 4])
    expect(await ids(users.where(Along.any(User, "staff", Along.any(User, "staff"))))).toEqual([1])
  })

  test("a relation equals an entity, a reference, a key or null [F127.2]", async () => {
    const [ann] = await connected.run(Database.all(users))
    expect(await ids(posts.where(Along.is(Post, "user", ann!)))).toEqual([1])
    expect(await ids(posts.where(Along.is(Post, "user", User.ref(2))))).toEqual([2, 3])
    expect(await ids(posts.where(Along.is(Post, "user", 3)))).toEqual([4])
    expect(await ids(users.where(Along.is(User, "boss", null)))).toEqual([1])
    const undefinedKey = undefined as unknown as number
    expect(() => Along.is(Post, "user", undefinedKey)).toThrow("is: User is undefined")
    expect(() => Along.is(User, "posts" as never, 1)).toThrow("holds no key")
    expect(() => Along.is(Post, "user", User.make({ name: "x" }))).toThrow("has no key yet")
  })

  test("joins go along relations, several deep, with more in ON [F127.3 F131.3]", async () => {
    const deep = posts
      .join(User, Along.on(Post, "user"))
      .join(bosses, Along.on(User, "boss", { target: bosses }))
      .where(bosses.c.name.eq("bob"))
    expect(await ids(deep)).toEqual([4])
    const left = posts
      .leftJoin(User, Along.on(Post, "user").and(User.c.name.ne("bob")))
      .select({ id: Post.c.id, user: User })
    const rows = await connected.run(Database.all(left))
    expect(rows.map(({ id, user }) => [id, user?.name ?? null])).toEqual([
      [1, "ann"],
      [2, null],
      [3, null],
      [4, "cleo"]
    ])
    const tags = posts
      .leftJoin(Tag, Along.on(Post, "tags").and(Tag.c.name.ne("b")))
      .select({ id: Post.c.id, tag: Tag.c.name })
    expect(await connected.run(Database.all(tags))).toEqual([
      { id: 1, tag: "a" },
      { id: 2, tag: "a" },
      { id: 3, tag: null },
      { id: 4, tag: null }
    ])
    const some = posts.where(Post.c.stars.gt(1)).as("some")
    const derived = users.join(some, Along.on(User, "posts", { target: some }))
    expect(await ids(derived)).toEqual([2, 3])
    const later = users.join(Post, Along.on(User, "later")).where(Post.c.id.eq(4))
    expect(await ids(later)).toEqual([1, 2])
    expect(() => Along.on(User, "boss")).toThrow('both sides of User.boss are "users"')
  })

  test("the children of given parents are a query [F127.4]", async () => {
    const [ann, bob] = await connected.run(Database.all(users))
    const both = Along.of(User, "posts", [ann!, User.ref(2)])
    expect(await ids(both.orderBy(Post.c.id))).toEqual([1, 2, 3])
    expect(await ids(Along.of(User, "posts", [2]).where(Post.c.stars.isNull()))).toEqual([3])
    expect(await ids(Along.of(User, "posts", []))).toEqual([])
    expect(await ids(Along.of(Post, "tags", [1, 2, 3]).orderBy(Tag.c.id))).toEqual([1, 2])
    expect(await ids(Along.of(User, "staff", [bob!]).orderBy(User.c.id))).toEqual([3, 4])
    expect(await ids(Along.of(User, "boss", [ann!, bob!]))).toEqual([1])
    expect(await ids(Along.of(User, "later", [2, 3]).orderBy(Post.c.id))).toEqual([4])
    const planned = await connected.run(Load.all(Along.of(User, "posts", [2]), { tags: true }))
    expect(planned.map(({ tags }) => tags.length).toSorted((a, b) => a - b)).toEqual([0, 2])
  })

  test("they are queried, counted and asked for without loading [F125.2 F125.4]", async () => {
    const hers = Along.of(User, "posts", [2])
    const first = hers.where(Post.c.stars.gt(0)).orderBy(Post.c.stars.desc()).limit(1)
    expect(await ids(first)).toEqual([2])
    const { value, words } = await connected.counting(
      Effect.all([Database.count(hers), Database.exists(hers.where(Post.c.stars.gt(9)))])
    )
    expect(value).toEqual([2, false])
    expect(words).toEqual(["SELECT", "SELECT"])
  })

  test("rows come and go in bulk by criteria, and nothing is loaded [F125.3]", async () => {
    const work = Effect.gen(function* () {
      yield* Session.add(Post.make({ stars: 9, user: User.ref(4) }))
      yield* Session.flush
      const dans = Along.is(Post, "user", 4)
      yield* Database.run(Query.insert(Post).values({ userId: 4, stars: 8 }))
      yield* Database.run(
        Query.update(Post)
          .set({ stars: 7 })
          .where(dans.and(Post.c.stars.eq(8)))
      )
      const tagged = Along.of(User, "posts", [4]).select({
        postId: Post.c.id,
        tagId: Expr.value(1, Type.integer)
      })
      yield* Database.run(Query.insert(postTags).fromSelect(tagged))
      const links = postTags.c.postId.in(Along.of(User, "posts", [4]).select(Post.c.id))
      yield* Database.run(Query.deleteFrom(postTags).where(links))
      yield* Database.run(Query.deleteFrom(Post).where(dans))
    })
    const { words } = await connected.counting(Session.transact(work))
    expect(words.filter((word) => word === "SELECT")).toEqual([])
    expect(await connected.run(Database.count(Query.from(Post)))).toBe(4)
    expect(await connected.run(Database.count(Query.from(postTags)))).toBe(3)
  })
})
