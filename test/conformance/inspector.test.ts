import { Catalog, Database } from "athanor"
import { dependencyOrder } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import type { Snapshot } from "../../src/algebra/schema/Snapshot.ts"
import { normalSnapshot } from "../../src/compile/schema/normalSnapshot.ts"
import { readMysql } from "../../src/effects/reflection/mysql.ts"
import { readPostgres } from "../../src/effects/reflection/postgres.ts"
import type { Ask } from "../../src/effects/reflection/Reader.ts"
import { readSqlite } from "../../src/effects/reflection/sqlite.ts"
import { connect, type EngineName, engines } from "../runtime/databases.ts"
import { useDatabase } from "./support.ts"

const odd = `it's "odd" 日 ;--`
const quotes = { sqlite: '"', postgres: '"', mariadb: "`" } as const
const quotedIn = (engine: EngineName, name: string): string => {
  const quote = quotes[engine]
  return `${quote}${name.replaceAll(quote, quote + quote)}${quote}`
}

/** A library: a chain, a ring, and a table alone. */
const scriptOf = (engine: EngineName): string => {
  const name = quotedIn(engine, odd)
  const inline = engine === "mariadb"
  const ring =
    engine === "sqlite"
      ? `create table rooms (id integer primary key, keeper integer references people (id));
         create table people (id integer primary key, room integer references rooms (id));`
      : `create table rooms (id integer primary key, keeper integer);
         create table people (id integer primary key, room integer,
           constraint people_room foreign key (room) references rooms (id));
         alter table rooms add constraint rooms_keeper foreign key (keeper) references people (id);`
  const comments =
    engine === "postgres"
      ? `comment on table authors is 'who wrote'; comment on column authors.name is 'in full';`
      : ""
  return `
    create table authors (id integer primary key,
      name varchar(40) not null default 'nobody'${inline ? " comment 'in full'" : ""}
      )${inline ? " comment 'who wrote'" : ""};
    create table books (id integer primary key, author integer not null, title varchar(40),
      pages integer, constraint pages_check check (pages > 0), constraint one_title unique (title),
      constraint books_author foreign key (author) references authors (id) on delete cascade);
    create index by_pages on books (pages);
    create table loans (book integer not null, day varchar(10) not null, primary key (book, day),
      constraint loans_book foreign key (book) references books (id));
    create table ${name} (${name} integer);
    create index ${quotedIn(engine, `${odd} at`)} on ${name} (${name});
    ${ring}
    ${comments}
    create view long_books as select id, title from books where pages > 500;
    ${engine === "postgres" ? "create materialized view titles as select title from books;" : ""}
    ${engine === "sqlite" ? "" : `create sequence ${quotedIn(engine, `${odd} next`)};`}`
}

const namesIn = ({ tables, views }: Snapshot) => ({
  tables: tables.map(({ name }) => name),
  views: views.map(({ name }) => name)
})

describe.each(engines)("the inspector on %s", (engine) => {
  const { failure, run, sentBy } = useDatabase(engine, {})
  const prepared = Effect.runSync(
    Effect.cached(Database.script(scriptOf(engine)))
  ) as unknown as Effect.Effect<void, never, Database>
  const on = <A, E>(effect: Effect.Effect<A, E, Database>): Promise<A> =>
    run(Effect.andThen(prepared, effect))

  test("schemas, tables, keys, rules, comments and options are as declared [F97.1]", async () => {
    const [schemas, server, snapshot] = await on(
      Effect.all([Database.schemas, Database.server, Database.reflect()])
    )
    expect(schemas).toContain(server.schema)
    expect(namesIn(snapshot)).toEqual({
      tables: ["authors", "books", odd, "loans", "people", "rooms"].toSorted(),
      views: ["long_books", ...(engine === "postgres" ? ["titles"] : [])]
    })
    const [authors, books, loans] = ["authors", "books", "loans"].map((name) =>
      snapshot.tables.find((one) => one.name === name)!
    )
    const isSilent = engine === "sqlite"
    expect(authors).toMatchObject({
      comment: isSilent ? null : "who wrote",
      columns: [
        { name: "id", nullable: false, default: null },
        {
          name: "name",
          nullable: false,
          default: "'nobody'",
          comment: isSilent ? null : "in full"
        }
      ].map((column) => (isSilent && column.name === "id" ? { name: "id" } : column))
    })
    expect(books).toMatchObject({
      primaryKey: { columns: ["id"] },
      uniques: [{ name: "one_title", columns: ["title"] }],
      checks: [{ name: "pages_check" }],
      indexes: [{ name: "by_pages", unique: false, parts: [{ column: "pages" }] }],
      foreignKeys: [
        {
          name: "books_author",
          columns: ["author"],
          target: { schema: null, table: "authors" },
          targetColumns: ["id"],
          onDelete: "cascade"
        }
      ]
    })
    expect(books!.checks[0]!.predicate).toMatch(/pages[`"]? > 0/)
    expect(loans!.primaryKey!.columns).toEqual(["book", "day"])
    if (engine === "mariadb") expect(books!.options).toMatchObject({ engine: "InnoDB" })
  })

  test("what is temporary is read where it is made [F97.1] [F98.2]", async () => {
    if (engine === "mariadb")
      return expect(await failure(Database.reflect({ temporary: true }))).toMatchObject({
        _tag: "Unsupported",
        capability: "temporaryTableList"
      })
    const [lasting, passing] = await on(
      Database.transaction(
        Effect.gen(function* () {
          yield* Database.script("create temporary table passing (id integer, at varchar(9))")
          const found = yield* Effect.all([
            Database.reflect(),
            Database.reflect({ temporary: true, tables: ["passing"] })
          ])
          yield* Database.script("drop table passing")
          return found
        })
      )
    )
    expect(namesIn(lasting).tables).not.toContain("passing")
    expect(passing).toMatchObject({
      tables: [{ schema: null, name: "passing", columns: [{ name: "id" }, { name: "at" }] }],
      views: []
    })
    expect(namesIn(await on(Database.reflect({ temporary: true }))).tables).toEqual([])
  })

  test("tables come in order, and the keys of a ring apart [F97.2]", async () => {
    const { tables } = Catalog.reflected(await on(Database.reflect()))
    const order = dependencyOrder(tables)
    const at = (name: string): number => order.findIndex(({ table }) => table.name === name)
    expect(order).toHaveLength(6)
    expect(at("authors")).toBeLessThan(at("books"))
    expect(at("books")).toBeLessThan(at("loans"))
    const closing = order.flatMap(({ forward, table }) =>
      forward.map(({ target }) => [table.name, target.name].toSorted())
    )
    expect(closing).toEqual([["people", "rooms"]])
  })

  test("it is told whether there is a schema, table, view, index, sequence [F97.3]", async () => {
    const has = (kind: Parameters<typeof Database.has>[0]["kind"], name: string) =>
      on(Database.has({ kind, name }))
    const { schema } = await on(Database.server)
    expect(await has("schema", schema!)).toBe(true)
    expect(await has("schema", "elsewhere")).toBe(false)
    for (const name of ["books", odd]) expect(await has("table", name)).toBe(true)
    for (const name of ["boks", "long_books", `${odd} `, "b%", "by_pages", "'", ""].slice(0, -1))
      expect(await has("table", name), name).toBe(false)
    // SQLite takes names for the same that differ in the case of letters.
    expect(await has("table", "BOOKS")).toBe(engine === "sqlite")
    expect(await has("view", "long_books")).toBe(true)
    expect(await has("view", "books")).toBe(false)
    expect(await has("materialized view", "titles")).toBe(engine === "postgres")
    for (const name of ["by_pages", `${odd} at`]) expect(await has("index", name)).toBe(true)
    expect(await has("index", "books")).toBe(false)
    expect(await has("sequence", `${odd} next`)).toBe(engine !== "sqlite")
    expect(await has("sequence", "books")).toBe(false)
    expect(await on(Database.has({ kind: "table", name: "books", schema: schema! }))).toBe(true)
    const sent = await sentBy(Database.has({ kind: "table", name: "books" }))
    expect(sent).toHaveLength(1)
  })

  test("kinds are chosen, and tables and views by their names [F98.2]", async () => {
    const read = async (options: Parameters<typeof Database.reflect>[0]) =>
      namesIn(await on(Database.reflect(options)))
    expect(await read({ tables: ["books", "long_books", "gone", odd] })).toEqual({
      tables: ["books", odd].toSorted(),
      views: ["long_books"]
    })
    expect(await read({ tables: (name) => name.endsWith("s"), kinds: ["table"] })).toEqual({
      tables: ["authors", "books", "loans", "rooms"],
      views: []
    })
    expect(await read({ kinds: ["view"] })).toEqual({ tables: [], views: ["long_books"] })
    expect(await read({ kinds: ["materialized view"] })).toEqual({
      tables: [],
      views: engine === "postgres" ? ["titles"] : []
    })
  })

  test("the answers for all tables are those of each table alone [F98.3]", async () => {
    const all = await on(Database.reflect())
    for (const table of all.tables) {
      const { tables, views } = await on(Database.reflect({ tables: [table.name] }))
      expect(tables).toEqual([table])
      expect(views).toEqual([])
    }
  })

  test("chosen columns, and tables that are referred to where that is asked [F99.2]", async () => {
    const alone = await on(Database.reflect({ tables: ["loans"] }))
    expect(namesIn(alone).tables).toEqual(["loans"])
    expect(Catalog.reflected(alone).tables[0]!.foreignKeys()).toEqual([])
    const followed = await on(Database.reflect({ tables: ["loans", "rooms"], follow: true }))
    expect(namesIn(followed).tables).toEqual(["authors", "books", "loans", "people", "rooms"])
    const narrow = await on(
      Database.reflect({ kinds: ["table"], columns: { books: ["title", "pages"], loans: [] } })
    )
    const books = narrow.tables.find(({ name }) => name === "books")!
    expect(books.columns.map(({ name }) => name)).toEqual(["title", "pages"])
    expect(books).toMatchObject({ primaryKey: null, foreignKeys: [], checks: [] })
    expect(books.uniques.map(({ name }) => name)).toEqual(["one_title"])
    expect(books.indexes.map(({ name }) => name)).toEqual(["by_pages"])
    // Nobody refers to a column that is not there: what is left is a catalog.
    const { members } = Catalog.reflected(
      await on(Database.reflect({ tables: ["books", "loans"], columns: { books: ["title"] } }))
    )
    expect(Object.keys(members["books"]!.c)).toEqual(["title"])
    expect(await on(Database.reflect({ tables: [] }))).toMatchObject({ tables: [], views: [] })
  })
})

describe.each(engines)("a table that goes while it is read on %s", (engine) => {
  test("is left out, and the rest is complete [F98.4]", async () => {
    const connected = await connect(engine)
    const made = ["first", "goes", "last"].map(
      (name) => `create table ${name} (id integer primary key, at integer not null);`
    )
    await connected.run(Database.script(made.join("\n")))
    const before = await connected.run(Database.reflect())
    const readers = { sqlite: readSqlite, postgres: readPostgres, mariadb: readMysql("mariadb") }
    for (const question of [1, 2, 3]) {
      let asked = 0
      const ask = ((query: Parameters<Ask>[0]) =>
        Effect.suspend(() => {
          asked++
          return asked === question + 1
            ? Effect.andThen(Database.script("drop table goes"), Database.all(query))
            : Database.all(query)
        })) as unknown as Ask
      const reading = readers[engine](ask, null) as unknown as Effect.Effect<
        Snapshot,
        never,
        Database
      >
      const found = normalSnapshot(await connected.run(reading))
      expect(found.tables).toEqual(before.tables.filter(({ name }) => name !== "goes"))
      await connected.run(Database.script(made[1]!))
    }
    await connected.dispose()
  })
})
