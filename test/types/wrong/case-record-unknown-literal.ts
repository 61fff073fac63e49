// line: 8
// expect: 'root' does not exist in type
import { Column, Database, Expr, Query, Table, Type } from "athanor"

const users = Table.make("users", { id: Column.id(), role: Column.enum(["admin", "user"]) })

export const used = [Query, Type, Expr, Database]
export const wrong = Expr.case(users.c.role, { root: 1 })
