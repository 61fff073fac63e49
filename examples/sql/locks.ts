import { Query } from "athanor"
import { posts, users } from "./tables.ts"

const open = Query.from(posts).where(posts.c.stars.gt(0)).select(posts.c.id)
const joined = Query.from(posts).join(users).select({ id: posts.c.id, name: users.c.name })

export const title = "Locks, hints and comments"
export const examples = {
  "Locked until the transaction ends": open.lock(),
  "Others may read, and lock so too": open.lock("share"),
  "Not waiting": open.lock("update", { wait: "nowait" }),
  "What nobody holds: a queue": open.limit(1).lock("update", { wait: "skip locked" }),
  "The rows of one table of a join": joined.lock("update", { of: [posts] }),
  "Foreign keys are checked meanwhile": open.lock("no key update"),
  "A comment for the server's logs": open.pipe(Query.comment("GET /posts")),
  "A hint to the optimiser, where it reads one": open.pipe(
    Query.optimizer({ mysql: Query.literal`MAX_EXECUTION_TIME(1000)` })
  ),
  "An index to be used": open.pipe(Query.indexHint(posts, "use", ["PRIMARY"])),
  "A part of a table, by chance": Query.from(Query.sample(posts, 10)).select(posts.c.id)
}
