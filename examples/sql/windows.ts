import { Fn, Query } from "athanor"
import { posts } from "./tables.ts"

const { authorId, id, stars } = posts.c
const from = Query.from(posts)
const own = Query.window("own", { partitionBy: authorId, orderBy: [stars.desc(), id] })
const ranked = from
  .select({ id, authorId, place: Fn.rowNumber().over({ partitionBy: authorId, orderBy: id }) })
  .as("ranked")

export const title = "Windows"
export const examples = {
  "The place of a row in its group": from.select({
    id,
    place: Fn.rowNumber().over({ partitionBy: authorId, orderBy: [stars.desc(), id] })
  }),
  "Ranks, with and without gaps": from.select({
    rank: Fn.rank().over({ orderBy: stars.desc() }),
    dense: Fn.denseRank().over({ orderBy: stars.desc() }),
    quarter: Fn.ntile(4).over({ orderBy: [stars, id] })
  }),
  "A running sum": from.select({ id, sum: Fn.sum(stars).over({ orderBy: id }) }),
  "A share of the whole": from.select({ id, share: stars.div(Fn.sum(stars).over()) }),
  "The row before, the row after": from.select({
    before: Fn.lag(stars).over({ orderBy: id }),
    after: Fn.lead(stars, 1, 0).over({ orderBy: id })
  }),
  "The first and the last of a group": from.select({
    first: Fn.firstValue(id).over({ partitionBy: authorId, orderBy: id }),
    last: Fn.lastValue(id).over({
      partitionBy: authorId,
      orderBy: id,
      frame: { rows: ["unbounded preceding", "unbounded following"] }
    })
  }),
  "A mean of the rows around": from.select({
    id,
    mean: Fn.avg(stars).over({
      orderBy: id,
      frame: { rows: [{ preceding: 1 }, { following: 1 }] }
    })
  }),
  "Rows by the value of the sort key": from.select({
    id,
    near: Fn.count().over({
      orderBy: stars,
      frame: { range: [{ preceding: 1 }, "current row"] }
    })
  }),
  "Groups of rows that sort alike, without the row itself": from.select({
    id,
    others: Fn.count().over({
      orderBy: stars,
      frame: { groups: [{ preceding: 1 }, "current row"], exclude: "current row" }
    })
  }),
  "A window by name, for several functions": from.select({
    place: Fn.rowNumber().over(own),
    sum: Fn.sum(stars).over(own)
  }),
  "An aggregate of some rows, over a window": from.select({
    id,
    good: Fn.count().filter(stars.gt(3)).over({ partitionBy: authorId })
  }),
  "A condition on a window is one on a query with it": Query.from(ranked)
    .where(ranked.c.place.lte(3))
    .select(ranked.c.id)
}
