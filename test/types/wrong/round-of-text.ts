// line: 8
// expect: Argument of type 'Expr<string, "users">' is not assignable to parameter of type
import { Column, Fn, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })

export const rounded =
  Fn.round(users.c.name)
