/** Schemas that other programs made: read, they can be made again, and nothing of them is lost. */
import { Alter, Catalog, Column, Database, Query, sql, Table, Type } from "athanor"
import { catalogSource } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { place, program } from "./engine-support.ts"
import { engines, useDatabase } from "./support.ts"

const made = {
  sqlite: [
    "create table a (id integer, c text collate nocase default 'x', " +
      "g integer as (id + 1) stored, " +
      "constraint one primary key (id autoincrement), constraint long check (length(c) > 1))",
    "create index lower_c on a (lower(c) desc) where id > 3",
    "create table k (id int constraint k_pkey primary key, n decimal(10,5) default 2.5, " +
      'd datetime, yes boolean, v varchar(30), any, odd "a, b unique", point point)'
  ],
  postgres: [
    'create table a (id serial primary key, "b c" bigserial, c smallserial)',
    "create table d (a int references a, b int default 1)",
    "create index nulls on d (a desc nulls last, b nulls first)"
  ],
  mariadb: [
    "create sequence numbers",
    "create table b (a int default nextval(numbers))",
    "create table a (id int primary key, t text, v varchar(300), unique first (t(3)), " +
      "unique down (v desc), unique whole (t) using hash, unique two (id, v(4)), unique plain (v))",
    "create table m (id int auto_increment primary key, n int not null default 3 invisible, " +
      "g int as (n + 1) stored invisible, " +
      "t timestamp(3) not null default current_timestamp(3) on update current_timestamp(3))"
  ]
}

describe.each(engines)("adopted schemas on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, {})

  test("what is read is made again as it was [F99.1]", async () => {
    for (const text of made[engine]) await run(Database.script(text))
    const found = await run(Database.reflect())
    const catalog = Catalog.reflected(found)
    await run(Database.drop(catalog))
    expect((await run(Database.reflect())).tables).toEqual([])
    await run(Database.create(catalog))
    const again = await run(Database.reflect())
    // A serial is made again as an identity column, and NULLs of an index stand as usual.
    const usual = JSON.stringify(found.tables, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value
    )
      .replaceAll('"identity":"auto"', engine === "postgres" ? '"identity":"by default"' : "$&")
      .replaceAll(/,"nulls":"\w+"/g, "")
    expect(
      JSON.stringify(again.tables, (_, value: unknown) =>
        typeof value === "bigint" ? String(value) : value
      )
    ).toBe(usual)
    await run(Database.drop(catalog))
  })

  if (engine === "sqlite")
    test("a key that does not count is made again as one that does not", async () => {
      await run(Database.script(made.sqlite[2]!))
      await run(Database.script("create table d (id integer primary key desc, x int)"))
      const found = await run(Database.reflect())
      const counts = "a key that does not count by itself: declared as one that does"
      const unsaid = catalogSource(found).unsaid.filter(({ column }) => column === "id")
      expect(unsaid.map(({ message, table }) => [table, message])).toEqual([
        ["d", counts],
        ["k", 'its type is "INT" and is declared "INTEGER"'],
        ["k", counts]
      ])
      const reflected = Catalog.reflected(found, { "k.n": Type.double })
      await run(Database.drop(reflected))
      await run(Database.create(reflected))
      await run(Database.script("insert into k (v) values ('a'); insert into d (x) values (7)"))
      const id = Column.integer().nullable()
      const keys = async () => [
        await all(Query.from(Table.make("d", { id }))),
        await all(Query.from(Table.make("k", { id })))
      ]
      expect(await keys()).toEqual([[{ id: null }], [{ id: null }]])
      // SQLite alters no type: the tables are made anew.
      const other = { x: Column.text().nullable(), v: Column.text() }
      await run(Database.alter(Alter.alterColumn(Table.make("d", other), "x")))
      await run(Database.alter(Alter.alterColumn(Table.make("k", other), "v")))
      expect(await keys()).toEqual([[{ id: null }], [{ id: null }]])
      const again = await run(Database.reflect())
      expect(again.tables.map(({ columns: [key] }) => [key!.type, key!.identity])).toEqual([
        ["INT", null],
        ["INT", null]
      ])
      await run(Database.drop(reflected))
    })

  if (engine === "postgres")
    test("a serial counts as an identity does, and says that it was one", async () => {
      for (const text of made.postgres) await run(Database.script(text))
      const found = await run(Database.reflect())
      const [a] = found.tables
      expect(a!.columns.map(({ default: value, identity }) => [identity, value])).toEqual([
        ["auto", null],
        ["auto", null],
        ["auto", null]
      ])
      expect(found.sequences).toEqual([])
      const { text, unsaid } = catalogSource(found)
      expect(text).toContain("id: Column.id()")
      const serial = "it counts by a sequence of its own (serial): declared as an identity column"
      expect(unsaid.map(({ column, message, table }) => [table, column, message])).toEqual([
        ["a", "id", serial],
        ["a", "b c", serial],
        ["a", "c", serial],
        ["d", null, 'NULLS LAST of the index "nulls" is not declared'],
        ["d", null, 'NULLS FIRST of the index "nulls" is not declared']
      ])
      const reflected = Catalog.reflected(found)
      await run(Database.run(Query.insert(reflected.members["a"]! as never).values({} as never)))
      const ids = Query.from(Table.make("a", { id: Column.id() }))
      expect(await all(ids)).toEqual([{ id: 1 }])
      await run(Database.alter(Alter.dropIdentity("a", "id")))
      await run(Database.alter(Alter.addIdentity(Table.make("a", { id: Column.id() }), "id")))
      await run(Database.script("insert into a default values"))
      expect(await all(ids.orderBy(sql(Type.integer)`id`))).toEqual([{ id: 1 }, { id: 2 }])
      await run(Database.drop(reflected))
    })

  if (engine === "postgres") {
    test("what a rule says beside is made again or told by name", async () => {
      await run(
        Database.script(
          "create table a (id serial primary key, k int, unique (id, k)); " +
            "create table b (x int, y int default 4, z int default nextval('a_id_seq'), " +
            "constraint alone check (x > 0) no inherit, constraint plain check (y > 0), " +
            "constraint parts foreign key (x, y) references a (id, k) on delete set default (y))"
        )
      )
      const found = await run(Database.reflect())
      const { unsaid } = catalogSource(found)
      const [, b] = found.tables
      expect(b!.checks.map(({ name, noInherit }) => [name, noInherit])).toEqual([
        ["alone", true],
        ["plain", undefined]
      ])
      expect(b!.foreignKeys[0]!.setsOnDelete).toEqual(["y"])
      expect(unsaid.slice(1).map(({ column, message }) => [column, message])).toEqual([
        ["z", 'its default counts by the sequence "a_id_seq", which is not declared'],
        [null, 'the rule "alone" is declared as one that is inherited (it is NO INHERIT)'],
        [
          null,
          'the rule "parts" is declared as one that sets all its columns (set default is of "y")'
        ]
      ])
      const reflected = Catalog.reflected(found)
      await run(Database.drop(reflected))
      await run(Database.create(reflected))
      const again = await run(Database.reflect())
      expect(again.tables[1]).toEqual(b)
      await run(
        Database.script(
          "create table c () inherits (b); insert into c (x) values (-1); " +
            "insert into a (id, k) values (7, 1), (7 + 1, 4); insert into b values (7, 1)"
        )
      )
      // y becomes 4 and x stays: there is no (7, 4).
      expect(await failure(Database.script("delete from a where id = 7"))).toMatchObject({
        _tag: "ForeignKeyViolation"
      })
      await run(Database.script("drop table c"))
      await run(Database.drop(reflected))
    })

    test("a period without overlaps and a rule that is not enforced are told", async () => {
      await run(
        Database.script(
          "create extension if not exists btree_gist; " +
            "create table p (id int, k int, d daterange, " +
            "constraint one primary key (id, d without overlaps), " +
            "constraint two unique (k, d without overlaps)); " +
            "create table q (id int, d daterange, " +
            "constraint covered foreign key (id, period d) references p (id, period d), " +
            "constraint loose check (id > 0) not enforced)"
        )
      )
      const found = await run(Database.reflect())
      const periods = found.tables.flatMap((table) => [
        table.primaryKey?.period,
        ...table.uniques.map(({ period }) => period),
        ...table.foreignKeys.map(({ period }) => period)
      ])
      expect(periods).toEqual(["d", "d", undefined, "d"])
      const told = catalogSource(found).unsaid.map(({ message, table }) => [table, message])
      const period = 'is declared as one of each value (rows of "d" do not overlap in it: a period)'
      expect(told).toEqual([
        ["p", `the rule "one" ${period}`],
        ["p", `the rule "two" ${period}`],
        ["q", 'the rule "loose" is declared as one that binds (it is NOT ENFORCED)'],
        ["q", `the rule "covered" ${period}`]
      ])
      await run(Database.script("drop table q, p"))
    })
  }

  if (engine === "mariadb") {
    test("a key over the first letters of a text is no key over all of it", async () => {
      await run(Database.script(made.mariadb[2]!))
      const [a] = (await run(Database.reflect())).tables
      expect(a!.uniques.map(({ name }) => name)).toEqual(["plain"])
      expect(
        a!.indexes.map(({ method, name, parts, unique }) => [
          name,
          unique,
          method,
          parts.map(({ descending, length }) => (descending ? "down" : length))
        ])
      ).toEqual([
        ["down", true, "btree", ["down"]],
        ["first", true, "btree", [3]],
        ["two", true, "btree", [null, 4]],
        ["whole", true, "hash", [null]]
      ])
      await run(Database.alter(Alter.commentRule("a", "first", "three letters")))
      await run(Database.script("insert into a (id, t) values (1, 'abcd')"))
      expect(
        await failure(Database.script("insert into a (id, t) values (2, 'abce')"))
      ).toMatchObject({ _tag: "UniqueViolation", constraint: "first" })
      await run(Database.script("drop table a"))
    })

    test("what athanor has no words for stays with a column that is said again", async () => {
      await run(Database.script(made.mariadb[3]!))
      const attributes = async () => {
        const { tables } = await run(Database.reflect())
        return tables[0]!.columns.map((column) => column.attributes ?? null)
      }
      const before = [null, "INVISIBLE", "INVISIBLE", "on update current_timestamp(3)"]
      expect(await attributes()).toEqual(before)
      await run(
        Database.alter(
          Alter.comment("m", "a number", "n"),
          Alter.comment("m", "one more", "g"),
          Alter.comment("m", "when", "t")
        )
      )
      expect(await attributes()).toEqual(before)
      const finer = Table.make("m", {
        n: Column.bigint().serverDefault(3n),
        t: Column.make(Type.timestamp(6))
      })
      await run(Database.alter(Alter.alterColumn(finer, "n"), Alter.alterColumn(finer, "t")))
      expect(await attributes()).toEqual([...before.slice(0, 3), "on update current_timestamp(6)"])
      const other = Table.make("m", { t: Column.varchar(40) })
      await run(Database.alter(Alter.alterColumn(other, "t")))
      expect(await attributes()).toEqual([...before.slice(0, 3), null])
      const { unsaid } = await run(Effect.map(Database.reflect(), (one) => catalogSource(one)))
      expect(unsaid.map(({ column, message }) => [column, message])).toEqual([
        ["n", 'its "INVISIBLE" is not declared'],
        ["g", 'its "INVISIBLE" is not declared']
      ])
      await run(Database.script("drop table m"))
    })

    test("a period and a key without overlaps are read and told", async () => {
      await run(
        Database.script(
          "create table p (id int, s date, e date, n int comment 'PERIOD FOR `n` (`n`, `n`)', " +
            "period for `va``lid`(s, e), unique one (id, `va``lid` without overlaps), " +
            "unique two (id, e, s), constraint also check (s < e)); " +
            "create table q (id int, s datetime(3), e datetime(3), period for app(s, e), " +
            "primary key (id, app without overlaps)); " +
            // As a period would be reported, and none.
            "create table r (id int, s date not null, e date not null, unique k (id, e, s), " +
            "constraint p check (s < e)); " +
            "create table t (a int not null, b int not null, check (a < b))"
        )
      )
      const asked = await sentBy(Database.reflect())
      // Only tables are asked for that may have one: no server of this version tells of all.
      expect(asked.flatMap((text) => text.match(/SHOW CREATE TABLE .*/) ?? []).toSorted()).toEqual([
        "SHOW CREATE TABLE `p`",
        "SHOW CREATE TABLE `q`",
        "SHOW CREATE TABLE `r`"
      ])
      const found = await run(Database.reflect())
      const facts = found.tables.map(({ checks, name, options, primaryKey, uniques }) => [
        name,
        options["period"] ?? null,
        [...(primaryKey === null ? [] : [primaryKey]), ...uniques].map((key) => key.period ?? null),
        checks.map((check) => check.name)
      ])
      expect(facts).toEqual([
        ["p", "va`lid(s, e)", ["va`lid", null], ["also", "va`lid"]],
        ["q", "app(s, e)", ["app"], ["app"]],
        ["r", null, [null], ["p"]],
        ["t", null, [], ["CONSTRAINT_1"]]
      ])
      const told = (name: string) =>
        `is declared as one of each value (rows of "${name}" do not overlap in it: a period)`
      const { unsaid } = catalogSource(found)
      expect(unsaid.map(({ message, table }) => [table, message])).toEqual([
        ["p", `the rule "one" ${told("va`lid")}`],
        ["p", "period: va`lid(s, e) is not declared"],
        ["q", `the rule of "id", "e", "s" ${told("app")}`],
        ["q", "period: app(s, e) is not declared"]
      ])
      // Made again it is a check and a weaker key, with which a period cannot be said.
      const catalog = Catalog.reflected(found)
      await run(Database.drop(catalog))
      await run(Database.create(catalog))
      const [first] = (await run(Database.reflect())).tables
      expect([first!.options["period"], first!.uniques.length]).toEqual([undefined, 2])
      await run(Database.drop(catalog))
    })

    test("an account that is told of no checks reads them of the text", async () => {
      const own = await place("mariadb")
      const database = program(own.url)
      const name = `part_${process.pid}`
      await database.run(
        Database.script(
          "create table p (id int, s date, e date, period for p(s, e), " +
            "unique (id, p without overlaps)); " +
            `create user ${name}@'%' identified by 'x'; grant select on p to ${name}@'%'`
        )
      )
      const restricted = new URL(own.url)
      restricted.username = name
      restricted.password = "x"
      const other = program(restricted.href)
      const { tables } = await other.run(Database.reflect())
      expect(tables.map(({ checks, options }) => [checks.length, options["period"]])).toEqual([
        [1, "p(s, e)"]
      ])
      await other.dispose()
      await database.run(Database.script(`drop user ${name}@'%'`))
      await database.dispose()
      await own.drop()
    })

    test("a row's time in the system is kept by the table that is made again", async () => {
      await run(
        Database.script(
          "create table v (x int, y int as (x + 1) stored, " +
            "ss timestamp(6) generated always as row start, " +
            "ee timestamp(6) generated always as row end invisible, " +
            "period for system_time(ss, ee)) with system versioning; " +
            "create table w (x int) with system versioning"
        )
      )
      const found = await run(Database.reflect())
      const catalog = Catalog.reflected(found)
      const { unsaid } = catalogSource(found)
      expect(unsaid.map(({ column, message, table }) => [table, column, message])).toEqual([
        ["v", "ee", 'its "INVISIBLE" is not declared'],
        ["w", null, "versioned: yes is not declared"]
      ])
      await run(Database.drop(catalog))
      await run(Database.create(catalog))
      const again = await run(Database.reflect())
      expect(again.tables[0]).toEqual(found.tables[0])
      const v = catalog.members["v"]!
      await run(Database.run(Query.insert(v).values({ x: 1 })))
      await run(Database.run(Query.update(v).set({ x: 2 }).everyRow()))
      const times = Query.raw({ rows: Type.bigint })`select count(*) from v for system_time all`
      expect(await run(Database.one(times))).toEqual({ rows: 2n })
      await run(Database.drop(catalog))
    })
  }
})
