import { Column, Database, Fn, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const prices = Table.make("prices", {
  id: Column.id(),
  p: Column.numeric(18, 4),
  wide: Column.numeric(38, 6).nullable()
})
/** The same table, read as numbers. */
const asNumbers = Table.make("prices", {
  id: Column.id(),
  p: Column.make(Type.numeric(18, 4).asNumber())
})

const big = BigDecimal.fromStringUnsafe

describe.each(engines)("decimals on %s", (engine) => {
  const { all: rowsOf, failure, run } = useDatabase(engine, { prices })
  const write = (p: string) =>
    Database.one(
      Query.insert(prices)
        .values({ p: big(p) })
        .returning({ id: prices.c.id })
    )

  test("decimals are exact, and more digits are refused [F102.1 F102.2]", async () => {
    const { id, p } = prices.c
    const given = ["0.1", "0.2", "-5", "10.0001", "99999999999999.9999", "9"]
    await run(Database.run(Query.insert(prices).rows(given.map((one) => ({ p: big(one) })))))
    const format = (list: ReadonlyArray<BigDecimal.BigDecimal | null>) =>
      list.map((one) => BigDecimal.format(one!))
    expect(format(await rowsOf(Query.from(prices).orderBy(p).select(p)))).toEqual([
      "-5",
      "0.1",
      "0.2",
      "9",
      "10.0001",
      "99999999999999.9999"
    ])
    expect(format(await rowsOf(Query.from(prices).select(Fn.sum(p))))).toEqual([
      "100000000000014.3"
    ])
    expect(format(await rowsOf(Query.from(prices).where(id.lte(2)).select(Fn.sum(p))))).toEqual([
      "0.3"
    ])
    expect(
      await run(Database.count(Query.from(prices).where(p.add(big("0.2")).eq(big("0.3")))))
    ).toBe(1)
    expect(await run(Database.count(Query.from(prices).where(p.gt(big("10")))))).toBe(2)
    expect(format(await rowsOf(Query.from(prices).select(Fn.max(p))))).toEqual([
      "99999999999999.9999"
    ])
    for (const wrong of ["0.00001", "100000000000000", "1.23456"]) {
      const error = await failure(Database.run(Query.insert(prices).values({ p: big(wrong) })))
      expect(error).toMatchObject({ _tag: "EncodeFailed", path: "p" })
    }
  })

  test("decimals as numbers are exact or fail to read [F102.3]", async () => {
    const read = (p: string) =>
      Effect.flatMap(write(p), ({ id }) =>
        Database.one(
          Query.from(asNumbers).where(asNumbers.c.id.eq(id)).select({ p: asNumbers.c.p })
        )
      )
    expect(await run(read("0.1"))).toEqual({ p: 0.1 })
    expect(await run(read("-12.5"))).toEqual({ p: -12.5 })
    expect(await failure(read("99999999999999.9999"))).toMatchObject({
      _tag: "DecodeFailed",
      path: "p"
    })
    const wrote = Database.run(
      Query.update(asNumbers)
        .set({ p: 0.1 + 0.2 })
        .everyRow()
    )
    expect(await failure(wrote)).toMatchObject({ _tag: "EncodeFailed", path: "p" })
  })

  const widePrices = [
    big("12345678901234567890123456789012.123456"),
    big("-1"),
    big("12345678901234567890123456789012.123457")
  ]
  const { wide } = prices.c

  if (engine === "sqlite") {
    test("decimals of up to 18 digits are scaled integers [F102.4]", async () => {
      const { p } = prices.c
      await run(Database.run(Query.deleteFrom(prices).everyRow()))
      await run(
        Database.run(
          Query.insert(prices).rows([{ p: big("0.1") }, { p: big("99999999999990.9999") }])
        )
      )
      const raw = Table.make("prices", { id: Column.id(), p: Column.bigint() })
      expect(await rowsOf(Query.from(raw).orderBy(raw.c.p).select(raw.c.p))).toEqual([
        1000n,
        999_999_999_999_909_999n
      ])
      const sum = Query.from(prices)
        .orderBy(p)
        .select({ a: p.add(big("0.2")), b: p.sub(big("0.0001")), c: p.neg() })
      const rows = (await rowsOf(sum)).map((row) =>
        Object.values(row).map((one) => BigDecimal.format(one))
      )
      expect(rows[0]).toEqual(["0.3", "0.0999", "-0.1"])
      expect(rows[1]).toEqual([
        "99999999999991.1999",
        "99999999999990.9998",
        "-99999999999990.9999"
      ])
    })

    test("order and arithmetic of wider decimals are refused [F102.5]", async () => {
      for (const one of [
        Query.from(prices).orderBy(wide),
        Query.from(prices).where(wide.add(big("1")).isNull()),
        Query.from(prices).where(wide.gt(big("1")))
      ]) {
        expect(await failure(Database.all(one))).toMatchObject({
          _tag: "Unsupported",
          capability: "wideDecimals"
        })
      }
    })
  } else {
    test("order and arithmetic of wider decimals are exact [F102.5]", async () => {
      await run(Database.run(Query.deleteFrom(prices).everyRow()))
      await run(
        Database.run(
          Query.insert(prices).rows(widePrices.map((one) => ({ p: big("0"), wide: one })))
        )
      )
      const rows = await rowsOf(
        Query.from(prices)
          .orderBy(wide)
          .select({
            add: wide.add(big("0.000001")),
            sub: wide.sub(big("1")),
            mul: wide.mul(big("2"))
          })
      )
      expect(rows.map((row) => BigDecimal.format(row.add!))).toEqual([
        "-0.999999",
        "12345678901234567890123456789012.123457",
        "12345678901234567890123456789012.123458"
      ])
      expect(BigDecimal.format(rows[2]!.mul!)).toBe("24691357802469135780246913578024.246914")
      expect(BigDecimal.format(rows[1]!.sub!)).toBe("12345678901234567890123456789011.123456")
    })
  }
})

const scales = Table.make("scales", {
  id: Column.integer().primaryKey(),
  price: Column.numeric(12, 2),
  times: Column.numeric(6, 0)
})

describe.each(engines)("decimals of another scale on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, { scales })
  const { id, times } = scales.c
  const held = async () =>
    (await all(Query.from(scales).orderBy(id))).map((row) => BigDecimal.format(row.price))

  test("are written in the units of their column, whatever writes them", async () => {
    const one = { id: 1, price: big("1.25"), times: big("3") }
    await run(Database.run(Query.insert(scales).values(one)))
    const upsert = Query.insert(scales).values(one).onConflict(id).doUpdate({ price: times })
    await run(Database.run(upsert))
    expect(await held()).toEqual(["3"])
    const other = Query.alias(scales, "other")
    const joined = Query.update(scales)
      .from(other, other.c.id.eq(id))
      .set({ price: other.c.times.add(big("1")) })
    await run(Database.run(joined))
    expect(await held()).toEqual(["4"])
    const copied = Database.run(
      Query.insert(scales).fromSelect(
        Query.from(scales).select({ id: id.add(1), price: times, times })
      )
    )
    if (engine === "sqlite")
      expect(await failure(copied)).toMatchObject({
        _tag: "Unsupported",
        capability: "numericScale"
      })
    else {
      await run(copied)
      expect(await held()).toEqual(["4", "3"])
    }
  })
})
