import { Column, Database, type Expr, Fn, Query, sql, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { engines, textOf, useDatabase } from "./support.ts"

const most = 2n ** 63n - 1n
const numbers = Table.make("numbers", {
  id: Column.integer().primaryKey(),
  a: Column.integer(),
  small: Column.smallint(),
  big: Column.bigint(),
  low: Column.bigint(),
  one: Column.bigint(),
  real: Column.double(),
  price: Column.numeric(18, 2)
})
const plain = Table.make("plain", {
  id: Column.integer().primaryKey(),
  a: Column.integer(),
  big: Column.bigint(),
  low: Column.bigint().nullable()
})
const { a, big, id, low, one, price, real, small } = numbers.c
const others = Query.alias(numbers, "others")
const row = {
  id: 1,
  a: 2_147_483_647,
  small: 32_767,
  big: most,
  low: -most - 1n,
  one: 1n,
  real: 1e308,
  price: BigDecimal.fromStringUnsafe("9999999999999999.99")
}
const little = { ...row, a: 1, big: 1n, low: -1n }

/** What 64 bits do not hold, or did not hold on the way. */
const beyond = {
  "a sum": big.add(1n),
  "a sum of columns": big.add(one),
  "a difference": low.sub(1n),
  "a product": big.mul(big),
  "a sign": low.neg(),
  "a quotient": low.quot(one.neg()),
  "what goes there and back": big.add(big).sub(big),
  "a sum below another": big.neg().sub(2n).add(one),
  "a function's argument": Fn.abs(big.add(1n)),
  "three integers": a.mul(a).mul(a).cast(Type.bigint),
  "what a query holds": Query.from(others)
    .select({ x: others.c.big })
    .limit(1)
    .scalar()
    .coalesce(0n)
    .add(1n)
} as const

describe.each(engines)("overflow on %s", (engine) => {
  const { agrees, failure, fill, run } = useDatabase(engine, { numbers, plain })
  test.each(Object.entries(beyond))(
    "%s beyond 64 bits fails everywhere [F48.4]",
    async (_, over) => {
      await run(Database.run(Query.deleteFrom(numbers).everyRow()))
      await run(Database.run(Query.insert(numbers).rows([row, { ...little, id: 2 }])))
      const from = Query.from(numbers)
      const value = over as Expr.Expr<bigint, "numbers">
      const inner = from.select({ id, value }).as("inner")
      const queries: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }, Database>> = [
        Database.all(from.select({ value })),
        Database.all(from.where(value.ne(0n)).select({ id })),
        Database.all(from.where(value.gt(0n)).select({ id })),
        Database.all(from.orderBy(value.mul(2n)).select({ id })),
        Database.all(from.groupBy(value).select({ value, n: Fn.count() })),
        Database.all(from.select({ value: Fn.max(value) })),
        Database.all(Query.from(inner).where(inner.c.value.lt(0n)).select({ id: inner.c.id })),
        Database.run(Query.update(numbers).set({ one: value }).everyRow()),
        Database.run(Query.deleteFrom(numbers).where(value.lt(0n))),
        Database.run(
          Query.insert(numbers).fromSelect(
            from.select({ id: id.add(10), a, small, big, low, one: value, real, price })
          )
        )
      ]
      for (const query of queries)
        expect(await failure(query)).toMatchObject({ _tag: "ValueOutOfRange" })
      expect(await run(Database.all(from.orderBy(id)))).toEqual([row, { ...little, id: 2 }])
    }
  )

  /** The rows, or the failure by its tag. */
  const outcome = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E, Database>) =>
    run(Effect.match(effect, { onSuccess: (rows): unknown => rows, onFailure: ({ _tag }) => _tag }))

  test("a narrower one is refused where it is read or written, never another [F48.4]", async () => {
    await run(Database.run(Query.deleteFrom(numbers).everyRow()))
    await run(Database.run(Query.insert(numbers).values(row)))
    const from = Query.from(numbers)
    const over = [
      [a.add(1), { a: a.add(1) }, true],
      [a.mul(2), { a: a.mul(2) }, true],
      [a.neg().sub(2), { a: a.neg().sub(2) }, false],
      [a.add(a).sub(a.neg()), { a: a.add(a).sub(a.neg()) }, true],
      [small.add(1), { small: small.add(1) }, true]
    ] as const
    for (const [value, set, isPositive] of over) {
      const read = await outcome(Database.all(from.select({ value })))
      expect(["ValueOutOfRange", "DecodeFailed"]).toContain(read)
      const written = Query.update(numbers).set(set).everyRow()
      expect(await outcome(Database.run(written))).toBe("ValueOutOfRange")
      // Reckoned in its own width or in 64 bits: it fails, or is the number that it is.
      const compared = await outcome(Database.all(from.where(value.gt(0)).select({ id })))
      expect(["ValueOutOfRange", isPositive ? [{ id: 1 }] : []]).toContainEqual(compared)
    }
    expect(await run(Database.all(from))).toEqual([row])
  })

  test("a narrower one is refused where a query brings it [F48.4]", async () => {
    await run(Database.run(Query.deleteFrom(numbers).everyRow()))
    await run(Database.run(Query.insert(numbers).values(row)))
    const from = Query.from(numbers)
    const inner = Query.from(others)
      .select({ id: others.c.id.add(1), value: others.c.a.add(1) })
      .as("inner")
    const { value } = inner.c
    const rest = { small, big, low, one, real, price }
    const rowWith = <A>(x: A) => ({ id: id.add(1), a: x, ...rest })
    const asWide = big.cast(Type.integer).coalesce(0)
    const writes = [
      Query.insert(numbers).fromSelect(from.select(rowWith(a.add(1)))),
      Query.insert(numbers).fromSelect(from.select(rowWith(asWide))),
      Query.insert(numbers).fromSelect(
        from.select(rowWith(a)).unionAll(from.select(rowWith(a.mul(2))))
      ),
      Query.insert(numbers).fromSelect(from.join(inner, inner.c.id.gt(id)).select(rowWith(value))),
      Query.insert(numbers).fromSelect(from.select({ ...rowWith(a), real: real.mul(10) })),
      Query.update(numbers).set({ a: asWide }).everyRow(),
      Query.update(numbers)
        .set({ a: a.add(a).quot(1).coalesce(0) })
        .everyRow(),
      Query.update(numbers)
        .set({ a: Query.from(inner).limit(1).select(value).scalar().coalesce(0) })
        .everyRow()
    ]
    for (const write of writes) expect(await outcome(Database.run(write))).toBe("ValueOutOfRange")
    expect(await run(Database.all(from))).toEqual([row])
    const less = Query.from(others)
      .select({ id: others.c.id, value: others.c.a.sub(1) })
      .as("less")
    await run(
      Database.run(
        Query.insert(numbers).fromSelect(
          from.join(less, less.c.id.eq(id)).select(rowWith(less.c.value))
        )
      )
    )
    expect(await run(Database.all(from.orderBy(id).select(a)))).toEqual([row.a, row.a - 1])
  })

  test("sums and decimals are exact, doubles are finite, or it fails", async () => {
    await run(Database.run(Query.deleteFrom(numbers).everyRow()))
    await run(Database.run(Query.insert(numbers).rows([row, { ...row, id: 2 }])))
    const from = Query.from(numbers)
    const refused = ["ValueOutOfRange", "DecodeFailed", "Unsupported"]
    const sums = await outcome(Database.all(from.select({ sum: Fn.sum(big) })))
    expect([...refused, [{ sum: most * 2n }]]).toContainEqual(sums)
    const twice = Effect.map(Database.all(from.select(price.add(price)).limit(1)), ([one]) =>
      BigDecimal.format(one!)
    )
    expect([...refused, "19999999999999999.98"]).toContainEqual(await outcome(twice))
    expect(refused).toContain(await outcome(Database.all(from.select({ x: real.mul(10) }))))
    for (const over of [real.mul(10), real.add(real), real.mul(10).sub(real)]) {
      const set = Query.update(numbers).set({ real: over }).everyRow()
      expect(await outcome(Database.run(set))).toBe("ValueOutOfRange")
    }
  })

  test("what is within is as it was, NULL included", async () => {
    const { a, big, id, low } = plain.c
    await fill("plain", [
      { id: 1, a: 2_147_483_647, big: most, low: -most - 1n },
      { id: 2, a: -7, big: 5n, low: null }
    ])
    const less = big.sub(1n)
    await agrees(
      Query.from(plain)
        .where(less.gte(low.coalesce(0n)))
        .groupBy(less)
        .select({ less, twice: less.quot(2n).mul(2n), n: Fn.count() })
    )
    await agrees(
      Query.from(plain).select({ id, x: low.add(big), y: a.sub(1).mul(-1), z: low.quot(big) })
    )
  })
})

describe.each(engines)("whole numbers that a server holds as doubles on %s", (engine) => {
  const { all, agrees, fill } = useDatabase(engine, { plain })

  test("are no overflow", async () => {
    const { a, id } = plain.c
    await fill("plain", [
      { id: 1, a: 3, big: 4n, low: null },
      { id: 2, a: 5, big: 4n, low: null }
    ])
    const from = Query.from(plain)
    const rounded = sql(Type.integer)`round(${a})`
    const inner = from.select({ id, r: rounded }).as("inner")
    const more = rounded.add(1)
    expect(await all(from.orderBy(id).select(more))).toEqual([4, 6])
    expect(await all(from.orderBy(id).select(more.mul(2).sub(rounded)))).toEqual([5, 7])
    expect(await all(Query.from(inner).orderBy(inner.c.id).select(inner.c.r.add(1)))).toEqual([
      4, 6
    ])
    await agrees(from.select({ n: Fn.count().add(1), m: Fn.count().mul(2).sub(1) }))
    const tied = from.orderBy(plain.c.big).select(id)
    expect(await agrees(tied.offset(1).limit(1, { ties: true }))).toHaveLength(1)
  })
})

test("only what may be beyond is asked", () => {
  const text = (value: Expr.Expr<number | bigint, "numbers">) =>
    textOf(Query.from(numbers).select({ v: value }), "sqlite")
  expect(text(a.add(1).mul(a))).toBe("SELECT (numbers.a + ?) * numbers.a AS v FROM numbers")
  expect(text(big.add(1n))).toBe(
    "SELECT CASE typeof(numbers.big + ?) WHEN 'real' THEN abs(-9223372036854775808) " +
      "ELSE numbers.big + ? END AS v FROM numbers"
  )
  expect(text(big.add(1n).mul(big))).toBe(
    "SELECT athanor_whole((numbers.big + ?) * numbers.big, 64) AS v FROM numbers"
  )
})
