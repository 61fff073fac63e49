import { Alter, Catalog, Check, Column, Database, Index, Query, Table } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const id = Column.integer().primaryKey()
const rooms = Table.make("rooms", { id, seats: Column.integer(), floor: Column.integer() }, (c) => [
  Check.that(c.seats.gt(0), "some"),
  Index.named("by_floor", c.floor)
])
const rows = [{ id: 1, seats: 3, floor: 4 }]

describe.each(engines)("alterations that are refused on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, {})
  const refused = (...alterations: ReadonlyArray<Alter.Alteration>) =>
    failure(Database.alter(...alterations))

  test("a name that is taken", async () => {
    await run(Database.create(Catalog.make({ rooms })))
    await run(Database.run(Query.insert(rooms).rows(rows)))
    const again = Table.make(
      "rooms",
      { floor: Column.text().nullable(), seats: Column.integer() },
      (c) => [Check.that(c.seats.gt(1), "some")]
    )
    for (const one of [
      Alter.addColumn(again, "floor"),
      Alter.renameColumn("rooms", "seats", "floor"),
      Alter.addRule(again, "some")
    ])
      expect(await refused(one), one._tag).toMatchObject({
        _tag: "SyntaxOrUndefined",
        kind: "duplicate"
      })
    expect(await all(Query.from(rooms))).toEqual(rows)
    await run(Database.drop(Catalog.make({ rooms })))
  })

  test("a column that must have a value nothing says, where there are rows", async () => {
    const wanted = Table.make("rooms", {
      code: Column.varchar(9),
      size: Column.integer().serverDefault(5),
      made: Column.timestamp()
    })
    await run(Database.create(Catalog.make({ rooms })))
    await run(Database.run(Query.insert(rooms).rows(rows)))
    for (const key of ["code", "made"] as const)
      expect(await refused(Alter.addColumn(wanted, key)), key).toMatchObject({
        _tag: "NotNullViolation",
        message: `rooms.${key} must have a value`,
        table: "rooms",
        column: key
      })
    await run(Database.alter(Alter.addColumn(wanted, "size")))
    await run(Database.run(Query.deleteFrom(rooms).everyRow()))
    await run(Database.alter(Alter.addColumn(wanted, "code")))
    expect(
      (await run(Database.reflect({ tables: ["rooms"] }))).tables[0]!.columns.map(
        ({ name }) => name
      )
    ).toEqual(["id", "seats", "floor", "size", "code"])
    await run(Database.drop(Catalog.make({ rooms })))
  })

  // PostgreSQL drops the check with its column.
  if (engine === "postgres") return
  test("a column that a check of several asks for", async () => {
    const spans = Table.make(
      "spans",
      { id, begins: Column.integer(), ends: Column.integer() },
      (c) => [Check.that(c.begins.lt(c.ends), "forward")]
    )
    await run(Database.create(Catalog.make({ spans })))
    expect(await refused(Alter.dropColumn("spans", "ends"))).toMatchObject({
      _tag: "StillNeeded",
      by: [engine === "mariadb" ? "check forward" : "a rule of table spans"]
    })
    await run(Database.drop(Catalog.make({ spans })))
  })
})
