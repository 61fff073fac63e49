import { Expr, Fn, Interval, Query, Range, Type } from "athanor"
import { Schema } from "effect"
import { posts } from "./tables.ts"

const shape = Type.json(
  Schema.Struct({ name: Schema.String, tags: Schema.Array(Schema.String), seen: Schema.Boolean })
)
const profile = Expr.value({ name: "Ada", tags: ["sql"], seen: false }, shape)
const tags = Expr.value(["sql", "effect"], Type.array(Type.text))
const nights = Expr.value(Range.make(1, 5), Type.range(Type.integer))

export const title = "Documents, arrays, ranges and intervals"
export const examples = {
  "What is at a path of a document": Query.select({
    name: profile.at("name"),
    first: profile.at("tags", 0)
  }),
  "A value of a document as one of SQL": Query.select({
    name: Fn.jsonAs(profile.at("name"), Type.text),
    many: Fn.jsonLength(profile.at("tags"))
  }),
  "A document changed in one place": Query.select(Fn.jsonSet(profile, ["name"], "Bob")),
  "A document with one element less": Query.select(Fn.jsonRemove(profile, ["tags", 0])),
  "A text as a number, or a failure": Query.select(Expr.value("42", Type.text).cast(Type.integer)),
  "A moment and an interval": Query.select(
    Fn.addInterval(Fn.currentDate(), Interval.make({ months: 1, days: -1 }))
  ),
  "An array has an element": Query.select(Expr.value("sql", Type.text).eq(Expr.any(tags))),
  "Elements and parts of an array": Query.select({
    first: Fn.arrayElement(tags, 1),
    rest: Fn.arraySlice(tags, 2)
  }),
  "Values of a group as an array": Query.from(posts)
    .groupBy(posts.c.authorId)
    .select(Fn.arrayAgg(posts.c.title, posts.c.id)),
  "A range has a value": Query.select(Fn.rangeContains(nights, 3))
}
