import * as Check from "../../../src/algebra/schema/Check.ts"
import * as Column from "../../../src/algebra/schema/Column.ts"
import { FromId } from "../../../src/algebra/From.ts"
import * as Index from "../../../src/algebra/schema/Index.ts"
import type { TableSource } from "../../../src/algebra/Source.ts"
import * as Table from "../../../src/algebra/schema/Table.ts"
import * as Unique from "../../../src/algebra/schema/Unique.ts"

/** People. */
export const User = Table.make("users", {
  id: Column.id(),
  username: Column.varchar(50).unique(),
  displayName: Column.varchar(100).nullable(),
  active: Column.boolean()
})

/** What they write. */
export const Post = Table.make(
  "posts",
  {
    id: Column.id(),
    authorId: Column.integer(),
    title: Column.varchar(200),
    status: Column.enum(["draft", "published"]),
    views: Column.integer(),
    price: Column.numeric(10, 2)
  },
  (c) => [
    Index.on(c.authorId, c.status),
    Unique.on(c.authorId, c.title),
    Check.that(c.views.gte(0), "posts_views_check")
  ]
)

/** The identity of a table. */
export const sourceOf = (table: { readonly [FromId]: { readonly source: unknown } }): TableSource =>
  table[FromId].source as TableSource
