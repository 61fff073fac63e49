import { Column, Expr, Fn, Query, Table, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}

const posts = Table.make("posts", {
  id: Column.id(),
  title: Column.text(),
  tags: Column.make(Type.array(Type.text)),
  scores: Column.make(Type.array(Type.integer, { nulls: true })).nullable(),
  board: Column.make(Type.array(Type.array(Type.integer)))
})
const { board, id, scores, tags, title } = posts.c

const first = Fn.arrayElement(tags, 1)
same<typeof first, Expr.Expr<string | null, "posts">>(true)
const zero = tags.at(0)
same<typeof zero, Expr.Expr<string | null, "posts">>(true)
const square = Fn.arrayElement(board, 1, 2)
same<typeof square, Expr.Expr<number | null, "posts">>(true)
const row = Fn.arraySlice(scores, 1, 2)
same<typeof row, Expr.Expr<ReadonlyArray<number | null> | null, "posts">>(true)
const has = Fn.arrayContains(tags, ["sql"])
same<typeof has, Expr.Expr<boolean, "posts">>(true)
const maybe = Fn.arrayOverlaps(scores, [1])
same<typeof maybe, Expr.Expr<boolean | null, "posts">>(true)
const more = Fn.arrayAppend(scores, 1)
same<typeof more, Expr.Expr<ReadonlyArray<number | null>, Expr.Uses<"posts">>>(true)
const among = title.eq(Expr.any(tags))
same<typeof among, Expr.Expr<boolean, "posts">>(true)
const perhaps = Expr.all(scores).gt(1)
same<typeof perhaps, Expr.Expr<boolean | null, "posts">>(true)
const all = Fn.arrayAgg(id, id.desc())
export const rows = Query.from(posts).where(has.and(among)).select({ all })
