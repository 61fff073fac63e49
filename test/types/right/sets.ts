import { Column, Expr, Query, Table, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Needs<Q> = Q extends Query.Statement<any, infer R> ? R : never

const users = Table.make("users", { id: Column.id(), name: Column.text(), age: Column.integer().nullable() })
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer() })
const { age, id, name } = users.c

const pair = Expr.tuple(id, name)
const less = pair.lt([1, "x"])
same<typeof less, Expr.Expr<boolean, "users">>(true)
const withColumn = Expr.tuple(age, name).eq([posts.c.id, "x"])
same<typeof withColumn, Expr.Expr<boolean | null, "users" | "posts">>(true)
const member = pair.in([[1, "x"], [2, "y"]])
same<typeof member, Expr.Expr<boolean, "users">>(true)

const some = Query.from(posts).select(posts.c.authorId)
const any = age.gt(Expr.any(some))
same<typeof any, Expr.Expr<boolean | null, "users">>(true)
const turned = Expr.all(some).lt(id)
same<typeof turned, Expr.Expr<boolean, "users">>(true)
const list = id.eq(Expr.any([1, 2], Type.integer))
same<typeof list, Expr.Expr<boolean, "users">>(true)

const firsts = Query.from(users).orderBy(name, id).distinctOn(name).limit(2, { ties: true }).select(id)
same<typeof firsts, Query.Select<number, never, "users">>(true)

const named = Query.from(users).where(id.in(Expr.paramList("ids", Type.integer)))
same<Needs<typeof named>, Expr.Param<"ids", ReadonlyArray<number>>>(true)
