import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Database } from "./Database.ts"
import type { OpenError } from "./DatabaseError.ts"
import type { Driver } from "./Driver.ts"
import type { ServerOptions } from "./drivers/ServerOptions.ts"
import type { Engine } from "./Engine.ts"
import { deadlinesOf, open, type OpenSettings } from "./open.ts"
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
  /** Prepared statements kept per connection. Default 100. */
  readonly statements?: number
}

/**
 * One kind of server: its layers, and how an address reaches it.
 *
 * @category models
 */
export interface DriverNamespace<Options> extends DriverEntry {
  /**
   * Opens the program's database.
   *
   * **Errors** `DriverMissing` without the package, `ConnectFailed` where the server does not
   * answer or refuses the account.
   *
   * @category layers
   */
  readonly layer: (options: Options) => Layer.Layer<Database, OpenError>
  /**
   * Opens a database of another name: `layerOf(Reports, options)`.
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

/** The namespace of a driver that is made from options and from an address. */
export const makeNamespace = <Options extends OpenSettings>(
  entry: DriverEntry,
  makeDriver: (options: Options) => Effect.Effect<Driver, OpenError>
): DriverNamespace<Options> => {
  const layerOf = <Self>(
    service: Context.Key<Self, Engine>,
    options: Options
  ): Layer.Layer<Self, OpenError> => Layer.effect(service, open(makeDriver(options), options))
  return { ...entry, layerOf, layer: (options) => layerOf(Database, options) }
}

/** The namespace of a server spoken to over the network. */
export const makeServerNamespace = (
  schemes: ReadonlyArray<string>,
  defaultPort: number,
  makeDriver: (options: ServerOptions) => Effect.Effect<Driver, OpenError>
): DriverNamespace<ServerLayerOptions> =>
  makeNamespace<ServerLayerOptions>(
    {
      schemes,
      fromUrl: (url, settings) =>
        Effect.flatMap(serverOptionsOf(url, defaultPort, settings), makeDriver)
    },
    (options) => makeDriver(completed(options, defaultPort))
  )

const completed = (options: ServerLayerOptions, defaultPort: number): ServerOptions => ({
  host: options.host ?? "127.0.0.1",
  port: options.port ?? defaultPort,
  database: options.database,
  user: options.user,
  password: options.password ?? Redacted.make(""),
  tls: options.tls ?? false,
  applicationName: options.applicationName ?? "athanor",
  statements: options.statements ?? 100,
  deadlines: deadlinesOf(options)
})
