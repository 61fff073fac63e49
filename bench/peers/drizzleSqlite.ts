import Database from "better-sqlite3"
import { asc, eq, inArray, lte, relations, sql } from "drizzle-orm"
import { drizzle } from "drizzle-orm/better-sqlite3"
import { customType, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core"
import { hundred, work } from "../graph.ts"
import { copyFrom } from "../raw/sqlite.ts"
import { calls, noteOf } from "../rows.ts"
import { asGraph, asPeople, freshOrder, linesOf } from "./drizzleRows.ts"
import { done, type Peer, same } from "./Peer.ts"

const moment = customType<{ data: Date; driverData: string }>({
  dataType: () => "text",
  fromDriver: (value) => new Date(`${value}Z`)
})

const people = sqliteTable("people", {
  id: integer().primaryKey(),
  account: integer().notNull(),
  name: text().notNull(),
  email: text().notNull(),
  active: integer({ mode: "boolean" }).notNull(),
  createdAt: moment("created_at").notNull()
})
const notes = sqliteTable("notes", {
  id: integer().primaryKey(),
  authorId: integer("author_id").notNull(),
  title: text().notNull(),
  body: text().notNull(),
  views: integer().notNull()
})
const authors = sqliteTable("authors", {
  id: integer().primaryKey(),
  name: text().notNull(),
  email: text().notNull()
})
const articles = sqliteTable("articles", {
  id: integer().primaryKey(),
  authorId: integer("author_id").notNull(),
  title: text().notNull(),
  body: text().notNull(),
  views: integer().notNull()
})
const labels = sqliteTable("labels", { id: integer().primaryKey(), name: text().notNull() })
const links = sqliteTable(
  "article_labels",
  { articleId: integer("article_id").notNull(), labelId: integer("label_id").notNull() },
  (table) => [primaryKey({ columns: [table.articleId, table.labelId] })]
)
const orders = sqliteTable("orders", {
  id: integer().primaryKey(),
  name: text().notNull(),
  state: text().notNull(),
  total: integer().notNull()
})
const orderLines = sqliteTable("order_lines", {
  id: integer().primaryKey(),
  orderId: integer("order_id").notNull(),
  name: text().notNull(),
  count: integer().notNull()
})

const authorRelations = relations(authors, ({ many }) => ({ articles: many(articles) }))
const articleRelations = relations(articles, ({ many, one }) => ({
  author: one(authors, { fields: [articles.authorId], references: [authors.id] }),
  links: many(links)
}))
const linkRelations = relations(links, ({ one }) => ({
  article: one(articles, { fields: [links.articleId], references: [articles.id] }),
  label: one(labels, { fields: [links.labelId], references: [labels.id] })
}))
const schema = { authors, articles, labels, links }

const open = (client: Database.Database) =>
  drizzle(client, { schema: { ...schema, authorRelations, articleRelations, linkRelations } })
type Db = ReturnType<typeof open>

const entitiesOf = (db: Db) => {
  // better-sqlite3 gives an int8 beyond 2^53 rounded: it is asked for as text.
  const account = sql`cast(${people.account} as text)`.mapWith(BigInt)
  const { active, createdAt, email, id, name } = people
  const everybody = db
    .select({ id, account, name, email, active, createdAt })
    .from(people)
    .orderBy(asc(people.id))
    .prepare()
  return () => everybody.all()
}

const each = (add: (at: number) => number) => () => {
  let last = 0
  for (let at = 0; at < calls; at++) last = add(at)
  return last
}

const insertsOf = (db: Db) =>
  each((at) => db.insert(notes).values(noteOf(at)).returning({ id: notes.id }).get().id)

const insertsReusedOf = (db: Db) => {
  const insertNote = db
    .insert(notes)
    .values({
      authorId: sql.placeholder("authorId"),
      title: sql.placeholder("title"),
      body: sql.placeholder("body"),
      views: sql.placeholder("views")
    })
    .returning({ id: notes.id })
    .prepare()
  return each((at) => insertNote.get(noteOf(at)).id)
}

const graphOf = (db: Db) => {
  const graph = db.query.authors
    .findMany({
      where: lte(authors.id, hundred),
      orderBy: asc(authors.id),
      with: {
        articles: {
          orderBy: asc(articles.id),
          with: { links: { columns: {}, with: { label: true }, orderBy: asc(links.labelId) } }
        }
      }
    })
    .prepare()
  return () => graph.all()
}

const loopOf = (db: Db) => {
  const everyAuthor = db.select().from(authors).orderBy(asc(authors.id)).prepare()
  const articlesOf = db
    .select()
    .from(articles)
    .where(eq(articles.authorId, sql.placeholder("author")))
    .prepare()
  return () => {
    let views = 0
    for (const author of everyAuthor.all())
      for (const article of articlesOf.all({ author: author.id })) views += article.views
    return views
  }
}

const { added, changed, dropped } = work

const unitOf = (db: Db) => {
  // Where no server is waited for, a prepared statement for each row is quicker than one for many.
  const change = db
    .update(orders)
    .set({ state: sql`${sql.placeholder("state")}`, total: sql`${sql.placeholder("total")}` })
    .where(eq(orders.id, sql.placeholder("id")))
    .prepare()
  const addOrder = db
    .insert(orders)
    .values({
      name: sql.placeholder("name"),
      state: sql.placeholder("state"),
      total: sql.placeholder("total")
    })
    .returning({ id: orders.id })
    .prepare()
  const addLine = db
    .insert(orderLines)
    .values({
      orderId: sql.placeholder("orderId"),
      name: sql.placeholder("name"),
      count: sql.placeholder("count")
    })
    .prepare()
  const left = db
    .select({ orders: sql`count(*)`.mapWith(Number), total: sql`sum(total)`.mapWith(Number) })
    .from(orders)
    .prepare()
  return () => {
    db.transaction((tx) => {
      const all = tx.select().from(orders).orderBy(asc(orders.id)).all()
      for (const { id: key, total } of all.slice(0, changed))
        change.run({ id: key, state: "changed", total: total + 1 })
      for (let at = 0; at < added; at++)
        for (const line of linesOf(addOrder.get(freshOrder(at)))) addLine.run(line)
      const gone = all.slice(changed, changed + dropped).map((order) => order.id)
      tx.delete(orders).where(inArray(orders.id, gone)).run()
    })
    return left.get()
  }
}

/** Drizzle as its guide writes it: the relational query, and what is asked often prepared. */
export const drizzleSqlite = (place: string): Peer => {
  const client = new Database(":memory:")
  copyFrom(client, place)
  const db = open(client)
  return {
    name: "Drizzle",
    ways: {
      crowd: "SQLite has one connection",
      inserts: done(insertsOf(db), same),
      insertsReused: done(insertsReusedOf(db), same),
      entities: done(entitiesOf(db), asPeople),
      graph: done(graphOf(db), asGraph),
      loop: done(loopOf(db), same),
      unit: done(unitOf(db), same)
    },
    script: (script) => client.exec(script),
    close: () => client.close()
  }
}
