import { Catalog, Column, Database, Entity, Fn, Load, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import { batchedLoop, graphOf, naiveLoop, unitByHand, type Work } from "./raw/graph.ts"
import type { Raw } from "./raw/Raw.ts"
import { Person } from "./tables.ts"
import type { Engine, Run, Workload } from "./workloads.ts"

/** Entities by the thousand, with what belongs to them, beside the same by hand. */

class Author extends Entity<Author>()("authors", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(50),
  email: Column.varchar(100)
}) {
  static readonly articles = this.hasMany(() => Article)
}

class Article extends Entity<Article>()("articles", {
  id: Column.integer().primaryKey(),
  authorId: Column.integer().references(() => Author.c.id),
  title: Column.varchar(100),
  body: Column.varchar(200),
  views: Column.integer()
}) {
  static readonly author = this.belongsTo(() => Author)
  static readonly labels = this.manyToMany(() => Label, { through: () => articleLabels })
}

class Label extends Entity<Label>()("labels", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(50)
}) {}

const articleLabels = Table.make("article_labels", {
  articleId: Column.integer()
    .primaryKey()
    .references(() => Article.c.id),
  labelId: Column.integer()
    .primaryKey()
    .references(() => Label.c.id)
})

class Order extends Entity<Order>()("orders", {
  id: Column.id(),
  name: Column.varchar(50),
  state: Column.varchar(10),
  total: Column.integer()
}) {
  static readonly lines = this.hasMany(() => Line, { children: "delete" })
}

class Line extends Entity<Line>()("order_lines", {
  id: Column.id(),
  orderId: Column.integer(),
  name: Column.varchar(50),
  count: Column.integer()
}) {
  static readonly order = this.belongsTo(() => Order)
}

const catalog = Catalog.make({ Author, Article, Label, articleLabels, Order, Line })

const authorCount = 200
const articlesEach = 10
const labelsEach = 3
const orderCount = 1_000
export const work: Work = { changed: 500, added: 500, dropped: 200 }
/** Of the authors, those whose whole graph is read. */
export const hundred = 100

const list = <A>(count: number, make: (at: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, at) => make(at))

const articleCount = authorCount * articlesEach

/** Whoever asks for an author's articles has one: a hand's loop of 200 queries lives by it. */
const index = "create index articles_author_id on articles (author_id)"

/** Tables and rows, on our side and, where it has a database of its own, on the raw one. */
export const seedGraph = Effect.gen(function* () {
  yield* Database.create(catalog)
  yield* Database.script(index)
  const authors = list(authorCount, (at) => ({
    id: at + 1,
    name: `Author ${at}`,
    email: `author.${at}@example.org`
  }))
  yield* Database.run(Query.insert(Author).rows(authors))
  const articles = list(articleCount, (at) => ({
    id: at + 1,
    authorId: (at % authorCount) + 1,
    title: `Article ${at}`,
    body: `What author ${at % authorCount} wrote at turn ${at}.`,
    views: at
  }))
  yield* Database.run(Query.insert(Article).rows(articles))
  const labels = list(authorCount, (at) => ({ id: at + 1, name: `label ${at}` }))
  yield* Database.run(Query.insert(Label).rows(labels))
  const links = list(articleCount * labelsEach, (at) => ({
    articleId: Math.floor(at / labelsEach) + 1,
    labelId: ((at * 7) % authorCount) + 1
  }))
  yield* Database.run(Query.insert(articleLabels).rows(links))
})

const everybody = Query.from(Person).orderBy(Person.c.id)
const firstAuthors = Query.from(Author).where(Author.c.id.lte(hundred)).orderBy(Author.c.id)
const allAuthors = Query.from(Author).orderBy(Author.c.id)
const allOrders = Query.from(Order).orderBy(Order.c.id)

const entities = Session.transact(Session.all(everybody))

const graph = Load.all(firstAuthors, { articles: { labels: true } })

const graphInSession = Session.transact(Session.all(firstAuthors, { articles: { labels: true } }))

const loop = Session.transact(
  Effect.gen(function* () {
    let views = 0
    for (const author of yield* Session.all(allAuthors)) {
      const articles = yield* Session.load(author, Author.articles)
      for (const article of articles) views += article.views
    }
    return views
  })
)

const changes = Session.transact(
  Effect.gen(function* () {
    const orders = yield* Session.all(allOrders)
    const { added, changed, dropped } = work
    for (const order of orders.slice(0, changed))
      yield* Session.update(order, { state: "changed", total: order.total + 1 })
    for (let at = 0; at < added; at++) {
      const order = Order.make({ name: `fresh ${at}`, state: "new", total: at })
      const first = Line.make({ order, name: "first", count: 1 })
      yield* Session.add(order, first, Line.make({ order, name: "second", count: 2 }))
    }
    for (const order of orders.slice(changed, changed + dropped)) yield* Session.delete(order)
  })
)

/** With what both sides must leave alike. */
const unit = Effect.andThen(
  changes,
  Database.one(Query.from(Order).select({ orders: Fn.count(), total: Fn.sum(Order.c.total) }))
)

const filling = (engine: Engine): ReadonlyArray<string> => {
  const rows = list(orderCount, (at) => `(${at + 1}, 'order ${at}', 'old', ${at})`).join(", ")
  const fill = `insert into orders (id, name, state, total) values ${rows}`
  const empty = ["delete from order_lines", "delete from orders"]
  const counted = `select setval(pg_get_serial_sequence('orders', 'id'), ${orderCount})`
  return [...empty, fill, ...(engine === "postgres" ? [counted] : [])]
}

export const graphs = (engine: Engine, raw: Raw, run: Run): ReadonlyArray<Workload> => {
  const limits =
    engine === "sqlite"
      ? { entities: 1 / 0.9, graph: 1 / 1.3, unit: 1 / 0.4, loop: 1 / 1.2 }
      : {
          entities: 1 / 0.95,
          graph: 1 / 0.9,
          unit: 1 / 0.6,
          loop: engine === "postgres" ? 1 / 3 : 1 / 4
        }
  const few = { statements: 1, rounds: 100 }
  // Code that runs for two milliseconds is compiled after some hundred turns.
  const more = { statements: 1, rounds: 400 }
  const texts = filling(engine)
  const refill = async () => {
    for (const text of texts) {
      await raw.script(text)
      if (engine === "sqlite") await run(Database.script(text))
    }
  }
  return [
    {
      ...few,
      name: "10,000 entities",
      limit: limits.entities,
      pair: { ours: () => run(entities), raw: raw.everybody }
    },
    {
      ...more,
      name: "100 authors with articles with labels",
      limit: limits.graph,
      pair: { ours: () => run(graph), raw: () => raw.hand(graphOf(engine, hundred)) }
    },
    {
      ...more,
      name: "the same in a session",
      limit: null,
      pair: { ours: () => run(graphInSession), raw: () => raw.hand(graphOf(engine, hundred)) }
    },
    {
      ...more,
      name: "a loop that loads the articles of 200 authors",
      limit: limits.loop,
      pair: { ours: () => run(loop), raw: () => raw.hand(naiveLoop(engine)) }
    },
    ...(engine === "sqlite"
      ? [
          {
            ...more,
            name: "floor: the same by one query of a hand",
            limit: null,
            pair: {
              ours: () => raw.hand(batchedLoop(engine)),
              raw: () => raw.hand(naiveLoop(engine))
            }
          }
        ]
      : []),
    {
      ...few,
      name: "unit of work: 500 changed, 500 added, 200 dropped",
      limit: limits.unit,
      pair: { ours: () => run(unit), raw: () => raw.hand(unitByHand(engine, work)), reset: refill }
    }
  ]
}
