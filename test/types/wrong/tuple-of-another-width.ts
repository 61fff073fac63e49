// line: 8
// expect: Source has 1 element(s) but target requires 2.
import { Column, Expr, Query, Table, Type } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })

export const used = [Query, Type, Expr]
export const wrong = Expr.tuple(users.c.id, users.c.name).eq([1])
