import { Catalog, Column, Database, Entity, Load, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", {
  id: Column.id(),
  userId: Column.integer(),
  title: Column.varchar(20)
}) {
  static readonly user = this.belongsTo(() => User)
}

const users = Query.from(User).orderBy(User.c.id)
const many = 200

describe.each(engines)("loads of a session on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(Database.create(Catalog.make({ User, Post })))
  })
  beforeEach(() =>
    connected.run(
      Effect.gen(function* () {
        yield* Database.run(Query.deleteFrom(Post).everyRow())
        yield* Database.run(Query.deleteFrom(User).everyRow())
        const all = Array.from({ length: many }, (_, at) => ({ id: at + 1, name: `u${at + 1}` }))
        yield* Database.run(Query.insert(User).rows(all as never))
        const posts = all.flatMap(({ id }) =>
          Array.from({ length: id % 3 }, (_, n) => ({ userId: id, title: `p${id}.${n}` }))
        )
        yield* Database.run(Query.insert(Post).rows(posts))
      })
    )
  )
  afterAll(() => connected.dispose())
  const counted = async <A, E>(work: Effect.Effect<A, E, Session | Database>) => {
    const { count, value } = await connected.counting(Session.transact(work))
    return { selects: count("SELECT"), value }
  }
  const counts = Array.from({ length: many }, (_, at) => (at + 1) % 3)

  test("a plain loop over 200 parents asks once [F132.8]", async () => {
    const { selects, value } = await counted(
      Effect.gen(function* () {
        const found: Array<number> = []
        for (const user of yield* Session.all(users)) {
          const posts = yield* Session.load(user, User.posts)
          expect(posts.every(({ userId }) => userId === user.id)).toBe(true)
          found.push(posts.length)
        }
        return found
      })
    )
    expect(value).toEqual(counts)
    expect(selects).toBe(2)
  })

  test("a loop that changes parents and children as it goes asks once [F132.8]", async () => {
    const { selects, value } = await counted(
      Effect.gen(function* () {
        let last = ""
        for (const user of yield* Session.all(users)) {
          const posts = yield* Session.load(user, User.posts)
          yield* Session.update(user, { name: `${posts.length} posts` })
          for (const post of posts) last = (yield* Session.update(post, { title: "read" })).title
        }
        yield* Session.flush
        return last
      })
    )
    expect(value).toBe("read")
    expect(selects).toBe(2)
  })

  test("a loop whose changes move children asks for few at once [F132.8]", async () => {
    const { selects, value } = await counted(
      Effect.gen(function* () {
        const all = yield* Session.all(users)
        const [first] = all
        let moved = 0
        for (const user of all.slice(1)) {
          const [post] = yield* Session.load(user, User.posts)
          if (post === undefined) continue
          yield* Session.update(post, { userId: first!.id })
          moved++
        }
        return [moved, (yield* Session.load(first!, User.posts)).length]
      })
    )
    const others = counts.slice(1).filter((posts) => posts > 0).length
    expect(value).toEqual([others, counts[0]! + others])
    // One for all users, one at most for each that follows a change.
    expect(selects).toBeLessThanOrEqual(2 + counts.length)
  })

  test("what came by a load or a plan is a cohort, to-one is batched [F132.8]", async () => {
    const { selects, value } = await counted(
      Effect.gen(function* () {
        let same = 0
        const all = yield* Session.all(users, { posts: true })
        for (const user of all)
          for (const post of user.posts)
            if ((yield* Session.load(post, Post.user))?.id === user.id) same++
        return same
      })
    )
    expect(value).toBe(counts.reduce((a, b) => a + b))
    expect(selects).toBe(3)
  })

  test("fibers that ask at once ask together [F132.8]", async () => {
    const { selects, value } = await counted(
      Effect.gen(function* () {
        const some = yield* Effect.forEach([4, 5, 6], (id) => Session.get(User, id))
        const lists = yield* Effect.forEach(some, (user) => Session.load(user, User.posts), {
          concurrency: "unbounded"
        })
        return lists.map(({ length }) => length)
      })
    )
    expect(value).toEqual([1, 2, 0])
    expect(selects).toBe(4)
  })

  test("who is interrupted leaves the others their answer [F132.8]", async () => {
    const { selects, value } = await counted(
      Effect.gen(function* () {
        const [one, two] = yield* Session.all(users.limit(2))
        const first = yield* Effect.forkChild(Session.load(one!, User.posts))
        const second = yield* Effect.forkChild(Session.load(two!, User.posts))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(first)
        const posts = yield* Fiber.join(second)
        const alone = yield* Effect.forkChild(Session.load(one!, User.posts))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(alone)
        return [posts.length, (yield* Session.load(one!, User.posts)).length]
      })
    )
    expect(value).toEqual([2, 1])
    expect(selects).toBeLessThanOrEqual(4)
  })

  test("what is written meanwhile is seen, what is asked again asked anew [F132.8]", async () => {
    const { value } = await counted(
      Effect.gen(function* () {
        const all = yield* Session.all(users.limit(3))
        const seen: Array<number> = []
        const look = (at: number) =>
          Effect.map(Session.load(all[at]!, User.posts), ({ length }) => seen.push(length))
        yield* look(0)
        yield* Session.add(Post.make({ title: "new", user: all[1]! }))
        yield* look(1)
        const inner = Effect.gen(function* () {
          yield* Session.add(Post.make({ title: "newer", user: all[2]! }))
          yield* look(2)
          return yield* Effect.fail("taken back")
        })
        yield* Effect.ignore(Session.nested(inner))
        yield* look(2)
        yield* look(1)
        yield* Database.run(Query.deleteFrom(Post).everyRow())
        yield* look(0)
        const [post] = yield* Session.load(all[0]!, User.posts)
        expect(post).toBe(undefined)
        return seen
      })
    )
    expect(value).toEqual([1, 3, 1, 0, 3, 0])
  })

  test("a value that leads elsewhere by now is asked for by what it says", async () => {
    const { value } = await counted(
      Effect.gen(function* () {
        const [one, two] = yield* Session.all(Query.from(Post).orderBy(Post.c.id).limit(2))
        const before = yield* Session.load(one!, Post.user)
        const moved = yield* Session.update(two!, { userId: 7 })
        const after = yield* Session.load(moved, Post.user)
        return [before?.name, after?.name]
      })
    )
    expect(value).toEqual(["u1", "u7"])
  })

  test("values at hand are populated together, and keep what they had [F132.2]", async () => {
    const { selects, value } = await counted(
      Effect.gen(function* () {
        const [first] = yield* Session.all(users.limit(2), { posts: true })
        const { posts } = first!
        const withUser = yield* Session.populate(
          posts,
          Load.plan(Post, { user: Load.joined({ posts: Load.json() }) })
        )
        const again = yield* Session.populate([first!], Load.plan(User, {}))
        return [withUser.map(({ title, user }) => [title, user.posts.length]), again[0]!.posts]
      })
    )
    expect(value).toEqual([[["p1.0", 1]], [expect.objectContaining({ title: "p1.0" })]])
    expect(selects).toBe(3)
  })
})
