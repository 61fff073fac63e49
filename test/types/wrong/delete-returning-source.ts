// line: 19
// expect: ProjectionIn<"users">
import { Column, Query, Table } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  email: Column.text().unique()
})
const posts = Table.make("posts", {
  id: Column.id(),
  authorId: Column.integer(),
  title: Column.text()
})

const command = Query.deleteFrom(users)
  .using(posts, posts.c.authorId.eq(users.c.id))
  .returning(posts.c.title)
