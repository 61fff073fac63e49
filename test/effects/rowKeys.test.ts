import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Catalog, Column, Database, Query, Table } from "athanor"
import { compile } from "athanor/compile"
import { Sqlite } from "athanor/sqlite"
import Driver from "better-sqlite3"
import * as Effect from "effect/Effect"
import { sqliteDriver } from "../../src/effects/drivers/sqlite.ts"
import type { Connection, Request } from "../../src/effects/Driver.ts"
import { controlRequest } from "../../src/effects/statements/send.ts"

/**
 * An insert that gives back its key alone is said without RETURNING on SQLite: only where the key
 * is proven to be the rowid, and never with another answer.
 */

const notes = Table.make("notes", { id: Column.id(), title: Column.text() })
/** The same table as one whose keys the program gives. */
const keyed = Table.make("notes", { id: Column.integer().primaryKey(), title: Column.text() })
const wide = Table.make("wide", { id: Column.bigint().primaryKey(), title: Column.text() })

const noted = "create table notes (id integer primary key, title text)"

describe("keys of one added row on sqlite: which way is taken", () => {
  /** What runs shows in the title it leaves behind. */
  const request = (id: number | null): Request => ({
    text: "insert into notes (id, title) values (?, 'long') returning id",
    parameters: [id === null ? null : BigInt(id)],
    bigints: false,
    single: false,
    keep: true,
    rowKey
  })
  const rowKey = {
    text: "insert into notes (id, title) values (?, 'short')",
    table: "notes",
    column: "id",
    count: 1
  }
  const connect = (file: string) =>
    Effect.flatMap(sqliteDriver({ file }), (driver) => driver.connect)
  const script = (connection: Connection, text: string) =>
    connection.script(text, (error) => assert.isNull(error))
  const way = (connection: Connection, id: number | null = null) => {
    const { rows } = connection.sendNow!(request(id))
    const [key] = rows[0]!
    const last = connection.sendNow!({
      ...controlRequest(`select title from notes where id = ${Number(key)}`, false),
      single: true
    })
    return last.rows[0]![0]
  }

  const wayOf = (...texts: ReadonlyArray<string>) =>
    Effect.map(connect(":memory:"), (connection) => {
      for (const text of texts) script(connection, text)
      return way(connection, 7)
    })

  const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<string>]> = [
    ["the rowid by its own name", "short", [noted]],
    ["whatever the letters' case", "short", ["CREATE TABLE Notes (ID Integer Primary Key, title)"]],
    [
      "by a constraint of the table",
      "short",
      ["create table notes (id integer, title, primary key (id))"]
    ],
    ["INT is no INTEGER", "long", ["create table notes (id int primary key, title text)"]],
    ["DESC is none", "long", ["create table notes (id integer primary key desc, title text)"]],
    ["WITHOUT ROWID", "long", [`${noted} without rowid`]],
    [
      "a key of two columns",
      "long",
      ["create table notes (id int, title, primary key (id, title))"]
    ],
    ["no key", "long", ["create table notes (id integer, title text)"]],
    [
      "a key of another column",
      "long",
      ["create table notes (id integer, title text, at integer primary key)"]
    ],
    ["a temporary table before it", "long", [noted, noted.replace("create", "create temp")]],
    [
      "a view that adds elsewhere",
      "long",
      [
        noted.replace("notes", "kept"),
        "create view notes as select * from kept",
        `create trigger t instead of insert on notes begin
          insert into kept values (new.id, new.title); end`
      ]
    ]
  ]
  for (const [name, expected, texts] of cases)
    it.effect(`${name}: ${expected}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* wayOf(...texts), expected)
      })
    )

  it.effect("what changes the schema is asked again, and so is what undoes a change", () =>
    Effect.gen(function* () {
      const connection = yield* connect(":memory:")
      const say = (text: string, keep = true) => connection.sendNow!(controlRequest(text, keep))
      const replaced = "drop table notes; create table notes (id int primary key, title text)"
      script(connection, noted)
      assert.strictEqual(way(connection), "short")
      script(connection, replaced)
      assert.strictEqual(way(connection, 1), "long")
      // By a statement, and undone by ROLLBACK.
      say("BEGIN IMMEDIATE")
      say("drop table notes", false)
      say(noted, false)
      assert.strictEqual(way(connection), "short")
      say("ROLLBACK")
      assert.strictEqual(way(connection, 2), "long")
      // Undone by a savepoint.
      say("BEGIN IMMEDIATE")
      say("SAVEPOINT a", false)
      say("drop table notes", false)
      say(noted, false)
      assert.strictEqual(way(connection), "short")
      say("ROLLBACK TO SAVEPOINT a", false)
      assert.strictEqual(way(connection, 3), "long")
      say("COMMIT")
      // Undone by a failure that takes the transaction with it.
      say("BEGIN IMMEDIATE")
      script(connection, `drop table notes; ${noted}`)
      script(
        connection,
        `create trigger t before insert on notes when new.id = 9
          begin select raise(rollback, 'no'); end`
      )
      assert.strictEqual(way(connection), "short")
      assert.throws(() => connection.sendNow!(request(9)))
      assert.strictEqual(connection.transaction(), "none")
      assert.strictEqual(way(connection, 4), "long")
    })
  )

  it.effect("a file's schema is held still by a transaction, or the long way is taken", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "athanor-keys-"))
      const file = join(folder, "data.db")
      const connection = yield* connect(file)
      const say = (text: string) => connection.sendNow!(controlRequest(text, true))
      script(connection, noted)
      assert.strictEqual(way(connection), "long")
      say("BEGIN IMMEDIATE")
      assert.strictEqual(way(connection), "short")
      say("COMMIT")
      const other = new Driver(file)
      other.exec("drop table notes; create table notes (id int primary key, title text)")
      say("BEGIN IMMEDIATE")
      assert.strictEqual(way(connection, 1), "long")
      say("COMMIT")
      other.exec(`drop table notes; ${noted}`)
      other.close()
      say("BEGIN IMMEDIATE")
      assert.strictEqual(way(connection), "short")
      say("COMMIT")
      connection.close()
      rmSync(folder, { recursive: true })
    })
  )
})

describe("keys of one added row on sqlite: what is given", () => {
  const catalog = Catalog.make({ notes, wide })
  /** With a listener every statement is sent as it was compiled: with RETURNING. */
  const heard = <A, E>(effect: Effect.Effect<A, E, Database>) =>
    Effect.provideService(effect, Database.Tap, () => {})
  const run = <A, E>(effect: Effect.Effect<A, E, Database>) =>
    Effect.provide(Effect.andThen(Database.create(catalog), effect), Sqlite.layer())

  const same = <A, E>(effect: Effect.Effect<A, E, Database>) =>
    Effect.gen(function* () {
      const short = yield* run(effect)
      assert.deepStrictEqual(yield* run(heard(effect)), short)
      return short
    })

  const add = (title: string) => Query.insert(notes).values({ title }).returning({ id: notes.c.id })
  const addAs = (id: number, title: string) =>
    Query.insert(keyed).values({ id, title }).returning({ id: keyed.c.id })

  it("is compiled beside the text with RETURNING, where the key of one row is all", () => {
    const rowKeyOf = (statement: Parameters<typeof compile>[0], dialect = "sqlite" as const) => {
      const said = compile(statement, dialect)
      return said._tag === "Compiled" ? said.rowKey : said
    }
    assert.deepStrictEqual(rowKeyOf(add("a")), {
      text: "INSERT INTO notes (title) VALUES (?)",
      table: "notes",
      column: "id",
      count: 1
    })
    const one = Query.insert(notes).values({ title: "a" })
    const two = Query.insert(notes).rows([{ title: "a" }, { title: "b" }])
    const { id, title } = notes.c
    assert.strictEqual(rowKeyOf(one), null)
    assert.strictEqual(rowKeyOf(one.returning()), null)
    assert.strictEqual(rowKeyOf(one.returning({ id, title })), null)
    assert.strictEqual(rowKeyOf(one.returning(id.add(1))), null)
    assert.strictEqual(rowKeyOf(two.returning(id)), null)
    assert.strictEqual(
      rowKeyOf(Query.update(notes).set({ title: "b" }).everyRow().returning(id)),
      null
    )
    const postgres = compile(add("a"), "postgres")
    assert.isNull(postgres._tag === "Compiled" ? postgres.rowKey : postgres)
  })

  it.effect("keys made by the server or given, in every mode and shape", () =>
    Effect.gen(function* () {
      const { id } = notes.c
      const given = yield* same(
        Effect.all([
          Database.one(add("a")),
          Database.one(addAs(41, "b")),
          Database.one(add("c")),
          Database.one(addAs(-5, "d")),
          Database.one(addAs(0, "e")),
          Database.all(add("f")),
          Database.oneOrNone(add("g")),
          Database.run(add("h")),
          Database.one(Query.insert(notes).values({ title: "i" }).returning(id)),
          Database.one(
            Query.insert(notes)
              .values({ title: "j" })
              .returning({ a: id, more: { b: id } })
          ),
          Database.all(Query.from(notes).orderBy(id.asc()))
        ])
      )
      assert.deepStrictEqual(given[1], { id: 41 })
      assert.deepStrictEqual(given[3], { id: -5 })
      assert.deepStrictEqual(given[9], { a: 47, more: { b: 47 } })
      assert.strictEqual(given[10].length, 10)
    })
  )

  it.effect("keys of 64 bits exactly", () =>
    Effect.gen(function* () {
      const keys = [2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n, 0n]
      const adds = keys.map((id) =>
        Database.one(Query.insert(wide).values({ id, title: "a" }).returning(wide.c.id))
      )
      assert.deepStrictEqual(yield* same(Effect.all(adds)), keys)
    })
  )

  it.effect("a key beyond what its column reads is refused either way", () =>
    Effect.gen(function* () {
      const beyond = Effect.andThen(
        Database.script(`insert into notes values (${2n ** 53n + 1n}, 'z')`),
        Effect.flip(Database.one(add("a")))
      )
      assert.strictEqual(yield* same(Effect.map(beyond, (error) => error._tag)), "DecodeFailed")
    })
  )

  it.effect("triggers neither change the key nor hide that a row was kept out", () =>
    Effect.gen(function* () {
      const log = Table.make("log", { id: Column.id(), title: Column.text() })
      const prepared = Effect.andThen(
        Database.create(Catalog.make({ log })),
        Database.script(`
          insert into log values (900, 'before');
          create trigger b before insert on notes begin
            insert into log (title) values ('b');
            select case when new.title = 'kept out' then raise(ignore) end; end;
          create trigger a after insert on notes begin
            insert into log (title) values ('a');
            update notes set id = id + 100 where id = new.id and new.title = 'moved'; end;`)
      )
      const given = yield* same(
        Effect.andThen(
          prepared,
          Effect.all([
            Database.one(add("x")),
            Database.all(add("kept out")),
            Database.oneOrNone(add("kept out")),
            Database.run(add("kept out")),
            Database.one(add("moved")),
            Database.one(add("y")),
            Database.all(Query.from(notes).orderBy(notes.c.id.asc()))
          ])
        )
      )
      assert.deepStrictEqual(given[0], { id: 1 })
      assert.deepStrictEqual(given[1], [])
      assert.strictEqual(given[3], 0)
      assert.deepStrictEqual(given[4], { id: 2 })
    })
  )

  it.effect("a conflict clause of the table keeps a row out, or puts it in another's place", () =>
    Effect.gen(function* () {
      const unique = (clause: string) =>
        Database.script(`drop table notes; create table notes
          (id integer primary key, title text unique on conflict ${clause})`)
      const twice = Effect.all([
        Database.all(add("a")),
        Database.all(add("a")),
        Database.all(add("b"))
      ])
      assert.deepStrictEqual(yield* same(Effect.andThen(unique("ignore"), twice)), [
        [{ id: 1 }],
        [],
        [{ id: 2 }]
      ])
      assert.deepStrictEqual(yield* same(Effect.andThen(unique("replace"), twice)), [
        [{ id: 1 }],
        [{ id: 2 }],
        [{ id: 3 }]
      ])
    })
  )

  it.effect("failures are the same, and the next row gets its key", () =>
    Effect.gen(function* () {
      const given = yield* same(
        Effect.all([
          Database.one(addAs(3, "a")),
          Effect.map(Effect.flip(Database.one(addAs(3, "b"))), (error) => [
            error._tag,
            error.message
          ]),
          Database.one(add("c"))
        ])
      )
      assert.strictEqual(given[1][0], "UniqueViolation")
      assert.deepStrictEqual(given[2], { id: 4 })
    })
  )
})
