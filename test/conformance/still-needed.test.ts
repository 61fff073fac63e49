/** What is dropped or altered while something else needs it says what needs it. */
import {
  Alter,
  Catalog,
  Check,
  Column,
  Database,
  ForeignKey,
  Index,
  Query,
  Table,
  Unique,
  View
} from "athanor"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const columns = { id: Column.integer().primaryKey(), age: Column.integer() }
const users = Table.make("users", columns)
const indexed = Table.make("users", columns, (c) => [Index.named("by_age", c.age)])
const single = Table.make("users", columns, (c) => [Unique.named("one_age", c.age)])
const checked = Table.make("users", columns, (c) => [Check.that(c.age.gt(0), "grown")])
const posts = Table.make("posts", { id: Column.id(), author: Column.integer() }, (c) => [
  ForeignKey.on([c.author], () => [users.c.id], { name: "posts_author" })
])
const ages = View.make("ages", Query.from(users).select({ age: users.c.age }))
const wider = Table.make("users", { id: Column.bigint(), age: Column.bigint() })

/** What each server says, and whether it lets go at all. */
const told = {
  sqlite: {
    column: ["view ages"],
    index: ["index by_age"],
    unique: ["a rule of table users"],
    key: ["the primary key"],
    check: ["a rule of table users"],
    type: null
  },
  postgres: {
    column: ["view ages"],
    index: null,
    unique: null,
    key: ["constraint posts_author on table posts"],
    check: null,
    type: ["view ages"]
  },
  mariadb: {
    column: null,
    index: null,
    unique: null,
    key: ["foreign key posts_author"],
    check: null,
    type: null
  }
} as const

const tries: {
  readonly [K in keyof (typeof told)["sqlite"]]: readonly [Catalog.Catalog, Alter.Alteration]
} = {
  column: [Catalog.make({ users, ages }), Alter.dropColumn("users", "age")],
  index: [Catalog.make({ users: indexed }), Alter.dropColumn("users", "age")],
  unique: [Catalog.make({ users: single }), Alter.dropColumn("users", "age")],
  key: [Catalog.make({ users, posts }), Alter.dropColumn("users", "id")],
  check: [Catalog.make({ users: checked }), Alter.dropColumn("users", "age")],
  type: [Catalog.make({ users, ages }), Alter.alterColumn(wider, "age")]
}

describe.each(engines)("what is still needed, on %s", (engine) => {
  const { failure, run } = useDatabase(engine, {})

  test.each(Object.keys(tries) as ReadonlyArray<keyof typeof tries>)(
    "stays, and the failure names what needs it: %s",
    async (what) => {
      const [catalog, change] = tries[what]
      const by = told[engine][what]
      await run(Database.create(catalog))
      const before = await run(Database.reflect())
      if (by === null) await run(Database.alter(change))
      else {
        expect(await failure(Database.alter(change))).toMatchObject({
          _tag: "StillNeeded",
          by,
          message: expect.stringContaining(`still needed by ${by.join()}`),
          operation: "ddl",
          retryable: false
        })
        expect(await run(Database.reflect())).toEqual(before)
      }
      await run(Database.drop(catalog))
    }
  )

  test("a table others refer to", async () => {
    const catalog = Catalog.make({ users, posts, ages })
    await run(Database.create(catalog))
    await run(Database.run(Query.insert(users).values({ id: 1, age: 2 })))
    await run(Database.run(Query.insert(posts).values({ author: 1 })))
    const error = await failure(Database.drop(Catalog.make({ users })))
    const all = ["constraint posts_author on table posts", "view ages"]
    expect(error).toMatchObject(
      engine === "sqlite"
        ? { _tag: "ForeignKeyViolation" }
        : { _tag: "StillNeeded", by: engine === "postgres" ? all : [] }
    )
    expect(await run(Database.count(Query.from(users)))).toBe(1)
    await run(Database.drop(catalog))
  })

  test("what is not there is said as a server says it", async () => {
    await run(Database.create(Catalog.make({ users })))
    const lacking = async (change: Alter.Alteration) => {
      const error = await failure(Database.alter(change))
      return error._tag === "SyntaxOrUndefined" ? [error.kind, error.message] : error
    }
    expect(await lacking(Alter.dropColumn("nobody", "age"))).toEqual([
      "table",
      'alter: no table "nobody"'
    ])
    expect(await lacking(Alter.renameColumn("users", "nick", "name"))).toEqual([
      "column",
      'alter: "users" has no column "nick"'
    ])
    expect(await lacking(Alter.dropRule("users", "grown"))).toEqual([
      "other",
      'alter: "users" has no rule "grown"'
    ])
    await run(Database.drop(Catalog.make({ users })))
  })
})
