// line: 15
// expect: "users"
import { Column, Expr, Query, Table } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"])
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })
declare const run: <Row>(query: Query.Statement<Row, Expr.Param<any, any>>) => Row

run(Query.from(posts).correlate(users).where(posts.c.authorId.eq(users.c.id)))
