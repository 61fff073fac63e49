// line: 8
// expect: No overload matches this call.
import { Column, Expr, Query, Table, Type } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })

export const used = [Query, Type, Expr]
export const wrong = Expr.tuple(users.c.id, users.c.name).in([["x", 1]])
