import { Expr, Query, Type } from "athanor"
import { posts, users } from "./tables.ts"

const authors = Query.from(posts).select({ id: posts.c.authorId })
const known = authors.cte("known")
const kept = authors.cte("kept", { materialized: true })
const twice = Query.alias(known, "twice")
const below = Query.recursive(
  "below",
  Query.from(users)
    .where(users.c.id.eq(1))
    .select({ id: users.c.id, depth: Expr.value(0, Type.integer) }),
  (self) =>
    Query.from(users)
      .join(self, users.c.bossId.eq(self.c.id))
      .select({ id: users.c.id, depth: self.c.depth.add(1) })
)
const gone = Query.deleteFrom(posts).where(posts.c.stars.lt(0)).returning().cte("gone")

export const title = "Queries by name"
export const examples = {
  "A query by name": Query.from(known),
  "Twice in one statement": Query.from(known)
    .join(twice, twice.c.id.gt(known.c.id))
    .select({ one: known.c.id, other: twice.c.id }),
  "Kept, as a hint to the server": Query.from(kept),
  "A query over itself: everybody below the first user": Query.from(below).orderBy(below.c.id),
  "The rows a write gave back": Query.from(gone)
    .select({ id: gone.c.id, title: gone.c.title })
    .pipe(Query.writing)
}
