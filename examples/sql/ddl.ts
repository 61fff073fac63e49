import { Catalog, Check, Column, Index, PrimaryKey, Table, Unique } from "athanor"
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

export const title = "Schemas"
export const examples = {
  "Tables that refer to each other": catalog,
  "Indexes, checks, defaults, a key of two columns": Catalog.make({ articleTags, articles, tags })
}
