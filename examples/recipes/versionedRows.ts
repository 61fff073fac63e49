/** Nothing is overwritten: a change is a new row, and the newest of each is what there is. */
import { Catalog, Column, Database, Expr, Fn, Query, Table } from "athanor"
import * as Effect from "effect/Effect"

const prices = Table.make("prices", {
  article: Column.varchar(20).primaryKey(),
  version: Column.integer().primaryKey(),
  amount: Column.integer()
})

const newest = Fn.rowNumber().over({
  partitionBy: prices.c.article,
  orderBy: prices.c.version.desc()
})
const ranked = Query.from(prices)
  .select({ article: prices.c.article, amount: prices.c.amount, rank: newest })
  .as("ranked")
const current = Query.from(ranked)
  .where(ranked.c.rank.eq(1))
  .orderBy(ranked.c.article)
  .select({ article: ranked.c.article, amount: ranked.c.amount })

/** As it was before the versions from this one on. */
const asOf = (article: string, version: number) =>
  Query.from(prices)
    .where(Expr.and(prices.c.article.eq(article), prices.c.version.lte(version)))
    .orderBy(prices.c.version.desc())
    .limit(1)
    .select(prices.c.amount)

/** Two writers of one version: the key refuses one of them, which may then look again. */
const change = Effect.fn(function* (article: string, amount: number) {
  const last = Query.from(prices).where(prices.c.article.eq(article))
  const version = yield* Database.one(last.select(Fn.max(prices.c.version).coalesce(0)))
  yield* Database.run(Query.insert(prices).values({ article, version: version + 1, amount }))
})

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ prices }))
  yield* change("tea", 300)
  yield* change("tea", 350)
  yield* change("salt", 90)
  return { now: yield* Database.all(current), before: yield* Database.one(asOf("tea", 1)) }
})

export const expected = {
  now: [
    { article: "salt", amount: 90 },
    { article: "tea", amount: 350 }
  ],
  before: 300
}
