import { Database, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { addEverything } from "./graph.ts"
import { heading, say, show } from "./print.ts"
import * as Queries from "./queries.ts"
import { catalog, Post, User } from "./schema.ts"

const sayCounts = Effect.flatMap(Queries.counts, (counts) => show([counts]))

const sixQueries = Effect.gen(function* () {
  yield* heading("1. Users with their posts")
  const users = yield* Session.transact(Queries.usersWithPosts)
  yield* show(
    users.map((user) => ({
      user: user.label,
      posts: user.posts.map((post) => post.title).join(", ")
    }))
  )

  yield* heading("2. Published posts of alice, most read first")
  yield* show(yield* Queries.postsOf("alice"))

  yield* heading("3. Posts per user")
  yield* show(yield* Queries.postsPerUser)

  yield* heading("4. Posts tagged sql, with their tags and author")
  const tagged = yield* Session.transact(Queries.postsTagged("sql"))
  yield* show(
    tagged.map((post) => ({
      title: post.title,
      author: post.author.username,
      tags: post.tags
        .map((tag) => tag.name)
        .toSorted()
        .join(", ")
    }))
  )

  yield* heading("5. Users with published posts")
  yield* show((yield* Queries.publishedAuthors).map(({ email, username }) => ({ username, email })))

  yield* heading("6. Comments with replies")
  for (const thread of yield* Session.transact(Queries.threads)) {
    yield* say(`${thread.author.username}: ${thread.body}`)
    for (const reply of thread.replies) {
      yield* say(`  ${reply.author.username}: ${reply.body}`)
      for (const last of reply.replies) yield* say(`    ${last.author.username}: ${last.body}`)
    }
  }
})

const publishNotes = Effect.gen(function* () {
  const notes = yield* Session.one(
    Query.from(Post).match({ title: "Notes", author: { username: "alice" } })
  )
  yield* Session.update(notes, { status: "published" })
  const bob = yield* Session.one(Query.from(User).match({ username: "bob" }))
  return yield* Session.modify(bob, (now) => ({ displayName: now.username.toUpperCase() }))
}).pipe(Session.transact)

const updates = Effect.gen(function* () {
  yield* heading("Updates")
  const bob = yield* publishNotes
  yield* say(`through the session: Notes is published, bob is ${bob.label}`)
  const popular = yield* Database.run(
    Query.update(Post)
      .set({ views: Post.c.views.add(10) })
      .where(Post.c.status.eq("published"))
  )
  yield* say(`in bulk: ${popular} published posts read ten times more`)
  yield* show(yield* Queries.postsOf("alice"))
})

const deletion = Effect.gen(function* () {
  yield* heading("Deleting bob, his posts, his comments and the replies to them")
  yield* Session.transact(
    Effect.flatMap(Session.one(Query.from(User).match({ username: "bob" })), (bob) =>
      Session.delete(bob)
    )
  )
  yield* sayCounts
})

const duplicate = Effect.gen(function* () {
  yield* heading("A second alice@example.com")
  yield* Session.add(
    User.make({ username: "dave", email: "dave@example.com" }),
    User.make({ username: "alice2", email: "alice@example.com" })
  ).pipe(
    Session.transact,
    Effect.catchTag("UniqueViolation", (error) =>
      say(`${error._tag}: ${error.constraint} on ${error.table}(${error.columns.join(", ")})`)
    )
  )
  yield* say("nothing changed, dave is not there either:")
  yield* sayCounts
})

/** The whole tour, on a schema of its own that is dropped at the end. */
export const blog = Effect.acquireUseRelease(
  Database.create(catalog),
  () =>
    Effect.gen(function* () {
      yield* addEverything
      yield* heading("Added in one unit of work")
      yield* sayCounts
      yield* sixQueries
      yield* updates
      yield* deletion
      yield* duplicate
    }),
  () => Database.drop(catalog)
)
