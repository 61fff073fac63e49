// line: 8
// expect: Type 'Expr<string, "posts">' is not assignable to type 'ProjectionIn<"users">'
import { Column, Fn, Query, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
const posts = Table.make("posts", { id: Column.id(), title: Column.text() })

export const wrong = Query.from(users).extend({ title: Fn.upper(posts.c.title) })
