import { Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { engines, expectSql, useDatabase } from "./support.ts"

const keys = [
  "a",
  "a.b",
  'a"b',
  "a'b",
  "a[0]",
  "[0]",
  "*",
  "**",
  "",
  "é😀",
  "a\\b",
  "$",
  "$.a",
  "a b",
  "0",
  "a\nb",
  "%",
  "?",
  "null"
]

const Profile = Schema.Struct({
  name: Schema.String,
  age: Schema.optionalKey(Schema.NullOr(Schema.Number)),
  active: Schema.Boolean,
  price: Schema.Number,
  tags: Schema.Array(Schema.String),
  address: Schema.NullOr(
    Schema.Struct({
      city: Schema.String,
      lines: Schema.Array(Schema.Struct({ text: Schema.String }))
    })
  ),
  since: Schema.DateFromString
})

const people = Table.make("people", {
  id: Column.id(),
  profile: Column.make(Type.json(Profile)).nullable(),
  any: Column.make(Type.json(Schema.Unknown)).nullable()
})
const { any, id, profile } = people.c

const ada = {
  name: "Ada",
  age: 36,
  active: true,
  price: 12.5,
  tags: ["math", "é😀"],
  address: { city: "London", lines: [{ text: "12 St" }, { text: 'a "b"' }] },
  since: new Date("2024-02-29T00:00:00.000Z")
}
const bob = { ...ada, name: "Bob", age: null, active: false, tags: [], address: null }
const { age: _, ...cid } = { ...bob, name: "Cid", price: -0.5 }

const names = {
  id,
  name: profile.at("name"),
  age: profile.at("age"),
  tag: profile.at("tags", 0),
  second: profile.at("tags", 1),
  city: profile.at("address", "city"),
  line: profile.at("address", "lines", 1, "text"),
  lines: profile.at("address").at("lines"),
  since: profile.at("since")
}

const asked = {
  id,
  text: Fn.jsonAs(profile.at("name"), Type.text),
  whole: Fn.jsonAs(profile.at("price"), Type.integer),
  large: Fn.jsonAs(profile.at("age"), Type.bigint),
  number: Fn.jsonAs(profile.at("price"), Type.double),
  truth: Fn.jsonAs(profile.at("active"), Type.boolean),
  wrong: Fn.jsonAs(profile.at("name"), Type.integer),
  kind: Fn.jsonType(profile.at("age")),
  tags: Fn.jsonLength(profile.at("tags")),
  none: Fn.jsonLength(profile.at("name"))
}

describe.each(engines)("json on %s", (engine) => {
  const { agrees, all, fill, run } = useDatabase(engine, { people })

  test("what stands at a path has the type its schema says", async () => {
    await fill("people", [
      { profile: ada, any: Object.fromEntries(keys.map((key, i) => [key, i])) },
      { profile: bob, any: [[1, [2, null]], { "0": "key", list: [] }] },
      { profile: cid, any: "a text" },
      { profile: null, any: null }
    ])
    const rows = await agrees(Query.from(people).select(names).orderBy(id))
    expect(rows[0]).toEqual({
      id: 1,
      name: "Ada",
      age: 36,
      tag: "math",
      second: "é😀",
      city: "London",
      line: 'a "b"',
      lines: ada.address.lines,
      since: ada.since
    })
    expect(rows[3]).toEqual(
      Object.fromEntries(Object.keys(names).map((key) => [key, key === "id" ? 4 : null]))
    )
  })

  test("NULL, JSON's null and an absent key are told apart [F105.2]", async () => {
    const age = profile.at("age")
    const rows = await agrees(
      Query.from(people)
        .orderBy(id)
        .select({ id, there: age.isNotNull(), kind: Fn.jsonType(age), document: profile.isNull() })
    )
    expect(rows).toEqual([
      { id: 1, there: true, kind: "number", document: false },
      { id: 2, there: true, kind: "null", document: false },
      { id: 3, there: false, kind: null, document: false },
      { id: 4, there: false, kind: null, document: true }
    ])
    await agrees(Query.from(people).where(age.isNull()).select({ id }))
  })

  test("a key is one whatever is in it [F105.3]", async () => {
    const select = Object.fromEntries(keys.map((key, i) => [`k${i}`, any.at(key)]))
    const [row] = await all(Query.from(people).where(id.eq(1)).select(select))
    expect(Object.values(row!)).toEqual(keys.map((_, i) => i))
    await agrees(Query.from(people).select({ id, ...select }))
  })

  test("a place of a record and a key of a list have nothing; a value is no list", async () => {
    const rows = await agrees(
      Query.from(people)
        .orderBy(id)
        .select({
          id,
          place: any.at(0),
          deep: any.at(0, 1, 1),
          deeper: any.at(0, 0, 0),
          key: any.at("0"),
          inside: any.at(1, "0"),
          beyond: any.at(7),
          list: Fn.jsonLength(any.at(1, "list"))
        })
    )
    expect(rows[2]).toMatchObject({ place: null, key: null })
    expect(rows[1]).toMatchObject({ place: [1, [2, null]], deeper: null, key: null, inside: "key" })
  })

  test("as a value of SQL it is one of its kind or NULL", async () => {
    const rows = await agrees(Query.from(people).select(asked).orderBy(id))
    expect(rows[2]).toEqual({
      id: 3,
      text: "Cid",
      whole: 0,
      large: null,
      number: -0.5,
      truth: false,
      wrong: null,
      kind: null,
      tags: 0,
      none: null
    })
    const name = Fn.jsonAs(profile.at("name"), Type.text)
    await agrees(
      Query.from(people)
        .where(name.like("B%").or(name.eq("Ada")))
        .select({ id })
    )
    await agrees(Query.from(people).groupBy(name).select({ name, n: Fn.count() }))
    await agrees(
      Query.from(people)
        .orderBy(Fn.jsonAs(profile.at("price"), Type.double).desc(), id)
        .select({ id })
    )
  })

  test("a number no integer holds is an error, never another number", async () => {
    const document = Expr.value({ n: 12_345_678_901_234_567_000 }, Type.json(Schema.Unknown))
    const large = Query.select({ n: Fn.jsonAs(document.at("n"), Type.bigint) })
    const small = Query.select({ n: Fn.jsonAs(document.at("n"), Type.integer) })
    for (const asking of [() => run(Database.all(large)), () => run(Database.all(small))])
      await expect(asking()).rejects.toMatchObject({
        _tag: expect.stringMatching(/DecodeFailed|NumericOverflow|DataInvalid|OutOfRange|Invalid/)
      })
  })
})

/** What a number of JSON is as a decimal: half goes away from zero. */
const asDecimal = (text: string, scale: number): BigDecimal.BigDecimal =>
  BigDecimal.round(BigDecimal.fromStringUnsafe(text), { scale, mode: "half-from-zero" })

describe.each(engines)("decimals of json on %s", (engine) => {
  const { all } = useDatabase(engine, {})
  const documentOf = (value: unknown) => Expr.value(value, Type.json(Schema.Unknown))

  test("string, number, boolean, document or decimal as asked [F105.1]", async () => {
    const document = documentOf({ d: 12.25, s: "x", n: 1.5, t: true, in: [{ a: 1 }] })
    const [row] = await all(
      Query.select({
        d: Fn.jsonAs(document.at("d"), Type.numeric(10, 2)),
        none: Fn.jsonAs(document.at("s"), Type.numeric(10, 2)),
        half: Fn.jsonAs(document.at("d"), Type.numeric(10, 1)),
        wide: Fn.jsonAs(document.at("d"), Type.numeric(30, 4)),
        s: Fn.jsonAs(document.at("s"), Type.text),
        n: Fn.jsonAs(document.at("n"), Type.double),
        t: Fn.jsonAs(document.at("t"), Type.boolean),
        in: document.at("in", 0),
        sum: Fn.jsonAs(document.at("d"), Type.numeric(10, 2)).add(
          Fn.jsonAs(document.at("n"), Type.numeric(10, 1))
        )
      })
    )
    expect(BigDecimal.format(row!.d!)).toBe("12.25")
    expect(BigDecimal.format(row!.half!)).toBe("12.3")
    expect(BigDecimal.format(row!.wide!)).toBe("12.25")
    expect(BigDecimal.format(row!.sum!)).toBe("13.75")
    expect(row).toMatchObject({ none: null, s: "x", n: 1.5, t: true, in: { a: 1 } })
  })

  test("a number is the decimal its digits say, or an error [F105.1]", async () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, min: -1e7, max: 1e7 }),
      fc.integer(),
      fc.constantFrom(0.5, -0.5, 1.005, 2.675, 1e-7, 1e21, -5e-324, 0.1 + 0.2, 99_999.995)
    )
    const kinds = [Type.numeric(18, 2), Type.numeric(18, 6), Type.numeric(30, 4)] as const
    const asked = async (value: number) => {
      const document = documentOf([value]).at(0)
      const [row] = await all(
        Query.select({
          two: Fn.jsonAs(document, kinds[0]),
          six: Fn.jsonAs(document, kinds[1]),
          four: Fn.jsonAs(document, kinds[2])
        })
      )
      return row!
    }
    await fc.assert(
      fc.asyncProperty(numbers, async (value) => {
        const text = JSON.stringify(value)
        if (Math.abs(value) >= 1e12) {
          await expect(asked(value)).rejects.toHaveProperty("_tag")
          return
        }
        const { four, six, two } = await asked(value)
        const found = [two!, six!, four!].map(BigDecimal.format)
        expect(found).toEqual([2, 6, 4].map((scale) => BigDecimal.format(asDecimal(text, scale))))
      }),
      { numRuns: 60 }
    )
  })

  test("beyond the type it is an error, and never the largest there is", async () => {
    const document = documentOf({ d: 123_456.5 })
    for (const type of [Type.numeric(5, 2), Type.numeric(20, 18)])
      await expect(all(Query.select(Fn.jsonAs(document.at("d"), type)))).rejects.toMatchObject({
        _tag: expect.stringMatching(/DecodeFailed|NumericOverflow|ValueOutOfRange/)
      })
  })
})

describe("json as printed for sqlite, postgres, mariadb and mysql", () => {
  test("each in each dialect's words", () => {
    const query = Query.from(people).select({
      city: profile.at("address", "city"),
      key: any.at("it's", 1),
      tag: profile.at("tags", 0),
      name: Fn.jsonAs(profile.at("name"), Type.text)
    })
    const mysql =
      "SELECT json_extract(people.profile, '$.address.city') AS city, " +
      "json_extract(people.`any`, '$.\"it''s\"[1]') AS `key`, " +
      "CASE WHEN json_type(json_extract(people.profile, '$.tags')) = 'ARRAY' " +
      "THEN json_extract(people.profile, '$.tags[0]') END AS tag, " +
      "CASE json_type(json_extract(people.profile, '$.name')) WHEN 'STRING' THEN " +
      "CAST(json_unquote(json_extract(people.profile, '$.name')) AS CHAR) END AS name FROM people"
    expectSql(query, {
      sqlite:
        "SELECT people.profile -> '$.address.city' AS city, " +
        "people.\"any\" -> '$.\"it''s\"[1]' AS \"key\", people.profile -> '$.tags[0]' AS tag, " +
        "CASE json_type(people.profile -> '$.name') " +
        "WHEN 'text' THEN (people.profile -> '$.name') ->> '$' END AS name FROM people",
      postgres:
        "SELECT people.profile -> 'address' -> 'city' AS city, people.\"any\" -> 'it''s' -> 1 AS " +
        "\"key\", jsonb_path_query_first(people.profile, 'strict $.\"tags\"[0]', '{}', true) AS " +
        "tag, CASE jsonb_typeof(people.profile -> 'name') WHEN 'string' THEN " +
        "(people.profile -> 'name') #>> '{}' END AS name FROM people",
      mysql,
      mariadb: mysql
    })
  })

  test("what no schema says is refused", () => {
    expect(() => profile.at("since" as never, "getTime" as never)).toThrow(
      "does not say what is at"
    )
    expect(() => profile.at("nowhere" as never)).toThrow("does not say what is at")
    expect(() => profile.at("tags", -1)).toThrow("-1 is no place in a list")
    expect(() => id.at("a" as never)).toThrow("does not say what is at")
    expect(() => Fn.jsonAs(id, Type.text)).toThrow("Integer is no JSON document")
    expect(() => Fn.jsonAs(any, Type.date)).toThrow("no value of JSON is a Date")
  })
})
