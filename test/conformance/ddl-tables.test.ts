import { Catalog, Check, Column, Database, Entity, Expr, Query, Table, Type, Unique } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const regions = Table.make("regions", {
  code: Column.varchar(10).primaryKey(),
  zone: Column.integer().primaryKey()
})
const shops = Table.make(
  "shops",
  {
    id: Column.integer().primaryKey(),
    name: Column.varchar(20).unique(),
    street: Column.varchar(20),
    number: Column.integer(),
    stars: Column.integer().nullable()
  },
  (c) => [
    Unique.on(c.street, c.number),
    Unique.named("shops_one_star", c.stars),
    Check.that(c.number.gt(0), "shops_number_positive"),
    Check.that(c.number.lt(1000).or(c.name.eq("far")), "shops_number_small")
  ]
)
const sales = Table.make("sales", {
  id: Column.integer().primaryKey(),
  shopId: Column.integer()
    .nullable()
    .references(() => shops.c.id)
})
class Region extends Entity<Region>()("areas", {
  code: Column.varchar(10).primaryKey(),
  zone: Column.integer().primaryKey()
}) {}
class Town extends Entity<Town>()("towns", {
  id: Column.integer().primaryKey(),
  areaCode: Column.varchar(10),
  areaZone: Column.integer()
}) {
  static readonly area = this.belongsTo(() => Region, { key: ["areaCode", "areaZone"] })
}
const parents = Table.make("parents", { id: Column.integer().primaryKey(), n: Column.integer() })
const childOf = (name: string, onDelete: "cascade" | "set null" | "restrict" | "no action") =>
  Table.make(name as "child", {
    id: Column.integer().primaryKey(),
    parentId: Column.integer()
      .nullable()
      .references(() => parents.c.id, { onDelete, onUpdate: onDelete })
  })
const follows = childOf("follows", "cascade")
const forgets = childOf("forgets", "set null")
const holds = childOf("holds", "restrict")
const stays = childOf("stays", "no action")
const made = Table.make("made", {
  id: Column.id(),
  text: Column.varchar(20).serverDefault('it\'s \\ "so"'),
  long: Column.text().serverDefault("long"),
  number: Column.integer().serverDefault(-7),
  real: Column.double().serverDefault(1.5),
  big: Column.bigint().serverDefault(2n ** 60n),
  yes: Column.boolean().serverDefault(true),
  sum: Column.integer().serverDefault(Expr.value<number>(40, Type.integer).add(2)),
  note: Column.text().nullable()
})
const members = {
  regions,
  shops,
  sales,
  Region,
  Town,
  parents,
  follows,
  forgets,
  holds,
  stays,
  made
}

describe.each(engines)("tables on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, members)
  const shop = { id: 1, name: "one", street: "a", number: 1, stars: 5 }
  const add = (row: typeof shop) => Database.run(Query.insert(shops).values(row))

  test("each kind of constraint refuses what breaks it, by name [F85.1]", async () => {
    await run(add(shop))
    const unique = [
      [{ ...shop, name: "b", street: "b", stars: 1 }, "shops_pkey", ["id"]],
      [{ ...shop, id: 2, street: "b", stars: 1 }, "shops_name_key", ["name"]],
      [{ ...shop, id: 2, name: "b", stars: 1 }, "shops_street_number_key", ["street", "number"]],
      [{ ...shop, id: 2, name: "b", street: "b" }, "shops_one_star", ["stars"]]
    ] as const
    for (const [row, constraint, columns] of unique) {
      const error = await failure(add(row))
      expect(error).toMatchObject({ _tag: "UniqueViolation", table: "shops", constraint, columns })
    }
    const next = { ...shop, id: 2, name: "b", street: "b", stars: 1 }
    expect(await failure(add({ ...next, number: 0 }))).toMatchObject({
      _tag: "CheckViolation",
      constraint: "shops_number_positive"
    })
    expect(await failure(add({ ...next, number: 1000 }))).toMatchObject({
      _tag: "CheckViolation",
      constraint: "shops_number_small"
    })
    await run(add({ ...next, name: "far", number: 1000 }))
    const orphan = Database.run(Query.insert(sales).values({ id: 1, shopId: 9 }))
    expect(await failure(orphan)).toMatchObject({ _tag: "ForeignKeyViolation" })
    await run(
      Database.run(
        Query.insert(sales).rows([
          { id: 1, shopId: 1 },
          { id: 2, shopId: null }
        ])
      )
    )
    const needed = Database.run(Query.deleteFrom(shops).where(shops.c.id.eq(1)))
    expect(await failure(needed)).toMatchObject({ _tag: "ForeignKeyViolation" })
    const pair = { code: "eu", zone: 1 }
    await run(Database.run(Query.insert(Region).values(pair)))
    await run(Database.run(Query.insert(Region).values({ ...pair, zone: 2 })))
    expect(await failure(Database.run(Query.insert(Region).values(pair)))).toMatchObject({
      _tag: "UniqueViolation"
    })
    const town = (areaZone: number) =>
      Database.run(Query.insert(Town).values({ id: areaZone, areaCode: "eu", areaZone }))
    await run(town(2))
    expect(await failure(town(3))).toMatchObject({ _tag: "ForeignKeyViolation" })
  })

  test("actions on update and on delete act as declared [F85.2]", async () => {
    const parent = (id: number) => Database.run(Query.insert(parents).values({ id, n: id }))
    const child = (table: typeof follows, id: number) =>
      Database.run(Query.insert(table).values({ id, parentId: id }))
    const parentOf = async (table: typeof follows) =>
      all(Query.from(table).select(table.c.parentId))
    for (const id of [1, 2, 3, 4]) await run(parent(id))
    const tables = [follows, forgets, holds, stays]
    for (const [i, table] of tables.entries()) await run(child(table, i + 1))
    const remove = (id: number) =>
      Database.run(Query.deleteFrom(parents).where(parents.c.id.eq(id)))
    const move = (id: number) =>
      Database.script(`UPDATE parents SET id = ${id + 10} WHERE id = ${id}`)
    await run(move(1))
    expect(await parentOf(follows)).toEqual([11])
    await run(move(2))
    expect(await parentOf(forgets)).toEqual([null])
    for (const id of [3, 4]) {
      expect(await failure(move(id))).toMatchObject({ _tag: "ForeignKeyViolation" })
      expect(await failure(remove(id))).toMatchObject({ _tag: "ForeignKeyViolation" })
    }
    await run(remove(11))
    expect(await parentOf(follows)).toEqual([])
    await run(Database.run(Query.update(forgets).set({ parentId: 12 }).everyRow()))
    await run(remove(12))
    expect(await parentOf(forgets)).toEqual([null])
    expect(await parentOf(holds)).toEqual([3])
  })

  test("defaults in the DDL fill columns left out and come back [F89.1]", async () => {
    const row = await run(Database.one(Query.insert(made).values({}).returning()))
    const expected = {
      text: 'it\'s \\ "so"',
      long: "long",
      number: -7,
      real: 1.5,
      big: 2n ** 60n,
      yes: true,
      sum: 42,
      note: null
    }
    expect(row).toMatchObject(expected)
    expect(await all(Query.from(made))).toMatchObject([expected])
  })

  test("a default that is an expression stands in parentheses [F89.4]", async () => {
    const sum = Expr.value<number>(40, Type.integer).add(2)
    const more = Table.make("more", { id: Column.id(), n: Column.integer().serverDefault(sum) })
    const texts = await sentBy(Database.create(Catalog.make({ more })))
    expect(texts.join()).toContain("DEFAULT (40 + 2)")
    expect(await run(Database.one(Query.insert(more).values({}).returning(more.c.n)))).toBe(42)
  })

  const lost = Table.make("lost", {
    id: Column.integer().primaryKey(),
    parentId: Column.integer()
      .serverDefault(3)
      .references(() => parents.c.id, { onDelete: "set default" })
  })

  if (engine === "mariadb") {
    test("set default as an action is refused [F85.3]", async () => {
      const error = await failure(Database.create(Catalog.make({ lost })))
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "setDefaultAction" })
    })

    test("filled values come back after insert, and are read after update [F89.2]", async () => {
      const { id, note, sum } = made.c
      const one = await run(
        Database.one(Query.insert(made).values({ note: "a" }).returning({ id, sum }))
      )
      expect(one.sum).toBe(42)
      const change = Query.update(made).set({ note: "b" }).where(id.eq(one.id))
      expect(await failure(Database.one(change.returning({ sum, note })))).toMatchObject({
        _tag: "Unsupported",
        capability: "updateReturning"
      })
      await run(Database.run(change))
      const declared = Query.from(made).where(id.eq(one.id)).select({ sum, note })
      expect(await all(declared)).toEqual([{ sum: 42, note: "b" }])
    })
  } else {
    test("set default puts the default in the referring column [F85.3]", async () => {
      await run(Database.create(Catalog.make({ lost })))
      await run(Database.run(Query.insert(parents).values({ id: 20, n: 0 })))
      await run(Database.run(Query.insert(lost).values({ id: 1, parentId: 20 })))
      await run(Database.run(Query.deleteFrom(parents).where(parents.c.id.eq(20))))
      expect(await all(Query.from(lost))).toEqual([{ id: 1, parentId: 3 }])
    })

    test("filled values come back after insert and after update [F89.2]", async () => {
      const one = await run(
        Database.one(
          Query.insert(made).values({ note: "a" }).returning({ id: made.c.id, sum: made.c.sum })
        )
      )
      expect(one.sum).toBe(42)
      const change = Query.update(made)
        .set({ note: "b" })
        .where(made.c.id.eq(one.id))
        .returning({ sum: made.c.sum, note: made.c.note })
      expect(await run(Database.one(change))).toEqual({ sum: 42, note: "b" })
    })
  }
})
