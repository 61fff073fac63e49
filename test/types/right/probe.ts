import { Column, Expr, Fn, Index, Query, sql, Table, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Row<Q> = Q extends Query.Select<infer Row, any, any> ? Row : never
type Needs<Q> = Q extends Query.Statement<any, infer R> ? R : never

const User = Table.make("users", {
  id: Column.id(), name: Column.text(), bio: Column.text().nullable(), age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"]), deletedAt: Column.timestamp().nullable(), views: Column.bigint()
}, (c) => [Index.on(c.name, c.age)])
const Post = Table.make("posts", {
  id: Column.id(), authorId: Column.integer().references(() => User.c.id), title: Column.text(), views: Column.integer(),
  status: Column.enum(["draft", "published"])
})

const q1 = Query.from(User)
same<Row<typeof q1>["name"], string>(true)
const q2 = Query.from(User).where(User.c.age.gte(18).and(User.c.role.eq("admin"))).select({ id: User.c.id, bio: User.c.bio })
same<Row<typeof q2>, { readonly id: number; readonly bio: string | null }>(true)
const q3 = Query.from(User).leftJoin(Post, Post.c.authorId.eq(User.c.id)).select({
  name: User.c.name, title: Post.c.title, titled: Post.c.title.coalesce("-"), post: Post, has: Post.c.id.isNotNull()
})
same<Row<typeof q3>["title"], string | null>(true)
same<Row<typeof q3>["titled"], string>(true)
same<Row<typeof q3>["has"], boolean>(true)
same<Row<typeof q3>["post"], Row<ReturnType<typeof posts>> | null>(true)
const posts = () => Query.from(Post)
const prolific = Query.from(Post).groupBy(Post.c.authorId).having(Fn.count().gt(10))
  .select({ authorId: Post.c.authorId, posts: Fn.count() }).as("prolific")
const report = Query.from(User).join(prolific, prolific.c.authorId.eq(User.c.id)).select({ user: User, posts: prolific.c.posts })
same<Row<typeof report>["posts"], number>(true)
const latest = Query.from(Post).correlate(User).where(Post.c.authorId.eq(User.c.id)).select({ at: Fn.max(Post.c.id) }).scalar()
const q4 = Query.from(User).select({ name: User.c.name, latest })
same<Row<typeof q4>["latest"], number | null>(true)
same<Needs<typeof q4>, never>(true)
const q5 = Query.from(User).where(User.c.age.gte(Expr.param("minAge", Type.integer)))
same<Needs<typeof q5>, Expr.Param<"minAge", number>>(true)
const notDeleted = <N extends string>(t: { readonly deletedAt: Expr.Expr<any, N> }) => t.deletedAt.isNull()
const q6 = Query.from(User).where(notDeleted(User.c)).pipe(Query.page(2, 20))
same<Row<typeof q6>, Row<typeof q1>>(true)
const u2 = Query.alias(User, "u2")
const q7 = Query.from(User).join(u2, u2.c.id.eq(User.c.id)).select({ user: User, other: u2, x: u2.c.bio })
same<Row<typeof q7>["x"], string | null>(true)
const q8 = Query.from(User).select({ kind: Expr.when(User.c.age.lt(18), "minor").when(User.c.age.lt(65), "adult").else("senior") })
same<Row<typeof q8>["kind"], string>(true)
const q9 = Query.from(User).select({ n: sql(Type.integer)`${User.c.age} + ${1}` })
same<Row<typeof q9>["n"], number | null>(true)
const q10 = Query.from(User).where(User.c.id.in(Query.from(Post).select({ a: Post.c.authorId })))
  .where(User.c.id.in(Query.from(Post).select(Post.c.authorId)))
same<Row<typeof q10>, Row<typeof q1>>(true)
const nested = Query.from(Post).join(User, User.c.id.eq(Post.c.authorId))
  .select({ id: Post.c.id, author: { id: User.c.id, more: { name: User.c.name } }, user: User }).as("n")
const q11 = Query.from(nested).select({ x: nested.c.author.more.name, y: nested.c.user.bio })
same<Row<typeof q11>, { readonly x: string; readonly y: string | null }>(true)
Query.insert(User).values({ name: "a", age: 1, role: "admin", views: 1n })
Query.insert(User).rows([{ name: "a", age: 1, role: "admin", views: 1n, bio: null }])
Query.update(Post).set({ views: Post.c.views.add(1) }).where(Post.c.id.eq(1)).returning({ id: Post.c.id })
Query.deleteFrom(Post).where(Post.c.id.eq(1))
const totals = Query.from(Post).select({ n: Fn.count(), s: Fn.sum(Post.c.views), a: Fn.avg(Post.c.views) })
same<Row<typeof totals>, { readonly n: number; readonly s: number | null; readonly a: number | null }>(true)
