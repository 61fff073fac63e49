import { Expr, Fn, Query, Type } from "athanor"
import { posts, users } from "./tables.ts"

const { authorId, stars, title: of } = posts.c
const other = Query.alias(posts, "other")
const all = Query.from(posts).select(posts.c.id)
const theirs = Query.from(posts).correlate(users).where(authorId.eq(users.c.id))

export const title = "Conditions"
export const given = { "A list that comes when the statement runs": { authors: [1, 2] } }
export const examples = {
  "And, or, not": all.where(stars.gt(3).or(of.eq("x")).and(stars.lt(9))),
  "NULL-safe equality": Query.from(users).where(users.c.bossId.same(null)).select(users.c.id),
  "Not TRUE: FALSE or NULL": Query.from(users)
    .where(users.c.bossId.eq(1).isNotTrue())
    .select(users.c.id),
  "A list of any length is one value where the server can": all.where(authorId.in([1, 2, 3])),
  "A list that comes when the statement runs": all.where(
    authorId.in(Expr.paramList("authors", Type.integer))
  ),
  "Among the rows of a query": Query.from(users)
    .where(users.c.id.in(Query.from(posts).where(stars.gt(3)).select(authorId)))
    .select(users.c.name),
  "Rows for which another query has some": Query.from(users)
    .where(theirs.where(stars.gte(5)).exists())
    .select(users.c.name),
  "Rows for which it has none": Query.from(users).where(theirs.exists().not()).select(users.c.name),
  "Rows of values": all.where(
    Expr.tuple(authorId, stars).in([
      [1, 2],
      [3, 4]
    ])
  ),
  "Rows of values in order": all.where(Expr.tuple(stars, posts.c.id).lt([3, 10])),
  "Case-sensitive on every server; without case": all.where(of.like("A%").or(of.ilike("a%"))),
  "Text that starts, ends, contains": all.where(of.startsWith("50%").or(of.contains("_"))),
  "A regular expression": all.where(Fn.matches(of, "^[A-Z][a-z]+$")),
  "Between, in either order": all.where(stars.between(5, 1, { symmetric: true })),
  "Greater than any": all.where(stars.gt(Expr.any(Query.from(other).select(other.c.stars)))),
  "Of many conditions, those that are asked for": all.where(
    Expr.and(...[of.contains("a"), stars.gt(1)])
  )
}
