// line: 6
// expect: "posts"
import { Column, Fn, Query, Table } from "athanor"
const users = Table.make("users", { id: Column.id(), age: Column.integer() })
const posts = Table.make("posts", { id: Column.id(), userId: Column.integer() })
Query.from(users).select({ n: Fn.rowNumber().over({ orderBy: posts.c.id }) })
