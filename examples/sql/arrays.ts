import { Expr, Fn, Query, Range, Type } from "athanor"
import { posts } from "./tables.ts"

const tags = Expr.value(["sql", "effect"], Type.array(Type.text))
const nights = Expr.value(Range.make(1, 5), Type.range(Type.integer))
const later = Expr.value(Range.make(4, 9), Type.range(Type.integer))
const tag = Query.unnest(tags).withOrdinality().as("tag")

export const title = "Arrays and ranges"
export const examples = {
  "An array has an element": Query.select(Expr.value("sql", Type.text).eq(Expr.any(tags))),
  "An array has all of another": Query.select(Fn.arrayContains(tags, ["sql"])),
  "Elements and parts of an array": Query.select({
    first: Fn.arrayElement(tags, 1),
    rest: Fn.arraySlice(tags, 2)
  }),
  "One array behind another, one element more": Query.select({
    both: Fn.arrayConcat(tags, ["types"]),
    more: Fn.arrayAppend(tags, "laws")
  }),
  "How many, and where": Query.select({
    many: Fn.arrayLength(tags),
    at: Fn.arrayPosition(tags, "effect")
  }),
  "The elements of an array as rows": Query.from(tag).select({
    value: tag.c.value,
    place: tag.c.ordinality
  }),
  "Values of a group as an array": Query.from(posts)
    .groupBy(posts.c.authorId)
    .select(Fn.arrayAgg(posts.c.title, posts.c.id)),
  "A range has a value": Query.select(Fn.rangeContains(nights, 3)),
  "Two ranges overlap, and where": Query.select({
    overlap: Fn.rangeOverlaps(nights, later),
    where: Fn.rangeIntersection(nights, later)
  }),
  "The ends of a range": Query.select({
    from: Fn.rangeLower(nights),
    to: Fn.rangeUpper(nights),
    empty: Fn.rangeIsEmpty(nights)
  }),
  "Ranges with holes between": Query.select(
    Fn.rangeUnion(Fn.multirange(nights), Fn.multirange(later))
  )
}
