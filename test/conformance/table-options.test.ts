import {
  Catalog,
  Column,
  Database,
  PrimaryKey,
  Query,
  StatementError,
  Table,
  Unique
} from "athanor"
import { Alter, LocalDate, Type } from "athanor"
import { createScript } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { dialects, type EngineName, useDatabase } from "./support.ts"

/** What one engine says of a table that is there. */
const optionsOf = async (run: ReturnType<typeof useDatabase>["run"], name: string) =>
  (await run(Database.reflect({ tables: [name] }))).tables[0]!.options

const script = (table: Query.From<string, unknown>, dialect: (typeof dialects)[number]): string =>
  createScript(Catalog.make({ table }), dialect) as string

describe("table options on sqlite", () => {
  const { all, failure, run } = useDatabase("sqlite", {})

  test("strict, without rowid, autoincrement are written, act and are read [F91.3]", async () => {
    const strict = Table.make("strict", { id: Column.id(), n: Column.integer() }, undefined, {
      sqlite: { strict: true, autoincrement: true }
    })
    const clustered = Table.make(
      "clustered",
      { id: Column.integer().primaryKey(), word: Column.text() },
      undefined,
      { sqlite: { strict: true, withoutRowid: true } }
    )
    await run(Database.create(Catalog.make({ strict, clustered })))
    const wrong = await failure(Database.script("INSERT INTO strict (n) VALUES ('text')"))
    expect(wrong._tag).toMatch(/InvalidText|ValueOutOfRange|CheckViolation/)
    expect(await failure(Database.script("SELECT rowid FROM clustered"))).toMatchObject({
      _tag: "SyntaxOrUndefined"
    })
    const add = Query.insert(strict).values({ n: 1 }).returning(strict.c.id)
    expect(await run(Database.one(add))).toBe(1)
    await run(Database.run(Query.deleteFrom(strict).everyRow()))
    // The number of a row that went is not given again.
    expect(await run(Database.one(add))).toBe(2)
    expect(await optionsOf(run, "strict")).toEqual({ strict: "yes", autoincrement: "yes" })
    expect(await optionsOf(run, "clustered")).toEqual({ strict: "yes", rowid: "no" })

    // Made anew, it is what it was, and counts on from where it was.
    await run(Database.run(Query.deleteFrom(strict).everyRow()))
    const wider = Table.make("strict", { id: Column.id(), m: Column.integer().nullable() })
    await run(Database.alter(Alter.addColumn(wider, "m")))
    expect(await optionsOf(run, "strict")).toEqual({ strict: "yes", autoincrement: "yes" })
    expect(await run(Database.one(add))).toBe(3)
    const other = Table.make("clustered", {
      id: Column.integer().primaryKey(),
      word: Column.text().nullable()
    })
    await run(Database.alter(Alter.alterColumn(other, "word")))
    expect(await optionsOf(run, "clustered")).toEqual({ strict: "yes", rowid: "no" })
    await run(Database.drop(Catalog.make({ strict, clustered })))
  })

  test("conflict clauses of constraints are written, act and are read [F91.3]", async () => {
    const seats = Table.make(
      "seats",
      {
        hall: Column.text(),
        place: Column.integer(),
        guest: Column.text().serverDefault("nobody"),
        ticket: Column.integer()
      },
      (c) => [
        PrimaryKey.with({ sqlite: { onConflict: "replace" } }, c.hall, c.place),
        Unique.with({ sqlite: { onConflict: "ignore" } }, c.ticket)
      ],
      { sqlite: { ifNull: { guest: "replace" } } }
    )
    await run(Database.create(Catalog.make({ seats })))
    const add = (place: number, ticket: number, guest = "Ann") =>
      run(Database.run(Query.insert(seats).values({ hall: "a", place, ticket, guest })))
    await add(1, 1)
    await add(1, 2, "Bob")
    expect(await add(2, 2, "Cleo")).toBe(0)
    await run(Database.script("INSERT INTO seats VALUES ('b', 1, NULL, 3)"))
    expect(
      await all(Query.from(seats).orderBy(seats.c.ticket).select([seats.c.place, seats.c.guest]))
    ).toEqual([
      [1, "Bob"],
      [1, "nobody"]
    ])
    const read = async () => {
      const [table] = (await run(Database.reflect({ tables: ["seats"] }))).tables
      const { columns, primaryKey, uniques } = table!
      return [
        primaryKey?.conflict,
        uniques[0]?.conflict,
        columns.slice(0, 4).map((one) => one.ifNull)
      ]
    }
    const said = ["replace", "ignore", [undefined, undefined, "replace", undefined]]
    expect(await read()).toEqual(said)
    const wider = Table.make("seats", { more: Column.integer().nullable() })
    await run(Database.alter(Alter.addColumn(wider, "more")))
    expect(await read()).toEqual(said)
    await run(Database.drop(Catalog.make({ seats })))
  })

  test("what SQLite has no word for is refused by name", async () => {
    const columns = { id: Column.id(), n: Column.make(Type.numericAffinity) }
    const typed = Table.make("typed", columns, undefined, { sqlite: { strict: true } })
    expect(await failure(Database.create(Catalog.make({ typed })))).toMatchObject({
      _tag: "Unsupported",
      capability: "strictTables",
      message: expect.stringContaining("column n") as string
    })
    const texts = Table.make("texts", { id: Column.text().primaryKey() }, undefined, {
      sqlite: { autoincrement: true }
    })
    expect(() => script(texts, "sqlite")).toThrow(StatementError)
  })
})

describe("table options on mariadb", () => {
  const { all, run } = useDatabase("mariadb", {})

  test("engine, characters, rows, partitions are written and reflected [F91.1 F97.7]", async () => {
    const kept = Table.make("kept", { id: Column.id(), name: Column.varchar(20) }, undefined, {
      comment: "it's kept",
      mariadb: {
        engine: "Aria",
        characterSet: "latin1",
        collation: "latin1_german1_ci",
        rowFormat: "dynamic",
        with: { MAX_ROWS: 1000, CHECKSUM: 1, TRANSACTIONAL: 0 }
      }
    })
    const measured = Table.make(
      "measured",
      { day: Column.date(), place: Column.varchar(9), n: Column.integer() },
      undefined,
      {
        comment: "in parts",
        mariadb: {
          rowFormat: "compact",
          partition: {
            by: "range",
            columns: ["day", "place"],
            parts: [
              { name: "old's", below: [LocalDate.make(2020, 1, 1), "m"] },
              { name: "rest", below: [null, null] }
            ]
          }
        }
      }
    )
    await run(Database.create(Catalog.make({ kept, measured })))
    expect(await optionsOf(run, "kept")).toEqual({
      engine: "Aria",
      charset: "latin1",
      collation: "latin1_german1_ci",
      row_format: "DYNAMIC",
      max_rows: "1000",
      checksum: "1",
      transactional: "0"
    })
    const usual = { engine: "InnoDB", charset: "utf8mb4", collation: "utf8mb4_nopad_bin" }
    expect(await optionsOf(run, "measured")).toEqual({
      ...usual,
      row_format: "COMPACT",
      partition: "RANGE COLUMNS(`day`,`place`) old's: '2020-01-01','m'; rest: MAXVALUE,MAXVALUE"
    })
    await run(Database.drop(Catalog.make({ kept, measured })))
  })

  test("partitions by lists and by hashes are written and reflected [F91.1]", async () => {
    const listed = Table.make("listed", { place: Column.varchar(9).nullable() }, undefined, {
      mariadb: {
        partition: {
          by: "list",
          columns: ["place"],
          parts: [
            { name: "a", in: ["it's", null] },
            { name: "b", in: ["y"] }
          ]
        }
      }
    })
    const spread = Table.make("spread", { id: Column.integer().primaryKey() }, undefined, {
      mariadb: { partition: { by: "hash", columns: ["id"], parts: 4 } }
    })
    const catalog = Catalog.make({ listed, spread })
    await run(Database.create(catalog))
    expect(await optionsOf(run, "listed")).toMatchObject({
      partition: "LIST COLUMNS(`place`) a: 'it''s',NULL; b: 'y'"
    })
    expect(await optionsOf(run, "spread")).toMatchObject({
      partition: "KEY(`id`) p0; p1; p2; p3"
    })
    await run(Database.run(Query.insert(listed).rows([{ place: null }, { place: "y" }])))
    expect(await all(Query.from(listed).orderBy(listed.c.place))).toHaveLength(2)
    await run(Database.drop(catalog))
  })
})

describe("table options on postgres", () => {
  const { all, failure, run } = useDatabase("postgres", {})

  test("inheritance and partitions are written, act and are read [F91.2]", async () => {
    const towns = Table.make("towns", { name: Column.text(), people: Column.integer() })
    const capitals = Table.make("capitals", { country: Column.text() }, undefined, {
      postgres: { inherits: () => [towns] }
    })
    const days = { day: Column.date(), n: Column.integer().nullable() }
    const measured = Table.make("measured", days, undefined, {
      postgres: { partition: { by: "range", columns: ["day"] } }
    })
    const part = (name: string, rows: Table.PostgresPart) =>
      Table.make(name, days, undefined, {
        postgres: { partitionOf: { table: () => measured, rows } }
      })
    const old = part("measured_old", { from: [null], to: [LocalDate.make(2020, 1, 1)] })
    const rest = part("measured_rest", "default")
    const listed = Table.make("listed", { place: Column.text() }, undefined, {
      postgres: { partition: { by: "list", columns: ["place"] } }
    })
    const some = Table.make("listed_some", { place: Column.text() }, undefined, {
      postgres: { partitionOf: { table: () => listed, rows: { in: ["it's", null] } } }
    })
    const spread = Table.make("spread", { id: Column.integer() }, undefined, {
      postgres: { partition: { by: "hash", columns: ["id"] } }
    })
    const half = Table.make("spread_half", { id: Column.integer() }, undefined, {
      postgres: { partitionOf: { table: () => spread, rows: { modulus: 2, remainder: 0 } } }
    })
    // Each after the table it comes from, however they are listed.
    const catalog = Catalog.make({
      ...{ capitals, towns, old, rest, measured, some, listed, half, spread }
    })
    await run(Database.create(catalog))
    await run(Database.run(Query.insert(measured).values({ day: LocalDate.make(2019, 5, 1) })))
    await run(Database.run(Query.insert(measured).values({ day: LocalDate.make(2021, 5, 1) })))
    expect(await all(Query.from(old))).toHaveLength(1)
    expect(await all(Query.from(rest))).toHaveLength(1)
    const strange = Query.insert(listed).values({ place: "nowhere" })
    expect(await failure(Database.run(strange))).toMatchObject({ _tag: "CheckViolation" })
    await run(Database.script("INSERT INTO capitals VALUES ('Rome', 3, 'Italy')"))
    expect(await all(Query.from(towns))).toEqual([{ name: "Rome", people: 3 }])
    expect(await optionsOf(run, "capitals")).toEqual({ inherits: "towns" })
    expect(await optionsOf(run, "measured")).toEqual({ partition: "RANGE (day)" })
    expect(await optionsOf(run, "measured_old")).toEqual({
      partitionOf: "measured",
      bounds: "FOR VALUES FROM (MINVALUE) TO ('2020-01-01')"
    })
    expect(await optionsOf(run, "spread_half")).toEqual({
      partitionOf: "spread",
      bounds: "FOR VALUES WITH (modulus 2, remainder 0)"
    })
    await run(Database.drop(catalog))
  })

  test("storage, tablespace, method, on commit are written and read [F91.2]", async () => {
    const stored = Table.make("kept_rows", { id: Column.integer() }, undefined, {
      postgres: {
        using: "heap",
        with: { fillfactor: 70, autovacuum_enabled: false },
        tablespace: "pg_default",
        unlogged: true
      }
    })
    expect(script(stored, "postgres")).toBe(
      "CREATE UNLOGGED TABLE kept_rows (\n  id integer NOT NULL\n) USING heap " +
        "WITH (fillfactor = 70, autovacuum_enabled = false) TABLESPACE pg_default;\n"
    )
    await run(Database.create(Catalog.make({ stored })))
    expect(await optionsOf(run, "kept_rows")).toEqual({
      fillfactor: "70",
      autovacuum_enabled: "false",
      unlogged: "yes"
    })
    const passing = Table.as("passing", Query.from(stored), {
      temporary: true,
      postgres: { onCommit: "drop" }
    })
    const within = Database.transaction(
      Effect.andThen(Database.create(Catalog.make({ passing })), Database.all(Query.from(passing)))
    )
    expect(await run(within)).toEqual([])
    expect(await failure(Database.all(Query.from(passing)))).toMatchObject({
      _tag: "SyntaxOrUndefined"
    })
    await run(Database.drop(Catalog.make({ stored })))
  })
})

describe("table options, as data", () => {
  const plain = Table.make("t", { id: Column.integer().primaryKey(), n: Column.integer() }, (c) => [
    Unique.on(c.n)
  ])
  const all = (name: EngineName | "mysql") => {
    const every = {
      sqlite: { strict: true, withoutRowid: true, ifNull: { n: "ignore" } },
      postgres: { with: { fillfactor: 70 }, unlogged: true, tablespace: "fast" },
      mysql: { engine: "MyISAM", rowFormat: "dynamic" },
      mariadb: { engine: "Aria", with: { PAGE_CHECKSUM: 1 } }
    } as const
    const { [name]: own, ...others } = every
    const rules = (c: typeof plain.c) => [
      Unique.with(name === "sqlite" ? {} : { sqlite: { onConflict: "ignore" } }, c.n)
    ]
    const columns = { id: Column.integer().primaryKey(), n: Column.integer() }
    return {
      own: Table.make("t", columns, rules, { [name]: own }),
      others: Table.make("t", columns, rules, others)
    }
  }

  test.each(dialects)("of other dialects never reach the text of %s [F91.5 @all]", (dialect) => {
    const { others, own } = all(dialect)
    expect(script(others, dialect)).toBe(script(plain, dialect))
    expect(script(own, dialect)).not.toBe(script(plain, dialect))
  })

  test("words that are none of a server's are refused", () => {
    const t = (mariadb: Table.MysqlTable) =>
      Table.make("t", { id: Column.id() }, undefined, { mariadb })
    for (const wrong of [
      { engine: "InnoDB; DROP TABLE t" },
      { collation: "a b'c" },
      { with: { "x=1 ENGINE": 2 } },
      { partition: { by: "range", columns: ["nobody"], parts: 2 } },
      { partition: { by: "hash", columns: ["id"], parts: 2.5 } }
    ] as const)
      expect(() => script(t(wrong), "mariadb")).toThrow(StatementError)
    const orphan = Table.make("o", { id: Column.integer() }, undefined, {
      postgres: { partitionOf: { table: () => plain, rows: { from: [1], to: [2] } } }
    })
    expect(() => script(orphan, "postgres")).toThrow(StatementError)
  })
})
