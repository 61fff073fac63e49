/** Tables, views, sequences and types that go to another schema. */
import {
  Alter,
  Catalog,
  Column,
  Database,
  ForeignKey,
  Index,
  NamedType,
  Query,
  Sequence,
  Table,
  Type,
  View
} from "athanor"
import { alterStatements, capabilities } from "athanor/compile"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { snapshotOf } from "../../src/compile/schema/snapshotOf.ts"
import { dialects, engines, useDatabase } from "./support.ts"

const users = Table.make("users", { id: Column.id(), name: Column.varchar(20) }, (c) => [
  Index.named("by_name", c.name)
])
const posts = Table.make("posts", { id: Column.id(), by: Column.integer() }, (c) => [
  ForeignKey.on([c.by], () => [users.c.id], { name: "posts_by" })
])
const names = View.make("names", Query.from(users).select({ name: users.c.name }))
const numbers = Sequence.make("numbers")
const mood = NamedType.enumeration("mood", ["sad", "happy"])
const even = NamedType.domain("even", Type.integer)

const place = `it's "far" ${process.pid}`

describe("places, as data", () => {
  const said = (dialect: (typeof dialects)[number], what: string) => {
    const catalog = Catalog.make({ users, names, numbers })
    const texts = alterStatements(
      snapshotOf(catalog, capabilities(dialect)),
      Alter.move(what, "far"),
      dialect
    )
    return "_tag" in texts ? `refused: ${texts.capability}` : texts.join("; ")
  }

  test("their texts", () => {
    const texts = (what: string) => dialects.map((dialect) => said(dialect, what))
    const refused = "refused: moveToSchema"
    const [renamed, counts] = ["users", "numbers"].map((one) => `RENAME TABLE ${one} TO far.${one}`)
    expect(texts("users")).toEqual([refused, "ALTER TABLE users SET SCHEMA far", renamed, renamed])
    expect(texts("names")).toEqual([refused, "ALTER VIEW names SET SCHEMA far", refused, refused])
    const moved = "ALTER SEQUENCE numbers SET SCHEMA far"
    expect(texts("numbers")).toEqual([refused, moved, counts, counts])
    const snapshot = snapshotOf(Catalog.make({ users }), capabilities("postgres"))
    const elsewhere = alterStatements(snapshot, Alter.move("users", "far"), "postgres", {
      "": "here",
      far: "tenant 7"
    })
    expect(elsewhere).toEqual(['ALTER TABLE here.users SET SCHEMA "tenant 7"'])
  })
})

describe.each(engines)("places on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, {})
  const there = { schema: place, name: "users" }
  const q = (name: string) =>
    engine === "mariadb" ? `\`${name}\`` : `"${name.replaceAll('"', '""')}"`

  if (engine === "sqlite") {
    test("are files, and nothing goes from one to another", async () => {
      await run(Database.create(Catalog.make({ users })))
      expect(await failure(Database.alter(Alter.move("users", "temp")))).toMatchObject({
        _tag: "Unsupported",
        capability: "moveToSchema"
      })
      expect(await failure(Database.alter(Alter.move("nobody", "temp")))).toMatchObject({
        _tag: "SyntaxOrUndefined",
        kind: "table",
        message: 'alter: no table "nobody", no view, sequence or type either'
      })
    })
    return
  }

  beforeAll(() => run(Database.script(`CREATE SCHEMA ${q(place)}`)))
  afterAll(() =>
    run(Database.script(`DROP SCHEMA ${q(place)}${engine === "postgres" ? " CASCADE" : ""}`))
  )

  test("a table goes and comes back, with all that is said of it", async () => {
    await run(Database.create(Catalog.make({ users, posts })))
    await run(Database.run(Query.insert(users).values({ name: "Ann" })))
    await run(Database.run(Query.insert(posts).values({ by: 1 })))
    const before = await run(Database.reflect())
    const home = engine === "postgres" ? "public" : await homeOf()
    await run(Database.alter(Alter.move("users", place)))
    const [found] = (await run(Database.reflect({ schema: place }))).tables
    const { indexes, name, primaryKey } = before.tables.find((one) => one.name === "users")!
    expect(found).toMatchObject({ schema: place, name, primaryKey, indexes })
    const [left] = (await run(Database.reflect())).tables
    expect(left!.foreignKeys[0]).toMatchObject({ target: { schema: place, table: "users" } })
    const far = Table.make("users", { id: Column.id(), name: Column.varchar(20) }, () => [], {
      schema: place
    })
    expect(await all(Query.from(far))).toEqual([{ id: 1, name: "Ann" }])
    await run(Database.run(Query.insert(far).values({ name: "Bob" })))
    expect(await failure(Database.run(Query.insert(posts).values({ by: 9 })))).toMatchObject({
      _tag: "ForeignKeyViolation"
    })
    await run(Database.alter(Alter.move(there, home)))
    expect(await run(Database.reflect())).toEqual(before)
    await run(Database.drop(Catalog.make({ users, posts })))
  })

  test("where there is no such schema, or the name is taken, it stays", async () => {
    await run(Database.create(Catalog.make({ users })))
    expect(await failure(Database.alter(Alter.move("users", "nowhere")))).toMatchObject({
      _tag: "SyntaxOrUndefined"
    })
    await run(Database.script(`CREATE TABLE ${q(place)}.users (n integer)`))
    expect(await failure(Database.alter(Alter.move("users", place)))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "duplicate"
    })
    await run(Database.script(`DROP TABLE ${q(place)}.users`))
    await run(Database.drop(Catalog.make({ users })))
  })

  test("a sequence goes", async () => {
    await run(Database.create(Catalog.make({ numbers })))
    await run(Database.alter(Alter.move("numbers", place)))
    expect((await run(Database.reflect())).sequences).toEqual([])
    expect((await run(Database.reflect({ schema: place }))).sequences).toMatchObject([
      { schema: place, name: "numbers" }
    ])
    await run(Database.script(`DROP SEQUENCE ${q(place)}.numbers`))
  })

  if (engine === "postgres")
    test("views, stored or not, and types go", async () => {
      const kept = View.make("kept", Query.from(users).select({ name: users.c.name }), {
        kind: "materialized"
      })
      const evens = Table.make("evens", { n: Column.make(even), m: Column.make(mood) })
      await run(Database.create(Catalog.make({ users, names, kept, mood, even, evens })))
      const all = ["names", "kept", "mood", "even"].map((one) => Alter.move(one, place))
      await run(Database.alter(...all))
      const found = await run(Database.reflect({ schema: place }))
      expect(found.views.map(({ materialized, name }) => [name, materialized])).toEqual([
        ["kept", true],
        ["names", false]
      ])
      expect([...found.enums, ...found.domains].map(({ name }) => name)).toEqual(["mood", "even"])
      const { tables } = await run(Database.reflect())
      expect(tables.map(({ name }) => name)).toEqual(["evens", "users"])
      await run(Database.script("DROP TABLE evens"))
      await run(Database.alter(Alter.dropView({ schema: place, name: "names" })))
      await run(Database.alter(Alter.dropView({ schema: place, name: "kept" })))
      await run(Database.drop(Catalog.make({ users })))
    })
  else
    test("a view stays, and so does a table with triggers", async () => {
      await run(Database.create(Catalog.make({ users, names })))
      expect(await failure(Database.alter(Alter.move("names", place)))).toMatchObject({
        _tag: "Unsupported",
        capability: "moveToSchema"
      })
      await run(
        Database.script("CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW SET new.name = 'x'")
      )
      expect(await failure(Database.alter(Alter.move("users", place)))).toMatchObject({
        _tag: "StillNeeded",
        by: ["a trigger of table users"]
      })
      await run(Database.drop(Catalog.make({ users, names })))
    })

  const homeOf = async () => {
    const [found] = await run(
      Database.all(Query.raw({ name: Type.text }, { tables: [] })`SELECT database() AS name`)
    )
    return found!.name!
  }
})
