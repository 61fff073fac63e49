// line: 6
// expect: Argument of type '"nmae"' is not assignable to parameter of type '"id" | "name"'
import { Alter, Column, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
Alter.addIdentity(users, "nmae")
