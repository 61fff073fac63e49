// line: 9
// expect: Type 'string | null' is not assignable to type 'string'
import { Column, Query, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })
const mine = posts.c.authorId.eq(users.c.id)
declare const run: <Row>(query: Query.Statement<Row>) => Row
const name: string = run(Query.from(users).fullJoin(posts, mine).select(users.c.name))
