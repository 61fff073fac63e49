/** What programs of DDL, of types and of writes provoke has a tag: none is the driver's alone. */
import { Column, Catalog, Database, Query, Table } from "athanor"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { place, program } from "./engine-support.ts"
import { engines, type EngineName, useDatabase } from "./support.ts"

type Tried = readonly [text: string, tag: string]

const undefinedFor = (...texts: ReadonlyArray<string>): ReadonlyArray<Tried> =>
  texts.map((text) => [text, "SyntaxOrUndefined"])

/** What the statements below are about. */
const before: Readonly<Record<EngineName, ReadonlyArray<string>>> = {
  sqlite: [
    "create table made (a integer generated always as (1) stored, c integer)",
    "create virtual table boxes using rtree (id, x0, x1)"
  ],
  postgres: [
    "create table made (n int generated always as identity, " +
      "a int generated always as (1) stored, c int)",
    "create table bits (b bit(3))",
    "create table low (a int); create view high as select * from low where a > 5 with check option",
    "create table parts (a int) partition by range (a)",
    "create type mood as enum ('sad')",
    "create table kept (id int primary key)"
  ],
  mariadb: [
    "create table made (a int generated always as (1) stored, c int)",
    "create table low (a int); create view high as select * from low where a > 5 with check option",
    "create view many as select count(*) as n from low",
    "create view pairs as select low.a, made.c from low join made",
    "create table parts (a int) partition by range (a) (partition p1 values less than (5))",
    "create table points (g point); create function twice (n int) returns int return 2 * n",
    "create trigger there before insert on points for each row set @a = 1",
    "create database aside; create table alone (id int primary key)",
    "create table spans (id int, s date, e date, period for p(s, e))",
    "create table histories (x int, ss timestamp(6) generated always as row start, " +
      "ee timestamp(6) generated always as row end, period for system_time(ss, ee)) " +
      "with system versioning"
  ]
}

const tried: Readonly<Record<EngineName, ReadonlyArray<Tried>>> = {
  sqlite: [
    ...undefinedFor(
      "insert into made (a) values (1)",
      "update made set a = 1",
      "create table odd (a text collate nowhere)"
    ),
    ["insert into boxes values (1, 5, 2)", "CheckViolation"]
  ],
  postgres: [
    ...undefinedFor(
      "insert into made (n) values (1)",
      "insert into made (a) values (1)",
      "update made set a = 1",
      "update made set n = 1",
      "alter table kept alter column id drop identity",
      "begin; alter type mood add value 'glad'; select 'glad'::mood",
      "rollback; release nowhere",
      "savepoint nowhere",
      "set max_connections = 3",
      "lock table kept"
    ),
    ["insert into bits values ('10')", "ValueOutOfRange"],
    ["select ln(0::numeric)", "ValueOutOfRange"],
    ["select power(0::numeric, -1)", "ValueOutOfRange"],
    ["select width_bucket(1, 1, 1, 0)", "ValueOutOfRange"],
    ["select array[[1, 2], [3]]", "ValueOutOfRange"],
    ["select ntile(0) over ()", "ValueOutOfRange"],
    ["select nth_value(1, 0) over ()", "ValueOutOfRange"],
    ["select sum(1) over (rows -1 preceding)", "ValueOutOfRange"],
    ["select jsonb_path_query('[1]', 'strict $[5]')", "ValueOutOfRange"],
    ["select jsonb_path_query('1', 'strict $.a')", "ValueOutOfRange"],
    ["select jsonb_path_query('\"a\"', '$.double()')", "ValueOutOfRange"],
    ["select jsonb_path_query('\"a\"', '$.datetime()')", "InvalidText"],
    ["select xmlparse(document 'x')", "InvalidText"],
    ["select '<a>'::xml", "InvalidText"],
    ["insert into high values (1)", "CheckViolation"],
    ["insert into parts values (1)", "CheckViolation"],
    ["do $$ begin raise 'no' using errcode = 'U0001'; end $$", "Raised"],
    ["do $$ begin assert false; end $$", "Raised"]
  ],
  mariadb: [
    ...undefinedFor(
      // Of periods and of the rows there were.
      "create table n (s date, e date, period for p(s, e), unique (s, p without overlaps))",
      "create table n (i int, s date, e date, period for p(s, e), unique (p without overlaps, i))",
      "create table n (id int, s date, e datetime, period for p(s, e))",
      "create table n (s date, e date, period for p(s, e), period for q(s, e))",
      "create table n (id int, s date as (now()), e date, period for p(s, e))",
      "alter table made drop period for p",
      "delete from spans for portion of q from '2000-01-01' to '2000-01-02'",
      "update spans for portion of p from '2000-01-01' to '2000-01-02' set s = '2000-01-01'",
      "alter table spans drop constraint p",
      "create table n (x int, a timestamp(6) generated always as row start) with system versioning",
      "create table n (x int, a timestamp(6) generated always as row start, " +
        "b timestamp(6) generated always as row end)",
      "create table n (x int, a timestamp(6) generated always as row start, " +
        "b timestamp(6) generated always as row start, period for system_time(a, b)) " +
        "with system versioning",
      "create table n (x int, a int generated always as row start, " +
        "b timestamp(6) generated always as row end, period for system_time(a, b)) " +
        "with system versioning",
      "create table n (x int without system versioning) with system versioning",
      "alter table histories drop period for system_time",
      "alter table histories add system versioning",
      "select * from made for system_time all",
      "delete history from made",
      "create view past as select * from histories for system_time all; " +
        "select * from past for system_time all",

      "insert into made (a) values (1)",
      "create sequence numbers maxvalue 0",
      "insert into many values (1)",
      "update many set n = 1",
      "delete from many",
      "delete from pairs",
      "insert into pairs values (1, 1)",
      "create trigger there before insert on points for each row set @a = 1",
      "drop trigger nowhere",
      "select twice()",
      "alter table low rename index nowhere to here",
      "alter table parts add partition (partition p0 values less than (1))",
      "alter table parts drop partition p1",
      "alter table parts coalesce partition 1",
      "alter table low add partition (partition p1 values less than (1))",
      "create table odd (a int primary key, b int) partition by hash (b)",
      "create table odd (a int) partition by list (a) " +
        "(partition p1 values in (5), partition p2 values in (5))",
      "create table odd (a enum('x', 'x'))",
      "create table odd (a varchar(70000))",
      "create table odd (a decimal(99, 2))",
      "create table odd (a decimal(5, 9))",
      "create table odd (a decimal(50, 40))",
      "create table odd (a bit(99))",
      "create table odd (a datetime(9))",
      "create table odd (a varchar(3) auto_increment primary key)",
      "create table odd (a int) engine = nowhere",
      "create table odd (a int) charset = nowhere",
      "create table odd (a varchar(3) collate nowhere)",
      "create table odd (a varchar(3) charset latin1 collate utf8mb4_bin)",
      "create table odd (a int check ((select 1)))",
      "create view odd (a, b) as select 1",
      "drop view low",
      "drop table high",
      "drop sequence low",
      "drop database nowhere",
      "insert into low (a, a) values (1, 1)",
      "select 'a' collate utf8mb4_bin = 'b' collate utf8mb4_general_ci",
      "set nowhere = 1",
      "set sql_mode = 'nowhere'",
      "alter table low drop column a",
      "alter table high rename to lower",
      "alter table alone rename to nowhere.alone",
      "select match(a) against ('x') from low"
    ),
    ["alter table high rename to aside.high", "SyntaxOrUndefined"],
    ["create temporary table n (s date, e date, period for p(s, e))", "Unsupported"],
    ["rename table high to aside.high", "Unsupported"],
    ["alter table points rename to aside.points", "StillNeeded"],
    [
      "create table odd (a int, foreign key (a) references alone (id)) partition by hash (a)",
      "Unsupported"
    ],
    ["create table odd (a varchar(9000), b varchar(9000))", "QueryTooComplex"],
    ["create table odd (a varchar(2000) primary key)", "QueryTooComplex"],
    ["insert into high values (1)", "CheckViolation"],
    ["insert into parts values (9)", "CheckViolation"],
    ["insert into points values ('x')", "InvalidText"],
    ["select * from json_table('{}', '$' columns (a int path 'zz')) as t", "InvalidText"],
    ["signal sqlstate '45000' set mysql_errno = 30001", "Raised"],
    ["alter table low drop column a, drop column b", "SyntaxOrUndefined"]
  ]
}

describe.each(engines)("what %s refuses", (engine) => {
  const { failure, run } = useDatabase(engine, {})

  test("each has a tag", async () => {
    for (const text of before[engine]) await run(Database.script(text))
    const told: Array<Tried> = []
    for (const [text] of tried[engine])
      told.push([text, (await failure(Database.script(text)))._tag])
    expect(told).toEqual(tried[engine])
    if (engine === "mariadb") await run(Database.script("drop database aside"))
  })
})

const users = Table.make("users", { id: Column.integer().primaryKey(), age: Column.integer() })

/** A trigger that keeps out who is too young, in words that quote the row. */
const guards: Readonly<Record<EngineName, string>> = {
  sqlite: `create trigger grown before insert on users when new.age < 18
    begin select raise(abort, 'too young: 7'); end`,
  postgres: `create function grown() returns trigger language plpgsql as $$ begin
      if new.age < 18 then raise exception 'too young: %', new.age using errcode = 'A0018'; end if;
      return new; end $$;
    create trigger grown before insert on users for each row execute function grown()`,
  mariadb: `create trigger grown before insert on users for each row
    if new.age < 18 then signal sqlstate '45018' set message_text = 'too young: 7'; end if`
}

describe.each(engines)("what a trigger refuses on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { users })

  test("is Raised, without its words, and the transaction knows its state", async () => {
    await run(Database.script(guards[engine]))
    const young = Database.run(Query.insert(users).values({ id: 1, age: 7 }))
    const error = await failure(young)
    expect(error.message).toMatch(/^the database refused of its own accord: insert on users/)
    expect(error.message).not.toContain("young")
    expect(error).toMatchObject({
      _tag: "Raised",
      code: { sqlite: null, postgres: "A0018", mariadb: "45018" }[engine],
      operation: "insert",
      retryable: false,
      transaction: "ended"
    })
    expect((error.driverError as Error).message).toBe("too young: 7")
    const inside = await run(
      Database.transaction(Effect.flip(young)).pipe(
        Effect.map(({ transaction }) => transaction),
        Effect.catchTag("TransactionDoomed", ({ reason }) => Effect.succeed(reason.transaction))
      )
    )
    expect(inside).toBe(engine === "postgres" ? "doomed" : "alive")
    await run(Database.run(Query.insert(users).values({ id: 1, age: 18 })))
    await run(Database.script("drop trigger grown" + (engine === "postgres" ? " on users" : "")))
    await run(Database.drop(Catalog.make({ users })))
  })
})

test("what wants a transaction says so on postgres", async () => {
  const own = await place("postgres")
  const { dispose, failure, run } = program(own.url)
  await run(Database.script("create table kept (id int)"))
  for (const text of ["lock table kept", "savepoint one", "declare one cursor for select 1"]) {
    const wanted = "the statement wants a transaction, and none is open"
    expect((await failure(Database.script(text))).message).toContain(wanted)
    if (text !== "savepoint one") await run(Database.transaction(Database.script(text)))
  }
  await dispose()
  await own.drop()
})
