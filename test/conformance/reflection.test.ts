import { Catalog, Column, Database, Query, Table, Type } from "athanor"
import { catalogSource } from "athanor/compile"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Snapshot, SnapshotTable } from "../../src/algebra/schema/Snapshot.ts"
import { connect } from "../runtime/databases.ts"
import { type EngineName, engines, useDatabase } from "./support.ts"

/** A schema that other people made, in each dialect's own words. */
const scripts: Readonly<Record<EngineName, string>> = {
  sqlite: `
    create table "odd ""name"" 日" (k integer primary key autoincrement, "select" text);
    create table shops (
      id integer primary key,
      /* a comment, with (a paren */ name text not null collate nocase default 'it''s (a) shop',
      price real default 1.5, -- and another )
      stars integer constraint few_stars check (stars between 0 and 5) default (1 + 1),
      loud text generated always as (upper(name)) stored,
      quiet text as (lower(name)),
      place point,
      constraint one_name unique (name, price)
    ) strict_not_said_here_is_no_option;
    create table sales (shop integer not null references shops on delete cascade on update set null
      deferrable initially deferred, at text, primary key (shop, at)) without rowid;
    create index by_price on shops (price desc, lower(name)) where stars > 3;
    create view cheap as select id, name from shops where price < 2;`.replace(
    " strict_not_said_here_is_no_option",
    ""
  ),
  postgres: `
    create table "odd ""name"" 日" (k bigint generated always as identity, "select" text);
    create type mood as enum ('sad', 'it''s ok');
    create sequence counter start 5 increment 2;
    create table shops (
      id serial primary key,
      name text not null collate "C" default 'it''s (a) shop',
      price double precision default 1.5,
      stars integer constraint few_stars check (stars between 0 and 5) default (1 + 1),
      loud text generated always as (upper(name)) stored,
      feels mood,
      place point,
      constraint one_name unique (name, price)
    );
    comment on table shops is 'where it''s sold';
    comment on column shops.name is 'as painted';
    create table sales (shop integer not null references shops on delete cascade on update set null
      deferrable initially deferred, at text, primary key (shop, at));
    create index by_price on shops (price desc, lower(name)) where stars > 3;
    create view cheap as select id, name from shops where price < 2;
    create materialized view cheaper as select id from shops where price < 1;`,
  mariadb: `
    create table \`odd "name" 日\` (k bigint auto_increment primary key, \`select\` text);
    create table shops (
      id int auto_increment primary key,
      name varchar(50) character set utf8mb4 collate utf8mb4_general_ci not null
        default 'it''s (a) shop' comment 'as painted',
      price double default 1.5,
      stars int default (1 + 1),
      loud varchar(50) generated always as (upper(name)) stored,
      quiet varchar(50) generated always as (lower(name)) virtual,
      place point,
      constraint few_stars check (stars between 0 and 5),
      constraint one_name unique (name, price)
    ) comment 'where it''s sold';
    create table sales (shop int not null, at varchar(20), primary key (shop, at),
      constraint of_shop foreign key (shop) references shops (id) on delete cascade);
    create index by_price on shops (price desc, name);
    create view cheap as select id, name from shops where price < 2;`
}

const tableOf = (snapshot: Snapshot, name: string): SnapshotTable =>
  snapshot.tables.find((one) => one.name === name)!

describe.each(engines)("a schema that is there on %s", (engine) => {
  const { failure, run, sentBy } = useDatabase(engine, {
    own: Table.make("own", { id: Column.id() })
  })
  const prepared = Effect.runSync(
    Effect.cached(Database.script(scripts[engine]))
  ) as unknown as Effect.Effect<void, never, Database>
  const reflected = (): Promise<Snapshot> =>
    run(Effect.andThen(prepared, Database.reflect()) as Effect.Effect<Snapshot, never, Database>)

  test("types, nulls, defaults, computed columns and generated keys are read [F97.4]", async () => {
    const { columns } = tableOf(await reflected(), "shops")
    const facts = Object.fromEntries(columns.map((column) => [column.name, column]))
    expect(facts["name"]).toMatchObject({ nullable: false, default: "'it''s (a) shop'" })
    expect(facts["name"]!.collation).toBe(
      { sqlite: "nocase", postgres: "C", mariadb: "utf8mb4_general_ci" }[engine]
    )
    expect(facts["price"]).toMatchObject({
      default: "1.5",
      nullable: true,
      sql: { _tag: "Double" }
    })
    expect(facts["stars"]!.default).toMatch(/^1 ?\+ ?1$/)
    expect(facts["loud"]!.computed).toMatchObject({ stored: true })
    expect(facts["loud"]!.computed!.expression).toMatch(/(?:upper|ucase)\(.?name/i)
    expect(facts["loud"]!.default).toBeNull()
    if (engine !== "postgres") expect(facts["quiet"]!.computed).toMatchObject({ stored: false })
    const [k] = tableOf(await reflected(), 'odd "name" 日').columns
    expect(k!.identity).toBe(engine === "postgres" ? "always" : "auto")
  })

  test("keys, uniques, checks and indexes are read by their names", async () => {
    const snapshot = await reflected()
    const { checks, indexes, primaryKey, uniques } = tableOf(snapshot, "shops")
    expect(primaryKey!.columns).toEqual(["id"])
    expect(uniques).toMatchObject([{ name: "one_name", columns: ["name", "price"] }])
    expect(checks.map(({ name }) => name)).toEqual(["few_stars"])
    expect(indexes).toHaveLength(1)
    const [index] = indexes
    expect(index).toMatchObject({ name: "by_price", unique: false })
    expect(index!.parts[0]).toMatchObject({
      column: "price",
      expression: null,
      // MariaDB 10.8 and later keep the direction.
      descending: true
    })
    if (engine !== "mariadb") {
      expect(index!.parts[1]).toMatchObject({ column: null, expression: "lower(name)" })
      expect(index!.where).toBe("stars > 3")
    }
    const [key] = tableOf(snapshot, "sales").foreignKeys
    expect(key).toMatchObject({
      columns: ["shop"],
      target: { schema: null, table: "shops" },
      targetColumns: ["id"],
      onDelete: "cascade",
      deferrable: engine === "mariadb" ? "no" : "deferred"
    })
    expect(tableOf(snapshot, "sales").primaryKey!.columns).toEqual(["shop", "at"])
  })

  test("a view's definition and columns are read [F97.5]", async () => {
    const { views } = await reflected()
    const cheap = views.find(({ name }) => name === "cheap")!
    expect(cheap.definition).toMatch(/select[\s\S]+from[\s\S]+shops/i)
    expect(cheap.definition).toMatch(/price[^<]*<[^2]*2/)
    expect(cheap.columns.map(({ name }) => name)).toEqual(["id", "name"])
  })

  test("a schema is read in at most 15 statements, however many tables [F98.1]", async () => {
    await reflected()
    const few = await sentBy(Database.reflect())
    const more = Array.from({ length: 40 }, (_, at) => `create table many_${at} (id int);`)
    await run(Database.script(more.join("\n")))
    const many = await sentBy(Database.reflect())
    expect(many.length).toBe(few.length)
    expect(many.length).toBeLessThanOrEqual(15)
    const { tables } = await run(Database.reflect())
    expect(tables.filter(({ name }) => name.startsWith("many_"))).toHaveLength(40)
  })

  test("a type athanor does not know is told with its column and kept [F99.4]", async () => {
    const snapshot = await reflected()
    const place = tableOf(snapshot, "shops").columns.find(({ name }) => name === "place")!
    expect(place).toMatchObject({ sql: null })
    expect(place.type.toLowerCase()).toBe("point")
    const { members } = Catalog.reflected(snapshot)
    const shops = members["shops"]!
    const point = engine === "postgres" ? "'(1,2)'" : engine === "sqlite" ? "'p'" : "point(1, 2)"
    await run(Database.script(`insert into shops (name, place) values ('dotted', ${point})`))
    const found = await run(
      Database.one(Query.from(shops).where(shops.c["name"]!.eq("dotted")).select(shops.c["place"]!))
    )
    expect(found).not.toBeNull()
  })

  test("reflected tables are read, joined and written at once [F99.1]", async () => {
    const { members } = Catalog.reflected(await reflected())
    const shops = members["shops"]!
    const sales = members["sales"]!
    await run(Database.run(Query.insert(shops).values({ name: "corner", price: 1.25 })))
    const id = await run(
      Database.one(Query.from(shops).where(shops.c["name"]!.eq("corner")).select(shops.c["id"]!))
    )
    await run(Database.run(Query.insert(sales).values({ shop: id, at: "noon" })))
    const rows = await run(
      Database.all(
        Query.from(sales)
          .join(shops, sales.c["shop"]!.eq(shops.c["id"]!))
          .where(shops.c["price"]!.lt(2))
          .select({ at: sales.c["at"]!, name: shops.c["name"]! })
      )
    )
    expect(rows).toEqual([{ at: "noon", name: "corner" }])
    const twice = await failure(
      Database.run(Query.insert(sales).values({ shop: id, at: "noon" })) as never
    )
    expect(twice).toMatchObject({ _tag: "UniqueViolation" })
  })

  test("a column's type can be given; one that is not there is refused [F99.3]", async () => {
    const snapshot = await reflected()
    const upper = Type.mapped(Type.text, {
      name: "Upper",
      from: (text: string) => text.toUpperCase(),
      to: (text: string) => text.toLowerCase()
    })
    const { members } = Catalog.reflected(snapshot, { "own.id": Type.integer, "shops.name": upper })
    const shops = members["shops"]!
    await run(Database.run(Query.insert(shops).values({ name: "LOUD" })))
    const names = await run(Database.all(Query.from(shops).select(shops.c["name"]!)))
    expect(names).toContain("LOUD")
    const { members: plain } = Catalog.reflected(snapshot)
    const stored = plain["shops"]!
    expect(await run(Database.all(Query.from(stored).select(stored.c["name"]!)))).toContain("loud")
    expect(() => Catalog.reflected(snapshot, { "shops.gone": upper })).toThrow(
      'there is no column "shops.gone"'
    )
  })
})

describe.each(engines)("a schema read by its name on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { own: Table.make("own", { id: Column.id() }) })

  test("its tables refer to each other by the name they are read under", async () => {
    await run(Database.script(scripts[engine]))
    const { schema } = await run(Database.server)
    const snapshot = await run(Database.reflect({ schema: schema! }))
    expect(new Set(snapshot.tables.map((table) => table.schema))).toEqual(new Set([schema]))
    expect(tableOf(snapshot, "sales").foreignKeys[0]!.target).toEqual({ schema, table: "shops" })
    const { tables } = Catalog.reflected(snapshot)
    expect(tables.find(({ name }) => name === "sales")!.foreignKeys()).toHaveLength(1)
    const sales = Catalog.reflected(snapshot).members[`${schema}.sales`]!
    expect(await run(Database.all(Query.from(sales)))).toEqual([])
  })

  test("a name with quotes is a name", async () => {
    const schema = `it's "odd"`
    const wrong = Database.reflect({ schema })
    if (engine === "sqlite")
      expect(await failure(wrong)).toMatchObject({ _tag: "SyntaxOrUndefined" })
    else expect((await run(wrong)).tables).toEqual([])
  })
})

test("the first statement of a database on MariaDB knows it for MariaDB", async () => {
  const connected = await connect("mariadb")
  const { dialect } = await connected.run(Database.reflect())
  await connected.dispose()
  expect(dialect).toBe("mariadb")
})

test("an attached file is a schema of its own on SQLite", async () => {
  const connected = await connect("sqlite")
  const odd = `a "b" 'c'`
  const name = `"${odd.replaceAll('"', '""')}"`
  const script = `attach ':memory:' as ${name};
    create table here (id integer primary key);
    create table ${name}.there (id integer primary key, up integer references there);
    create unique index ${name}.of_up on there (up desc) where up > 1;`
  const both = Effect.andThen(
    Database.script(script),
    Effect.all([Database.reflect(), Database.reflect({ schema: odd })])
  )
  const [main, other] = await connected.run(both)
  expect(main.tables.map((table) => table.name)).toEqual(["here"])
  expect(other.tables.map((table) => [table.schema, table.name])).toEqual([[odd, "there"]])
  expect(other.tables[0]!.foreignKeys[0]!.target).toEqual({ schema: odd, table: "there" })
  expect(other.tables[0]!.indexes).toMatchObject([{ name: "of_up", where: "up > 1" }])
  const there = Table.make("there", { id: Column.id() }, undefined, { schema: odd })
  await connected.run(Database.create(Catalog.make({ there }), { ifMissing: true }))
  await connected.dispose()
})

describe("tables that are kept in another way are read as such", () => {
  const kept: Readonly<Record<EngineName, readonly [script: string, option: string]>> = {
    sqlite: ["create virtual table told using fts5(body, tokenize = 'porter')", "virtual"],
    postgres: [
      `create extension file_fdw; create server files foreign data wrapper file_fdw;
       create foreign table told (body text) server files options (filename '/dev/null')`,
      "foreign"
    ],
    mariadb: ["create table told (body text) with system versioning", "versioned"]
  }
  test.each(engines)("%s", async (engine) => {
    const connected = await connect(engine)
    const [script, option] = kept[engine]
    const read = Effect.andThen(Database.script(script), Database.reflect())
    const { tables } = await connected.run(read)
    await connected.dispose()
    expect(tables).toMatchObject([{ name: "told", options: { [option]: "yes" } }])
    expect(tables[0]!.columns.map(({ name }) => name)).toContain("body")
  })
})

test("a key's own index on sqlite is told from a unique constraint of its columns", async () => {
  const connected = await connect("sqlite")
  const script = `
    create table word (k text primary key, v text unique);
    create table twice (k text primary key, unique (k collate nocase));
    create table number (k integer primary key unique);
    create table backwards (k integer primary key desc);
    create table pair (a text, b text, primary key (b, a), unique (a, b));
    create table keyed (k text primary key, v text, unique (v, k)) without rowid;
    create trigger word after insert on word begin select 1; end`
  const { tables } = await connected.run(
    Effect.andThen(Database.script(script), Database.reflect())
  )
  await connected.dispose()
  const facts = tables.map(({ indexes, name, primaryKey, uniques }) => [
    name,
    primaryKey!.columns,
    uniques.map(({ columns }) => columns),
    indexes.length
  ])
  expect(facts).toEqual([
    ["backwards", ["k"], [], 0],
    ["keyed", ["k"], [["v", "k"]], 0],
    ["number", ["k"], [["k"]], 0],
    ["pair", ["b", "a"], [["a", "b"]], 0],
    ["twice", ["k"], [["k"]], 0],
    ["word", ["k"], [["v"]], 0]
  ])
})

test("a foreign key on sqlite refers by its target's names, however it was written", async () => {
  const connected = await connect("sqlite")
  const script = `create table Parent (Id integer primary key, Code text unique);
    create table child (a integer references PARENT, b text,
      constraint by_code foreign key (B) references parent (CODE))`
  const found = await connected.run(Effect.andThen(Database.script(script), Database.reflect()))
  await connected.dispose()
  const target = { schema: null, table: "Parent" }
  expect(tableOf(found, "child").foreignKeys).toMatchObject([
    { name: null, columns: ["a"], target, targetColumns: ["Id"] },
    { name: "by_code", columns: ["b"], target, targetColumns: ["Code"] }
  ])
})

test("foreign keys on sqlite of the same columns keep their names apart", async () => {
  const connected = await connect("sqlite")
  const to = "foreign key (a) references p (id)"
  const script = `create table p (id integer primary key);
    create table c (a integer, b integer references p (id), constraint one ${to} on delete cascade,
      constraint two ${to} deferrable initially deferred, ${to});
    alter table c add column d integer constraint four references p (id) on delete cascade`
  const found = await connected.run(Effect.andThen(Database.script(script), Database.reflect()))
  await connected.dispose()
  const facts = tableOf(found, "c").foreignKeys.map((key) => [
    key.columns.join(),
    key.name,
    key.onDelete,
    key.deferrable
  ])
  expect(facts.toSorted((x, y) => String(x).localeCompare(String(y)))).toEqual([
    ["a", null, "no action", "no"],
    ["a", "one", "cascade", "no"],
    ["a", "two", "no action", "deferred"],
    ["b", null, "no action", "no"],
    ["d", "four", "cascade", "no"]
  ])
})

describe("what only one server has, on postgres", () => {
  const { run } = useDatabase("postgres", { own: Table.make("own", { id: Column.id() }) })
  test("labels, domains, sequences, identities and kept views are read [F97.6]", async () => {
    await run(Database.script(scripts.postgres))
    await run(
      Database.script(`
        create domain high as integer default 7 constraint "is high" check (value > 5)
          constraint even check (value % 2 = 0);
        create domain named as varchar(20) not null;
        create table counted (
          n bigint generated always as identity (start 10 increment 5 maxvalue 99 cycle cache 3),
          h high, w named)`)
    )
    const { domains, enums, sequences, tables, views } = await run(Database.reflect())
    expect(enums).toEqual([{ schema: null, name: "mood", values: ["sad", "it's ok"] }])
    expect(domains).toEqual([
      {
        schema: null,
        name: "high",
        type: "integer",
        sql: { _tag: "Integer" },
        nullable: true,
        default: "7",
        checks: [
          { name: "even", predicate: "(VALUE % 2) = 0" },
          { name: "is high", predicate: "VALUE > 5" }
        ]
      },
      {
        schema: null,
        name: "named",
        type: "character varying(20)",
        sql: { _tag: "Varchar", length: 20 },
        nullable: false,
        default: null,
        checks: []
      }
    ])
    expect(sequences).toMatchObject([{ schema: null, name: "counter", start: 5n, increment: 2n }])
    const cheaper = views.find(({ materialized }) => materialized)!
    expect(cheaper.name).toBe("cheaper")
    expect(cheaper.columns).toMatchObject([{ name: "id", type: "integer" }])
    expect(cheaper.definition).toMatch(/SELECT (?:shops\.)?id\s+FROM shops/)
    const [n, h, w] = tables.find(({ name }) => name === "counted")!.columns
    expect(n).toMatchObject({
      identity: "always",
      counter: { start: 10n, increment: 5n, minimum: 1n, maximum: 99n, cycle: true, cache: 3n }
    })
    expect([h!.type, w!.type]).toEqual(["high", "named"])
    const shops = tables.find(({ name }) => name === "shops")!
    expect(shops.comment).toBe("where it's sold")
    expect(shops.columns.find(({ name }) => name === "name")!.comment).toBe("as painted")
  })
})

describe("what only one server has, on mariadb", () => {
  test("sequences, engines and sets of characters are read [F97.7]", async () => {
    const connected = await connect("mariadb")
    const script = `create sequence \`odd 'name'\` start 5 increment 2 maxvalue 99 cycle;
      create sequence down increment -1 nocache;
      create table plain (a int) engine = MyISAM default charset = latin1;
      create table usual (a int) engine = InnoDB charset = utf8mb4 collate utf8mb4_unicode_ci`
    const read = Effect.andThen(Database.script(script), Database.reflect())
    const { sequences, tables } = await connected.run(read)
    await connected.dispose()
    expect(tables.map(({ name, options }) => [name, options])).toEqual([
      ["plain", { engine: "MyISAM", charset: "latin1", collation: "latin1_swedish_ci" }],
      ["usual", { engine: "InnoDB", charset: "utf8mb4", collation: "utf8mb4_unicode_ci" }]
    ])
    // In one statement for all of them.
    expect(sequences).toMatchObject([
      { name: "down", start: -1n, increment: -1n, maximum: -1n, cycle: false, cache: 0n },
      { name: "odd 'name'", start: 5n, increment: 2n, maximum: 99n, cycle: true, cache: 1000n }
    ])
  })
})

describe.each(["sqlite", "mariadb"] as const)("a view that cannot be read, on %s", (engine) => {
  const { run } = useDatabase(engine, {})

  test("is told, and takes nothing with it", async () => {
    await run(
      Database.script(`create table gone (a integer); create table kept (b integer);
        create view lost as select a from gone;
        create view ${engine === "sqlite" ? '"it\'s"' : "`it's`"} as select b from kept;
        drop table gone`)
    )
    const found = await run(Database.reflect())
    expect(found.tables.map(({ name }) => name)).toEqual(["kept"])
    expect(found.views.map(({ columns, name }) => [name, columns.map((one) => one.name)])).toEqual([
      ["it's", ["b"]],
      ["lost", []]
    ])
    const { text, unsaid } = catalogSource(found)
    expect(text).toContain("export const it_s = View.make(")
    expect(unsaid.map(({ message }) => message)).toEqual([
      'the view "lost" is not declared: its query is not known'
    ])
  })
})

describe.each(engines)("texts in expressions, reflected on %s", (engine) => {
  const { all, run } = useDatabase(engine, {})
  const odd = "c\\d'e\n\\n\t\\'"
  const said = `'${odd.replaceAll("'", "''")}'`
  const joined = engine === "mariadb" ? `concat(a, ${said})` : `a || ${said}`
  const script = `
    create table told (id int primary key, a varchar(40) default ${said},
      b varchar(40) default 'c\\d', g varchar(99) generated always as (${joined}) stored,
      constraint other check (b <> ${said}));
    create view telling as select ${said} as x from told`
  const told = Table.exact("told", {
    id: Column.integer().primaryKey(),
    a: Column.varchar(40).serverDefault("x"),
    b: Column.varchar(40).serverDefault("x"),
    g: Column.varchar(99).nullable()
  })
  const telling = Table.exact("telling", { x: Column.text() })

  test("are what they were when all is created again", async () => {
    await run(Database.script(script))
    const found = await run(Database.reflect())
    const again = Catalog.reflected(found)
    await run(Database.script("drop view telling"))
    await run(Database.drop(again))
    await run(Database.create(again))
    await run(Database.script(`create view telling as ${found.views[0]!.definition}`))
    const texts = ({ tables: [table], views }: Snapshot) => [
      table!.columns.map((one) => [one.default, one.computed]),
      table!.checks,
      views[0]!.definition
    ]
    expect(texts(await run(Database.reflect()))).toEqual(texts(found))
    await run(Database.script("insert into told (id) values (1)"))
    expect(await all(Query.from(told))).toEqual([{ id: 1, a: odd, b: "c\\d", g: odd + odd }])
    expect(await all(Query.from(telling))).toEqual([{ x: odd }])
    const refused = Database.script(`insert into told (id, b) values (2, ${said})`)
    await expect(run(refused)).rejects.toMatchObject({ _tag: "CheckViolation" })
    await run(Database.script("drop view telling"))
    await run(Database.drop(again))
  })
})

describe("foreign keys on sqlite, read from the text of their table", () => {
  const { run } = useDatabase("sqlite", {})
  const action = fc.constantFrom("no action", "restrict", "cascade", "set null", "SET  DEFAULT")
  const name = fc.constantFrom("p", '"p"', "[P]", "`p`", "'p'", '"p) q"')
  const clause = fc.oneof(
    action.map((one) => ` on delete ${one}`),
    action.map((one) => ` ON UPDATE /* on delete cascade */ ${one}`),
    fc.constantFrom(" match full", " MATCH simple")
  )
  const deferral = fc.constantFrom(
    "",
    " deferrable initially deferred",
    " deferrable",
    " not deferrable",
    " not deferrable initially immediate"
  )
  const reference = fc
    .record({
      called: fc.constantFrom("", 'constraint "references" ', "CONSTRAINT c "),
      target: name,
      listed: fc.constantFrom("", "(x)", ' ("X")', " ( [x] )"),
      clauses: fc.array(clause, { maxLength: 3 }),
      deferral
    })
    .map(
      ({ called, clauses, deferral: late, listed, target }) =>
        [called, `references ${target}${listed}${clauses.join("")}${late}`] as const
    )
  const after = fc.constantFrom("", " not null", " NOT NULL default 'references p'", " unique")
  const column = fc
    .tuple(fc.array(reference, { maxLength: 2 }), after)
    .map(([refs, end]) => `integer ${refs.map((one) => one.join("")).join(" ")}${end}`)
  const rule = reference.map(([called, refers]) => `${called}foreign key (A) ${refers}`)
  const tables = fc
    .record({ a: column, b: column, rules: fc.array(rule, { maxLength: 2 }) })
    .map(({ a, b, rules }) => `create table t (${[`a ${a}`, `"b c" ${b}`, ...rules].join(", ")})`)

  const keysOf = Query.raw(
    { target: Type.text, own: Type.text, other: Type.text, deletes: Type.text, updates: Type.text },
    { tables: [] }
  )`
    SELECT f."table" AS target, f."from" AS own, f."to" AS other, f.on_delete AS deletes,
      f.on_update AS updates
    FROM pragma_foreign_key_list('t') AS f`
  /** As it is spelled where it is declared; what is left out is the primary key. */
  const spelled = (target: string, other: string | null): ReadonlyArray<string> =>
    target === "p) q" ? [target, other ?? ""] : ["p", "x"]

  test("are those that SQLite says there are", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (script) => {
        const gone = "drop table if exists t; drop table if exists p"
        await run(Database.script(`${gone}; create table p (x integer primary key); ${script}`))
        const found = await run(Database.reflect())
        const theirs = await run(Database.all(keysOf))
        const keys = found.tables.find((table) => table.name === "t")!.foreignKeys
        const lines = (all: ReadonlyArray<ReadonlyArray<string>>) =>
          all.map((one) => JSON.stringify(one)).toSorted()
        const ours = keys.map(({ columns, onDelete, onUpdate, target, targetColumns }) => [
          ...columns,
          target.table,
          ...targetColumns,
          onDelete,
          onUpdate
        ])
        const said = theirs.map(({ deletes, other, own, target, updates }) => [
          own!,
          ...spelled(target!, other),
          deletes!.toLowerCase(),
          updates!.toLowerCase()
        ])
        expect(lines(ours)).toEqual(lines(said))
      }),
      { numRuns: 300 }
    )
  })
})
