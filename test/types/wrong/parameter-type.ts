// line: 17
// expect: Type 'string' is not assignable to type 'number'
import { Column, Expr, Query, Table, Type } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"])
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })
const young = Query.from(users).where(users.c.age.gte(Expr.param("minAge", Type.integer)))
type ParamsOf = typeof young extends Query.Statement<any, infer R> ? Expr.ParamsOf<R> : never
declare const params: <P>(values: P) => void

params<ParamsOf>({ minAge: "18" })
