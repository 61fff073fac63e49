import { Column, Database, Expr, Fn, Query, sql, Table, Type, unsafeSql } from "athanor"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const Profile = Schema.Struct({
  name: Schema.String,
  age: Schema.optionalKey(Schema.NullOr(Schema.Number)),
  active: Schema.optionalKey(Schema.Boolean),
  tags: Schema.Array(Schema.String),
  address: Schema.NullOr(
    Schema.Struct({
      city: Schema.String,
      zip: Schema.optionalKey(Schema.NullOr(Schema.String)),
      lines: Schema.Array(Schema.Struct({ text: Schema.String }))
    })
  )
})

const people = Table.make("people", {
  id: Column.id(),
  nick: Column.text().nullable(),
  score: Column.double(),
  yes: Column.boolean(),
  profile: Column.make(Type.json(Profile)).nullable(),
  any: Column.make(Type.json(Schema.Unknown)).nullable()
})
const { any, id, nick, profile, score, yes } = people.c

const ada = {
  name: "Ada",
  age: 36,
  tags: ["math", "é😀"],
  address: { city: "London", lines: [{ text: "12 St" }, { text: 'a "b"' }] }
}
const bob = { name: "Bob", age: null, tags: [], address: null }
const odd = ["a.b", 'a"b', "a'b", "[0]", "*", "", "a\\b", "$", "é😀", "a\nb", "?", "0"]

describe.each(engines)("changed documents on %s", (engine) => {
  const { agrees, all, failure, fill, run } = useDatabase(engine, { people })

  test("set, replaced, appended and removed at a path, alike everywhere [F105.7]", async () => {
    await fill("people", [
      { nick: "a", score: 1.5, yes: true, profile: ada, any: { list: [1, [2]], "a.b": { c: 1 } } },
      { nick: 'q"\\', score: -2, yes: false, profile: bob, any: [[1, 2], { a: null }] },
      { nick: null, score: 0, yes: true, profile: null, any: "text" },
      { nick: "d", score: 1e20, yes: false, profile: { ...bob, tags: ["x"] }, any: null }
    ])
    const rows = await agrees(
      Query.from(people)
        .orderBy(id)
        .select({
          id,
          city: Fn.jsonSet(profile, ["address", "city"], "Paris"),
          age: Fn.jsonSet(profile, ["age"], 7),
          none: Fn.jsonSet(profile, ["age"], null),
          tag: Fn.jsonSet(profile, ["tags", 0], "SQL"),
          beyond: Fn.jsonSet(profile, ["tags", 2], "no"),
          line: Fn.jsonSet(profile, ["address", "lines", 1, "text"], "it's"),
          whole: Fn.jsonSet(profile, ["address"], { city: "Rome", lines: [] }),
          more: Fn.jsonAppend(profile, ["tags"], "more"),
          lines: Fn.jsonAppend(profile, ["address", "lines"], { text: "new" }),
          less: Fn.jsonRemove(profile, ["age"]),
          first: Fn.jsonRemove(profile, ["tags", 0]),
          zip: Fn.jsonMerge(profile, ["address"], { zip: null, city: "Oslo" }),
          both: Fn.jsonMerge(profile, [], { name: "X", active: false, age: undefined })
        })
    )
    expect(rows[0]).toMatchObject({
      city: { address: { city: "Paris" }, name: "Ada" },
      none: { age: null },
      tag: { tags: ["SQL", "é😀"] },
      beyond: ada,
      more: { tags: ["math", "é😀", "more"] },
      first: { tags: ["é😀"] },
      zip: { address: { zip: null, city: "Oslo", lines: ada.address.lines } },
      both: { name: "X", active: false, age: 36 }
    })
    expect(rows[0]!.less).toEqual({ name: "Ada", tags: ada.tags, address: ada.address })
    expect(rows[1]).toMatchObject({ city: bob, line: bob, lines: bob, zip: bob })
    expect(Object.values(rows[2]!)).toEqual([3, ...Array.from({ length: 13 }, () => null)])
  })

  test("of a document of any kind, where nothing is there it stays", async () => {
    await agrees(
      Query.from(people)
        .orderBy(id)
        .select({
          id,
          key: Fn.jsonSet(any, ["x"], [1, { y: null }]),
          place: Fn.jsonSet(any, [0], "x"),
          deep: Fn.jsonSet(any, ["list", 1, 0], true),
          under: Fn.jsonSet(any, ["list", "key"], 1),
          wrap: Fn.jsonSet(any, ["list", 0, 0], 1),
          end: Fn.jsonAppend(any, [], { a: [] }),
          inner: Fn.jsonAppend(any, ["list", 1], null),
          gone: Fn.jsonRemove(any, ["list", 0]),
          out: Fn.jsonRemove(any, [0, 0]),
          zero: Fn.jsonRemove(any, ["list", 0, 0]),
          part: Fn.jsonSet(any.at("list"), [1, 0], "x"),
          within: Fn.jsonSet(any.at("a.b"), ["c"], 2),
          twice: Fn.jsonSet(Fn.jsonRemove(any, ["a.b", "c"]), ["a.b", "d"], 2)
        })
    )
    const keyed = Object.fromEntries(odd.map((key, i) => [`k${i}`, Fn.jsonSet(any, [key], i)]))
    const [first] = await agrees(Query.from(people).orderBy(id).select(keyed))
    odd.forEach((key, i) =>
      expect((first as Readonly<Record<string, unknown>>)[`k${i}`]).toHaveProperty([key], i)
    )
    const merged = Fn.jsonMerge(any, [], Object.fromEntries(odd.map((key, i) => [key, i])))
    await agrees(Query.from(people).orderBy(id).select({ id, merged }))
  })

  test("by expressions, NULL being JSON's null", async () => {
    const rows = await agrees(
      Query.from(people)
        .orderBy(id)
        .select({
          id,
          text: Fn.jsonSet(any, ["t"], nick),
          number: Fn.jsonSet(any, ["n"], score),
          whole: Fn.jsonSet(any, ["n"], id),
          truth: Fn.jsonSet(any, ["b"], yes),
          asked: Fn.jsonSet(any, ["b"], score.gt(0)),
          document: Fn.jsonSet(any, ["d"], profile.at("tags")),
          several: Fn.jsonMerge(any, [], { a: nick, b: yes, c: 1 }),
          added: Fn.jsonAppend(any, ["list"], nick)
        })
    )
    expect(rows[0]).toMatchObject({
      text: { t: "a" },
      truth: { b: true },
      asked: { b: true },
      document: { d: ["math", "é😀"] }
    })
  })

  test("an element is set in place by an update [F79.6]", async () => {
    const change = Query.update(people)
      .set({
        profile: Fn.jsonSet(profile, ["address", "city"], "Paris"),
        any: Fn.jsonMerge(any, [], { seen: true })
      })
      .where(id.eq(1))
    const undo = Effect.gen(function* () {
      const count = yield* Database.run(change)
      const rows = yield* Database.all(
        Query.from(people)
          .orderBy(id)
          .limit(2)
          .select({ city: profile.at("address", "city"), any })
      )
      return yield* Effect.fail({ _tag: "Undo" as const, count, rows })
    })
    expect(await failure(Database.transaction(undo))).toMatchObject({
      rows: [
        { city: "Paris", any: { list: [1, [2]], "a.b": { c: 1 }, seen: true } },
        { city: null, any: [[1, 2], { a: null }] }
      ]
    })
    expect(await all(Query.from(people).where(id.eq(1)).select(profile))).toEqual([ada])
  })

  test("what its schema forbids is refused before it is sent or when it is read", async () => {
    const wrong = Query.from(people).select(Fn.jsonSet(profile, ["age"], "x" as never))
    expect(await failure(Database.all(wrong))).toMatchObject({ _tag: "EncodeFailed" })
    const gone = Query.from(people)
      .where(id.eq(1))
      .select(Fn.jsonRemove(profile, ["name"]))
    expect(await failure(Database.all(gone))).toMatchObject({ _tag: "DecodeFailed" })
    expect(await run(Database.count(Query.from(people)))).toBe(4)
  })
})

describe("documents compared on postgres", () => {
  const { agrees, all, failure, fill } = useDatabase("postgres", { people })

  test("containment, existence, comparison, length are the oracle's [F105.5 F105.6]", async () => {
    await fill("people", [
      { nick: "a", score: 1, yes: true, profile: ada, any: { a: [1, [2, 3], { b: 1 }], c: null } },
      { nick: "b", score: 1, yes: true, profile: bob, any: [1, "x", [1, 2]] },
      { nick: "c", score: 1, yes: true, profile: null, any: null }
    ])
    const parts: ReadonlyArray<unknown> = [
      { a: [1] },
      { a: [[3]] },
      { a: [3] },
      { c: null },
      {},
      [],
      "x",
      [[2, 1]],
      2
    ]
    for (const part of parts) {
      await agrees(
        Query.from(people)
          .orderBy(id)
          .select({
            has: Fn.jsonContains(any, part as never),
            within: Fn.jsonContainedBy(Expr.value(part, Type.json(Schema.Unknown)), any),
            keys: Fn.jsonHasKeys(any, ["a", "c"]),
            some: Fn.jsonHasAnyKey(any, ["x", "c"])
          })
      )
    }
    const lengths = await agrees(
      Query.from(people)
        .orderBy(id)
        .select({ all: Fn.jsonLength(any), tags: Fn.jsonLength(profile.at("tags")) })
    )
    expect(lengths.map((row) => row.all)).toEqual([null, 3, null])
    const tagged = Query.from(people)
      .where(Fn.jsonContains(profile, { tags: ["math"] }))
      .select(id)
    expect(await all(tagged)).toEqual([1])
    expect(await all(Query.from(people).where(profile.eq(ada)).select(id))).toEqual([1])
    const again = { address: ada.address, tags: ada.tags, age: ada.age, name: ada.name }
    expect(await all(Query.from(people).where(profile.eq(again)).select(id))).toEqual([1])
  })

  test("paths of SQL's own language, and deletion [F105.6]", async () => {
    const [row] = await all(
      Query.from(people)
        .where(id.eq(1))
        .select({
          found: Fn.jsonPathExists(profile, '$.tags[*] ? (@ == "math")'),
          missing: Fn.jsonPathExists(profile, "$.nothing"),
          adult: Fn.jsonPathMatches(profile, "$.age >= 18"),
          unsure: Fn.jsonPathMatches(profile, "$.name"),
          lines: Fn.jsonPathQuery(profile, "$.address.lines[*].text"),
          less: Fn.jsonRemove(any, ["a", 1])
        })
    )
    expect(row).toEqual({
      found: true,
      missing: false,
      adult: true,
      unsure: null,
      lines: ["12 St", 'a "b"'],
      less: { a: [1, { b: 1 }], c: null }
    })
    const bad = Database.all(Query.from(people).select(Fn.jsonPathExists(any, "$.[")))
    expect(await failure(bad)).toHaveProperty("_tag")
  })
})

describe.each(["sqlite", "mariadb", "mysql"] as const)("documents on %s", (dialect) => {
  test("are not compared as a whole: two texts of one differ", () => {
    const capability = "jsonEquality"
    const from = Query.from(people)
    const other = Query.alias(people, "other")
    for (const query of [
      from.where(profile.eq(ada)),
      from.where(profile.ne(ada)),
      from.where(profile.same(ada)),
      from.where(any.lt(any)),
      from.where(any.in([{ a: 1 }])),
      from.where(any.in(Query.from(other).select(other.c.any))),
      from.where(any.between({ a: 1 }, { a: 2 })),
      from.select(any).distinct(),
      from.select({ id: people.c.id, any }).distinct(),
      from.orderBy(any).distinctOn(any).select(people.c.id),
      from.groupBy(any).select(Fn.count()),
      from.orderBy(any).select(people.c.id),
      from.select(any).union(from.select(any)),
      from.select(any).intersect(from.select(any)),
      from.select(any).exceptAll(from.select(any)),
      from.select(Fn.count(any).distinct()),
      from.select(Fn.count().over({ partitionBy: [any] })),
      from.select(Fn.nullif(any, any))
    ])
      expect(refusalOf(query, dialect)).toMatchObject({ capability })
    // Kept as they are, documents pass.
    for (const query of [from.select(any).unionAll(from.select(any)), from.select(Fn.count(any))])
      expect(textOf(query, dialect)).toMatch(/^SELECT/)
  })
})

describe.each(["sqlite", "mariadb"] as const)("documents measured on %s", (engine) => {
  const { agrees, all, fill } = useDatabase(engine, { people })

  test("length is the oracle's; what is compared in another way is refused [F105.5]", async () => {
    await fill("people", [
      { nick: "a", score: 1, yes: true, profile: ada, any: [1, [2, 3], { b: 1 }, null] },
      { nick: "b", score: 1, yes: true, profile: bob, any: { length: 2 } },
      { nick: "c", score: 1, yes: true, profile: null, any: "[1]" },
      { nick: "d", score: 1, yes: true, profile: null, any: null }
    ])
    const rows = await agrees(
      Query.from(people)
        .orderBy(id)
        .select({
          tags: Fn.jsonLength(profile.at("tags")),
          lines: Fn.jsonLength(profile.at("address", "lines")),
          all: Fn.jsonLength(any),
          inner: Fn.jsonLength(any.at(1))
        })
    )
    expect(rows.map((row) => row.all)).toEqual([4, null, null, null])
    await agrees(
      Query.from(people)
        .where(Fn.jsonLength(any).gt(Fn.jsonLength(profile.at("tags"))))
        .select(id)
    )
    const from = Query.from(people)
    const part: unknown = { a: 1 }
    const refused = [
      [from.where(any.eq(part as never)), "jsonEquality"],
      [from.where(Fn.jsonContains(any, part as never)), "jsonContains"],
      [from.where(Fn.jsonContainedBy(any, part as never)), "jsonContainedBy"]
    ] as const
    for (const [query, capability] of refused)
      expect(refusalOf(query, engine)).toMatchObject({ capability })
  })

  // Why MariaDB's own are not asked: they mean something else.
  if (engine === "mariadb") {
    test("the server's own comparisons are others than the oracle's", async () => {
      const says = (text: string) =>
        all(Query.select(sql(Type.boolean)(unsafeSql(`(${text})`)))).then(([one]) => one)
      expect(await says("JSON_CONTAINS('[[1,2]]', '[1]')")).toBe(true)
      expect(await says("JSON_CONTAINS('9007199254740993', '9007199254740992')")).toBe(true)
      expect(await says(`JSON_EQUALS('"\\\\u0061"', '"a"')`)).toBe(false)
    })
  }
})

describe("changed documents as printed for sqlite, postgres, mariadb and mysql", () => {
  test("each in each dialect's words", () => {
    const mysql =
      "SELECT CASE WHEN json_type(people.profile) = 'OBJECT' THEN " +
      "json_set(people.profile, '$.name', json_extract(?, '$')) ELSE people.profile END AS c0 " +
      "FROM people"
    expectSql(Query.from(people).select(Fn.jsonSet(profile, ["name"], "x")), {
      sqlite:
        "SELECT CASE WHEN json_type(people.profile) = 'object' THEN " +
        "json_set(people.profile, '$.name', json(?)) ELSE people.profile END AS c0 FROM people",
      postgres:
        "SELECT CASE WHEN jsonb_typeof(people.profile) = 'object' THEN jsonb_set(people.profile, " +
        "'{\"name\"}', coalesce($1::jsonb, 'null')) ELSE people.profile END AS c0 FROM people",
      mysql,
      mariadb: mysql
    })
  })

  test("what no schema says is refused when built, and elsewhere by name", () => {
    expect(() => Fn.jsonSet(profile, ["nowhere"] as never, 1 as never)).toThrow("does not say")
    expect(() => Fn.jsonSet(profile, [] as never, 1 as never)).toThrow("the path is empty")
    expect(() => Fn.jsonSet(profile, ["age"], undefined as never)).toThrow("undefined")
    expect(() => Fn.jsonRemove(profile, [] as never)).toThrow("the path is empty")
    expect(() => Fn.jsonMerge(profile, [], {})).toThrow("no keys are given")
    expect(() => Fn.jsonAppend(profile, ["name"] as never, 1 as never)).toThrow("has no elements")
    expect(() => Fn.jsonSet(id as never, ["a"] as never, 1 as never)).toThrow("no JSON document")
    expect(() => Fn.jsonSet(any, ["a"], Expr.value(1n, Type.bigint))).toThrow("no value for a Big")
    const asked = Query.from(people)
      .where(Fn.jsonContains(any, { a: 1 }))
      .select(id)
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(asked, dialect).capability).toBe("jsonContains")
  })
})
