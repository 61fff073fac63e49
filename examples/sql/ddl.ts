import { Catalog, Check, Column, Fn, Index, PrimaryKey, Query, Table, Unique, View } from "athanor"
import { catalog } from "./tables.ts"

const tags = Table.make("tags", { id: Column.id(), name: Column.varchar(30).unique() })
const articles = Table.make(
  "articles",
  {
    id: Column.id(),
    status: Column.enum(["draft", "published"]),
    price: Column.numeric(9, 2).nullable(),
    words: Column.integer().serverDefault(0)
  },
  (c) => [
    Index.on(c.status, c.words),
    Unique.named("articles_price", c.price),
    Check.that(c.words.gte(0), "articles_words")
  ]
)
const articleTags = Table.make(
  "article_tags",
  {
    articleId: Column.integer().references(() => articles.c.id, { onDelete: "cascade" }),
    tagId: Column.integer().references(() => tags.c.id, { onDelete: "cascade" })
  },
  (c) => [PrimaryKey.on(c.articleId, c.tagId)]
)

const readings = Table.make(
  "readings",
  { id: Column.integer().primaryKey(), value: Column.integer(), place: Column.varchar(20) },
  (c) => [Unique.with({ sqlite: { onConflict: "ignore" } }, c.value)],
  {
    sqlite: { strict: true, withoutRowid: true },
    postgres: { unlogged: true, with: { fillfactor: 70 } },
    mysql: { rowFormat: "compressed" },
    mariadb: { engine: "Aria" }
  }
)
const places = View.make(
  "places",
  Query.from(readings)
    .groupBy(readings.c.place)
    .select({ place: readings.c.place, readings: Fn.count() })
)
const high = Table.as("high", Query.from(readings).where(readings.c.value.gt(100)))

export const title = "Schemas"
export const examples = {
  "Tables that refer to each other": catalog,
  "Indexes, checks, defaults, a key of two columns": Catalog.make({ articleTags, articles, tags }),
  "What one dialect alone takes of a table": Catalog.make({ readings }),
  "A view, and a table made from a query": Catalog.make({ readings, places, high })
}
