/** One program for many tenants, each with tables of its own in a schema of its own. */
import { Catalog, Column, Database, Entity, Query, Session, Table } from "athanor"
import { Postgres } from "athanor/postgres"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { StatementError } from "../../src/algebra/StatementError.ts"
import type { StatementCache } from "../../src/compile/StatementCache.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

class Note extends Entity<Note>()("notes", {
  id: Column.integer().primaryKey(),
  tenant: Column.varchar(60),
  n: Column.integer()
}) {
  static readonly marks = this.hasMany(() => Mark)
}
class Mark extends Entity<Mark>()("marks", {
  id: Column.integer().primaryKey(),
  noteId: Column.integer(),
  tenant: Column.varchar(60)
}) {
  static readonly note = this.belongsTo(() => Note)
}
const catalog = Catalog.make({ Note, Mark })

/** Quotes of every dialect, and what would follow if one of them were left open. */
const nasty = `t"'\`; DROP TABLE notes; --`
const tenants = ["one", "two", "Three", nasty] as const
type Tenant = (typeof tenants)[number]

const byId = Query.from(Note).orderBy(Note.c.id)
const joined = Query.from(Note)
  .join(Mark, Mark.c.noteId.eq(Note.c.id))
  .select({ note: Note.c.tenant, mark: Mark.c.tenant })
const grow = Query.update(Note)
  .set({ n: Note.c.n.add(1) })
  .everyRow()
const clean = Query.deleteFrom(Mark).using(Note, Mark.c.noteId.eq(Note.c.id))
const add = (tenant: string, id: number) => Query.insert(Note).values({ id, tenant, n: 0 })
const upsert = (tenant: string, id: number) =>
  add(tenant, id)
    .onConflict(Note.c.id)
    .doUpdate({ n: Note.c.n.add(10) })

describe.each(engines)("schemas of tenants on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  /** What a tenant's schema is called there: MariaDB's are databases of the whole server. */
  let named: (tenant: Tenant) => string
  const of = (tenant: Tenant) => ({ schemas: { "": named(tenant) } })
  const as = <A, E, R>(tenant: Tenant, effect: Effect.Effect<A, E, R>) =>
    Database.with(of(tenant), effect)
  const quoted = (name: string): string =>
    engine === "mariadb" ? `\`${name.replaceAll("`", "``")}\`` : `"${name.replaceAll('"', '""')}"`

  beforeAll(async () => {
    own = await place(engine)
    const prefix = engine === "mariadb" ? `${own.url.split("/").at(-1)!.split("?")[0]!}_` : ""
    named = (tenant) => prefix + tenant
    const file = (at: number) => `${own.url.replace(/^sqlite:/, "")}.${at}`
    const attached = tenants.map(
      (tenant, at) => `ATTACH DATABASE '${file(at)}' AS ${quoted(tenant)};`
    )
    database =
      engine === "sqlite"
        ? program(own.url, { onConnect: (session) => session.script(attached.join("\n")) })
        : program(own.url, { pool: { size: 6 } })
    if (engine !== "sqlite")
      for (const tenant of tenants)
        await database.run(Database.script(`CREATE SCHEMA ${quoted(named(tenant))}`))
  })
  beforeEach(async () => {
    await database.run(Database.drop(catalog))
    await database.run(Database.create(catalog))
    for (const tenant of tenants) {
      await database.run(as(tenant, Database.drop(catalog)))
      await database.run(as(tenant, Database.create(catalog)))
    }
  })
  afterAll(async () => {
    if (engine === "mariadb")
      for (const tenant of tenants)
        await database.run(Database.script(`DROP SCHEMA ${quoted(named(tenant))}`))
    await database.dispose()
    await own.drop()
  })

  test("one statement runs against the schema it is given [F32.1]", async () => {
    for (const tenant of tenants) {
      const all = Effect.gen(function* () {
        expect(yield* Database.run(add(tenant, 1))).toBe(1)
        expect(yield* Database.run(upsert(tenant, 1))).toBe(1)
        const many = Array.from({ length: 1200 }, (_, at) => ({ id: at + 2, tenant, n: 0 }))
        expect(yield* Database.run(Query.insert(Note).rows(many))).toBe(1200)
        expect(yield* Database.run(grow)).toBe(1201)
        yield* Database.run(Query.insert(Mark).values({ id: 1, noteId: 1, tenant }))
        expect(yield* Database.all(joined)).toEqual([{ note: tenant, mark: tenant }])
        const streamed = yield* Stream.runCollect(Database.stream(byId))
        expect(streamed.map(({ n }) => n).slice(0, 3)).toEqual([11, 1, 1])
        expect(yield* Database.count(byId)).toBe(1201)
        yield* Database.create(catalog, { ifMissing: true })
        expect((yield* Database.explain(byId)).text).not.toBe("")
        expect(yield* Database.run(clean)).toBe(1)
        return yield* Database.count(Query.from(Mark))
      })
      expect(await database.run(as(tenant, all))).toBe(0)
    }
    expect(await database.run(Database.all(byId))).toEqual([])
  })

  test("of the database, the transaction or one effect: the innermost wins [F32.1]", async () => {
    for (const tenant of tenants) await database.run(as(tenant, Database.run(add(tenant, 1))))
    const mine = Database.all(byId.select(Note.c.tenant))
    const seen = Effect.gen(function* () {
      const within = Effect.all([mine, as("Three", mine), as(nasty, Stream.runCollect(stream))])
      return [yield* mine, yield* Database.transaction(within, { statement: of("two") })]
    })
    const stream = Database.stream(byId.select(Note.c.tenant))
    expect(await database.run(as("one", seen))).toEqual([["one"], [["two"], ["Three"], [nasty]]])
    expect(await database.run(mine)).toEqual([])
    expect(await database.run(as("one", Database.with({ schemas: { "": "" } }, mine)))).toEqual([])
    expect(
      await database.run(Stream.runCollect(Database.with(of("two"), Database.stream(byId))))
    ).toMatchObject([{ tenant: "two" }])
  })

  test("a session is in the schema it was opened in, and stays there [F32.1]", async () => {
    const work = (tenant: Tenant) =>
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Note.make({ id: 1, tenant, n: 0, marks: [{ id: 1, tenant }] }))
          yield* Session.flush
          const note = yield* Session.get(Note, 1, { marks: true })
          yield* Session.update(note, { n: note.n + 5 })
          const other = yield* Effect.exit(Database.with(of("one"), Database.all(byId)))
          return [note.tenant, note.marks.map((mark) => mark.tenant), other] as const
        })
      )
    for (const tenant of ["two", nasty] as const) {
      const [mine, marks, other] = await database.run(as(tenant, work(tenant)))
      expect([mine, marks]).toEqual([tenant, [tenant]])
      expect(Exit.isFailure(other) && Cause.squash(other.cause)).toBeInstanceOf(StatementError)
      expect(await database.run(as(tenant, Database.all(byId)))).toMatchObject([{ tenant, n: 5 }])
    }
    expect(await database.run(as("one", Database.all(byId)))).toEqual([])
  })

  test("64 fibers of all tenants share one compiled form and no row [F32.2]", async () => {
    const step = fc.constantFrom("add", "upsert", "read", "join", "stream", "whole")
    const fiber = fc.record({
      tenant: fc.constantFrom(...tenants),
      steps: fc.array(step, { minLength: 1, maxLength: 5 }),
      inTransaction: fc.boolean()
    })
    let id = 0
    const own = (rows: ReadonlyArray<{ readonly tenant: string }>, tenant: Tenant): number => {
      const others = rows.filter((row) => row.tenant !== tenant)
      expect(others).toEqual([])
      return rows.length
    }
    const doing = {
      add: (tenant: Tenant) => Database.run(add(tenant, ++id)),
      upsert: (tenant: Tenant) => Database.run(upsert(tenant, ++id)),
      read: (tenant: Tenant) => Effect.map(Database.all(byId), (rows) => own(rows, tenant)),
      join: (tenant: Tenant) =>
        Effect.map(Database.all(joined), (rows) =>
          own(
            rows.map(({ note }) => ({ tenant: note })),
            tenant
          )
        ),
      stream: (tenant: Tenant) =>
        Effect.map(Stream.runCollect(Database.stream(byId)), (rows) => own(rows, tenant)),
      whole: (tenant: Tenant) =>
        Database.all(
          Query.insert(Mark)
            .rows([{ id: ++id, noteId: 1, tenant }])
            .returning()
        ).pipe(Effect.map((rows) => own(rows, tenant)))
    }
    const printed = Effect.map(Database, ({ first }) =>
      (first.told!.statements as StatementCache).printed()
    )
    const warm = (tenant: Tenant) =>
      Effect.andThen(
        Database.run(add(tenant, 1)),
        Effect.forEach(Object.values(doing), (one) => one(tenant))
      )
    id = 1
    for (const tenant of tenants) await database.run(as(tenant, warm(tenant)))
    const before = await database.run(printed)
    let reads = 0
    // Each write there is a commit of several files.
    const numRuns = engine === "sqlite" ? 2 : 10
    await fc.assert(
      fc.asyncProperty(fc.array(fiber, { minLength: 64, maxLength: 64 }), async (fibers) => {
        const each = fibers.map(({ inTransaction, steps, tenant }) => {
          const all = Effect.forEach(steps, (name) => {
            reads++
            return doing[name](tenant)
          })
          return as(tenant, inTransaction ? Database.transaction(all) : all)
        })
        await database.run(Effect.all(each, { concurrency: "unbounded" }))
      }),
      { numRuns, endOnFailure: true }
    )
    expect(reads).toBeGreaterThan(64 * numRuns)
    expect(await database.run(printed)).toBe(before)
    for (const tenant of tenants) {
      const rows = await database.run(as(tenant, Database.all(byId)))
      expect(own(rows, tenant)).toBeGreaterThan(0)
    }
  })

  test("its name is one identifier, whatever is in it [F32.3]", async () => {
    await database.run(as(nasty, Database.run(add(nasty, 1))))
    expect(await database.run(as(nasty, Database.all(byId)))).toMatchObject([{ tenant: nasty }])
    const texts = database.sent.filter(
      (text) => text.includes("DROP TABLE notes; --") && !/^(?:CREATE|DROP) SCHEMA/.test(text)
    )
    expect(texts.length).toBeGreaterThan(0)
    for (const text of texts) expect(text).toContain(`${quoted(named(nasty))}.`)
    // A name that would end the statement, and be another one, if it were not quoted.
    const injected = `${named("one")}.notes; DELETE FROM notes; --`
    const refused = Database.with({ schemas: { "": injected } }, Database.all(byId))
    expect((await database.failure(refused))._tag).toBe("SyntaxOrUndefined")
    expect(await database.run(as(nasty, Database.count(byId)))).toBe(1)
    const empty = Database.with({ schemas: { "": "a\u0000b" } }, Database.all(byId))
    const exit = await database.exit(empty)
    expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toBeInstanceOf(StatementError)
  })

  test("a schema that is not named stays as it was written [F32.4]", async () => {
    const schema = named("two")
    const there = Table.make("notes", { id: Column.integer() }, undefined, { schema })
    await database.run(as("two", Database.run(add("two", 7))))
    await database.run(Database.run(add("", 8)))
    const both = Effect.all([
      Database.all(Query.from(there).select(there.c.id)),
      Database.all(byId.select(Note.c.id))
    ])
    expect(await database.run(both)).toEqual([[7], [8]])
    const other = { schemas: { another: "nowhere", constructor: "nowhere" } }
    expect(await database.run(Database.with(other, both))).toEqual([[7], [8]])
    expect(await database.run(as("one", both))).toEqual([[7], []])
    const moved = { schemas: { [schema]: named("one") } }
    expect(await database.run(Database.with(moved, both))).toEqual([[], [8]])
  })

  test.runIf(engine === "postgres")(
    "COPY goes to the schema and comes from it [F32.1]",
    async () => {
      const rows = Stream.make({ id: 1, tenant: nasty, n: 1 }, { id: 2, tenant: nasty, n: 2 })
      expect(await database.run(as(nasty, Postgres.copyIn(Query.insert(Note), rows)))).toBe(2)
      const out = Stream.runCollect(Postgres.copyOut(byId))
      expect(await database.run(as(nasty, out))).toMatchObject([{ tenant: nasty }, { n: 2 }])
      expect(await database.run(out)).toEqual([])
    }
  )
})
