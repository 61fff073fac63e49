import type { OpenError } from "./effects/DatabaseError.ts"
import { adoptedPostgres, type PgPool } from "./effects/drivers/pgAdopted.ts"
import { postgresDriver } from "./effects/drivers/postgres.ts"
import {
  type Adopting,
  type DriverNamespace,
  makeAdopting,
  makeServerNamespace,
  type ServerLayerOptions
} from "./effects/layer.ts"
import { deadlinesOf } from "./effects/open.ts"

export type { OpenError, PgPool, ServerLayerOptions }

/**
 * As every server's namespace, and layers over a pool of pg.
 *
 * @category models
 */
export interface PostgresNamespace extends DriverNamespace<ServerLayerOptions> {
  /**
   * On a `pg.Pool` the application has: `Postgres.fromPool.layer(pool)`.
   *
   * **Shape** each borrow is one of the pool's, given back as it was; the pool is not closed here.
   *
   * @category layers
   */
  readonly fromPool: Adopting<PgPool>
}

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
export const Postgres: PostgresNamespace = {
  ...makeServerNamespace(["postgres", "postgresql"], 5432, postgresDriver),
  fromPool: makeAdopting((pool, settings) => adoptedPostgres(pool, deadlinesOf(settings)))
}
