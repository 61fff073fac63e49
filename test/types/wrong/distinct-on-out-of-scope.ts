// line: 6
// expect: Argument of type 'Expr<number, "posts">' is not assignable
import { Column, Query, Table } from "athanor"
const users = Table.make("users", { id: Column.id() })
const posts = Table.make("posts", { id: Column.id() })
Query.from(users).orderBy(users.c.id).distinctOn(posts.c.id)
