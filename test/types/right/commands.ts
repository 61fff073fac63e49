import { Column, Entity, Expr, Query, Table, Type } from "athanor"

type Equal<A, B> =
  (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
const equal = <A, B>(_: Equal<A, B>): void => {}
type RowOf<S> = S extends Query.Statement<infer Row, any> ? Row : never

class User extends Entity<User>()("users", {
  id: Column.id(),
  email: Column.varchar(20).unique(),
  name: Column.varchar(20),
  version: Column.integer().version()
}) {}
const posts = Table.make("posts", {
  id: Column.id(),
  authorId: Column.integer(),
  author: Column.varchar(20).nullable()
})

const proposed = Query.excluded(User).c
const upsert = Query.insert(User)
  .values({ email: "a", name: "b" })
  .onConflict(User.c.email)
  .doUpdate({ name: proposed.name.concat(User.c.name) })
  .where(User.c.name.ne(proposed.name))
equal<RowOf<typeof upsert>, Query.NoRows>(true)
const saved = upsert.returning()
equal<RowOf<typeof saved>, User>(true)
const names = upsert.returning({ id: User.c.id, name: User.c.name })
equal<RowOf<typeof names>, { readonly id: number; readonly name: string }>(true)

const named = Query.insert(User)
  .rows([{ email: "a", name: Expr.byDefault() }])
  .onConflict("users_email_key")
  .doNothing()
equal<RowOf<typeof named>, Query.NoRows>(true)

const copied = Query.insert(posts).fromSelect(
  Query.from(User).where(User.c.id.gt(Expr.param("after", Type.integer))).select({
    authorId: User.c.id,
    author: User.c.name
  })
)
equal<
  typeof copied extends Query.Statement<Query.NoRows, infer R> ? Expr.ParamsOf<R> : never,
  { readonly after: number }
>(true)

const joined = Query.update(posts)
  .from(User, User.c.id.eq(posts.c.authorId))
  .set({ author: User.c.name })
  .where(User.c.name.ne("x"))
  .returning(posts.c.author)
equal<RowOf<typeof joined>, string | null>(true)

const row = Query.update(posts).setRow(
  Query.from(User)
    .correlate(posts)
    .where(User.c.id.eq(posts.c.authorId))
    .select({ author: User.c.name })
)
equal<RowOf<ReturnType<typeof row.everyRow>>, Query.NoRows>(true)

const first = Query.update(posts)
  .set({ author: Expr.byDefault() })
  .everyRow()
  .limit(2, posts.c.id.desc(), posts.c.author)
equal<RowOf<typeof first>, Query.NoRows>(true)

const gone = Query.deleteFrom(posts)
  .using(User, User.c.id.eq(posts.c.authorId))
  .where(User.c.name.eq("x"))
  .returning()
equal<
  RowOf<typeof gone>,
  { readonly id: number; readonly authorId: number; readonly author: string | null }
>(true)

const merged = Query.merge(posts)
  .using(User, User.c.id.eq(posts.c.authorId))
  .whenMatched(User.c.name.eq(Expr.param("name", Type.text)))
  .doUpdate({ author: User.c.name })
  .whenNotMatched()
  .doInsert({ authorId: User.c.id, author: User.c.name })
  .whenNotMatchedBySource(posts.c.author.isNull())
  .doDelete()
equal<RowOf<typeof merged>, Query.NoRows>(true)
equal<
  typeof merged extends Query.Statement<Query.NoRows, infer R> ? Expr.ParamsOf<R> : never,
  { readonly name: string }
>(true)
const mergedRows = merged.returning({ id: posts.c.id, author: posts.c.author })
equal<RowOf<typeof mergedRows>, { readonly id: number; readonly author: string | null }>(true)

const lost = Query.deleteFrom(posts).everyRow().returning().cte("lost")
const asked = Query.from(lost).select({ id: lost.c.id, author: lost.c.author })
const written = asked.pipe(Query.writing)
equal<RowOf<typeof written>, { readonly id: number; readonly author: string | null }>(true)
const ids = Query.insert(posts).values({ authorId: 1 }).returning(posts.c.id).cte("ids")
const one = Query.from(ids).select(ids.c.value)
equal<RowOf<typeof one>, number>(true)
