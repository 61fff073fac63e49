import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const whole = Table.make("whole", {
  id: Column.id(),
  a: Column.integer().nullable(),
  b: Column.integer().nullable(),
  x: Column.bigint().nullable(),
  y: Column.bigint().nullable(),
  r: Column.double().nullable(),
  q: Column.double().nullable()
})
const prices = Table.make("prices", {
  id: Column.id(),
  price: Column.numeric(12, 2).nullable(),
  other: Column.numeric(12, 2).nullable(),
  times: Column.numeric(6, 0)
})
const kinds = Table.make("kinds", {
  id: Column.id(),
  small: Column.smallint(),
  int: Column.integer(),
  big: Column.bigint(),
  real: Column.double(),
  price: Column.numeric(12, 2)
})
const decimal = BigDecimal.fromStringUnsafe

describe.each(engines)("arithmetic on %s", (engine) => {
  const { agrees, all, fill, run } = useDatabase(engine, { whole, prices, kinds })

  test("plus, minus, times, remainder and sign of every number type [F48.1]", async () => {
    const { a, b, id, q, r, x, y } = whole.c
    const ints = [null, 0, 1, -7, 40_000]
    const doubles = [null, 0, 0.5, -2.25, 1e10]
    await fill(
      "whole",
      ints.flatMap((one, i) =>
        ints.map((two, j) => ({
          a: one,
          b: two,
          x: one === null ? null : BigInt(one) * 10n ** 9n,
          y: two === null ? null : BigInt(two),
          r: doubles[i]!,
          q: doubles[j]!
        }))
      )
    )
    const rows = await agrees(
      Query.from(whole)
        .select({
          id,
          plus: a.add(b),
          minus: a.sub(b),
          times: a.mul(b),
          rest: a.rem(b),
          sign: a.neg(),
          value: a.add(3).mul(-2).sub(1),
          bigPlus: x.add(y),
          bigMinus: x.sub(y),
          bigTimes: x.mul(y),
          bigRest: x.rem(y),
          bigSign: x.neg(),
          realPlus: r.add(q),
          realMinus: r.sub(q),
          realTimes: r.mul(q),
          realSign: r.neg()
        })
        .orderBy(id)
    )
    expect(rows).toHaveLength(25)
    const { other, price, times } = prices.c
    const texts = [null, "0.00", "12.50", "-0.25"]
    const given = texts.flatMap((one) =>
      texts.map((two) => ({
        price: one === null ? null : decimal(one),
        other: two === null ? null : decimal(two),
        times: decimal("3")
      }))
    )
    await run(Database.run(Query.insert(prices).rows(given)))
    const told = (value: BigDecimal.BigDecimal | null) =>
      value === null ? null : BigDecimal.format(BigDecimal.normalize(value))
    const decimals: ReadonlyArray<Readonly<Record<string, BigDecimal.BigDecimal | null>>> =
      await all(
        Query.from(prices)
          .select({
            plus: price.add(other),
            minus: price.sub(other),
            times: price.mul(times),
            sign: price.neg(),
            value: price.add(decimal("1.25"))
          })
          .orderBy(prices.c.id)
      )
    const both = (
      f: (a: BigDecimal.BigDecimal, b: BigDecimal.BigDecimal) => BigDecimal.BigDecimal
    ) =>
      given.map((row) =>
        row.price === null || row.other === null ? null : told(f(row.price, row.other))
      )
    const one = (f: (a: BigDecimal.BigDecimal) => BigDecimal.BigDecimal) =>
      given.map((row) => (row.price === null ? null : told(f(row.price))))
    const column = (name: string) => decimals.map((row) => told(row[name]!))
    expect(column("plus")).toEqual(both((a, b) => BigDecimal.sum(a, b)))
    expect(column("minus")).toEqual(both((a, b) => BigDecimal.subtract(a, b)))
    expect(column("times")).toEqual(one((a) => BigDecimal.multiply(a, decimal("3"))))
    expect(column("sign")).toEqual(one((a) => BigDecimal.negate(a)))
    expect(column("value")).toEqual(one((a) => BigDecimal.sum(a, decimal("1.25"))))
  })

  test("each pair of operand types gives its documented type and value [F48.6]", async () => {
    const { big, int, price, real, small } = kinds.c
    const row = { small: 32_767, int: 7, big: 2n ** 62n, real: 0.5, price: decimal("10.00") }
    await run(Database.run(Query.insert(kinds).values(row)))
    const select = {
      smallSmall: small.sub(small),
      smallInt: small.add(int),
      intSmall: int.mul(small),
      intReal: int.add(real),
      realInt: real.mul(int),
      realSmall: real.sub(small),
      plain: int.add(0.5),
      big: big.sub(2n ** 61n),
      quotient: int.div(2),
      bigQuotient: big.div(2n ** 61n),
      quot: int.quot(2),
      bigQuot: big.quot(3n),
      count: Fn.count().add(1),
      sum: Fn.sum(int).add(1),
      bits: Fn.bitAnd(int, small),
      case: Expr.when(int.gt(1), int).else(real)
    }
    const [values] = await all(Query.from(kinds).groupBy(kinds.c.id).select(select))
    const typed: {
      readonly smallSmall: number
      readonly smallInt: number
      readonly intSmall: number
      readonly intReal: number
      readonly realInt: number
      readonly realSmall: number
      readonly plain: number
      readonly big: bigint
      readonly quotient: number | null
      readonly bigQuotient: number | null
      readonly quot: number | null
      readonly bigQuot: bigint | null
      readonly count: number
      readonly sum: number | null
      readonly bits: number
      readonly case: number
    } = values!
    expect(typed).toEqual({
      smallSmall: 0,
      smallInt: 32_774,
      intSmall: 229_369,
      intReal: 7.5,
      realInt: 3.5,
      realSmall: -32_766.5,
      plain: 7.5,
      big: 2n ** 61n,
      quotient: 3.5,
      bigQuotient: 2,
      quot: 3,
      bigQuot: 1_537_228_672_809_129_301n,
      count: 2,
      sum: 8,
      bits: 7,
      case: 7
    })
    const [decimals] = await all(Query.from(kinds).select({ sum: price.add(price) }))
    const sum: BigDecimal.BigDecimal = decimals!.sum
    expect(BigDecimal.Equivalence(sum, decimal("20"))).toBe(true)
    // @ts-expect-error: a bigint and a number have no sum
    expect(() => big.add(int)).toBeDefined()
    // @ts-expect-error: a decimal and a number have no sum
    expect(() => price.add(int)).toBeDefined()
    expect(Type.integer.key).toBe("integer")
  })
})
