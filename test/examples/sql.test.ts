import { Database, type DatabaseError, Query } from "athanor"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, posts, users } from "../../examples/sql/tables.ts"
import { families, pageOf } from "../../tools/sql/pages.ts"
import { connect, engines } from "../runtime/databases.ts"

const known = await families()

test.each(known.map((one) => [one.name, one] as const))(
  "docs/sql/%s is as said",
  async (_, family) => {
    expect(readFileSync(`docs/sql/${family.name}.md`, "utf8")).toBe(await pageOf(family))
  }
)

describe.each(engines)("the statements of docs/sql on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
    await database.run(Database.run(Query.insert(users).values({ name: "First" })))
    await database.run(
      Database.run(Query.insert(posts).values({ authorId: 1, title: "Zero", stars: 3 }))
    )
  })
  afterAll(() => database.dispose())

  const all = known.flatMap(({ examples, name }) =>
    Object.entries(examples).map(([what, statement]) => [`${name}: ${what}`, statement] as const)
  )
  test.each(all)("%s", async (title, statement) => {
    const runs = statement.node._tag === "Insert" || "where" in statement.node
    const verb = (runs ? Database.run : Database.all) as (
      statement: unknown,
      named: unknown
    ) => Effect.Effect<unknown, DatabaseError.DatabaseError, Database>
    const outcome = await database.run(
      Effect.match(
        verb(statement, title.includes("when the statement runs") ? { authors: [1, 2] } : {}),
        {
          onSuccess: () => "answered",
          onFailure: (error) => error._tag
        }
      )
    )
    expect(["answered", "Unsupported"]).toContain(outcome)
  })
})
