import { copyIn } from "./effects/statements/copyIn.ts"
import { copyOut } from "./effects/statements/copyOut.ts"
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
  /**
   * COPY … FROM STDIN: adds the rows of a stream to a table of `Database`, as they come; gives how
   * many.
   *
   * **Shape** in the open transaction, or all rows or none by itself. What the server cannot take
   * yet is not asked of the stream. Every row has the columns of the first; client-side defaults
   * are made here. The connection takes no other statement meanwhile: in a transaction the stream
   * must not read from the database.
   * **Errors** what the stream gives, and then no row is stored; `EncodeFailed` with the number of
   * the row; what constraints refuse; `Unsupported` (`copy`) on another database, under a policy
   * and where the database is for reading only.
   * **Source** PostgreSQL manual, COPY.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * import { Postgres } from "athanor/postgres"
   * import { Stream } from "effect"
   * const readings = Table.make("readings", { id: Column.id(), value: Column.integer() })
   * const rows = Stream.map(Stream.range(1, 100_000), (value) => ({ value }))
   * const program = Postgres.copyIn(Query.insert(readings), rows)
   * ```
   * @category verbs
   */
  readonly copyIn: typeof copyIn
  /**
   * COPY (…) TO STDOUT: the rows of a query of `Database`, one after another, as the server sends
   * them.
   *
   * **Shape** rows as `Database.stream` gives them, chunks of `fetchSize`; what is not asked for is
   * not read, and the server waits. On the open transaction's connection or one of its own, which
   * takes no other statement meanwhile. Left early, the server is told to stop, and an open
   * transaction goes on. Values stand in the text as literals: a COPY takes no parameters, so a
   * query with named ones does not compile here.
   * **Laws** the rows of `Database.all`.
   * **Errors** as `Database.stream`; `Unsupported` (`copy`) on another database.
   * **Source** PostgreSQL manual, COPY, "COPY Operations" of the message flow.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * import { Postgres } from "athanor/postgres"
   * import { Stream } from "effect"
   * const readings = Table.make("readings", { id: Column.id(), value: Column.integer() })
   * const large = Query.from(readings).where(readings.c.value.gt(10))
   * const total = Stream.runFold(Postgres.copyOut(large), () => 0, (sum, { value }) => sum + value)
   * ```
   * @category verbs
   */
  readonly copyOut: typeof copyOut
}

/**
 * PostgreSQL, by the package `pg`.
 *
 * **Shape** addresses `postgres://` and `postgresql://`; port 5432. Sessions run in UTC.
 * **Errors** `DriverMissing` without the package. The first statement gives `ConnectFailed` with
 * its reason where the server does not answer or refuses the account.
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
  ...makeServerNamespace(["postgres", "postgresql"], "pg", 5432, postgresDriver),
  fromPool: makeAdopting((pool, settings) => adoptedPostgres(pool, deadlinesOf(settings))),
  copyIn,
  copyOut
}
