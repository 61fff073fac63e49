// line: 9
// expect: "users"
import { Column, Query, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })
const mine = posts.c.authorId.eq(users.c.id)
const own = Query.from(posts).correlate(users).where(mine).as("own")
Query.from(Query.alias(posts, "other")).joinLateral(own)
