import { Query, Type } from "athanor"
import { posts, users } from "./tables.ts"

const authors = Query.from(posts).select({ id: posts.c.authorId })
const bosses = Query.from(users).where(users.c.bossId.isNull()).select({ id: users.c.id })

export const title = "Set operations"
export const examples = {
  "Either, each once": authors.union(bosses),
  "Either, with repetitions": authors.unionAll(bosses),
  Both: authors.intersect(bosses),
  "Both, as often as in both": authors.intersectAll(bosses),
  "The first without the second": authors.except(bosses),
  "The first without the second, row by row": authors.exceptAll(bosses),
  "A slice of one arm": authors.limit(3).unionAll(bosses).orderBy(posts.c.authorId),
  "An operation inside of one": authors.union(bosses).except(authors.intersect(bosses)),
  "Rows of the program as a query": Query.values({ id: Type.integer }, [
    { id: 1 },
    { id: 7 }
  ]).except(authors)
}
