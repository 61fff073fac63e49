import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Column from "../../algebra/schema/Column.ts"
import * as Expr from "../../algebra/Expr.ts"
import type { Capabilities } from "../../algebra/Dialect.ts"
import * as Query from "../../algebra/Query.ts"
import * as Table from "../../algebra/schema/Table.ts"
import type { Type as SqlType } from "../../algebra/Type.ts"
import * as Type from "../../algebra/types.ts"
import * as Instant from "../../algebra/values/Instant.ts"
import * as Interval from "../../algebra/values/Interval.ts"
import * as LocalDate from "../../algebra/values/LocalDate.ts"
import * as LocalTime from "../../algebra/values/LocalTime.ts"
import * as Range from "../../algebra/values/Range.ts"
import { Database } from "../../effects/Database.ts"
import { type Case, type Check, conforms } from "./Case.ts"

/** What a type must hold, and what it must refuse before a server sees it. */
interface Holding<A> {
  readonly needs?: keyof Capabilities
  readonly holds: ReadonlyArray<A>
  readonly refuses?: ReadonlyArray<unknown>
  /** Values of a type that has no equality are not sought. */
  readonly isSought?: boolean
}

/** Each value is written, read flat and nested, sought, and given back as a literal value. */
const holding = <A>(
  id: string,
  says: string,
  type: SqlType<A>,
  { holds, isSought = true, needs, refuses = [] }: Holding<A>
): Case => {
  const held = Table.make("cf_held", {
    id: Column.integer().primaryKey(),
    value: Column.make(type).nullable()
  })
  const { id: key, value } = held.c
  const add = (at: number, one: unknown) =>
    Database.run(Query.insert(held).values({ id: at, value: one } as never))
  return conforms(
    `types.${id}`,
    says,
    { held },
    ({ fails, same }): Check =>
      Effect.gen(function* () {
        yield* Effect.forEach(holds, (one, at) => add(at, one))
        yield* add(holds.length, null)
        const ordered = Query.from(held).orderBy(key)
        yield* same(yield* Database.all(ordered.select(value)), [...holds, null], "what is read")
        const nested = yield* Database.all(ordered.select({ of: { key, value } }))
        yield* same(
          nested.map(({ of }) => of.value),
          [...holds, null],
          "what is read in a record"
        )
        yield* Effect.forEach(isSought ? holds : [], (one, at) =>
          Effect.flatMap(
            Database.all(
              Query.from(held)
                .where(value.eq(one as never))
                .select(key)
            ),
            (found) => same(found.includes(at), true, `that value ${at} is found`)
          )
        )
        yield* Effect.forEach(holds, (one, at) =>
          Effect.flatMap(
            Database.one(Query.select(Expr.value(one as never, type as SqlType<never>))),
            (back) => same(back, one, `value ${at} as a parameter`)
          )
        )
        yield* Effect.forEach(refuses, (one) => fails(add(100, one), "EncodeFailed"))
      }),
    needs ?? null
  )
}

const digits = (text: string) => BigDecimal.fromStringUnsafe(text)
const moment = (text: string) => DateTime.toUtc(DateTime.makeUnsafe(text))
const unicode = [
  "",
  "plain",
  "trailing  ",
  'it\'s "quoted" `so` \\ and %s ? :a',
  "méil 日本語 Ωμέγα",
  "👩‍🚀 😀",
  "line\r\nbreak\ttab"
]
const loneSurrogate = "\ud800"

/** The document as it is, whatever is in it. */
const documents = [
  { a: 1, b: [true, null, "x"], c: { "d.e": 1.5 } },
  [],
  {},
  "text",
  "",
  12,
  -1.25,
  true,
  false,
  { "": { 日本: '\u0001"\\' } }
]

export const types = [
  holding("integer", "Whole numbers of 32 bits, to their ends.", Type.integer, {
    holds: [0, 1, -1, 2_147_483_647, -2_147_483_648],
    refuses: [2_147_483_648, 1.5, Number.NaN, Number.POSITIVE_INFINITY]
  }),
  holding("bigint", "Whole numbers of 64 bits, to their ends.", Type.bigint, {
    holds: [0n, 9_007_199_254_740_993n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n],
    refuses: [9_223_372_036_854_775_808n]
  }),
  holding("double", "Every finite double, to the bit.", Type.double, {
    holds: [0, 0.1, 1 / 3, 1.7976931348623157e308, 5e-324, -123.456, 2 ** 53 + 2]
  }),
  holding("numeric", "Decimals with all their digits.", Type.numeric(18, 4), {
    holds: ["0", "12345678901234.5678", "-0.0001", "99999999999999.9999", "10.1000"].map(digits),
    refuses: [digits("100000000000000"), digits("0.00001")]
  }),
  holding("boolean", "True and false.", Type.boolean, { holds: [true, false] }),
  holding("varchar", "Texts of any script, up to a length.", Type.varchar(60), {
    holds: unicode,
    refuses: ["x".repeat(61), loneSurrogate]
  }),
  holding("text", "Texts of any script and length.", Type.text, {
    holds: [...unicode, "x".repeat(100_000)],
    refuses: [loneSurrogate]
  }),
  holding("bytes", "Bytes, each of them.", Type.bytes, {
    holds: [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, at) => at)]
  }),
  holding("date", "Dates, from the first year to the last.", Type.date, {
    holds: ["2012-10-15", "1727-04-01", "1970-01-01", "2024-02-29", "9999-12-31"].map(
      LocalDate.parse
    )
  }),
  holding("time", "Times of a day.", Type.time(0), {
    holds: ["12:57:18", "00:00:00", "23:59:59"].map(LocalTime.parse)
  }),
  holding("time-microseconds", "Times of a day to the microsecond.", Type.time(6), {
    holds: ["12:57:18.000396", "00:00:00.000001", "23:59:59.999999"].map(LocalTime.parse)
  }),
  holding("timestamp", "Moments to the millisecond.", Type.timestamp(), {
    holds: ["2012-10-15T12:57:18.000Z", "1850-11-10T11:52:35.123Z", "9999-12-31T23:59:59.999Z"].map(
      moment
    )
  }),
  holding("timestamp-microseconds", "Moments to the microsecond.", Type.timestamp(6), {
    holds: ["2012-10-15T12:57:18.000396Z", "1970-01-01T00:00:00.000001Z"].map(Instant.parse)
  }),
  holding(
    "json",
    "Documents: objects, lists, texts, numbers, booleans.",
    Type.json(Schema.Unknown),
    {
      holds: documents,
      isSought: false
    }
  ),
  holding(
    "enumeration",
    "One of the labels; others are refused.",
    Type.enumeration(["one", "two", "it's three"]),
    { holds: ["one", "two", "it's three"], refuses: ["four"] }
  ),
  holding("uuid", "Universally unique identifiers.", Type.uuid, {
    holds: ["00000000-0000-0000-0000-000000000000", "f47ac10b-58cc-4372-a567-0e02b2c3d479"],
    refuses: ["not a uuid"]
  }),
  holding(
    "mapped",
    "A type over another converts what is written, compared and read.",
    Type.mapped(Type.text, {
      name: "Between",
      from: (text: string) => text.slice(1, -1),
      to: (text: string) => `<${text}>`
    }),
    { holds: ["abc", "", "日本"] }
  ),
  holding("array", "Lists of values, NULL among them.", Type.array(Type.text, { nulls: true }), {
    needs: "arrays",
    holds: [[], ["a", null, 'it\'s {"b"}']]
  }),
  holding("interval", "Months, days and microseconds, each for itself.", Type.interval, {
    needs: "intervals",
    holds: [Interval.make({ months: 1, days: -2, microseconds: 3_000_001n }), Interval.make({})]
  }),
  holding("range", "Ranges with and without ends, and the empty one.", Type.range(Type.integer), {
    needs: "ranges",
    holds: [Range.make(1, 5), Range.empty as Range.Range<number>]
  })
]
