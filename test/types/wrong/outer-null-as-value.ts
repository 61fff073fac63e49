// line: 16
// expect: Type 'string | null' is not assignable to type 'string'
import { Column, Query, Table } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"])
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })
type RowOf<Q> = Q extends Query.Statement<infer Row, any> ? Row : never
const left = Query.from(users).leftJoin(posts, posts.c.authorId.eq(users.c.id)).select({ title: posts.c.title })

const title: string = null! as RowOf<typeof left>["title"]
