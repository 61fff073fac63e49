import { Alter, Catalog, Column, Database, Query, Table, View } from "athanor"
import { alterStatements, capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { snapshotOf } from "../../src/compile/schema/snapshotOf.ts"
import { dialects, engines, useDatabase } from "./support.ts"

const users = Table.make("users", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20),
  age: Column.integer()
})
const { age, id, name } = users.c
const shownFrom = (low: number) => Query.from(users).where(age.gte(low)).select({ id, name })
const adults = View.make("adults", shownFrom(18))
const elders = View.make("adults", shownFrom(65))
const longer = View.make("adults", Query.from(users).where(age.gte(65)).select({ id, name, age }))
const other = View.make("adults", Query.from(users).select({ who: name }))
const kept = View.make("kept", shownFrom(18), { kind: "materialized" })

describe("alterations of views, as data", () => {
  const said = (dialect: (typeof dialects)[number], one: Alter.Alteration) => {
    const snapshot = snapshotOf(Catalog.make({ users, adults }), capabilities(dialect))
    const texts = alterStatements(snapshot, one)
    return "_tag" in texts
      ? [`refused: ${texts.capability}`]
      : texts.map((text) => text.replace(/ AS\s[\s\S]*/, ""))
  }

  test("their texts", () => {
    const texts = (one: Alter.Alteration) => dialects.map((dialect) => said(dialect, one))
    const fresh = View.make("fresh", shownFrom(1))
    const made = ["CREATE VIEW fresh (id, name)"]
    expect(texts(Alter.addView(fresh))).toEqual([made, made, made, made])
    const gone = ["DROP VIEW adults"]
    expect(texts(Alter.dropView("adults"))).toEqual([gone, gone, gone, gone])
    const anew = ["DROP VIEW adults", "CREATE VIEW adults (id, name)"]
    const over = ["CREATE OR REPLACE VIEW adults (id, name)"]
    expect(texts(Alter.alterView(elders))).toEqual([anew, over, over, over])
    const wide = ["CREATE OR REPLACE VIEW adults (id, name, age)"]
    expect(texts(Alter.alterView(longer)).slice(1)).toEqual([wide, wide, wide])
    const replaced = ["CREATE OR REPLACE VIEW adults (who)"]
    const dropped = ["DROP VIEW adults", "CREATE VIEW adults (who)"]
    expect(texts(Alter.alterView(other))).toEqual([dropped, dropped, replaced, replaced])
    const refused = ["refused: materializedViews"]
    expect(texts(Alter.addView(kept))).toEqual([
      refused,
      ["CREATE MATERIALIZED VIEW kept (id, name)"],
      refused,
      refused
    ])
  })

  test("what is no view that stays, or is not there, is refused", () => {
    const soon = View.make("soon", shownFrom(1), { kind: "temporary" })
    const rows = Table.as("rows", shownFrom(1))
    expect(() => Alter.addView(soon)).toThrow('Alter.addView: "soon" is no view that stays')
    expect(() => Alter.addView(rows)).toThrow('"rows" is no view that stays')
    expect(() => Alter.alterView(kept)).toThrow('"kept" is materialized: drop it and add it')
    expect(() => said("postgres", Alter.dropView("nobody"))).toThrow('alter: no view "nobody"')
    const plain = View.make("kept", shownFrom(1))
    const snapshot = snapshotOf(Catalog.make({ users, kept }), capabilities("postgres"))
    expect(() => alterStatements(snapshot, Alter.alterView(plain))).toThrow("is materialized")
    expect(alterStatements(snapshot, Alter.dropView("kept"))).toEqual([
      "DROP MATERIALIZED VIEW kept"
    ])
  })
})

describe.each(engines)("alterations of views on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, { users })
  const views = async () => (await run(Database.reflect())).views.map((one) => one.name)

  test("they come, change and go, between those of the tables they read [F95.1]", async () => {
    const people = [
      { id: 1, name: "Ann", age: 70 },
      { id: 2, name: "Bob", age: 30 }
    ]
    await run(Database.run(Query.insert(users).rows(people)))
    await run(Database.alter(Alter.addView(adults)))
    expect(await all(Query.from(adults).orderBy(adults.c.id))).toHaveLength(2)
    await run(Database.alter(Alter.alterView(elders)))
    expect(await all(Query.from(elders))).toEqual([{ id: 1, name: "Ann" }])
    await run(Database.alter(Alter.alterView(longer)))
    expect(await all(Query.from(longer))).toEqual([people[0]])
    await run(Database.alter(Alter.alterView(other)))
    expect(await all(Query.from(other).orderBy(other.c.who))).toEqual([
      { who: "Ann" },
      { who: "Bob" }
    ])
    const wide = Table.make("users", { ...columns, age: Column.bigint() })
    const wider = View.make("adults", Query.from(wide).select({ age: wide.c.age }))
    await run(
      Database.alter(Alter.dropView("adults"), Alter.alterColumn(wide, "age"), Alter.addView(wider))
    )
    expect(await all(Query.from(wider).orderBy(wider.c.age))).toEqual([{ age: 30n }, { age: 70n }])
    await run(Database.alter(Alter.dropView("adults")))
    expect(await views()).toEqual([])
  })

  test("of another schema too, and what reads them keeps them", async () => {
    const place = `views_${process.pid}`
    const made = { sqlite: "ATTACH ':memory:' AS", postgres: "CREATE SCHEMA" }
    const start = engine === "mariadb" ? "CREATE DATABASE" : made[engine]
    await run(Database.script(`${start} ${place}`))
    const far = Table.make("far", { id: Column.integer().primaryKey() }, undefined, {
      schema: place
    })
    const rows = (low: number) => Query.from(far).where(far.c.id.gt(low)).select({ n: far.c.id })
    const [first, second] = [0, 1].map((low) => View.make("seen", rows(low), { schema: place }))
    await run(Database.create(Catalog.make({ far })))
    await run(Database.run(Query.insert(far).rows([{ id: 1 }, { id: 2 }])))
    await run(Database.alter(Alter.addView(first!), Alter.alterView(second!)))
    expect(await all(Query.from(second!))).toEqual([{ n: 2 }])
    if (engine === "postgres") {
      const over = View.make("over", Query.from(second!).select({ n: second!.c["n"] }))
      await run(Database.alter(Alter.addView(over)))
      const gone = Alter.dropView({ schema: place, name: "seen" })
      expect(await failure(Database.alter(gone))).toMatchObject({
        _tag: "StillNeeded",
        by: ["view over"]
      })
      expect(await all(Query.from(over))).toEqual([{ n: 2 }])
      await run(Database.alter(Alter.dropView("over")))
    }
    await run(Database.alter(Alter.dropView({ schema: place, name: "seen" })))
    expect((await run(Database.reflect({ schema: place }))).views).toEqual([])
    if (engine === "mariadb") await run(Database.script(`DROP DATABASE ${place}`))
  })
})

const columns = { id: Column.integer().primaryKey(), name: Column.varchar(20) }

describe("a view that is made anew on sqlite", () => {
  const { all, run } = useDatabase("sqlite", { users })

  test("keeps the triggers that write through it", async () => {
    await run(Database.alter(Alter.addView(adults)))
    await run(
      Database.script(`CREATE TRIGGER through INSTEAD OF INSERT ON adults
        BEGIN INSERT INTO users VALUES (new.id, new.name, 66); END`)
    )
    await run(Database.alter(Alter.alterView(elders)))
    await run(Database.script("INSERT INTO adults VALUES (1, 'Ann')"))
    expect(await all(Query.from(elders))).toEqual([{ id: 1, name: "Ann" }])
    await run(Database.transaction(Database.alter(Alter.alterView(adults))))
    await run(Database.script("INSERT INTO adults VALUES (2, 'Bob')"))
    expect(await all(Query.from(adults))).toHaveLength(2)
  })
})
