/** A tree whose rows know the way to them: a branch is a prefix, a move rewrites the prefix. */
import { Catalog, Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import * as Effect from "effect/Effect"

const pages = Table.make("pages", { id: Column.id(), path: Column.varchar(200).unique() })

const below = (path: string) =>
  Query.from(pages)
    .where(pages.c.path.startsWith(`${path}/`))
    .orderBy(pages.c.path)
    .select(pages.c.path)

/** `startsWith` takes its text as it is: a page called `50%` is no pattern. */
const move = (from: string, to: string) =>
  Query.update(pages)
    .set({
      path: Expr.value(to, Type.text).concat(
        Fn.substring(pages.c.path, from.length + 1).coalesce("")
      )
    })
    .where(pages.c.path.eq(from).or(pages.c.path.startsWith(`${from}/`)))

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ pages }))
  const paths = ["guide", "guide/50%", "guide/50%/more", "guide/50 and more"]
  yield* Database.run(Query.insert(pages).rows(paths.map((path) => ({ path }))))
  const found = yield* Database.all(below("guide/50%"))
  const moved = yield* Database.run(move("guide/50%", "half"))
  return { found, moved, after: yield* Database.all(below("half")) }
})

export const expected = { found: ["guide/50%/more"], moved: 2, after: ["half/more"] }
