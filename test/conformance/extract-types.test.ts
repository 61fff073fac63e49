import {
  Column,
  Database,
  Expr,
  Fn,
  Interval,
  LocalDate,
  LocalTime,
  Query,
  sql,
  Table,
  Type
} from "athanor"
import * as DateTime from "effect/DateTime"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const events = Table.make("events", {
  id: Column.id(),
  day: Column.date(),
  time: Column.make(Type.time(6)),
  at: Column.timestamp().nullable()
})
const { at, day, time } = events.c
const dayParts = ["year", "quarter", "month", "day", "dow", "isodow", "doy", "isoWeek"] as const
const clockParts = ["hour", "minute", "second", "millisecond", "microsecond"] as const
const spanParts = ["year", "month", "day", ...clockParts, "epoch"] as const

const parts: Readonly<Record<string, Expr.Expr<number | null, "events">>> = Object.fromEntries([
  ...[...dayParts, "isoYear", "epoch"].map((one) => [`day ${one}`, Fn.extract(one as "year", day)]),
  ...clockParts.map((one) => [`time ${one}`, Fn.extract(one, time)]),
  ...[...dayParts, ...clockParts, "epoch"].map((one) => [
    `at ${one}`,
    Fn.extract(one as "year", at)
  ])
])

/** Intervals and their parts in the order of `spanParts`. */
const spans: ReadonlyArray<readonly [Interval.Parts, ReadonlyArray<number>]> = [
  [
    { years: 1, months: 14, days: 40, hours: 30, minutes: 5, seconds: 6, milliseconds: 789 },
    [2, 2, 40, 30, 5, 6, 789, 789_000, 71_863_506]
  ],
  [{ months: -1, hours: -1, milliseconds: -1 }, [0, -1, 0, -1, 0, 0, -1, -1000, -2_595_601]],
  [{}, [0, 0, 0, 0, 0, 0, 0, 0, 0]]
]

describe.each(engines)("extract on %s", (engine) => {
  const { agrees, all, failure, fill } = useDatabase(engine, { events })

  test("each part is a whole number, of the type it is said to be [F64.2]", async () => {
    await fill("events", [
      {
        day: LocalDate.parse("2024-12-30"),
        time: LocalTime.parse("23:59:58.987654"),
        at: DateTime.makeUnsafe("1969-12-31T23:59:59.5Z")
      },
      {
        day: LocalDate.parse("9999-12-31"),
        time: LocalTime.parse("00:00:00"),
        at: DateTime.makeUnsafe("9999-12-31T23:59:59.999Z")
      },
      { day: LocalDate.parse("2000-02-29"), time: LocalTime.parse("12:00:00.000001"), at: null }
    ])
    for (const [name, value] of Object.entries(parts)) {
      const rows: ReadonlyArray<{ v: number | null }> = await agrees(
        Query.from(events).select({ v: value }).orderBy(events.c.id)
      )
      for (const { v } of rows)
        expect(v === null || Number.isSafeInteger(v), `${name} ${v}`).toBe(true)
      // It is a number to the server, too: what is reckoned with it stays whole.
      const reckoned = Query.from(events).select({ v: value.mul(2).add(1) })
      for (const [i, { v }] of (await agrees(reckoned.orderBy(events.c.id))).entries())
        expect(v).toBe(rows.at(i)?.v == null ? null : Number(rows[i]!.v) * 2 + 1)
      if (engine === "mariadb") continue
      const asked =
        engine === "postgres"
          ? sql(Type.text)`pg_typeof(${value})::text`
          : sql(Type.text)`typeof(${value})`
      const [said] = await all(Query.from(events).select({ said: asked }).orderBy(events.c.id))
      const bigint = name.endsWith("epoch") ? "bigint" : "integer"
      expect(said!.said, name).toBe(engine === "postgres" ? bigint : "integer")
    }
    for (const [given, meant] of spans) {
      const span = Expr.value(Interval.make(given), Type.interval)
      const asked = Object.fromEntries(spanParts.map((one) => [one, Fn.extract(one, span)]))
      const query = Query.select(asked as Record<"year", Expr.Expr<number>>)
      if (engine !== "postgres") {
        expect(await failure(Database.all(query))).toMatchObject({
          _tag: "Unsupported",
          capability: "intervals"
        })
        continue
      }
      expect(Object.values((await all(query))[0]!)).toEqual(meant)
    }
    const none = Expr.value(null, Type.interval)
    if (engine === "postgres")
      expect(await all(Query.select({ v: Fn.extract("day", none) }))).toEqual([{ v: null }])
  })
})

test("a part that a type has not is refused in the type and when it is built", () => {
  const span = Expr.value(Interval.make({}), Type.interval)
  // @ts-expect-error: an interval has no weekday
  expect(() => Fn.extract("dow", span)).toThrow("Interval has no dow")
  // @ts-expect-error: a day has no hours
  expect(() => Fn.extract("hour", day)).toThrow("Date has no hour")
  // @ts-expect-error: a time of day has no year
  expect(() => Fn.extract("year", time)).toThrow("Time has no year")
})
