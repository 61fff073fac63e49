// line: 8
// expect: is not assignable to
import { Column, Expr, Query, Table, Type } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })

export const used = [Query, Type, Expr]
export const wrong = Query.from(users).select({ x: Expr.any([1], Type.integer) })
