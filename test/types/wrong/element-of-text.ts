// line: 7
// expect: Argument of type 'Expr<string, "posts">' is not assignable to parameter of type
import { Column, Fn, Table } from "athanor"

const posts = Table.make("posts", { id: Column.id(), title: Column.text() })
export const first =
  Fn.arrayElement(posts.c.title, 1)
