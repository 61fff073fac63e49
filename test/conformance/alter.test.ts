import {
  Alter,
  Catalog,
  Check,
  Column,
  Computed,
  Database,
  ForeignKey,
  Index,
  NamedType,
  Query,
  StatementError,
  Table,
  Unique
} from "athanor"
import { alterStatements, capabilities } from "athanor/compile"
import * as Effect from "effect/Effect"
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
    expect(await failure(Database.alter(Alter.alterColumn(strict, "b")))).toMatchObject({
      _tag: "NotNullViolation",
      table: "loose",
      column: "b",
      message: "loose.b must have a value"
    })
    expect(await all(Query.from(loose))).toEqual([{ id: 1, b: null }])
    await run(Database.drop(Catalog.make({ loose })))
  })
})

describe.each(engines)("values of altered columns on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, {})
  const id = Column.integer().primaryKey()
  const words = Table.make("words", { id, v: Column.varchar(20) })
  const rows = (...values: ReadonlyArray<string>) =>
    run(Database.run(Query.insert(words).rows(values.map((v, at) => ({ id: at, v })))))
  const becomes = (column: Column.Column<any, any>) =>
    Alter.alterColumn(Table.make("words", { v: column }), "v")

  test("a text that is no number is not made one, and nothing is cut", async () => {
    await run(Database.create(Catalog.make({ words })))
    await rows("12", " 7 ", "seven")
    const whole = Table.make("words", { id, v: Column.integer() })
    const to = Database.alter(becomes(Column.integer()))
    expect((await failure(to))._tag).toBe("InvalidText")
    // A length is one where the server keeps it.
    if (engine !== "sqlite")
      expect(await failure(Database.alter(becomes(Column.varchar(2))))).toMatchObject({
        _tag: "ValueOutOfRange"
      })
    expect(await all(Query.from(words).select(words.c.v).orderBy(words.c.id))).toEqual([
      "12",
      " 7 ",
      "seven"
    ])
    await run(Database.run(Query.deleteFrom(words).where(words.c.v.in(["seven", " 7 "]))))
    await run(to)
    expect(await all(Query.from(whole))).toEqual([{ id: 0, v: 12 }])
    await run(Database.alter(becomes(Column.varchar(9))))
    expect(await all(Query.from(words))).toEqual([{ id: 0, v: "12" }])
    await run(Database.drop(Catalog.make({ words })))
  })

  test("a column that is computed stays so, its values too", async () => {
    const one = Table.make(
      "sums",
      { id, n: Column.integer(), twice: Column.integer().nullable().computed() },
      (c) => [Computed.stored(c.twice, c.n.mul(2))]
    )
    const wide = Table.make("sums", { twice: Column.bigint().nullable() })
    const all_ = Table.make("sums", { id, n: Column.integer(), twice: Column.bigint().nullable() })
    await run(Database.create(Catalog.make({ one })))
    await run(Database.run(Query.insert(one).rows([{ id: 1, n: 3 }])))
    await run(Database.alter(Alter.alterColumn(wide, "twice")))
    await run(Database.run(Query.insert(one).rows([{ id: 2, n: 4 }])))
    expect(await all(Query.from(all_).orderBy(all_.c.id).select(all_.c.twice))).toEqual([6n, 8n])
    const anew = Table.make(
      "sums",
      { n: Column.integer().nullable().computed(), twice: Column.integer() },
      (c) => [Computed.stored(c.n, c.twice.mul(2))]
    )
    expect(await failure(Database.alter(Alter.alterColumn(anew, "n")))).toMatchObject({
      _tag: "Unsupported",
      capability: "alterTable"
    })
    await run(Database.drop(Catalog.make({ one })))
  })

  test("the check that guards a column's values is of those it has now", async () => {
    const few = Table.make("moods", { id, mood: Column.enum(["good", "bad"]).guarded() })
    const more = Table.make("moods", {
      id,
      mood: Column.enum(["good", "bad", "so-so"]).guarded()
    })
    await run(Database.create(Catalog.make({ few })))
    await run(Database.alter(Alter.alterColumn(more, "mood")))
    await run(Database.run(Query.insert(more).values({ id: 1, mood: "so-so" })))
    const wrong = Database.script("INSERT INTO moods (id, mood) VALUES (2, 'odd')")
    expect((await failure(wrong))._tag).toBe("CheckViolation")
    await run(Database.drop(Catalog.make({ more })))
  })
})

describe("tables made anew on sqlite", () => {
  const { all, failure, run } = useDatabase("sqlite", { teams })

  test("triggers and views stay, in a transaction too; no row is deleted", async () => {
    const log = Table.make("log", { id: Column.integer() })
    await run(Database.create(Catalog.make({ before, log })))
    await run(
      Database.script(`CREATE TRIGGER t AFTER INSERT ON users
        BEGIN INSERT INTO log VALUES (new.id); END`)
    )
    await run(Database.script("CREATE VIEW seen AS SELECT name FROM users"))
    const alter = Database.alter(Alter.dropColumn("users", "gone"))
    // Undone with the transaction it is part of.
    const undone = Database.transaction(Effect.andThen(alter, Effect.fail("undone")))
    expect(await failure(undone)).toBe("undone")
    await run(Database.script("UPDATE users SET gone = 1"))
    await run(Database.transaction(alter))
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
    const anew = Database.alter(Alter.dropRule("users", "grown"))
    const refused = await failure(Database.transaction(anew))
    expect(refused).toMatchObject({
      _tag: "Unsupported",
      capability: "alterTable",
      message: expect.stringContaining("with posts referring to it") as string
    })
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

describe.each(engines)("alterations elsewhere on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, {})

  test("tables of another schema are altered there, and nothing of their like here", async () => {
    const place = `alter_${process.pid}`
    const say = {
      sqlite: "ATTACH ':memory:' AS",
      postgres: "CREATE SCHEMA",
      mariadb: "CREATE DATABASE"
    }
    await run(Database.script(`${say[engine]} ${place}`))
    const columns = { id: Column.integer().primaryKey(), n: Column.integer().nullable() }
    const made = (schema: string | null) =>
      Table.make(
        "things",
        columns,
        (c) => [Index.named("by_n", c.n)],
        schema === null ? {} : { schema }
      )
    const [here, there] = [made(null), made(place)]
    await run(Database.create(Catalog.make({ here, there })))
    await run(Database.run(Query.insert(there).values({ id: 1, n: 2 })))
    const wide = Table.make(
      "things",
      {
        id: Column.integer().primaryKey(),
        m: Column.bigint().nullable(),
        more: Column.text().nullable()
      },
      (c) => [Check.that(c.m.gt(0n), "positive"), Index.named("by_more", c.id)],
      { schema: place }
    )
    const name = { schema: place, name: "things" }
    if (engine === "sqlite")
      await run(
        Database.script(`CREATE TRIGGER ${place}.t AFTER INSERT ON things
          BEGIN UPDATE things SET n = 9 WHERE id = new.id AND n IS NULL; END`)
      )
    await run(
      Database.alter(
        Alter.dropRule(name, "by_n"),
        Alter.renameColumn(name, "n", "m"),
        Alter.alterColumn(wide, "m"),
        Alter.addColumn(wide, "more"),
        Alter.addRule(wide, "positive"),
        Alter.addRule(wide, "by_more")
      )
    )
    expect(await all(Query.from(wide))).toEqual([{ id: 1, m: 2n, more: null }])
    expect(await failure(Database.run(Query.insert(wide).values({ id: 2, m: -1n })))).toMatchObject(
      {
        _tag: "CheckViolation"
      }
    )
    const indexes = async (schema?: string) =>
      (await run(Database.reflect(schema === undefined ? {} : { schema }))).tables.flatMap((one) =>
        one.indexes.map((index) => index.name)
      )
    expect(await indexes(place)).toEqual(["by_more"])
    expect(await indexes()).toEqual(["by_n"])
    await run(Database.alter(Alter.renameTable(name, "others")))
    expect(await run(Database.has({ kind: "table", name: "others", schema: place }))).toBe(true)
    expect(await run(Database.has({ kind: "table", name: "things" }))).toBe(true)

    // Where names without a schema mean another one.
    const moved = Database.with(
      { schemas: { "": place } },
      Database.alter(Alter.renameTable("others", "again"))
    )
    await run(moved)
    expect(await run(Database.has({ kind: "table", name: "again", schema: place }))).toBe(true)
    if (engine === "mariadb") await run(Database.script(`DROP DATABASE ${place}`))
    await run(Database.drop(Catalog.make({ here })))
  })

  test("a renamed table is followed by what refers to it", async () => {
    const old = Table.make("old", { id: Column.integer().primaryKey() })
    const child = Table.make("child", {
      id: Column.integer().primaryKey(),
      of: Column.integer().references(() => old.c.id, { onDelete: "cascade" })
    })
    const fresh = Table.make("fresh", { id: Column.integer().primaryKey() })
    await run(Database.create(Catalog.make({ old, child })))
    await run(Database.alter(Alter.renameTable("old", "fresh")))
    await run(Database.run(Query.insert(fresh).values({ id: 1 })))
    await run(Database.run(Query.insert(child).values({ id: 1, of: 1 })))
    expect(await failure(Database.run(Query.insert(child).values({ id: 2, of: 7 })))).toMatchObject(
      {
        _tag: "ForeignKeyViolation"
      }
    )
    await run(Database.drop(Catalog.make({ child })))
    await run(Database.drop(Catalog.make({ fresh })))
  })

  test("of a list that fails, it is said what was done, or nothing was", async () => {
    const t = Table.make("listed", { id: Column.integer().primaryKey(), a: Column.integer() })
    await run(Database.create(Catalog.make({ t })))
    await run(Database.run(Query.insert(t).values({ id: 1, a: -5 })))
    const after = Table.make(
      "listed",
      { id: Column.integer(), a: Column.integer(), b: Column.integer().nullable() },
      (c) => [Check.that(c.a.gt(0), "positive")]
    )
    const list = Database.alter(Alter.addColumn(after, "b"), Alter.addRule(after, "positive"))
    const error = await failure(list)
    const columns = (await run(Database.reflect({ tables: ["listed"] }))).tables[0]!.columns.map(
      ({ name }) => name
    )
    if (engine === "mariadb") {
      expect(error).toMatchObject({
        _tag: "SchemaIncomplete",
        done: ["column listed.b"],
        reason: { _tag: "CheckViolation" }
      })
      expect(columns).toEqual(["id", "a", "b"])
    } else {
      expect(error).toMatchObject({ _tag: "CheckViolation" })
      expect(columns).toEqual(["id", "a"])
    }
    await run(Database.drop(Catalog.make({ t })))
  })

  if (engine === "postgres") return
  test("what PostgreSQL alone alters is refused by name", async () => {
    const t = Table.make("t", { a: Column.integer() }, (c) => [Check.that(c.a.gt(0), "positive")])
    await run(Database.create(Catalog.make({ t })))
    for (const [one, capability] of [
      [Alter.addRule(t, "positive", { notValid: true }), "notValid"],
      [Alter.validateRule("t", "positive"), "notValid"],
      [Alter.addValue("mood", "new"), "namedTypes"]
    ] as const)
      expect(await failure(Database.alter(one))).toMatchObject({ _tag: "Unsupported", capability })
    await run(Database.drop(Catalog.make({ t })))
  })
})

describe("alterations on postgres", () => {
  const { all, failure, run } = useDatabase("postgres", {})

  test("a rule not valid ignores old rows, binds new, is validated later [F85.6]", async () => {
    const parents = Table.make("parents", { id: Column.integer().primaryKey() })
    const rows = { id: Column.integer().primaryKey(), a: Column.integer() }
    const t = Table.make("pending", rows)
    const ruled = Table.make("pending", rows, (c) => [
      Check.that(c.a.gt(0), "positive"),
      ForeignKey.on([c.a], () => [parents.c.id], { name: "known" }),
      Unique.named("one", c.a)
    ])
    await run(Database.create(Catalog.make({ parents, t })))
    await run(Database.run(Query.insert(t).values({ id: 1, a: -5 })))
    for (const rule of ["positive", "known"])
      await run(Database.alter(Alter.addRule(ruled, rule, { notValid: true })))
    const pending = async () => {
      const table = (await run(Database.reflect({ tables: ["pending"] }))).tables[0]!
      return [...table.checks, ...table.foreignKeys].map(({ notValid }) => notValid)
    }
    expect(await pending()).toEqual([true, true])
    const add = (a: number) => failure(Database.run(Query.insert(t).values({ id: 2, a })))
    expect(await add(-1)).toMatchObject({ _tag: "CheckViolation" })
    expect(await add(7)).toMatchObject({ _tag: "ForeignKeyViolation" })
    const validate = (rule: string) => Database.alter(Alter.validateRule("pending", rule))
    expect(await failure(validate("positive"))).toMatchObject({ _tag: "CheckViolation" })
    expect(await failure(validate("known"))).toMatchObject({ _tag: "ForeignKeyViolation" })
    await run(Database.run(Query.deleteFrom(t).everyRow()))
    await run(validate("positive"))
    await run(validate("known"))
    expect(await pending()).toEqual([undefined, undefined])
    const unique = Database.alter(Alter.addRule(ruled, "one", { notValid: true }))
    expect(await failure(unique)).toMatchObject({ _tag: "Unsupported", capability: "notValid" })
    await run(Database.drop(Catalog.make({ t })))
    await run(Database.drop(Catalog.make({ parents })))
  })

  test("a value added to an enum is usable, in its place [F93.4]", async () => {
    const few = NamedType.enumeration("it's mood", ["sad", "happy"])
    const more = NamedType.enumeration("it's mood", ["low", "sad", "so-so's", "happy", "high"])
    const t = Table.make("felt", { id: Column.id(), mood: Column.make(few) })
    const wide = Table.make("felt", { id: Column.id(), mood: Column.make(more) })
    await run(Database.create(Catalog.make({ t })))
    await run(
      Database.alter(
        Alter.addValue("it's mood", "high"),
        Alter.addValue("it's mood", "so-so's", { before: "happy" }),
        Alter.addValue("it's mood", "low", { before: "sad" })
      )
    )
    const rows = [{ mood: "high" }, { mood: "so-so's" }, { mood: "low" }, { mood: "sad" }] as const
    await run(Database.run(Query.insert(wide).rows([...rows])))
    expect(await all(Query.from(wide).orderBy(wide.c.mood).select(wide.c.mood))).toEqual([
      "low",
      "sad",
      "so-so's",
      "high"
    ])
    expect((await run(Database.reflect())).enums[0]!.values).toEqual([
      ...["low", "sad", "so-so's", "happy", "high"]
    ])
    for (const wrong of [
      Alter.addValue("nobody", "x"),
      Alter.addValue("it's mood", "x", { after: "nobody" })
    ])
      expect(() =>
        alterStatements(snapshotOf(Catalog.make({}), capabilities("postgres")), wrong)
      ).toThrow(StatementError)
    expect(() => Alter.addValue("m", "x", { after: "a", before: "b" })).toThrow(StatementError)
    await run(Database.drop(Catalog.make({ wide })))
  })
})
