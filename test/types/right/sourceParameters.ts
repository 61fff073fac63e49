import { Column, Database, Expr, Query, Table, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Needs<Q> = Q extends Query.Statement<any, infer R> ? R : never
type Least = Expr.Param<"least", number>

const users = Table.make("users", { id: Column.id(), age: Column.integer() })
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer() })
const old = Query.from(users).where(users.c.age.gt(Expr.param("least", Type.integer))).select({ id: users.c.id })

const cte = old.cte("old")
const derived = old.as("older")
same<Needs<ReturnType<typeof ofCte>>, Least>(true)
const ofCte = () => Query.from(cte).select(cte.c.id)
const joined = Query.from(posts).join(cte, cte.c.id.eq(posts.c.authorId)).select({ id: posts.c.id, cte })
same<Needs<typeof joined>, Least>(true)
const left = Query.from(posts).leftJoin(derived, derived.c.id.eq(posts.c.authorId)).select({ derived })
same<Needs<typeof left>, Least>(true)
const right = Query.from(posts).rightJoin(derived, derived.c.id.eq(posts.c.id)).select({ id: posts.c.id })
same<Needs<typeof right>, Least>(true)
const crossed = Query.from(posts).crossJoin(Query.alias(derived, "again")).select(posts.c.id)
same<Needs<typeof crossed>, Least>(true)
const twice = Query.from(cte).join(derived, derived.c.id.eq(cte.c.id)).select(cte.c.id).as("twice")
same<Needs<ReturnType<typeof ofTwice>>, Least>(true)
const ofTwice = () => Query.from(twice)

const own = Query.from(posts)
  .correlate(users)
  .where(posts.c.authorId.eq(users.c.id), )
  .limit(Expr.param("most", Type.integer))
  .select({ id: posts.c.id })
  .as("own")
const lateral = Query.from(users).joinLateral(own).select({ id: users.c.id, post: own.c.id })
same<Needs<typeof lateral>, Expr.Param<"most", number>>(true)

const n = Query.series(1, Expr.param("to", Type.integer)).as("n")
const counted = Query.from(n).select(n.c.value)
same<Needs<typeof counted>, Expr.Param<"to", number>>(true)

const step = Query.recursive("step", old, (self) =>
  Query.from(users).join(self, self.c.id.eq(users.c.age)).select({ id: users.c.id })
)
const stepped = Query.from(step).select(step.c.id)
same<Needs<typeof stepped>, Least>(true)
const removed = Query.deleteFrom(posts).using(cte, cte.c.id.eq(posts.c.authorId)).where(posts.c.id.gt(1))
same<Needs<typeof removed>, Least>(true)

const plain = Query.from(users).join(posts, posts.c.authorId.eq(users.c.id)).select(users.c.id).as("plain")
const ofPlain = Query.from(plain).leftJoin(posts, posts.c.id.eq(plain.c.value)).select({ posts })
same<Needs<typeof ofPlain>, never>(true)

export const rows = Database.all(joined, { least: 7 })
