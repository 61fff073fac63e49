import { Query, sql, Type } from "athanor"
import { posts, users } from "./tables.ts"

const { id, stars, title: of } = posts.c
const { id: author, name } = users.c
const best = Query.raw({ id: Type.integer, stars: Type.integer }, { tables: [posts] })`SELECT
author_id AS id, max(stars) AS stars FROM posts WHERE id > ${2} GROUP BY author_id`.as("best")

const columns = { id: Type.integer, stars: Type.integer }
const rated = Query.raw(columns, { tables: [posts] })`SELECT stars, id FROM posts`

export const title = "SQL by hand"
export const examples = {
  "An expression": Query.from(posts).select(sql(Type.integer)`length(${of}) + ${stars}`),
  "A value in a hole is a parameter": Query.from(posts)
    .where(sql(Type.boolean)`${of} <> ${"'; DROP TABLE posts; --"}`)
    .select(id),
  "A query in a hole": Query.select(
    sql(Type.integer)`(${Query.from(posts).select(stars).orderBy(id).limit(1)}) + 1`
  ),
  "A whole query, its columns named and typed": Query.raw({
    n: Type.integer,
    name: Type.text
  })`SELECT 1 AS n, ${"one"} AS name UNION ALL SELECT 2, ${"two"}`,
  "Within a statement its columns go by their names, in whatever order": rated.unionAll(
    Query.raw(columns)`SELECT 7 AS id, ${5} AS stars`
  ),
  "Joined like a table": Query.from(users)
    .join(best, best.c.id.eq(author))
    .where(best.c.stars.lt(5))
    .select({ name, stars: best.c.stars })
}
