// line: 19
// expect: "posts"
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

const command = Query.insert(users)
  .values({ name: "a", email: "b" })
  .onConflict(posts.c.title)
