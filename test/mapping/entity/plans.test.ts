import { assert, describe, it } from "vitest"
import * as Effect from "effect/Effect"
import type { Relation } from "../../../src/algebra/Relation.ts"
import { ClassId } from "../../../src/mapping/EntityClass.ts"
import { construct } from "../../../src/mapping/construct.ts"
import * as Load from "../../../src/runtime/Load.ts"
import { attach, levelOf } from "../../../src/mapping/PlanAttach.ts"
import { linkKeys } from "../../../src/mapping/LinkKeys.ts"
import { queriesOf } from "../../../src/mapping/PlanQueries.ts"
import { keysOf, readingOf } from "../../../src/mapping/PlanSteps.ts"
import { capabilities, currentVersions } from "../../../src/compile/capabilities.ts"
import { loader } from "./load.ts"
import { Comment, Flight, Post, Seat, User } from "./blog.ts"

const of = (dialect: "sqlite" | "postgres" | "mariadb") =>
  capabilities(dialect, currentVersions[dialect])
const sqlite = of("sqlite")

const posts = (...keys: ReadonlyArray<readonly [number, number]>) =>
  keys.map(([id, authorId]) => construct(Post[ClassId], { id, title: "t", views: 0n, authorId }))

const filterOf = (node: Relation): Relation & { readonly _tag: "Filter" } => {
  for (let one: Relation = node; ;) {
    if (one._tag === "Filter") return one
    if (!("self" in one)) return assert.fail("no filter")
    one = one.self
  }
}

describe("load plans", () => {
  it("are a tree of steps", () => {
    const [step] = readingOf(User, { posts: { tags: true, author: true } }).steps
    assert.strictEqual(step!.relation.name, "posts")
    assert.deepStrictEqual(
      step!.steps.map(({ relation }) => relation.name),
      ["tags", "author"]
    )
    assert.deepStrictEqual(readingOf(User, {}).steps, [])
  })

  it.each([
    [{ post: true }, 'plan: User has no relation "post": did you mean "posts"?'],
    [{ friends: true }, 'plan: User has no relation "friends": it has posts, comments'],
    [{ posts: { auther: true } }, 'plan: Post has no relation "auther"'],
    [{ posts: 1 }, "plan: Post takes a record or true"]
  ])("refuse %o", (plan, message) => {
    assert.throws(() => readingOf(User, plan).steps, message)
  })

  it("ask for each key once, and for no null", () => {
    const [author] = readingOf(Post, { author: true }).steps
    assert.deepStrictEqual(keysOf(author!, posts([1, 5], [2, 5], [3, 6])), linkKeys(1, [[5], [6]]))
    const [parent] = readingOf(Comment, { parent: true }).steps
    const comment = construct(Comment[ClassId], {
      id: 1,
      body: "",
      postId: 1,
      writerId: 1,
      parentId: null
    })
    assert.deepStrictEqual(keysOf(parent!, [comment]), linkKeys(1, []))
    assert.deepStrictEqual(queriesOf(parent!, linkKeys(1, []), sqlite), [])
  })

  it("send one list of keys, or as many as the server's parameters allow", () => {
    const [step] = readingOf(User, { posts: true }).steps
    const keys = { width: 1, values: Array.from({ length: 70_000 }, (_, id) => id) }
    const counts = (["sqlite", "postgres", "mariadb"] as const).map(
      (name) => queriesOf(step!, keys, of(name)).length
    )
    const { listParameter, maxParameters } = of("mariadb")
    const perQuery =
      listParameter === "expand" ? 2 ** Math.floor(Math.log2(maxParameters)) : 100_000
    assert.deepStrictEqual(counts, [1, 1, Math.ceil(70_000 / perQuery)])
  })

  it("give lists of any length one key", () => {
    const [step] = readingOf(User, { posts: true }).steps
    const key = (size: number) =>
      queriesOf(
        step!,
        { width: 1, values: Array.from({ length: size }, (_, id) => id) },
        sqlite
      )[0]!.node.key
    assert.strictEqual(key(5), key(8))
    // The class of a length is no part of the key: the cache of a dialect that needs it adds it.
    assert.strictEqual(key(5), key(9))
  })

  it("find keys of several columns by or of and", () => {
    const [step] = readingOf(Flight, { seats: true }).steps
    const each = Array.from({ length: 300 }, (_, number) => ["ATH", number])
    const keys = linkKeys(2, each)
    const [first, ...more] = queriesOf(step!, keys, sqlite)
    assert.strictEqual(more.length, 2)
    assert.strictEqual(filterOf(first!.node).predicate._tag, "Or")
    const [one] = queriesOf(step!, linkKeys(2, each.slice(0, 1)), sqlite)
    assert.strictEqual(filterOf(one!.node).predicate._tag, "And")
  })

  it("order every to-many that is not in the order of one number, and no to-one", () => {
    const sorted = Load.some(Post, { orderBy: Post.c.title.asc() })
    const [many] = readingOf(User, { posts: sorted }).steps
    const [numbered] = readingOf(User, { posts: true }).steps
    const [one] = readingOf(Post, { author: true }).steps
    assert.strictEqual(queriesOf(many!, linkKeys(1, [[1]]), sqlite)[0]!.node._tag, "Order")
    assert.strictEqual(queriesOf(numbered!, linkKeys(1, [[1]]), sqlite)[0]!.node._tag, "Project")
    assert.strictEqual(queriesOf(one!, linkKeys(1, [[1]]), sqlite)[0]!.node._tag, "Project")
  })
})

describe("what was found", () => {
  it("hangs on new values, in the order of the query; the old ones stay as they were", () => {
    const [step] = readingOf(User, { posts: true }).steps
    const users = [1, 2].map((id) => construct(User[ClassId], { id, username: "u" }))
    const found = levelOf(step!, posts([7, 1], [8, 1]))
    const [alice, bob] = attach(User[ClassId], users, [found]) as ReadonlyArray<
      User & { posts: ReadonlyArray<Post> }
    >
    assert.deepStrictEqual(
      alice!.posts.map(({ id }) => id),
      [7, 8]
    )
    assert.deepStrictEqual(bob!.posts, [])
    assert.isTrue(Object.isFrozen(alice) && Object.isFrozen(alice!.posts))
    assert.instanceOf(alice, User)
    assert.isFalse("posts" in users[0]!)
  })

  it("is null where there is none to-one", () => {
    const [step] = readingOf(Comment, { parent: true }).steps
    const comment = construct(Comment[ClassId], {
      id: 1,
      body: "",
      postId: 1,
      writerId: 1,
      parentId: null
    })
    const [after] = attach(Comment[ClassId], [comment], [levelOf(step!, [])])
    assert.isNull((after as { parent?: unknown }).parent)
  })

  it("is one value where it is found twice", () => {
    const [step] = readingOf(Post, { tags: true }).steps
    const tag = { id: 3, name: "sql" }
    const level = levelOf(
      step!,
      [1, 2].map((postId) => ({ near: { postId }, row: { ...tag } }))
    )
    assert.strictEqual(level.values.length, 1)
    const [a, b] = attach(Post[ClassId], posts([1, 1], [2, 1]), [level]) as ReadonlyArray<{
      tags: ReadonlyArray<unknown>
    }>
    assert.strictEqual(a!.tags[0], b!.tags[0])
  })

  it("hangs on the thousandth value as on the first, whatever keys it has", () => {
    const [step] = readingOf(User, { posts: true }).steps
    const cellsOf = (id: number) =>
      id % 7 === 0 ? { id, label: "own" } : { id, username: `u${id}`, ["__proto__"]: id, greets: 1 }
    const ids = Array.from({ length: 1000 }, (_, at) => at + 1)
    const users = ids.map((id) => construct(User[ClassId], cellsOf(id)))
    const found = levelOf(
      step!,
      ids.flatMap((id) => posts([id, id], [-id, id]))
    )
    attach(User[ClassId], users, [found]).forEach((user, at) => {
      // They came the other way: what is in the order of one number is put so here.
      const own = found.values.slice(2 * at, 2 * at + 2).toReversed()
      const made = construct(User[ClassId], { ...users[at], posts: own })
      assert.deepStrictEqual(user, made)
      assert.deepStrictEqual(Object.entries(user), Object.entries(made))
      assert.strictEqual(Object.getPrototypeOf(user), User.prototype)
      assert.isTrue(Object.isFrozen(user))
    })
  })

  it("keeps what was loaded before", () => {
    const [byAuthor, byTags] = readingOf(Post, { author: true, tags: true }).steps
    const alice = construct(User[ClassId], { id: 1, username: "alice" })
    const once = attach(Post[ClassId], posts([1, 1]), [levelOf(byAuthor!, [alice])])
    const [twice] = attach(Post[ClassId], once, [levelOf(byTags!, [])])
    assert.deepStrictEqual(
      twice,
      construct(Post[ClassId], {
        id: 1,
        title: "t",
        views: 0n,
        authorId: 1,
        author: alice,
        tags: []
      })
    )
  })

  it("finds rows by keys of several columns", () => {
    const [step] = readingOf(Flight, { seats: true }).steps
    const flights = [
      ["A", 1],
      ["A", 2]
    ].map(([airline, number]) => construct(Flight[ClassId], { airline, number, gate: null }))
    const seat = (id: number, number: number) =>
      construct(Seat[ClassId], { id, row: 1, flightAirline: "A", flightNumber: number })
    const [first, second] = attach(Flight[ClassId], flights, [
      levelOf(step!, [seat(1, 2), seat(2, 1), seat(3, 2)])
    ]) as ReadonlyArray<{ seats: ReadonlyArray<Seat> }>
    assert.deepStrictEqual(
      first!.seats.map(({ id }) => id),
      [2]
    )
    assert.deepStrictEqual(
      second!.seats.map(({ id }) => id),
      [1, 3]
    )
  })

  it("takes one query a relation and level, however many rows", () => {
    let queries = 0
    const run = () => Effect.sync(() => (queries++, posts([1, 1], [2, 2], [3, 2])))
    const users = [1, 2].map((id) => construct(User[ClassId], { id, username: "u" }) as User)
    const loaded = Effect.runSync(loader(sqlite, run)(User, users, { posts: true }))
    assert.deepStrictEqual([queries, loaded[1]!.posts.length], [1, 2])
  })
})
