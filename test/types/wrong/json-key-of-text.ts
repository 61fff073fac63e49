// line: 8
// expect: Argument of type 'string' is not assignable to parameter of type 'never'
import { Column, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })

export const first =
  users.c.name.at("a" as string)
