// line: 15
// expect: Property 'id' is missing in type '{ readonly label: number; }'
import { Column, Query, Table } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"])
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })

const ids = Query.from(users).select({ id: users.c.id })
Query.recursive("r", ids, (r) => Query.from(r).select({ label: r.c.id }))
