import * as BigDecimal from "effect/BigDecimal"
import * as Fn from "../../../src/algebra/Fn.ts"
import * as Query from "../../../src/algebra/Query.ts"
import { Post, User } from "./schema.ts"
import type { Said } from "./servers.ts"

const published = Query.from(Post).where(Post.c.status.eq("published"))
const counted = Query.from(Post)
  .groupBy(Post.c.authorId)
  .having(Fn.count().gt(1))
  .select({ authorId: Post.c.authorId, posts: Fn.count() })
  .as("counted")
const euros = (text: string): BigDecimal.BigDecimal => BigDecimal.fromStringUnsafe(text)

/** Statements by what they show. */
export const statements: Readonly<Record<string, Said>> = {
  "by key": Query.from(User).where(User.c.id.eq(1)).select(User),
  "left join": Query.from(User)
    .leftJoin(Post, Post.c.authorId.eq(User.c.id))
    .where(User.c.id.eq(3))
    .select({ name: User.c.username, post: Post }),
  derived: Query.from(User)
    .join(counted, counted.c.authorId.eq(User.c.id))
    .select({ name: User.c.username, posts: counted.c.posts }),
  "order and slice": Query.from(User)
    .select({ name: User.c.displayName })
    .orderBy(User.c.displayName.desc(), User.c.id)
    .limit(2)
    .offset(1),
  "offset alone": Query.from(User).select({ id: User.c.id }).orderBy(User.c.id).offset(2),
  "where after limit": Query.from(User)
    .orderBy(User.c.id)
    .limit(2)
    .where(User.c.active.eq(true))
    .select({ id: User.c.id }),
  "in a list": Query.from(User)
    .where(User.c.id.in([1, 3, 5]))
    .select({ id: User.c.id })
    .orderBy(User.c.id),
  "in no list": Query.from(User).where(User.c.id.in([])).select({ id: User.c.id }),
  "not in": Query.from(User)
    .where(User.c.username.in(["ann"]).not())
    .select({ name: User.c.username })
    .orderBy(User.c.username),
  exists: Query.from(User)
    .where(Query.from(Post).correlate(User).where(Post.c.authorId.eq(User.c.id)).exists())
    .select({ id: User.c.id })
    .orderBy(User.c.id),
  like: Query.from(User).where(User.c.username.startsWith("a_")).select({ name: User.c.username }),
  precedence: Query.from(Post)
    .where(Post.c.views.gt(5).or(Post.c.id.eq(1)).and(Post.c.status.eq("draft").not()))
    .select({ n: Post.c.views.add(1).mul(2), m: Post.c.views.sub(Post.c.id.sub(1)) })
    .orderBy(Post.c.id),
  division: Query.from(Post)
    .select({
      quotient: Post.c.views.quot(2),
      rest: Post.c.views.rem(4),
      half: Post.c.views.div(2),
      none: Post.c.views.div(0)
    })
    .orderBy(Post.c.id),
  aggregates: Query.from(Post).select({
    all: Fn.count(),
    mean: Fn.avg(Post.c.views),
    sum: Fn.sum(Post.c.views),
    most: Fn.max(Post.c.title)
  }),
  decimals: Query.from(Post)
    .where(Post.c.price.gt(euros("1.50")))
    .select({ sum: Fn.sum(Post.c.price), twice: Fn.max(Post.c.price.add(Post.c.price)) }),
  union: Query.from(User)
    .select({ id: User.c.id })
    .union(Query.from(Post).select({ id: Post.c.authorId }))
    .orderBy(User.c.id),
  distinct: published
    .select({ author: Post.c.authorId })
    .distinct()
    .orderBy(Post.c.authorId.desc()),
  text: Query.from(User)
    .where(User.c.id.eq(1))
    .select({
      loud: Fn.upper(User.c.username),
      size: Fn.length(User.c.username),
      both: User.c.username.concat("!"),
      shown: User.c.displayName.coalesce("?")
    }),
  insert: Query.insert(User)
    .rows([
      { username: "dan", displayName: null, active: true },
      { username: "eve", displayName: "Eve", active: false }
    ])
    .returning({ id: User.c.id }),
  update: Query.update(User).set({ displayName: "Annie" }).where(User.c.username.eq("ann")),
  delete: Query.deleteFrom(Post).where(Post.c.views.lt(3))
}
