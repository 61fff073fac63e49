// line: 8
// expect: Argument of type 'number' is not assignable to parameter of type
import { Column, Database, Expr, Query, Table, Type } from "athanor"

const users = Table.make("users", { id: Column.id(), role: Column.enum(["admin", "user"]) })

export const used = [Query, Type, Expr, Database]
export const wrong = Expr.when(users.c.id.lt(1), "few").else(1)
