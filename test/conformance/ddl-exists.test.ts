import { Catalog, Column, Database, Query, Table } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const users = Table.make("users", { id: Column.id(), name: Column.varchar(20) })
const posts = Table.make("posts", {
  id: Column.id(),
  userId: Column.integer().references(() => users.c.id)
})

describe.each(engines)("tables that are there on %s", (engine) => {
  const { failure, run, sentBy } = useDatabase(engine, { users })

  test("created twice only where it is said that they may be there [F94.3]", async () => {
    await run(Database.run(Query.insert(users).values({ name: "Ann" })))
    const catalog = Catalog.make({ users, posts })
    expect(await failure(Database.create(catalog))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "duplicate"
    })
    const before = await run(Database.reflect())
    await run(Database.create(Catalog.make({ users }), { ifMissing: true }))
    expect(await run(Database.reflect())).toEqual(before)
    await run(Database.create(catalog, { ifMissing: true }))
    expect((await run(Database.reflect())).tables.map(({ name }) => name)).toEqual([
      "posts",
      "users"
    ])
    expect(await run(Database.all(Query.from(users).select(users.c.name)))).toEqual(["Ann"])
    const sent = await sentBy(Database.create(catalog, { ifMissing: true }))
    expect(sent.filter((text) => /^create/i.test(text))).toEqual([])
    expect(await failure(Database.run(Query.insert(posts).values({ userId: 77 })))).toMatchObject({
      _tag: "ForeignKeyViolation"
    })
  })
})
