import { Catalog, Column, Database, Entity, Load, Query, Session, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Author extends Entity<Author>()("authors", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", {
  id: Column.id(),
  authorId: Column.integer(),
  title: Column.varchar(20)
}) {
  static readonly author = this.belongsTo(() => Author)
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

class Box extends Entity<Box>()("boxes", { id: Column.id() }) {
  static readonly things = this.hasMany(() => Thing)
}
class Thing extends Entity<Thing>()("things", {
  id: Column.id(),
  boxId: Column.integer(),
  small: Column.smallint().nullable(),
  big: Column.bigint().nullable(),
  real: Column.double().nullable(),
  price: Column.numeric(18, 4).nullable(),
  word: Column.varchar(5).nullable(),
  text: Column.text().nullable(),
  yes: Column.boolean().nullable(),
  raw: Column.bytes().nullable(),
  key: Column.uuid().nullable(),
  day: Column.date().nullable(),
  hour: Column.make(Type.time()).nullable(),
  at: Column.timestamp().nullable(),
  micro: Column.make(Type.timestamp(6)).nullable(),
  kind: Column.enum(["a", "it's"]).nullable(),
  doc: Column.make(Type.json(Schema.Struct({ a: Schema.NullOr(Schema.String) }))).nullable()
}) {
  static readonly box = this.belongsTo(() => Box)
}

const read =
  <A>(column: Column.Column<A>) =>
  (text: string): A =>
    column.facts.type().codec.json.decode(text)
const values = {
  small: -32_768,
  big: 2n ** 63n - 1n,
  real: 0.1,
  price: BigDecimal.fromStringUnsafe("-99999999999999.9999"),
  word: "日本日本日",
  text: "\\ ' \" \n \u{10ffff}",
  yes: false,
  raw: Uint8Array.of(0, 255, 128, 39, 92),
  key: "ffffffff-ffff-ffff-ffff-ffffffffffff",
  day: read(Column.date())("1969-12-31"),
  hour: read(Column.make(Type.time()))("23:59:59.999999"),
  at: DateTime.makeUnsafe("9999-12-31T23:59:59.999Z"),
  micro: read(Column.make(Type.timestamp(6)))("1969-12-31T23:59:59.999999Z"),
  kind: "it's" as const,
  doc: { a: 'é"\\\n' }
}

const authors = Query.from(Author).orderBy(Author.c.id)
const tree = (users: ReadonlyArray<Author & { readonly posts: ReadonlyArray<Post> }>) =>
  users.map(({ name, posts }) => [name, posts.map(({ title }) => title)])

describe.each(engines)("strategies of loading on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ Author, Post, Tag, postTags, Box, Thing }))
        const names = ["ann", "bob", "cleo"].map((name) => ({ name }))
        yield* Database.run(Query.insert(Author).rows(names))
        const posts = [1, 1, 3, 1].map((authorId, at) => ({ authorId, title: `p${at}` }))
        yield* Database.run(Query.insert(Post).rows(posts))
        yield* Database.run(Query.insert(Tag).rows([{ name: "a" }, { name: "b" }]))
        const links = [
          { postId: 1, tagId: 1 },
          { postId: 1, tagId: 2 },
          { postId: 3, tagId: 2 }
        ]
        yield* Database.run(Query.insert(postTags).rows(links))
        yield* Database.run(Query.insert(Box).rows([{}, {}]))
        yield* Database.run(Query.insert(Thing).rows([{ boxId: 1 }, { boxId: 1, ...values }]))
      })
    )
  })
  afterAll(() => connected.dispose())
  const counted = async <A, E>(effect: Effect.Effect<A, E, Database>) => {
    const { count, value } = await connected.counting(effect)
    return { selects: count("SELECT"), value }
  }

  test("each edge has its strategy, and its statements are counted [F132.2]", async () => {
    const cases = [
      [{ posts: { tags: true, author: true } }, 4],
      [{ posts: { tags: true, author: Load.joined() } }, 3],
      [{ posts: Load.joined({ tags: Load.joined(), author: Load.joined() }) }, 1],
      [{ posts: Load.joined({ tags: true, author: Load.json() }) }, 2],
      [{ posts: Load.json({ tags: true, author: true }) }, 1],
      [{ posts: Load.json({ tags: Load.selectIn(), author: Load.joined() }) }, 2],
      [{ posts: Load.selectIn({ tags: Load.json(), author: Load.joined() }) }, 2]
    ] as const
    const { value: expected } = await counted(
      Load.all(authors, { posts: { tags: true, author: true } })
    )
    expect(tree(expected)).toEqual([
      ["ann", ["p0", "p1", "p3"]],
      ["bob", []],
      ["cleo", ["p2"]]
    ])
    for (const [plan, statements] of cases) {
      const bare = await counted(Load.all(authors, plan as never))
      expect(bare.value).toEqual(expected)
      expect(bare.selects).toBe(statements)
      const held = await counted(Session.transact(Session.all(authors, plan as never)))
      expect(held.value).toEqual(expected)
      expect(held.selects).toBe(statements)
    }
  })

  test("a limit counts parents, however a join repeats them [F132.3]", async () => {
    const plan = { posts: Load.joined() }
    for (const query of [authors.limit(2), authors.offset(1).limit(2), authors.limit(0)]) {
      const { selects, value } = await counted(Load.all(query, plan))
      expect(selects).toBe(1)
      expect(tree(value)).toEqual(
        tree(await connected.run(Load.all(query, { posts: Load.selectIn() })))
      )
    }
    const last = Query.from(Author).orderBy(Author.c.name.desc()).limit(2)
    expect(tree(await connected.run(Load.all(last, plan)))).toEqual([
      ["cleo", ["p2"]],
      ["bob", []]
    ])
  })

  test("queries of several tables, distinct ones, unions take inline plans [F132.1]", async () => {
    const twice = Query.from(Author)
      .join(Post, Post.c.authorId.eq(Author.c.id))
      .orderBy(Author.c.id, Post.c.id)
    const distinct = Query.from(Author).distinct().orderBy(Author.c.id)
    const union = Query.from(Author)
      .where(Author.c.id.eq(1))
      .unionAll(Query.from(Author).where(Author.c.id.gt(1)))
      .orderBy(Author.c.id)
    for (const query of [twice, distinct, union]) {
      const expected = await connected.run(Load.all(query, { posts: { tags: true } }))
      for (const posts of [Load.json({ tags: true }), Load.joined({ tags: Load.joined() })]) {
        const { selects, value } = await counted(Load.all(query, { posts }))
        expect(value).toEqual(expected)
        expect(selects).toBe(1)
      }
    }
    expect(tree(await connected.run(Load.all(twice, { posts: Load.joined() })))).toHaveLength(4)
  })

  test("every verb takes them [F132.2]", async () => {
    const one = Query.from(Author).where(Author.c.name.eq("ann"))
    for (const posts of [Load.json(), Load.joined()]) {
      expect(tree([await connected.run(Load.one(one, { posts }))])).toEqual([
        ["ann", ["p0", "p1", "p3"]]
      ])
      const none = Query.from(Author).where(Author.c.name.eq("nobody"))
      const missing = await connected.run(Effect.flip(Load.one(none, { posts })))
      expect(missing._tag).toBe("NotFound")
      const several = await connected.run(Effect.flip(Load.oneOrNone(authors, { posts })))
      expect(several._tag).toBe("RowCount")
      expect(Option.isNone(await connected.run(Load.oneOrNone(none, { posts })))).toBe(true)
      const first = Option.getOrThrow(await connected.run(Load.first(authors, { posts })))
      expect(first.posts).toHaveLength(3)
    }
    const streamed = Stream.runCollect(Load.stream(authors, { posts: Load.json() }))
    expect(tree(await connected.run(streamed))).toHaveLength(3)
    const repeated = Stream.runCollect(Load.stream(authors, { posts: Load.joined() }))
    await expect(connected.run(repeated)).rejects.toThrow(/a stream takes no join/)
    const held = Effect.gen(function* () {
      const post = yield* Session.get(Post, 1, { author: Load.joined(), tags: Load.json() })
      return [post.author.name, post.tags.length]
    })
    expect(await connected.run(Session.transact(held))).toEqual(["ann", 2])
  })

  test("a session remembers what came with a statement [F132.2]", async () => {
    const { selects, value } = await counted(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.all(authors, { posts: Load.json({ tags: true }) })
          const post = yield* Session.get(Post, 3)
          const tag = yield* Session.get(Tag, 2)
          yield* Session.all(Query.from(Post), { author: Load.joined() })
          return [post.title, tag.name]
        })
      )
    )
    expect(value).toEqual(["p2", "b"])
    expect(selects).toBe(2)
  })

  test("nested is flat: every type by every strategy [F132.1]", async () => {
    const query = Query.from(Box).orderBy(Box.c.id)
    const flat = await connected.run(Database.all(Query.from(Thing).orderBy(Thing.c.id)))
    for (const things of [Load.selectIn(), Load.joined(), Load.json()]) {
      const [full, empty] = await connected.run(Load.all(query, { things }))
      expect(full!.things).toEqual(flat)
      expect(full!.things[0]!.big).toBe(null)
      expect(full!.things[1]!.big).toBe(2n ** 63n - 1n)
      expect(full!.things[1]!.toJSON()).toEqual(flat[1]!.toJSON())
      expect(full!.things[1]).toBeInstanceOf(Thing)
      expect(empty!.things).toEqual([])
    }
  })
})

class Owner extends Entity<Owner>()("nested_owners", { id: Column.id() }) {
  static readonly lists = this.hasMany(() => List)
}
class List extends Entity<List>()("nested_lists", {
  id: Column.id(),
  ownerId: Column.integer(),
  whole: Column.make(Type.array(Type.bigint)),
  real: Column.double(),
  long: Column.numeric(30, 10)
}) {
  static readonly owner = this.belongsTo(() => Owner)
}

test("arrays, doubles and long decimals are the same nested, on postgres", async () => {
  const { dispose, run } = await connect("postgres")
  await run(Database.create(Catalog.make({ Owner, List })))
  await run(Database.run(Query.insert(Owner).values({})))
  const long = BigDecimal.fromStringUnsafe("12345678901234567890.0123456789")
  const row = { ownerId: 1, whole: [2n ** 63n - 1n, -1n], long }
  const reals = [5e-324, -1.7976931348623157e308, 0.1]
  await run(Database.run(Query.insert(List).rows(reals.map((real) => ({ ...row, real })))))
  const flat = await run(Database.all(Query.from(List).orderBy(List.c.id)))
  expect(flat.map(({ real }) => real)).toEqual(reals)
  for (const lists of [Load.joined(), Load.json()]) {
    const [one] = await run(Load.all(Query.from(Owner), { lists }))
    expect(one!.lists).toEqual(flat)
  }
  await dispose()
})
