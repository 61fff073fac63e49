import { Expr, Fn, Query, Type } from "athanor"
import { posts, users } from "./tables.ts"

const { id, stars, title: of } = posts.c
const from = Query.from(posts)
const day = Expr.retype(Fn.currentDate(), Type.date)

export const title = "Functions"
export const examples = {
  "Length, in characters and in bytes": from.select({
    signs: Fn.length(of),
    bytes: Fn.octetLength(of)
  }),
  "Upper and lower case, without blanks": from.select({
    up: Fn.upper(of),
    low: Fn.lower(of),
    bare: Fn.trim(of)
  }),
  "A part of a text, and where one is in another": from.select({
    part: Fn.substring(of, 2, 3),
    first: Fn.left(of, 1),
    at: Fn.position("e", of)
  }),
  "Replaced, repeated, filled up": from.select({
    other: Fn.replace(of, "a", "b"),
    twice: Fn.repeat(of, 2),
    wide: Fn.lpad(of, 20, ".")
  }),
  "By a regular expression": from.select(Fn.regexReplace(of, "[0-9]+", "#")),
  "Joined with a separator": from.select(Fn.concatWs(" · ", of, Fn.upper(of))),
  Rounded: from.select({
    near: Fn.round(stars.div(3), 1),
    down: Fn.floor(stars.div(3)),
    up: Fn.ceil(stars.div(3))
  }),
  "The largest and the least of several": from.select({
    most: Fn.greatest(stars, id),
    least: Fn.least(stars, id)
  }),
  "NULL where two are equal": from.select(Fn.nullif(stars, id)),
  "Now, today": Query.select({ now: Fn.now(), today: Fn.currentDate() }),
  "A field of a day": Query.select({
    year: Fn.extract("year", day),
    month: Fn.extract("month", day)
  }),
  "The first day of a month, and the last": Query.select({
    first: Fn.dateTrunc("month", day),
    last: Fn.dateAdd(Fn.dateAdd(Fn.dateTrunc("month", day), 1, "month"), -1, "day")
  }),
  "Days between": Query.select(Fn.dateDiff("day", Fn.dateTrunc("month", day), day)),
  "A checksum": Query.from(users).select({
    md5: Fn.md5(users.c.name),
    sha: Fn.sha256(users.c.name)
  })
}
