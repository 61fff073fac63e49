import { Column, Expr, Fn, Query, Table, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Row<Q> = Q extends Query.Select<infer Row, any, any> ? Row : never
type Needs<Q> = Q extends Query.Statement<any, infer R> ? R : never

const User = Table.make("users", { id: Column.id(), name: Column.text(), bio: Column.text().nullable() })
const Post = Table.make("posts", {
  id: Column.id(), authorId: Column.integer().references(() => User.c.id), title: Column.text()
})
const theirs = Post.c.authorId.eq(User.c.id)

const right = Query.from(User).rightJoin(Post, theirs)
same<Row<typeof right>, Query.SelectFirst>(true)
const rights = right.select({ name: User.c.name, title: Post.c.title, named: User.c.name.coalesce("-"), user: User, post: Post })
type Rights = Row<typeof rights>
same<Rights["name"], string | null>(true)
same<Rights["title"], string>(true)
same<Rights["named"], string>(true)
same<null extends Rights["user"] ? true : false, true>(true)
same<null extends Rights["post"] ? true : false, false>(true)

const full = Query.from(User).fullJoin(Post).select({ name: User.c.name, title: Post.c.title })
same<Row<typeof full>, { readonly name: string | null; readonly title: string | null }>(true)
const cross = Query.from(User).crossJoin(Post).select({ name: User.c.name, title: Post.c.title })
same<Row<typeof cross>, { readonly name: string; readonly title: string }>(true)
const inferred = Query.from(Post).leftJoin(User).select({ name: User.c.name })
same<Row<typeof inferred>, { readonly name: string | null }>(true)
same<Needs<typeof inferred>, never>(true)
const asked = Query.from(User).fullJoin(Post, theirs.and(Post.c.id.gt(Expr.param("low", Type.integer)))).select(Post.c.id)
same<Needs<typeof asked>, Expr.Param<"low", number>>(true)

const own = Query.from(Post).correlate(User).where(theirs)
const top = own.select({ id: Post.c.id, title: Post.c.title }).as("top")
const latest = own.select({ last: Fn.max(Post.c.id), n: Fn.count() }).as("latest")
const lateral = Query.from(User).joinLateral(top).leftJoinLateral(latest, latest.c.n.gt(0))
  .select({ name: User.c.name, title: top.c.title, last: latest.c.last, n: latest.c.n, top })
same<Row<typeof lateral>["title"], string>(true)
same<Row<typeof lateral>["n"], number | null>(true)
same<Row<typeof lateral>["top"], { readonly id: number; readonly title: string }>(true)
same<Needs<typeof lateral>, never>(true)

// Fragments stay generic over what they join to.
const withAuthor = <W, R, S extends string>(query: Query.Select<W, R, S | "posts">) => query.join(User)
const joined = Query.from(Post).pipe(withAuthor).select({ name: User.c.name })
same<Row<typeof joined>, { readonly name: string }>(true)
