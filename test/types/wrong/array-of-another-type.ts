// line: 7
// expect: Type 'number' is not assignable to type 'string'.
import { Column, Fn, Table, Type } from "athanor"

const posts = Table.make("posts", { id: Column.id(), tags: Column.make(Type.array(Type.text)) })
export const tagged =
  Fn.arrayContains(posts.c.tags, [1])
