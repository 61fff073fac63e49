import type { OpenError } from "./effects/DatabaseError.ts"
import { postgresDriver } from "./effects/drivers/postgres.ts"
import {
  type DriverNamespace,
  makeServerNamespace,
  type ServerLayerOptions
} from "./effects/layer.ts"

export type { OpenError, ServerLayerOptions }

/**
 * PostgreSQL, by the package `pg`.
 *
 * **Shape** addresses `postgres://` and `postgresql://`; port 5432. Sessions run in UTC.
 * **Errors** `DriverMissing` without the package; `ConnectFailed` with its reason where the server
 * does not answer or refuses the account.
 * **Source** PostgreSQL manual, "Connection URIs", "Extended Query".
 *
 * @example
 * ```ts
 * import { Postgres } from "athanor/postgres"
 * const layer = Postgres.layer({ host: "127.0.0.1", database: "blog", user: "blog" })
 * ```
 * @category layers
 */
export const Postgres: DriverNamespace<ServerLayerOptions> = makeServerNamespace(
  ["postgres", "postgresql"],
  5432,
  postgresDriver
)
