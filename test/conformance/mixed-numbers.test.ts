import {
  Catalog,
  Column,
  Database,
  Expr,
  ForeignKey,
  PrimaryKey,
  Query,
  StatementError,
  Table
} from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

const seats = Table.make("seats", { row: Column.integer(), place: Column.smallint() }, (c) => [
  PrimaryKey.on(c.place, c.row)
])
const tickets = Table.make(
  "tickets",
  {
    id: Column.id(),
    row: Column.integer(),
    place: Column.smallint(),
    price: Column.double(),
    label: Column.varchar(9)
  },
  (c) => [
    ForeignKey.on([c.place, c.row], () => [seats.c.place, seats.c.row], { onDelete: "cascade" })
  ]
)
const ticket = Query.from(tickets)

describe.each(engines)("numbers of several widths and keys of several columns on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ tickets, seats })))
    await database.run(Database.run(Query.insert(seats).values({ row: 3, place: 7 })))
    await database.run(
      Database.run(Query.insert(tickets).values({ row: 3, place: 7, price: 2.5, label: "front" }))
    )
  })
  afterAll(() => database.dispose())

  test("a whole number meets a double as a double, on either side", async () => {
    const { label, place, price, row } = tickets.c
    const query = ticket.select({
      a: row.add(price),
      b: row.mul(1.5),
      c: price.sub(row),
      d: place.add(row),
      e: row.eq(3.5),
      f: Expr.when(label.eq("x"), 1).else(1.5),
      g: Expr.when(label.eq("front"), row).else(0.25),
      h: Expr.when(label.eq("x"), "none").else(label)
    })
    expect(await database.run(Database.one(query))).toEqual({
      a: 5.5,
      b: 4.5,
      c: -0.5,
      d: 10,
      e: false,
      f: 1.5,
      g: 3,
      h: "front"
    })
  })

  test("branches of two kinds are refused when built", () => {
    expect(() => Expr.when(tickets.c.row.eq(1), "x").else(1 as never)).toThrow(StatementError)
    expect(() => Expr.when(tickets.c.row.eq(1), true).else("x" as never)).toThrow(/boolean.*text/)
  })

  test("a key of two columns is one key, and the one referred to", async () => {
    const again = Query.insert(seats).values({ row: 3, place: 7 })
    expect((await database.run(Effect.flip(Database.run(again))))._tag).toBe("UniqueViolation")
    const nowhere = Query.insert(tickets).values({ row: 9, place: 9, price: 1, label: "x" })
    expect((await database.run(Effect.flip(Database.run(nowhere))))._tag).toBe(
      "ForeignKeyViolation"
    )
    await database.run(Database.run(Query.deleteFrom(seats).everyRow()))
    expect(await database.run(Database.count(ticket))).toBe(0)
  })
})
