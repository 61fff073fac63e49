import { asc, eq, inArray, sql } from "drizzle-orm"
import * as my from "drizzle-orm/mysql-core"
import { drizzle } from "drizzle-orm/mysql2"
import { createPool, type Pool } from "mysql2/promise"
import { work } from "../graph.ts"
import { calls, ids, noteOf } from "../rows.ts"
import { callsEach, crowd, poolSize } from "../workloads.ts"
import { asPeople, freshOrder, linesOf } from "./drizzleRows.ts"
import { done, type Peer, same } from "./Peer.ts"

const people = my.mysqlTable("people", {
  id: my.int().primaryKey(),
  account: my.bigint({ mode: "bigint" }).notNull(),
  name: my.varchar({ length: 50 }).notNull(),
  email: my.varchar({ length: 100 }).notNull(),
  active: my.boolean().notNull(),
  createdAt: my.datetime("created_at", { fsp: 6 }).notNull()
})
const notes = my.mysqlTable("notes", {
  id: my.int().autoincrement().primaryKey(),
  authorId: my.int("author_id").notNull(),
  title: my.varchar({ length: 100 }).notNull(),
  body: my.varchar({ length: 500 }).notNull(),
  views: my.int().notNull()
})
const authors = my.mysqlTable("authors", {
  id: my.int().primaryKey(),
  name: my.varchar({ length: 50 }).notNull(),
  email: my.varchar({ length: 100 }).notNull()
})
const articles = my.mysqlTable("articles", {
  id: my.int().primaryKey(),
  authorId: my.int("author_id").notNull(),
  title: my.varchar({ length: 100 }).notNull(),
  body: my.varchar({ length: 200 }).notNull(),
  views: my.int().notNull()
})
const orders = my.mysqlTable("orders", {
  id: my.int().autoincrement().primaryKey(),
  name: my.varchar({ length: 50 }).notNull(),
  state: my.varchar({ length: 10 }).notNull(),
  total: my.int().notNull()
})
const orderLines = my.mysqlTable("order_lines", {
  id: my.int().autoincrement().primaryKey(),
  orderId: my.int("order_id").notNull(),
  name: my.varchar({ length: 50 }).notNull(),
  count: my.int().notNull()
})

const open = (client: Pool) => drizzle(client)
type Db = ReturnType<typeof open>

const entitiesOf = (db: Db) => {
  const everybody = db.select().from(people).orderBy(asc(people.id)).prepare()
  return () => everybody.execute()
}

const crowdOf = (db: Db) => {
  const personBy = db
    .select()
    .from(people)
    .where(eq(people.id, sql.placeholder("id")))
    .prepare()
  const byKey = async (next: () => number) => {
    for (let call = 1; call < callsEach; call++) await personBy.execute({ id: next() })
    const [person] = await personBy.execute({ id: next() })
    return person!
  }
  return () => Promise.all(Array.from({ length: crowd }, () => byKey(ids())))
}

type Added = ReadonlyArray<{ readonly id: number }>

const each = (add: (at: number) => PromiseLike<Added>) => async () => {
  let last = 0
  for (let at = 0; at < calls; at++) last = (await add(at))[0]!.id
  return last
}

const insertsOf = (db: Db) => each((at) => db.insert(notes).values(noteOf(at)).$returningId())

const insertsReusedOf = (db: Db) => {
  const insertNote = db
    .insert(notes)
    .values({
      authorId: sql.placeholder("authorId"),
      title: sql.placeholder("title"),
      body: sql.placeholder("body"),
      views: sql.placeholder("views")
    })
    .$returningId()
    .prepare()
  return each((at) => insertNote.execute(noteOf(at)))
}

const loopOf = (db: Db) => {
  const everyAuthor = db.select().from(authors).orderBy(asc(authors.id)).prepare()
  const articlesOf = db
    .select()
    .from(articles)
    .where(eq(articles.authorId, sql.placeholder("author")))
    .prepare()
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
    .prepare()
  return async () => {
    await db.transaction(async (tx) => {
      const all = await tx.select().from(orders).orderBy(asc(orders.id))
      const later = all
        .slice(0, changed)
        .map((order) => ({ ...order, state: "changed", total: order.total + 1 }))
      await tx
        .insert(orders)
        .values(later)
        .onDuplicateKeyUpdate({ set: { state: sql`values(state)`, total: sql`values(total)` } })
      const made = await tx
        .insert(orders)
        .values(Array.from({ length: added }, (_, at) => freshOrder(at)))
        .$returningId()
      await tx.insert(orderLines).values(made.flatMap(linesOf))
      const gone = all.slice(changed, changed + dropped).map((order) => order.id)
      await tx.delete(orders).where(inArray(orders.id, gone))
    })
    return (await left.execute())[0]!
  }
}

/** Drizzle as its guide writes it, what is asked often prepared. */
export const drizzleMariadb = (url: string): Peer => {
  const client = createPool({ uri: url, connectionLimit: poolSize, supportBigNumbers: true })
  const db = open(client)
  return {
    name: "Drizzle",
    ways: {
      crowd: done(crowdOf(db), asPeople),
      inserts: done(insertsOf(db), same),
      insertsReused: done(insertsReusedOf(db), same),
      entities: done(entitiesOf(db), asPeople),
      graph: "its relational query needs LATERAL, which MariaDB lacks",
      loop: done(loopOf(db), same),
      unit: done(unitOf(db), same)
    },
    script: (script) => client.query(script),
    close: () => client.end()
  }
}
