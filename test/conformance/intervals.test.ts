import {
  Column,
  Database,
  Expr,
  Fn,
  Instant,
  Interval,
  LocalDate,
  Query,
  Table,
  Type
} from "athanor"
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { engines, refusalOf, useDatabase } from "./support.ts"

const events = Table.make("events", {
  id: Column.id(),
  day: Column.date(),
  at: Column.timestamp(),
  exact: Column.make(Type.timestamp(6)).nullable()
})
const { at, day, exact, id } = events.c

const rows = [
  ["2024-01-31", "2024-01-31T23:59:59.999Z"],
  ["2024-02-29", "2024-02-29T00:00:00Z"],
  ["2023-12-31", "1969-12-31T12:30:00.5Z"],
  ["2100-03-31", "2024-03-31T02:30:00Z"]
] as const

const spans: ReadonlyArray<Interval.Parts> = [
  { months: 1 },
  { months: -1, days: 1 },
  { years: 1, months: 1, days: -31 },
  { weeks: 2, days: 1 },
  { days: 60 },
  {}
]
const moments: ReadonlyArray<Interval.Parts> = [
  { hours: 25, minutes: -3, seconds: 7 },
  { months: 1, days: 1, hours: -1 },
  { seconds: 3_000_000_000 },
  { days: -1, milliseconds: 2000 }
]

describe.each(engines)("intervals added on %s", (engine) => {
  const { agrees, fill } = useDatabase(engine, { events })

  test("months before days before seconds, ends of months included [F64.3]", async () => {
    await fill(
      "events",
      rows.map(([date, moment], i) => ({
        day: LocalDate.parse(date),
        at: DateTime.makeUnsafe(moment),
        exact: i === 0 ? null : Instant.parse(moment)
      }))
    )
    for (const parts of spans) {
      const span = Interval.make(parts)
      const moved = { day: Fn.addInterval(day, span), back: Fn.subtractInterval(day, span) }
      await agrees(
        Query.from(events)
          .orderBy(id)
          .select({ id, ...moved })
      )
    }
    for (const parts of [...spans, ...moments]) {
      const span = Interval.make(parts)
      await agrees(
        Query.from(events)
          .orderBy(id)
          .select({
            id,
            at: Fn.addInterval(at, span),
            back: Fn.subtractInterval(at, span),
            exact: Fn.addInterval(exact, span)
          })
      )
    }
    const [end] = await agrees(
      Query.from(events)
        .orderBy(id)
        .select({ end: Fn.addInterval(day, Interval.make({ months: 1, days: 1 })) })
    )
    expect(String(end!.end)).toBe("2024-03-01")
  })

  test("months, days and microseconds go alike, there and back [F103.6]", async () => {
    const edges = [
      { microseconds: 1 },
      { microseconds: -1 },
      { months: 1, days: -1, microseconds: -(10n ** 6n) + 1n },
      { months: -1, hours: 23, microseconds: 59_999_999 },
      { seconds: 3_000_000_000, microseconds: 1 }
    ].map(Interval.make)
    const near = fc
      .record({
        months: fc.integer({ min: -1000, max: 1000 }),
        days: fc.integer({ min: -10_000, max: 10_000 }),
        microseconds: fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n })
      })
      .map(Interval.make)
    for (const span of [...edges, ...fc.sample(near, { numRuns: 25, seed: 7 })]) {
      const whole = Interval.make({
        months: span.months,
        days: span.days,
        milliseconds: Number(span.microseconds / 1000n)
      })
      await agrees(
        Query.from(events)
          .orderBy(id)
          .select({
            later: Fn.addInterval(exact, span),
            before: Fn.subtractInterval(exact, span),
            at: Fn.addInterval(at, whole),
            back: Fn.subtractInterval(at, whole)
          })
      )
    }
    const [moved] = await agrees(
      Query.from(events)
        .where(exact.isNotNull())
        .orderBy(id)
        .select(Fn.addInterval(exact, Interval.make({ microseconds: -1 })))
        .limit(1)
    )
    expect(String(moved)).toBe("2024-02-28T23:59:59.999999Z")
  })
})

test("parts of a second smaller than a moment holds are refused", () => {
  const span = Interval.make({ milliseconds: 1, microseconds: 1 })
  expect(() => Fn.addInterval(at, span)).toThrow(/holds no part of a second as small/)
  expect(() => Fn.subtractInterval(day, span)).toThrow(/a day has no seconds/)
})

const stays = Table.make("stays", {
  id: Column.id(),
  span: Column.make(Type.interval),
  others: Column.make(Type.array(Type.interval)).nullable()
})

const interval = fc
  .record({
    months: fc.integer({ min: -100_000, max: 100_000 }),
    days: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    microseconds: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })
  })
  .map(Interval.make)

describe("intervals on postgres", () => {
  const { all, failure, run } = useDatabase("postgres", { stays })

  test("come back as written: no month is days, no day is hours", async () => {
    const edges = [
      {},
      { microseconds: -1n },
      { months: -1, days: 30, hours: -25 },
      { months: 2 ** 31 - 1, days: -(2 ** 31) + 1, microseconds: 2n ** 62n }
    ].map(Interval.make)
    const values = [...edges, ...fc.sample(interval, { numRuns: 300, seed: 3 })]
    const written = values.map((span) => ({ span, others: [span, span] }))
    await run(Database.run(Query.insert(stays).rows(written)))
    const back = await all(Query.from(stays).orderBy(stays.c.id))
    back.forEach(({ others, span }, i) => {
      if (!Equal.equals(span, values[i])) expect(String(span)).toBe(String(values[i]))
      expect(Equal.equals(others, [values[i], values[i]])).toBe(true)
      const { codec } = Type.interval
      expect(Equal.equals(codec.json.decode(codec.json.encode(values[i])), values[i])).toBe(true)
    })
    const text = Expr.value("1 year 2 months -3 days", Type.text).cast(Type.interval)
    expect(String((await all(Query.select({ text })))[0]!.text)).toBe("P14M-3D")
    expect(
      await failure(Database.run(Query.insert(stays).values({ span: "P1M" as never })))
    ).toMatchObject({ _tag: "EncodeFailed" })
  })

  test("given with the statement or as a value of it, the sum is the server's", async () => {
    for (const [date, moment] of rows)
      for (const parts of [...spans, ...moments]) {
        const span = Interval.make(parts)
        const value = Expr.value(span, Type.interval)
        const when = Expr.value(DateTime.makeUnsafe(moment), Type.timestamp())
        const on = Expr.value(LocalDate.parse(date), Type.date)
        const hasTime = span.microseconds !== 0n
        const [row] = await all(
          Query.select({
            same: Fn.addInterval(when, span).eq(Fn.addInterval(when, value)),
            back: Fn.subtractInterval(when, span).eq(Fn.subtractInterval(when, value)),
            day: hasTime ? on.eq(on) : Fn.addInterval(on, span).eq(Fn.addInterval(on, value))
          })
        )
        expect(row).toEqual({ same: true, back: true, day: true })
      }
    const fine = Expr.value(Interval.make({ milliseconds: 1 }), Type.interval)
    const zero = Expr.value(DateTime.makeUnsafe(0), Type.timestamp())
    const [later] = await all(Query.select({ at: Fn.addInterval(zero, fine) }))
    expect(later!.at.epochMilliseconds).toBe(1)
    const sum = Fn.addInterval(fine, Interval.make({ months: 1 }))
    expect(String((await all(Query.select({ sum })))[0]!.sum)).toBe("P1MT0.001S")
  })

  test("of what it cannot be made it is refused", () => {
    expect(() => Interval.make({ months: 1.5 })).toThrow("whole months")
    expect(() => Interval.make({ days: 2 ** 31 })).toThrow("whole months")
    expect(() => Interval.parse("1 month")).toThrow("whole months")
    expect(() => Interval.parse("PT")).toThrow("whole months")
    expect(() => Fn.addInterval(day, Interval.make({ hours: 1 }))).toThrow("a day has no seconds")
    expect(() => Fn.addInterval(at, Interval.make({ microseconds: 1 }))).toThrow("part of a second")
    expect(() => Fn.addInterval(id as never, Interval.make({}))).toThrow("no day and no moment")
    expect(String(Interval.add(Interval.make({ months: 1 }), Interval.make({ days: -2 })))).toBe(
      "P1M-2D"
    )
    const asked = Query.from(stays).select({ span: stays.c.span })
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(asked, dialect).capability).toBe("intervals")
  })
})
