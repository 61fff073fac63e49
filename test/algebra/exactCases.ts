/** Types by their exact names, with the values they hold, where they are, and what they refuse. */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as fc from "fast-check"
import type { AnyType } from "../../src/algebra/Type.ts"
import * as T from "../../src/algebra/types.ts"
import * as Instant from "../../src/algebra/values/Instant.ts"
import * as Interval from "../../src/algebra/values/Interval.ts"
import { text } from "./typeCases.ts"

type Engine = "sqlite" | "postgres" | "mariadb"

export interface ExactCase {
  readonly type: AnyType
  readonly on: ReadonlyArray<Engine>
  readonly proves: string
  readonly values: fc.Arbitrary<unknown>
  readonly edges: ReadonlyArray<unknown>
  readonly refused: ReadonlyArray<unknown>
  /** Of another value that is written as the same one. */
  readonly alike?: ReadonlyArray<readonly [given: unknown, kept: unknown]>
  /** Where it goes by the name of a generic type, and is read as that. */
  readonly generic?: ReadonlyArray<Engine>
  /** Is not compared on the server. */
  readonly apart?: boolean
}

const pg = ["postgres"] as const
const my = ["mariadb"] as const
const byte = fc.integer({ min: 0, max: 255 })
const v4 = fc.array(byte, { minLength: 4, maxLength: 4 }).map((parts) => parts.join("."))
/** No zeros to leave out, so that the text is its own canonical form. */
const v6 = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((parts) => parts.map((part) => part.toString(16)).join(":"))
const mac = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join(":"))
const bits = (low: number, high: number) =>
  fc.string({ unit: fc.constantFrom("0", "1"), minLength: low, maxLength: high })
const whole = (low: number, high: number): Pick<ExactCase, "values" | "edges" | "refused"> => ({
  values: fc.integer({ min: low, max: high }),
  edges: [low, low + 1, high - 1, high, 0].filter((one) => one >= low && one <= high),
  refused: [low - 1, high + 1, low + 0.5, "1", NaN]
})
/** The longest is more than a server takes in one message: it is only seen to be refused. */
const sizes = (type: AnyType, limit: number, make: (length: number) => unknown): ExactCase => ({
  type,
  on: my,
  proves: "[F101.2 F109.3]",
  values: fc.integer({ min: 0, max: 255 }).map(make),
  edges: [make(0), make(Math.min(limit, 70_000) - 1), make(Math.min(limit, 70_000))],
  refused: [make(limit + 1)]
})
const span = (parts: Interval.Parts) => Interval.make(parts)
const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 5 })

export const exactCases: ReadonlyArray<ExactCase> = [
  {
    type: T.inet,
    on: pg,
    proves: "[F101.2 F108.1]",
    values: fc.oneof(
      v4,
      v6,
      v4.map((one) => `${one}/7`)
    ),
    edges: [
      "0.0.0.0",
      "255.255.255.255/31",
      "::",
      "::1",
      "1::",
      "fe80::1:0:0:1/64",
      "::ffff:1.2.3.4"
    ],
    refused: ["1.2.3", "256.1.1.1", "1.2.3.4/33", "::1/129", "1:2:3", "", 1],
    alike: [
      ["10.0.0.1/32", "10.0.0.1"],
      ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
      ["0:0:1:0:0:0:0:0", "0:0:1::"],
      ["::1.2.3.4", "::1.2.3.4"],
      ["1:0:2:0:0:3:0:0", "1:0:2::3:0:0"]
    ]
  },
  {
    type: T.cidr,
    on: pg,
    proves: "[F101.2 F108.1]",
    values: fc.tuple(byte, byte).map(([a, b]) => `${a}.${b}.0.0/16`),
    edges: ["0.0.0.0/0", "10.1.2.3/32", "::/0", "2001:db8::/32", "::1/128"],
    refused: ["10.0.0.1/8", "2001:db8::1/32", "1.2.3.4/99"],
    alike: [["10.1.2.3", "10.1.2.3/32"]]
  },
  {
    type: T.macaddr,
    on: pg,
    proves: "[F101.2 F108.1]",
    values: mac(6),
    edges: ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"],
    refused: ["08:00:2b:01:02", "08:00:2b:01:02:0g", ""],
    alike: [["08-00-2B-01-02-03", "08:00:2b:01:02:03"]]
  },
  {
    type: T.macaddr8,
    on: pg,
    proves: "[F101.2 F108.1]",
    values: mac(8),
    edges: ["00:00:00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff:ff:ff"],
    refused: ["08:00:2b:01:02:03"]
  },
  {
    type: T.money,
    on: pg,
    proves: "[F101.2 F108.1]",
    values: fc
      .bigInt({ min: -(10n ** 16n), max: 10n ** 16n })
      .map((one) => BigDecimal.make(one, 2)),
    edges: ["0", "0.01", "-0.01", "1234567.89", "-9999999999999999.99"].map(
      BigDecimal.fromStringUnsafe
    ),
    refused: ["0.001", "99999999999999999"].map(BigDecimal.fromStringUnsafe)
  },
  { type: T.oid, on: pg, proves: "[F101.2 F108.1]", ...whole(0, 4_294_967_295) },
  {
    type: T.regclass,
    on: pg,
    proves: "[F101.2 F108.1]",
    values: fc.constantFrom("pg_class", "pg_type", "information_schema.tables"),
    edges: [],
    refused: [1]
  },
  ...(
    [
      [T.regconfig, ["english", "simple"]],
      [T.regdictionary, ["simple", "english_stem"]],
      [T.regtype, ["integer", "text[]", "timestamp with time zone"]],
      [T.regproc, ["now", "pg_sleep"]],
      [T.regprocedure, ["abs(integer)", "now()"]],
      [T.regrole, ["pg_monitor"]],
      [T.regnamespace, ["pg_catalog", "public"]],
      [T.regcollation, ['"C"', '"POSIX"']]
    ] as const
  ).map(([type, names]): ExactCase => ({
    type,
    on: pg,
    proves: "[F101.2 F108.1]",
    values: fc.constantFrom<string>(...names),
    edges: [],
    refused: [1]
  })),
  {
    type: T.char(5),
    on: ["sqlite", "postgres", "mariadb"],
    generic: ["sqlite"],
    proves: "[F101.2]",
    values: text.map((one) => Array.from(one).slice(0, 5).join("").replace(/ +$/, "")),
    edges: ["", "a", " a", "a b", "NL", "日本語☃😀"],
    refused: ["abcdef", "a ", 5]
  },
  {
    type: T.binary(16),
    on: my,
    proves: "[F101.2 F109.3]",
    values: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    edges: [new Uint8Array(16), new Uint8Array(16).fill(32), new Uint8Array(16).fill(255)],
    refused: [new Uint8Array(15), new Uint8Array(17), "0123456789abcdef"]
  },
  {
    type: T.varbinary(9),
    on: my,
    proves: "[F101.2 F109.3]",
    values: fc.uint8Array({ maxLength: 9 }),
    edges: [new Uint8Array(0), new Uint8Array(9), Uint8Array.of(32, 0)],
    refused: [new Uint8Array(10)]
  },
  {
    type: T.unixTimestamp(3),
    on: ["sqlite", "postgres", "mariadb"],
    generic: ["sqlite", "postgres"],
    proves: "[F101.2]",
    values: fc
      .integer({ min: 1000, max: 2 ** 41 - 2 ** 36 })
      .map((one) => DateTime.makeUnsafe(one)),
    edges: ["1970-01-01T00:00:01Z", "2038-01-19T03:14:07.999Z", "2024-03-31T01:30:00Z"].map((one) =>
      DateTime.makeUnsafe(one)
    ),
    refused: [
      DateTime.makeUnsafe("1970-01-01T00:00:00Z"),
      DateTime.makeUnsafe("2038-01-19T03:14:08Z"),
      new Date(5000)
    ]
  },
  {
    type: T.unixTimestamp(6),
    on: ["mariadb"],
    proves: "[F101.2]",
    values: fc.bigInt({ min: 10n ** 6n, max: 2n * 10n ** 15n }).map(Instant.make),
    edges: [Instant.make(10n ** 6n), Instant.make(1_709_164_800_000_005n)],
    refused: [Instant.make(-1n)]
  },
  {
    type: T.bit(5),
    on: ["postgres", "mariadb"],
    proves: "[F101.2 F108.2 F109.2]",
    values: bits(5, 5),
    edges: ["00000", "11111", "00001"],
    refused: ["0000", "000000", "0000a", 5]
  },
  {
    type: T.bit(64),
    on: ["postgres", "mariadb"],
    proves: "[F101.2 F108.2 F109.2]",
    values: bits(64, 64),
    edges: ["0".repeat(64), "1".repeat(64), `1${"0".repeat(63)}`],
    refused: ["1".repeat(63)]
  },
  {
    type: T.varbit(9),
    on: pg,
    proves: "[F101.2 F108.2]",
    values: bits(0, 9),
    edges: ["", "0", "000000000"],
    refused: ["0".repeat(10), "2"]
  },
  {
    type: T.citext,
    on: pg,
    proves: "[F101.2 F108.2]",
    values: text,
    edges: ["", "Zoë", "STRASSE"],
    refused: ["\ud800", 1]
  },
  {
    type: T.real,
    on: ["postgres", "mariadb"],
    proves: "[F101.2]",
    values: fc.float({ noNaN: true, noDefaultInfinity: true }),
    edges: [0, -0, Math.fround(0.1), 2 ** 24, 1.401298464324817e-45, 3.4028234663852886e38],
    refused: [0.1, NaN, Infinity, 1e39]
  },
  {
    type: T.anyNumeric,
    on: pg,
    proves: "[F101.2]",
    values: fc
      .tuple(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.integer({ min: 0, max: 40 }))
      .map(([value, scale]) => BigDecimal.make(value, scale)),
    edges: [
      BigDecimal.make(0n, 0),
      BigDecimal.make(0n, 5),
      BigDecimal.make(-1n, 1),
      BigDecimal.make(150n, 2),
      BigDecimal.make(9_007_199_254_740_993n, 3),
      BigDecimal.make(12n, -30),
      BigDecimal.make(10n ** 2000n + 1n, 1000),
      BigDecimal.make(1n, 16_383)
    ],
    refused: [BigDecimal.make(1n, 16_384), BigDecimal.make(1n, -131_072), 1, "1", NaN]
  },
  {
    type: T.unsignedNumeric(20, 4),
    on: my,
    proves: "[F101.2]",
    values: fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }).map((one) => BigDecimal.make(one, 4)),
    edges: ["0", "0.0001", "9999999999999999.9999"].map(BigDecimal.fromStringUnsafe),
    refused: ["-0.0001", "-1", "0.00001", "10000000000000000"].map(BigDecimal.fromStringUnsafe)
  },
  {
    type: T.unsignedDouble,
    on: my,
    proves: "[F101.2]",
    values: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    edges: [0, -0, 5e-324, 1.7976931348623157e308],
    refused: [-5e-324, -1, NaN, Infinity]
  },
  {
    type: T.unsignedReal,
    on: my,
    proves: "[F101.2]",
    values: fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }),
    edges: [0, -0, Math.fround(0.1), 2 ** 24, 3.4028234663852886e38],
    refused: [-1, 0.1, NaN, 1e39]
  },
  {
    type: T.jsonpath,
    on: pg,
    proves: "[F101.2]",
    values: fc.constantFrom('$."a"', "$[*]", '$."a"[*]?(@ > 1)', "strict $"),
    edges: [],
    refused: [1],
    apart: true
  },
  {
    type: T.timeWithZone(3),
    on: pg,
    proves: "[F101.2 F108.3]",
    values: fc
      .tuple(
        fc.integer({ min: 10, max: 23 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 })
      )
      .map(([hour, tenth, zone]) => `${hour}:00:00.${tenth}+0${zone}`),
    edges: ["00:00:00+00", "23:59:59.999-12", "10:11:12+05:45"],
    refused: ["10:00", "24:00:00Z", "10:00:00", "10:00:00.0001Z", 1],
    alike: [
      ["10:00:00.500Z", "10:00:00.5+00"],
      ["10:00:00+0200", "10:00:00+02"]
    ]
  },
  {
    type: T.timestampWithoutZone(3),
    on: ["postgres"],
    proves: "[F101.2 F108.3]",
    values: fc.integer({ min: 0, max: 2 ** 40 }).map((one) => DateTime.makeUnsafe(one)),
    edges: ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"].map((one) =>
      DateTime.makeUnsafe(one)
    ),
    refused: [new Date(0), "2024-01-01"]
  },
  {
    type: T.timestampWithoutZone(6),
    on: ["postgres"],
    proves: "[F101.2 F108.3]",
    values: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).map(Instant.make),
    edges: [Instant.make(-1n)],
    refused: [DateTime.makeUnsafe(0)]
  },
  {
    type: T.intervalOf("year to month"),
    on: pg,
    proves: "[F101.2 F108.3]",
    values: fc.integer({ min: -99_999, max: 99_999 }).map((months) => span({ months })),
    edges: [span({})],
    refused: [span({ days: 1 }), span({ microseconds: 1 })]
  },
  {
    type: T.intervalOf("day to second", 3),
    on: pg,
    proves: "[F101.2 F108.3]",
    values: fc
      .integer({ min: -(10 ** 9), max: 10 ** 9 })
      .map((milliseconds) => span({ milliseconds })),
    edges: [span({ days: 3, milliseconds: 1 })],
    refused: [span({ microseconds: 1 })]
  },
  {
    type: T.intervalOf("hour"),
    on: pg,
    proves: "[F101.2 F108.3]",
    values: fc.integer({ min: -9999, max: 9999 }).map((hours) => span({ hours })),
    edges: [],
    refused: [span({ minutes: 1 })]
  },
  {
    type: T.intervalOf(null, 2),
    on: pg,
    proves: "[F101.2 F108.3]",
    values: fc.integer({ min: -9999, max: 9999 }).map((one) => span({ milliseconds: one * 10 })),
    edges: [],
    refused: [span({ milliseconds: 1 })]
  },
  {
    type: T.tsvector,
    on: pg,
    proves: "[F101.2]",
    values: fc.constantFrom("'cat':3 'fat':2", "'a' 'b'", ""),
    edges: [],
    refused: [1]
  },
  {
    type: T.tsquery,
    on: pg,
    proves: "[F101.2]",
    values: fc.constantFrom("'fat' & 'cat'", "!'a'", "'a' <-> 'b'"),
    edges: [],
    refused: [1]
  },
  {
    type: T.hstore,
    on: pg,
    proves: "[F101.2]",
    values: fc.dictionary(text, fc.option(text), { maxKeys: 4, noNullPrototype: true }),
    edges: [{}, { a: null }, { 'q"\\': 'x", "y"=>"z\\', "": "" }, { NULL: "NULL" }],
    refused: [{ a: 1 }, ["a"], "a=>b", { a: "\ud800" }, new Map()]
  },
  { type: T.tinyint, on: my, proves: "[F101.2 F109.1]", ...whole(-128, 127) },
  { type: T.mediumint, on: my, proves: "[F101.2 F109.1]", ...whole(-8_388_608, 8_388_607) },
  { type: T.unsigned("tinyint"), on: my, proves: "[F101.2 F109.1]", ...whole(0, 255) },
  { type: T.unsigned("smallint"), on: my, proves: "[F101.2 F109.1]", ...whole(0, 65_535) },
  { type: T.unsigned("mediumint"), on: my, proves: "[F101.2 F109.1]", ...whole(0, 16_777_215) },
  { type: T.unsigned("integer"), on: my, proves: "[F101.2 F109.1]", ...whole(0, 4_294_967_295) },
  {
    type: T.unsigned("bigint"),
    on: my,
    proves: "[F101.2 F109.1]",
    values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    edges: [0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n],
    refused: [-1n, 2n ** 64n, 1]
  },
  { type: T.year, on: my, proves: "[F101.2 F109.2]", ...whole(1901, 2155) },
  {
    type: T.set(["read", "it's", "Zoë"]),
    on: my,
    proves: "[F101.2 F109.2]",
    values: fc.uniqueArray(fc.constantFrom("read", "it's", "Zoë")).map((some) => new Set(some)),
    edges: [new Set(), new Set(["Zoë", "read"])],
    refused: [new Set(["other"]), ["read"], "read"]
  },
  {
    type: T.nativeEnum(["draft", "it's", "a,b"]),
    on: my,
    proves: "[F101.2 F109.2]",
    values: fc.constantFrom("draft", "it's", "a,b"),
    edges: [],
    refused: ["Draft", "", 1]
  },
  sizes(T.sizedText("tiny"), 255, (length) => "a".repeat(length)),
  sizes(T.sizedText("short"), 65_535, (length) => "a".repeat(length)),
  sizes(T.sizedText("medium"), 16_777_215, (length) => "a".repeat(length)),
  sizes(T.sizedBytes("tiny"), 255, (length) => new Uint8Array(length).fill(1)),
  sizes(T.sizedBytes("short"), 65_535, (length) => new Uint8Array(length).fill(2)),
  sizes(T.sizedBytes("medium"), 16_777_215, (length) => new Uint8Array(length).fill(3)),
  {
    type: T.characters(5, { set: "latin1", collation: "latin1_bin" }),
    on: my,
    proves: "[F101.2 F109.4]",
    values: ascii,
    edges: ["", "Zoé", "äöüß"],
    refused: ["abcdef"]
  },
  {
    type: T.national(5),
    on: my,
    proves: "[F101.2 F109.4]",
    values: ascii,
    edges: ["日本語"],
    refused: ["😀", "abcdef"]
  },
  {
    type: T.nativeUuid,
    on: my,
    proves: "[F101.2 F109.5]",
    values: fc.uuid({ version: [1, 2, 3, 4, 5, 6, 7] }),
    edges: ["00000000-0000-0000-0000-000000000000"],
    refused: ["a0ee", 1, "a24d1b01-ffef-8fff-8000-000c00000003"],
    alike: [["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]]
  },
  {
    type: T.inet4,
    on: my,
    proves: "[F101.2 F109.5]",
    values: v4,
    edges: ["0.0.0.0", "255.255.255.255"],
    refused: ["1.2.3", "256.0.0.1"]
  },
  {
    type: T.inet6,
    on: my,
    proves: "[F101.2 F109.5]",
    values: v6,
    edges: ["::", "::1", "1::", "::ffff:10.1.2.3", "2001:db8::1:0:0:1"],
    refused: ["1.2.3.4", "1:2:3", ":::"],
    alike: [["2001:DB8:0:0:0:0:0:1", "2001:db8::1"]]
  },
  {
    type: T.numericAffinity,
    on: ["sqlite"],
    proves: "[F101.2]",
    values: fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true })
    ),
    edges: [0, 1.5, 2 ** 53 - 1, -(2 ** 53) + 1],
    refused: [2 ** 53, NaN, 1n, "1"]
  }
]
