// line: 16
// expect: Argument of type 'Cursor<"users">' is not assignable to parameter of type 'Cursor<"posts"> | null | undefined'.
import { Column, Query, Table } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"])
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })

const one = Query.keyset(Query.from(users).orderBy(users.c.id))
const two = Query.keyset(Query.from(posts).orderBy(posts.c.id))
two.page(2, one.cursor({} as never))
