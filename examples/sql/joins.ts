import { Expr, Fn, Query, Type } from "athanor"
import { Schema } from "effect"
import { posts, users } from "./tables.ts"

const boss = Query.alias(users, "boss")
const latest = Query.from(posts)
  .correlate(users)
  .where(posts.c.authorId.eq(users.c.id))
  .orderBy(posts.c.id.desc())
  .limit(1)
  .select({ title: posts.c.title })
  .as("latest")
const counted = Query.from(posts)
  .groupBy(posts.c.authorId)
  .select({ authorId: posts.c.authorId, posts: Fn.count() })
  .as("counted")

const star = Query.series(1, posts.c.stars).as("star")
const wanted = Query.elements(
  Expr.value([{ name: "Ann", why: "new" }], Type.json(Schema.Unknown)),
  { name: Type.text, why: Type.text }
).as("wanted")

export const title = "Joins"
export const examples = {
  "By the foreign key": Query.from(users)
    .join(posts)
    .select({ name: users.c.name, title: posts.c.title }),
  "By a condition; the author may have no post": Query.from(users)
    .leftJoin(posts, posts.c.authorId.eq(users.c.id))
    .select({ name: users.c.name, title: posts.c.title }),
  "A table beside itself": Query.from(users)
    .leftJoin(boss, boss.c.id.eq(users.c.bossId))
    .select({ name: users.c.name, boss: boss.c.name }),
  "A right join": Query.from(posts)
    .rightJoin(users, posts.c.authorId.eq(users.c.id))
    .select({ name: users.c.name, title: posts.c.title }),
  "A full join, said by two joins where a server has none": Query.from(users)
    .fullJoin(posts, posts.c.authorId.eq(users.c.id))
    .select({ name: users.c.name, title: posts.c.title }),
  "Every pair": Query.from(users).crossJoin(posts).select({ name: users.c.name, id: posts.c.id }),
  "A query as a table": Query.from(users)
    .join(counted, counted.c.authorId.eq(users.c.id))
    .select({ name: users.c.name, posts: counted.c.posts }),
  "A query that sees the row beside it": Query.from(users)
    .leftJoinLateral(latest)
    .select({ name: users.c.name, latest: latest.c.title }),
  "Numbers, joined to the row that counts them": Query.from(posts)
    .joinLateral(star)
    .select({ title: posts.c.title, star: star.c.value }),
  "The elements of a document as a table": Query.from(users)
    .join(wanted, wanted.c.name.eq(users.c.name))
    .select({ id: users.c.id, why: wanted.c.why })
}
