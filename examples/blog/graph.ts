import { Session } from "athanor"
import * as Effect from "effect/Effect"
import { Comment, Post, Tag, User } from "./schema.ts"

/** Users, posts, tags and a thread of comments: one graph of plain values, one unit of work. */
export const addEverything = Effect.gen(function* () {
  const alice = User.make({ username: "alice", email: "alice@example.com", displayName: "Alice" })
  const bob = User.make({ username: "bob", email: "bob@example.com" })
  const carol = User.make({ username: "carol", email: "carol@example.com", displayName: "Carol" })
  const sql = Tag.make({ name: "sql" })
  const effect = Tag.make({ name: "effect" })
  const news = Tag.make({ name: "news" })

  const furnace = Post.make({
    title: "The furnace is lit",
    body: "An even heat.",
    status: "published",
    views: 120,
    author: alice,
    tags: [sql, effect]
  })
  const joins = Post.make({
    title: "Joins without surprises",
    body: "A left join says so in the type.",
    status: "published",
    views: 75,
    author: alice,
    tags: [sql]
  })
  const notes = Post.make({ title: "Notes", body: "Not yet.", author: alice })
  const layers = Post.make({
    title: "Layers",
    body: "A database is a layer.",
    status: "published",
    views: 42,
    author: bob,
    tags: [effect, news]
  })

  const question = Comment.make({ body: "Does it run on MariaDB?", post: furnace, author: bob })
  const answer = Comment.make({
    body: "The same program, unchanged.",
    post: furnace,
    author: alice,
    parent: question
  })
  const thanks = Comment.make({ body: "Thanks!", post: furnace, author: bob, parent: answer })
  const praise = Comment.make({ body: "Clear at last.", post: joins, author: carol })

  yield* Session.add(carol, notes, layers, thanks, praise)
}).pipe(Session.transact)
