// line: 6
// expect: is not assignable to parameter of type
import { Column, Query, Table, View } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
Query.insert(View.make("names", Query.from(users)))
