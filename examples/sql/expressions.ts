import { Expr, Fn, Query, sql, Type } from "athanor"
import { posts, users } from "./tables.ts"

const { id, stars, title: of } = posts.c
const from = Query.from(posts)
const modulo = Expr.operator("%", { left: Type.integer, right: Type.integer, result: Type.integer })
const longest = Expr.custom("longest", Type.integer, {
  sqlite: (a, b) => sql(Type.integer)`max(${a}, ${b})`,
  postgres: (a, b) => sql(Type.integer)`greatest(${a}, ${b})`,
  mysql: (a, b) => sql(Type.integer)`greatest(${a}, ${b})`,
  mariadb: (a, b) => sql(Type.integer)`greatest(${a}, ${b})`
})

export const title = "Values and expressions"
export const given = { "A parameter by name": { least: 3 } }
export const examples = {
  "Sums and products": from.select({ more: stars.add(1), twice: stars.mul(2), less: stars.neg() }),
  "Division is true, a quotient is whole, by zero is NULL": from.select({
    mean: stars.div(2),
    whole: stars.quot(2),
    rest: stars.rem(2)
  }),
  Bits: from.select({
    both: Fn.bitAnd(stars, 6),
    one: Fn.bitXor(stars, 3),
    up: Fn.shiftLeft(stars, 2)
  }),
  "Text behind text": from.select(of.concat("!")),
  "The first that is not NULL": Query.from(users).select(users.c.bossId.coalesce(0)),
  "A value by cases": from.select(
    Expr.when(stars.gt(4), "good").when(stars.gt(2), "fair").else("poor")
  ),
  "A value by the value of another": from.select(
    Expr.case(stars).when(1, "one").when(2, "two").else("many")
  ),
  "Another type, converted": from.select(stars.cast(Type.text)),
  "A parameter by name": from.where(stars.gte(Expr.param("least", Type.integer))).select(id),
  "A function of the server": from.select(Expr.call("upper", Type.text, of)),
  "An operator of the server": from.select(modulo(stars, Expr.value(2, Type.integer))),
  "An expression of your own, by dialect": from.select(longest(stars, id))
}
