import { Column, type Expr, Fn, Query, Table, Type } from "athanor"
import { Schema } from "effect"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}

const Profile = Schema.Struct({
  name: Schema.String,
  age: Schema.optionalKey(Schema.Number),
  tags: Schema.Array(Schema.String),
  address: Schema.NullOr(Schema.Struct({ city: Schema.String }))
})
const users = Table.make("users", {
  id: Column.id(), profile: Column.make(Type.json(Profile)).nullable(), any: Column.make(Type.json(Schema.Unknown))
})
const { any, profile } = users.c

const age = profile.at("age")
same<typeof age, Expr.Expr<number | null, "users">>(true)
const tag = profile.at("tags", 0)
same<typeof tag, Expr.Expr<string | null, "users">>(true)
const city = profile.at("address", "city")
same<typeof city, Expr.Expr<string | null, "users">>(true)
const whatever = any.at("a", 0)
same<typeof whatever, Expr.Expr<unknown, "users">>(true)
const years = Fn.jsonAs(age, Type.integer)
same<typeof years, Expr.Expr<number | null, "users">>(true)
export const rows = Query.from(users).where(years.gte(18)).select({ age, tag, city, whatever, kind: Fn.jsonType(age) })
