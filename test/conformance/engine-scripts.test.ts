import { Database, Expr, Query, sql, StatementError, Type, unsafeSql } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { splitScript, statementAt } from "../../src/effects/drivers/splitScript.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

/** What each engine's words for a trigger or a function hold: semicolons of their own. */
const bodies = {
  sqlite:
    "create trigger counted after insert on log begin insert into marks values ('a;b'); " +
    "update marks set name = 'end'; end",
  postgres:
    "create function counted() returns trigger language plpgsql as $body$ begin " +
    "insert into marks values ('a;b'); update marks set name = 'end'; return new; end; $body$; " +
    "create trigger counted after insert on log for each row execute function counted()",
  mariadb:
    "create trigger counted after insert on log for each row begin declare n int default 0; " +
    "if (n) then insert into marks values ('a;b'); end if; " +
    "while n < 1 do set n = if(n = 0, 1, case n when 2 then 3 else 4 end); end while; " +
    "insert into marks values ('end'); end"
} as const

describe.each(engines)("scripts on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  const names = (table: string) =>
    database.run(
      Database.all(Query.raw({ name: Type.text })(unsafeSql(`SELECT name FROM ${table}`)))
    )

  test("several statements run in turn, a failure says which of them it is [F33.1]", async () => {
    const run = (text: string) => database.run(Database.script(text))
    await run(
      "-- two tables; and what fills one\n create table log (id integer primary key, " +
        "name varchar(20)); /* a; b */ create table marks (name varchar(20));\n;; " +
        bodies[engine] +
        "; insert into log values (1, 'it''s; one'), (2, 'two -- ;');"
    )
    expect(await names("log")).toEqual([{ name: "it's; one" }, { name: "two -- ;" }])
    expect(new Set((await names("marks")).map((row) => row.name))).toEqual(new Set(["end"]))

    const failing = async (statements: ReadonlyArray<string>) =>
      database.failure(Database.script(statements.join(";\n")))
    const add = (id: number) => `insert into log values (${id}, 'a;b')`
    expect(await failing([add(3), "/* ; */ -- ;\n", add(4), add(4), add(5)])).toMatchObject({
      _tag: "UniqueViolation",
      operation: "script",
      statement: 3,
      message: expect.stringMatching(/^statement 3: /)
    })
    expect(await failing([add(6), "selec 1", add(7)])).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "syntax",
      statement: 2
    })
    expect(
      await failing([add(8), "update log set name = 'é😀;'", "insert into nowhere values (1)"])
    )
      // The place in a text is of characters, whatever they are made of.
      .toMatchObject({ _tag: "SyntaxOrUndefined", kind: "table", statement: 3 })
    expect(
      await failing(["update log set name = '😀😀😀😀;;'", add(20), "insrt into log"])
    ).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "syntax", statement: 3 })
    expect(await failing(["insert into nowhere values (1)"])).not.toHaveProperty("statement")
    // PostgreSQL takes a script as one transaction, the others keep what was done before.
    const ids = sql(Type.count)`(select count(*) from log where id in (3, 4, 6, 8))`
    expect(await database.run(Database.one(Query.select(ids)))).toBe(engine === "postgres" ? 0 : 4)

    // In a transaction it is a part of it, and on its connection.
    const inside = Effect.gen(function* () {
      yield* Database.script(`${add(40)}; ${add(41)}`)
      const seen = yield* Database.one(
        Query.select(sql(Type.count)`(select count(*) from log where id >= 40)`)
      )
      expect(seen).toBe(2)
      return yield* Database.script(`${add(42)}; ${add(40)}; ${add(43)}`)
    })
    expect(await database.failure(Database.transaction(inside))).toMatchObject({
      _tag: "UniqueViolation",
      statement: 2
    })
    const left = sql(Type.count)`(select count(*) from log where id >= 40)`
    expect(await database.run(Database.one(Query.select(left)))).toBe(0)
  })
})

test("a script in a thread of SQLite's says which statement failed, too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "athanor-"))
  const layer = Sqlite.layer({ file: join(folder, "own.db"), readers: 1 })
  const script = Database.script("create table t (a integer); insert into t values (1); nonsense")
  const error = await Effect.runPromise(Effect.provide(Effect.flip(script), layer))
  expect(error).toMatchObject({ _tag: "SyntaxOrUndefined", statement: 3 })
  rmSync(folder, { recursive: true })
})

test("a script is split as its server reads it", () => {
  const split = {
    sqlite: [
      "select ';[', [a;b], `;`, \"x;\"",
      "create temp trigger t before delete on a begin select 1; end"
    ],
    postgres: ["select E'\\';', $$;$$, $a$;$$;$a$ /* /* ; */ ; */", "select a$b$ from x -- ;\n"],
    mysql: ["select 1 # ;\n", "select '\\'"]
  } as const
  for (const [dialect, statements] of Object.entries(split)) {
    const text = statements.join(";")
    const said = splitScript(text, dialect as keyof typeof split)
    expect(said).toEqual(statements.map((one) => one.trim()))
    expect(statementAt(text, text.length, dialect as keyof typeof split)).toBe(2)
    expect(statementAt(text, 3, dialect as keyof typeof split)).toBe(1)
  }
  for (const dialect of ["sqlite", "postgres", "mysql", "mariadb"] as const)
    expect(splitScript(" ;; -- a\n ; /* b; */ ;", dialect)).toEqual([])
})

test("a body of several statements is one of the script's", () => {
  const bodies = {
    mysql: [
      "create trigger t before insert on u for each row " +
        "if new.a then set @a = 1; else set @a = if(1, 2, 3); end if",
      "create definer = `a;b`@'%' procedure p(in a int) begin declare c cursor for select 1; " +
        "l: loop leave l; end loop; repeat set a = repeat('x', 2); until 1 end repeat; end",
      "create or replace function f() returns int deterministic begin " +
        "if exists (select 1) then return case when 1 then if(a, b, c) else 2 end; end if; " +
        "case a when 1 then drop table if exists t; end case; " +
        "for i in 1..2 do select i; end for; end",
      "begin not atomic if (a) then begin select 1; end; end if; end"
    ],
    postgres: [
      "create function f() returns int language sql begin atomic select 1; " +
        "select case when true then 1 end; end",
      "create function g() returns int language sql as 'select 1; select 2'"
    ],
    sqlite: [
      "create temp trigger t after insert on u begin select case when 1 then 2 end; " +
        "delete from u; end"
    ]
  } as const
  const plain = [
    "create table event (begin integer, `if` integer)",
    "create table function (begin integer)",
    "begin",
    "drop procedure if exists p",
    "commit"
  ]
  for (const dialect of ["sqlite", "postgres", "mysql", "mariadb"] as const) {
    const all = [...bodies[dialect === "mariadb" ? "mysql" : dialect], ...plain]
    expect(splitScript(all.join(";\n"), dialect)).toEqual(all)
  }
})

test("text of the run is no raw SQL, but through the unsafe door [F33.4 @all]", () => {
  const text: string = ["1", "or", "1"].join(" ")
  const forged = [
    text,
    [text],
    Object.freeze([text]),
    { raw: [text], 0: text, length: 1 },
    Object.assign([text], { raw: [text] }),
    Object.freeze(Object.assign([text], { raw: Object.freeze([text]) })),
    new Proxy([text], { has: () => true }),
    null
  ]
  for (const one of forged) {
    const parts = one as never
    expect(() => sql(Type.integer)(parts)).toThrow(StatementError)
    expect(() => Query.raw({ n: Type.integer })(parts)).toThrow(StatementError)
    expect(() => Query.literal(parts)).toThrow(StatementError)
    expect(() =>
      Expr.custom("own", Type.integer, { sqlite: () => sql(Type.integer)(parts) })()
    ).toThrow(StatementError)
  }
  const held = Object.fromEntries([["at", text]])
  const refused = [
    // @ts-expect-error: text of the run
    () => sql(Type.integer)(text),
    // @ts-expect-error: text of the run, in a list
    () => sql(Type.integer)([text]),
    // @ts-expect-error: text of the run
    () => Query.raw({ n: Type.integer })(text),
    // @ts-expect-error: text of the run
    () => Query.literal(held["at"])
  ]
  for (const one of refused) expect(one).toThrow(StatementError)
  // A hole is bound, never text; the door that says so in its name takes it.
  expect(sql(Type.text)`lower(${text})`.node).toMatchObject({ parts: ["lower(", ")"] })
  expect(sql(Type.integer)(unsafeSql(text)).node).toMatchObject({ parts: [text] })
  expect(
    Query.raw({ n: Type.integer })(unsafeSql(`SELECT 1 AS n WHERE ${text}`)).node
  ).toBeDefined()
  expect(() => unsafeSql(1 as never)).toThrow(StatementError)
})
