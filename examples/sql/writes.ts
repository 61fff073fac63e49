import { Expr, Query, Type } from "athanor"
import { posts, users } from "./tables.ts"

const gone = Query.deleteFrom(users).where(users.c.name.eq("nobody")).returning().cte("gone")
const post = { authorId: 1, title: "One", stars: 1 }

export const title = "Writes"
export const examples = {
  "One row, and its key": Query.insert(users).values({ name: "Ann" }).returning(users.c.id),
  "Several rows": Query.insert(users).rows([{ name: "Bob" }, { name: "Cleo" }]),
  "An update": Query.update(posts)
    .set({ stars: posts.c.stars.add(1) })
    .where(posts.c.id.eq(1)),
  "A column from an expression of others": Query.update(posts)
    .set({ title: posts.c.title.concat("!"), stars: posts.c.stars.mul(2) })
    .where(posts.c.stars.gt(100)),
  "Every row is asked for by name": Query.update(posts).set({ stars: 0 }).everyRow(),
  "A delete, and what it removed": Query.deleteFrom(posts).where(posts.c.stars.eq(0)).returning(),
  "One more row": Query.insert(posts).values(post),
  "An update by another table": Query.update(posts)
    .from(users, users.c.id.eq(posts.c.authorId))
    .set({ title: users.c.name })
    .where(users.c.bossId.isNull()),
  "A delete by another table": Query.deleteFrom(posts)
    .using(users, users.c.id.eq(posts.c.authorId))
    .where(users.c.name.eq("nobody")),
  "Rows of one write as the rows of another": Query.insert(posts).fromSelect(
    Query.from(gone).select({
      authorId: gone.c.id,
      title: gone.c.name,
      stars: Expr.value(0, Type.integer)
    })
  )
}
