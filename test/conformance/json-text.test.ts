/** What reads and prints the text of JSON: every digit where a schema asks for it, or one's own. */
import { Catalog, Column, Database, Entity, Expr, Fn, Query, sql, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { compile } from "athanor/compile"
import { engines, place, type Program, program } from "./engine-support.ts"

interface Tree {
  readonly n: bigint
  readonly kids: ReadonlyArray<Tree>
}
const Tree: Schema.Codec<Tree, unknown> = Schema.Struct({
  n: Schema.BigInt,
  kids: Schema.Array(Schema.suspend(() => Tree))
})

const Exact = Schema.Struct({
  whole: Schema.BigInt,
  price: Schema.BigDecimal,
  double: Schema.Number,
  list: Schema.Array(Schema.BigInt),
  either: Schema.Record(Schema.String, Schema.Union([Schema.Number, Schema.BigInt])),
  at: Schema.DateFromString,
  tree: Tree,
  __proto__: Schema.optionalKey(Schema.BigInt)
})
type Exact = typeof Exact.Type

class Doc extends Entity<Doc>()("docs", {
  id: Column.integer().primaryKey(),
  exact: Column.make(Type.json(Exact)).nullable(),
  loose: Column.make(Type.json(Schema.Unknown)).nullable()
}) {}
const { exact, id, loose } = Doc.c
const catalog = Catalog.make({ Doc })

const decimal = (text: string) => BigDecimal.fromStringUnsafe(text)
const one: Exact = {
  whole: 9007199254740993n,
  price: decimal("12345678901234567890.1234567890123456789"),
  double: 0.1 + 0.2,
  list: [1n, -170141183460469231731687303715884105728n, 0n],
  either: { small: 1.5, large: 9007199254740993n, whole: 7 },
  at: new Date("2024-02-29T00:00:00.000Z"),
  tree: { n: 1n, kids: [{ n: 18446744073709551616n, kids: [] }] }
}

/** Equal where BigDecimals are equal as numbers. */
const plain = (value: unknown): unknown =>
  BigDecimal.isBigDecimal(value)
    ? `decimal ${BigDecimal.format(value)}`
    : value instanceof Date
      ? value.toISOString()
      : Array.isArray(value)
        ? value.map(plain)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
          : value

describe.each(engines)("the text of JSON on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  const opened: Array<Program> = []
  const opening = (settings: Parameters<typeof program>[1]): Program => {
    const made = program(own.url, { pool: { size: 1 }, ...settings })
    opened.push(made)
    return made
  }
  beforeAll(async () => {
    own = await place(engine)
    database = opening({})
    await database.run(Database.create(catalog))
  })
  beforeEach(() => database.run(Database.run(Query.deleteFrom(Doc).everyRow())))
  afterAll(async () => {
    for (const made of opened) await made.dispose()
    await own.drop()
  })
  const said = sql(Type.text)
  const stored = Database.one(
    Query.from(Doc).select({
      text: engine === "mariadb" ? said`CAST(${exact} AS char)` : said`CAST(${exact} AS text)`
    })
  )

  test("bigint and BigDecimal of a schema keep every digit [F12.2]", async () => {
    await database.run(Database.run(Query.insert(Doc).values({ id: 1, exact: one })))
    const row = await database.run(Database.one(Query.from(Doc)))
    expect(plain(row.exact)).toEqual(plain(one))
    const { text } = await database.run(stored)
    for (const digits of ["9007199254740993", "12345678901234567890.1234567890123456789"])
      expect(text).toContain(digits)
    const parts = { whole: exact.at("whole"), price: exact.at("price"), list: exact.at("list", 1) }
    const some = await database.run(Database.one(Query.from(Doc).select(parts)))
    expect(plain(some)).toEqual(plain({ whole: one.whole, price: one.price, list: one.list[1] }))
    expect(JSON.stringify(row)).toContain('"whole":9007199254740993,')
  })

  test("and so do they in records within rows [F12.2]", async () => {
    await database.run(
      Database.run(
        Query.insert(Doc).rows([
          { id: 1, exact: one },
          { id: 2, exact: null }
        ])
      )
    )
    const nested = Query.from(Doc).select({ deep: { exact, id } }).orderBy(id)
    expect(plain(await database.run(Database.all(nested)))).toEqual(
      plain([{ deep: { exact: one, id: 1 } }, { deep: { exact: null, id: 2 } }])
    )
    const derived = nested.as("derived")
    expect(
      plain(await database.run(Database.all(Query.from(derived).select(derived.c.deep.exact))))
    ).toEqual(plain([one, null]))
    const list = Query.from(Doc).select(Fn.jsonAgg(exact, id.asc()))
    expect(plain(await database.run(Database.one(list)))).toEqual(plain([one, null]))
  })

  test("numbers of every length come back as they went [F12.2]", async () => {
    const numbers = fc.record({
      whole: fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
      price: fc
        .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(25))
        .map(([value, scale]) => BigDecimal.make(value, scale)),
      double: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
      list: fc.array(fc.bigInt())
    })
    let at = 0
    await fc.assert(
      fc.asyncProperty(numbers, async (some) => {
        const value = { ...one, ...some }
        await database.run(Database.run(Query.insert(Doc).values({ id: ++at, exact: value })))
        const row = await database.run(Database.one(Query.from(Doc).where(id.eq(at))))
        expect(plain(row.exact)).toEqual(plain(value))
      }),
      { numRuns: engine === "sqlite" ? 20 : 60 }
    )
  })

  test("a schema that asks for doubles gets no other number silently [F12.2]", async () => {
    const written = [["9007199254740993"], ["1e400"], ["[12345678901234567891]"]]
    for (const [text] of written) {
      await database.run(Database.run(Query.deleteFrom(Doc).everyRow()))
      const refused = await database.exit(
        Database.script(`INSERT INTO docs (id, loose) VALUES (1, '${text!}')`)
      )
      if (refused._tag === "Failure") continue
      const asked = Database.all(Query.from(Doc).select(loose))
      const error = await database.run(Effect.flip(asked))
      expect(error).toMatchObject({ _tag: "DecodeFailed", path: "value" })
      expect(error.message).not.toContain(text)
    }
  })

  test("a database has a parser and a printer of its own, the codec stays [F12.1]", async () => {
    const [read, printed] = [[] as Array<string>, [] as Array<unknown>]
    const mine = opening({
      json: {
        parse: (text) => {
          read.push(text)
          return JSON.parse(text)
        },
        print: (value) => {
          printed.push(value)
          return JSON.stringify({ ...(value as object), by: "mine" })
        }
      }
    })
    const at = { at: "2024-02-29T00:00:00.000Z" }
    const when = Query.insert(Doc)
    await mine.run(Database.run(when.values({ id: 1, loose: at })))
    expect(printed).toEqual([at])
    expect((await mine.run(Database.one(Query.from(Doc)))).loose).toEqual({ ...at, by: "mine" })
    expect(read).toHaveLength(1)
    const many = Array.from({ length: 1100 }, (_, n) => ({ id: n + 2, loose: { n } }))
    await mine.run(Database.run(when.rows(many)))
    await mine.run(
      Database.runEach(
        Query.update(Doc)
          .set({ loose: { m: 1 } })
          .where(id.eq(Expr.param("id", Type.integer))),
        [{ id: 2 }, { id: 3 }]
      )
    )
    const rows = await mine.run(Stream.runCollect(Database.stream(Query.from(Doc).orderBy(id))))
    expect(rows.map((row) => (row.loose as { by: string }).by)).toEqual(
      Array.from({ length: 1101 }, () => "mine")
    )
    // Another database of the program, and another reading of the same row, knows nothing of it.
    const before = [read.length, printed.length]
    await database.run(Database.run(when.values({ id: 2000, loose: { n: 1 } })))
    expect((await database.run(Database.one(Query.from(Doc).where(id.eq(2000))))).loose).toEqual({
      n: 1
    })
    expect([read.length, printed.length]).toEqual(before)
  })

  test("a parser that throws is DecodeFailed; the connection stays usable [F12.3]", async () => {
    await database.run(Database.run(Query.insert(Doc).values({ id: 1, loose: { n: 1 } })))
    const secret = "canary-of-the-parser"
    const broken = opening({
      json: {
        parse: () => {
          throw new Error(secret)
        },
        print: (value) => {
          if (value === "unprintable") throw new Error(secret)
          return value === "no text" ? (7 as never) : JSON.stringify(value)
        }
      }
    })
    const asked = Query.from(Doc).select({ id, deep: { loose } })
    const ids = Database.all(Query.from(Doc).select(id))
    for (const read of [Database.all(asked), Stream.runCollect(Database.stream(asked))]) {
      const error = await broken.run(Effect.flip(read))
      expect(error).toMatchObject({ _tag: "DecodeFailed", path: "deep.loose" })
      expect(JSON.stringify(error) + error.message).not.toContain(secret)
      expect(await broken.run(ids)).toEqual([1])
    }
    for (const value of ["unprintable", "no text"]) {
      const write = Database.run(Query.insert(Doc).values({ id: 5, loose: value }))
      const within = Effect.andThen(Effect.flip(write), (error) =>
        Effect.map(ids, (found) => [error, found] as const)
      )
      const [error, found] = await broken.run(Database.transaction(within))
      expect(error).toMatchObject({ _tag: "EncodeFailed", path: "loose" })
      expect(found).toEqual([1])
    }
    const stats = await broken.run(Effect.map(Database, ({ pool }) => pool.stats()))
    expect(stats).toMatchObject({ open: 1, used: 0 })
  })
})

test("MySQL rounds what is longer than its numbers: it is refused before", () => {
  const insert = (value: Exact) =>
    compile(Query.insert(Doc).values({ id: 1, exact: value }), "mysql")
  const compiled = insert(one)
  const encode = (value: Exact) => {
    if (compiled._tag === "Refusal") throw new Error(compiled.construct)
    const slot = compiled.slots.find(({ path }) => path === "exact")!
    return (slot.encode as (value: Exact) => unknown)(value)
  }
  const held = { ...one, price: decimal("1.5"), list: [2n ** 64n - 1n], tree: { n: 1n, kids: [] } }
  expect(encode(held)).toContain("9007199254740993")
  expect(() => encode(one)).toThrow(/numbers MySQL keeps in JSON/)
  expect(() => encode({ ...held, list: [2n ** 64n] })).toThrow(/numbers MySQL keeps/)
})
