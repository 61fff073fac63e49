// line: 5
// expect: Window
import { Column, Fn, Query, Table } from "athanor"
const users = Table.make("users", { id: Column.id(), age: Column.integer() })
Query.from(users).groupBy(Fn.rank().over({ orderBy: users.c.age }))
