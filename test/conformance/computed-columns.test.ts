import { Catalog, Column, Computed, Database, Query, Table } from "athanor"
import { capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { createOrder } from "../../src/compile/schema/schemaOrder.ts"
import { engines, refusalOf, textOf, useDatabase } from "./support.ts"

const lines = Table.make(
  "lines",
  {
    id: Column.integer().primaryKey(),
    price: Column.integer(),
    count: Column.integer(),
    total: Column.integer().computed()
  },
  (c) => [Computed.stored(c.total, c.price.mul(c.count))]
)
const users = Table.make(
  "users",
  {
    id: Column.integer().primaryKey(),
    name: Column.varchar(20),
    twice: Column.varchar(60).computed()
  },
  (c) => [Computed.virtual(c.twice, c.name.concat(c.name))]
)

describe.each(engines)("computed columns on %s", (engine) => {
  const { all, run } = useDatabase(engine, { lines })

  test("a stored one follows inserts and updates and cannot be written [F88.1]", async () => {
    await run(Database.run(Query.insert(lines).values({ id: 1, price: 5, count: 3 })))
    await run(Database.run(Query.insert(lines).rows([{ id: 2, price: 1, count: 9 }])))
    expect(await all(Query.from(lines).orderBy(lines.c.id.asc()).select(lines.c.total))).toEqual([
      15, 9
    ])
    await run(Database.run(Query.update(lines).set({ count: 4 }).where(lines.c.id.eq(1))))
    expect(await all(Query.from(lines).where(lines.c.id.eq(1)).select(lines.c.total))).toEqual([20])
    expect(() =>
      // @ts-expect-error it is no column an insert gives
      Query.insert(lines).values({ id: 3, price: 1, count: 1, total: 2 })
    ).toThrow('insert: "total" of "lines" is computed by the database')
    expect(() =>
      // @ts-expect-error nor one an update changes
      Query.update(lines).set({ total: 2 })
    ).toThrow('update: "total" of "lines" is computed by the database')
  })
})

describe.each(engines)("a column computed when it is read, on %s", (engine) => {
  // PostgreSQL has them from 18 on, which is the server tests start.
  const { all, run } = useDatabase(engine, { users })

  test("has the computed value [F88.2]", async () => {
    await run(Database.run(Query.insert(users).values({ id: 1, name: "ha" })))
    await run(Database.run(Query.update(users).set({ name: "ho" }).where(users.c.id.eq(1))))
    expect(await all(Query.from(users).select(users.c.twice))).toEqual(["hoho"])
  })
})

test("an older PostgreSQL refuses one that is computed when it is read", () => {
  const [create] = createOrder(Catalog.make({ users }).tables, capabilities("postgres", [17, 0, 0]))
  expect(refusalOf({ node: create! }, capabilities("postgres", [17, 0, 0])).capability).toBe(
    "virtualColumns"
  )
  expect(textOf({ node: create! }, "sqlite")).toContain(
    "GENERATED ALWAYS AS (name || name) VIRTUAL"
  )
})

test("one that no rule explains is refused when the schema is read", () => {
  const t = Table.make("t", { a: Column.integer(), b: Column.integer().computed() })
  expect(() => Catalog.make({ t }).tables[0]!.columns[1]!.computed).toThrow(
    'column "b" of "t": no rule of the table says what it is computed from'
  )
})
