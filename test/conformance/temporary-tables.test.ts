/** What is temporary lives as long as the borrow it was made in. */
import { Database, Query, sql, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import Sqlite3 from "better-sqlite3"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program, programOf } from "./engine-support.ts"

const make = "create temporary table passing (n integer)"
const fill = Database.script("insert into passing values (1), (2)")
const total = Database.one(Query.select(sql(Type.count)`(select count(*) from passing)`))
const gone = { _tag: "SyntaxOrUndefined", kind: "table" }

describe.each(engines)("temporary tables on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 1 } })
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("one lives as long as its connection is lent: nobody finds it after [F91.4]", async () => {
    const lent = Effect.scoped(
      Effect.gen(function* () {
        const { use } = yield* Database.borrow
        yield* use(Database.script(make))
        yield* use(fill)
        return yield* use(total)
      })
    )
    for (let time = 0; time < 3; time++) {
      expect(await database.run(lent)).toBe(2)
      expect(await database.failure(total)).toMatchObject(gone)
    }
  })

  test("one of a transaction, of a statement by itself, or of a failed one [F91.4]", async () => {
    await database.run(Database.script("create table kept (n integer)"))
    const kept = Database.script("insert into kept values (1)")
    const inside = kept.pipe(
      Effect.andThen(Database.script(make)),
      Effect.andThen(fill),
      Effect.andThen(total)
    )
    expect(await database.run(Database.transaction(inside))).toBe(2)
    expect(await database.failure(total)).toMatchObject(gone)
    await database.exit(Database.transaction(Effect.andThen(inside, Effect.fail("no"))))
    expect(await database.failure(total)).toMatchObject(gone)
    // No server commits for a temporary table: the second row went with its transaction.
    const stored = Query.select(sql(Type.count)`(select count(*) from kept)`)
    expect(await database.run(Database.one(stored))).toBe(1)
    await database.run(Database.script(make))
    expect(await database.failure(total)).toMatchObject(gone)
    await database.failure(Database.script(`${make}; select nothing from nowhere`))
    expect(await database.failure(total)).toMatchObject(gone)
  })

  test("what onConnect makes is there for everybody, also after a borrower's own", async () => {
    const ready = program(own.url, {
      pool: { size: 1 },
      onConnect: (session) => session.script("create temporary table ready (n integer)")
    })
    const there = Database.script("insert into ready values (1)")
    for (let time = 0; time < 3; time++) {
      await ready.run(there)
      await ready.run(Database.script(make))
      expect(await ready.failure(total)).toMatchObject(gone)
    }
    await ready.dispose()
  })
})

describe("temporary tables on sqlite", () => {
  const names = Database.all(
    Query.raw({ name: Type.text })`select name from temp.sqlite_schema order by name`
  )

  test("views and triggers go too; what is no borrower's stays [F91.4]", async () => {
    const handle = new Sqlite3(":memory:")
    handle.exec("create table kept (n); create temp table theirs (n)")
    const database = programOf(Sqlite.fromHandle.layer(handle))
    await database.run(
      Database.script(
        "create temp table a (n); create temp view b as select * from a; " +
          "create index temp.c on a (n); " +
          "create temp trigger d after insert on kept begin insert into theirs values (new.n); end"
      )
    )
    expect(await database.run(names)).toEqual([{ name: "theirs" }])
    await database.run(Database.script("insert into kept values (1)"))
    expect(handle.prepare("select count(*) from kept").pluck().get()).toBe(1)
    expect(handle.prepare("select count(*) from theirs").pluck().get()).toBe(0)
    await database.dispose()
    expect(handle.prepare("select name from temp.sqlite_schema").pluck().all()).toEqual(["theirs"])
    handle.close()
  })

  test("a program that waits for nothing still does after a temporary table", async () => {
    const database = programOf(Sqlite.layer())
    await database.run(Database.script("create table t (n); insert into t values (1), (2)"))
    const rows = Database.all(Query.raw({ n: Type.integer })`select n from t order by n`)
    const seen = Effect.runSync(
      Effect.provide(Effect.andThen(Database.script(make), rows), await database.runtime.context())
    )
    expect(seen).toEqual([{ n: 1 }, { n: 2 }])
    await database.dispose()
  })
})
