import { Catalog, Check, Column, Database, ForeignKey, Query, Table, Type } from "athanor"
import { Seed } from "athanor/testing"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalogOf, catalogSpecs } from "../properties/support/catalogs.ts"
import { timeFor, upheldOn } from "../properties/support/law.ts"
import { connect, engines } from "../runtime/databases.ts"

const choices = fc.oneof(fc.integer({ min: 0 }), fc.array(fc.nat(), { maxLength: 120 }))

/** Two tables that refer to each other. */
const ring = (isNullable: boolean) => {
  const made: Array<Table.Table<string, Record<string, Column.Column<number | null, any, any>>>> =
    []
  const [left, right] = ["left", "right"].map((name, at) => {
    const other = Column.integer().references(() => made[1 - at]!.c["id"]!)
    return Table.make<string, Record<string, Column.Column<number | null, any, any>>>(name, {
      id: Column.id(),
      other: isNullable ? other.nullable() : other
    })
  })
  made.push(left!, right!)
  return { left: left!, right: right! }
}

describe.each(engines)("seeds on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
  })
  afterAll(() => connected.dispose())

  test("keys that close a ring are told once both ends are there", async () => {
    const { left, right } = ring(true)
    const ringed = Catalog.make({ left, right })
    const seed = Seed.make(ringed, { rows: 20, from: 4 })
    const joined = Query.from(left)
      .join(right, left.c["other"]!.eq(right.c["id"]!))
      .select(left.c["id"]!)
    const [there, back] = await connected.run(
      Effect.ensuring(
        Database.create(ringed).pipe(
          Effect.andThen(Seed.insert(seed)),
          Effect.andThen(
            Effect.all([
              Database.count(joined),
              Database.count(Query.from(right).where(right.c["other"]!.isNotNull()))
            ])
          )
        ),
        Effect.orDie(Database.drop(ringed))
      )
    )
    const set = (at: number) => seed.tables[at]!.rows.filter((row) => row["other"] !== null).length
    expect(seed.tables.map(({ late }) => late.length > 5)).toContain(true)
    const told = Object.fromEntries(
      seed.tables.map(({ late, table }, at) => [table.name, set(at) + late.length])
    )
    expect({ left: there, right: back }).toEqual(told)
  })

  test(
    "rows of any catalog are inserted without a violation [F159.4]",
    async () => {
      let rows = 0
      let late = 0
      let unfilled = 0
      await upheldOn(
        fc.tuple(catalogSpecs, choices),
        async ([specs, from]) => {
          const catalog = catalogOf(specs, engine)
          const seed = Seed.make(catalog, { rows: 6, from })
          expect(Seed.make(catalog, { rows: 6, from })).toEqual(seed)
          const counts = await connected.run(
            Effect.ensuring(
              Database.create(catalog).pipe(
                Effect.andThen(Seed.insert(seed)),
                Effect.andThen(
                  Effect.forEach(seed.tables, ({ table }) => {
                    const member = Object.values(catalog.members).find((one) =>
                      Catalog.make({ one }).tables.includes(table)
                    )!
                    return Database.count(Query.from(member as Query.From<string, unknown>))
                  })
                )
              ),
              Effect.orDie(Database.drop(catalog))
            )
          )
          expect(counts).toEqual(seed.tables.map((one) => one.rows.length))
          rows += counts.reduce((sum, one) => sum + one, 0)
          late += seed.tables.reduce((sum, one) => sum + one.late.length, 0)
          unfilled += seed.unfilled.length
          // A table is full or says why it is not.
          if (typeof from === "number")
            for (const { rows: made, table } of seed.tables)
              expect(
                made.length === 6 || seed.unfilled.some((one) => one.table === table.name),
                table.name
              ).toBe(true)
          return true
        },
        100
      )
      process.stdout.write(
        `seeds on ${engine}: ${rows} rows, ${late} keys told late, ${unfilled} tables not filled\n`
      )
      expect(rows).toBeGreaterThan(500)
      expect(late).toBeGreaterThan(0)
    },
    timeFor(120_000)
  )
})

const users = Table.make("users", { id: Column.id(), email: Column.varchar(60).unique() })
const posts = Table.make(
  "posts",
  {
    id: Column.id(),
    author: Column.integer().references(() => users.c.id),
    stars: Column.integer(),
    code: Column.enum(["a", "b"]).unique()
  },
  (c) => [Check.that(c.stars.between(3, 5))]
)
const catalog = Catalog.make({ posts, users })

describe("what a seed is", () => {
  test("equal choices are equal rows; other choices are others", () => {
    const made = (from: number) => Seed.make(catalog, { from }).tables
    expect(made(1)).toEqual(made(1))
    expect(made(1)).not.toEqual(made(2))
  })

  test("referred tables come first, and their keys are those the server makes", () => {
    const { tables } = Seed.make(catalog, { rows: 2, from: 3 })
    expect(tables.map(({ table }) => table.name)).toEqual(["users", "posts"])
    expect(tables[0]!.rows.every((row) => !("id" in row))).toBe(true)
    expect(tables[1]!.rows[0]!["author"]).toMatchObject({ table: "users", column: "id" })
  })

  test("a check on numbers is kept; a key with few values says that there are no more", () => {
    const { tables, unfilled } = Seed.make(catalog, { rows: 9, from: 5 })
    for (const { stars } of tables[1]!.rows) expect([3, 4, 5]).toContain(stars)
    expect(tables[1]!.rows).toHaveLength(2)
    expect(unfilled).toEqual([{ table: "posts", reason: "no value is left that no other row has" }])
  })

  test("a type of one's own gives no values until they are given", () => {
    const codec = { decode: (raw: unknown) => raw, encode: (value: unknown) => value }
    const point = Type.custom({ sql: "point", codec })
    const places = Catalog.make({ places: Table.make("places", { at: Column.make(point) }) })
    expect(Seed.make(places, { rows: 1 })).toMatchObject({
      tables: [{ rows: [] }],
      unfilled: [{ table: "places" }]
    })
    const values = { "places.at": (row: number) => `(${row},${row})` }
    expect(Seed.make(places, { rows: 2, values }).tables[0]!.rows).toEqual([
      { at: "(0,0)" },
      { at: "(1,1)" }
    ])
  })

  test("a ring of keys that may not be NULL cannot be entered, and says so", () => {
    const { left, right } = ring(false)
    const { tables, unfilled } = Seed.make(Catalog.make({ left, right }), { rows: 3, from: 1 })
    expect(tables.flatMap(({ rows }) => rows)).toEqual([])
    expect(unfilled).toHaveLength(2)
  })

  test("rows that fail a property shrink to the smallest that do", () => {
    const cases = fc
      .array(fc.nat(), { maxLength: 200 })
      .map((from) => Seed.make(Catalog.make({ users }), { rows: 8, from }).tables[0]!.rows)
    const found = fc.check(
      fc.property(cases, (rows) => rows.length < 3),
      { seed: 11, numRuns: 1000 }
    )
    expect(found.failed).toBe(true)
    expect(found.counterexample![0]).toHaveLength(3)
  })

  test("a foreign key of several columns takes them of one row", () => {
    const places = Table.make("places", {
      country: Column.varchar(9).primaryKey(),
      town: Column.varchar(9).primaryKey()
    })
    const visits = Table.make(
      "visits",
      { country: Column.varchar(9), town: Column.varchar(9) },
      (c) => [ForeignKey.on([c.country, c.town], () => [places.c.country, places.c.town])]
    )
    const [first, second] = Seed.make(Catalog.make({ visits, places }), { rows: 8, from: 9 }).tables
    const known = first!.rows.map((row) => `${String(row["country"])} ${String(row["town"])}`)
    expect(second!.rows).toHaveLength(8)
    for (const row of second!.rows)
      expect(known).toContain(`${String(row["country"])} ${String(row["town"])}`)
  })
})

test("types of fixed sizes and of few years are given values they hold", () => {
  const t = Table.make("held", {
    id: Column.id(),
    digest: Column.make(Type.binary(16)),
    code: Column.make(Type.char(3)),
    seen: Column.make(Type.unixTimestamp(3)),
    doc: Column.make(Type.jsonpath)
  })
  const values = { "held.doc": () => "$" }
  const { tables, unfilled } = Seed.make(Catalog.make({ t }), { rows: 200, values })
  expect(unfilled).toEqual([])
  const [held] = tables
  expect(held!.rows.length).toBe(200)
  for (const row of held!.rows)
    for (const [key, type] of [
      ["digest", Type.binary(16)],
      ["code", Type.char(3)],
      ["seen", Type.unixTimestamp(3)]
    ] as const)
      expect(() => type.codec.row.mariadb.encode((row as any)[key])).not.toThrow()
  expect(Seed.make(Catalog.make({ t })).unfilled[0]!.reason).toBe(
    'nothing says what values "doc" of type exact jsonpath may have: ' +
      'give them as values["held.doc"]'
  )
})
