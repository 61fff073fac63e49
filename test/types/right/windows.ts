import { Column, Expr, Fn, Query, Table, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Row<Q> = Q extends Query.Select<infer Row, any, any> ? Row : never
type Needs<Q> = Q extends Query.Statement<any, infer R> ? R : never

const User = Table.make("users", { id: Column.id(), name: Column.text(), age: Column.integer().nullable() })
const Post = Table.make("posts", { id: Column.id(), userId: Column.integer(), title: Column.text() })

const w = Query.window("w", { partitionBy: User.c.name, orderBy: [User.c.age.desc(), User.c.id] })
const q1 = Query.from(User).select({
  n: Fn.rowNumber().over(w), sum: Fn.sum(User.c.age).over(w), count: Fn.count().filter(User.c.age.gt(1)).over(),
  lag: Fn.lag(User.c.id).over(w), known: Fn.lag(User.c.id, 1, 0).over(w), first: Fn.firstValue(User.c.name).over(w)
})
same<Row<typeof q1>, {
  readonly n: number; readonly sum: number | null; readonly count: number
  readonly lag: number | null; readonly known: number; readonly first: string | null
}>(true)
same<Needs<typeof q1>, never>(true)
const outer = Query.from(User).leftJoin(Post, Post.c.userId.eq(User.c.id))
  .select({ n: Fn.rank().over({ orderBy: Post.c.title }), title: Post.c.title })
same<Row<typeof outer>, { readonly n: number; readonly title: string | null }>(true)
const q2 = Query.from(User).groupBy(User.c.name)
  .select({ place: Fn.rank().over({ orderBy: Fn.sum(User.c.age).desc() }), of: Fn.sum(Fn.count()).over() })
same<Row<typeof q2>, { readonly place: number; readonly of: number | null }>(true)
const totals = Query.from(User).groupBy(Query.rollup(User.c.name)).select({ name: User.c.name, n: Fn.count() })
same<Row<typeof totals>, { readonly name: string | null; readonly n: number }>(true)
const lists = Query.from(User).select({ names: Fn.stringAgg(User.c.name, ", ", User.c.id), ids: Fn.jsonAgg(User.c.id) })
same<Row<typeof lists>, { readonly names: string | null; readonly ids: ReadonlyArray<number | null> | null }>(true)
const frame = { rows: [{ preceding: Expr.param("n", Type.integer) }, "current row"] } as const
const open = Query.from(User).select({ n: Fn.count().over({ orderBy: User.c.id, frame }) })
same<Needs<typeof open>, Expr.Param<"n", number>>(true)
const twice = <A, R>(value: Expr.Value<A, R>): Expr.Value<A, R> => value
const kept = Query.from(User).select(twice(Fn.sum(User.c.id)))
same<Row<typeof kept>, number | null>(true)
