import { Query } from "athanor"
import { posts, users } from "./tables.ts"

const insert = Query.insert(users).values({ name: "Ann" })
const proposed = Query.excluded(users)

export const title = "Upserts and merges"
export const examples = {
  "A row, or nothing where its key is there": insert.onConflict(users.c.name).doNothing(),
  "A row, or nothing where any key is there": insert.onConflict().doNothing(),
  "A row, or what to change in the one that is there": insert
    .onConflict(users.c.name)
    .doUpdate({ bossId: 1 }),
  "What was proposed": Query.insert(users)
    .rows([
      { name: "Ann", bossId: 1 },
      { name: "Bob", bossId: 1 }
    ])
    .onConflict(users.c.name)
    .doUpdate({ bossId: proposed.c.bossId }),
  "Only where the row that is there needs it": insert
    .onConflict(users.c.name)
    .doUpdate({ bossId: 1 })
    .where(users.c.bossId.isNull()),
  "And the row as it is then": insert
    .onConflict(users.c.name)
    .doUpdate({ bossId: 1 })
    .returning(users.c.id),
  "A table brought in line with another": Query.merge(posts)
    .using(users, users.c.id.eq(posts.c.authorId))
    .whenMatched(posts.c.stars.lt(0))
    .doDelete()
    .whenMatched()
    .doUpdate({ title: users.c.name })
    .whenNotMatched()
    .doInsert({ authorId: users.c.id, title: users.c.name, stars: 0 }),
  "Rows that have no source any more": Query.merge(posts)
    .using(users, users.c.id.eq(posts.c.authorId))
    .whenNotMatchedBySource()
    .doDelete()
}
