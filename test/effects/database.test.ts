import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Database } from "../../src/effects/Database.ts"
import { type FreshDatabase, freshDatabase } from "../support/databases.ts"
import { layerFor, names, sql } from "./support/handmade.ts"

describe.each(names)("Database on %s", (name) => {
  let fresh: FreshDatabase | null = null
  let layer: Layer.Layer<Database> = Layer.empty as never
  beforeAll(async () => {
    fresh = name === "sqlite" ? null : await freshDatabase(name)
    layer = Layer.orDie(layerFor(name, fresh?.url ?? ":memory:"))
  })
  afterAll(() => fresh?.drop())

  it.live("every verb gives what its cardinality says", () =>
    Effect.gen(function* () {
      yield* Database.run(
        sql("create table verbs (id integer primary key, name varchar(20) not null)")
      )
      assert.strictEqual(
        yield* Database.run(sql("insert into verbs values (?, ?), (?, ?)", 1, "a", 2, "b")),
        2
      )
      const rows = yield* Database.all(sql("select id, name from verbs order by id"))
      assert.deepStrictEqual(
        rows.map((row) => String(row[0])),
        ["1", "2"]
      )
      assert.deepStrictEqual(
        rows.map((row) => row[1]),
        ["a", "b"]
      )
      assert.strictEqual(
        (yield* Database.one(sql("select name from verbs where id = ?", 1)))[0],
        "a"
      )
      const none = yield* Database.oneOrNone(sql("select name from verbs where id = ?", 9))
      assert.isTrue(Option.isNone(none))
      const first = yield* Database.first(sql("select name from verbs order by id"))
      assert.deepStrictEqual(
        Option.map(first, (row) => row[0]),
        Option.some("a")
      )
      assert.strictEqual(
        (yield* Effect.flip(Database.one(sql("select name from verbs where id = ?", 9))))._tag,
        "NotFound"
      )
      assert.strictEqual(
        (yield* Effect.flip(Database.one(sql("select name from verbs"))))._tag,
        "RowCount"
      )
    }).pipe(Effect.provide(layer))
  )

  it.live("run gives the rows matched, changed or not", () =>
    Effect.gen(function* () {
      yield* Database.run(sql("create table matched (id integer primary key, name varchar(20))"))
      yield* Database.run(sql("insert into matched values (?, ?), (?, ?)", 1, "a", 2, "a"))
      assert.strictEqual(yield* Database.run(sql("update matched set name = ?", "a")), 2)
      assert.strictEqual(yield* Database.run(sql("delete from matched where id = ?", 9)), 0)
    }).pipe(Effect.provide(layer))
  )

  it.live("a script runs several statements", () =>
    Effect.gen(function* () {
      yield* Database.script(
        "create table scripted (id integer); -- a ; comment\n" +
          "insert into scripted values (1); insert into scripted values (2);"
      )
      const rows = yield* Database.all(sql("select id from scripted order by id"))
      assert.deepStrictEqual(
        rows.map((row) => Number(row[0])),
        [1, 2]
      )
    }).pipe(Effect.provide(layer))
  )

  it.live("a transaction that a script left open is never the next borrower's", () =>
    Effect.gen(function* () {
      yield* Database.run(sql("create table left_open (id integer)"))
      const begun = Database.script("begin; insert into left_open values (1)")
      assert.strictEqual((yield* Effect.flip(begun))._tag, "TransactionDoomed")
      assert.deepStrictEqual(yield* Database.all(sql("select id from left_open")), [])
      const { pool } = yield* Database
      assert.strictEqual(pool.stats().used, 0)
      yield* Database.transaction(Database.run(sql("insert into left_open values (2)")))
      const rows = yield* Database.all(sql("select id from left_open"))
      assert.deepStrictEqual(
        rows.map((row) => Number(row[0])),
        [2]
      )
    }).pipe(Effect.provide(layer))
  )

  it.live("a prepared statement survives a change of its table", () =>
    Effect.gen(function* () {
      yield* Database.run(sql("create table changed (id integer)"))
      yield* Database.run(sql("insert into changed values (1)"))
      const every = sql("select * from changed")
      assert.strictEqual((yield* Database.one(every)).length, 1)
      yield* Database.script("alter table changed add column more varchar(9)")
      assert.strictEqual((yield* Database.one(every)).length, 2)
      assert.strictEqual((yield* Database.one(every)).length, 2)
      if (name === "postgres") yield* Database.script("deallocate all")
      assert.strictEqual((yield* Database.one(every)).length, 2)
    }).pipe(Effect.provide(layerFor(name, fresh?.url ?? ":memory:", { pool: { size: 1 } })))
  )
})
