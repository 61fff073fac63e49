/** Rows 15, 16, 23, 24, 25, 26, 28 and 32 of the faults: what statements may do and may not. */
import { Catalog, Check, Column, Database, Expr, Fn, Query, sql, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { expect } from "vitest"
import { engines, program, whoAmI } from "../conformance/engine-support.ts"
import { fault, type Scene } from "./support/fault.ts"
import { add, type Trouble } from "./support/trouble.ts"

const owners = Table.make(
  "owners",
  {
    id: Column.integer().primaryKey(),
    email: Column.varchar(40).unique(),
    age: Column.integer()
  },
  (c) => [Check.that(c.age.gte(0), "owners_age")]
)
const pets = Table.make("pets", {
  id: Column.integer().primaryKey(),
  ownerId: Column.integer().references(() => owners.c.id)
})
const texts = Table.make("texts", { id: Column.id(), body: Column.text() })
const catalog = Catalog.make({ owners, pets, texts })

const create = (one: Trouble) =>
  one.database.run(Effect.andThen(Database.drop(catalog), Database.create(catalog)))
const owner = (id: number, email: string, age = 1) =>
  Database.run(Query.insert(owners).values({ id, email, age }))

/** Alone, where nothing of it is done, and inside a transaction, where it says what lives. */
const both = async (one: Trouble, step: Effect.Effect<unknown, unknown, Database>) => {
  const alone = await one.fails(1, (group) => Effect.andThen(step, add(group, 0)))
  expect(alone.transaction).not.toBe("doomed")
  const inside = await one.inside(step)
  expect(inside._tag).toBe(alone._tag)
  return alone
}

fault(
  15,
  engines,
  "a violation is one of five, by name, and costs no connection",
  async (scene) => {
    const one = await scene.open({ pool: { size: scene.engine === "sqlite" ? 1 : 2 } })
    await create(one)
    await one.database.run(owner(1, "a@x"))
    await one.database.run(Database.run(Query.insert(pets).values({ id: 1, ownerId: 1 })))
    const { created } = await one.database.run(Effect.map(Database, ({ pool }) => pool.stats()))
    const nobody = { id: 5, email: null as never, age: 1 }
    const violations = {
      UniqueViolation: owner(2, "a@x"),
      CheckViolation: owner(2, "b@x", -1),
      NotNullViolation: Database.run(
        Query.insert(owners).values({ ...nobody, email: sql(Type.varchar(40))`null` as never })
      ),
      ForeignKeyViolation: Database.run(Query.insert(pets).values({ id: 2, ownerId: 9 }))
    }
    for (const [tag, violation] of Object.entries(violations))
      expect(await both(one, violation)).toMatchObject({ _tag: tag, retryable: false })
    const parent = await both(one, Database.run(Query.deleteFrom(owners).where(owners.c.id.eq(1))))
    expect(parent).toMatchObject({ _tag: "ForeignKeyViolation", direction: "parent" })
    const after = await one.database.run(Effect.map(Database, ({ pool }) => pool.stats()))
    expect([after.closed, after.created]).toEqual([0, created])
  }
)

fault(15, ["postgres"], "an exclusion is a violation too", async ({ open }) => {
  const one = await open()
  await one.observer.execute(
    "create table if not exists spans (r int4range, " +
      "constraint no_overlap exclude using gist (r with &&))"
  )
  await one.observer.execute("insert into spans values ('[1,5)')")
  const error = await both(one, Database.script("insert into spans values ('[2,3)')"))
  expect(error).toMatchObject({ _tag: "ExclusionViolation", constraint: "no_overlap" })
})

fault(
  16,
  engines,
  "nothing can be written: storage is full, or for reading only",
  async (scene) => {
    const { engine, open } = scene
    const one = await open()
    await create(one)
    const full = {
      sqlite: Database.run(Query.insert(texts).values({ body: "x".repeat(400_000) })),
      postgres: Database.script("do $$ begin raise 'no space' using errcode = 'disk_full'; end $$"),
      mariadb: Database.script("insert into tiny select seq, repeat('x', 200) from seq_1_to_5000")
    }[engine]
    if (engine === "sqlite") await one.database.run(Database.script("pragma max_page_count = 40"))
    if (engine === "mariadb")
      await one.observer.execute(
        "create table if not exists tiny (id integer, body char(200)) engine=memory max_rows=10"
      )
    const error = await both(one, full)
    expect(error).toMatchObject({ _tag: "StorageFull" })
    // In a transaction SQLite has rolled back by itself: no ROLLBACK is possible, nor needed.
    if (engine === "sqlite")
      await one.database.run(Database.script("pragma max_page_count = 100000"))
    const readOnly = await open({ readOnly: true })
    const refused = await readOnly.fails(1, (group) => add(group, 0))
    expect(refused).toMatchObject({ _tag: "ReadOnly", retryable: false })
    const smuggled = await readOnly.fails(1, () => Database.script("delete from texts"))
    expect(smuggled).toMatchObject({ _tag: "ReadOnly" })
  }
)

fault(
  23,
  engines,
  "too many values: counted before they are sent, many rows in several statements",
  async (scene) => {
    const one = await scene.open()
    await create(one)
    const many = Array.from({ length: 70_000 }, (_, at) => owners.c.id.eq(at))
    const error = await both(one, Database.all(Query.from(owners).where(Expr.or(...many))))
    expect(["TooManyParameters", "QueryTooComplex"]).toContain(error._tag)
    const rows = Array.from({ length: 70_000 }, (_, at) => ({ body: `row ${at}` }))
    await one.does(1, (group) =>
      Database.transaction(
        Effect.andThen(Database.run(Query.insert(texts).rows(rows)), add(group, 0))
      )
    )
    expect(await one.database.run(Database.count(Query.from(texts)))).toBe(70_000)
  }
)

fault(24, engines, "one huge value is stored, or refused by name", async (scene) => {
  const one = await scene.open()
  await create(one)
  const body = "x".repeat(17 * 1024 * 1024)
  const huge = Database.run(Query.insert(texts).values({ body }))
  if (scene.engine === "mariadb") {
    const error = await both(one, huge)
    expect(error._tag).toBe("QueryTooComplex")
    // Refused before it is sent: the connection and the transaction live, however it is asked.
    const read = Stream.runDrain(Database.stream(Query.from(texts).where(texts.c.body.eq(body))))
    const said = Database.script(`select 1; select length('${body}')`)
    const after = await one.database.run(
      Database.transaction(
        Effect.gen(function* () {
          const id = yield* whoAmI
          for (const step of [huge, read, said] as ReadonlyArray<typeof said>) {
            const refused = yield* Effect.flip(step)
            expect(refused).toMatchObject({ _tag: "QueryTooComplex", transaction: "alive" })
          }
          return id === (yield* whoAmI)
        })
      )
    )
    expect(after).toBe(true)
  } else {
    const exit = await one.does(1, (group) =>
      Database.transaction(Effect.andThen(huge, add(group, 0)))
    )
    expect(Exit.isSuccess(exit)).toBe(true)
    const found = await one.database.run(Database.one(Query.from(texts).select(texts.c.body)))
    expect(found === body).toBe(true)
  }
})

const prepared: Readonly<Record<Scene["engine"], Effect.Effect<unknown, unknown, Database>>> = {
  sqlite: Effect.succeed(0),
  postgres: Database.one(
    Query.select(sql(Type.count)`(select count(*) from pg_prepared_statements)`)
  ),
  mariadb: Database.one(
    Query.select(
      sql(Type.count)`(select cast(variable_value as signed) from information_schema.global_status
        where variable_name = 'PREPARED_STMT_COUNT')`
    )
  )
}

fault(
  25,
  engines,
  "thousands of texts: a connection keeps a hundred of them at most",
  async (scene) => {
    const one = await scene.open({ pool: { size: scene.engine === "sqlite" ? 1 : 2 } })
    await create(one)
    const asked = Array.from({ length: 1000 }, (_, at) =>
      Database.all(
        Query.from(owners)
          .limit(at + 1)
          .select({ [`name${at}`]: owners.c.id })
      )
    )
    await one.does(1, (group) =>
      Effect.andThen(Effect.all(asked, { concurrency: 2, discard: true }), add(group, 0))
    )
    expect(await one.database.run(prepared[scene.engine])).toBeLessThanOrEqual(
      scene.engine === "mariadb" ? 210 : 102
    )
  }
)

fault(
  26,
  ["postgres"],
  "behind a pooler by transactions what needs a session is refused",
  async (scene) => {
    const one = await scene.open({}, `${scene.url}?pooler=transaction`)
    const needing = {
      lock: Effect.scoped(Database.lock("mine")),
      listen: Stream.runDrain(Stream.take(Database.listen("jobs"), 1))
    }
    for (const [what, work] of Object.entries(needing)) {
      const error = await one.fails(1, (group) => Effect.andThen(work, add(group, 0)))
      expect(error._tag, what).toBe("RequiresSession")
    }
    await one.does(2, (group) =>
      Database.transaction(
        Effect.andThen(
          Effect.scoped(Database.lock("mine")),
          Effect.andThen(add(group, 0), add(group, 1))
        )
      )
    )
    // What no session keeps, the role has: else nothing is read as if it were for reading only.
    const reading = (role: string | null) => {
      const url = new URL(scene.url)
      if (role !== null) [url.username, url.password] = [role, "x"]
      return program(`${url.href}?pooler=transaction`, { readOnly: true })
    }
    const open = reading(null)
    expect(await open.failure(Database.all(Query.from(texts)))).toMatchObject({
      _tag: "ConnectFailed",
      message: expect.stringContaining("default_transaction_read_only must be on before we come")
    })
    await create(one)
    await one.observer.execute(
      "create role reader login password 'x'; " +
        "grant all on all tables in schema public to reader; " +
        "alter role reader set default_transaction_read_only to on"
    )
    const sneaking = Query.raw({ id: Type.integer })`insert into texts default values returning id`
    const set = reading("reader")
    expect(await set.run(Database.all(Query.from(texts)))).toEqual([])
    expect(await set.failure(Database.all(sneaking))).toMatchObject({ _tag: "ReadOnly" })
    await open.dispose()
    await set.dispose()
  }
)

fault(28, engines, "a query too deep for the server is refused by name", async (scene) => {
  const one = await scene.open()
  await create(one)
  let deep: Expr.Expr<string, "texts"> = texts.c.body
  for (let depth = 0; depth < 20_000; depth++) deep = Fn.upper(deep)
  const error = await both(one, Database.all(Query.from(texts).select({ deep })))
  expect(error).toMatchObject({ _tag: "Unsupported", operation: "compile" })
  // What the server refuses by itself.
  for (const depth of [8000, 30_000]) {
    const text = `select ${"abs(".repeat(depth)}1${")".repeat(depth)}`
    const refused = await both(one, Database.script(text))
    expect(refused._tag).toBe("QueryTooComplex")
  }
  const wide = Array.from({ length: 20_000 }, (_, at) => owners.c.id.eq(at))
  const found = await one.database.run(Database.all(Query.from(owners).where(Expr.or(...wide))))
  expect(found).toEqual([])
})

fault(
  32,
  engines,
  "a stream left early gives its connection back, whatever else it held",
  async (scene) => {
    const one = await scene.open({ pool: { size: 1 } })
    await create(one)
    const rows = Array.from({ length: 3000 }, (_, at) => ({ body: `row ${at}` }))
    await one.database.run(Database.run(Query.insert(texts).rows(rows)))
    const stream = Database.with({ fetchSize: 2 }, Database.stream(Query.from(texts)))
    const me = scene.engine === "sqlite" ? Effect.succeed(0) : whoAmI
    const before = await one.database.run(me)
    const left = [
      Stream.runDrain(Stream.take(stream, 7)),
      Stream.runForEach(stream, ({ id }) => (id > 3 ? Effect.fail("enough") : Effect.void)),
      Effect.timeoutOption(
        Stream.runForEach(stream, () => Effect.sleep(5)),
        20
      ),
      Stream.runDrain(Stream.zip(Stream.take(stream, 5), Stream.take(stream, 3)))
    ]
    for (const leaving of left) {
      if (leaving !== left[3])
        await one.does(1, (group) => Effect.andThen(Effect.exit(leaving), add(group, 0)))
      await one.does(2, (group) =>
        Database.transaction(
          Effect.andThen(add(group, 0), Effect.andThen(Effect.exit(leaving), add(group, 1)))
        )
      )
    }
    // A consumer that writes beside its own stream.
    await one.does(10, (group) =>
      Database.transaction(Stream.runForEach(Stream.take(stream, 10), ({ id }) => add(group, id)))
    )
    expect(await one.database.run(me)).toBe(before)
  }
)
