import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { ValueRefused } from "../../src/algebra/Codec.ts"
import { dialectNames, type DialectName } from "../../src/algebra/Dialect.ts"
import { StatementError } from "../../src/algebra/StatementError.ts"
import type { AnyType, Type } from "../../src/algebra/Type.ts"
import * as Types from "../../src/algebra/types.ts"
import { parseJson } from "../../src/algebra/types/jsonText.ts"
import { momentAs } from "../../src/algebra/types/now.ts"
import * as Instant from "../../src/algebra/values/Instant.ts"
import * as LocalDate from "../../src/algebra/values/LocalDate.ts"
import * as LocalTime from "../../src/algebra/values/LocalTime.ts"
import { typeCases } from "./typeCases.ts"

const utc = (text: string): DateTime.Utc => DateTime.makeUnsafe(text)
const big = BigDecimal.fromStringUnsafe
const family: ReadonlyArray<DialectName> = ["mysql", "mariadb"]
const Any = Schema.Unknown

/** The form a driver gives, and the value it stands for. */
const raws: ReadonlyArray<readonly [AnyType, ReadonlyArray<DialectName>, unknown, unknown]> = [
  [Types.integer, ["sqlite"], 5, 5],
  [Types.integer, ["sqlite"], 5n, 5],
  [Types.integer, ["postgres", ...family], "-2147483648", -2_147_483_648],
  [Types.integer, family, 5, 5],
  [Types.bigint, ["sqlite"], 5, 5n],
  [Types.bigint, ["sqlite"], 2n ** 62n, 2n ** 62n],
  [Types.bigint, ["postgres", ...family], "9223372036854775807", 2n ** 63n - 1n],
  [Types.double, ["sqlite", ...family], 1.5, 1.5],
  [Types.double, ["sqlite"], 2n, 2],
  [Types.double, ["postgres", ...family], "1.5e-7", 1.5e-7],
  [Types.double, ["postgres"], "-0", 0],
  [Types.numeric(6, 2), ["sqlite"], -125, big("-1.25")],
  [Types.numeric(6, 2), ["sqlite"], 125n, big("1.25")],
  [Types.numeric(6, 2), ["postgres", ...family], "-0.50", big("-0.5")],
  [Types.numeric(6, 2), family, 0.5, big("0.5")],
  [Types.numeric(20, 2), dialectNames, "0.10", big("0.1")],
  [Types.numeric(20, 2).asNumber(), dialectNames, "0.10", 0.1],
  [Types.boolean, ["sqlite"], 1n, true],
  [Types.boolean, ["sqlite", ...family], 0, false],
  [Types.boolean, family, "1", true],
  [Types.boolean, ["postgres"], "t", true],
  [Types.boolean, ["postgres"], "f", false],
  [Types.bytes, ["postgres"], "\\x00ff", new Uint8Array([0, 255])],
  [Types.bytes, ["sqlite", ...family], Buffer.from([0, 255]), new Uint8Array([0, 255])],
  [Types.date, dialectNames, "0099-02-28", LocalDate.make(99, 2, 28)],
  [Types.time(), dialectNames, "10:00:00.05", LocalTime.make(10, 0, 0, 50_000)],
  [Types.time(0), dialectNames, "10:00:00.000", LocalTime.make(10, 0)],
  [Types.timestamp(), dialectNames, "2024-01-01 10:00:00", utc("2024-01-01T10:00:00Z")],
  [Types.timestamp(), dialectNames, "2024-01-01 10:00:00.123", utc("2024-01-01T10:00:00.123Z")],
  [Types.timestamp(), dialectNames, "2024-01-01T10:00:00.1000Z", utc("2024-01-01T10:00:00.1Z")],
  [Types.timestamp(), ["postgres"], "2024-01-01 10:00:00.12+00", utc("2024-01-01T10:00:00.12Z")],
  [Types.timestamp(), ["postgres"], "2024-01-01 10:00:00-04:30", utc("2024-01-01T14:30:00Z")],
  [Types.timestamp(6), ["postgres"], "1969-12-31 23:59:59.999999+00", Instant.make(-1n)],
  [Types.json(Any), dialectNames, '{"a":[1,"b",null]}', { a: [1, "b", null] }],
  [Types.json(Any), dialectNames, "[100000000000000000000000]", [1e23]],
  [Types.json(Any), dialectNames, "[-1200000000000000000000000]", [-1.2e24]],
  [Types.count, dialectNames, "5", 5],
  [Types.count, ["sqlite"], 5n, 5],
  [Types.safeInteger, dialectNames, "12.0000", 12],
  [Types.safeInteger, dialectNames, "-9007199254740991", -9_007_199_254_740_991],
  [Types.sumBigint, dialectNames, "92233720368547758070", 92_233_720_368_547_758_070n],
  [Types.sumBigint, dialectNames, "12.0000", 12n],
  [Types.average, dialectNames, "2.5000000000000000", 2.5],
  [Types.average, ["sqlite"], 2.5, 2.5],
  [Types.decimal(2), ["sqlite"], 250, big("2.5")],
  [Types.decimal(2), ["sqlite"], 12.5, big("0.125")],
  [
    Types.decimal(2),
    ["postgres", ...family],
    "0.12345678901234567890",
    big("0.1234567890123456789")
  ]
]

test.each(raws)("%#: what a driver gives is read", (type, dialects, raw, value) => {
  for (const dialect of dialects) {
    expect(Equal.equals(type.codec.row[dialect].decode(raw), value)).toBe(true)
  }
})

const stored: ReadonlyArray<readonly [AnyType, ReadonlyArray<DialectName>, unknown]> = [
  [Types.integer, ["sqlite"], 1.5],
  [Types.integer, ["sqlite"], 2 ** 31],
  [Types.integer, ["sqlite"], "5"],
  [Types.integer, ["postgres"], ""],
  [Types.integer, ["postgres"], "1.0"],
  [Types.bigint, ["sqlite"], 2 ** 53],
  [Types.bigint, family, 2 ** 53],
  [Types.double, ["postgres"], "NaN"],
  [Types.double, ["postgres"], "Infinity"],
  [Types.double, ["sqlite"], Infinity],
  [Types.numeric(6, 2), ["sqlite"], 1.5],
  [Types.numeric(6, 2), ["sqlite"], 10n ** 6n],
  [Types.numeric(18, 2), ["sqlite"], 2 ** 53],
  [Types.numeric(6, 2), ["postgres"], "1.005"],
  [Types.numeric(6, 2), ["postgres"], "NaN"],
  [Types.numeric(20, 2).asNumber(), ["postgres"], "123456789012345678.91"],
  [Types.boolean, ["sqlite", ...family], 2],
  [Types.boolean, ["postgres"], "true"],
  [Types.text, ["sqlite"], Buffer.from("a")],
  [Types.bytes, ["postgres"], "\\x0"],
  [Types.bytes, ["postgres"], "\\xzz"],
  [Types.bytes, ["sqlite"], "a"],
  [Types.date, dialectNames, "0000-00-00"],
  [Types.date, dialectNames, "2023-02-29"],
  [Types.date, dialectNames, "10000-01-01"],
  [Types.date, dialectNames, "infinity"],
  [Types.date, dialectNames, "0044-03-15 BC"],
  [Types.time(), dialectNames, "24:00:00"],
  [Types.time(), dialectNames, "-01:00:00"],
  [Types.time(), dialectNames, "838:59:59"],
  [Types.time(3), dialectNames, "10:00:00.0001"],
  [Types.timestamp(), dialectNames, "2024-01-01 23:59:60"],
  [Types.timestamp(), dialectNames, "2024-01-01 10:00:00.1231"],
  [Types.timestamp(0), dialectNames, "2024-01-01 10:00:00.1"],
  [Types.timestamp(), dialectNames, "0000-00-00 00:00:00"],
  [Types.timestamp(), dialectNames, "0001-01-01 00:00:00+01"],
  [Types.timestamp(), dialectNames, "2024-01-01 10:00:00."],
  [Types.timestamp(), dialectNames, "2024-01-01 10:00:00+0x"],
  [Types.timestamp(), dialectNames, "2024-01-01 10:00:00+00:00:00:00"],
  [Types.timestamp(), dialectNames, "infinity"],
  [Types.timestamp(), dialectNames, "-infinity"],
  [Types.json(Any), dialectNames, "{"],
  [Types.json(Any), dialectNames, "[9007199254740993]"],
  [Types.json(Schema.Number), dialectNames, '"text"'],
  [Types.enumeration(["a"]), dialectNames, "b"],
  [Types.uuid, ["sqlite", ...family], "not a uuid"],
  [Types.count, dialectNames, "9007199254740992"],
  [Types.count, ["sqlite"], 2 ** 53],
  [Types.safeInteger, dialectNames, "12.5"],
  [Types.sumBigint, ["sqlite"], 2 ** 53]
]

test.each(stored)("%#: a form that cannot be read exactly is refused", (type, dialects, raw) => {
  for (const dialect of dialects) {
    expect(() => type.codec.row[dialect].decode(raw)).toThrow(ValueRefused)
  }
})

/** Values of the right kind that the type cannot hold, and values TypeScript was cheated with. */
const values: ReadonlyArray<readonly [AnyType, unknown]> = [
  ...[32_768, -32_769, 1.5, NaN, Infinity, 1n, "1", true].map((v) => [Types.smallint, v] as const),
  ...[2 ** 31, -(2 ** 31) - 1, "1"].map((value) => [Types.integer, value] as const),
  ...[2n ** 63n, -(2n ** 63n) - 1n, 1, "1"].map((value) => [Types.bigint, value] as const),
  ...[NaN, Infinity, -Infinity, "1", 1n].map((value) => [Types.double, value] as const),
  ...[big("1.005"), big("12345.6"), 1.5, "1.5"].map((v) => [Types.numeric(6, 2), v] as const),
  [Types.numeric(6, 2), BigDecimal.make(1n, -1_000_000_000)],
  [Types.numeric(6, 2), BigDecimal.make(1n, 1_000_000_000)],
  ...[1.005, 1e21, NaN, big("1")].map((v) => [Types.numeric(6, 2).asNumber(), v] as const),
  ...["abcd", "😀😀😀😀", 1, "\ud800"].map((value) => [Types.varchar(3), value] as const),
  ...[1, "a\udc00", { toString: () => "a" }, new String("a")].map((v) => [Types.text, v] as const),
  ...[1, 0, "t", null].map((value) => [Types.boolean, value] as const),
  ...["a", [1], new Uint16Array(1), new ArrayBuffer(1)].map((v) => [Types.bytes, v] as const),
  ...["a0eebc99", 1].map((value) => [Types.uuid, value] as const),
  ...["2024-01-01", new Date(), { year: 2024, month: 1, day: 1 }].map(
    (v) => [Types.date, v] as const
  ),
  [Types.time(0), LocalTime.make(10, 0, 0, 1)],
  [Types.timestamp(0), utc("2024-01-01T10:00:00.001Z")],
  ...[new Date(0), 0, "2024-01-01", Instant.make(0n)].map((v) => [Types.timestamp(), v] as const),
  [Types.timestamp(), DateTime.makeUnsafe(253_402_300_800_000)],
  [Types.timestamp(), DateTime.makeUnsafe(-62_135_596_800_001)],
  [Types.timestamp(), DateTime.makeZonedUnsafe(0, { timeZone: "Europe/Berlin" })],
  [Types.timestamp().asDate(), new Date(NaN)],
  [Types.timestamp(6), utc("2024-01-01T00:00:00Z")],
  ...[NaN, [undefined], new Date(), new Map(), 1n, () => 1, "\ud800"].map(
    (value) => [Types.json(Any), value] as const
  ),
  ...["b", "A", 1].map((value) => [Types.enumeration(["a"]), value] as const),
  ...[2 ** 53, 1.5, 1n].map((value) => [Types.count, value] as const)
]

test.each(values)("%#: what a type cannot hold is refused before it is sent", (type, value) => {
  for (const dialect of dialectNames) {
    expect(() => type.codec.row[dialect].encode(value)).toThrow(ValueRefused)
  }
  expect(() => type.codec.json.encode(value)).toThrow(ValueRefused)
})

test("cycles and great depth in JSON are refused", () => {
  const cycle: Array<unknown> = []
  cycle.push(cycle)
  const { encode } = Types.json(Any).codec.row.sqlite
  expect(() => encode(cycle)).toThrow(ValueRefused)
  expect(encode({ absent: undefined, "": 1 })).toBe('{"":1}')
})

test("U+0000 is refused where PostgreSQL would refuse it, and kept elsewhere", () => {
  const types: ReadonlyArray<AnyType> = [Types.text, Types.varchar(3), Types.json(Any)]
  for (const { codec } of types) {
    expect(() => codec.row.postgres.encode("a\0")).toThrow(ValueRefused)
    for (const dialect of ["sqlite", ...family] as const) {
      expect(codec.row[dialect].decode(codec.row[dialect].encode("a\0"))).toBe("a\0")
    }
  }
})

test("varchar counts code points", () => {
  expect(Types.varchar(3).codec.row.sqlite.encode("😀😀😀")).toBe("😀😀😀")
})

test("-0 is 0 in every type of numbers", () => {
  for (const type of [Types.integer, Types.double, Types.count, Types.average] as const) {
    for (const dialect of dialectNames) {
      const back = Number(type.codec.row[dialect].encode(-0))
      expect(Object.is(back, 0)).toBe(true)
    }
    expect(Object.is(type.codec.json.decode(-0), 0)).toBe(true)
  }
})

describe("what SQLite keeps sorts as the values do", () => {
  const encoded = (type: AnyType, value: unknown) => type.codec.row.sqlite.encode(value) as string
  const ordered = <A>(type: Type<A>, arbitrary: fc.Arbitrary<A>, rank: (value: A) => bigint) =>
    fc.assert(
      fc.property(arbitrary, arbitrary, (left, right) => {
        const byText = encoded(type, left) < encoded(type, right)
        expect(byText).toBe(rank(left) < rank(right))
      })
    )
  const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })

  test("timestamp", () => ordered(Types.timestamp(6), micros.map(Instant.make), (v) => v.valueOf()))
  test("numeric", () =>
    ordered(
      Types.numeric(18, 3),
      fc
        .bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })
        .map((v) => BigDecimal.make(v, 3)),
      (value) => value.value
    ))
})

test("JSON takes the forms in which servers print values there", () => {
  const at = utc("2024-01-01T10:00:00.123Z")
  const read = (type: AnyType, printed: unknown) => type.codec.json.decode(printed)
  for (const printed of ["2024-01-01T10:00:00.123+00:00", "2024-01-01 10:00:00.123000"]) {
    expect(Equal.equals(read(Types.timestamp(), printed), at)).toBe(true)
  }
  for (const printed of ["\\x00ff", "00FF", "00ff"]) {
    expect(read(Types.bytes, printed)).toEqual(new Uint8Array([0, 255]))
  }
  expect([1, true].map((printed) => read(Types.boolean, printed))).toEqual([true, true])
  expect(["5", 5].map((printed) => read(Types.bigint, printed))).toEqual([5n, 5n])
  expect(Equal.equals(read(Types.numeric(6, 2), 12.5), big("12.5"))).toBe(true)
  expect(() => read(Types.bigint, 2 ** 53)).toThrow(ValueRefused)
  expect(() => read(Types.numeric(18), 2 ** 53)).toThrow(ValueRefused)
})

test("types stand for the values they hold", () => {
  const status: Type<"draft" | "published"> = Types.enumeration(["draft", "published"])
  const settings: Type<{ readonly a: number }> = Types.json(Schema.Struct({ a: Schema.Number }))
  const moments: readonly [Type<DateTime.Utc>, Type<Date>, Type<Instant.Instant>] = [
    Types.timestamp(),
    Types.timestamp(0).asDate(),
    Types.timestamp(6)
  ]
  // @ts-expect-error a bigint is not a number
  const wrong: Type<number> = Types.bigint
  expect([status, settings, ...moments, wrong]).toHaveLength(6)
})

test("bytes given and bytes read are not the driver's memory", () => {
  const read = Types.bytes.codec.row.mysql.decode(Buffer.from([1, 2]))
  expect(read.constructor).toBe(Uint8Array)
})

test("keys tell types and codecs apart", () => {
  const schema = Schema.Struct({ a: Schema.Number })
  const print = "point"
  const codec = { decode: String, encode: String }
  const same = [Types.varchar(3), Types.json(schema), Types.numeric(4, 2), Types.timestamp(3)]
  const again = [Types.varchar(3), Types.json(schema), Types.numeric(4, 2), Types.timestamp()]
  expect(same.map((type) => type.key)).toEqual(again.map((type) => type.key))
  const different: ReadonlyArray<AnyType> = [
    ...[Types.varchar(4), Types.text, Types.json(Schema.String), Types.numeric(4, 2).asNumber()],
    ...[Types.timestamp().asDate(), Types.timestamp(6), Types.time(3), Types.time(), Types.count],
    ...[Types.custom({ sql: print, codec }), Types.custom({ sql: print, codec })],
    ...[Types.enumeration(["a", "b"]), Types.enumeration(['a","b'])]
  ]
  const keys = [...same, ...different].map((type) => type.key)
  expect(new Set(keys).size).toBe(keys.length)
})

test("malformed types are refused where they are made", () => {
  const wrong: ReadonlyArray<() => unknown> = [
    () => Types.varchar(0),
    () => Types.varchar(1.5),
    () => Types.numeric(0),
    () => Types.numeric(2, 3),
    () => Types.numeric(66),
    () => Types.time(7),
    () => Types.timestamp(7 as 6),
    () => Types.enumeration([]),
    () => Types.enumeration(["a", "a"]),
    () => Types.enumeration([""])
  ]
  for (const make of wrong) expect(make).toThrow(StatementError)
})

test("a custom type binds only what drivers take as it is", () => {
  const codec = { decode: (raw: unknown) => raw, encode: (value: unknown) => value }
  const type = Types.custom({ sql: "point", codec })
  const { encode } = type.codec.row.mysql
  expect(encode("(1,2)")).toBe("(1,2)")
  expect(encode(new Uint8Array([1]))).toEqual(Buffer.from([1]))
  for (const value of [{ toSqlString: () => "1" }, [1], true, NaN, 2n ** 64n, "\ud800"]) {
    expect(() => encode(value)).toThrow(ValueRefused)
  }
  expect(() => type.codec.json.encode(1n)).toThrow(ValueRefused)
  expect(type.sql).toEqual({
    _tag: "Custom",
    print: { sqlite: "point", postgres: "point", mysql: "point", mariadb: "point" }
  })
})

test("a mapped type converts both ways, and its errors quote nothing", () => {
  const Url = Types.mapped(Types.varchar(30), {
    name: "Url",
    from: (stored) => new URL(stored),
    to: (url) => url.href
  })
  const { decode, encode } = Url.codec.row.postgres
  expect(encode(new URL("https://a.example/b"))).toBe("https://a.example/b")
  expect(decode("https://a.example/b").hostname).toBe("a.example")
  expect(() => decode("secret")).toThrow("expected a value of Url")
  expect(Url.sql).toEqual({ _tag: "Varchar", length: 30 })
})

test("SQLite integers that numbers would round are asked for as bigints", () => {
  const exact = [Types.bigint, Types.numeric(16, 2), Types.numeric(18).asNumber(), Types.sumBigint]
  const plain = [Types.integer, Types.numeric(15), Types.numeric(19), Types.count, Types.text]
  expect(exact.map(Types.needsExactIntegers)).toEqual(exact.map(() => true))
  expect(plain.map(Types.needsExactIntegers)).toEqual(plain.map(() => false))
})

test("decimals of SQLite may come as digits and an exponent in JSON", () => {
  expect(Equal.equals(Types.numeric(6, 2).codec.json.decode("1250e-2"), big("12.5"))).toBe(true)
  expect(Types.numeric(6, 2).asNumber().codec.json.decode("1250e-2")).toBe(12.5)
})

test("JSON is read without losing digits of whole numbers", () => {
  expect(parseJson("[9007199254740992, 0.12345678901234567]")).toHaveLength(2)
  expect(() => parseJson("[1e400]")).toThrow(ValueRefused)
  expect(() => parseJson("[9007199254740993]")).toThrow(ValueRefused)
})

test("a moment is had in a type's own representation", () => {
  const at = Date.parse("2024-02-29T10:11:12.345Z")
  expect(momentAs(Types.date, at)).toEqual(LocalDate.make(2024, 2, 29))
  expect(momentAs(Types.time(), at)).toEqual(LocalTime.make(10, 11, 12, 345_000))
  expect(momentAs(Types.time(0), at)).toEqual(LocalTime.make(10, 11, 12))
  expect(momentAs(Types.timestamp(), at)).toEqual(DateTime.makeUnsafe(at))
  expect(momentAs(Types.timestamp(1).asDate(), at)).toEqual(new Date(at - 45))
  expect(momentAs(Types.timestamp(6), at)).toEqual(Instant.make(BigInt(at) * 1000n))
})

test("a decoded DateTime is like one that Effect made", () => {
  const ours = Types.timestamp().codec.row.sqlite.decode("2024-02-29 10:11:12.345")
  const theirs = utc("2024-02-29T10:11:12.345Z")
  expect(Equal.equals(ours, theirs) && Equal.equals(theirs, ours)).toBe(true)
  expect(DateTime.toPartsUtc(ours)).toEqual(DateTime.toPartsUtc(theirs))
  expect(DateTime.add(ours, { days: 1 })).toEqual(DateTime.add(theirs, { days: 1 }))
  expect(Object.keys(ours)).toEqual(Object.keys(theirs))
  expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs))
})

test("what is stored is read as data and never run [F101.7 @all]", () => {
  const hit = "globalThis.athanorHit = true"
  const hostile = [
    hit,
    `(() => { ${hit} })()`,
    `\${${hit}}`,
    `"}; ${hit}; //`,
    `{"__proto__": {"athanorHit": true}, "toJSON": "${hit}", "then": "${hit}"}`,
    `[{"constructor": {"prototype": {"athanorHit": true}}}]`,
    `{"$type": "Function", "source": "${hit}"}`,
    '{"_tag": "Some", "value": {"__proto__": {"athanorHit": true}}}'
  ]
  const functionsIn = (value: unknown): number =>
    typeof value === "function"
      ? 1
      : typeof value === "object" && value !== null
        ? Object.values(value).reduce((sum: number, part) => sum + functionsIn(part), 0)
        : 0
  const types = [...typeCases.map(({ type }) => type), Types.json(Any), Types.array(Types.text)]
  let read = 0
  for (const type of types) {
    const forms = [...dialectNames.map((dialect) => type.codec.row[dialect]), type.codec.json]
    for (const { decode } of forms)
      for (const raw of hostile.flatMap((text) => [text, Buffer.from(text)])) {
        let value: unknown
        try {
          value = decode(raw)
          read++
        } catch (error) {
          if (type.key.startsWith("text:")) continue
          expect(error).toBeInstanceOf(ValueRefused)
        }
        expect(functionsIn(value)).toBe(0)
      }
  }
  expect(read).toBeGreaterThan(100)
  expect("athanorHit" in globalThis).toBe(false)
  expect("athanorHit" in {}).toBe(false)
})
