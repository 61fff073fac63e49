/** Primary keys, exclusions and names of rules of tables that have rows. */
import {
  Alter,
  Catalog,
  Check,
  Column,
  Database,
  Exclude,
  ForeignKey,
  Index,
  PrimaryKey,
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
import { dialects, engines, useDatabase } from "./support.ts"

const columns = {
  row: Column.integer().nullable(),
  place: Column.integer().nullable(),
  note: Column.varchar(20).nullable()
}
const plain = Table.make("seats", columns)
const needed = { ...columns, row: Column.integer(), place: Column.integer() }
const keyed = Table.make("seats", needed, (c) => [
  PrimaryKey.with({ name: "one_seat" }, c.place, c.row)
])
const single = Table.make("seats", needed, (c) => [PrimaryKey.with({ name: "one_row" }, c.row)])

const facts = (table: Table.Table<string, any>, engine: (typeof engines)[number]) =>
  comparable(snapshotOf(Catalog.make({ table }), capabilities(engine))).tables[0]

describe.each(engines)("altered keys on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, {})
  const seats = async () => comparable(await run(Database.reflect())).tables[0]
  const fill = (...rows: ReadonlyArray<{ row: number | null; place: number | null }>) =>
    run(Database.run(Query.insert(plain).rows(rows)))

  test("a primary key comes to a table with rows, goes, and another comes", async () => {
    await run(Database.create(Catalog.make({ plain })))
    await fill({ row: 1, place: 2 }, { row: 2, place: 2 })
    await run(Database.alter(Alter.addPrimaryKey(keyed)))
    expect(await seats()).toEqual(facts(keyed, engine))
    expect(
      await failure(Database.run(Query.insert(plain).values({ row: 1, place: 2 })))
    ).toMatchObject({ _tag: "UniqueViolation" })
    expect(await failure(Database.alter(Alter.addPrimaryKey(single)))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      message: 'alter: "seats" has a primary key'
    })
    await run(Database.alter(Alter.dropPrimaryKey("seats"), Alter.addPrimaryKey(single)))
    expect(await seats()).toEqual(facts(single, engine))
    expect(await all(Query.from(single).orderBy(single.c.row))).toEqual([
      { row: 1, place: 2, note: null },
      { row: 2, place: 2, note: null }
    ])
    await run(Database.alter(Alter.dropPrimaryKey("seats")))
    expect(await seats()).toEqual(facts(Table.make("seats", needed), engine))
    expect(await failure(Database.alter(Alter.dropPrimaryKey("seats")))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      message: 'alter: "seats" has no primary key'
    })
    // What was numbered by its key is given now, or refused.
    expect(await failure(Database.run(Query.insert(plain).values({ place: 9 })))).toMatchObject({
      _tag: "NotNullViolation",
      column: "row"
    })
    await run(Database.drop(Catalog.make({ plain })))
  })

  test("rows that break the key stay, with the table", async () => {
    await run(Database.create(Catalog.make({ plain })))
    await fill({ row: 1, place: 1 }, { row: 1, place: 1 })
    expect(await failure(Database.alter(Alter.addPrimaryKey(single)))).toMatchObject({
      _tag: "UniqueViolation",
      table: "seats"
    })
    await run(Database.run(Query.deleteFrom(plain).everyRow()))
    await fill({ row: null, place: 1 })
    expect(await failure(Database.alter(Alter.addPrimaryKey(single)))).toMatchObject({
      _tag: "NotNullViolation",
      table: "seats",
      column: "row"
    })
    expect(await seats()).toEqual(facts(plain, engine))
    expect(await all(Query.from(plain))).toEqual([{ row: null, place: 1, note: null }])
    await run(Database.drop(Catalog.make({ plain })))
  })

  test("what foreign keys lead to stays, and they are named", async () => {
    const both = Table.make("seats", needed, (c) => [
      PrimaryKey.with({ name: "one_row" }, c.row),
      Unique.named("one_place", c.place)
    ])
    const guests = Table.make("guests", { id: Column.id(), row: Column.integer() }, (c) => [
      ForeignKey.on([c.row], () => [both.c.row], { name: "guest_row" })
    ])
    const catalog = Catalog.make({ both, guests })
    await run(Database.create(catalog))
    const before = await run(Database.reflect())
    expect(await failure(Database.alter(Alter.dropPrimaryKey("seats")))).toMatchObject({
      _tag: "StillNeeded",
      by: [expect.stringContaining("guest_row")]
    })
    expect(await run(Database.reflect())).toEqual(before)
    await run(Database.alter(Alter.dropRule("seats", "one_place")))
    await run(Database.alter(Alter.dropRule("guests", "guest_row"), Alter.dropPrimaryKey("seats")))
    await run(Database.drop(catalog))
  })

  test("a table that counts by its key keeps it", async () => {
    const counted = Table.make("counted", { id: Column.id(), name: Column.varchar(9) }, () => [], {
      sqlite: { autoincrement: true }
    })
    await run(Database.create(Catalog.make({ counted })))
    const dropped = Database.alter(Alter.dropPrimaryKey("counted"))
    if (engine === "postgres") await run(dropped)
    else
      expect(await failure(dropped)).toMatchObject({
        _tag: "Unsupported",
        capability: "alterTable"
      })
    await run(Database.run(Query.insert(counted).values({ name: "a" })))
    expect(await all(Query.from(counted))).toEqual([{ id: 1, name: "a" }])
    await run(Database.drop(Catalog.make({ counted })))
  })

  test("a plain column is not made one that counts without a word", async () => {
    const ids = Table.make("seats", { row: Column.id() })
    await run(Database.create(Catalog.make({ plain })))
    expect(await failure(Database.alter(Alter.alterColumn(ids, "row")))).toMatchObject({
      _tag: "Unsupported",
      capability: "alterTable"
    })
    await run(Database.drop(Catalog.make({ plain })))
  })

  test("rules change their names, and nothing else", async () => {
    const rows = Table.make("rows", { id: Column.integer().primaryKey() })
    const of = (...[pk, unique, check, key, index]: ReadonlyArray<string>) =>
      Table.make(
        "seats",
        { row: Column.integer(), place: Column.integer(), high: Column.integer() },
        (c) => [
          PrimaryKey.with({ name: pk! }, c.row, c.place),
          Unique.named(unique!, c.place),
          Check.that(c.high.gt(0), check),
          ForeignKey.on([c.high], () => [rows.c.id], { name: key! }),
          Index.with({ name: index! }, c.high.desc(), c.row)
        ]
      )
    const names = ["seat", "places", "tall", "rows_of", "highest"]
    const before = of(...names)
    await run(Database.create(Catalog.make({ rows, before })))
    await run(Database.script("create view tall as select high from seats"))
    await run(Database.run(Query.insert(rows).values({ id: 3 })))
    await run(Database.run(Query.insert(before).values({ row: 1, place: 2, high: 3 })))
    for (const name of engine === "mariadb" ? names.slice(1) : names)
      await run(Database.alter(Alter.renameRule("seats", name, `${name} 2`)))
    const found = comparable(await run(Database.reflect()))
    const wanted = facts(of(...names.map((name) => `${name} 2`)), engine)!
    // MariaDB keeps its own index for the key under the old name.
    const table = found.tables.find(({ name }) => name === "seats")!
    expect({ ...table, indexes: table.indexes.filter(({ name }) => name !== "rows_of") }).toEqual(
      wanted
    )
    expect(await all(Query.from(before))).toEqual([{ row: 1, place: 2, high: 3 }])
    const wrong = Database.run(Query.insert(before).values({ row: 1, place: 3, high: -3 }))
    expect(await failure(wrong)).toMatchObject({ _tag: "CheckViolation", constraint: "tall 2" })
    expect(await failure(Database.alter(Alter.renameRule("seats", "none", "b")))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      message: 'alter: "seats" has no rule "none"'
    })
    await run(Database.script("drop view tall"))
    await run(Database.drop(Catalog.make({ rows, before })))
  })

  test("triggers outlive another name of an index, and of a check", async () => {
    if (engine !== "sqlite") return
    const told = Table.make("seats", columns, (c) => [
      Index.named("by_row", c.row),
      Check.that(c.row.gt(0), "positive")
    ])
    await run(Database.create(Catalog.make({ told })))
    await run(
      Database.script("create trigger kept after insert on seats begin delete from seats; end")
    )
    await run(
      Database.alter(
        Alter.renameRule("seats", "by_row", "rows"),
        Alter.renameRule("seats", "positive", "above")
      )
    )
    await fill({ row: 1, place: 1 })
    expect(await all(Query.from(plain))).toEqual([])
    await run(Database.drop(Catalog.make({ told })))
  })

  test("an exclusion comes and goes where there are any", async () => {
    const bare = Table.make("stays", { id: Column.integer().primaryKey(), room: Column.integer() })
    const apart = Table.make(
      "stays",
      { id: Column.integer().primaryKey(), room: Column.integer() },
      (c) => [Exclude.on({ name: "one_guest", using: "btree" }, [c.room, "="])]
    )
    await run(Database.create(Catalog.make({ bare })))
    await run(
      Database.run(
        Query.insert(bare).rows([
          { id: 1, room: 1 },
          { id: 2, room: 1 }
        ])
      )
    )
    const add = Database.alter(Alter.addRule(apart, "one_guest"))
    if (engine !== "postgres") {
      expect(await failure(add)).toMatchObject({
        _tag: "Unsupported",
        capability: "exclusionConstraints"
      })
    } else {
      expect(await failure(add)).toMatchObject({
        _tag: "ExclusionViolation",
        constraint: "one_guest"
      })
      await run(Database.run(Query.deleteFrom(bare).where(bare.c.id.eq(2))))
      await run(add)
      expect((await run(Database.reflect())).tables[0]).toEqual(
        snapshotOf(Catalog.make({ apart }), capabilities(engine)).tables[0]
      )
      await run(Database.alter(Alter.renameRule("stays", "one_guest", "alone")))
      expect(
        await failure(Database.run(Query.insert(bare).values({ id: 3, room: 1 })))
      ).toMatchObject({ _tag: "ExclusionViolation", constraint: "alone" })
      await run(Database.alter(Alter.dropRule("stays", "alone")))
      await run(Database.run(Query.insert(bare).values({ id: 3, room: 1 })))
      const later = Database.alter(Alter.addRule(apart, "one_guest", { notValid: true }))
      expect(await failure(later)).toMatchObject({ _tag: "Unsupported", capability: "notValid" })
    }
    await run(Database.drop(Catalog.make({ bare })))
  })

  test("what is said of a rule or a column comes with it, or is refused", async () => {
    const remarked = Table.make(
      "seats",
      { ...needed, shade: Column.varchar(9).nullable().comment("of the cloth") },
      (c) => [
        PrimaryKey.with({ name: "one_seat", comment: "a key" }, c.row),
        Unique.with({ name: "one_place", comment: "a place" }, c.place),
        Index.with({ name: "by_note", comment: "found" }, c.note)
      ]
    )
    const steps = [
      Alter.addColumn(remarked, "shade"),
      Alter.addPrimaryKey(remarked),
      Alter.addRule(remarked, "one_place"),
      Alter.addRule(remarked, "by_note")
    ]
    await run(Database.create(Catalog.make({ plain })))
    for (const step of steps) {
      if (engine === "sqlite")
        expect(await failure(Database.alter(step))).toMatchObject({
          _tag: "Unsupported",
          capability: "comments"
        })
      else await run(Database.alter(step))
    }
    if (engine !== "sqlite") {
      const table = (await run(Database.reflect())).tables[0]!
      expect(table.columns.find(({ name }) => name === "shade")).toMatchObject({
        comment: "of the cloth"
      })
      expect([table.primaryKey?.comment, table.uniques[0]?.comment]).toEqual(["a key", "a place"])
      expect(table.indexes[0]).toMatchObject({ name: "by_note", comment: "found" })
    }
    await run(Database.drop(Catalog.make({ plain })))
  })
})

describe("alterations of keys as printed", () => {
  const before = (table: Table.Table<string, any>, dialect: (typeof dialects)[number]) =>
    snapshotOf(Catalog.make({ table }), capabilities(dialect))

  test("each in each dialect's words", () => {
    const said = (step: Alter.Alteration, table: Table.Table<string, any>) =>
      Object.fromEntries(
        dialects.map((dialect) => [dialect, alterStatements(before(table, dialect), step, dialect)])
      )
    expect(said(Alter.addPrimaryKey(keyed), plain)).toMatchObject({
      postgres: ['ALTER TABLE seats ADD CONSTRAINT one_seat PRIMARY KEY (place, "row")'],
      mysql: ["ALTER TABLE seats ADD CONSTRAINT one_seat PRIMARY KEY (place, `row`)"],
      mariadb: ["ALTER TABLE seats ADD CONSTRAINT one_seat PRIMARY KEY (place, `row`)"]
    })
    expect(said(Alter.dropPrimaryKey("seats"), keyed)).toMatchObject({
      postgres: ["ALTER TABLE seats DROP CONSTRAINT one_seat"],
      mysql: ["ALTER TABLE seats DROP PRIMARY KEY"],
      mariadb: ["ALTER TABLE seats DROP PRIMARY KEY"]
    })
  })

  test("a table without a key has none to add, and no rule is added by another's name", () => {
    expect(() => Alter.addPrimaryKey(plain)).toThrow(StatementError)
    expect(() => Alter.addRule(keyed, "one_seat")).toThrow(/no unique, check, foreign key/)
    expect(Effect.isEffect(Database.alter(Alter.dropPrimaryKey("seats")))).toBe(true)
  })
})
