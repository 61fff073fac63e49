import { inspect } from "node:util"
import * as Equal from "effect/Equal"
import { assert, describe, it } from "vitest"
import { Column, Entity } from "athanor"
import { ClassId, entityOf, EntityId, type OneOf } from "../../../src/mapping/EntityClass.ts"
import { DraftId, isDraft } from "../../../src/mapping/EntityDraft.ts"
import { construct } from "../../../src/mapping/construct.ts"
import { Comment, Flight, Post, Seat, Tag, User } from "./blog.ts"

const name = { username: "alice", email: "a@x" }
const untyped = (entity: object) =>
  entity as unknown as { readonly make: (input: unknown) => Entity.Draft<typeof User> }

describe("drafts", () => {
  it("hold what was given, and no default", () => {
    const draft = User.make({ ...name, displayName: null })
    const { children, entity, parents, values } = draft[DraftId]
    assert.strictEqual(entity, User[ClassId])
    assert.deepStrictEqual({ ...values }, { ...name, displayName: null })
    assert.strictEqual(parents.size + children.size, 0)
    assert.isTrue(isDraft(draft) && Object.isFrozen(draft))
    assert.strictEqual(entityOf(draft), User[ClassId])
  })

  it("take undefined for absence", () => {
    const draft = User.make({ ...name, displayName: undefined, posts: undefined })
    assert.deepStrictEqual(Object.keys(draft[DraftId].values), ["username", "email"])
    assert.strictEqual(draft[DraftId].children.size, 0)
  })

  it("are one row each, however equal they look", () => {
    assert.isFalse(Equal.equals(Tag.make({ name: "a" }), Tag.make({ name: "a" })))
  })

  it("take a parent as value, draft, reference or key", () => {
    const value = construct(User[ClassId], { id: 5, ...name }) as User
    const draft = User.make(name)
    const parentOf = (author: Parameters<typeof Post.make>[0]["author"]) =>
      Post.make({ title: "t", author })[DraftId].parents.get("author")
    assert.strictEqual(parentOf(value), value)
    assert.strictEqual(parentOf(draft), draft)
    const five = User.ref(5)
    assert.strictEqual(parentOf(five), five)
    assert.deepStrictEqual(parentOf(5), five)
    assert.deepStrictEqual([five._tag, five.key, five.table], ["Known", [5], User[ClassId].source])
  })

  it("take a missing parent as null", () => {
    const comment = Comment.make({ body: "b", post: 1, writer: 2, parent: null })
    assert.isNull(comment[DraftId].parents.get("parent"))
    assert.isFalse(Comment.make({ body: "b", post: 1, writer: 2 })[DraftId].parents.has("parent"))
  })

  it("take children as literals and drafts, at any depth", () => {
    const sql = Tag.make({ name: "sql" })
    const draft = User.make({
      ...name,
      posts: [{ title: "t", tags: [sql, { name: "news" }], comments: [{ body: "b", writer: 2 }] }]
    })
    const [post] = draft[DraftId].children.get("posts")!
    assert.isTrue(isDraft(post))
    const below = isDraft(post) ? post[DraftId] : assert.fail()
    assert.strictEqual(below.entity, Post[ClassId])
    assert.isFalse(below.parents.has("author"))
    assert.strictEqual(below.children.get("tags")![0], sql)
    assert.strictEqual(below.children.get("comments")![0]![EntityId], Comment[ClassId])
  })

  it("refer to keys of several columns by record", () => {
    const seat = Seat.make({ row: 1, flight: { airline: "ATH", number: 7 } })
    const flight = seat[DraftId].parents.get("flight")! as OneOf<"flights"> & {
      readonly key: unknown
    }
    assert.deepStrictEqual(flight.key, ["ATH", 7])
    assert.strictEqual(inspect(Flight.ref({ airline: "ATH", number: 7 })), "Flight.ref('ATH', 7)")
  })

  it("print what they are", () => {
    const draft = Post.make({ title: "t", author: 5, tags: [{ name: "x" }] })
    assert.strictEqual(
      inspect(draft, { breakLength: 200 }),
      "Post.make { title: 't', author: User.ref(5), tags: [ Tag.make { name: 'x' } ] }"
    )
  })

  it.each([
    [User, { ...name, nick: "al" }, 'User.make: "nick" is neither a column nor a relation'],
    [User, { username: "alice" }, 'User.make: "email" is missing'],
    [User, { ...name, id: 5 }, 'User.make: "id" is made by the database'],
    [User, { ...name, email: null }, 'User.make: "email" is null, and cannot be'],
    [User, { ...name, posts: {} }, 'User.make: "posts" is not a list'],
    [User, 5, "User.make takes a record"],
    [Post, { title: "t" }, 'Post.make: "author" is missing'],
    [Post, { title: "t", author: null }, 'Post.make: "author" is null, and cannot be'],
    [
      Post,
      { title: "t", author: Tag.make({ name: "x" }) },
      'Post.make: "author" is a Tag, not a User'
    ],
    [
      Post,
      { title: "t", author: 5, tags: [User.ref(1)] },
      'Post.make: "tags" holds a User, not a Tag'
    ],
    [Post, { title: "t", author: "x" }, "a value does not fit integer"],
    [
      User,
      { ...name, posts: [{ title: "t", author: 5 }] },
      'Post.make: "author" is the row it stands in'
    ],
    [
      User,
      { ...name, posts: [Post.make({ title: "t", author: 5 })] },
      'User.make: "posts" holds a Post with its own author'
    ],
    [Seat, { row: 1, flight: 7 }, "a key of Flight is a record of airline, number"]
  ])("refuse %o %o", (entity, input, message) => {
    assert.throws(() => untyped(entity).make(input), message)
  })

  it("have what must be there of a key that is NULL in part", () => {
    class Town extends Entity<Town>()("towns", {
      land: Column.varchar(2).primaryKey(),
      name: Column.varchar(20).primaryKey()
    }) {}
    class Shop extends Entity<Shop>()("shops", {
      id: Column.id(),
      land: Column.varchar(2),
      town: Column.varchar(20).nullable()
    }) {
      static readonly place = this.belongsTo(() => Town, { key: ["land", "town"] })
    }
    const made = (input: object) => untyped(Shop).make(input)
    assert.throws(() => made({}), 'Shop.make: "place" is missing')
    assert.throws(() => made({ place: null }), 'Shop.make: "place" is missing')
    assert.doesNotThrow(() => made({ land: "gb" }))
    assert.doesNotThrow(() => made({ place: { land: "gb", name: "Ely" } }))
  })

  it("hold a version column back", () => {
    class Doc extends Entity<Doc>()("docs", {
      id: Column.id(),
      version: Column.integer().version()
    }) {}
    assert.deepStrictEqual(Object.keys(Doc.make({})[DraftId].values), [])
    assert.throws(() => untyped(Doc).make({ version: 1 }), /"version" is made by the database/)
  })
})
