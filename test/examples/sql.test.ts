import { type Catalog, Database, type DatabaseError, type Policy, Query } from "athanor"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, posts, users } from "../../examples/sql/tables.ts"
import { families, indexOf, isCatalog, pageOf, saidOn } from "../../tools/sql/pages.ts"
import { connect, type EngineName, engines } from "../runtime/databases.ts"

const known = await families()

test.each(known.map((one) => [one.name, one] as const))(
  "docs/sql/%s is as said",
  async (_, family) => {
    expect(readFileSync(`docs/sql/${family.name}.md`, "utf8")).toBe(await pageOf(family))
  }
)

test("docs/sql has these pages and a list of them", () => {
  expect(readFileSync("docs/sql/README.md", "utf8")).toBe(indexOf(known))
  const pages = ["README", ...known.map(({ name }) => name)].map((name) => `${name}.md`)
  expect(readdirSync("docs/sql").toSorted()).toEqual(pages.toSorted())
})

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

  const all = known.flatMap(({ examples, given, name, policies }) =>
    Object.entries(examples).map(
      ([what, example]) => [`${name}: ${what}`, example, given?.[what] ?? {}, policies] as const
    )
  )
  test.each(all)("%s", async (_, example, named, policies) => {
    const said = saidOn(example, engine, policies)
    const outcome = isCatalog(example)
      ? await made(engine, example)
      : await database.run(undone(answer(example, named, policies)))
    expect(outcome).toBe("texts" in said ? "answered" : "Unsupported")
  })
})

type Ran = Effect.Effect<unknown, DatabaseError.DatabaseError, Database>

const answer = (
  statement: Query.Statement<unknown, unknown>,
  named: unknown,
  policies: ReadonlyArray<Policy.Policy> = []
): Ran => {
  const { _tag: tag } = statement.node
  const gives = !["Insert", "Update", "Delete", "Merge"].includes(tag) || "returned" in statement
  const verb = (gives ? Database.all : Database.run) as (statement: unknown, named: unknown) => Ran
  return Database.policed(policies, verb(statement, named))
}

/** What came of it; nothing is left of it, so that each example stands alone. */
const undone = (ran: Ran) =>
  Effect.match(Database.transaction(Effect.andThen(ran, Effect.fail("answered" as const))), {
    onSuccess: () => "committed",
    onFailure: (error) => (error === "answered" ? error : error._tag)
  })

/** A schema is made, and dropped again, in a database of its own. */
const made = async (engine: EngineName, catalog: Catalog.Catalog): Promise<string> => {
  const own = await connect(engine)
  try {
    const both = Effect.andThen(Database.create(catalog), Database.drop(catalog))
    return await own.run(
      Effect.match(both, { onSuccess: () => "answered", onFailure: (error) => error._tag })
    )
  } finally {
    await own.dispose()
  }
}
