/** The log of every statement, and what is in nobody's log. */
import { Database, Expr, Fn, Query, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

interface Line {
  readonly text: string
  readonly annotations: Readonly<Record<string, unknown>>
}

const watch = () => {
  const lines: Array<Line> = []
  const spans: Array<Tracer.NativeSpan> = []
  const logger = Logger.make(({ fiber, message }) => {
    const annotations = fiber.getRef(References.CurrentLogAnnotations)
    lines.push({ text: [message].flat().join(" "), annotations })
  })
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const watched = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provide(effect, Logger.layer([logger])).pipe(
      Effect.provideService(Tracer.Tracer, tracer)
    )
  return { lines, spans, watched }
}

const echoing = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  echo: boolean | { readonly values?: boolean; readonly length?: number } = true
) => Effect.provideService(effect, Database.Telemetry, { echo })

const add = (id: number, body: string) => Database.run(Query.insert(notes).values({ id, body }))
const byId = (id: number) => Query.from(notes).where(notes.c.id.eq(id))

describe.each(engines)("the log of every statement on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(Database.create(catalog))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("each is logged with its duration, its values hidden unless asked for [F11.1]", async () => {
    const { lines, watched } = watch()
    const work = Effect.gen(function* () {
      yield* Database.transaction(add(1, "canary-one"))
      yield* Stream.runDrain(Database.stream(byId(1)))
      yield* Effect.ignore(add(1, "canary-two"))
      yield* Database.script("delete from notes where body = 'canary-one'")
    })
    await database.run(watched(echoing(work)))
    const words = lines.map(({ text }) => /^athanor: (\w+)/.exec(text)?.[1])
    expect(words.map((word) => word?.toUpperCase())).toEqual([
      engine === "mariadb" ? "START" : "BEGIN",
      "INSERT",
      "COMMIT",
      "SELECT",
      "INSERT",
      "A"
    ])
    for (const { annotations, text } of lines) {
      expect(text).toMatch(/ -- \d+\.\d ms, /)
      expect(annotations["duration_ms"]).toBeGreaterThanOrEqual(0)
    }
    expect(lines[1]!.text).toContain("2 parameters")
    expect(lines[3]!.text).toContain("1 rows")
    expect(lines[4]!.text).toContain("UniqueViolation")
    expect(inspect(lines, { depth: 9 })).not.toContain("canary")
    lines.length = 0
    await database.run(watched(echoing(add(2, "shown"), { values: true })))
    // PostgreSQL takes numbers as text.
    expect(lines[0]!.text).toMatch(/\["?2"?, "shown"\]/)
    lines.length = 0
    await database.run(watched(add(3, "without")))
    expect(lines).toEqual([])
  })

  test("shown values are cut, and a secret is nowhere by default [F11.2]", async () => {
    const { lines, spans, watched } = watch()
    const long = `${"x".repeat(50)}${"y".repeat(10_000)}`
    await database.run(
      watched(
        echoing(Database.all(Query.select(Expr.value(long, Type.text))), {
          values: true,
          length: 40
        })
      )
    )
    expect(lines[0]!.text).toContain(`"${"x".repeat(39)}… (10052 characters)`)
    expect(lines[0]!.text).not.toContain("yy")
    lines.length = 0
    spans.length = 0
    const canary = "s3cret-canary"
    const work = Effect.gen(function* () {
      yield* add(12, canary)
      yield* Database.all(Query.from(notes).where(notes.c.body.eq(canary)))
      yield* Stream.runDrain(Database.stream(Query.from(notes).where(notes.c.body.eq(canary))))
      yield* Database.script(`update notes set body = '${canary}' where body = '${canary}'`)
      return yield* Effect.all([
        Effect.flip(add(12, canary)),
        Effect.flip(Database.script(`selekt '${canary}' fromm`)),
        Effect.flip(
          Database.all(Query.raw({ a: Type.integer })`select nowhere as a where ${canary} = 1`)
        )
      ])
    })
    const errors = await database.run(
      watched(Effect.provideService(work, Database.Telemetry, { echo: true, slowAfter_ms: 0 }))
    )
    expect(errors).toHaveLength(3)
    expect(lines.length).toBeGreaterThan(5)
    expect(spans.length).toBeGreaterThan(5)
    const shown = [
      inspect(lines, { depth: 9 }),
      ...spans.map((span) => inspect([span.name, [...span.attributes], span.status], { depth: 9 })),
      ...errors.map((error) => [String(error), JSON.stringify(error), inspect(error)].join())
    ].join("\n")
    expect(shown).not.toContain(canary)
  })

  test("a line says how its text came to be [F11.3]", async () => {
    const other = program(own.url)
    const { lines, watched } = watch()
    const fresh = Query.from(notes).where(notes.c.id.gt(1_000_000)).select(notes.c.id)
    const equal = () => Query.from(notes).where(notes.c.id.gt(5_000_000)).select(notes.c.id)
    // A separator is a literal in MariaDB's text: another one is another text.
    const joined = Query.from(notes).select(Fn.stringAgg(notes.c.body, ", "))
    await other.run(Database.all(fresh))
    const rest = Query.from(notes).where(notes.c.body.eq("a")).select(notes.c.id)
    await other.run(
      watched(
        echoing(
          Effect.gen(function* () {
            yield* Database.all(fresh)
            yield* Database.all(equal())
            yield* Database.all(rest)
            yield* Database.all(rest)
            yield* Stream.runDrain(Database.stream(rest))
            yield* Database.all(joined)
            yield* Database.all(Query.raw({ a: Type.integer })`select 1 as a`)
            yield* Database.script("select 1")
            yield* Database.transaction(Effect.void)
          })
        )
      )
    )
    const origins = lines.map(({ annotations }) => annotations["athanor.statement"])
    expect(origins).toEqual([
      "reused",
      "reused",
      "newly compiled",
      "reused",
      "reused",
      engine === "mariadb" ? "uncacheable" : "newly compiled",
      "raw",
      "raw",
      "raw",
      "raw"
    ])
    for (const { annotations, text } of lines)
      expect(text).toContain(`, ${String(annotations["athanor.statement"])}`)
    await other.dispose()
  })

  test("a database and a fiber each carry a name in their lines [F11.4]", async () => {
    const named = program(own.url, { name: "blog" })
    const { lines, watched } = watch()
    const one = Database.all(byId(1))
    await named.run(
      watched(
        echoing(
          Effect.all(
            [one, Database.with({ name: "importer" }, one), Database.with({ name: "reader" }, one)],
            { concurrency: 3 }
          )
        )
      )
    )
    await database.run(watched(echoing(one)))
    const heads = lines.map(({ text }) => text.slice(0, text.indexOf(":")))
    expect(new Set(heads)).toEqual(
      new Set(["athanor blog", "athanor blog importer", "athanor blog reader", "athanor"])
    )
    const importer = lines.find(({ text }) => text.includes("importer"))!
    expect(importer.annotations).toMatchObject({
      "athanor.database": "blog",
      "athanor.name": "importer"
    })
    await named.dispose()
  })
})
