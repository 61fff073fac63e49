import {
  Catalog,
  Column,
  Database,
  type DatabaseError,
  Index,
  NamedType,
  Query,
  StatementError,
  Table,
  TextObject,
  View
} from "athanor"
import { createScript, dropScript } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import type { SchemaEvent } from "../../src/effects/schemaVerbs.ts"
import { dialects, engines, useDatabase } from "./support.ts"

const users = Table.make(
  "users",
  { id: Column.integer().primaryKey(), name: Column.varchar(20) },
  (c) => [Index.on(c.name)]
)
const posts = Table.make("posts", {
  id: Column.integer().primaryKey(),
  userId: Column.integer().references(() => users.c.id)
})
const names = View.make("names", Query.from(users).select({ name: users.c.name }))
const notes = Table.make("notes", { id: Column.integer().primaryKey(), what: Column.varchar(40) })

const shouting = TextObject.make("shout", {
  on: [users],
  create: {
    sqlite: `CREATE TRIGGER shout AFTER INSERT ON users
      BEGIN UPDATE users SET name = upper(name) WHERE id = new.id; END`,
    postgres: `CREATE TRIGGER shout BEFORE INSERT ON users
      FOR EACH ROW EXECUTE FUNCTION shouted()`,
    mariadb:
      "CREATE TRIGGER shout BEFORE INSERT ON users FOR EACH ROW SET NEW.name = upper(NEW.name)"
  },
  drop: {
    sqlite: "DROP TRIGGER IF EXISTS shout",
    postgres: "DROP TRIGGER IF EXISTS shout ON users",
    mariadb: "DROP TRIGGER IF EXISTS shout"
  }
})
const shouted = TextObject.make("shouted", {
  create: {
    postgres: `CREATE FUNCTION shouted() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN NEW.name := upper(NEW.name); RETURN NEW; END$$`
  },
  drop: { postgres: "DROP FUNCTION IF EXISTS shouted()" }
})

describe.each(engines)("what happens beside a schema on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, { notes })
  const tables = async () => (await run(Database.reflect())).tables.map(({ name }) => name)

  test("a function runs before and after each object and the whole [F96.1]", async () => {
    const catalog = Catalog.make({ posts, names, users })
    let at = 0
    const seen: Array<string> = []
    const on = ({ of, verb, when }: SchemaEvent) => {
      const what = `${when} ${verb} ${of === null ? "all" : `${of.kind} ${of.name}`}`
      seen.push(what)
      return Database.run(Query.insert(notes).values({ id: ++at, what }))
    }
    await run(Database.create(catalog, { on }))
    const created = [
      "before create all",
      "before create table users",
      "after create table users",
      "before create table posts",
      "after create table posts",
      "before create view names",
      "after create view names",
      "after create all"
    ]
    expect(seen).toEqual(created)
    const written = Query.from(notes).orderBy(notes.c.id).select(notes.c.what)
    expect(await all(written)).toEqual(created)
    await run(Database.drop(catalog, { on }))
    expect(seen.slice(created.length)).toEqual(
      created
        .map((one) => one.replace("create", "drop"))
        .toReversed()
        .map((one) =>
          one.startsWith("before") ? one.replace("before", "after") : one.replace("after", "before")
        )
    )
    // What it did is undone with the rest, where anything is.
    await run(Database.run(Query.deleteFrom(notes).everyRow()))
    const failing = Database.create<DatabaseError.WriteError | "enough", Database>(catalog, {
      on: (event) =>
        event.of?.name === "posts" && event.when === "after" ? Effect.fail("enough") : on(event)
    })
    expect(await failure(failing)).toBe("enough")
    const transactional = engine !== "mariadb"
    expect(await all(written)).toHaveLength(transactional ? 0 : 4)
    expect(await tables()).toEqual(transactional ? ["notes"] : ["notes", "posts", "users"])
    await run(Database.drop(catalog))
  })

  test("what fails half-way says what was done, or leaves nothing [F94.5]", async () => {
    // The table is there already; what drops it does nothing.
    const again = "CREATE TABLE notes (id integer)"
    const nothing = "DROP TABLE IF EXISTS nobody"
    const wrong = TextObject.make("wrong", {
      create: { sqlite: again, postgres: again, mariadb: again },
      drop: { sqlite: nothing, postgres: nothing, mariadb: nothing }
    })
    const catalog = Catalog.make({ wrong, names, users })
    const error = await failure(Database.create(catalog))
    if (engine === "mariadb") {
      expect(error).toMatchObject({
        _tag: "SchemaIncomplete",
        done: ["table users", "view names"],
        reason: { _tag: "SyntaxOrUndefined", kind: "duplicate" },
        message: expect.stringContaining("created before it failed: table users") as string
      })
      expect(await tables()).toEqual(["notes", "users"])
    } else {
      expect(error).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "duplicate" })
      expect(await tables()).toEqual(["notes"])
    }
    await run(Database.drop(catalog))
    expect(await tables()).toEqual(["notes"])
  })

  test("functions and triggers come after their tables and go before them [F96.2]", async () => {
    const catalog = Catalog.make({ shouted, shouting, names, users })
    const sent = await sentBy(Database.create(catalog))
    const order = sent.filter((text) => text.startsWith("CREATE")).map((text) => text.split(" ")[1])
    const routines = engine === "postgres" ? ["FUNCTION", "TRIGGER"] : ["TRIGGER"]
    expect(order).toEqual(["TABLE", "INDEX", "VIEW", ...routines])
    await run(Database.run(Query.insert(users).values({ id: 1, name: "Ann" })))
    expect(await all(Query.from(users).select(users.c.name))).toEqual(["ANN"])
    const dropped = await sentBy(Database.drop(catalog))
    expect(
      dropped.filter((text) => text.startsWith("DROP")).map((text) => text.split(" ")[1])
    ).toEqual([...routines.toReversed(), "VIEW", "TABLE"])
    await run(Database.create(Catalog.make({ users })))
    await run(Database.run(Query.insert(users).values({ id: 1, name: "Ann" })))
    expect(await all(Query.from(users).select(users.c.name))).toEqual(["Ann"])
    await run(Database.drop(Catalog.make({ users })))
  })

  test("a hook adjusts each column that is reflected [F96.3]", async () => {
    await run(Database.create(Catalog.make({ users })))
    const snapshot = await run(
      Database.reflect({
        column: (column, table) =>
          table.name === "users" && column.name === "name"
            ? { ...column, sql: { _tag: "Text" }, comment: `of ${table.name}` }
            : column
      })
    )
    const found = snapshot.tables.find(({ name }) => name === "users")!.columns
    expect(found.map(({ comment, name }) => [name, comment])).toEqual([
      ["id", null],
      ["name", "of users"]
    ])
    expect(found[1]!.sql).toEqual({ _tag: "Text" })
    expect(Catalog.reflected(snapshot).tables.map(({ name }) => name)).toContain("users")
    await run(Database.drop(Catalog.make({ users })))
  })
})

describe("schemas as text", () => {
  test("each create and drop is had with its condition [F94.6 @all]", () => {
    const catalog = Catalog.make({ users, names })
    for (const dialect of ["sqlite", "mariadb"] as const) {
      const script = createScript(catalog, dialect, { ifMissing: true })
      const first =
        typeof script === "string"
          ? script.split("\n").filter((one) => one.startsWith("CREATE"))
          : []
      expect(first.map((one) => one.split(/ [(oA]/)[0])).toEqual([
        "CREATE TABLE IF NOT EXISTS users",
        "CREATE INDEX IF NOT EXISTS users_name_idx ON users",
        "CREATE VIEW IF NOT EXISTS names"
      ])
    }
    // Where there is no such condition, that is said.
    expect(createScript(catalog, "mysql", { ifMissing: true })).toMatchObject({
      capability: "indexIfNotExists"
    })
    expect(createScript(catalog, "postgres", { ifMissing: true })).toMatchObject({
      capability: "viewIfNotExists"
    })
    const mood = NamedType.enumeration("mood", ["a"])
    expect(createScript(Catalog.make({ mood }), "postgres", { ifMissing: true })).toMatchObject({
      capability: "typeIfNotExists"
    })
    for (const dialect of dialects) {
      const said = (ifExists: boolean) => dropScript(catalog, dialect, { ifExists })
      expect(said(true)).toBe("DROP VIEW IF EXISTS names;\n\nDROP TABLE IF EXISTS users;\n")
      expect(said(false)).toBe("DROP VIEW names;\n\nDROP TABLE users;\n")
    }
    expect(dropScript(Catalog.make({ mood }), "postgres")).toBe("DROP TYPE IF EXISTS mood;\n")
  })

  test("text objects that say nothing are refused", () => {
    const wrong = [
      () => TextObject.make("", { create: { sqlite: "a" }, drop: { sqlite: "b" } }),
      () => TextObject.make("a", { create: {}, drop: {} }),
      () => TextObject.make("a", { create: { sqlite: "" }, drop: { sqlite: "b" } }),
      () => TextObject.make("a", { create: { sqlite: "a" }, drop: {} })
    ]
    for (const one of wrong) expect(one).toThrow(StatementError)
  })
})
