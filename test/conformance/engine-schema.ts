import { Catalog, Check, Column, Table } from "athanor"

export const users = Table.make(
  "users",
  {
    id: Column.id(),
    email: Column.varchar(100).unique(),
    name: Column.varchar(50).nullable(),
    age: Column.integer().default(18),
    token: Column.uuid().default(Column.uuid4),
    role: Column.varchar(20).serverDefault("reader"),
    createdAt: Column.timestamp().default(Column.now),
    updatedAt: Column.timestamp().nullable().onUpdate(Column.now)
  },
  (c) => [Check.that(c.age.gte(0), "users_age")]
)

export const posts = Table.make("posts", {
  id: Column.id(),
  title: Column.varchar(100),
  userId: Column.integer().references(() => users.c.id)
})

/** A key of two columns. */
export const seats = Table.make("seats", {
  hall: Column.varchar(10).primaryKey(),
  seat: Column.integer().primaryKey(),
  taken: Column.boolean().default(false)
})

export const notes = Table.make("notes", {
  id: Column.integer().primaryKey(),
  body: Column.varchar(50).default("")
})

export const catalog = Catalog.make({ users, posts, seats, notes })
