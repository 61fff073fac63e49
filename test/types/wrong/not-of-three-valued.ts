// line: 14
// expect: The 'this' context of type 'Expr<boolean | null, "users">' is not assignable
import { Column, Table } from "athanor"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "mod", "user"])
})
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer(), title: Column.text() })

users.c.bio.eq("x").not()
