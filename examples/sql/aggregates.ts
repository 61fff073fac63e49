import { Fn, Query } from "athanor"
import { posts } from "./tables.ts"

const { authorId, id, stars, title: of } = posts.c
const from = Query.from(posts)
const grouped = from.groupBy(authorId)

export const title = "Aggregates and groups"
export const examples = {
  "How many, how much": from.select({
    all: Fn.count(),
    sum: Fn.sum(stars),
    mean: Fn.avg(stars),
    most: Fn.max(stars)
  }),
  "Each value once": from.select(Fn.count(authorId).distinct()),
  "Only some rows": from.select({
    all: Fn.count(),
    good: Fn.count().filter(stars.gte(4))
  }),
  "Every, some": grouped.select({ every: Fn.every(stars.gt(0)), some: Fn.some(stars.gt(4)) }),
  "Groups, and a condition on groups": grouped
    .having(Fn.count().gt(10))
    .select({ authorId, posts: Fn.count(), stars: Fn.sum(stars) }),
  "Texts in order, with a separator": grouped.select(Fn.stringAgg(of, ", ", stars.desc(), id)),
  "Half way through the group": from.select({
    between: Fn.percentileCont(0.5, stars),
    one: Fn.percentileDisc(0.5, stars)
  }),
  "The commonest": from.select(Fn.mode(stars)),
  "Totals of groups, and of all": from
    .groupBy(Query.rollup(authorId, stars))
    .select({ authorId, stars, n: Fn.count(), total: Fn.grouping(stars) }),
  "Totals every way": from
    .groupBy(Query.cube(authorId, stars))
    .select({ authorId, stars, n: Fn.count() }),
  "Several groupings at once": from
    .groupBy(Query.groupingSets([authorId], [stars]))
    .select({ authorId, stars, n: Fn.count() })
}
