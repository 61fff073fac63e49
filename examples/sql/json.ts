import { Expr, Fn, Interval, Query, Type } from "athanor"
import { Schema } from "effect"
import { posts } from "./tables.ts"

const shape = Type.json(
  Schema.Struct({ name: Schema.String, tags: Schema.Array(Schema.String), seen: Schema.Boolean })
)
const profile = Expr.value({ name: "Ada", tags: ["sql"], seen: false }, shape)

export const title = "Documents and intervals"
export const examples = {
  "What is at a path of a document": Query.select({
    name: profile.at("name"),
    first: profile.at("tags", 0)
  }),
  "A value of a document as one of SQL": Query.select({
    name: Fn.jsonAs(profile.at("name"), Type.text),
    many: Fn.jsonLength(profile.at("tags"))
  }),
  "What there is at a path": Query.select(Fn.jsonType(profile.at("tags"))),
  "A document changed in one place": Query.select(Fn.jsonSet(profile, ["name"], "Bob")),
  "A document with one element more": Query.select(Fn.jsonAppend(profile, ["tags"], "effect")),
  "A document with one element less": Query.select(Fn.jsonRemove(profile, ["tags", 0])),
  "A document over another": Query.select(Fn.jsonMerge(profile, [], { seen: true })),
  "Values of a group as a document": Query.from(posts)
    .groupBy(posts.c.authorId)
    .select(Fn.jsonAgg(posts.c.title, posts.c.id)),
  "Values of a group by key": Query.from(posts)
    .groupBy(posts.c.authorId)
    .select(Fn.jsonObjectAgg(posts.c.title, posts.c.id, posts.c.id)),
  "A document contains another": Query.select(Fn.jsonContains(profile, { seen: false })),
  "A text as a number, or a failure": Query.select(Expr.value("42", Type.text).cast(Type.integer)),
  "A moment and an interval": Query.select(
    Fn.addInterval(Fn.currentDate(), Interval.make({ months: 1, days: -1 }))
  )
}
