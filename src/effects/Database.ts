import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { configKeys, configured, urlOf } from "./DatabaseConfig.ts"
import type { OpenError } from "./DatabaseError.ts"
import { type DatabaseUrl, isDatabaseUrl, parse } from "./DatabaseUrl.ts"
import { asReadOnly, type Engine, knowing, withOptions } from "./Engine.ts"
import { makeReads, makeVerbs } from "./makeVerbs.ts"
import { type MockSettings, openMock } from "./Mock.ts"
import { borrowIn, type ConnectionPool } from "./pool/borrow.ts"
import { open, type OpenSettings } from "./open.ts"
import { configInvalid, checkOptions } from "./Options.ts"
import { statementTable, type StreamOptions } from "./statements/StatementOptions.ts"
import { type Listed, listed } from "./Listed.ts"
import { Tap } from "./observability/Tap.ts"
import { Progress } from "./observability/Progress.ts"
import { Telemetry } from "./observability/Telemetry.ts"
import { TransactionParticipant } from "./transactions/TransactionParticipant.ts"
import { tellUnread } from "./unreadKeys.ts"
import { type DriverEntry, driverFor } from "./url.ts"
import type { Reads, Verbs } from "./Verbs.ts"

/**
 * A class whose static verbs need only itself.
 *
 * @category models
 */
export type ServiceOf<Self, Id extends string> = Context.ServiceClass<Self, Id, Engine> &
  Verbs<Self>

/**
 * The same without the verbs that write.
 *
 * @category models
 */
export type ReadServiceOf<Self, Id extends string> = Context.ServiceClass<Self, Id, Engine> &
  Reads<Self>

/**
 * A database of its own name: for a program that speaks to more than one.
 *
 * **Shape** its verbs are statics that need only it; `Sqlite.layerOf`, `Postgres.layerOf` and
 * `Mysql.layerOf` open it. Two databases never share a transaction.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class Reports extends Database.Service<Reports>()("reports") {}
 * const program = Reports.one(Query.select(Expr.value(42, Type.integer)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layerOf(Reports, {}))) // => 42
 * ```
 * @category constructors
 */
const Service =
  <Self>() =>
  <const Id extends string>(id: Id): ServiceOf<Self, Id> => {
    const base = Context.Service<Self, Engine>()(id)
    return Object.assign(base, makeVerbs<Self>(base))
  }

const ReadService =
  <Self>() =>
  <const Id extends string>(id: Id): ReadServiceOf<Self, Id> => {
    const base = Context.Service<Self, Engine>()(id)
    return Object.assign(base, makeReads<Self>(base))
  }

/**
 * The verbs that read, on a database that refuses everything else.
 *
 * **Errors** `ReadOnly` for a command.
 *
 * @category services
 */
class ReadOnlyDatabase extends ReadService<ReadOnlyDatabase>()("athanor/Database.ReadOnly") {
  /**
   * The same database as `Database`, for reading only.
   *
   * @category layers
   */
  static readonly layer: Layer.Layer<ReadOnlyDatabase, never, Database> = Layer.effect(
    ReadOnlyDatabase,
    Effect.suspend(() => Effect.map(Database, asReadOnly))
  )
}

/**
 * What a database is opened by: its address, and how its connections are kept.
 *
 * @category models
 */
export interface Opening {
  readonly url: DatabaseUrl
  readonly settings: OpenSettings
}

/**
 * What an address is opened with.
 *
 * @category models
 */
export interface UrlSettings extends OpenSettings {
  /** Those the address may name: `[Sqlite, Postgres, Mysql]`. */
  readonly drivers: ReadonlyArray<DriverEntry>
  /**
   * Says otherwise before anything is made of them: another host, a larger pool, a hook more. What
   * it gives is checked as if it had been given; of several each gets what the one before gave.
   */
  readonly rewrite?: Listed<(opening: Opening) => Opening>
}

/**
 * What `Database` has beside its verbs.
 *
 * @category models
 */
export interface DatabaseStatics {
  /**
   * A database of its own name: `class Reports extends Database.Service<Reports>()("reports") {}`.
   *
   * @category constructors
   */
  readonly Service: typeof Service
  /**
   * The verbs that read, over `Database`: provide `Database.ReadOnly.layer`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Database.ReadOnly.one(Query.select(Expr.value(42, Type.integer)))
   * const readOnly = Effect.provide(program, Database.ReadOnly.layer)
   * await Effect.runPromise(Effect.provide(readOnly, Sqlite.layer())) // => 42
   * ```
   * @category services
   */
  readonly ReadOnly: typeof ReadOnlyDatabase
  /**
   * The same database under another name and with options of its own: its statements run on the
   * same pool and find the same compiled texts.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect, Layer } from "effect"
   * class Reports extends Database.Service<Reports>()("reports") {}
   * const slow = Database.derived(Reports, Database, { tags: { from: "reports" } })
   * const program = Reports.one(Query.select(Expr.value(42, Type.integer)))
   * const layer = Layer.provide(slow, Sqlite.layer())
   * await Effect.runPromise(Effect.provide(program, layer)) // => 42
   * ```
   * @category layers
   */
  readonly derived: <Self, From>(
    service: Context.Key<Self, Engine>,
    from: Context.Key<From, Engine>,
    options: StreamOptions
  ) => Layer.Layer<Self, never, From>
  /**
   * A database that is a function: nothing is sent, the text and the values of each statement are
   * handed over in order.
   *
   * **Errors** a statement the dialect cannot say is `Unsupported`, as on a server.
   * **Source** SQLAlchemy 2.0 `create_mock_engine`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Table } from "athanor"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.integer().primaryKey() })
   * const texts: Array<string> = []
   * const layer = Database.layerMock({
   *   dialect: "sqlite", answer: ({ text }) => void texts.push(text) })
   * await Effect.runPromise(Effect.provide(Database.create(Catalog.make({ users })), layer))
   * texts.length // => 3
   * ```
   * @category layers
   */
  readonly layerMock: (settings: MockSettings) => Layer.Layer<Database>
  /**
   * Who hears of each statement sent in this context.
   *
   * @category services
   */
  readonly Tap: typeof Tap
  /**
   * Who hears how far long work in this context has come.
   *
   * @category services
   */
  readonly Progress: typeof Progress
  /**
   * How statements sent in this context are measured, and which are logged.
   *
   * @category services
   */
  readonly Telemetry: typeof Telemetry
  /**
   * Who is told of every transaction and savepoint begun in this context.
   *
   * @category services
   */
  readonly Participant: typeof TransactionParticipant
  /**
   * The database an address names: `sqlite::memory:`, `sqlite:blog.db`, `postgres://…`,
   * `mysql://…`, `mariadb://…`.
   *
   * **Errors** `ConfigInvalid` for a scheme none of the drivers knows, or an address that cannot be
   * read; the address is never printed. Else as the driver's own layer.
   * **Source** SQLAlchemy 2.0 "Database URLs".
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Postgres } from "athanor/postgres"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const layer = Database.layerUrl("sqlite::memory:", { drivers: [Sqlite, Postgres] })
   * const program = Database.one(Query.select(Expr.value(42, Type.integer)))
   * await Effect.runPromise(Effect.provide(program, layer)) // => 42
   * ```
   * @category layers
   */
  readonly layerUrl: (
    url: string | DatabaseUrl,
    settings: UrlSettings
  ) => Layer.Layer<Database, OpenError>
  /**
   * The same for a database of another name.
   *
   * **Errors** as `layerUrl`.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * class Reports extends Database.Service<Reports>()("reports") {}
   * const layer = Database.layerUrlOf(Reports, "sqlite::memory:", { drivers: [Sqlite] })
   * ```
   * @category layers
   */
  readonly layerUrlOf: <Self>(
    service: Context.Key<Self, Engine>,
    url: string | DatabaseUrl,
    settings: UrlSettings
  ) => Layer.Layer<Self, OpenError>
  /**
   * A pool by itself, for as long as the scope: it lends connections, and nothing else is made.
   *
   * **Errors** as `layerUrl`; who borrows first is told where nobody answers.
   * **Source** SQLAlchemy 2.0 `create_pool_from_url`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Effect.gen(function*() {
   *   const pool = yield* Database.pool("sqlite::memory:", { drivers: [Sqlite] })
   *   const { use } = yield* pool.borrow
   *   return yield* use(Database.one(Query.select(Expr.value(pool.stats().used, Type.integer))))
   * })
   * await Effect.runPromise(Effect.scoped(program)) // => 1
   * ```
   * @category constructors
   */
  readonly pool: (
    url: string | DatabaseUrl,
    settings: UrlSettings
  ) => Effect.Effect<ConnectionPool<Database>, OpenError, Scope.Scope>
  /**
   * The same with an address from the configuration, kept secret, or with all that the
   * configuration has under a prefix.
   *
   * **Shape** under the prefix `DATABASE`: `DATABASE_URL`, or `DATABASE_DIALECT`, `_DRIVER`,
   * `_HOST`, `_PORT`, `_DATABASE`, `_USER` and `_PASSWORD`, which also say otherwise than the
   * address; and every option that a text can say, `DATABASE_POOL_SIZE`,
   * `DATABASE_POOL_BORROW=5 seconds`, `DATABASE_READ_ONLY=true`. It goes before the settings given
   * here. Keys under it that say none of these are named in a warning in the log.
   * **Errors** as `layerUrl`; `ConfigError` where the configuration lacks it, or has no number,
   * duration or choice where one is meant.
   * **Source** SQLAlchemy 2.0 `engine_from_config`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { ConfigProvider, Effect } from "effect"
   * const env = { DATABASE_URL: "sqlite::memory:", DATABASE_POOL_BORROW: "2 seconds" }
   * const program = Database.one(Query.select(Expr.value(42, Type.integer))).pipe(
   *   Effect.provide(Database.layerConfig("DATABASE", { drivers: [Sqlite] })),
   *   Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
   * await Effect.runPromise(program) // => 42
   * ```
   * @category layers
   */
  readonly layerConfig: (
    from: Config.Config<Redacted.Redacted<string>> | string,
    settings: UrlSettings
  ) => Layer.Layer<Database, OpenError | Config.ConfigError>
}

const poolOf = (
  url: string | DatabaseUrl,
  settings: UrlSettings
): Effect.Effect<ConnectionPool<Database>, OpenError, Scope.Scope> =>
  Effect.map(opened(url, settings), (engine) => {
    const { connections, invalidate, retire, stats } = engine.pool
    const borrow = knowing(engine, () => borrowIn(Database, engine))
    return { connections, invalidate, retire, stats, borrow }
  })

/** An address and settings as they are meant in the end, and the engine on them. */
const opened = (
  url: string | DatabaseUrl,
  { drivers, rewrite, ...settings }: UrlSettings
): Effect.Effect<Engine, OpenError, Scope.Scope> =>
  Effect.gen(function* () {
    if (typeof url !== "string" && !isDatabaseUrl(url))
      return yield* Effect.fail(
        configInvalid("url", "no address was given: a text or a DatabaseUrl")
      )
    const given = { url: typeof url === "string" ? yield* parse(url) : url, settings }
    const rewrites = listed(rewrite, (opening) => opening)
    const meant = rewrites.reduce((opening, one) => one(opening), given)
    return yield* open(driverFor(meant.url, meant.settings, drivers), meant.settings)
  })

const layerUrlOf = <Self>(
  service: Context.Key<Self, Engine>,
  url: string | DatabaseUrl,
  settings: UrlSettings
): Layer.Layer<Self, OpenError> =>
  Layer.effect(
    service,
    Effect.suspend(() => {
      const readOnly = (service as unknown) === ReadOnlyDatabase ? { readOnly: true } : {}
      return opened(url, { ...settings, ...readOnly })
    })
  )

const statics: DatabaseStatics = {
  Service,
  ReadOnly: ReadOnlyDatabase,
  derived: (service, from, options) => {
    checkOptions(options, statementTable)
    return Layer.effect(
      service,
      Effect.suspend(() => Effect.map(from, (engine) => withOptions(engine, options)))
    )
  },
  layerMock: (settings) => Layer.effect(Database, openMock(settings)),
  Tap,
  Telemetry,
  Progress,
  Participant: TransactionParticipant,
  layerUrl: (url, settings) => layerUrlOf(Database, url, settings),
  layerUrlOf,
  pool: poolOf,
  layerConfig: (from, settings) =>
    Layer.unwrap(
      typeof from === "string"
        ? Effect.flatMap(configured(from), (read) =>
            Effect.map(Effect.tap(urlOf(read), tellUnread(from, configKeys)), (url) =>
              layerUrlOf(Database, url, { ...read.settings, ...settings })
            )
          )
        : Effect.map(from, (address) => layerUrlOf(Database, Redacted.value(address), settings))
    )
}

const base: ServiceOf<Database, "athanor/Database"> & DatabaseStatics = Object.assign(
  Service<Database>()("athanor/Database"),
  statics
)

/**
 * The database of a program: rows and reports.
 *
 * **Shape** each verb is an Effect that needs only this service; statements inside
 * `Database.transaction` run in it.
 * **Errors** typed, one tag each, with `retryable` and `transaction`:
 * `Effect.catchTag("UniqueViolation")` gives `constraint`, `table`, `columns`.
 * **Source** SQLAlchemy 2.0 "Working with Engines and Connections".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.all(Query.from(users).select(users.c.name))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann", "Bob"]
 * ```
 * @category services
 */
export class Database extends base {}
