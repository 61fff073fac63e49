// line: 7
// expect: Writable<
import { Column, Query, Table, View } from "athanor"

const users = Table.make("users", { id: Column.id(), age: Column.integer() })
const adults = View.make("adults", Query.from(users).where(users.c.age.gte(18)))
Query.deleteFrom(adults)
