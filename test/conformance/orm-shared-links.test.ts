import { Catalog, Column, Database, Entity, Load, Query, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Post extends Entity<Post>()("posts", { id: Column.id() }) {
  static readonly tags = this.manyToMany(() => Tag, {
    through: () => postTags,
    orderBy: ({ name }) => name
  })
}
class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly words = this.hasMany(() => Word)
}
class Word extends Entity<Word>()("words", { id: Column.id(), tagId: Column.integer() }) {
  static readonly tag = this.belongsTo(() => Tag)
}
/** Without a key: a link may stand in it twice. */
const postTags = Table.make("post_tags", {
  postId: Column.integer().references(() => Post.c.id),
  tagId: Column.integer().references(() => Tag.c.id)
})

const idOf = (prefix: string) =>
  Type.mapped(Type.integer, {
    name: prefix,
    from: (number) => `${prefix}_${number}`,
    to: (id: string) => Number(id.slice(prefix.length + 1))
  })
const [bookId, shelfId] = [idOf("book"), idOf("shelf")]

/** Keys that are whole numbers to the server, and texts here. */
class Book extends Entity<Book>()("books", { id: Column.make(bookId).primaryKey() }) {
  static readonly shelves = this.manyToMany(() => Shelf, { through: () => placed })
}
class Shelf extends Entity<Shelf>()("shelves", { id: Column.make(shelfId).primaryKey() }) {}
const placed = Table.make("placed", {
  bookId: Column.make(bookId)
    .primaryKey()
    .references(() => Book.c.id),
  shelfId: Column.make(shelfId)
    .primaryKey()
    .references(() => Shelf.c.id)
})

const posts = 150
const tags = 12
const linksOf = (post: number): ReadonlyArray<number> =>
  post % 10 === 0 ? [] : [post % tags, (post * 5) % tags, post % tags, 3].map((one) => one + 1)

/** Rows that many links lead to are read once each, which the first load finds out. */
describe.each(engines)("links that share their rows on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ Post, Tag, postTags, Word }))
        const ids = Array.from({ length: posts }, (_, at) => at + 1)
        yield* Database.run(Query.insert(Post).rows(ids.map((id) => ({ id })) as never))
        const names = Array.from({ length: tags }, (_, at) => ({ id: at + 1, name: `t${at % 5}` }))
        yield* Database.run(Query.insert(Tag).rows(names as never))
        const links = ids.flatMap((postId) => linksOf(postId).map((tagId) => ({ postId, tagId })))
        yield* Database.run(Query.insert(postTags).rows(links))
        const words = names.flatMap(({ id }) => [{ tagId: id }, { tagId: id }])
        yield* Database.run(Query.insert(Word).rows(words))
      })
    )
  })
  afterAll(() => connected.dispose())
  const loaded = () =>
    connected.counting(Load.all(Query.from(Post).orderBy(Post.c.id), { tags: { words: true } }))

  test("one tree either way, links and rows by a statement each [F132.1 F132.2]", async () => {
    const first = await loaded()
    const again = await loaded()
    expect([first.count("SELECT"), again.count("SELECT")]).toEqual([3, 4])
    expect(again.value).toEqual(first.value)
    const order = (id: number) => [(id - 1) % 5, id] as const
    for (const { id, tags: found } of again.value) {
      const wanted = linksOf(id).toSorted((a, b) => {
        const [left, right] = [order(a), order(b)]
        return left[0] - right[0] || left[1] - right[1]
      })
      expect(found.map((tag) => tag.id)).toEqual(wanted)
      expect(Object.isFrozen(found) && found.every((tag) => tag.words.length === 2)).toBe(true)
    }
    const [one, other] = [again.value[0]!.tags, again.value[1]!.tags]
    expect(one.find(({ id }) => id === 4)).toBe(other.find(({ id }) => id === 4))
  })

  test("what one database is asked by is nothing to another [F132.2]", async () => {
    const other = await connect("sqlite")
    const names = Array.from({ length: 10 }, (_, at) => ({ name: `t${at}` }))
    const links = names.map((_, at) => ({ postId: 1, tagId: at + 1 }))
    const counts = await other.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ Post, Tag, postTags, Word }))
        yield* Database.run(Query.insert(Post).rows([{ id: 1 }] as never))
        yield* Database.run(Query.insert(Tag).rows(names))
        yield* Database.run(Query.insert(postTags).rows(links))
        return yield* Effect.promise(() =>
          other.counting(Load.all(Query.from(Post), { tags: true }))
        )
      })
    )
    await other.dispose()
    // The rows, and the links with what they lead to: not the lists of the database before.
    expect(counts.count("SELECT")).toBe(2)
    expect(counts.value[0]!.tags).toHaveLength(10)
    expect((await loaded()).count("SELECT")).toBe(4)
  })

  test("where few links share a row they are read one by one again [F132.2]", async () => {
    const shared = await told()
    await connected.run(Database.run(Query.deleteFrom(postTags).everyRow()))
    const more = Array.from({ length: posts }, (_, at) => ({ id: 100 + at, name: `m${at}` }))
    await connected.run(Database.run(Query.insert(Tag).rows(more as never)))
    const links = more.map(({ id }, at) => ({ postId: at + 1, tagId: id }))
    await connected.run(Database.run(Query.insert(postTags).rows(links)))
    const first = await loaded()
    const again = await loaded()
    expect(again.value).toEqual(first.value)
    expect(again.value.map(({ tags: [tag] }) => tag!.id)).toEqual(more.map(({ id }) => id))
    const alone = await told()
    const list = { sqlite: /json_group_array/, postgres: /array_agg/, mariadb: /group_concat/ }
    expect(shared).toMatch(list[engine])
    expect(alone).not.toMatch(list[engine])
  })
  test("keys of a type of their own [F132.2]", async () => {
    const [books, shelves] = [80, 12]
    const shelvesOf = (at: number) =>
      [...new Set([at % shelves, (at * 5 + 1) % shelves])].toSorted((a, b) => a - b)
    await connected.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ Book, Shelf, placed }))
        const ids = (prefix: string, count: number) =>
          Array.from({ length: count }, (_, at) => ({ id: `${prefix}_${at}` }))
        yield* Database.run(Query.insert(Book).rows(ids("book", books)))
        yield* Database.run(Query.insert(Shelf).rows(ids("shelf", shelves)))
        const links = Array.from({ length: books }, (_, at) =>
          shelvesOf(at).map((one) => ({ bookId: `book_${at}`, shelfId: `shelf_${one}` }))
        )
        yield* Database.run(Query.insert(placed).rows(links.flat()))
      })
    )
    const all = () =>
      connected.counting(Load.all(Query.from(Book).orderBy(Book.c.id), { shelves: true }))
    const [first, again] = [await all(), await all()]
    expect(again.count("SELECT")).toBe(3)
    expect(again.value).toEqual(first.value)
    expect(again.value.map(({ shelves: found }) => found.map(({ id }) => id))).toEqual(
      Array.from({ length: books }, (_, at) => shelvesOf(at).map((one) => `shelf_${one}`))
    )
  })

  /** What a load sends that knows of the one before. */
  const told = async (): Promise<string> => {
    const sent: Array<string> = []
    const all = Load.all(Query.from(Post), { tags: true })
    await connected.run(all)
    await connected.run(
      Effect.provideService(all, Database.Tap, ({ text }) => void sent.push(text))
    )
    return sent.join("\n")
  }
})
