import { Column, Database, Entity, Expr, Fn, Query, Session, sql, Type } from "athanor"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { watch } from "../support/watch.ts"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { catalog, notes, users } from "./engine-schema.ts"
import { engines, place, type Program, program, sleeping } from "./engine-support.ts"

const add = (id: number, body = "") => Database.run(Query.insert(notes).values({ id, body }))

class Note extends Entity<Note>()("notes", {
  id: Column.integer().primaryKey(),
  body: Column.text()
}) {}

const attributesOf = (span: Tracer.NativeSpan) => Object.fromEntries(span.attributes)

describe.each(engines)("observing %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(catalog))
  })
  beforeEach(() => database.run(Database.run(Query.deleteFrom(notes).everyRow())))
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("each statement is a client span with OpenTelemetry's attributes", async () => {
    const { spans, watched } = watch()
    await database.run(
      watched(
        Effect.withSpan(
          Database.transaction(Effect.andThen(add(1), Database.all(Query.from(notes)))),
          "work"
        )
      )
    )
    const client = spans.filter(({ kind }) => kind === "client")
    const begin = { sqlite: "BEGIN", postgres: "BEGIN", mariadb: "START" }[engine]
    expect(client.map(({ name }) => name)).toEqual([
      begin,
      "INSERT notes",
      "SELECT notes",
      "COMMIT"
    ])
    const parent = spans.find(({ name }) => name === "work")!
    for (const span of client) {
      expect(span.parent._tag === "Some" && span.parent.value.spanId).toBe(parent.spanId)
      expect(span.status).toMatchObject({ _tag: "Ended", exit: Exit.void })
      if (span.status._tag === "Ended")
        expect(span.status.endTime).toBeGreaterThan(span.status.startTime)
    }
    const insert = attributesOf(client[1]!)
    expect(insert).toMatchObject({
      "db.system.name": { sqlite: "sqlite", postgres: "postgresql", mariadb: "mariadb" }[engine],
      "db.operation.name": "INSERT",
      "db.collection.name": "notes",
      "db.query.summary": "INSERT notes",
      "db.response.returned_rows": 1,
      "athanor.transaction.attempt": 1
    })
    expect(insert["db.query.text"]).toMatch(/^INSERT INTO .*(\$1|\?)/s)
    expect(insert["db.namespace"]).toBe(
      engine === "sqlite" ? own.url.slice("sqlite:".length) : new URL(own.url).pathname.slice(1)
    )
    if (engine !== "sqlite") {
      expect(insert["server.address"]).toBe("127.0.0.1")
      expect(insert["server.port"]).toBe(Number(new URL(own.url).port))
    }
  })

  test("a failure is in its span: type, the server's code, the typed error", async () => {
    const { spans, watched } = watch()
    await database.failure(watched(Effect.andThen(add(1), add(1))))
    const failed = spans.at(-1)!
    expect(attributesOf(failed)).toMatchObject({
      "error.type": "UniqueViolation",
      "db.response.status_code": {
        sqlite: "SQLITE_CONSTRAINT_PRIMARYKEY",
        postgres: "23505",
        mariadb: "1062"
      }[engine]
    })
    expect(failed.status._tag === "Ended" && Exit.isFailure(failed.status.exit)).toBe(true)
  })

  test("a statement that is interrupted has a span that says so", async () => {
    if (engine === "sqlite") {
      // Its statements are over before anybody can interrupt: the wait for the file is not.
      const other = program(own.url)
      const [held, gate] = [Deferred.makeUnsafe<void>(), Deferred.makeUnsafe<void>()]
      const hold = Effect.andThen(Deferred.succeed(held, undefined), Deferred.await(gate))
      const holding = other.run(Database.transaction(Effect.andThen(add(1), hold)))
      await other.run(Deferred.await(held))
      const { spans, watched } = watch()
      await database.run(watched(Effect.timeoutOption(add(2), 50)))
      expect(attributesOf(spans.at(-1)!)["error.type"]).toBe("interrupted")
      await other.run(Deferred.succeed(gate, undefined))
      await holding
      await other.dispose()
      return
    }
    const { spans, watched } = watch()
    await database.run(watched(Effect.timeoutOption(sleeping(5), 50)))
    expect(attributesOf(spans.at(-1)!)["error.type"]).toBe("interrupted")
  })

  test("metrics count and time by operation, only where asked for", async () => {
    const seen = Effect.map(Metric.snapshot, (all) =>
      all.filter(({ id }) => id === "db.client.operation.duration")
    )
    const measured = Effect.provideService(
      Effect.andThen(add(1), Effect.flip(add(1))),
      Database.Telemetry,
      { metrics: true }
    )
    const own = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.provideService(effect, Metric.MetricRegistry, new Map())
    const [without, found] = await database.run(
      own(
        Effect.gen(function* () {
          yield* add(9)
          const before = yield* seen
          yield* measured
          return [before.length, yield* seen] as const
        })
      )
    )
    expect(without).toBe(0)
    const told = found.map(({ attributes, state }) => [
      attributes?.["db.operation.name"],
      attributes?.["error.type"],
      "count" in state ? state.count : null
    ])
    expect(told).toEqual(
      expect.arrayContaining([
        ["INSERT", undefined, 1],
        ["INSERT", "UniqueViolation", 1]
      ])
    )
  })

  test("a slow statement is logged with its plan; a quick one is not", async () => {
    const { lines, watched } = watch()
    const query = Query.from(notes).where(notes.c.id.eq(7))
    const all = Database.all(query)
    const asked = (slowAfter_ms: number) => (effect: typeof all) =>
      Effect.provideService(effect, Database.Telemetry, { slowAfter_ms })
    await database.run(watched(asked(60_000)(all)))
    expect(lines).toEqual([])
    await database.run(watched(asked(0)(all)))
    await database.run(watched(Database.transaction(Effect.andThen(asked(0)(all), add(1)))))
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      expect(line).toContain("a statement took")
      expect(line).toMatch(
        {
          sqlite: /SEARCH of notes/,
          postgres: /Scan of notes/,
          mariadb: /query block|const|no matching/i
        }[engine]
      )
    }
    expect(await database.run(Database.count(Query.from(notes)))).toBe(1)
  })

  test("a session's slow read of one row is logged too", async () => {
    const { lines, watched } = watch()
    await database.run(add(7))
    const slow = Effect.provideService(Session.get(Note, 7), Database.Telemetry, {
      slowAfter_ms: 0
    })
    const note = await database.run(watched(Session.transact(slow)))
    expect(note.id).toBe(7)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain("a statement took")
  })

  test("a plan is data and a tree that reads", async () => {
    const joined = Query.from(notes)
      .join(users, users.c.id.eq(notes.c.id))
      .where(notes.c.id.eq(Expr.param("id", Type.integer)))
      .select({ body: notes.c.body, name: users.c.name })
    const plan = await database.run(Database.explain(joined, { id: 7 }))
    expect(plan.dialect).toBe(engine)
    const steps = (nodes: typeof plan.steps): typeof plan.steps =>
      nodes.flatMap((node) => [node, ...steps(node.children)])
    const all = steps(plan.steps)
    expect(plan.text.split("\n")).toHaveLength(all.length)
    expect(plan.text).toContain(
      { sqlite: "SEARCH", postgres: "Nested Loop", mariadb: "query block" }[engine]
    )
    if (engine !== "mariadb")
      expect(all.map(({ table }) => table)).toEqual(expect.arrayContaining(["notes", "users"]))
    const command = await database.run(
      Database.explain(Query.deleteFrom(notes).where(notes.c.id.gt(1)))
    )
    expect(command.text).toContain("notes")
    const grouped = Query.from(notes)
      .groupBy(notes.c.body)
      .select({ body: notes.c.body, n: Fn.count() })
    expect((await database.run(Database.explain(grouped))).text).toContain("notes")
  })

  test("a plan of what was run says rows and time, and what it wrote is undone", async () => {
    await database.run(Effect.forEach([1, 2, 3], (id) => add(id)))
    const deleting = Database.explainAnalyze(Query.deleteFrom(notes).where(notes.c.id.gt(1)))
    if (engine === "sqlite") {
      expect(await database.failure(deleting)).toMatchObject({
        _tag: "Unsupported",
        capability: "explainAnalyze"
      })
      return
    }
    const { text } = await database.run(deleting)
    expect(text).toMatch(/gave \d/)
    const { steps } = await database.run(Database.explainAnalyze(Query.from(notes)))
    expect(JSON.stringify(steps)).toContain('"actualRows":3')
    expect(await database.run(Database.count(Query.from(notes)))).toBe(3)
  })
})

const canary = "canary-7f3a"
const secret = "s3cr3t-canary"

describe.each(engines)("values and secrets on %s", (engine) => {
  test("a canary is in no log, span, metric, error or inspected value", async () => {
    const own = await place(engine)
    const database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(catalog))
    const { lines, spans, watched } = watch()
    const printed: Array<string> = []
    const show = (value: unknown) => {
      for (const shown of [
        inspect(value, { depth: 30, showHidden: true, getters: true }),
        String(value)
      ])
        printed.push(shown)
      try {
        printed.push(JSON.stringify(value) ?? "")
      } catch {
        // Circular: inspected above.
      }
    }
    const email = `${canary}@example.org`
    const failing = [
      add(1, canary),
      add(1, canary),
      Database.run(Query.insert(users).rows([{ email }, { email }])),
      Database.run(Query.insert(users).values({ email: canary.repeat(30) })),
      Database.run(Query.insert(users).values({ email, age: -1 })),
      Database.all(Query.select(sql(Type.integer)`cast(${canary} as integer) / no_such_column`)),
      Database.one(Query.from(users).where(users.c.email.eq(canary))),
      Database.all(Query.select(Expr.value(canary as never, Type.integer))),
      Database.script(`insert into notes values (1, '${canary}')`),
      Database.transaction(Effect.andThen(add(77, canary), add(77, canary))),
      Effect.timeoutOption(
        engine === "sqlite" ? add(8, canary) : Effect.andThen(sleeping(0.2), add(8, canary)),
        20
      ),
      Database.explain(Query.from(users).where(users.c.email.eq(canary)))
    ] as ReadonlyArray<Effect.Effect<unknown, unknown, Database>>
    const telemetry = { metrics: true, slowAfter_ms: 0 }
    await database.run(
      Effect.provideService(
        Effect.gen(function* () {
          for (const one of failing) {
            const exit = yield* Effect.exit(watched(one))
            show(exit)
            if (Exit.isFailure(exit)) {
              printed.push(Cause.pretty(exit.cause))
              yield* watched(Effect.logError(exit.cause))
            }
          }
          const metrics = yield* Metric.snapshot
          show(metrics)
          show(yield* Database)
        }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())),
        Database.Telemetry,
        telemetry
      )
    )
    for (const span of spans) show([span.name, attributesOf(span), span.status, span.events])
    expect(spans.length).toBeGreaterThan(12)
    expect(lines.length).toBeGreaterThan(12)
    expect(printed.join()).toContain("INSERT INTO")
    for (const text of [...lines, ...printed]) expect(text).not.toContain(canary)
    await database.dispose()
    await own.drop()
  })

  test("a password is nowhere, whether it opens the database or not", async () => {
    const own = await place(engine)
    const url = new URL(engine === "sqlite" ? "postgres://who@127.0.0.1:1/nothing" : own.url)
    url.password = secret
    const { lines, spans, watched } = watch()
    const layer = Database.layerUrl(url.href, {
      drivers: (await import("../runtime/databases.ts")).drivers
    })
    const exit = await Effect.runPromiseExit(watched(Effect.provide(add(1), layer)))
    const shown = [inspect(exit, { depth: 30, showHidden: true }), inspect(layer, { depth: 30 })]
    expect(Exit.isFailure(exit)).toBe(true)
    if (Exit.isFailure(exit)) shown.push(Cause.pretty(exit.cause), JSON.stringify(exit.cause))
    const all = [...shown, ...lines, ...spans.map((span) => inspect(span, { depth: 20 }))]
    for (const text of all) expect(text).not.toContain(secret)
    if (engine !== "sqlite") {
      const password = new URL(own.url).password || "no password here"
      const database = program(own.url)
      const engineShown = await database.run(
        Effect.map(Database, (service) => inspect(service, { depth: 30, showHidden: true }))
      )
      if (password !== "athanor") expect(engineShown).not.toContain(password)
      expect(engineShown).not.toMatch(/password/i)
      await database.dispose()
    }
    await own.drop()
  })
})
