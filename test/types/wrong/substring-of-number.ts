// line: 8
// expect: Argument of type 'Expr<number, "users">' is not assignable to parameter of type
import { Column, Fn, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), age: Column.integer() })

export const cut =
  Fn.substring(users.c.age, 1)
