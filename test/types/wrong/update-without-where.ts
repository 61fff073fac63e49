// line: 5
// expect: Argument of type 'UpdateWhere<never, "users"
import { Column, Database, Query, Table } from "athanor"
const users = Table.make("users", { id: Column.id(), name: Column.text() })
Database.run(Query.update(users).set({ name: "Ann" }))
