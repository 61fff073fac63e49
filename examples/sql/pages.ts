import { Fn, Query } from "athanor"
import { posts, users } from "./tables.ts"

const { authorId, id, stars, title: of } = posts.c
const from = Query.from(posts).orderBy(stars.desc(), id)
const pages = Query.keyset(from.select({ id, title: of }))
const last = { at: { stars: 3, id: 17 } } as unknown as { readonly at: Query.Position }

export const title = "Pages"
export const examples = {
  "The first rows": from.limit(20).select(id),
  "One page of rows": from.pipe(Query.page(3, 20)).select(id),
  "Who is level with the last, too": Query.from(posts)
    .orderBy(stars.desc())
    .limit(3, { ties: true })
    .select({ title: of, stars }),
  "The first page by keys": pages.page(20),
  "The page after a row": pages.page(20, pages.cursor(last)),
  "How many rows in all": from.select(id).pipe(Query.total),
  "A page of one side of a join": Query.from(users)
    .orderBy(users.c.id)
    .limit(10)
    .leftJoin(posts, authorId.eq(users.c.id))
    .groupBy(users.c.id)
    .select({ id: users.c.id, posts: Fn.count(id) })
}
