import {
  Catalog,
  Column,
  Database,
  Expr,
  Fn,
  Instant,
  LocalDate,
  MultiRange,
  Query,
  Range,
  Table,
  Type
} from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as fc from "fast-check"
import { beforeAll, describe, expect, test } from "vitest"
import { refusalOf, textOf, useDatabase } from "./support.ts"

const stays = Table.make("stays", {
  id: Column.id(),
  nights: Column.make(Type.range(Type.date)),
  rooms: Column.make(Type.multirange(Type.integer)).nullable(),
  span: Column.make(Type.range(Type.timestamp(6))).nullable()
})

const bounds: ReadonlyArray<Range.Bounds> = ["[)", "[]", "(]", "()"]
const day = (n: number) => LocalDate.make(2024, 2, 20 + n)

/** A type of bounds, and values of it in order. */
const kinds = {
  integer: [Type.integer, (n: number) => n],
  bigint: [Type.bigint, (n: number) => BigInt(n) * 2n ** 40n],
  numeric: [Type.numeric(12, 3), (n: number) => BigDecimal.make(BigInt(n) * 5n, 1)],
  date: [Type.date, day],
  moment: [Type.timestamp(), (n: number) => DateTime.makeUnsafe(n * 1_001)],
  instant: [Type.timestamp(6), (n: number) => Instant.make(BigInt(n) * 1_000_001n)]
} as const

type Any = Range.Range<any>
const drawn = (value: (n: number) => unknown): fc.Arbitrary<Any> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(Range.empty as Any) },
    {
      weight: 9,
      arbitrary: fc
        .tuple(
          fc.option(fc.integer({ min: 0, max: 6 })),
          fc.option(fc.integer({ min: 0, max: 6 })),
          fc.constantFrom(...bounds)
        )
        .map(([a, b, kind]) => {
          const [low, high] = a !== null && b !== null && a > b ? [b, a] : [a, b]
          const of = (n: number | null) => (n === null ? null : value(n))
          return Range.make(of(low) as number | null, of(high) as number | null, kind)
        })
    }
  )

const same = (given: unknown, meant: unknown): void => {
  if (!Equal.equals(given, meant)) expect(String(given)).toBe(String(meant))
}

describe("ranges on postgres", () => {
  const { all, failure, run } = useDatabase("postgres", { stays })

  describe.each(Object.entries(kinds))("of %s", (name, [type, value]) => {
    const subtype = type as unknown as Type.RangeType<number>
    const pairs = Table.make(`pairs_${name}`, {
      id: Column.id(),
      a: Column.make(Type.range(subtype)),
      b: Column.make(Type.range(subtype)),
      c: Column.make(Type.multirange(subtype))
    })
    const cases = fc.sample(fc.tuple(drawn(value), drawn(value), drawn(value)), {
      numRuns: 300,
      seed: 7
    })
    const { a, b, c, id } = pairs.c

    beforeAll(async () => {
      await run(Database.create(Catalog.make({ pairs })))
      const rows = cases.map(([one, other, third]) => ({
        a: one,
        b: other,
        c: MultiRange.make([one, other, third])
      }))
      await run(Database.run(Query.insert(pairs).rows(rows)))
    })

    test("come back as written, empty, unbounded and of each bound [F107.1 F107.5]", async () => {
      const rows = await all(Query.from(pairs).orderBy(id).select({ a, b, c }))
      rows.forEach((row, i) => {
        const [one, other, third] = cases[i]!
        same(row.a, one)
        same(row.b, other)
        same(row.c, MultiRange.make([one, other, third]))
        for (const [what, codec] of [
          [row.a, Type.range(subtype).codec],
          [row.c, Type.multirange(subtype).codec]
        ] as const)
          same(codec.json.decode(JSON.parse(JSON.stringify(codec.json.encode(what)))), what)
      })
      const [first] = cases.filter(([one]) => !one.isEmpty)
      const found = await all(Query.from(pairs).where(a.eq(first![0])).select({ a }))
      expect(found.length).toBeGreaterThan(0)
      for (const row of found) same(row.a, first![0])
    })

    test("the algebra here is the server's [F107.2 F107.3]", async () => {
      const point = value(3) as never
      const parts = Query.from(pairs)
        .orderBy(id)
        .select({
          value: Fn.rangeContains(a, point),
          contains: Fn.rangeContains(a, b),
          within: Fn.rangeContainedBy(a, b),
          overlaps: Fn.rangeOverlaps(a, b),
          adjacent: Fn.rangeAdjacent(a, b),
          before: Fn.rangeBefore(a, b),
          after: Fn.rangeAfter(a, b),
          ends: Fn.rangeEndsWithin(a, b),
          begins: Fn.rangeBeginsWithin(a, b),
          intersection: Fn.rangeIntersection(a, b),
          merge: Fn.rangeMerge(a, b),
          lower: Fn.rangeLower(a),
          upper: Fn.rangeUpper(a),
          empty: Fn.rangeIsEmpty(a),
          noLower: Fn.rangeLowerInfinite(a),
          noUpper: Fn.rangeUpperInfinite(a),
          hasLower: Fn.rangeIncludesLower(a),
          hasUpper: Fn.rangeIncludesUpper(a),
          several: Fn.multirange(a),
          sum: Fn.rangeUnion(c, Fn.multirange(b)),
          rest: Fn.rangeDifference(c, Fn.multirange(b)),
          common: Fn.rangeIntersection(c, Fn.multirange(b)),
          some: Fn.rangeContains(c, point),
          shares: Fn.rangeOverlaps(c, b),
          rebuilt: Fn.range(Type.range(subtype), Fn.rangeLower(a), Fn.rangeUpper(a), "[]")
        })
      const rows = await all(parts)
      rows.forEach((row, i) => {
        const [one, other, third] = cases[i]!
        const several = MultiRange.make([one, other, third])
        const meant: { readonly [K in keyof typeof row]: unknown } = {
          value: Range.contains(one, point),
          contains: Range.containsRange(one, other),
          within: Range.containsRange(other, one),
          overlaps: Range.overlaps(one, other),
          adjacent: Range.isAdjacent(one, other),
          before: Range.isBefore(one, other),
          after: Range.isAfter(one, other),
          ends: Range.endsWithin(one, other),
          begins: Range.beginsWithin(one, other),
          intersection: Range.intersection(one, other),
          merge: Range.merge(one, other),
          lower: one.lower,
          upper: one.upper,
          empty: one.isEmpty,
          noLower: !one.isEmpty && one.lower === null,
          noUpper: !one.isEmpty && one.upper === null,
          hasLower: one.bounds.startsWith("[") && !one.isEmpty,
          hasUpper: one.bounds.endsWith("]") && !one.isEmpty,
          several: MultiRange.make([one]),
          sum: MultiRange.union(several, MultiRange.make([other])),
          rest: MultiRange.difference(several, MultiRange.make([other])),
          common: MultiRange.intersection(several, MultiRange.make([other])),
          some: MultiRange.contains(several, point),
          shares: MultiRange.overlaps(several, MultiRange.make([other])),
          rebuilt: Range.make(one.lower, one.upper, "[]")
        }
        for (const key of Object.keys(meant) as ReadonlyArray<keyof typeof row>)
          if (!Equal.equals(row[key], meant[key]))
            expect(`${one} ${key} ${other}: ${row[key]}`).toBe(
              `${one} ${key} ${other}: ${meant[key]}`
            )
      })
    })

    test("a union and a difference are one range, or fail on both sides [F107.2]", async () => {
      const joined = (i: number) => [Range.union(cases[i]![0], cases[i]![1]), "rangeUnion"] as const
      const left = (i: number) =>
        [Range.difference(cases[i]![0], cases[i]![1]), "rangeDifference"] as const
      for (let i = 0; i < 60; i++) {
        for (const [meant, name] of [joined(i), left(i)]) {
          const asked = Query.from(pairs)
            .where(id.eq(i + 1))
            .select({ made: Fn[name](a, b) })
          if (meant === null) {
            expect(await failure(Database.all(asked))).toMatchObject({ _tag: "ValueOutOfRange" })
          } else same((await all(asked))[0]!.made, meant)
        }
      }
    })

    test("gathered by aggregates [F107.3]", async () => {
      const [row] = await all(
        Query.from(pairs).select({ all: Fn.rangeAgg(a), common: Fn.rangeIntersectAgg(a) })
      )
      same(row!.all, MultiRange.make(cases.map(([one]) => one)))
      same(
        row!.common,
        cases.map(([one]) => one).reduce((one, other) => Range.intersection(one, other))
      )
    })
  })

  test("columns of tables, their defaults and their keys", async () => {
    const booked = Range.make(day(0), day(3))
    const stay = { nights: booked, rooms: MultiRange.make([Range.make(1, 3), Range.make(7, 9)]) }
    await run(Database.run(Query.insert(stays).values(stay)))
    const { nights, rooms } = stays.c
    const found = await all(
      Query.from(stays)
        .where(Fn.rangeContains(nights, day(2)).and(Fn.rangeContains(rooms, 8)))
        .select({ nights, rooms })
    )
    expect(found).toHaveLength(1)
    same(found[0]!.nights, booked)
    same(found[0]!.rooms, stay.rooms)
    expect(await all(Query.from(stays).where(nights.ne(booked)).select({ nights }))).toEqual([])
  })

  test("what a range cannot hold is refused, in both directions", async () => {
    const write = (cells: object) =>
      Database.run(Query.insert(stays).values({ nights: Range.make(day(0), day(1)), ...cells }))
    for (const cells of [
      { nights: "[2024-01-01,2024-01-02)" },
      { nights: Range.make(1, 2) },
      { rooms: Range.make(1, 2) },
      { rooms: MultiRange.make([Range.make(1, 2 ** 40)]) }
    ])
      expect(await failure(write(cells))).toMatchObject({ _tag: "EncodeFailed" })
    const fine = Expr.value("[2024-01-01 00:00:00.0001+00,)", Type.text)
    const coarse = fine.cast(Type.range(Type.timestamp()))
    expect(await failure(Database.all(Query.select({ coarse })))).toMatchObject({
      _tag: "DecodeFailed"
    })
    const last = Expr.value("[9999-12-31,9999-12-31]", Type.text).cast(Type.range(Type.date))
    expect(await failure(Database.all(Query.select({ last })))).toMatchObject({
      _tag: "DecodeFailed"
    })
  })
})

describe("ranges here", () => {
  test("equal in canonical form, and refused where they are none", () => {
    expect(Equal.equals(Range.make(1, 10, "[]"), Range.make(0, 11, "()"))).toBe(true)
    expect(Equal.equals(Range.make(1, 1), Range.empty)).toBe(true)
    expect(Equal.equals(Range.make(1, 2, "()"), Range.empty)).toBe(true)
    const half = BigDecimal.make(5n, 1)
    expect(Equal.equals(Range.make(half, half, "[]"), Range.empty)).toBe(false)
    const wider = Range.make(half, BigDecimal.make(500n, 2))
    expect(Equal.equals(Range.make(BigDecimal.make(50n, 2), BigDecimal.make(5n, 0)), wider)).toBe(
      true
    )
    expect(() => Range.make(2, 1)).toThrow("lower bound is not above")
    expect(() => Range.make(1.5, 2)).toThrow("whole numbers")
    expect(() => Range.make("a" as never, "b" as never)).toThrow("values of one type")
    expect(() => Range.make(1, 2, "><" as never)).toThrow("the bounds of a range")
    expect(JSON.stringify(Range.make(day(0), null, "()"))).toBe('"[2024-02-21,)"')
  })

  test.each(["sqlite", "mysql", "mariadb"] as const)("refused by name on %s", (dialect) => {
    const { nights, rooms } = stays.c
    const asked = Query.from(stays)
      .where(Fn.rangeContains(nights, day(1)))
      .select(stays.c.id)
    expect(refusalOf(asked, dialect)).toMatchObject({ capability: "ranges" })
    expect(refusalOf(Query.from(stays).select({ rooms }), dialect)).toMatchObject({
      capability: "multiranges"
    })
  })

  test("as postgres says it; what is no range is refused when built", () => {
    const { id, nights } = stays.c
    const query = Query.from(stays)
      .where(Fn.rangeOverlaps(nights, Range.make(day(0), day(1))))
      .select({ night: Fn.rangeUpper(nights) })
    expect(textOf(query, "postgres")).toBe(
      "SELECT upper(stays.nights) AS night FROM stays WHERE (stays.nights && $1::daterange)"
    )
    expect(() => Fn.rangeLower(id as never)).toThrow("rangeLower: integer is no range")
    expect(() => Type.range(Type.text as never)).toThrow("range: there are no ranges of text")
    expect(() => Type.range(Type.numeric(5, 2).asNumber())).toThrow("there are no ranges of")
    expect(() => Fn.rangeOverlaps(nights, stays.c.rooms as never)).toThrow("beside range(date)")
  })
})
