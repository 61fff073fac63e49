import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const numbers = Table.make("numbers", {
  id: Column.id(),
  a: Column.integer(),
  b: Column.integer().nullable(),
  big: Column.bigint(),
  real: Column.double(),
  text: Column.text().nullable()
})
const prices = Table.make("prices", {
  id: Column.id(),
  price: Column.numeric(10, 2),
  share: Column.numeric(10, 2).nullable()
})
const none = Table.make("none", {
  small: Column.integer(),
  big: Column.bigint(),
  real: Column.double(),
  price: Column.numeric(12, 2),
  text: Column.text()
})
const members = { numbers, prices, none }

const text_ = (value: string) => Expr.value(value, Type.text)
const integer = (value: number) => Expr.value(value, Type.integer)

const operands = [7, -7, 1, 0, 2]
const decimal = BigDecimal.fromStringUnsafe

const types = [
  Type.smallint,
  Type.integer,
  Type.bigint,
  Type.double,
  Type.numeric(12, 2),
  Type.numeric(30, 4),
  Type.text,
  Type.varchar(30),
  Type.boolean,
  Type.bytes,
  Type.uuid,
  Type.date,
  Type.time(),
  Type.timestamp(),
  Type.timestamp(6),
  Type.enumeration(["a", "b"])
]

describe.each(engines)("values on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, failure, run } = database

  test("true division never truncates, the quotient always does, alike [F48.2]", async () => {
    await database.fill(
      "numbers",
      operands.flatMap((a) =>
        [2, -2, 3, null].map((b) => ({
          a,
          b,
          big: BigInt(a) * 10n ** 17n,
          real: a / 2,
          text: null
        }))
      )
    )
    const { a, b, big, id } = numbers.c
    await agrees(
      Query.from(numbers)
        .select({ id, div: a.div(b), quot: a.quot(b), rem: a.rem(b) })
        .orderBy(id)
    )
    const [first] = await agrees(
      Query.from(numbers)
        .where(a.eq(-7).and(b.eq(2)))
        .select({
          div: a.div(b),
          quot: a.quot(b),
          rem: a.rem(b),
          big: big.quot(3n),
          of: big.rem(3n)
        })
    )
    expect(first).toEqual({ div: -3.5, quot: -3, rem: -1, big: -233_333_333_333_333_333n, of: -1n })
  })

  test("by zero all of division gives null [F48.3]", async () => {
    const { a, big, real } = numbers.c
    const zero = a.sub(a)
    const rows = await agrees(
      Query.from(numbers).select({
        div: a.div(0),
        of: a.div(zero),
        quot: a.quot(0),
        rem: a.rem(zero),
        real: real.div(0),
        big: big.quot(0n),
        left: big.rem(0n),
        double: real.div(real.sub(real))
      })
    )
    expect(new Set(rows.flatMap((row) => Object.values(row)))).toEqual(new Set([null]))
    const { price, share } = prices.c
    const quotient = price.div(share)
    const given = { price: decimal("10.50"), share: decimal("0") }
    await run(Database.run(Query.insert(prices).values(given)))
    // SQLite, which has no decimals, refuses to divide them.
    if (engine === "sqlite") {
      const error = await failure(Database.all(Query.from(prices).select(quotient)))
      return expect(error).toMatchObject({ _tag: "Unsupported", capability: "numericDivision" })
    }
    expect(await all(Query.from(prices).select(quotient))).toEqual([null])
    await run(Database.run(Query.update(prices).set({ share: quotient }).everyRow()))
    expect(await all(Query.from(prices).select(share))).toEqual([null])
  })

  test("a quotient of decimals has the places its server computes [F48.2]", async () => {
    if (engine === "sqlite") return
    await run(Database.run(Query.deleteFrom(prices).everyRow()))
    const given = { price: decimal("1.00"), share: decimal("3.00") }
    await run(Database.run(Query.insert(prices).values(given)))
    const { price, share } = prices.c
    const third = price.div(share)
    const [found] = await all(
      Query.from(prices).select({
        third,
        half: price.div(decimal("2.00")),
        whole: third.mul(share),
        rounded: third.cast(Type.numeric(9, 2)),
        isMore: third.gt(decimal("0.33")),
        isLess: third.lt(decimal("0.34"))
      })
    )
    // PostgreSQL computes 16 places and more, MariaDB four more than there are.
    expect(BigDecimal.round(found!.third!, { scale: 5 })).toEqual(decimal("0.33333"))
    expect(BigDecimal.equals(found!.half!, decimal("0.5"))).toBe(true)
    expect(BigDecimal.equals(BigDecimal.round(found!.whole!, { scale: 4 }), decimal("1"))).toBe(
      true
    )
    expect(found).toMatchObject({ rounded: decimal("0.33"), isMore: true, isLess: true })
    await run(Database.run(Query.deleteFrom(prices).everyRow()))
  })

  test("concatenation is null if either side is [F50.1]", async () => {
    await database.fill("numbers", [{ a: 1, b: 1, big: 1n, real: 1, text: "x'" }])
    const { text } = numbers.c
    const other = Query.alias(numbers, "other")
    await agrees(
      Query.from(numbers)
        .leftJoin(other, other.c.id.eq(numbers.c.id.add(1)))
        .select({
          a: text.concat("y"),
          b: text.concat(other.c.text),
          c: text_("z").concat(text)
        })
    )
    const found = Query.from(numbers).where(text.isNotNull()).select(text.concat("y").concat(text))
    expect(await agrees(found)).toEqual(["x'yx'"])
  })

  test("case takes the first true branch; without else it is null [F54.1 F54.4]", async () => {
    const { a, b, id } = numbers.c
    const rows: ReadonlyArray<{ sign: string; some: string | null }> = await agrees(
      Query.from(numbers)
        .orderBy(id)
        .select({
          sign: Expr.when(b.gt(2), "three")
            .when(b.gt(0), "two")
            .when(b.isNull(), "none")
            .else("minus"),
          some: Expr.when(b.gt(0), "plus").end(),
          first: Expr.when(Expr.value<boolean | null>(null, Type.boolean), 1)
            .when(a.gte(a), 2)
            .else(3)
        })
    )
    expect(new Set(rows.map(({ sign }) => sign))).toEqual(
      new Set(["none", "two", "minus", "three"])
    )
    expect(new Set(rows.map(({ some }) => some))).toEqual(new Set([null, "plus"]))
  })

  test("a cast gives the value the oracle says [F55.1]", async () => {
    const { a, b, big, real } = numbers.c
    await agrees(
      Query.from(numbers).select({
        small: a.cast(Type.smallint),
        long: b.cast(Type.bigint),
        double: a.cast(Type.double),
        text: a.cast(Type.text),
        short: b.cast(Type.varchar(20)),
        is: b.cast(Type.boolean),
        wide: big.cast(Type.text),
        float: real.cast(Type.double),
        read: big.cast(Type.text).cast(Type.bigint),
        back: a.gt(0).cast(Type.integer)
      })
    )
    const cast = Query.select({
      cents: integer(7).cast(Type.numeric(10, 2)),
      uuid: text_("00000000-0000-4000-8000-00000000000a").cast(Type.uuid)
    })
    const [row] = await all(cast)
    expect(BigDecimal.format(row!.cents)).toBe("7")
    expect(row!.uuid).toBe("00000000-0000-4000-8000-00000000000a")
  })

  test("aggregates of nothing, and exact ones beyond 2^53 [F59.5]", async () => {
    const { big, price, real, small, text } = none.c
    const of = {
      count: Fn.count(),
      some: Fn.count(text),
      sum: Fn.sum(small),
      bigSum: Fn.sum(big),
      cents: Fn.sum(price),
      avg: Fn.avg(small),
      bigAvg: Fn.avg(big),
      mean: Fn.avg(price),
      min: Fn.min(text),
      max: Fn.max(real)
    }
    const [empty] = await all(Query.from(none).select(of))
    expect(empty).toEqual({
      count: 0,
      some: 0,
      sum: null,
      bigSum: null,
      cents: null,
      avg: null,
      bigAvg: null,
      mean: null,
      min: null,
      max: null
    })
    const row = {
      small: 2_147_483_647,
      big: 2n ** 61n + 1n,
      real: 1.5,
      price: decimal("1.25"),
      text: "b"
    }
    await run(
      Database.run(
        Query.insert(none).rows([row, { ...row, text: "a", real: 2, price: decimal("1.50") }])
      )
    )
    const given: ReadonlyArray<{
      sum: number | null
      bigSum: bigint | null
      cents: BigDecimal.BigDecimal | null
      avg: number | null
      bigAvg: number | null
      mean: BigDecimal.BigDecimal | null
    }> = await all(Query.from(none).select(of))
    expect(given[0]).toMatchObject({
      count: 2,
      some: 2,
      sum: 4_294_967_294,
      bigSum: 2n ** 62n + 2n,
      avg: 2_147_483_647,
      min: "a",
      max: 2
    })
    expect(BigDecimal.format(given[0]!.cents!)).toBe("2.75")
    expect(BigDecimal.Equivalence(given[0]!.mean!, decimal("1.375"))).toBe(true)
    expect(given[0]!.bigAvg).toBe(Number(2n ** 61n + 1n))
  })
})

describe.each(engines)("casts on %s", (engine) => {
  const { run } = useDatabase(engine, members)

  test("a cast to any type is one the server takes, or refused [F55.4]", async () => {
    const each = [...types, Type.json(Schema.Unknown)]
    const nothing = each.map((type) => Expr.value<string | null>(null, type as typeof Type.text))
    for (const from of nothing) {
      for (const type of each) {
        const query = Query.select({ cast: from.cast(type as typeof Type.text) })
        const exit = await run(Effect.result(Database.all(query)))
        if (Result.isSuccess(exit)) expect(exit.success).toEqual([{ cast: null }])
        else expect(exit.failure).toMatchObject({ _tag: "Unsupported", capability: "cast" })
      }
    }
  })
})

describe("values on postgres alone", () => {
  const { failure } = useDatabase("postgres", members)

  test("a cast that fails is a typed error [F55.2]", async () => {
    const text = (value: string) => Expr.value(value, Type.text)
    for (const cast of [
      text("x").cast(Type.integer),
      text("x").cast(Type.date),
      text("x").cast(Type.uuid)
    ]) {
      expect(await failure(Database.all(Query.select({ cast })))).toMatchObject({
        _tag: "InvalidText"
      })
    }
    const wide = Query.select({ cast: integer(70_000).cast(Type.smallint) })
    expect(await failure(Database.all(wide))).toMatchObject({ _tag: "ValueOutOfRange" })
  })
})
