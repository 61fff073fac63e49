import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { OpenError } from "./DatabaseError.ts"
import { asReadOnly, type Engine } from "./Engine.ts"
import { makeReads, makeVerbs } from "./makeVerbs.ts"
import { open, type OpenSettings } from "./open.ts"
import { Tap } from "./Tap.ts"
import { TransactionParticipant } from "./TransactionParticipant.ts"
import { type DriverEntry, entryFor } from "./url.ts"
import type { Reads, Verbs } from "./Verbs.ts"

/** A class whose static verbs need only itself. */
export type ServiceOf<Self, Id extends string> = Context.ServiceClass<Self, Id, Engine> &
  Verbs<Self>

/** The same without the verbs that write. */
export type ReadServiceOf<Self, Id extends string> = Context.ServiceClass<Self, Id, Engine> &
  Reads<Self>

/**
 * A database of its own name: for a program that speaks to more than one.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * class Reports extends Database.Service<Reports>()("reports") {}
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

/** The verbs that read, on a database that refuses everything else. */
class ReadOnlyDatabase extends ReadService<ReadOnlyDatabase>()("athanor/Database.ReadOnly") {
  /** The same database as `Database`, for reading only. */
  static readonly layer: Layer.Layer<ReadOnlyDatabase, never, Database> = Layer.effect(
    ReadOnlyDatabase,
    Effect.suspend(() => Effect.map(Database, asReadOnly))
  )
}

/** What an address is opened with. */
export interface UrlSettings extends OpenSettings {
  /** Those the address may name: `[Sqlite, Postgres, Mysql]`. */
  readonly drivers: ReadonlyArray<DriverEntry>
}

/** What `Database` has beside its verbs. */
export interface DatabaseStatics {
  readonly Service: typeof Service
  readonly ReadOnly: typeof ReadOnlyDatabase
  readonly Tap: typeof Tap
  readonly Participant: typeof TransactionParticipant
  /**
   * Opens the database an address names: `sqlite::memory:`, `sqlite:blog.db`, `postgres://…`,
   * `mysql://…`, `mariadb://…`.
   *
   * **Errors** `ConfigInvalid` for a scheme none of the drivers knows, or an address that cannot be
   * read; the address is never printed. Else as the driver's own layer.
   *
   * @category layers
   */
  readonly layerUrl: (url: string, settings: UrlSettings) => Layer.Layer<Database, OpenError>
  /** The same for a database of another name. */
  readonly layerUrlOf: <Self>(
    service: Context.Key<Self, Engine>,
    url: string,
    settings: UrlSettings
  ) => Layer.Layer<Self, OpenError>
  /** The same with an address from the configuration, kept secret. */
  readonly layerConfig: (
    url: Config.Config<Redacted.Redacted<string>>,
    settings: UrlSettings
  ) => Layer.Layer<Database, OpenError | Config.ConfigError>
}

const layerUrlOf = <Self>(
  service: Context.Key<Self, Engine>,
  url: string,
  settings: UrlSettings
): Layer.Layer<Self, OpenError> =>
  Layer.effect(
    service,
    Effect.flatMap(entryFor(url, settings.drivers), (driver) => open(driver(settings), settings))
  )

const statics: DatabaseStatics = {
  Service,
  ReadOnly: ReadOnlyDatabase,
  Tap,
  Participant: TransactionParticipant,
  layerUrl: (url, settings) => layerUrlOf(Database, url, settings),
  layerUrlOf,
  layerConfig: (url, settings) =>
    Layer.unwrap(
      Effect.map(url, (address) => layerUrlOf(Database, Redacted.value(address), settings))
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
 *
 * @example
 * ```ts
 * import { Column, Database, Query, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const everybody = Database.all(Query.from(users))
 * ```
 * @category services
 */
export class Database extends base {}
