import { Column, Expr, Fn, Instant, LocalDate, LocalTime, Query, Table, Type } from "athanor"
import * as DateTime from "effect/DateTime"
import { describe, expect, test } from "vitest"
import { engines, expectSql, useDatabase } from "./support.ts"

const events = Table.make("events", {
  id: Column.id(),
  day: Column.date().nullable(),
  at: Column.timestamp(),
  exact: Column.make(Type.timestamp(6)),
  time: Column.make(Type.time(6)),
  n: Column.integer()
})
const { at, day, exact, id, n, time } = events.c

const dayParts = [
  "year",
  "quarter",
  "month",
  "day",
  "dow",
  "isodow",
  "doy",
  "isoWeek",
  "isoYear",
  "epoch"
] as const
const clockParts = ["hour", "minute", "second", "millisecond", "microsecond"] as const
const dayUnits = ["year", "quarter", "month", "week", "day"] as const
const clockUnits = ["hour", "minute", "second"] as const

const record = <K extends string, A>(keys: ReadonlyArray<K>, of: (key: K) => A) =>
  Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<K, A>

const days = [
  "2024-02-29",
  "2024-12-30",
  "2021-01-03",
  "2020-12-31",
  "1969-12-31",
  "1970-01-01",
  "1900-02-28",
  "0001-01-01",
  "9999-12-31"
]
const times = ["00:00:00", "23:59:59.999999", "12:34:56.789", "00:00:00.000001"]

describe.each(engines)("dates on %s", (engine) => {
  const { agrees, all, fill } = useDatabase(engine, { events })

  test("each part of a day, a time and a moment is one number [F64.1]", async () => {
    await fill(
      "events",
      days.flatMap((one, i) =>
        times.map((clock) => {
          const text = `${one}T${clock}`
          return {
            day: i === 3 ? null : LocalDate.parse(one),
            at: DateTime.makeUnsafe(`${text.slice(0, 23)}Z`),
            exact: Instant.parse(`${text}Z`),
            time: LocalTime.parse(clock),
            n: i - 4
          }
        })
      )
    )
    for (const [asked, of] of [
      [record(dayParts, (part) => Fn.extract(part, day)), "day"],
      [record([...dayParts, ...clockParts], (part) => Fn.extract(part, at)), "at"],
      [record([...dayParts, ...clockParts], (part) => Fn.extract(part, exact)), "exact"],
      [record(clockParts, (part) => Fn.extract(part, time)), "time"]
    ] as const) {
      const rows = await agrees(
        Query.from(events)
          .select({ id, ...asked })
          .orderBy(id)
      )
      expect(rows.length, of).toBe(days.length * times.length)
    }
    const [row] = await all(
      Query.select({
        second: Fn.extract(
          "second",
          Expr.value(Instant.parse("2024-02-29T13:45:06.789012Z"), Type.timestamp(6))
        ),
        millisecond: Fn.extract(
          "millisecond",
          Expr.value(Instant.parse("2024-02-29T13:45:06.789012Z"), Type.timestamp(6))
        ),
        before: Fn.extract("epoch", Expr.value(new Date(-1), Type.timestamp().asDate()))
      })
    )
    expect(row).toEqual({ second: 6, millisecond: 789, before: -1 })
  })

  test("a unit begins at one moment everywhere", async () => {
    const units = [...dayUnits, ...clockUnits]
    await agrees(
      Query.from(events)
        .where(Fn.extract("year", at).gt(1))
        .select({
          id,
          ...record(dayUnits, (unit) => Fn.dateTrunc(unit, day)),
          moments: record(units, (unit) => Fn.dateTrunc(unit, at)),
          exact: record(units, (unit) => Fn.dateTrunc(unit, exact))
        })
        .orderBy(id)
    )
    const month = Fn.dateTrunc("month", at)
    await agrees(Query.from(events).groupBy(month).select({ month, n: Fn.count() }))
  })

  test("units added keep to the end of a month and lose no digit", async () => {
    const units = [...dayUnits, ...clockUnits]
    const inside = Query.from(events).where(Fn.extract("year", at).between(100, 9000))
    await agrees(
      inside
        .select({
          id,
          ...record(dayUnits, (unit) => Fn.dateAdd(day, n, unit)),
          moments: record(units, (unit) => Fn.dateAdd(at, n, unit)),
          exact: record(units, (unit) => Fn.dateAdd(exact, -7, unit)),
          end: Fn.dateAdd(Fn.dateAdd(Fn.dateTrunc("month", day), 1, "month"), -1, "day")
        })
        .orderBy(id)
    )
    const ends = ["2024-01-31", "2023-01-31", "2024-03-31", "2024-02-29"].map((one) =>
      Expr.value(LocalDate.parse(one), Type.date)
    )
    const rows = await all(
      Query.select({
        leap: Fn.dateAdd(ends[0]!, 1, "month"),
        short: Fn.dateAdd(ends[1]!, 1, "month"),
        back: Fn.dateAdd(ends[2]!, -1, "month"),
        year: Fn.dateAdd(ends[3]!, -1, "year"),
        quarter: Fn.dateAdd(ends[0]!, 1, "quarter")
      })
    )
    expect(Object.values(rows[0]!).map(String)).toEqual([
      "2024-02-29",
      "2023-02-28",
      "2024-02-29",
      "2023-02-28",
      "2024-04-30"
    ])
  })

  test("whole units between two, days made and moments turned into days", async () => {
    const start = LocalDate.make(2000, 1, 1)
    const units = ["week", "day", ...clockUnits] as const
    await agrees(
      Query.from(events)
        .select({
          id,
          weeks: Fn.dateDiff("week", day, start),
          days: Fn.dateDiff("day", day, start),
          ...record(units, (unit) =>
            Fn.dateDiff(unit, exact, Instant.parse("2000-01-01T00:00:00.5Z"))
          ),
          back: record(units, (unit) => Fn.dateDiff(unit, at, DateTime.makeUnsafe(0))),
          made: Fn.makeDate(2024, id, n),
          early: Fn.makeDate(7, 1, 1),
          date: Fn.toDate(exact),
          moment: Fn.toTimestamp(day)
        })
        .orderBy(id)
    )
    await agrees(Query.from(events).where(Fn.toDate(at).eq(day)).select({ id }))
  })
})

describe("dates as printed for sqlite, postgres, mariadb and mysql", () => {
  test("each in each dialect's words", () => {
    const query = Query.from(events).select({
      y: Fn.extract("year", at),
      month: Fn.dateTrunc("month", at),
      later: Fn.dateAdd(day, n, "month"),
      between: Fn.dateDiff("hour", at, exact as never)
    })
    const mysql =
      "SELECT year(events.at) AS y, CAST(date_format(events.at, '%Y-%m-01') AS DATETIME(3)) AS " +
      "month, date_add(events.day, INTERVAL events.n MONTH) AS later, " +
      "timestampdiff(HOUR, events.at, events.exact) AS `between` FROM events"
    expectSql(query, {
      sqlite:
        "SELECT CAST(substr(events.at, 1, 4) AS INTEGER) AS y, " +
        "((substr(events.at, 1, 8) || '01') || ' 00:00:00.000') AS month, " +
        "date(events.day, events.n || ' months', 'floor') AS later, " +
        "(((unixepoch(substr(events.exact, 1, 19)) * 1000000 + CAST(substr(substr(events.exact, " +
        "21) || '000000', 1, 6) AS INTEGER)) - (unixepoch(substr(events.at, 1, 19)) * 1000000 + " +
        "CAST(substr(substr(events.at, 21) || '000000', 1, 6) AS INTEGER))) / 3600000000) AS " +
        '"between" FROM events',
      postgres:
        "SELECT CAST(extract(year FROM (events.at AT TIME ZONE 'UTC')) AS integer) AS y, " +
        "(date_trunc('month', events.at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC') AS month, " +
        "CAST(events.day + make_interval(months => events.n) AS date) AS later, " +
        "CAST(trunc(extract(epoch FROM events.exact - events.at) / 3600) AS bigint) AS " +
        '"between" FROM events',
      mysql,
      mariadb: mysql
    })
  })

  test("a part or unit a type has not is refused when it is built", () => {
    expect(() => Fn.extract("hour" as never, day)).toThrow("extract: Date has no hour")
    expect(() => Fn.extract("year" as never, time)).toThrow("extract: Time has no year")
    expect(() => Fn.dateAdd(day, 1, "second" as never)).toThrow("dateAdd: Date has no second")
    expect(() => Fn.dateTrunc("hour" as never, day)).toThrow("dateTrunc: Date has no hour")
    expect(() => Fn.dateDiff("day", day, at as never)).toThrow(
      "dateDiff: from a Date to a Timestamp"
    )
  })
})
