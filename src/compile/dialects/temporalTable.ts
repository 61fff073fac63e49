import type { ClockPart, ClockUnit, DayPart, DayUnit, VolatileName } from "../../algebra/Scalar.ts"
import { type Asked, kindOf, type Row, type Rows, small, type Spelling } from "./spelling.ts"

/*
 * On SQLite a day is `YYYY-MM-DD`, a time `HH:MM:SS` and its digits, a moment both with a space
 * between, all of fixed width: parts are cut out of the text. Its own functions see no more than
 * milliseconds, and would round to the next second, day and year.
 */
const day = (asked: Asked, at = 0): string =>
  kindOf(asked, at) === "Date" ? `{${at}}` : `substr({${at}}, 1, 10)`
const second = (at: number): string => `substr({${at}}, 1, 19)`
const digits = (at: number, from: number): string => `substr({${at}}, ${from})`

const cut =
  (from: number, length: number): Spelling =>
  (asked) =>
    `CAST(substr({0}, ${kindOf(asked, 0) === "Time" ? from - 11 : from}, ${length}) AS INTEGER)`

/** So many digits of the fraction of a second, which has as many as its type says. */
const fraction =
  (length: number): Spelling =>
  (asked) => {
    const rest = digits(0, kindOf(asked, 0) === "Time" ? 10 : 21)
    return `CAST(substr(${rest} || '000000', 1, ${length}) AS INTEGER)`
  }

const counted =
  (format: string): Spelling =>
  (asked) =>
    `CAST(strftime('${format}', ${day(asked)}) AS INTEGER)`

/** PostgreSQL keeps moments and would say them in the session's zone. */
const utc = (asked: Asked, at = 0): string =>
  kindOf(asked, at) === "Timestamp" ? `({${at}} AT TIME ZONE 'UTC')` : `{${at}}`

const part =
  (field: string): Spelling =>
  (asked) =>
    `CAST(extract(${field} FROM ${utc(asked)}) AS integer)`

/** The digits after the second, which `extract` gives together with the second. */
const shown =
  (format: string, field: string, modulus: number): Spelling =>
  (asked) =>
    kindOf(asked, 0) === "Interval"
      ? `CAST(trunc(mod(extract(${field} FROM {0}), ${modulus})) AS integer)`
      : `CAST(to_char(${utc(asked)}, '${format}') AS integer)`

const extract: Rows<`extract.${DayPart | ClockPart}`> = {
  "extract.year": { sqlite: cut(1, 4), postgres: part("year"), mysql: "year({0})" },
  "extract.quarter": {
    sqlite: (asked) => `((substr(${day(asked)}, 6, 2) + 2) / 3)`,
    postgres: part("quarter"),
    mysql: "quarter({0})"
  },
  "extract.month": { sqlite: cut(6, 2), postgres: part("month"), mysql: "month({0})" },
  "extract.day": { sqlite: cut(9, 2), postgres: part("day"), mysql: "dayofmonth({0})" },
  "extract.dow": { sqlite: counted("%w"), postgres: part("dow"), mysql: "(dayofweek({0}) - 1)" },
  "extract.isodow": {
    sqlite: counted("%u"),
    postgres: part("isodow"),
    mysql: "(weekday({0}) + 1)"
  },
  "extract.doy": { sqlite: counted("%j"), postgres: part("doy"), mysql: "dayofyear({0})" },
  "extract.isoWeek": { sqlite: counted("%V"), postgres: part("week"), mysql: "week({0}, 3)" },
  "extract.isoYear": {
    sqlite: counted("%G"),
    postgres: part("isoyear"),
    mysql: "(yearweek({0}, 3) DIV 100)"
  },
  "extract.hour": { sqlite: cut(12, 2), postgres: part("hour"), mysql: "hour({0})" },
  "extract.minute": { sqlite: cut(15, 2), postgres: part("minute"), mysql: "minute({0})" },
  "extract.second": {
    sqlite: cut(18, 2),
    postgres: (asked) => `CAST(trunc(extract(second FROM ${utc(asked)})) AS integer)`,
    mysql: "second({0})"
  },
  "extract.millisecond": {
    sqlite: fraction(3),
    postgres: shown("MS", "milliseconds", 1000),
    mysql: "(microsecond({0}) DIV 1000)"
  },
  "extract.microsecond": {
    sqlite: fraction(6),
    postgres: shown("US", "microseconds", 1000000),
    mysql: "microsecond({0})"
  },
  "extract.epoch": {
    sqlite: (asked) => `unixepoch(${kindOf(asked, 0) === "Date" ? "{0}" : second(0)})`,
    postgres: (asked) => `CAST(floor(extract(epoch FROM ${utc(asked)})) AS bigint)`,
    mysql: "floor(timestampdiff(MICROSECOND, '1970-01-01', {0}) / 1000000)"
  }
}

const precisionOf = ({ type }: Asked): number =>
  type.sql._tag === "Timestamp" ? type.sql.precision : 0

const zeros = (asked: Asked): string => {
  const precision = precisionOf(asked)
  return precision === 0 ? "" : `.${"0".repeat(precision)}`
}

/** A day in SQLite's text: itself, or the moment it begins. */
const begun = (asked: Asked, text: string): string =>
  kindOf(asked, 0) === "Date" ? text : `(${text} || ' 00:00:00${zeros(asked)}')`

/** A day, or the moment it begins, in MySQL. */
const asResult = (asked: Asked, text: string): string =>
  `CAST(${text} AS ${asked.type.sql._tag === "Date" ? "DATE" : `DATETIME(${precisionOf(asked)})`})`

const truncatedOwn =
  (unit: string): Spelling =>
  (asked) =>
    kindOf(asked, 0) === "Date"
      ? `CAST(date_trunc('${unit}', CAST({0} AS timestamp)) AS date)`
      : `(date_trunc('${unit}', {0} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')`

const clockTruncated = (unit: string, width: number, rest: string, format: string): Row => ({
  sqlite: (asked) => `(substr({0}, 1, ${width}) || '${rest}${zeros(asked)}')`,
  postgres: truncatedOwn(unit),
  mysql: (asked) => asResult(asked, `date_format({0}, '${format}')`)
})

const dateTrunc: Rows<`dateTrunc.${DayUnit | ClockUnit}`> = {
  "dateTrunc.year": {
    sqlite: (asked) => begun(asked, "(substr({0}, 1, 5) || '01-01')"),
    postgres: truncatedOwn("year"),
    mysql: (asked) => asResult(asked, "date_format({0}, '%Y-01-01')")
  },
  "dateTrunc.quarter": {
    sqlite: (asked) =>
      begun(
        asked,
        "(substr({0}, 1, 5) || printf('%02d', (substr({0}, 6, 2) + 2) / 3 * 3 - 2) || '-01')"
      ),
    postgres: truncatedOwn("quarter"),
    mysql: (asked) =>
      asResult(asked, "concat(date_format({0}, '%Y-'), lpad(quarter({0}) * 3 - 2, 2, '0'), '-01')")
  },
  "dateTrunc.month": {
    sqlite: (asked) => begun(asked, "(substr({0}, 1, 8) || '01')"),
    postgres: truncatedOwn("month"),
    mysql: (asked) => asResult(asked, "date_format({0}, '%Y-%m-01')")
  },
  "dateTrunc.week": {
    sqlite: (asked) => begun(asked, `date(${day(asked)}, '-6 days', 'weekday 1')`),
    postgres: truncatedOwn("week"),
    mysql: (asked) => asResult(asked, "date_sub(date({0}), INTERVAL weekday({0}) DAY)")
  },
  "dateTrunc.day": {
    sqlite: (asked) => begun(asked, day(asked)),
    postgres: truncatedOwn("day"),
    mysql: (asked) => asResult(asked, "date({0})")
  },
  "dateTrunc.hour": clockTruncated("hour", 13, ":00:00", "%Y-%m-%d %H:00:00"),
  "dateTrunc.minute": clockTruncated("minute", 16, ":00", "%Y-%m-%d %H:%i:00"),
  "dateTrunc.second": clockTruncated("second", 19, "", "%Y-%m-%d %H:%i:%s")
}

/** `floor` keeps the last day of a month that has fewer; no time is lost, it is put back. */
const added = (amount: string, word: string, own: string, unit: string): Row => ({
  sqlite: (asked) => {
    const by = `${amount} || ' ${word}', 'floor'`
    return kindOf(asked, 0) === "Date"
      ? `date({0}, ${by})`
      : `(strftime('%Y-%m-%d %H:%M:%S', ${second(0)}, ${by}) || substr({0}, 20))`
  },
  postgres: (asked) => {
    const n = small(asked, 1)
    const by = `make_interval(${own} => ${own === "secs" ? n : amount.replace("{1}", n)})`
    return kindOf(asked, 0) === "Date"
      ? `CAST({0} + ${by} AS date)`
      : `(({0} AT TIME ZONE 'UTC' + ${by}) AT TIME ZONE 'UTC')`
  },
  mysql: `date_add({0}, INTERVAL {1} ${unit})`
})

const micros = (at: number): string =>
  `(unixepoch(${second(at)}) * 1000000 + ` +
  `CAST(substr(${digits(at, 21)} || '000000', 1, 6) AS INTEGER))`

const dateAdd: Rows<`dateAdd.${DayUnit | ClockUnit | "microsecond"}`> = {
  "dateAdd.year": added("{1}", "years", "years", "YEAR"),
  "dateAdd.quarter": added("({1} * 3)", "months", "months", "QUARTER"),
  "dateAdd.month": added("{1}", "months", "months", "MONTH"),
  "dateAdd.week": added("({1} * 7)", "days", "days", "WEEK"),
  "dateAdd.day": added("{1}", "days", "days", "DAY"),
  "dateAdd.hour": added("{1}", "hours", "hours", "HOUR"),
  "dateAdd.minute": added("{1}", "minutes", "mins", "MINUTE"),
  "dateAdd.second": added("{1}", "seconds", "secs", "SECOND"),
  "dateAdd.microsecond": {
    sqlite: (asked) => {
      const sum = `(${micros(0)} + {1})`
      const rest = `((${sum} % 1000000 + 1000000) % 1000000)`
      const fractions = `substr(printf('%06d', ${rest}), 1, ${precisionOf(asked)})`
      const whole = `strftime('%Y-%m-%d %H:%M:%S', (${sum} - ${rest}) / 1000000, 'unixepoch')`
      return `(${whole} || '.' || ${fractions})`
    },
    postgres: "({0} + {1} * interval '1 microsecond')",
    mysql: (asked) => asResult(asked, "date_add({0}, INTERVAL {1} MICROSECOND)")
  }
}

/** Whole units between two, the rest dropped: both operands are of one kind. */
const between = (seconds: number, unit: string): Row => ({
  sqlite: (asked) =>
    kindOf(asked, 0) === "Date"
      ? `((unixepoch({1}) - unixepoch({0})) / ${seconds})`
      : `((${micros(1)} - ${micros(0)}) / ${seconds}000000)`,
  postgres: (asked) =>
    kindOf(asked, 0) === "Date"
      ? `CAST(({1} - {0}) / ${seconds / 86_400} AS bigint)`
      : `CAST(trunc(extract(epoch FROM {1} - {0}) / ${seconds}) AS bigint)`,
  mysql: `timestampdiff(${unit}, {0}, {1})`
})

const dateDiff: Rows<`dateDiff.${"week" | "day" | ClockUnit}`> = {
  "dateDiff.week": between(604_800, "WEEK"),
  "dateDiff.day": between(86_400, "DAY"),
  "dateDiff.hour": between(3600, "HOUR"),
  "dateDiff.minute": between(60, "MINUTE"),
  "dateDiff.second": between(1, "SECOND")
}

const made: Rows<"makeDate" | "toDate" | "toTimestamp" | Exclude<VolatileName, "random">> = {
  // A month or day too many goes on into the next, on every dialect.
  makeDate: {
    sqlite: "date(printf('%04d-01-01', {0}), ({1} - 1) || ' months', ({2} - 1) || ' days')",
    postgres: (asked) =>
      `CAST(make_date(${small(asked, 0)}, 1, 1) + ` +
      `make_interval(months => ${small(asked, 1)} - 1, days => ${small(asked, 2)} - 1) AS date)`,
    mysql:
      "date_add(date_add(CAST(concat(lpad({0}, 4, '0'), '-01-01') AS DATE), " +
      "INTERVAL {1} - 1 MONTH), INTERVAL {2} - 1 DAY)"
  },
  toDate: {
    sqlite: "substr({0}, 1, 10)",
    postgres: "CAST({0} AT TIME ZONE 'UTC' AS date)",
    mysql: "date({0})"
  },
  toTimestamp: {
    sqlite: (asked) => `({0} || ' 00:00:00${zeros(asked)}')`,
    postgres: "(CAST({0} AS timestamp) AT TIME ZONE 'UTC')",
    mysql: (asked) => `CAST({0} AS DATETIME(${precisionOf(asked)}))`
  },
  // Cut, as every server's clock with a precision is; PostgreSQL's cast would round up.
  now: {
    sqlite: "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    postgres: "date_trunc('milliseconds', statement_timestamp())",
    mysql: "utc_timestamp(3)"
  },
  currentDate: {
    sqlite: "date('now')",
    postgres: "CAST(statement_timestamp() AT TIME ZONE 'UTC' AS date)",
    mysql: "utc_date()"
  },
  currentTime: {
    sqlite: "strftime('%H:%M:%f', 'now')",
    postgres:
      "CAST(date_trunc('milliseconds', statement_timestamp() AT TIME ZONE 'UTC') AS time(3))",
    mysql: "utc_time(3)"
  }
}

/** Functions of days, times and moments. */
export const temporalTable = { ...extract, ...dateTrunc, ...dateAdd, ...dateDiff, ...made }
