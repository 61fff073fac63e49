/**
 * One value and one password that must be seen by nobody, through every error there is. Which
 * errors there are is asked of the module that has them: one without a provocation is a red test.
 */
import { inspect } from "node:util"
import {
  Catalog,
  Check,
  Column,
  Database,
  Entity,
  Expr,
  Policy,
  Query,
  Session,
  sql,
  Table,
  Type
} from "athanor"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { describe, expect, test } from "vitest"
import {
  drivers,
  type EngineName,
  engines,
  place,
  type Program,
  program,
  wireTo
} from "../conformance/engine-support.ts"
import { errorClasses } from "../../tools/errors/page.ts"
import { watch } from "../support/watch.ts"
import * as errors from "../../src/effects/DatabaseError.ts"

const canary = "canary-51c9e"
const password = "s3cr3t-canary-77"

type Tag = errors.DatabaseError["_tag"]
const tags = Object.values(errors).flatMap((one) => {
  const made: unknown = typeof one === "function" ? one.prototype : null
  return made instanceof Error ? [one.name] : []
})

class Person extends Entity<Person>()("people", {
  id: Column.id(),
  email: Column.varchar(40).unique(),
  age: Column.integer().nullable(),
  version: Column.integer().version()
}) {}
const people = Person.c
const notes = Table.make(
  "notes",
  { id: Column.integer().primaryKey(), body: Column.varchar(40), owner: Column.integer() },
  (c) => [Check.that(c.owner.gt(0), "notes_owner")]
)
const owned = Table.make("owned", {
  id: Column.integer().primaryKey(),
  body: Column.varchar(40),
  personId: Column.integer().references(() => Person.c.id)
})
const documents = Table.make("documents", {
  id: Column.integer().primaryKey(),
  body: Column.make(Type.json(Schema.Unknown))
})
/** The same table for who takes its documents for numbers. */
const numbers = Table.make("documents", {
  id: Column.integer().primaryKey(),
  body: Column.make(Type.json(Schema.Number))
})
const catalog = Catalog.make({ Person, notes, owned, documents })
const add = (id: number) => Database.run(Query.insert(notes).values({ id, body: canary, owner: 1 }))
const person = (email: string) => Database.run(Query.insert(Person).values({ email }))
const twice = Effect.andThen(Effect.ignore(person(canary)), person(canary))

/** Where the errors of one engine are provoked. */
interface Scene {
  readonly engine: EngineName
  readonly url: string
  readonly database: Program
  /** The typed failure of an effect: everything it shows on its way is looked at. */
  readonly fails: (
    effect: Effect.Effect<unknown, unknown, Database>,
    on?: Program
  ) => Promise<unknown>
  readonly opened: (...given: Parameters<typeof program>) => Program
}

/** How an error comes about, or why it cannot. */
type Provoked = ((scene: Scene) => Promise<unknown>) | string
type OnEach = Provoked | Readonly<Record<EngineName, Provoked>>

/** What a server says by itself, with the canary in every field it can say it in. */
const raised = (postgres: string, mariadb: number, state = "45000") => ({
  postgres: ({ fails }: Scene) =>
    fails(
      Database.script(
        `do $$ begin raise '${canary}' using errcode = '${postgres}', detail = '${canary}', ` +
          `hint = '${canary}'; end $$`
      )
    ),
  mariadb: ({ fails }: Scene) =>
    fails(
      Database.script(
        `signal sqlstate '${state}' set mysql_errno = ${mariadb}, ` +
          `message_text = '${canary}', constraint_name = '${canary}'`
      )
    )
})
const noServer = "SQLite has no such error: it is a server's"
const asked = (effect: Effect.Effect<unknown, unknown, Database>) => (scene: Scene) =>
  scene.fails(effect)

const small = { size: 1, borrow_ms: 500 }

/** More than a pool of one can hold. */
const crowded = Effect.gen(function* () {
  const begun = yield* Deferred.make<void>()
  const holds = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
  const holder = yield* Effect.forkChild(Database.transaction(Effect.andThen(add(1), holds)))
  yield* Effect.raceFirst(Deferred.await(begun), Fiber.join(holder))
  yield* Effect.ensuring(add(2), Fiber.interrupt(holder))
})

/** Makes a layer that cannot be made. */
const failing = (layer: Layer.Layer<Database, unknown>) =>
  Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(layer))))

/** A server that takes no such account. */
const refused =
  (scheme: string) =>
  ({ fails, opened, url }: Scene) => {
    const address = new URL(url)
    address.password = password
    address.username = "nobody"
    return fails(add(1), opened(address.href.replace(/^\w+:/, `${scheme}:`)))
  }

/** The connection is cut where a statement with the canary is on its way. */
const lost = ({ fails, opened, url }: Scene) =>
  cutting(url, canary, (address) => fails(add(1), opened(address, { pool: { size: 1 } })))

const unknown = ({ fails, opened, url }: Scene) =>
  cutting(url, "COMMIT", (address) =>
    fails(Database.transaction(add(1)), opened(address, { pool: { size: 1 } }))
  )

const cutting = async (url: string, at: string, use: (url: string) => Promise<unknown>) => {
  const wire = await wireTo(url)
  wire.state.cutAt = at
  try {
    return await use(wire.url)
  } finally {
    wire.close()
  }
}

const doomed = ({ fails }: Scene) =>
  fails(Database.transaction(Effect.andThen(Effect.ignore(twice), add(1))))

const provoked: Readonly<Record<Tag, OnEach>> = {
  ConnectFailed: {
    sqlite: ({ fails, opened }) =>
      fails(add(1), opened(`sqlite:/nowhere/at/all/${process.pid}/blog.db`)),
    postgres: refused("postgres"),
    mariadb: refused("mysql")
  },
  ConnectionLost: {
    sqlite: "a connection inside the program is lost with the program",
    postgres: lost,
    mariadb: lost
  },
  CommitOutcomeUnknown: {
    sqlite: "COMMIT answers before anything else happens",
    postgres: unknown,
    mariadb: unknown
  },
  ConfigInvalid: () =>
    failing(Database.layerUrl(`postgres://u:${password}@127.0.0.1:99999/x`, { drivers })),
  DriverMissing: "no value and no address is known yet; test/effects/driverMissing.test.ts",
  PoolTimeout: ({ fails, opened, url }) => fails(crowded, opened(url, { pool: small })),
  PoolQueueFull: ({ fails, opened, url }) =>
    fails(crowded, opened(url, { pool: { ...small, queueLimit: 0 } })),
  PoolClosed: ({ url, fails }) =>
    fails(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const gone = yield* Scope.provide(Layer.build(Database.layerUrl(url, { drivers })), scope)
        yield* Scope.close(scope, Exit.void)
        yield* Effect.provide(add(1), gone)
      })
    ),
  StatementTimeout: {
    sqlite: "nothing stops a statement of SQLite",
    postgres: asked(
      Database.with(
        { timeout_ms: 40 },
        Database.one(Query.select(sql(Type.text)`(select ${canary} from pg_sleep(3))`))
      )
    ),
    mariadb: raised("", 1969).mariadb
  },
  StatementCancelled: { sqlite: "nothing stops a statement of SQLite", ...raised("57014", 1317) },
  LockTimeout: { sqlite: noServer, ...raised("55P03", 1205) },
  Deadlock: { sqlite: noServer, ...raised("40P01", 1213) },
  SerializationFailure: {
    sqlite: "a snapshot that is old: engine-classified.test.ts; it names nothing",
    ...raised("40001", 1020)
  },
  Busy: {
    sqlite: ({ fails, opened, url }) => {
      const other = opened(url)
      return fails(
        Database.transaction(
          Effect.andThen(
            add(1),
            Effect.promise(() => other.run(Effect.flip(add(2))))
          )
        ).pipe(Effect.flatMap((error) => Effect.fail(error)))
      )
    },
    postgres: "SQLite's alone",
    mariadb: "SQLite's alone"
  },
  UniqueViolation: asked(twice),
  ForeignKeyViolation: asked(
    Database.run(Query.insert(owned).values({ id: 1, body: canary, personId: 99 }))
  ),
  CheckViolation: asked(
    Database.run(Query.insert(notes).values({ id: 1, body: canary, owner: -1 }))
  ),
  PolicyViolation: asked(
    Effect.andThen(
      add(1),
      Database.policed(
        [Policy.tenant("owner", 1, { catalog })],
        Database.run(Query.update(notes).set({ owner: 2, body: canary }).everyRow())
      )
    )
  ),
  NotNullViolation: asked(
    Database.run(
      Query.insert(notes).values({
        id: 1,
        body: sql(Type.text)`nullif(${canary}, ${canary})` as never,
        owner: 1
      })
    )
  ),
  ExclusionViolation: {
    sqlite: "PostgreSQL's alone",
    postgres: raised("23P01", 0).postgres,
    mariadb: "PostgreSQL's alone"
  },
  ValueOutOfRange: {
    sqlite: asked(
      Effect.andThen(
        add(1),
        Database.run(
          Query.update(notes)
            .set({ owner: notes.c.owner.add(2 ** 31 - 1) })
            .everyRow()
        )
      )
    ),
    ...raised("22003", 1264)
  },
  InvalidText: {
    sqlite: asked(
      Effect.andThen(
        add(1),
        Database.all(Query.from(notes).select(notes.c.body.cast(Type.integer)))
      )
    ),
    ...raised("22P02", 1366)
  },
  EncodeFailed: asked(
    Database.run(Query.insert(notes).values({ id: canary as never, body: canary, owner: 1 }))
  ),
  DecodeFailed: asked(
    Effect.andThen(
      Database.run(Query.insert(documents).values({ id: 1, body: canary })),
      Database.all(Query.from(numbers))
    )
  ),
  ParameterMissing: asked(
    Database.all(
      Query.from(notes).where(
        notes.c.body.eq(canary).and(notes.c.id.eq(Expr.param("id", Type.integer)))
      ),
      {} as never
    )
  ),
  Unsupported: asked(
    Effect.andThen(
      Database.policed(
        [Policy.tenant("owner", 1, { catalog })],
        Database.all(Query.raw({ n: Type.text })`SELECT ${canary} AS n`)
      ),
      Effect.void
    )
  ),
  SyntaxOrUndefined: asked(
    Database.all(Query.raw({ n: Type.text })`SELECT nothing(${canary}, '${canary}')`)
  ),
  Raised: {
    sqlite: asked(
      Effect.andThen(
        Database.script(
          "create trigger no_more before insert on notes " +
            `begin select raise(abort, '${canary}'); end`
        ),
        Effect.ensuring(add(1), Effect.orDie(Database.script("drop trigger no_more")))
      )
    ),
    ...raised("P0001", 1644)
  },
  StillNeeded: {
    sqlite: asked(
      Database.script(
        `create table if not exists needed (a integer, b integer);
         create view if not exists needing as select a, '${canary}' as c from needed;
         alter table needed drop column a`
      )
    ),
    ...raised("2BP01", 1829)
  },
  PermissionDenied: { sqlite: noServer, ...raised("42501", 1142) },
  ReadOnly: ({ fails, opened, url }) => fails(add(1), opened(url, { readOnly: true })),
  StorageFull: {
    sqlite: asked(
      Effect.andThen(
        Database.script("pragma max_page_count = 1"),
        Effect.ensuring(
          Database.run(Query.insert(documents).values({ id: 9, body: canary.repeat(9000) })),
          Effect.ignore(Database.script("pragma max_page_count = 1000000"))
        )
      )
    ),
    ...raised("53100", 1114)
  },
  TooManyParameters: asked(
    Database.all(
      Query.from(notes).where(
        Expr.or(...Array.from({ length: 70_000 }, () => notes.c.body.eq(canary)))
      )
    )
  ),
  QueryTooComplex: { sqlite: "counted before anything is sent", ...raised("54001", 1461) },
  UnexpectedDriverError: { sqlite: "none is known", ...raised("XX000", 1105, "HY000") },
  TransactionDoomed: {
    sqlite: "a failed statement leaves a transaction of SQLite alive",
    postgres: doomed,
    mariadb: "a failed statement leaves it alive, a lost connection ends it"
  },
  TransactionClosed: asked(
    Effect.gen(function* () {
      const inside = yield* Database.transaction(Effect.context<Database>())
      yield* Effect.provide(add(1), inside)
    })
  ),
  CommitPending: "coordinator.test.ts provokes it: it names databases and a transaction's number",
  NotFound: asked(Database.one(Query.from(notes).where(notes.c.body.eq(canary)))),
  RowCount: asked(
    Database.runOne(Query.update(notes).set({ body: canary }).where(notes.c.id.eq(-1)))
  ),
  SchemaIncomplete: {
    sqlite: "its DDL is undone whole",
    postgres: "its DDL is undone whole",
    mariadb: asked(
      Database.create(Catalog.make({ fresh: Table.make("fresh", { id: Column.id() }), notes }))
    )
  },
  StaleRow: asked(
    Effect.gen(function* () {
      yield* person(canary)
      const one = yield* Database.one(Query.from(Person))
      yield* Session.transact(Session.update(one, { age: 1 }))
      yield* Session.transact(Session.update(one, { age: 2 }))
    })
  ),
  Unbreakable: asked(
    Effect.gen(function* () {
      yield* Effect.all([person(`${canary}1`), person(`${canary}2`)])
      const [one, other] = yield* Database.all(Query.from(Person).orderBy(people.id))
      yield* Session.transact(
        Effect.andThen(
          Session.update(one!, { email: other!.email }),
          Session.update(other!, { email: one!.email })
        )
      )
    })
  ),
  SessionBusy: "nobody gives it: a session's fibers take turns",
  RequiresSession: {
    sqlite: "no pooler stands before SQLite",
    postgres: ({ fails, opened, url }) =>
      fails(
        Database.script(`set application_name = '${canary}'`),
        opened(`${url}${url.includes("?") ? "&" : "?"}pooler=transaction`)
      ),
    mariadb: "PgBouncer's alone"
  }
}

describe.each(engines)("a canary on %s", (engine) => {
  test("is in no log, span, metric, error, value, JSON or defect [F158.2]", async () => {
    const own = await place(engine)
    const opening: Array<Program> = []
    const opened: Scene["opened"] = (...given) => {
      const made = program(...given)
      opening.push(made)
      return made
    }
    const database = opened(own.url, { pool: { size: 3 } })
    const { lines, spans, watched } = watch()
    const shown: Array<string> = []
    const show = (value: unknown): void => {
      shown.push(inspect(value, { depth: 30, showHidden: true, getters: true }), String(value))
      shown.push(JSON.stringify(value, bare) ?? "")
      if (value instanceof Error) shown.push(value.message, value.stack ?? "", inspect(value.cause))
    }
    const fails: Scene["fails"] = (effect, on = database) => {
      const whole = Effect.gen(function* () {
        const exit = yield* Effect.exit(watched(effect))
        show(exit)
        show(yield* Effect.provideService(Metric.snapshot, Metric.MetricRegistry, metrics))
        if (Exit.isSuccess(exit)) return "it succeeded"
        show(exit.cause)
        shown.push(Cause.pretty(exit.cause))
        yield* watched(Effect.logError("failed", exit.cause))
        return Option.getOrElse(Exit.findErrorOption(exit), () => exit.cause)
      })
      const heard = whole.pipe(
        Effect.provideService(Metric.MetricRegistry, metrics),
        Effect.provideService(Database.Telemetry, { metrics: true, slowAfter_ms: 0 })
      )
      return on.runtime.runPromise(heard)
    }
    const scene: Scene = { engine, url: own.url, database, fails, opened }
    const skipped: Array<string> = []
    const wrong: Array<unknown> = []
    for (const tag of tags) {
      const each = provoked[tag as Tag]
      const how = typeof each === "object" ? each[engine] : each
      if (typeof how === "string") {
        skipped.push(`${tag}: ${how}`)
        continue
      }
      await database.run(Effect.andThen(Database.drop(catalog), Database.create(catalog)))
      const error = await how(scene)
      show(error)
      said.push([tag, engine, error])
      if ((error as { readonly _tag?: unknown } | null)?._tag !== tag) wrong.push([tag, error])
    }
    expect(wrong).toEqual([])
    for (const span of spans)
      show([span.name, Object.fromEntries(span.attributes), span.status, span.events])
    for (const one of opening) show(await one.run(Effect.exit(Effect.service(Database))))
    expect(spans.length).toBeGreaterThan(20)
    expect(lines.length).toBeGreaterThan(20)
    const all = [...lines, ...shown]
    for (const word of [canary, password])
      expect(all.filter((text) => text.includes(word)).map((text) => near(text, word))).toEqual([])
    console.log(
      `canary on ${engine}: ${tags.length - skipped.length} of ${tags.length} errors provoked; ` +
        `not here: ${skipped.join("; ")}`
    )
    for (const one of opening) await one.dispose()
    await own.drop()
  }, 60_000)
})

const metrics: (typeof Metric.MetricRegistry)["Service"] = new Map()

/** What JSON has no word for, and what goes round in a circle, is inspected above. */
const bare = (() => {
  const seen = new WeakSet<object>()
  return (_: string, value: unknown): unknown => {
    if (typeof value === "bigint") return String(value)
    if (typeof value !== "object" || value === null) return value
    if (seen.has(value)) return "again"
    seen.add(value)
    return value
  }
})()

/** Each error as it was provoked. */
const said: Array<readonly [tag: string, engine: EngineName, error: unknown]> = []

test("each error has the fields that are stated, and one line [F158.3 @all]", () => {
  expect(said.length).toBeGreaterThan(80)
  const stated = new Map(errorClasses().map(({ fields, tag }) => [tag, fields]))
  for (const [tag, engine, error] of said) {
    const where = `${tag} on ${engine}`
    const given = error as Record<string, unknown> & { readonly message: string }
    const own = [...stated.get(tag)!].filter((name) => !name.endsWith("?"))
    for (const name of ["dialect", "operation", "retryable", "transaction", ...own])
      expect(Object.keys(given), where).toContain(name)
    expect(given["operation"], where).toBeTypeOf("string")
    expect(["alive", "doomed", "ended", "unknown"], where).toContain(given["transaction"])
    expect(given["retryable"], where).toBeTypeOf("boolean")
    expect(given.message, where).toMatch(/^.{8,400}$/)
    expect(given.message, where).not.toContain(tag)
    expect(given["page"], where).toBe(`docs/errors.md#${tag.toLowerCase()}`)
  }
})

/** The words around what should not be there. */
const near = (text: string, word: string): string => {
  const at = text.indexOf(word)
  return text.slice(Math.max(0, at - 120), at + 60)
}

test("every error has a provocation, and nothing else has one", () => {
  expect(Object.keys(provoked).toSorted()).toEqual(tags.toSorted())
  expect(tags.length).toBeGreaterThan(35)
})
