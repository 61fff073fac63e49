// line: 8
// expect: 'other' does not exist in type
import { Column, Database, Expr, Query, Table, Type } from "athanor"

const users = Table.make("users", { id: Column.id(), role: Column.enum(["admin", "user"]) })

export const used = [Query, Type, Expr, Database]
export const wrong = Database.all(Query.from(users).where(users.c.id.eq(Expr.param("id", Type.integer))), { id: 1, other: 2 })
