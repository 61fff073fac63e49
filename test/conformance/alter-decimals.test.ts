import { Alter, Catalog, Check, Column, Database, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const id = Column.integer().primaryKey()
const amounts = ["10.5", "-0.05", "0", "99999.99", "7"]
const decimal = BigDecimal.fromStringUnsafe
type Kept = Column.Column<any, any>

describe.each(engines)("decimals of altered columns on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, {})
  const of = (column: Kept) => Table.make("bills", { id, sum: column })
  const becomes = (column: Kept) => Database.alter(Alter.alterColumn(of(column), "sum"))
  const first = of(Column.numeric(12, 2))
  const made = async (column: Kept, values: ReadonlyArray<unknown>) => {
    const table = of(column)
    await run(Database.create(Catalog.make({ table })))
    const rows = values.map((sum, at) => ({ id: at, sum }))
    await run(Database.run(Query.insert(table).rows(rows as never)))
  }
  const read = async (column: Kept) => {
    const table = of(column)
    const found = await all(Query.from(table).orderBy(table.c.id).select(table.c.sum))
    return (found as ReadonlyArray<unknown>).map((one) =>
      BigDecimal.isBigDecimal(one) ? BigDecimal.format(BigDecimal.normalize(one)) : String(one)
    )
  }
  const drop = () => run(Database.drop(Catalog.make({ first })))

  test("their values stay, whatever number of places there is", async () => {
    await made(Column.numeric(12, 2), amounts.map(decimal))
    for (const kept of [
      Column.numeric(14, 3),
      Column.numeric(30, 4),
      Column.numeric(12, 2),
      Column.numeric(30, 7),
      Column.numeric(30, 3)
    ]) {
      await run(becomes(kept))
      expect(await read(kept)).toEqual(amounts)
      const [table] = (await run(Database.reflect({ tables: ["bills"] }))).tables
      expect(table!.columns[1]!.sql).toEqual(of(kept).c.sum.node.type.sql)
    }
    await drop()
  })

  test("nothing is rounded away, and what fits is taken", async () => {
    await made(Column.numeric(12, 2), amounts.map(decimal))
    for (const less of [Column.numeric(12, 1), Column.integer(), Column.numeric(6, 2)])
      expect(await failure(becomes(less))).toMatchObject({ _tag: "ValueOutOfRange" })
    if (engine !== "postgres")
      expect((await failure(becomes(Column.numeric(12, 1)))) as object).toMatchObject({
        column: "sum"
      })
    expect(await read(Column.numeric(12, 2))).toEqual(amounts)
    await run(becomes(Column.numeric(25, 2)))
    for (const less of [Column.numeric(24, 1), Column.numeric(12, 1), Column.integer()])
      expect(await failure(becomes(less))).toMatchObject({ _tag: "ValueOutOfRange" })
    await run(becomes(Column.numeric(12, 2)))
    expect(await read(Column.numeric(12, 2))).toEqual(amounts)
    await run(Database.run(Query.deleteFrom(first).where(first.c.id.in([1, 3]))))
    await run(becomes(Column.numeric(5, 1)))
    expect(await read(Column.numeric(5, 1))).toEqual(["10.5", "0", "7"])
    await run(becomes(Column.double()))
    expect(await read(Column.double())).toEqual(["10.5", "0", "7"])
    await run(becomes(Column.numeric(30, 3)))
    expect(await read(Column.numeric(30, 3))).toEqual(["10.5", "0", "7"])
    await run(becomes(Column.double()))
    expect(await failure(becomes(Column.integer()))).toMatchObject({ _tag: "ValueOutOfRange" })
    await run(becomes(Column.numeric(12, 2)))
    expect(await read(Column.numeric(12, 2))).toEqual(["10.5", "0", "7"])
    await run(Database.run(Query.deleteFrom(first).where(first.c.id.eq(0))))
    await run(becomes(Column.integer()))
    expect(await read(Column.integer())).toEqual(["0", "7"])
    await drop()
  })

  test("as texts they are what they were", async () => {
    await made(Column.numeric(12, 2), amounts.map(decimal))
    await run(becomes(Column.varchar(20)))
    expect(await read(Column.varchar(20))).toEqual(["10.50", "-0.05", "0.00", "99999.99", "7.00"])
    await drop()
  })

  test("NULL stays NULL", async () => {
    const kept = Column.numeric(12, 2).nullable()
    await made(kept, [null, decimal("1.5")])
    for (const other of [Column.numeric(9, 1), Column.double(), Column.numeric(9, 3)]) {
      await run(becomes(other.nullable() as Kept))
      expect(await read(other.nullable() as Kept)).toEqual(["null", "1.5"])
    }
    await drop()
  })

  if (engine === "sqlite") {
    test("what the file does not say, or what would mean another number, is refused", async () => {
      await made(Column.integer(), [5])
      const refused = { _tag: "Unsupported", capability: "alterTable" }
      expect(await failure(becomes(Column.numeric(12, 2)))).toMatchObject(refused)
      await drop()
      const checked = Table.make("bills", { id, sum: Column.numeric(12, 2) }, (c) => [
        Check.that(c.sum.lt(decimal("100")), "few")
      ])
      await run(Database.create(Catalog.make({ checked })))
      expect(await failure(becomes(Column.numeric(12, 3)))).toMatchObject({
        ...refused,
        construct: "INTEGER(12,3) for the column sum, INTEGER(12,2), of which the check few speaks"
      })
      await run(becomes(Column.numeric(14, 2).nullable() as Kept))
      await drop()
    })

    test("a strict table has no words for places", async () => {
      const strict = (column: Kept) =>
        Table.make("bills", { id, sum: column }, () => [], { sqlite: { strict: true } })
      const table = strict(Column.numeric(12, 2))
      await run(Database.create(Catalog.make({ table })))
      await run(Database.run(Query.insert(table).values({ id: 1, sum: decimal("1.5") } as never)))
      await run(becomes(Column.numeric(12, 2).nullable() as Kept))
      expect(await read(Column.numeric(12, 2))).toEqual(["1.5"])
      await drop()
    })
    return
  }

  test("no part of a second is rounded away", async () => {
    const at = (precision: 3 | 6) =>
      Table.make("moments", { id, at: Column.make(Type.time(precision)) })
    const table = at(6)
    await run(Database.create(Catalog.make({ table })))
    await run(Database.script("insert into moments values (1, '10:00:00.123456')"))
    const less = Database.alter(Alter.alterColumn(at(3), "at"))
    expect(["ValueOutOfRange", "InvalidText"]).toContain((await failure(less))._tag)
    await run(Database.script("update moments set at = '10:00:00.123'"))
    await run(less)
    await run(Database.drop(Catalog.make({ table })))
  })
})
