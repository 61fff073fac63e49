// line: 15
// expect: "other"
import { Column, Query, Table } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"])
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })
const other = Table.make("other", { id: Column.id() })

Query.from(users).leftJoin(posts, other.c.id.eq(posts.c.id))
