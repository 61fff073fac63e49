/** Every type of the catalogue with the values it holds, where they are kept, and a wrong twin. */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import type { Type } from "../../src/algebra/Type.ts"
import * as Types from "../../src/algebra/types.ts"
import * as Instant from "../../src/algebra/values/Instant.ts"
import * as LocalDate from "../../src/algebra/values/LocalDate.ts"
import * as LocalTime from "../../src/algebra/values/LocalTime.ts"

/** Column types, as the dialects spell them; MySQL's are MariaDB's. */
interface Stored {
  readonly sqlite: string
  readonly postgres: string
  readonly mariadb: string
}

/** A type, its values, and a decoder that is right for the examples and wrong for one case more. */
export interface TypeCase<A = any> {
  readonly type: Type<A>
  readonly values: fc.Arbitrary<A>
  readonly stored: Stored
  readonly examples: ReadonlyArray<A>
  readonly twin: { readonly says: string; readonly reads: (value: A) => A }
}

const typeCase = <A>(
  type: Type<A>,
  values: fc.Arbitrary<A>,
  stored: string | Stored,
  examples: ReadonlyArray<NoInfer<A>>,
  says: string,
  reads: (value: NoInfer<A>) => NoInfer<A>
): TypeCase<A> => ({
  type,
  values,
  stored:
    typeof stored === "string" ? { sqlite: stored, postgres: stored, mariadb: stored } : stored,
  examples,
  twin: { says, reads }
})

const edge = <A>(values: fc.Arbitrary<A>, ...edges: ReadonlyArray<A>): fc.Arbitrary<A> =>
  fc.oneof({ weight: 4, arbitrary: values }, { weight: 1, arbitrary: fc.constantFrom(...edges) })

/** Text with every plane, with U+0000 only where a dialect keeps it. */
export const text = fc
  .string({ unit: "binary", maxLength: 30 })
  .map((value) => value.replaceAll("\0", ""))

const decimal = (precision: number, scale: number): fc.Arbitrary<BigDecimal.BigDecimal> => {
  const limit = 10n ** BigInt(precision) - 1n
  const small = fc.bigInt({ min: -200n, max: 200n })
  return fc
    .oneof(fc.bigInt({ min: -limit, max: limit }), small)
    .map((unscaled) => BigDecimal.make(unscaled, scale))
}

const sign = (value: BigDecimal.BigDecimal): BigDecimal.BigDecimal =>
  value.value > -100n && value.value < 0n ? BigDecimal.negate(value) : value

const firstMilli = -62_135_596_800_000
const lastMilli = 253_402_300_799_999

const millis = edge(
  fc.integer({ min: firstMilli, max: lastMilli }),
  ...[firstMilli, lastMilli, -1, 0, 1, -999, -1000, 951_782_400_000, 1_709_164_800_005]
)

const micros = edge(
  fc.bigInt({ min: BigInt(firstMilli) * 1000n, max: BigInt(lastMilli) * 1000n + 999n }),
  ...[BigInt(firstMilli) * 1000n, BigInt(lastMilli) * 1000n + 999n, -1n, 0n, 1n, -1000n, 10n]
)

const localDate = millis.map((value) => {
  const date = new Date(value)
  return LocalDate.make(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())
})

const localTime = fc
  .tuple(
    fc.integer({ min: 0, max: 23 }),
    fc.integer({ min: 0, max: 59 }),
    fc.integer({ min: 0, max: 59 }),
    edge(fc.integer({ min: 0, max: 999_999 }), 0, 1, 10, 999_999, 500_000)
  )
  .map((parts) => LocalTime.make(...parts))

const datetime = (precision: number): Stored => ({
  sqlite: "text",
  postgres: `timestamptz(${precision})`,
  mariadb: `datetime(${precision})`
})

const Settings = Schema.Record(
  Schema.String,
  Schema.Union([Schema.String, Schema.Number, Schema.Null, Schema.Array(Schema.Boolean)])
)

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })

const settings = fc.dictionary(
  text,
  fc.oneof(
    text,
    fc.integer(),
    doubles,
    fc.constant(null),
    fc.array(fc.boolean(), { maxLength: 3 })
  ),
  { maxKeys: 5 }
)

export const typeCases: ReadonlyArray<TypeCase> = [
  typeCase(
    Types.smallint,
    fc.integer({ min: -32_768, max: 32_767 }),
    "smallint",
    [0, 1, -1, 255],
    "an unsigned byte pair",
    (value) => (value === -32_768 ? 32_768 : value)
  ),
  typeCase(
    Types.integer,
    fc.integer(),
    "integer",
    [0, 1, -1, 65_536],
    "24 bits of mantissa",
    Math.fround
  ),
  typeCase(
    Types.bigint,
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    "bigint",
    [0n, -1n, 2n ** 53n],
    "through a number",
    (value) => BigInt(Number(value))
  ),
  typeCase(
    Types.double,
    doubles,
    { sqlite: "real", postgres: "double precision", mariadb: "double" },
    [0, 0.1, -1.5, 1e300],
    "15 digits",
    (value) => Number(value.toPrecision(15))
  ),
  typeCase(
    Types.numeric(18, 4),
    decimal(18, 4),
    { sqlite: "integer", postgres: "numeric(18,4)", mariadb: "decimal(18,4)" },
    [BigDecimal.make(12_500n, 4), BigDecimal.make(-10_000n, 4)],
    "through a number",
    (value) => BigDecimal.make(BigInt(Number(value.value)), 4)
  ),
  typeCase(
    Types.numeric(40, 2),
    decimal(40, 2),
    { sqlite: "text", postgres: "numeric(40,2)", mariadb: "decimal(40,2)" },
    [BigDecimal.make(12_500n, 2), BigDecimal.make(-10_000n, 2)],
    "no sign before a zero",
    sign
  ),
  typeCase(
    Types.numeric(15, 3).asNumber(),
    decimal(15, 3).map(BigDecimal.toNumberUnsafe),
    { sqlite: "integer", postgres: "numeric(15,3)", mariadb: "decimal(15,3)" },
    [0, 0.125, -2.5],
    "division instead of decimal text",
    (value) => Math.trunc(value * 1000) / 1000
  ),
  typeCase(
    Types.varchar(30),
    text.filter((value) => Array.from(value).length <= 30),
    { sqlite: "text", postgres: "varchar(30)", mariadb: "varchar(30)" },
    ["", "alice", "Zoë"],
    "the basic plane only",
    (value) => value.replace(/[\u{10000}-\u{10ffff}]/gu, "\ufffd")
  ),
  typeCase(
    Types.text,
    text,
    { sqlite: "text", postgres: "text", mariadb: "longtext" },
    ["", "a'b\"c`", "\\x41", "% _ ?", "😀"],
    "white space trimmed at the end",
    (value) => value.trimEnd()
  ),
  typeCase(
    Types.boolean,
    fc.boolean(),
    { sqlite: "integer", postgres: "boolean", mariadb: "tinyint(1)" },
    [true],
    "every stored form is true",
    () => true
  ),
  typeCase(
    Types.bytes,
    fc.uint8Array({ maxLength: 40 }),
    { sqlite: "blob", postgres: "bytea", mariadb: "longblob" },
    [new Uint8Array(), new Uint8Array([0, 255])],
    "ends at the last byte that is not 0",
    (value) => (value.at(-1) === 0 ? value.slice(0, -1) : value)
  ),
  typeCase(
    Types.uuid,
    fc.uuid(),
    { sqlite: "text", postgres: "uuid", mariadb: "char(36)" },
    ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    "no leading zeros",
    (value) => value.replace(/^0+/, "")
  ),
  typeCase(
    Types.date,
    localDate,
    { sqlite: "text", postgres: "date", mariadb: "date" },
    [LocalDate.make(2024, 2, 29), LocalDate.make(1970, 1, 1)],
    "two-digit years are of the last century",
    (value) =>
      value.year < 100 ? LocalDate.make(value.year + 1900, value.month, value.day) : value
  ),
  typeCase(
    Types.time(),
    localTime,
    { sqlite: "text", postgres: "time(6)", mariadb: "time(6)" },
    [LocalTime.make(10, 0), LocalTime.make(23, 59, 59, 500_000)],
    "a fraction by floating point",
    ({ hour, microsecond, minute, second }) =>
      LocalTime.make(hour, minute, second, Math.floor((second + microsecond / 1e6 - second) * 1e6))
  ),
  typeCase(
    Types.timestamp(),
    millis.map((value) => DateTime.makeUnsafe(value)),
    datetime(3),
    [DateTime.makeUnsafe("2024-01-01T10:00:00.123Z"), DateTime.makeUnsafe(0)],
    "a negative rest before 1970",
    (value) =>
      value.epochMilliseconds % 1000 < 0 ? DateTime.add(value, { milliseconds: 1000 }) : value
  ),
  typeCase(
    Types.timestamp(0).asDate(),
    fc.integer({ min: firstMilli / 1000, max: 253_402_300_799 }).map((s) => new Date(s * 1000)),
    datetime(0),
    [new Date(0), new Date("2024-02-29T10:00:00Z")],
    "two-digit years are of the last century",
    (value) => (value.getUTCFullYear() < 1000 ? new Date(value.getTime() + 86_400_000) : value)
  ),
  typeCase(
    Types.timestamp(6),
    micros.map(Instant.make),
    datetime(6),
    [Instant.make(0n), Instant.make(1_704_103_200_123_000n)],
    "cut to milliseconds",
    (value) => Instant.make((value.epochMicroseconds / 1000n) * 1000n)
  ),
  typeCase(
    Types.json(Settings),
    settings,
    { sqlite: "text", postgres: "jsonb", mariadb: "json" },
    [{}, { theme: "dark", size: 12, flags: [true] }],
    "null counts as absent",
    (value) => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null))
  ),
  typeCase(
    Types.enumeration(["draft", "published", "Draft"]),
    fc.constantFrom("draft", "published", "Draft"),
    { sqlite: "text", postgres: "varchar(9)", mariadb: "varchar(9)" },
    ["draft", "published"],
    "without regard to case",
    (value) => value.toLowerCase() as "draft"
  ),
  typeCase(
    Types.mapped(Types.text, {
      name: "Tags",
      from: (stored) => JSON.parse(stored) as ReadonlyArray<string>,
      to: (value) => JSON.stringify(value)
    }),
    fc.array(text, { maxLength: 4 }),
    { sqlite: "text", postgres: "text", mariadb: "longtext" },
    [[], ["a"], ["a", "b"]],
    "a set, not a list",
    (value) => [...new Set(value)]
  )
]
