import { asc, eq, inArray, lte, relations, sql } from "drizzle-orm"
import { drizzle } from "drizzle-orm/node-postgres"
import * as pg from "drizzle-orm/pg-core"
import { Pool } from "pg"
import { hundred, work } from "../graph.ts"
import { calls, ids, noteOf } from "../rows.ts"
import { callsEach, crowd, poolSize } from "../workloads.ts"
import { asGraph, asPeople, freshOrder, linesOf } from "./drizzleRows.ts"
import { done, type Peer, same } from "./Peer.ts"

const people = pg.pgTable("people", {
  id: pg.integer().primaryKey(),
  account: pg.bigint({ mode: "bigint" }).notNull(),
  name: pg.varchar({ length: 50 }).notNull(),
  email: pg.varchar({ length: 100 }).notNull(),
  active: pg.boolean().notNull(),
  createdAt: pg.timestamp("created_at", { withTimezone: true }).notNull()
})
const notes = pg.pgTable("notes", {
  id: pg.serial().primaryKey(),
  authorId: pg.integer("author_id").notNull(),
  title: pg.varchar({ length: 100 }).notNull(),
  body: pg.varchar({ length: 500 }).notNull(),
  views: pg.integer().notNull()
})
const authors = pg.pgTable("authors", {
  id: pg.integer().primaryKey(),
  name: pg.varchar({ length: 50 }).notNull(),
  email: pg.varchar({ length: 100 }).notNull()
})
const articles = pg.pgTable("articles", {
  id: pg.integer().primaryKey(),
  authorId: pg.integer("author_id").notNull(),
  title: pg.varchar({ length: 100 }).notNull(),
  body: pg.varchar({ length: 200 }).notNull(),
  views: pg.integer().notNull()
})
const labels = pg.pgTable("labels", {
  id: pg.integer().primaryKey(),
  name: pg.varchar({ length: 50 }).notNull()
})
const links = pg.pgTable(
  "article_labels",
  { articleId: pg.integer("article_id").notNull(), labelId: pg.integer("label_id").notNull() },
  (table) => [pg.primaryKey({ columns: [table.articleId, table.labelId] })]
)
const orders = pg.pgTable("orders", {
  id: pg.serial().primaryKey(),
  name: pg.varchar({ length: 50 }).notNull(),
  state: pg.varchar({ length: 10 }).notNull(),
  total: pg.integer().notNull()
})
const orderLines = pg.pgTable("order_lines", {
  id: pg.serial().primaryKey(),
  orderId: pg.integer("order_id").notNull(),
  name: pg.varchar({ length: 50 }).notNull(),
  count: pg.integer().notNull()
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

const open = (client: Pool) =>
  drizzle(client, {
    schema: { ...schema, authorRelations, articleRelations, linkRelations }
  })
type Db = ReturnType<typeof open>

const entitiesOf = (db: Db) => {
  const everybody = db.select().from(people).orderBy(asc(people.id)).prepare("everybody")
  return () => everybody.execute()
}

const crowdOf = (db: Db) => {
  const personBy = db
    .select()
    .from(people)
    .where(eq(people.id, sql.placeholder("id")))
    .prepare("person")
  const byKey = async (next: () => number) => {
    for (let call = 1; call < callsEach; call++) await personBy.execute({ id: next() })
    const [person] = await personBy.execute({ id: next() })
    return person!
  }
  return () => Promise.all(Array.from({ length: crowd }, () => byKey(ids())))
}

const key = { id: notes.id }
type Added = ReadonlyArray<{ readonly id: number }>

const each = (add: (at: number) => PromiseLike<Added>) => async () => {
  let last = 0
  for (let at = 0; at < calls; at++) last = (await add(at))[0]!.id
  return last
}

const insertsOf = (db: Db) => each((at) => db.insert(notes).values(noteOf(at)).returning(key))

const insertsReusedOf = (db: Db) => {
  const insertNote = db
    .insert(notes)
    .values({
      authorId: sql.placeholder("authorId"),
      title: sql.placeholder("title"),
      body: sql.placeholder("body"),
      views: sql.placeholder("views")
    })
    .returning(key)
    .prepare("note")
  return each((at) => insertNote.execute(noteOf(at)))
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
    .prepare("graph")
  return () => graph.execute()
}

const loopOf = (db: Db) => {
  const everyAuthor = db.select().from(authors).orderBy(asc(authors.id)).prepare("authors")
  const articlesOf = db
    .select()
    .from(articles)
    .where(eq(articles.authorId, sql.placeholder("author")))
    .prepare("articles")
  return async () => {
    let views = 0
    for (const author of await everyAuthor.execute())
      for (const article of await articlesOf.execute({ author: author.id })) views += article.views
    return views
  }
}

const { added, changed, dropped } = work

const unitOf = (db: Db) => {
  const left = db
    .select({ orders: sql`count(*)`.mapWith(Number), total: sql`sum(total)`.mapWith(Number) })
    .from(orders)
    .prepare("left")
  return async () => {
    await db.transaction(async (tx) => {
      const all = await tx.select().from(orders).orderBy(asc(orders.id))
      const later = all
        .slice(0, changed)
        .map((order) => ({ ...order, state: "changed", total: order.total + 1 }))
      await tx
        .insert(orders)
        .values(later)
        .onConflictDoUpdate({
          target: orders.id,
          set: { state: sql`excluded.state`, total: sql`excluded.total` }
        })
      const made = await tx
        .insert(orders)
        .values(Array.from({ length: added }, (_, at) => freshOrder(at)))
        .returning({ id: orders.id })
      await tx.insert(orderLines).values(made.flatMap(linesOf))
      const gone = all.slice(changed, changed + dropped).map((order) => order.id)
      await tx.delete(orders).where(inArray(orders.id, gone))
    })
    return (await left.execute())[0]!
  }
}

/** Drizzle as its guide writes it: the relational query, and what is asked often prepared. */
export const drizzlePostgres = (url: string): Peer => {
  const client = new Pool({ connectionString: url, max: poolSize })
  const db = open(client)
  return {
    name: "Drizzle",
    ways: {
      crowd: done(crowdOf(db), asPeople),
      inserts: done(insertsOf(db), same),
      insertsReused: done(insertsReusedOf(db), same),
      entities: done(entitiesOf(db), asPeople),
      graph: done(graphOf(db), asGraph),
      loop: done(loopOf(db), same),
      unit: done(unitOf(db), same)
    },
    script: (script) => client.query(script),
    close: () => client.end()
  }
}
