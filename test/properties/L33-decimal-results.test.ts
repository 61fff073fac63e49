/** L33 of what is reckoned: sums and products of decimals are exact, whatever their length. */
import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "../conformance/support.ts"
import { caught } from "./support/law.ts"

/** Unscaled values: the extremes of so many digits, and those between. */
const digits = (precision: number): fc.Arbitrary<bigint> => {
  const most = 10n ** BigInt(precision) - 1n
  return fc.oneof(fc.constantFrom(most, -most, 0n, 1n), fc.bigInt({ min: -most, max: most }))
}
const pair = fc.tuple(digits(10), digits(7))
const a = (one: bigint) => BigDecimal.make(one, 2)
const b = (one: bigint) => BigDecimal.make(one, 3)

const numbers = Table.make("numbers", {
  id: Column.integer().primaryKey(),
  a: Column.numeric(10, 2),
  b: Column.numeric(7, 3),
  n: Column.make(Type.numeric(6, 2).asNumber())
})
const long = Table.make("long", {
  id: Column.integer().primaryKey(),
  p: Column.numeric(30, 8),
  q: Column.numeric(40, 20)
})
const told = (value: BigDecimal.BigDecimal | null): string | null =>
  value === null ? null : BigDecimal.format(BigDecimal.normalize(value))

describe.each(engines)("decimals reckoned on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, { numbers, long })

  test("sums, differences, products and choices are exact [F102.5]", async () => {
    const rows = fc.sample(pair, { numRuns: 200, seed: 20_260_101 })
    const given = rows.map(([x, y], id) => {
      const n = Number(x % 1_000_000n) / 100
      return { id, a: a(x), b: b(y), n }
    })
    await run(Database.run(Query.insert(numbers).rows(given)))
    const c = numbers.c
    const times = c.a.mul(c.b)
    const found = await all(
      Query.from(numbers)
        .orderBy(c.id)
        .select({
          plus: c.a.add(c.b),
          minus: c.a.sub(c.b),
          times,
          more: c.a.add(c.a),
          square: c.b.mul(c.b).mul(Expr.value(b(1000n), Type.numeric(7, 3))),
          either: Expr.when(c.a.gt(c.b), c.a).else(times),
          first: Fn.nullif(c.a, c.a).coalesce(times),
          number: c.n.mul(c.n)
        })
    )
    const { multiply, subtract, sum } = BigDecimal
    const meant = rows.map(([x, y]) => {
      const [one, two] = [a(x), b(y)]
      const product = multiply(one, two)
      const n = x % 1_000_000n
      return {
        plus: sum(one, two),
        minus: subtract(one, two),
        times: product,
        more: sum(one, one),
        square: multiply(two, two),
        either: BigDecimal.isGreaterThan(one, two) ? one : product,
        first: product,
        number: BigDecimal.make(n * n, 4)
      }
    })
    const read = found.map(({ number, ...rest }) => ({
      ...rest,
      number: BigDecimal.fromStringUnsafe(String(number))
    }))
    const texts = (rows_: ReadonlyArray<Readonly<Record<string, BigDecimal.BigDecimal | null>>>) =>
      rows_.map((row) => Object.entries(row).map(([name, one]) => [name, told(one)]))
    expect(texts(read)).toEqual(texts(meant))
    expect(found).toHaveLength(200)
  })

  test("what is longer than the server reckons with is refused, or fails", async () => {
    const p = BigDecimal.fromStringUnsafe("9999999999999999999999.99999999")
    const q = BigDecimal.fromStringUnsafe("99999999999999999999.99999999999999999999")
    await run(Database.run(Query.insert(long).values({ id: 1, p, q })))
    const square = Query.from(long).select(long.c.p.mul(long.c.p))
    const finer = Query.from(long).select(long.c.q.mul(long.c.q))
    if (engine === "sqlite") {
      expect(await failure(Database.all(square))).toMatchObject({ capability: "wideDecimals" })
      return
    }
    const [value] = await all(square)
    expect(told(value!)).toBe(told(BigDecimal.multiply(p, p)))
    if (engine === "mariadb")
      expect(await failure(Database.all(finer))).toMatchObject({
        _tag: "Unsupported",
        capability: "numericProduct"
      })
    else expect(told((await all(finer))[0]!)).toBe(told(BigDecimal.multiply(q, q)))
  })
})

test("twin: a product of its first factor's type", () => {
  const first = Type.numeric(10, 2).codec.row.postgres
  const kept = (x: bigint, y: bigint): boolean => {
    const product = BigDecimal.multiply(a(x), b(y))
    try {
      return told(first.decode(BigDecimal.format(product))) === told(product)
    } catch {
      return false
    }
  }
  caught<[bigint, bigint]>("first's type", pair, ([x, y]) => kept(x, y), [[0n, 5n]])
})
