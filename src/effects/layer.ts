import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Database } from "./Database.ts"
import type { OpenError } from "./DatabaseError.ts"
import type { Driver } from "./Driver.ts"
import { connectFailed } from "./drivers/connectFailed.ts"
import type { Credentials, ServerOptions } from "./drivers/ServerOptions.ts"
import type { Engine } from "./Engine.ts"
import { deadlinesOf, open, openTable, type OpenSettings } from "./open.ts"
import {
  choice,
  flagOrObject,
  invalidOption,
  number,
  object,
  type OptionKind,
  type OptionTable,
  secret,
  text
} from "./Options.ts"
import { type DriverEntry, serverOptionsOf } from "./url.ts"

/**
 * A server's address and account, and how its connections are kept.
 *
 * @category models
 */
export interface ServerLayerOptions extends OpenSettings {
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Default 5432 for PostgreSQL, 3306 for MySQL and MariaDB. */
  readonly port?: number
  readonly database: string
  readonly user: string
  /** Never printed. */
  readonly password?: Redacted.Redacted<string>
  /** True: encrypted and verified. An object: options of node:tls. Default false. */
  readonly tls?: boolean | object
  /** What the server lists the connection as. Default `athanor`. */
  readonly applicationName?: string
  /** Prepared statements kept per connection; 0 keeps none. Default 100. */
  readonly statements?: number
  /**
   * `transaction`: PgBouncer in transaction mode, or its like, stands before PostgreSQL. Statements
   * are not prepared, and what would live in a session is `RequiresSession`. Default `none`.
   */
  readonly pooler?: "none" | "transaction"
  /** Passed on to the driver as they are, where nothing here says otherwise. */
  readonly driverOptions?: object
  /** Asked before each connect for what may have changed since: a password, a token. */
  readonly credentials?: Effect.Effect<Credentials, unknown>
}

/** What each of them may be. */
const serverTable: Readonly<Record<keyof ServerLayerOptions, OptionKind>> = {
  ...openTable,
  host: text("127.0.0.1"),
  port: number("port", null, 1, 65_535),
  database: text(null),
  user: text(null),
  password: secret,
  tls: flagOrObject,
  applicationName: text("athanor"),
  statements: number("statements", 100),
  pooler: choice("none", "transaction"),
  driverOptions: object,
  credentials: object
}

/**
 * One kind of server: its layers, and how an address reaches it.
 *
 * @category models
 */
export interface DriverNamespace<Options> extends DriverEntry {
  /**
   * The program's database. The first statement opens its first connection.
   *
   * **Errors** `ConfigInvalid`; `DriverMissing` without the package. Where the server does not
   * answer or refuses the account, who asked first is told: `ConnectFailed`.
   *
   * @category layers
   */
  readonly layer: (options: Options) => Layer.Layer<Database, OpenError>
  /**
   * A database of another name: `layerOf(Reports, options)`.
   *
   * **Errors** as `layer`.
   *
   * @category layers
   */
  readonly layerOf: <Self>(
    service: Context.Key<Self, Engine>,
    options: Options
  ) => Layer.Layer<Self, OpenError>
}

/** What reads only is opened for reading only. */
const forService = <Options extends OpenSettings>(service: unknown, options: Options): Options =>
  service === Database.ReadOnly ? { ...options, readOnly: true } : options

/** Layers over what the application has opened already, and closes itself. */
export interface Adopting<Adopted> {
  /**
   * The program's database on it.
   *
   * **Errors** `DriverMissing` without the package.
   *
   * @category layers
   */
  readonly layer: (adopted: Adopted, settings?: OpenSettings) => Layer.Layer<Database, OpenError>
  /**
   * A database of another name on it.
   *
   * **Errors** as `layer`.
   *
   * @category layers
   */
  readonly layerOf: <Self>(
    service: Context.Key<Self, Engine>,
    adopted: Adopted,
    settings?: OpenSettings
  ) => Layer.Layer<Self, OpenError>
}

export const makeAdopting = <Adopted>(
  makeDriver: (adopted: Adopted, settings: OpenSettings) => Effect.Effect<Driver, OpenError>
): Adopting<Adopted> => {
  const layerOf: Adopting<Adopted>["layerOf"] = (service, adopted, settings = {}) =>
    Layer.effect(service, open(makeDriver(adopted, settings), forService(service, settings)))
  return { layerOf, layer: (adopted, settings) => layerOf(Database, adopted, settings) }
}

/** The namespace of a driver that is made from options and from an address. */
export const makeNamespace = <Options extends OpenSettings>(
  entry: DriverEntry,
  table: OptionTable,
  makeDriver: (options: Options) => Effect.Effect<Driver, OpenError>
): DriverNamespace<Options> => {
  const checked = (options: Options): Effect.Effect<Driver, OpenError> =>
    Effect.suspend(() => {
      const invalid = invalidOption(options, table)
      return invalid === null ? makeDriver(options) : Effect.fail(invalid)
    })
  const layerOf = <Self>(
    service: Context.Key<Self, Engine>,
    options: Options
  ): Layer.Layer<Self, OpenError> =>
    Layer.effect(service, open(checked(options), forService(service, options)))
  return { ...entry, layerOf, layer: (options) => layerOf(Database, options) }
}

/** The namespace of a server spoken to over the network. */
export const makeServerNamespace = (
  schemes: ReadonlyArray<string>,
  driver: string,
  defaultPort: number,
  makeDriver: (options: ServerOptions) => Effect.Effect<Driver, OpenError>
): DriverNamespace<ServerLayerOptions> =>
  makeNamespace<ServerLayerOptions>(
    {
      schemes,
      driver,
      fromUrl: (url, settings) =>
        Effect.flatMap(serverOptionsOf(url, defaultPort, settings), makeDriver)
    },
    serverTable,
    (options) => withCredentials(completed(options, defaultPort), options.credentials, makeDriver)
  )

/** A driver whose every connect begins with being told the account anew. */
const withCredentials = (
  options: ServerOptions,
  credentials: ServerLayerOptions["credentials"],
  makeDriver: (options: ServerOptions) => Effect.Effect<Driver, OpenError>
): Effect.Effect<Driver, OpenError> => {
  if (credentials === undefined) return makeDriver(options)
  return Effect.map(makeDriver(options), (driver) => {
    const told = Effect.mapError(credentials, (error) =>
      connectFailed(driver.dialect, driver.host, "credentials", error)
    )
    const connect = Effect.flatMap(told, (renewed) =>
      Effect.flatMap(
        Effect.mapError(makeDriver({ ...options, ...renewed }), (error) =>
          connectFailed(driver.dialect, driver.host, "credentials", error)
        ),
        (one) => one.connect
      )
    )
    return { ...driver, connect }
  })
}

const completed = (options: ServerLayerOptions, defaultPort: number): ServerOptions => ({
  host: options.host ?? "127.0.0.1",
  port: options.port ?? defaultPort,
  database: options.database,
  user: options.user,
  password: options.password ?? Redacted.make(""),
  tls: options.tls ?? false,
  applicationName: options.applicationName ?? "athanor",
  statements: options.statements ?? 100,
  pooler: options.pooler ?? "none",
  driverOptions: options.driverOptions ?? {},
  deadlines: deadlinesOf(options)
})
