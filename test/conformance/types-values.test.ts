import { Column, Database, type Expr, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const doc = Type.json(Schema.Struct({ a: Schema.Number, b: Schema.NullOr(Schema.String) }))
const all = Table.make("all_types", {
  id: Column.id(),
  small: Column.smallint().nullable(),
  whole: Column.integer().nullable(),
  big: Column.bigint().nullable(),
  real: Column.double().nullable(),
  price: Column.numeric(18, 4).nullable(),
  word: Column.varchar(5).nullable(),
  text: Column.text().nullable(),
  yes: Column.boolean().nullable(),
  raw: Column.bytes().nullable(),
  key: Column.uuid().nullable(),
  day: Column.date().nullable(),
  hour: Column.make(Type.time()).nullable(),
  at: Column.timestamp().nullable(),
  micro: Column.make(Type.timestamp(6)).nullable(),
  kind: Column.enum(["a", "b", "it's"]).nullable(),
  doc: Column.make(doc).nullable()
})
/** The same table as others see it. */
const loose = Table.make("all_types", {
  id: Column.id(),
  micro: Column.make(Type.timestamp(3)).nullable(),
  word: Column.enum(["a", "b"]).nullable(),
  doc: Column.make(Type.json(Schema.Struct({ a: Schema.String }))).nullable()
})

const big = BigDecimal.fromStringUnsafe
const utc = (text: string) => DateTime.makeUnsafe(text)
const from =
  <A>(type: Column.Column<A>) =>
  (text: string) =>
    type.facts.type().codec.json.decode(text) as A
const day = from(Column.date())
const hour = from(Column.make(Type.time()))
const micro = from(Column.make(Type.timestamp(6)))
const megabyte = "é".repeat(2 ** 19)

/** Extremes, empties and the values next to the limits. */
const kept: { readonly [K in keyof typeof all.c]?: ReadonlyArray<unknown> } = {
  small: [-32_768, -32_767, -1, 0, 32_766, 32_767],
  whole: [-2_147_483_648, -2_147_483_647, 0, 2_147_483_647],
  big: [-(2n ** 63n), -(2n ** 63n) + 1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n],
  real: [
    0,
    0.1,
    -1.5,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    2.2250738585072014e-308,
    2 ** 53 + 2,
    1 / 3
  ],
  price: ["0", "0.0001", "-0.0001", "99999999999999.9999", "-99999999999999.9999", "1.5"].map(big),
  word: ["", "a", "five5", "日本日本日", "a    ", "😀😀😀😀😀"],
  text: ["", " ", "a ", "'", "\\", "\n\r\t", "e\u0301", "\u{10ffff}", "\ufffe", megabyte],
  yes: [true, false],
  raw: [new Uint8Array(), Uint8Array.of(0, 255, 128, 39, 92), new Uint8Array(2 ** 20).fill(7)],
  key: ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
  day: ["1000-01-01", "1969-12-31", "2024-02-29", "9999-12-31"].map(day),
  hour: ["00:00:00", "00:00:00.000001", "23:59:59.999999"].map(hour),
  at: [
    "1000-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999Z",
    "2024-02-29T12:00:00.001Z",
    "9999-12-31T23:59:59.999Z"
  ].map(utc),
  micro: [
    "1000-01-01T00:00:00.000001Z",
    "1969-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59.999999Z"
  ].map(micro),
  kind: ["a", "it's"],
  doc: [
    { a: 1.5, b: null },
    { a: -1, b: 'é"\\\n' },
    { a: 0, b: megabyte }
  ]
}

const textOf = (value: unknown): unknown =>
  BigDecimal.isBigDecimal(value)
    ? BigDecimal.format(BigDecimal.normalize(value))
    : DateTime.isDateTime(value)
      ? value.epochMilliseconds
      : value

describe.each(engines)("types on %s", (engine) => {
  const { all: rowsOf, failure, run } = useDatabase(engine, { all })
  type Row = { readonly small?: number }
  const write = (row: object) =>
    Database.one(
      Query.insert(all)
        .values(row as Row)
        .returning({ id: all.c.id })
    )

  test.each(Object.keys(kept) as ReadonlyArray<keyof typeof kept>)(
    "extremes, null and empty of %s survive [F101.3]",
    async (column) => {
      const c = all.c[column] as typeof all.c.text
      for (const value of [null, ...kept[column]!]) {
        const { id } = await run(write({ [column]: value }))
        const row = Query.from(all).where(all.c.id.eq(id))
        const [back] = await rowsOf(row.select({ value: c }))
        expect(textOf(back!.value)).toEqual(textOf(value))
        if (value === null || column === "doc") continue
        expect(await rowsOf(row.where(c.eq(value as string)).select(all.c.id))).toEqual([id])
      }
    }
  )

  test("text keeps every code point and trailing spaces [F101.5]", async () => {
    const points = Array.from({ length: 0x110000 }, (_, i) => i).filter(
      (i) => (i < 0xd800 || i > 0xdfff) && (i > 0 || engine !== "postgres")
    )
    for (let start = 0; start < points.length; start += 0x20000) {
      const text = points
        .slice(start, start + 0x20000)
        .map((i) => String.fromCodePoint(i))
        .join("")
      const { id } = await run(write({ text }))
      const [back] = await rowsOf(Query.from(all).where(all.c.id.eq(id)).select(all.c.text))
      expect(back === text).toBe(true)
    }
    const { id } = await run(write({ text: "end  " }))
    const ends = (text: string) =>
      rowsOf(
        Query.from(all)
          .where(all.c.id.eq(id).and(all.c.text.eq(text)))
          .select(all.c.text)
      )
    expect(await ends("end  ")).toEqual(["end  "])
    expect(await ends("end")).toEqual([])
    for (const text of [
      "\ud800",
      "a\udfff",
      "\udc00\ud800",
      ...(engine === "postgres" ? ["\0"] : [])
    ]) {
      expect(await failure(write({ text }))).toMatchObject({ _tag: "EncodeFailed", path: "text" })
    }
  })

  test("microseconds are kept; finer than the codec holds fails to read [F103.2]", async () => {
    const at = micro("2024-03-04T05:06:07.123456Z")
    const { id } = await run(write({ micro: at }))
    const [back] = await rowsOf(Query.from(all).where(all.c.id.eq(id)).select(all.c.micro))
    expect(back!.epochMicroseconds).toBe(at.epochMicroseconds)
    const coarse = Query.from(loose).where(loose.c.id.eq(id)).select({ micro: loose.c.micro })
    expect(await failure(Database.all(coarse))).toMatchObject({
      _tag: "DecodeFailed",
      path: "micro"
    })
    await run(
      Database.run(
        Query.update(all)
          .set({ micro: micro("2024-03-04T05:06:07.123Z") })
          .where(all.c.id.eq(id))
      )
    )
    expect((await rowsOf(coarse))[0]!.micro!.epochMilliseconds).toBe(
      utc("2024-03-04T05:06:07.123Z").epochMilliseconds
    )
  })

  test("years 1000 to 9999, leap days and daylight-saving changes survive [F103.3]", async () => {
    const zone = process.env["TZ"]
    const moments = [
      "1000-01-01T00:00:00Z",
      "1582-10-10T00:00:00Z",
      "1900-02-28T23:59:59.999Z",
      "2000-02-29T00:00:00Z",
      "9999-12-31T23:59:59.999Z",
      "2024-03-31T00:59:59.999Z",
      "2024-03-31T01:00:00Z",
      "2024-10-27T00:30:00Z",
      "2024-10-27T01:30:00Z",
      "2024-03-10T06:59:59.999Z",
      "2024-03-10T07:00:00Z",
      "2024-11-03T05:30:00Z",
      "2024-11-03T06:30:00Z"
    ]
    try {
      for (const place of ["UTC", "Europe/Berlin", "America/New_York"]) {
        process.env["TZ"] = place
        for (const moment of moments) {
          const at = utc(moment)
          const date = day(moment.slice(0, 10))
          const { id } = await run(write({ at, micro: micro(moment), day: date }))
          const [row] = await rowsOf(
            Query.from(all)
              .where(all.c.id.eq(id))
              .select({ at: all.c.at, micro: all.c.micro, day: all.c.day })
          )
          expect(row!.at!.epochMilliseconds).toBe(at.epochMilliseconds)
          expect(row!.micro!.epochMicroseconds).toBe(BigInt(at.epochMilliseconds) * 1000n)
          expect(String(row!.day)).toBe(moment.slice(0, 10))
        }
      }
    } finally {
      if (zone === undefined) delete process.env["TZ"]
      else process.env["TZ"] = zone
    }
  })

  test("a boolean is true, false or null in values and in conditions [F104.1]", async () => {
    await run(Database.run(Query.deleteFrom(all).everyRow()))
    for (const yes of [true, false, null]) await run(write({ yes, word: String(yes).slice(0, 5) }))
    const { word, yes } = all.c
    const words = (condition: Expr.Value<boolean | null, "all_types" | Expr.Uses<"all_types">>) =>
      rowsOf(Query.from(all).where(condition).select(word))
    const found: ReadonlyArray<boolean | null> = await rowsOf(
      Query.from(all).orderBy(all.c.id).select(yes)
    )
    expect(found).toEqual([true, false, null])
    expect(await words(yes)).toEqual(["true"])
    expect(await words(yes.eq(false))).toEqual(["false"])
    expect(await words(yes.coalesce(true))).toHaveLength(2)
    expect(
      await rowsOf(Query.from(all).where(yes.isNotTrue()).orderBy(all.c.id).select(word))
    ).toEqual(["false", "null"])
    expect(
      await rowsOf(Query.from(all).orderBy(all.c.id).select(yes.and(all.c.id.isNotNull())))
    ).toEqual([true, false, null])
  })

  test("an enum is its literals: others are refused and fail to read [F104.2]", async () => {
    const { id } = await run(write({ kind: "b", word: "z" }))
    const kinds: ReadonlyArray<"a" | "b" | "it's" | null> = await rowsOf(
      Query.from(all).where(all.c.id.eq(id)).select(all.c.kind)
    )
    expect(kinds).toEqual(["b"])
    expect(await failure(write({ kind: "c" }))).toMatchObject({
      _tag: "EncodeFailed",
      path: "kind"
    })
    const other = Query.from(loose).where(loose.c.id.eq(id)).select({ word: loose.c.word })
    expect(await failure(Database.all(other))).toMatchObject({ _tag: "DecodeFailed", path: "word" })
  })

  test("a document is read by its schema; a wrong one fails naming its path [F105.4]", async () => {
    const { id } = await run(write({ doc: { a: 1, b: "x" } }))
    const [back] = await rowsOf(
      Query.from(all)
        .where(all.c.id.eq(id))
        .select({ in: { doc: all.c.doc } })
    )
    expect(back).toEqual({ in: { doc: { a: 1, b: "x" } } })
    expect(await failure(write({ doc: { a: "no", b: null } }))).toMatchObject({
      _tag: "EncodeFailed",
      path: "doc"
    })
    const wrong = Query.from(loose)
      .where(loose.c.id.eq(id))
      .select({ in: { doc: loose.c.doc } })
    expect(await failure(Database.all(wrong))).toMatchObject({
      _tag: "DecodeFailed",
      path: "in.doc"
    })
  })
})
