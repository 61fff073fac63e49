import { Query } from "athanor"
import { posts, users } from "./tables.ts"

const authors = Query.from(posts).select({ id: posts.c.authorId })
const bosses = Query.from(users).where(users.c.bossId.isNull()).select({ id: users.c.id })

export const title = "Set operations and queries by name"
export const examples = {
  "Either, each once": authors.union(bosses),
  "Either, with repetitions": authors.unionAll(bosses),
  Both: authors.intersect(bosses),
  "Both, as often as in both": authors.intersectAll(bosses),
  "The first without the second": authors.except(bosses),
  "The first without the second, row by row": authors.exceptAll(bosses),
  "A slice of one arm": authors.limit(3).unionAll(bosses).orderBy(posts.c.authorId),
  "A query by name": Query.from(authors.cte("authors")),
  "A query over itself: everybody below the first user": Query.from(
    Query.recursive(
      "below",
      Query.from(users).where(users.c.id.eq(1)).select({ id: users.c.id }),
      (below) =>
        Query.from(users).join(below, users.c.bossId.eq(below.c.id)).select({ id: users.c.id })
    )
  )
}
