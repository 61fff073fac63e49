// line: 9
// expect: Property 'name' does not exist on type 'SelectFirst'
import { Column, Query, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })
const mine = posts.c.authorId.eq(users.c.id)
declare const run: <Row>(query: Query.Statement<Row>) => Row
run(Query.from(users).rightJoin(posts, mine)).name
