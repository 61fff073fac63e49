import { Catalog, Column, Index, Table } from "athanor"

export const users = Table.make("users", {
  id: Column.id(),
  name: Column.varchar(50).unique(),
  bossId: Column.integer().nullable()
})
export const posts = Table.make("posts", {
  id: Column.id(),
  authorId: Column.integer().references(() => users.c.id),
  title: Column.varchar(200),
  stars: Column.integer()
})
export const notes = Table.make(
  "notes",
  {
    id: Column.id(),
    tenantId: Column.integer(),
    text: Column.varchar(200),
    deletedAt: Column.timestamp().nullable()
  },
  (c) => [Index.on(c.tenantId, c.text)]
)
export const catalog = Catalog.make({ users, posts, notes })
