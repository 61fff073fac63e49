import { Catalog, Column, Database, Expr, Query, Session, sql, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, drivers, engines } from "../runtime/databases.ts"

const things = Table.make("things", {
  id: Column.id(),
  small: Column.smallint().nullable(),
  count: Column.integer().nullable(),
  big: Column.bigint().nullable(),
  ratio: Column.double().nullable(),
  price: Column.numeric(8, 2).nullable(),
  label: Column.varchar(5).nullable(),
  at: Column.timestamp().nullable(),
  kind: Column.enum(["a", "b"]).nullable()
})

const canary = "canary-8842"

/** Values no column of their type can hold, whatever the server would make of them. */
const refused: ReadonlyArray<readonly [name: string, row: object, column: string]> = [
  ["a fraction for a whole number", { count: 1.5 }, "count"],
  ["a number too large for int2", { small: 40_000 }, "small"],
  ["a number too large for int4", { count: 3_000_000_000 }, "count"],
  ["a number too large for int8", { big: 2n ** 63n }, "big"],
  ["NaN", { ratio: Number.NaN }, "ratio"],
  ["infinity", { ratio: Number.POSITIVE_INFINITY }, "ratio"],
  ["more decimals than the scale", { price: BigDecimal.make(12345n, 3) }, "price"],
  ["more digits than the precision", { price: BigDecimal.make(1234567890n, 2) }, "price"],
  ["text that is too long", { label: "abcdef" }, "label"],
  ["half a character", { label: "\ud83d" }, "label"],
  ["text for a number", { count: canary }, "count"],
  ["a number for text", { label: 0 }, "label"],
  ["an object that prints itself as SQL", { label: { toSqlString: () => "now()" } }, "label"],
  ["an unknown value of an enumeration", { kind: canary }, "kind"],
  ["a day that does not exist", { at: new Date(Number.NaN) }, "at"],
  ["the year 10000", { at: DateTime.makeUnsafe("+010000-01-01T00:00:00Z") }, "at"]
]

describe.each(engines)("bad input on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ things })))
  })
  afterAll(() => database.dispose())

  test.each(refused)("%s is refused before anything is sent", async (_, row, column) => {
    const { value: error, words } = await database.counting(
      Effect.flip(Database.run(Query.insert(things).values(row as { readonly count: number })))
    )
    expect(error).toMatchObject({ _tag: "EncodeFailed", transaction: "alive" })
    expect(error.message).toContain(column)
    expect(inspect(error) + JSON.stringify(error)).not.toContain(canary)
    expect(words).toEqual([])
    expect(await database.run(Database.count(Query.from(things)))).toBe(0)
  })

  test("a parameter nobody gave is named", async () => {
    const query = Query.from(things).where(things.c.count.eq(Expr.param("wanted", Type.integer)))
    const error = await database.run(Effect.flip(Database.all(query, {} as { wanted: number })))
    expect(error).toMatchObject({ _tag: "ParameterMissing", name: "wanted" })
    expect(error.message).toContain("wanted")
  })

  test("text no server can read is typed, and the database goes on", async () => {
    const broken = Query.from(things).select({ x: sql(Type.integer)`1 +* ${2}` })
    const error = await database.run(Effect.flip(Database.all(broken)))
    expect(error).toMatchObject({ _tag: "SyntaxOrUndefined" })
    expect(
      await database.run(Database.all(Query.select({ x: Expr.value(1, Type.integer) })))
    ).toEqual([{ x: 1 }])
  })

  test("columns with the names of an object's own insides keep their values", async () => {
    const odd = Table.exact("odd", {
      id: Column.id(),
      ["__proto__"]: Column.text(),
      constructor: Column.text(),
      toString: Column.text()
    })
    await database.run(Database.create(Catalog.make({ odd })))
    const row = Object.fromEntries([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["toString", "c"]
    ])
    await database.run(Database.run(Query.insert(odd).values(row as never)))
    const [found] = await database.run(Database.all(Query.from(odd)))
    expect(Object.entries(found!)).toEqual([["id", 1], ...Object.entries(row)])
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype)
  })
})

describe("addresses", () => {
  const opened = (url: string) =>
    Effect.runPromise(
      Effect.flip(
        Effect.provide(
          Database.all(Query.select({ x: Expr.value(1, Type.integer) })),
          Database.layerUrl(url, { drivers })
        )
      )
    )

  test.each([
    ["an unknown scheme", `oracle://u:${canary}@127.0.0.1/x`, "ConfigInvalid", /"oracle"/],
    ["no address at all", "", "ConfigInvalid", /scheme|address/],
    ["a port that is none", `postgres://u:${canary}@127.0.0.1:99999/x`, "ConfigInvalid", /./],
    [
      "a server nobody runs",
      `postgres://u:${canary}@127.0.0.1:1/x`,
      "ConnectFailed",
      /127\.0\.0\.1/
    ],
    ["a server nobody runs", `mysql://u:${canary}@127.0.0.1:1/x`, "ConnectFailed", /127\.0\.0\.1/],
    ["a file in no folder", "sqlite:/no/such/folder/x.db", "ConnectFailed", /x\.db/]
  ])("%s is one line that names it, without the password", async (_, url, tag, message) => {
    const error = await opened(url)
    expect(error._tag).toBe(tag)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain("\n")
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain(canary)
  })
})

describe("what is asked in the wrong way", () => {
  const layer = Database.layerUrl("sqlite::memory:", { drivers })

  test("a name the server does not know is said once", async () => {
    const nowhere = Table.make("nowhere", { id: Column.id() })
    const said = Effect.map(
      Effect.flip(Database.all(Query.from(nowhere))),
      ({ message }) => message
    )
    expect(await Effect.runPromise(Effect.provide(said, layer))).toBe(
      "no such table: nowhere, in SELECT nowhere.id FROM nowhere"
    )
  })

  test("a session says what it is asked for, where it is given no row", async () => {
    for (const wrong of [undefined, null, 5, { id: 1 }, Option.none()])
      for (const work of [
        Session.delete(wrong as never),
        Session.update(wrong as never, {} as never)
      ]) {
        const exit = await Effect.runPromiseExit(Effect.provide(Session.transact(work), layer))
        expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain(
          "a session is asked for a row: a value, a draft or a reference of an entity"
        )
      }
  })
})

describe.each(engines)("documents that do not fit on %s", (engine) => {
  const Settings = Schema.Struct({
    theme: Schema.Literals(["light", "dark"]),
    hours: Schema.Array(Schema.Int),
    notes: Schema.Record(Schema.String, Schema.Struct({ text: Schema.String }))
  })
  const people = Table.make("people", {
    id: Column.id(),
    settings: Column.make(Type.json(Settings))
  })
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(Database.create(Catalog.make({ people })))
  })
  afterAll(() => connected.dispose())

  test("the place is told, no value, and no key that is one", async () => {
    const fits = { theme: "light", hours: [9], notes: {} }
    for (const [wrong, said] of [
      [{ ...fits, hours: [9, canary] }, "a number at hours[1]"],
      [{ ...fits, hours: undefined }, "a value its schema takes at hours"],
      [{ ...fits, theme: canary }, "a value its schema takes at theme"],
      [{ ...fits, notes: { [canary]: { text: 5 } } }, "a string at notes"],
      [canary, "a value its schema takes"]
    ] as const) {
      const add = Database.run(Query.insert(people).values({ settings: wrong as never }))
      const error = await connected.run(Effect.flip(add))
      expect(error).toMatchObject({
        _tag: "EncodeFailed",
        path: "settings",
        expected: `JSON as its schema describes it: ${said}`
      })
      expect(inspect(error)).not.toContain(canary)
    }
  })

  test("a document compared as a whole is refused with what to compare instead", async () => {
    if (engine === "postgres") return
    const dark = Query.from(people).where(people.c.settings.at("theme").eq("dark"))
    const error = await connected.run(Effect.flip(Database.all(dark)))
    expect(error.message).toContain("a value in it is Fn.jsonAs (jsonEquality)")
  })
})
