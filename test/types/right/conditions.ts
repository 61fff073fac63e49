import { Column, type Expr, Fn, Query, Table } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}

const users = Table.make("users", {
  id: Column.id(), name: Column.text(), bio: Column.text().nullable(), age: Column.integer(), views: Column.bigint()
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer() })
const { age, bio, id, name, views } = users.c

const nullSafe = bio.same(null)
same<typeof nullSafe, Expr.Expr<boolean, Expr.Uses<"users">>>(true)
const negated = bio.same(name).not()
same<typeof negated, Expr.Expr<boolean, Expr.Uses<"users">>>(true)
const outer = Query.from(users).leftJoin(posts, posts.c.authorId.eq(id)).select(posts.c.authorId.same(id))
same<typeof outer extends Query.Select<infer Row, any, any> ? Row : never, boolean>(true)
const either = age.between(1, 2, { symmetric: true })
same<typeof either, Expr.Expr<boolean, "users">>(true)
const insensitive = bio.ilike("x%", { escape: "!" })
same<typeof insensitive, Expr.Expr<boolean | null, "users">>(true)
const and = Fn.bitAnd(age, 1)
same<typeof and, Expr.Expr<number, "users">>(true)
const wide = Fn.shiftLeft(Fn.bitNot(views), 3)
same<typeof wide, Expr.Expr<bigint, "users">>(true)
