// line: 6
// expect: rows by returning
import { Column, Database, Query, Table } from "athanor"
const users = Table.make("users", { id: Column.id(), name: Column.text() })
export const right = Database.all(Query.insert(users).values({ name: "Ann" }).returning(users.c.id))
export const wrong = Database.all(Query.insert(users).values({ name: "Ann" }))
