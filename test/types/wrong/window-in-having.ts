// line: 5
// expect: Window
import { Column, Fn, Query, Table } from "athanor"
const users = Table.make("users", { id: Column.id(), age: Column.integer() })
Query.from(users).groupBy(users.c.age).having(Fn.rank().over({ orderBy: users.c.age }).gt(1))
