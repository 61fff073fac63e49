// line: 6
// expect: ~correlated to
import { Column, Query, Table } from "athanor"
const users = Table.make("users", { id: Column.id() })
const n = Query.series(1, users.c.id).as("n")
Query.from(users).join(n, n.c.value.eq(users.c.id))
