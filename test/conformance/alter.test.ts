import {
  Alter,
  Catalog,
  Check,
  Column,
  Database,
  ForeignKey,
  Index,
  Query,
  StatementError,
  Table,
  Unique
} from "athanor"
import { alterStatements, capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { comparable } from "../../src/compile/schema/erased.ts"
import { snapshotOf } from "../../src/compile/schema/snapshotOf.ts"
import { type dialects, engines, useDatabase } from "./support.ts"

const teams = Table.make("teams", { id: Column.integer().primaryKey() })
const before = Table.make(
  "users",
  {
    id: Column.integer().primaryKey(),
    name: Column.varchar(20),
    age: Column.integer().serverDefault(7),
    teamId: Column.integer().nullable(),
    gone: Column.integer().nullable()
  },
  (c) => [Index.named("by_name", c.name), Check.that(c.age.gt(0), "grown")]
)
/** Refers to the table that is altered, and goes with its rows. */
const posts = Table.make("posts", {
  id: Column.integer().primaryKey(),
  userId: Column.integer().references(() => before.c.id, { onDelete: "cascade" })
})
const after = Table.make(
  "users",
  {
    id: Column.integer().primaryKey(),
    name: Column.varchar(20),
    age: Column.bigint().nullable().serverDefault(9n),
    teamId: Column.integer().nullable(),
    nickname: Column.varchar(30).serverDefault("it's")
  },
  (c) => [
    Unique.named("one_name", c.name),
    Index.named("by_age", c.age),
    Check.that(c.age.lt(200n), "mortal"),
    ForeignKey.on([c.teamId], () => [teams.c.id], { name: "in_team" })
  ]
)
const steps = [
  Alter.addColumn(after, "nickname"),
  Alter.alterColumn(after, "age"),
  Alter.dropColumn("users", "gone"),
  Alter.dropRule("users", "by_name"),
  Alter.dropRule("users", "grown"),
  Alter.addRule(after, "one_name"),
  Alter.addRule(after, "by_age"),
  Alter.addRule(after, "mortal"),
  Alter.addRule(after, "in_team")
]

describe.each(engines)("altered tables on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, { teams })

  test("a table becomes what another declares, and its rows stay", async () => {
    await run(Database.create(Catalog.make({ before, posts })))
    await run(
      Database.run(
        Query.insert(before).rows([
          { id: 1, name: "Ann", age: 30, gone: 5 },
          { id: 2, name: "Bob" }
        ])
      )
    )
    await run(Database.run(Query.insert(posts).rows([{ id: 1, userId: 1 }])))
    for (const step of steps) await run(Database.alter(step))

    const found = await run(Database.reflect())
    const wanted = comparable(snapshotOf(Catalog.make({ after }), capabilities(engine))).tables[0]!
    const users = comparable(found).tables.find(({ name }) => name === "users")!
    const byName = (table: typeof users) => ({
      ...table,
      columns: table.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    })
    expect(byName(users)).toEqual(byName(wanted))
    expect(await all(Query.from(after).orderBy(after.c.id))).toEqual([
      { id: 1, name: "Ann", age: 30n, teamId: null, nickname: "it's" },
      { id: 2, name: "Bob", age: 7n, teamId: null, nickname: "it's" }
    ])
    // What refers to it is there, and still does.
    expect(await all(Query.from(posts))).toEqual([{ id: 1, userId: 1 }])
    const add = Query.insert(posts)
    expect(await failure(Database.run(add.values({ id: 2, userId: 77 })))).toMatchObject({
      _tag: "ForeignKeyViolation"
    })
    expect(
      await failure(Database.run(Query.insert(after).values({ id: 3, name: "Ann" })))
    ).toMatchObject({ _tag: "UniqueViolation" })
    await run(Database.run(Query.insert(after).values({ id: 3, name: "Cleo", nickname: "C" })))
    expect(
      await all(Query.from(after).where(after.c.id.eq(3)).select({ age: after.c.age }))
    ).toEqual([{ age: 9n }])
    await run(Database.run(Query.deleteFrom(after).where(after.c.id.eq(1))))
    expect(await all(Query.from(posts))).toEqual([])
  })

  test("names change, of tables and of columns", async () => {
    const old = Table.make("old", { id: Column.integer().primaryKey(), b: Column.integer() })
    const fresh = Table.make("fresh", { id: Column.integer().primaryKey(), c: Column.integer() })
    await run(Database.create(Catalog.make({ old })))
    await run(Database.run(Query.insert(old).values({ id: 1, b: 2 })))
    await run(
      Database.alter(Alter.renameColumn("old", "b", "c"), Alter.renameTable("old", "fresh"))
    )
    expect(await all(Query.from(fresh))).toEqual([{ id: 1, c: 2 }])
    await run(Database.drop(Catalog.make({ fresh })))
  })

  test("rows that do not fit stay as they are, with the table", async () => {
    const loose = Table.make("loose", {
      id: Column.integer().primaryKey(),
      b: Column.integer().nullable()
    })
    const strict = Table.make("loose", { id: Column.integer().primaryKey(), b: Column.integer() })
    await run(Database.create(Catalog.make({ loose })))
    await run(Database.run(Query.insert(loose).values({ id: 1 })))
    const error = await failure(Database.alter(Alter.alterColumn(strict, "b")))
    expect(error._tag).toMatch(/NotNullViolation|ValueOutOfRange|InvalidText/)
    expect(await all(Query.from(loose))).toEqual([{ id: 1, b: null }])
    await run(Database.drop(Catalog.make({ loose })))
  })
})

describe("tables made anew on sqlite", () => {
  const { all, failure, run } = useDatabase("sqlite", { teams })

  test("triggers and views stay; in a transaction, or of a module, it is refused", async () => {
    const log = Table.make("log", { id: Column.integer() })
    await run(Database.create(Catalog.make({ before, log })))
    await run(
      Database.script(`CREATE TRIGGER t AFTER INSERT ON users
        BEGIN INSERT INTO log VALUES (new.id); END`)
    )
    await run(Database.script("CREATE VIEW seen AS SELECT name FROM users"))
    const alter = Database.alter(Alter.dropColumn("users", "gone"))
    expect(await failure(Database.transaction(alter))).toMatchObject({
      _tag: "Unsupported",
      capability: "alterTable"
    })
    await run(alter)
    await run(Database.script("INSERT INTO users (id, name) VALUES (5, 'Eve')"))
    expect(await all(Query.from(log))).toEqual([{ id: 5 }])
    expect((await run(Database.reflect())).views.map(({ name }) => name)).toEqual(["seen"])
    await run(Database.script("CREATE VIRTUAL TABLE found USING fts5 (b, c)"))
    expect(await failure(Database.alter(Alter.dropColumn("found", "b")))).toMatchObject({
      _tag: "Unsupported",
      capability: "alterTable"
    })
    // Foreign keys are enforced again.
    await run(Database.create(Catalog.make({ posts })))
    const orphan = Query.insert(posts).values({ id: 9, userId: 99 })
    expect(await failure(Database.run(orphan))).toMatchObject({ _tag: "ForeignKeyViolation" })
  })
})

describe("alterations, as data", () => {
  test("their texts", () => {
    const said = (dialect: (typeof dialects)[number]) => {
      const snapshot = snapshotOf(Catalog.make({ before, teams }), capabilities(dialect))
      return steps.flatMap((step) => {
        const texts = alterStatements(snapshot, step)
        return "_tag" in texts ? [`refused: ${texts.capability}`] : texts
      })
    }
    const last = [
      "ALTER TABLE users DROP CONSTRAINT grown",
      "ALTER TABLE users ADD CONSTRAINT one_name UNIQUE (name)",
      "CREATE INDEX by_age ON users (age)",
      "ALTER TABLE users ADD CONSTRAINT mortal CHECK (age < 200)",
      "ALTER TABLE users ADD CONSTRAINT in_team FOREIGN KEY (team_id) REFERENCES teams (id)"
    ]
    const first = "ALTER TABLE users ADD COLUMN nickname varchar(30) NOT NULL DEFAULT 'it''s'"
    expect(said("postgres")).toEqual([
      first,
      "ALTER TABLE users ALTER COLUMN age DROP DEFAULT",
      'ALTER TABLE users ALTER COLUMN age TYPE bigint USING "age"::bigint',
      "ALTER TABLE users ALTER COLUMN age SET DEFAULT 9",
      "ALTER TABLE users ALTER COLUMN age DROP NOT NULL",
      "ALTER TABLE users DROP COLUMN gone",
      "DROP INDEX by_name",
      ...last
    ])
    for (const dialect of ["mysql", "mariadb"] as const)
      expect(said(dialect)).toEqual([
        first,
        "ALTER TABLE users MODIFY COLUMN age bigint DEFAULT (9)",
        "ALTER TABLE users DROP COLUMN gone",
        "DROP INDEX by_name ON users",
        ...last
      ])
    const columns = "id, name, age, team_id, gone"
    expect(said("sqlite").slice(5, 10)).toEqual([
      "CREATE TABLE athanor_new_users (id INTEGER NOT NULL, name TEXT NOT NULL, " +
        "age INTEGER DEFAULT (9), team_id INTEGER, gone INTEGER, " +
        "CONSTRAINT users_pkey PRIMARY KEY (id), CONSTRAINT grown CHECK (age > 0))",
      `INSERT INTO athanor_new_users (${columns}) SELECT ${columns} FROM users`,
      "DROP TABLE users",
      "ALTER TABLE athanor_new_users RENAME TO users",
      "CREATE INDEX by_name ON users (name)"
    ])
  })

  test("what is not there is refused", () => {
    const snapshot = snapshotOf(Catalog.make({ before }), capabilities("sqlite"))
    const wrong = [
      () => Alter.addColumn(before, "nobody" as "id"),
      () => Alter.addRule(before, "nobody"),
      () => Alter.renameTable("users", ""),
      () => alterStatements(snapshot, Alter.dropColumn("users", "nobody")),
      () => alterStatements(snapshot, Alter.dropColumn("nobody", "id")),
      () => alterStatements(snapshot, Alter.dropRule("users", "nobody"))
    ]
    for (const [at, one] of wrong.entries()) expect(one, String(at)).toThrow(StatementError)
  })
})
