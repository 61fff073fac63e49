// line: 14
// expect: Type 'string' is not assignable to type 'number'
import { Column, Query, Table } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"])
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })

Query.from(users).select({ id: users.c.id }).union(Query.from(users).select({ id: users.c.name }))
