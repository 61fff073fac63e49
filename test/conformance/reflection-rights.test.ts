import { Catalog, Database } from "athanor"
import { catalogSource } from "athanor/compile"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Snapshot } from "../../src/algebra/schema/Snapshot.ts"
import { drivers } from "../runtime/databases.ts"
import { type FreshDatabase, freshDatabase } from "../support/databases.ts"

/** What an account reads of a schema that others own. */
const made = {
  postgres: `
    create sequence s start 3;
    create table p (id serial primary key, a int not null check (a > 0), unique (id, a));
    comment on table p is 'it''s';
    create table k (id int default nextval('s') primary key, a int, b int default 5,
      c text collate "C" check (c <> 'x'), g int generated always as (b + 1) stored,
      constraint to_p foreign key (a, b) references p (id, a) on delete cascade on update set null);
    create index ix on k (lower(c)) where b > 1;
    create view v as select id from p;
    create type mood as enum ('sad'); create domain few as int check (value < 3);`,
  mariadb: String.raw`
    create sequence s start with 3;
    create table p (id int auto_increment primary key, a int not null check (a > 0), unique (id, a))
      comment 'it''s';
    create table k (
      ${'`odd``na "me`'} int default nextval(s) comment 'it''s \\ CHECK (a\n) ${"`x`"} "y',
      a int, b int default 5 comment 'cc CHECK (1)', j json,
      c varchar(10) default 'CHECK (' check (c <> 'x''\\y' and c not like '%"${"`"}%'
        and length(concat(c, ')')) > 1),
      g int as (b + 1) stored check (g > 0),
      e enum(' CHECK (', 'b') check (e <> ' CHECK ('),
      l json check (json_length(l) > 1),
      constraint to_p foreign key (a, b) references p (id, a) on delete cascade on update no action,
      constraint ${"`na``med (`"} check (b < 10), constraint ${"`CHECK (`"} check (a in (1, 2)),
      check ((a > 1) or (b > 2)), key ix (c)) comment 'x CHECK (1)';
    create table t (a int, b int, c int, d int,
      constraint f1 foreign key (a) references p (id) on delete set null on update cascade,
      constraint f2 foreign key (b) references p (id) on delete restrict,
      constraint f3 foreign key (c) references p (id) on delete no action,
      constraint ${"` ON DELETE CASCADE`"} foreign key (d) references p (id));
    create table parted (id int primary key check (id > 0)) partition by hash (id) partitions 2;
    create table timed (id int, s date, e date, period for app (s, e),
      check (s > '2000-01-01'));
    create view v as select id from p;`
}

const relations = {
  postgres: ["s", "p", "k", "v"],
  mariadb: ["s", "p", "k", "t", "parted", "timed"]
}

const secret = "of-a-test"

const runOn = <A, E>(url: string, effect: Effect.Effect<A, E, Database>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, Database.layerUrl(url, { drivers })))

describe.each(["postgres", "mariadb"] as const)("what an account may not read on %s", (engine) => {
  let database: FreshDatabase
  let owned: Snapshot
  const accounts = new Set<string>()

  beforeAll(async () => {
    database = await freshDatabase(engine)
    await runOn(database.url, Database.script(made[engine]))
    owned = await runOn(database.url, Database.reflect())
  })
  afterAll(async () => {
    const drops = [...accounts].map((name) =>
      engine === "postgres" ? `drop owned by ${name}; drop role ${name};` : `drop user ${name};`
    )
    await runOn(database.url, Database.script(drops.join("\n")))
    await database.drop()
  })

  /** The schema as an account with these rights alone reads it. */
  const readWith = async (...rights: ReadonlyArray<string>): Promise<Snapshot> => {
    const name = `${database.name}_${accounts.size}`
    accounts.add(name)
    const account =
      engine === "postgres"
        ? `create role ${name} login password '${secret}';`
        : `create user ${name} identified by '${secret}';`
    const granted = rights.map((right) => `grant ${right} to ${name};`)
    await runOn(database.url, Database.script([account, ...granted].join("\n")))
    const url = new URL(database.url)
    url.username = name
    url.password = secret
    return runOn(url.href, Database.reflect())
  }

  const onEach = (right: string): ReadonlyArray<string> =>
    relations[engine].map(
      (one) => `${right} on ${one === "s" && engine === "postgres" ? "sequence s" : one}`
    )

  test("with SELECT on each table and nothing else, all of it is read", async () => {
    const read = await readWith(...onEach("select"))
    expect(read.tables).toEqual(owned.tables)
    expect(read.sequences).toEqual(owned.sequences)
    const checks = read.tables.flatMap((table) => table.checks)
    expect(checks.length).toBe(engine === "postgres" ? 2 : 11)
  })

  test.runIf(engine === "postgres")("without any right, all of it is read", async () => {
    expect(await readWith()).toEqual(owned)
  })

  test("where no schema is selected nothing is found empty", async () => {
    const url = new URL(database.url)
    if (engine === "mariadb") url.pathname = ""
    const unselected = Effect.gen(function* () {
      if (engine === "postgres") yield* Database.script("set local search_path to nowhere")
      return yield* Effect.flip(Database.reflect())
    })
    const error = await runOn(
      url.href,
      engine === "postgres" ? Database.transaction(unselected) : unselected
    )
    expect(error).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "other" })
    const asked = Database.reflect(
      engine === "postgres" ? { schema: "public" } : { schema: database.name }
    )
    expect((await runOn(url.href, asked)).tables.length).toBe(owned.tables.length)
  })

  test.runIf(engine === "mariadb")("with SELECT on the schema: what rules do is read", async () => {
    const read = await readWith(`select on ${database.name}.*`)
    expect(read.tables).toEqual(owned.tables)
    expect(read.tables.flatMap(({ foreignKeys }) => foreignKeys).length).toBe(5)
  })

  test.runIf(engine === "mariadb")("with INSERT on a table alone", async () => {
    const read = await readWith("insert on t", "insert on k")
    expect(read.tables).toEqual(owned.tables.filter(({ name }) => name === "t" || name === "k"))
  })

  test.runIf(engine === "mariadb")("of a view without SHOW VIEW no query is known", async () => {
    const read = await readWith("select on v")
    expect(read.views).toEqual(owned.views.map((view) => ({ ...view, definition: "" })))
    const { unsaid } = catalogSource(read)
    expect(unsaid.map(({ message }) => message)).toEqual([
      'the view "v" is not declared: its query is not known'
    ])
  })

  test.runIf(engine === "mariadb")("of a table with rights on columns it is told", async () => {
    const read = await readWith("select (a) on k", "select on p")
    const [k, p] = read.tables
    expect(k!.columns.map(({ name }) => name)).toEqual(["a"])
    expect(k!.options["hidden"]).toBe("what the account has no right to")
    expect(p).toEqual(owned.tables.find(({ name }) => name === "p"))
    const { unsaid } = catalogSource(read)
    expect(unsaid).toContainEqual({
      table: "k",
      column: null,
      message: "hidden: what the account has no right to is not declared"
    })
    // It is no setting of the table that would be made.
    expect(Catalog.reflected(read).tables[0]!.storage).not.toHaveProperty("mariadb.with")
  })
})
