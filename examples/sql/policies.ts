import { Catalog, Policy, Query } from "athanor"
import { notes, users } from "./tables.ts"

const catalog = Catalog.make({ notes, users })
const other = Query.alias(notes, "other")
const noted = Query.from(other).correlate(users).where(other.c.tenantId.eq(users.c.id))

export const title = "Policies"
export const policies = [
  Policy.tenant("tenantId", 1, { catalog }),
  Policy.softDelete("deletedAt", { catalog })
]
export const examples = {
  "Rows of one tenant that are not deleted": Query.from(notes).select(notes.c.text),
  "Wherever the table stands": Query.from(users)
    .leftJoin(notes, notes.c.id.eq(users.c.id))
    .where(noted.exists())
    .select({ name: users.c.name, text: notes.c.text }),
  "A row that is written keeps to them, or the write fails whole": Query.insert(notes).values({
    tenantId: 1,
    text: "mine"
  }),
  "An update reaches no other's rows": Query.update(notes).set({ text: "changed" }).everyRow(),
  "A delete marks": Query.deleteFrom(notes).where(notes.c.text.eq("old")),
  "A table of which no policy speaks": Query.from(users).select(users.c.name)
}
