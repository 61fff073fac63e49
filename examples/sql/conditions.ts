import { Expr, Query, Type } from "athanor"
import { posts, users } from "./tables.ts"

const { authorId, stars, title: of } = posts.c
const other = Query.alias(posts, "other")
const all = Query.from(posts).select(posts.c.id)

export const title = "Conditions and values"
export const examples = {
  "And, or, not": all.where(stars.gt(3).or(of.eq("x")).and(stars.lt(9))),
  "NULL-safe equality": Query.from(users).where(users.c.bossId.same(null)).select(users.c.id),
  "A list of any length is one value where the server can": all.where(authorId.in([1, 2, 3])),
  "A list that comes when the statement runs": all.where(
    authorId.in(Expr.paramList("authors", Type.integer))
  ),
  "Rows of values": all.where(
    Expr.tuple(authorId, stars).in([
      [1, 2],
      [3, 4]
    ])
  ),
  "Case-sensitive on every server; without case": all.where(of.like("A%").or(of.ilike("a%"))),
  "Text that starts, ends, contains": all.where(of.startsWith("50%").or(of.contains("_"))),
  "Between, in either order": all.where(stars.between(5, 1, { symmetric: true })),
  "Division is true, a quotient is whole, by zero is NULL": Query.from(posts).select({
    mean: stars.div(2),
    whole: stars.quot(2),
    rest: stars.rem(2)
  }),
  "Greater than any": all.where(stars.gt(Expr.any(Query.from(other).select(other.c.stars)))),
  "A value by cases": Query.from(posts).select(
    Expr.when(stars.gt(4), "good").when(stars.gt(2), "fair").else("poor")
  )
}
