import * as Effect from "effect/Effect"
import type { OpenError } from "./effects/DatabaseError.ts"
import { adoptedMysql, type MysqlPool } from "./effects/drivers/mysqlAdopted.ts"
import { mysqlDriver } from "./effects/drivers/mysql.ts"
import type { ServerOptions } from "./effects/drivers/ServerOptions.ts"
import {
  type Adopting,
  type DriverNamespace,
  makeAdopting,
  makeServerNamespace,
  type ServerLayerOptions
} from "./effects/layer.ts"
import { deadlinesOf } from "./effects/open.ts"
import { configInvalid } from "./effects/Options.ts"

export type { MysqlPool, OpenError, ServerLayerOptions }

/**
 * As every server's namespace, and layers over a pool of mysql2.
 *
 * @category models
 */
export interface MysqlNamespace extends DriverNamespace<ServerLayerOptions> {
  /**
   * On a pool of mysql2 the application has: `Mysql.fromPool.layer(pool)`.
   *
   * **Shape** each borrow is one of the pool's, given back as it was; the pool is not closed here.
   * `pool.size` says how many are borrowed at once.
   *
   * @category layers
   */
  readonly fromPool: Adopting<MysqlPool>
}

const unpooled = (options: ServerOptions) =>
  options.pooler === "none"
    ? mysqlDriver(options)
    : Effect.fail(configInvalid("pooler", "the option pooler is PostgreSQL's"))

/**
 * MySQL and MariaDB, by the package `mysql2`. Which of the two answers is seen at the first
 * connection.
 *
 * **Shape** addresses `mysql://` and `mariadb://`; port 3306. Sessions run in UTC, in strict mode,
 * without backslash escapes.
 * **Errors** `DriverMissing` without the package. The first statement gives `ConnectFailed` with
 * its reason where the server does not answer or refuses the account.
 * **Source** MySQL manual and MariaDB Knowledge Base, "Server SQL Modes".
 *
 * @example
 * ```ts
 * import { Mysql } from "athanor/mysql"
 * const layer = Mysql.layer({ host: "127.0.0.1", database: "blog", user: "blog" })
 * ```
 * @category layers
 */
export const Mysql: MysqlNamespace = {
  ...makeServerNamespace(["mysql", "mariadb"], "mysql2", 3306, unpooled),
  fromPool: makeAdopting((pool, settings) =>
    adoptedMysql(pool, deadlinesOf(settings), settings.pool?.size ?? 10)
  )
}
