import { Catalog, Column, Database, Query, sql, Table, Type } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program, servers } from "./engine-support.ts"

const marks = Table.make("marks", { id: Column.integer().primaryKey(), body: Column.text() })

/** Texts that differ and ask for next to nothing. */
const asked = (at: number) =>
  Database.one(
    Query.from(marks)
      .where(marks.c.id.eq(1))
      .limit(at + 1)
      .select({ [`name${at}`]: marks.c.id })
  )

/** A program of one connection that keeps so many prepared statements. */
const keeping = (url: string, statements: number) => {
  const { hostname, password, pathname, port, protocol, username } = new URL(url)
  const make = protocol.startsWith("postgres") ? Postgres.layer : Mysql.layer
  return ManagedRuntime.make(
    make({
      host: hostname,
      port: Number(port),
      database: pathname.slice(1),
      user: username,
      password: Redacted.make(password),
      pool: { size: 1 },
      statements
    })
  )
}

/** Prepared statements the server holds for this connection, this one not among them. */
const held = Effect.flatMap(Database, ({ dialect }) =>
  Database.one(
    Query.select(
      dialect === "postgres"
        ? sql(Type.count)`(select count(*) from pg_prepared_statements)`
        : sql(
            Type.count
          )`(select cast(variable_value as signed) from information_schema.session_status
            where variable_name = 'COM_STMT_PREPARE') - (select cast(variable_value as signed)
            from information_schema.session_status where variable_name = 'COM_STMT_CLOSE')`
    )
  )
)

describe.each(servers)("prepared statements on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  const opened: Array<Program> = []
  beforeAll(async () => {
    own = await place(engine)
    const database = program(own.url)
    opened.push(database)
    await database.run(Database.create(Catalog.make({ marks })))
    await database.run(Database.run(Query.insert(marks).values({ id: 1, body: "" })))
  })
  afterAll(async () => {
    for (const database of opened) await database.dispose()
    await own.drop()
  })

  test("no more are kept than asked for: those evicted are closed on the server", async () => {
    const database = keeping(own.url, 8)
    for (let at = 0; at < 60; at++)
      expect(await database.runPromise(asked(at))).toEqual({ [`name${at}`]: 1 })
    expect(await database.runPromise(held)).toBeLessThanOrEqual(10)
    for (let at = 59; at >= 0; at--) await database.runPromise(asked(at))
    expect(await database.runPromise(held)).toBeLessThanOrEqual(10)
    expect(await database.runPromise(held)).toBeGreaterThan(2)
    await database.dispose()
  })

  test("with none kept every statement runs, and the server holds none", async () => {
    const database = keeping(own.url, 0)
    for (let at = 0; at < 20; at++)
      expect(await database.runPromise(asked(at % 5))).toEqual({ [`name${at % 5}`]: 1 })
    expect(await database.runPromise(held)).toBeLessThanOrEqual(1)
    await database.dispose()
  })

  test("a statement whose table changed is prepared again", async () => {
    const database = program(own.url, { pool: { size: 1 } })
    opened.push(database)
    const all = Database.all(Query.from(marks))
    expect(await database.run(all)).toHaveLength(1)
    await database.run(Database.script("alter table marks add column extra integer"))
    expect(await database.run(all)).toHaveLength(1)
    await database.run(Database.script("alter table marks drop column extra"))
    expect(await database.run(all)).toHaveLength(1)
  })
})

describe("prepared statements on mariadb", () => {
  test("LOAD DATA LOCAL is refused, whatever the server asks for", async () => {
    const own = await place("mariadb")
    const database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(Catalog.make({ marks })))
    const load = "load data local infile '/etc/hostname' into table marks (body)"
    const failure = await database.failure(Database.script(load))
    expect(failure).toMatchObject({ _tag: "PermissionDenied" })
    expect(await database.run(Database.count(Query.from(marks)))).toBe(0)
    await database.dispose()
    await own.drop()
  })
})

describe.each(engines)("raw SQL on %s", (engine) => {
  test("rows are decoded by the types given, or refused typed [F33.2]", async () => {
    const own = await place(engine)
    const database = program(own.url, { pool: { size: 1 } })
    await database.run(Database.create(Catalog.make({ marks })))
    const two = Query.select({ n: sql(Type.bigint)`2`, t: sql(Type.text)`'x'` })
    expect(await database.run(Database.one(two))).toEqual({ n: 2n, t: "x" })
    const bad = Query.select(sql(Type.integer)`'no number'`)
    expect(await database.failure(Database.one(bad))).toMatchObject({ _tag: "DecodeFailed" })
    expect(await database.run(Database.one(two))).toEqual({ n: 2n, t: "x" })
    await database.dispose()
    await own.drop()
  })
})
