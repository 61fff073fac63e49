import { Column, Expr, Table, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}

const users = Table.make("users", {
  id: Column.id(), name: Column.text(), age: Column.integer().nullable(), role: Column.enum(["admin", "mod", "user"])
})
const { age, id, name, role } = users.c

const searched = Expr.when(age.lt(18), "minor").when(age.gt(65), name).else(null)
same<typeof searched, Expr.Expr<string | null, "users">>(true)
const simple = Expr.case(age).when(1, "one").when(id, name).else("many")
same<typeof simple, Expr.Expr<string, "users">>(true)
const open = Expr.case(age).when(1, 1n).end()
same<typeof open, Expr.Expr<bigint | null, "users">>(true)
const record = Expr.case(role, { admin: 1, mod: 2 })
same<typeof record, Expr.Expr<number | null, "users">>(true)
const closed = Expr.case(role, { admin: "a", mod: name }, "?")
same<typeof closed, Expr.Expr<string, "users">>(true)
const wide = Expr.retype(age, Type.bigint)
same<typeof wide, Expr.Expr<bigint | null, "users">>(true)
