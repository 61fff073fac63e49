import { Fn, Query } from "athanor"
import { posts, users } from "./tables.ts"

export const title = "Queries"
export const examples = {
  "Columns, a condition, an order": Query.from(posts)
    .where(posts.c.stars.gte(3))
    .orderBy(posts.c.stars.desc(), posts.c.id)
    .select({ id: posts.c.id, title: posts.c.title }),
  "Every title once": Query.from(posts).select(posts.c.title).distinct(),
  "The first row of each group": Query.from(posts)
    .orderBy(posts.c.authorId, posts.c.stars.desc(), posts.c.id)
    .distinctOn(posts.c.authorId)
    .select({ authorId: posts.c.authorId, best: posts.c.title }),
  "A value from another query": Query.from(users).select({
    name: users.c.name,
    best: Query.from(posts)
      .correlate(users)
      .where(posts.c.authorId.eq(users.c.id))
      .select(Fn.max(posts.c.stars))
      .scalar()
  }),
  "NULL first or last, on every database": Query.from(users)
    .orderBy(users.c.bossId.asc().nullsLast())
    .select(users.c.name)
}
