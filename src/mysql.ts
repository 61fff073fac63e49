import type { OpenError } from "./effects/DatabaseError.ts"
import { mysqlDriver } from "./effects/drivers/mysql.ts"
import {
  type DriverNamespace,
  makeServerNamespace,
  type ServerLayerOptions
} from "./effects/layer.ts"

export type { OpenError, ServerLayerOptions }

/**
 * MySQL and MariaDB, by the package `mysql2`. Which of the two answers is seen at the first
 * connection.
 *
 * **Shape** addresses `mysql://` and `mariadb://`; port 3306. Sessions run in UTC, in strict mode,
 * without backslash escapes.
 * **Errors** `DriverMissing` without the package; `ConnectFailed` with its reason where the server
 * does not answer or refuses the account.
 * **Source** MySQL manual and MariaDB Knowledge Base, "Server SQL Modes".
 *
 * @example
 * ```ts
 * import { Mysql } from "athanor/mysql"
 * const layer = Mysql.layer({ host: "127.0.0.1", database: "blog", user: "blog" })
 * ```
 * @category layers
 */
export const Mysql: DriverNamespace<ServerLayerOptions> = makeServerNamespace(
  ["mysql", "mariadb"],
  3306,
  mysqlDriver
)
